#include "cli/commands.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "checkpoint/kept.h"
#include "cli/from_rejects.h"
#include "cli/quotes.h"
#include "cli/reports.h"
#include "cli/watch.h"
#include "cli/work.h"
#include "cli/write_mode.h"
#include "pipeline/load.h"
#include "report/load_report.h"
#include "sink/null/null.h"

static struct load_job make_job(struct session *s, struct work *w, struct watch *watch)
{
	const struct options *o = s->opt;
	struct load_job job = {
		.source = s->source,
		.sink = s->sink,
		.clock = s->clock,
		.stop = s->stop,
		.counters = &watch->counters,
		.tick = watch_tick,
		.tick_arg = watch,
		.state_dir = s->state ? state_dir(s->state) : NULL,
		.ntables = w->ntables,
		.tables = w->tables,
		.readers = o->readers == OPTION_UNSET ? 0 : (unsigned)o->readers,
		.workers = o->workers == OPTION_UNSET ? 0 : (unsigned)o->workers,
		.chunk_rows = (uint64_t)o->chunk_rows,
		.condition = write_mode_condition(o),
		.has_max_rejects = o->max_rejects != OPTION_UNSET,
		.allow_empty = o->allow_empty,
		.retry = { .stall_ms = o->give_up_after * 1000 },
	};

	if (o->max_wcu != OPTION_UNSET)
		job.max_wcu = (uint64_t)o->max_wcu;
	if (job.has_max_rejects)
		job.max_rejects = (uint64_t)o->max_rejects;
	/* what was done is known only from the checkpoints */
	if (w->ntables && w->tables[0].checkpoint)
		job.look = (struct source_look){ session_look, s };
	return job;
}

/* The rejects files that are there, and with --rejects all of them in one. */
static int gather_rejects(struct session *s, struct work *w, struct load_report *report,
			  struct etl_err *err)
{
	const char **paths = arena_alloc(w->arena, (w->ntables + 1) * sizeof(*paths));
	size_t i, n = 0;

	for (i = 0; i < w->ntables; i++) {
		const char *path = w->tables[i].checkpoint
				 ? checkpoint_rejects_path(w->tables[i].checkpoint) : NULL;

		if (path && access(path, F_OK) == 0)
			paths[n++] = arena_strdup(w->arena, path);
	}
	report->reject_files = paths;
	report->nreject_files = n;
	if (!s->opt->rejects || s->opt->dry_run)
		return 0;
	return rejects_gather(paths, n, s->opt->rejects, NULL, err);
}

static void report_all(struct session *s, const struct load_report *report, const char *name,
		       struct run_parts *run, struct etl_err *err)
{
	struct reports r = { .name = report->dry_run ? NULL : name };

	load_report_json(report, &r.json);
	load_report_text(report, &r.text);
	if (run)
		load_report_member(report, &run->out, "load");
	if (run)
		reports_end_step(s, &r, run, err);
	else
		reports_end(s, &r, err);
}

static int run_load(struct session *s, struct work *w, struct from_rejects *from,
		    struct watch *watch, struct load_result *result, struct etl_err *err)
{
	struct load_job job = make_job(s, w, watch);
	int rc;

	if (from) {
		job.picks = from->picks;
		job.rejects = from->spool;
	}
	watch_start(watch, s, "load", w, METRICS_LOAD);
	rc = load_run(&job, result, err);
	watch_end(watch);
	if (rc == -ETL_ESTOPPED && w->ntables && w->tables[0].checkpoint)
		etl_err_hint(err, "the same command goes on where this one stopped");
	if (rc && from && !result->complete)
		etl_err_hint(err, "the same command tries all rows of '%s' again",
			     s->opt->from_rejects);
	if (rc && result->complete && !result->counts.rows_read)
		etl_err_hint(err, "--allow-empty permits a run without rows");
	return rc;
}

