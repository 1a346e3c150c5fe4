/*
 * How far a run is, on stderr, while it runs: reads the counters, drives nothing. A thread of its
 * own draws: the run's threads never wait for a terminal. It starts with progress_start and is
 * joined by progress_stop; between them the log's guard is its own, so that a log line and the
 * live line never mix.
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

/* 'what' ("load") and 'counters' are borrowed until progress_stop. Never fails: without a thread
 * there is no progress shown. */
struct progress *progress_start(enum progress_kind kind, const char *what,
				const struct counters *counters);
void progress_stop(struct progress *p);		/* wipes the live line, frees; NULL is fine */

/* A moment of a run, for the functions below; apart for tests. */
struct progress_now {
	const char *what;
	int phase, limit;
	uint64_t rows_estimate, rows_resumed, rows_read, items, rejected, scanned, differences;
	uint64_t bytes, retries, throttles;
	int64_t elapsed_ms;
	uint64_t rows_per_s;
};
void progress_add_words(struct buf *b, const struct progress_now *now);
void progress_add_bar(struct buf *b, const struct progress_now *now, unsigned columns);
void progress_add_json(struct buf *b, const struct progress_now *now);

#endif
