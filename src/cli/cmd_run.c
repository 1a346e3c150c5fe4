#include "cli/commands.h"

#include "cli/metrics_file.h"
#include "cli/quotes.h"
#include "cli/reports.h"
#include "cli/story.h"
#include "cli/work.h"
#include "cli/write_mode.h"

enum { VIEWS, CREATE_TABLES, LOAD, VERIFY, NSTEPS };

static int run_step(struct session *s, int step, struct run_parts *parts, struct etl_err *err)
{
	switch (step) {
	case VIEWS: return step_views(s, err);
	case CREATE_TABLES: return step_create_tables(s, err);
	case LOAD: return step_load(s, parts, err);
	default: return step_verify(s, parts, err);
	}
}

static const char *outcome_of(int step, const struct outcome *outcome, const struct etl_err *err)
{
	if (err->code)
		return etl_errclass(err->code)->name;
	if (step == VERIFY && outcome->differences)
		return "differences";
	return step >= LOAD && outcome->rejects ? "rejects" : "done";
}

static void run_steps(struct session *s, struct report_step steps[NSTEPS],
		      struct run_parts *parts, struct etl_err *err)
{
	static const char *const names[] = { "views", "create-tables", "load", "verify" };
	int i;

	for (i = 0; i < NSTEPS; i++) {
		int64_t begin_ms = s->clock->now_ms(s->clock);

		steps[i] = (struct report_step){ .name = names[i], .outcome = "not-run" };
		if (err->code)
			continue;
		story_step((unsigned)i + 1, NSTEPS, names[i]);
		run_step(s, i, parts, err);
		steps[i].outcome = outcome_of(i, &s->outcome, err);
		steps[i].duration_ms = s->clock->now_ms(s->clock) - begin_ms;
		story_step_end(names[i], steps[i].outcome, steps[i].duration_ms);
	}
}

static void add_verdict(const struct session *s, struct buf *line)
{
	buf_adds(line, "\nrun: ");
	if (s->outcome.differences)
		buf_adds(line, "finished, but the target differs from the source");
	else if (s->outcome.rejects)
		buf_adds(line, "done, except for the rejected rows");
	else
		buf_adds(line, "done, nothing wrong");
	buf_addf(line, "; report: %s/last-run.html\n", s->opt->state_dir);
}

static void run(struct session *s, struct etl_err *err)
{
	struct reports r = { .name = "last-run", .told = true };
	struct run_parts parts;
	struct report_step steps[NSTEPS];
	struct report_run head;
	struct buf verdict = { 0 };
	struct work w;
	int64_t begin_ms = s->clock->now_ms(s->clock);

	work_init(&w, s);
	run_parts_init(&parts);
	run_steps(s, steps, &parts, err);
	if (!err->code)
		add_verdict(s, &verdict);
	head = reports_run(s, err, w.arena);
	run_report_json(&head, s->clock->now_ms(s->clock) - begin_ms, NSTEPS, steps,
			&parts.members, &r.json);
	buf_addstr(&r.text, buf_str(&parts.text));
	buf_addstr(&r.text, buf_str(&verdict));
	reports_end(s, &r, err);
	if (!err->code && s->opt->format == FORMAT_TEXT && session_tells(s, err))
		print_buf(&verdict);
	work_remember(s, "run", &w, NULL, err);
	work_release(&w);
	run_parts_release(&parts);
	buf_release(&verdict);
}

int cmd_run(struct session *s, struct etl_err *err)
{
	int rc = session_read_contract(s, err);

	if (!rc)
		rc = work_check_outputs(s->opt, err);
	if (!rc)
		rc = quotes_read_prices(s, err);
	if (!rc)
		rc = session_lock(s, err);
	if (!rc)
		rc = metrics_file_begin(s, err);
	if (!rc)
		rc = session_open_sink(s, err);
	if (!rc)
		rc = session_plan(s, err);
	if (!rc)
		rc = write_mode_check(s, err);
	if (rc)
		return rc;
	story_begin(s);
	run(s, err);
	return -(int)err->code;
}
