/* Reports as commands leave them: a report that cannot be written is a run that is not done. */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "cli/session.h"
#include "report/run.h"

/* What a report says about its run, settings and versions included; those live in 'arena', 'err' is
 * borrowed. The session has a plan. */
struct report_run reports_run(const struct session *s, const struct etl_err *err,
			      struct arena *arena);

/* Keeps a report (JSON) as <state-dir>/<name>.json, unless 'name' is NULL, and writes it to --report if 'asked'. Each is
 * tried whatever failed before: 'err' has the first failure. */
void reports_write(const struct session *s, const char *name, const struct buf *json, bool asked,
		   struct etl_err *err);

#endif
