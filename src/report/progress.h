/*
 * How far a run is, on stderr, while it runs: reads the counters, drives nothing. Whoever waits for
 * the run calls progress_tick a few times a second; the run's own threads never wait for a
 * terminal. Between progress_start and progress_stop the log's guard is the live line's, so that it
 * and the log's lines never mix.
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "pipeline/counters.h"

enum progress_kind {
	PROGRESS_SILENT,
	PROGRESS_LIVE,		/* one line, drawn anew at most 5 times a second */
	PROGRESS_LINES,		/* a line of the log every 5 seconds */
	PROGRESS_JSONL		/* a JSON object a line, every second and at the end */
};

struct progress;

/* 'what' ("load") and 'counters' are borrowed until progress_stop. NULL for PROGRESS_SILENT. To be
 * called before the run's threads start. */
struct progress *progress_start(enum progress_kind kind, const char *what,
				const struct counters *counters);
/* Shows how far the run is, if it is time to. 'progress' is what progress_start gave, void for the
 * jobs' tick; NULL is fine. By one thread. */
void progress_tick(void *progress);
/* Wipes the live line, says the end in JSON, frees; NULL is fine. The run's threads have ended. */
void progress_stop(struct progress *p);

/* A moment of a run, for the functions below; apart for tests. */
struct progress_now {
	const char *what;
	int phase, limit;
	uint64_t rows_estimate, rows_resumed, rows_read, items, skipped, rejected, scanned, differences;
	uint64_t bytes, retries, throttles;
	int64_t elapsed_ms;
	uint64_t rows_per_s;
};
void progress_add_words(struct buf *b, const struct progress_now *now);
void progress_add_bar(struct buf *b, const struct progress_now *now, unsigned columns);
void progress_add_json(struct buf *b, const struct progress_now *now);

#endif
