#include "cli/commands.h"

#include <string.h>

#include "cli/ask.h"
#include "cli/continuous.h"
#include "cli/mending.h"
#include "cli/reports.h"
#include "cli/watch.h"
#include "cli/work.h"
#include "report/verify_report.h"
#include "verify/refused.h"
#include "verify/resume.h"
#include "verify/verify.h"
#include "verify/wrongs.h"

static enum verify_mode mode_of(const struct options *o)
{
	switch ((enum opt_verify_mode)o->mode) {
	case MODE_DIGEST: return VERIFY_DIGEST;
	case MODE_COUNT: return VERIFY_COUNT;
	case MODE_SAMPLE: return VERIFY_SAMPLE;
	case MODE_FULL: break;
	}
	return VERIFY_FULL;
}

static struct verify_job make_job(struct session *s, struct work *w, struct watch *watch)
{
	const struct options *o = s->opt;

	return (struct verify_job){
		.source = s->source,
		.sink = s->sink,
		.clock = s->clock,
		.stop = s->stop,
		.counters = &watch->counters,
		.tick = watch_tick,
		.tick_arg = watch,
		.ntables = w->ntables,
		.tables = w->tables,
		.mode = mode_of(o),
		.sample_rows = o->sample == OPTION_UNSET ? 0 : (uint64_t)o->sample,
		.recheck_ms = o->recheck == OPTION_UNSET ? 0 : o->recheck * 1000,
		.version_attribute = o->version_attribute,
		.indexes = o->indexes,
		.reads_extra = o->delete_extra,
		.max_rcu = o->max_rcu == OPTION_UNSET ? 0 : (uint64_t)o->max_rcu,
		.readers = o->readers == OPTION_UNSET ? 0 : (unsigned)o->readers,
		.workers = o->workers == OPTION_UNSET ? 0 : (unsigned)o->workers,
		.chunk_rows = (uint64_t)o->chunk_rows,
		.allow_empty = o->allow_empty,
		.retry = { .stall_ms = o->give_up_after * 1000 },
		.look = { session_look, s },
	};
}

/* What DynamoDB refused stands in the rejects files of the loads. */
static int read_refused(struct session *s, struct work *w, struct refused *refused,
			struct etl_err *err)
{
	const char *dir = s->opt->state_dir;
	struct buf path = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < w->ntables && !rc; i++) {
		buf_reset(&path);
		state_load_path(dir, w->names[i], ".rejects", &path);
		rc = refused_read(refused, buf_cstr(&path), err);
	}
	if (!rc) {
		buf_reset(&path);
		buf_addf(&path, "%s/from-rejects.rejects", dir);
		rc = refused_read(refused, buf_cstr(&path), err);
	}
	buf_release(&path);
	return rc;
}

/* Samples and counts are quick, and what watches for drift begins anew each time. */
static struct resume *open_resume(struct session *s, struct work *w, const struct verify_job *job)
{
	const struct resume_settings settings = {
		.dir = s->opt->state_dir, .locked = s->state != NULL, .restart = s->opt->restart,
		.ids = work_identities(w, s, ""),
	};

	if ((job->mode != VERIFY_FULL && job->mode != VERIFY_DIGEST) || s->opt->continuous)
		return NULL;
	return resume_open(job, &settings);
}

static void report_all(struct session *s, const struct verify_report *report,
		       struct run_parts *run, struct etl_err *err)
{
	struct reports r = { .name = "last-verify" };

	verify_report_json(report, &r.json);
	/* numbers half-way prove nothing: a person is told only what was compared to the end */
	if (!report->run.err->code)
		verify_report_text(report, &r.text);
	if (run)
		verify_report_member(report, &run->out, "verify");
	if (run)
		reports_end_step(s, &r, run, err);
	else
		reports_end(s, &r, err);
}

/* Who is asked must know what for. */
static void show_findings(const struct session *s, const struct verify_result *result,
			  struct arena *arena, const struct etl_err *err)
{
	struct verify_report report = { .run = reports_run(s, err, arena), .result = result };
	struct buf text = { 0 };

