#include "cli/commands.h"

#include "base/log.h"
#include "cli/answer.h"
#include "sink/tables.h"

static void say(void *arg, const char *sentence)
{
	answer_doing(arg, "%s", sentence);
	log_info("%s", sentence);
}

int step_create_tables(struct session *s, struct etl_err *err)
{
	struct tables_options options = {
		.clock = s->clock,
		.stop = s->stop,
		.timeout_ms = s->opt->wait_seconds * 1000,
		.create = true,
		.report = say,
		.report_arg = s,
	};
	size_t i;
	int rc = 0;

	/* One after another: an account may have only so many tables in creation at a time. */
	for (i = 0; i < s->plan->ntables && !rc; i++) {
		answer_doing(s, "looking at table '%s'", s->plan->tables[i].def.name);
		rc = tables_ensure(s->sink, &s->plan->tables[i].def, &options, err);
	}
	return rc;
}

int cmd_create_tables(struct session *s, struct etl_err *err)
{
	int rc = session_read_contract(s, err);

	if (!rc)
		rc = session_open_sink(s, err);
	if (!rc)
		rc = session_plan(s, err);
	return rc ? rc : step_create_tables(s, err);
}
