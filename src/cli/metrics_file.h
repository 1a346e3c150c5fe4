/*
 * --metrics FILE: kept up to date while a run goes on, and written a last time when its exit status
 * is known. The file is replaced atomically and readable by everybody, unlike all others that etl
 * makes: the node exporter that reads it runs as another user, and it holds numbers, names of tables
 * and the name of the state directory only.
 */
#ifndef CLI_METRICS_FILE_H
#define CLI_METRICS_FILE_H

#include "cli/session.h"
#include "report/metrics.h"

/* Writes the file for the first time, if --metrics is given: one that cannot be written is better
 * known before hours of work. Once the state directory's lock is held, if it will be. */
int metrics_file_begin(struct session *s, struct etl_err *err);

/* Looks at a step and, every few seconds, writes the file. */
void metrics_file_tick(struct session *s, enum metrics_step step, const struct counters *counters,
		       const char *const *names);

/* The last look at a step. */
void metrics_file_step_end(struct session *s, enum metrics_step step,
			   const struct counters *counters, const char *const *names);

/* How the process ends. A file that cannot be written is an error. */
int metrics_file_end(struct session *s, int exit_status, struct etl_err *err);

#endif