	if (s->opt->yes || s->opt->format != FORMAT_TEXT)
		return;
	verify_report_text(&report, &text);
	buf_addc(&text, '\n');
	print_buf(&text);
	fflush(stdout);
	buf_release(&text);
}

static int repair(struct session *s, struct verify_job *job, struct verify_result *result,
		  struct watch *watch, struct arena *arena, struct etl_err *err)
{
	int rc;

	show_findings(s, result, arena, err);
	watch_go_on(watch, "repair");
	rc = mending_repair(s, job, result, arena, err);
	watch_end(watch);
	return rc < 0 ? rc : 0;
}

static void tell_verdicts(struct session *s, const struct verify_result *r)
{
	const struct verify_entity_result *e = r->entities;
	size_t t;

	for (t = 0; t < r->ntables && s->metrics; t++) {
		uint64_t differences = r->tables[t].items_extra;

		for (; e < r->entities + r->nentities && e->table == r->tables[t].table; e++)
			differences += e->items_missing + e->attributes_different;
		metrics_verdict(s->metrics, t, r->tables[t].parity, differences);
	}
}

int step_verify(struct session *s, struct run_parts *run, struct etl_err *err)
{
	struct verify_result result = { 0 };
	struct verify_report report = { .result = &result };
	struct watch watch;
	struct refused *refused;
	struct verify_job job;
	struct work w;
	bool ran = false;
	size_t i;
	int rc;

	work_init(&w, s);
	job = make_job(s, &w, &watch);
	result.mode = job.mode;
	job.refused = refused = refused_new(w.tables, w.ntables);
	rc = work_check_tables(&w, s, err);
	if (!rc)
		rc = read_refused(s, &w, refused, err);
	if (!rc && s->opt->repair)
		rc = wrongs_new(s->opt->state_dir, &job.wrongs, err);
	if (!rc) {
		job.resume = open_resume(s, &w, &job);
		watch_start(&watch, s, "verify", &w, METRICS_VERIFY);
		rc = verify_run(&job, &result, err);
		watch_end(&watch);
		ran = true;
	}
	if (job.resume && !run && (rc == -ETL_ESTOPPED || etl_errclass(rc)->retryable))
		etl_err_hint(err, "the same command goes on where this one stopped");
	if (!rc && job.wrongs && !result.parity)
		rc = repair(s, &job, &result, &watch, w.arena, err);
	if (!rc && s->opt->continuous)
		rc = continuous_verify(s, &job, &watch, &w, &result, err);
	if (!rc) {
		tell_verdicts(s, &result);
		s->outcome.differences |= !result.parity;
		for (i = 0; i < result.nentities; i++)
			s->outcome.rejects |= result.entities[i].rows_rejected > 0;
	}
	report.run = reports_run(s, err, w.arena);
	report.run.samples = ran ? &watch.samples : NULL;
	report_all(s, &report, run, err);
	if (!run)
		work_remember(s, "verify", &w, NULL, err);
	verify_result_release(&result);
	resume_close(job.resume);
	refused_free(refused);
	wrongs_free(job.wrongs);
	work_release(&w);
	return -(int)err->code;
}

int cmd_verify(struct session *s, struct etl_err *err)
{
	int rc = 0;

	if (s->opt->repair || s->opt->undo)
		rc = ask_possible(s->opt, s->opt->repair ? "'--repair'" : "'--undo'", err);
	if (!rc && s->opt->undo)
		return mending_undo(s, err);
	if (!rc)
		rc = session_read_contract(s, err);
	if (!rc)
		rc = work_check_outputs(s->opt, err);
	if (!rc)
		rc = work_check_state_dir(s->opt->state_dir, err);
	if (!rc && s->opt->repair)
		rc = session_lock(s, err);
	if (!rc)
		rc = metrics_file_begin(s, err);
	if (!rc)
		rc = session_open_sink(s, err);
	if (!rc)
		rc = session_plan(s, err);
	if (!rc)
		rc = session_apply_views(s, false, err);
	return rc ? rc : step_verify(s, NULL, err);
}
