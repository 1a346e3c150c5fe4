#include "cli/commands.h"

#include <stdio.h>

#include "base/log.h"
#include "cli/quotes.h"
#include "cli/work.h"
#include "cli/write_mode.h"

#define NSTEPS 4

static void say_plan(const struct session *s)
{
	size_t i, entities = 0;

	for (i = 0; i < s->plan->ntables; i++)
		entities += s->plan->tables[i].nentities;
	log_info("etl run: %zu table%s, %zu entit%s", s->plan->ntables,
		 s->plan->ntables == 1 ? "" : "s", entities, entities == 1 ? "y" : "ies");
	log_info("  from  %s", session_source_text(s));
	log_info("  to    %s", session_target_text(s));
	log_info("  steps views, create-tables, load, verify; state in '%s'", s->opt->state_dir);
}

static int run_steps(struct session *s, struct json_out *report, struct etl_err *err)
{
	int rc;

	log_info("step 1 of %d: views", NSTEPS);
	rc = step_views(s, err);
	if (rc)
		return rc;
	log_info("step 2 of %d: create-tables", NSTEPS);
	rc = step_create_tables(s, err);
	if (rc)
		return rc;
	log_info("step 3 of %d: load", NSTEPS);
	rc = step_load(s, report, err);
	if (rc)
		return rc;
	fputc('\n', stdout);
	log_info("step 4 of %d: verify", NSTEPS);
	return step_verify(s, report, err);
}

static void say_verdict(struct session *s)
{
	struct buf line = { 0 };

	buf_adds(&line, "\nrun: ");
	if (s->outcome.differences)
		buf_adds(&line, "finished, but the target differs from the source");
	else if (s->outcome.rejects)
		buf_adds(&line, "done, except for the rejected rows");
	else
		buf_adds(&line, "done, nothing wrong");
	buf_addf(&line, "; reports: %s/last-load.json, %s/last-verify.json", s->opt->state_dir,
		 s->opt->state_dir);
	if (s->opt->report)
		buf_addf(&line, ", %s", s->opt->report);
	buf_addc(&line, '\n');
	print_buf(&line);
	buf_release(&line);
}

int cmd_run(struct session *s, struct etl_err *err)
{
	struct buf json = { 0 };
	struct json_out report = { .out = &json };
	struct work w = { 0 };
	int rc = session_read_contract(s, err);

	if (!rc)
		rc = work_check_outputs(s->opt, err);
	if (!rc)
		rc = quotes_read_prices(s, err);
	if (!rc)
		rc = session_lock(s, err);
	if (!rc)
		rc = session_open_sink(s, err);
	if (!rc)
		rc = session_plan(s, err);
	if (!rc)
		rc = write_mode_check(s, err);
	if (rc)
		return rc;
	say_plan(s);
	work_init(&w, s);
	json_out_open(&report, NULL, '{');
	run_steps(s, &report, err);
	json_out_str(&report, "outcome", err->code ? etl_errclass(err->code)->name : "done");
	json_out_str(&report, "error", err->code ? err->msg : NULL);
	json_out_count(&report, "exit_status",
		       (uint64_t)exit_status(err, &s->outcome, s->stop));
	json_out_close(&report, '}');
	if (s->opt->report)
		work_write_file(s->opt->report, &json, err);
	work_remember(s, "run", &w, NULL, err);
	if (!err->code)
		say_verdict(s);
	work_release(&w);
	buf_release(&json);
	return -(int)err->code;
}
