/*
 * The write units that a run may spend, over all its threads and tables (--max-wcu), and what each
 * table is found to take when it says "too fast" (pipeline/pace.h). Every request takes its units
 * before it sets out, by an estimate, and tells after the answer what it cost. Thread-safe.
 */
#ifndef PIPELINE_RATE_H
#define PIPELINE_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/clock.h"
#include "base/stop.h"

struct rate;

/* 'max_wcu': units a second of the whole run, 0: no limit. 'clock' is borrowed. */
struct rate *rate_new(struct clock *clock, size_t ntables, uint64_t max_wcu);
void rate_free(struct rate *r);		/* NULL is fine */

/* Waits until a request of about 'units' to 'table' may set out. False: 'stop' was asked. */
bool rate_take(struct rate *r, size_t table, double units, const struct stop *stop);

/* The request that took 'taken' cost 'spent'; 'throttled': the target said "too fast" to it, or to a
 * part of it. */
void rate_answered(struct rate *r, size_t table, double taken, double spent, bool throttled);

/* How many requests were let out so far, how many of them had to wait for the run's limit, or for
 * what their table was found to take, and how many wait at this moment. */
struct rate_waits {
	uint64_t requests, by_run, by_table;
	unsigned by_run_now, by_table_now;
};
struct rate_waits rate_waits(struct rate *r);

#endif
