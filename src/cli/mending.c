#include "cli/mending.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "checkpoint/kept.h"
#include "cli/ask.h"
#include "cli/watch.h"
#include "cli/work.h"
#include "report/mend_report.h"
#include "report/text.h"
#include "verify/repair.h"
#include "verify/undo.h"

static uint64_t max_wcu(const struct options *o)
{
	return o->max_wcu == OPTION_UNSET ? 0 : (uint64_t)o->max_wcu;
}

/* ---- repair --------------------------------------------------------------------------------- */

/* <state-dir>/undo-20260131T102030.125Z.jsonl */
static const char *undo_path(const struct session *s, struct arena *arena)
{
	int64_t now_ms = s->clock->utc_ms(s->clock);
	time_t now_s = (time_t)(now_ms / 1000);
	char text[32];
	struct tm utc;

	gmtime_r(&now_s, &utc);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &utc);
	return arena_printf(arena, "%s/undo-%s.%03dZ.jsonl", s->opt->state_dir, text,
			    (int)(now_ms % 1000));
}

static bool agrees(const struct session *s, const struct repair_job *repair)
{
	const struct wrongs *w = repair->verify->wrongs;
	uint64_t extra = wrongs_count(w, FINDING_EXTRA);
	struct buf question = { 0 };
	bool yes;

	buf_adds(&question, "repair: write ");
	text_add_plural(&question, wrongs_count(w, FINDING_MISSING), "missing item");
	buf_adds(&question, ", change ");
	text_add_plural(&question, wrongs_count(w, FINDING_DIFFERENT), "item");
	buf_adds(&question, repair->delete_extra ? ", delete " : ", leave ");
	text_add_plural(&question, extra, "extra item");
	if (!repair->delete_extra && extra)
		buf_adds(&question, " (see --delete-extra)");
	buf_addf(&question, ", in %s; undo file '%s'?", session_target_text(s),
		 repair->undo_path);
	yes = ask(s->opt, buf_cstr(&question));
	buf_release(&question);
	return yes;
}

int mending_repair(struct session *s, const struct verify_job *job, struct verify_result *result,
		   struct arena *arena, struct etl_err *err)
{
	const struct repair_job repair = {
		.verify = job, .undo_path = undo_path(s, arena),
		.delete_extra = s->opt->delete_extra, .max_wcu = max_wcu(s->opt),
	};
	uint64_t missing = wrongs_count(job->wrongs, FINDING_MISSING);
	uint64_t different = wrongs_count(job->wrongs, FINDING_DIFFERENT);
	uint64_t extra = wrongs_count(job->wrongs, FINDING_EXTRA);
	int rc;

	if (missing + different + (repair.delete_extra ? extra : 0) == 0)
		return 0;
	if (!agrees(s, &repair)) {
		log_warn("nothing was repaired");
		return 0;
	}
	rc = kept_discard(s->opt->state_dir, err);
	if (rc)
		return rc;
	rc = repair_run(&repair, result, err);
	result->repair.missing = missing;
	result->repair.different = different;
	result->repair.extra = extra;
	if (rc < 0 && result->repair.has_undo)
		log_warn("the repair was not finished; what it changed is in undo file '%s'",
			 repair.undo_path);
	return rc < 0 ? rc : 1;
}

/* ---- undo ----------------------------------------------------------------------------------- */

static bool agrees_to_undo(const struct session *s, const struct undo_counts *n)
{
	struct buf question = { 0 };
	bool yes;

	buf_adds(&question, "undo: put ");
	text_add_plural(&question, n->put_back, "deleted item");
	buf_adds(&question, " back, change ");
	text_add_plural(&question, n->change_back, "item");
	buf_adds(&question, " back, remove ");
	text_add_plural(&question, n->remove, "written item");
	buf_addf(&question, ", in %s?", session_target_text(s));
	yes = ask(s->opt, buf_cstr(&question));
	buf_release(&question);
	return yes;
}

static int undo(struct session *s, struct undo_job *job, struct etl_err *err)
{
	struct undo_result *result = mem_zalloc(sizeof(*result));
	struct buf text = { 0 };
	struct watch watch;
	int rc;

	watch_start(&watch, s, "undo", NULL, METRICS_VERIFY);
	job->counters = &watch.counters;
	rc = undo_run(job, result, err);
	watch_end(&watch);
	s->outcome.differences |= result->left_alone.n > 0;
	if (s->opt->format == FORMAT_JSON)
		undo_report_json(result, job->path, &text);
	else
		undo_report_text(result, &text);
	print_buf(&text);
	buf_release(&text);
	undo_result_release(result);
	free(result);
	return rc;
}

int mending_undo(struct session *s, struct etl_err *err)
{
	struct undo_job job = {
		.clock = s->clock, .stop = s->stop, .path = s->opt->undo,
		.workers = s->opt->workers == OPTION_UNSET ? VERIFY_DEFAULT_WORKERS
							   : (unsigned)s->opt->workers,
		.max_wcu = max_wcu(s->opt),
		.retry = { .stall_ms = s->opt->give_up_after * 1000 },
	};
	struct undo_counts counts;
	int rc = session_lock(s, err);

	if (!rc)
		rc = session_open_sink(s, err);
	job.sink = s->sink;
	if (!rc)
		rc = undo_look(&job, &counts, err);
	if (rc)
		return rc;
	if (!agrees_to_undo(s, &counts))
		return etl_err_set(err, ETL_EUSAGE, "nothing was undone");
	rc = kept_discard(s->opt->state_dir, err);
	if (!rc)
		rc = undo(s, &job, err);
	work_remember(s, "undo", NULL, NULL, err);
	return rc;
}
