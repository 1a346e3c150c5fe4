/* Reports as commands leave them: a report that cannot be written is a run that is not done. */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "cli/session.h"
#include "report/run.h"

/* What a report says about its run, settings and versions included; those live in 'arena', 'err' is
 * borrowed. The session has a plan. */
struct report_run reports_run(const struct session *s, const struct etl_err *err,
			      struct arena *arena);

/* A finished report, as JSON and in words. */
struct reports {
	const char *name;	/* kept as <state-dir>/<name>.json and .html; NULL: not kept */
	struct buf json, text;
	bool told;		/* 'text' was printed already, and says where the report lies */
};

/*
 * Keeps the report in the state directory, writes it to --report and prints it as --format says.
 * Each is tried whatever failed before: 'err', which the command ended with, gets the first failure.
 * Releases the report.
 */
void reports_end(const struct session *s, struct reports *r, struct etl_err *err);

/*
 * The same for a step of etl run: only keeps the report, because that of the run holds it; 'run' takes
 * what the step has to say, which is printed at once where --format is text.
 */
struct run_parts {
	struct buf members;	/* JSON, one level deep: what <name>_report_member wrote to 'out' */
	struct buf text;
	struct json_out out;	/* by run_parts_init, as both others */
};
void run_parts_init(struct run_parts *run);
void run_parts_release(struct run_parts *run);
void reports_end_step(const struct session *s, struct reports *r, struct run_parts *run,
		      struct etl_err *err);

#endif
