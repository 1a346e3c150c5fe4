/*
 * What a run did so far in Prometheus' text format, for the node exporter's textfile collector.
 * Every number is a gauge of the newest run. The labels 'command' and 'state_dir' tell the files
 * of several runs apart, which the collector puts together.
 */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "pipeline/counters.h"

struct metrics;

enum metrics_step { METRICS_LOAD, METRICS_VERIFY, METRICS_STEPS };

/* Texts are copied. 'last_success_utc_ms': of an earlier run, 0 if there was none. */
struct metrics *metrics_new(const char *command, const char *state_dir, int64_t start_utc_ms,
			    int64_t last_success_utc_ms);
void metrics_free(struct metrics *m);		/* NULL is fine */

/* Takes the numbers of a step, which has 'counters' with tables of these names; those of a look
 * before give way. By one thread. */
void metrics_look(struct metrics *m, enum metrics_step step, const struct counters *counters,
		  const char *const *names);

/* What verify found in the table of this index; METRICS_VERIFY was looked at. */
void metrics_verdict(struct metrics *m, size_t table, bool parity, uint64_t differences);

/* The process is about to end with this status. */
void metrics_end(struct metrics *m, int exit_status, int64_t utc_ms);

void metrics_add_text(const struct metrics *m, int64_t utc_ms, struct buf *out);

#endif
