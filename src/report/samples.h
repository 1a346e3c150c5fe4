/*
 * How a run went over time, in constant memory: counters looked at every SAMPLES_FIRST_MS; when
 * SAMPLES_MAX points are full every other one goes and the interval doubles. Reads the counters,
 * drives nothing. By one thread.
 */
#ifndef REPORT_SAMPLES_H
#define REPORT_SAMPLES_H

#include <stddef.h>
#include <stdint.h>
#include "pipeline/counters.h"
#include "report/json_out.h"

#define SAMPLES_MAX 240
#define SAMPLES_FIRST_MS 200

struct sample {			/* since the begin of the run; earlier runs' work is not in it */
	int64_t at_ms;
	int limit;		/* enum run_limit, at this moment */
	uint64_t rows_read, rows_rejected, items, items_scanned, bytes, retries, throttles;
};

struct samples {
	int64_t start_ms, interval_ms;
	size_t n;
	struct sample points[SAMPLES_MAX];	/* in order of time */
};

/* 'now_ms' is of one monotonic clock throughout. */
void samples_start(struct samples *s, int64_t now_ms);
/* Takes a point if it is time to. */
void samples_tick(struct samples *s, const struct counters *c, int64_t now_ms);
/* Takes the last point, whatever the time. */
void samples_end(struct samples *s, const struct counters *c, int64_t now_ms);

void samples_json(const struct samples *s, struct json_out *j, const char *key);

#endif