/* Rejects for whoever reads them, wherever the run kept them. */
static int keep_rejects(struct session *s, struct work *w, struct from_rejects *from,
			struct load_report *report, struct etl_err *err)
{
	if (!from)
		return gather_rejects(s, w, report, err);
	if (!report->result->complete || report->dry_run)
		return 0;
	if (report->result->counts.rows_rejected) {
		report->reject_files = &from->path;
		report->nreject_files = 1;
	}
	return from_rejects_save(from, s, err);
}

/* What the load costs or cost; a load of all rows is held against the last quote. */
static void make_quote(struct session *s, const struct work *w, bool all, struct load_report *r,
		       struct quote *quote, struct quote_past *past)
{
	*quote = quotes_new(s, "load --dry-run");
	quote->estimate = !all;
	quote_from_load(quote, r->result, w->tables, w->ntables);
	quote_reckon(quote);
	r->quote = quote;
	if (r->dry_run && all && r->result->complete)
		quotes_keep(s, quote);
	else if (!r->dry_run && all &&
		 quotes_last(s, w->tables, w->ntables, w->arena, past))
		r->past = past;
}

/* 'from' NULL: every row, remembered in the checkpoints. Else a run of its own, beside them. */
static int load(struct session *s, struct from_rejects *from, struct run_parts *run,
		struct etl_err *err)
{
	bool dry = s->opt->dry_run;
	struct load_result result = { 0 };
	struct load_report report = { .result = &result, .dry_run = dry };
	struct quote quote = { 0 };
	struct quote_past past;
	struct buf mode = { 0 };
	struct watch watch;
	struct work w;
	bool ran = false;
	int rc = 0;

	work_init(&w, s);
	write_mode_add_words(&mode, s->opt);
	report.write_mode = buf_cstr(&mode);
	if (!dry)
		rc = work_check_tables(&w, s, err);
	if (!rc && !dry)
		rc = kept_discard(s->opt->state_dir, err);
	if (!rc && !dry && !from)
		rc = work_open_checkpoints(&w, s, err);
	if (!rc) {
		ran = true;
		rc = run_load(s, &w, from, &watch, &result, err);
	}
	s->outcome.rejects |= result.counts.rows_rejected > 0;
	if (ran)
		keep_rejects(s, &w, from, &report, err);
	work_close_checkpoints(&w, err);
	if (!err->code && !result.complete)
		etl_err_set(err, ETL_EINTERNAL, "the load ended without being complete");
	if (ran) {
		report.run = reports_run(s, err, w.arena);
		report.run.samples = &watch.samples;
		make_quote(s, &w, !from, &report, &quote, &past);
		report_all(s, &report, from ? "last-from-rejects" : "last-load", run, err);
	}
	if (!dry && !run)
		work_remember(s, from ? "load --from-rejects" : "load", &w, ran ? &result.counts : NULL, err);
	quote_release(&quote);
	load_result_release(&result);
	buf_release(&mode);
	work_release(&w);
	return -(int)err->code;
}

int step_load(struct session *s, struct run_parts *run, struct etl_err *err)
{
	return load(s, NULL, run, err);
}

int cmd_load(struct session *s, struct etl_err *err)
{
	struct from_rejects from = { 0 };
	int rc = session_read_contract(s, err);

	if (!rc)
		rc = work_check_outputs(s->opt, err);
	if (!rc)
		rc = quotes_read_prices(s, err);
	if (!rc && !s->opt->dry_run)
		rc = session_lock(s, err);
	if (!rc)
		rc = metrics_file_begin(s, err);
	if (!rc && s->opt->dry_run)
		s->sink = null_sink_new();
	else if (!rc)
		rc = session_open_sink(s, err);
	if (!rc)
		rc = session_plan(s, err);
	if (!rc)
		rc = write_mode_check(s, err);
	if (!rc && s->opt->from_rejects)
		rc = from_rejects_open(&from, s, err);
	if (!rc)
		rc = session_apply_views(s, false, err);
	if (!rc)
		rc = load(s, s->opt->from_rejects ? &from : NULL, NULL, err);
	from_rejects_close(&from);
	if (!rc && s->opt->dry_run)
		log_info("dry run: nothing was written to DynamoDB");
	return rc;
}
