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
	bool partly_told;	/* 'text' only says what was printed already, or nothing is to be */
};

/*
 * Keeps the report in the state directory, writes it to --report and prints it as --format says.
 * Each is tried whatever failed before: 'err' has the first failure. Releases the report.
 */
void reports_end(const struct session *s, struct reports *r, struct etl_err *err);

/* Only keeps it: a step of a greater run, whose report holds it. Releases the report. */
void reports_keep(const struct session *s, struct reports *r, struct etl_err *err);

#endif
