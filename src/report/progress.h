/*
 * How far a run is, on stderr, while it runs: reads the counters, drives nothing. Whoever waits for
 * the run calls progress_tick a few times a second; the run's own threads never wait for a
 * terminal. Between progress_start and progress_stop the log's guard is the live lines', so that they
 * and the log's lines never mix.
 *
 * Who asks (progress_ask) gets a line at the next tick, whatever the kind, or at the end.
 */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "pipeline/counters.h"

enum progress_kind {
	PROGRESS_SILENT,
	PROGRESS_LIVE,		/* a line a table and one for all, drawn anew at most 5 times a second */
	PROGRESS_LINES,		/* a line of the log every 5 seconds */
	PROGRESS_JSONL		/* a JSON object a line, every second and at the end */
};

struct progress;

/* 'what' ("load"), 'counters' and the names of their tables are borrowed until progress_stop. To be
 * called before the run's threads start. */
struct progress *progress_start(enum progress_kind kind, const char *what,
				const struct counters *counters, const char *const *names);
/* Shows how far the run is, if it is time to. 'progress' is what progress_start gave, void for the
 * jobs' tick; NULL is fine. By one thread. */
void progress_tick(void *progress);
/* A line of how far the run is at the next tick, also of a quiet run. By any thread. */
void progress_ask(struct progress *p);
/* A line of what a command is doing where nothing is counted: its answer to the same question. While no
 * progress is under way. */
void progress_say(enum progress_kind kind, const char *what, struct str doing, int64_t elapsed_ms);
/* Wipes the live lines, says the end in JSON, frees; NULL is fine. The run's threads have ended. */
void progress_stop(struct progress *p);

/* How far a table or the run is, as struct counters means it; rows as rows to go through. */
struct progress_place {
	uint64_t entities, entities_begun, entities_told;
	uint64_t rows_estimate, rows_by_statistics, rows_before;
	uint64_t rows_done;
};

/* A moment of a run, for the functions below; apart for tests. */
struct progress_table {
	const char *name;
	bool begun, done;
	struct progress_place place;
	uint64_t rows_resumed, rows_read, items, skipped, rejected, scanned;
	uint64_t rows_per_s;
};

struct progress_now {
	const char *what;
	int phase, limit;
	struct progress_place place;
	uint64_t rows_resumed, rows_read, items, skipped, rejected, scanned, differences;
	uint64_t bytes, retries, throttles;
	int64_t elapsed_ms;
	uint64_t rows_per_s, rows_per_s_mean;
	size_t ntables;
	const struct progress_table *tables;
};

/*
 * Percent done, by the ranges of keys: of all, which can be told once the last entity is under way,
 * and of the newest entity. -1: nobody can tell, or the estimate proved too low. Never 100, which
 * is said by the end of the run. The server's statistics, which may be of last year, make no percent.
 */
int progress_percent(const struct progress_place *place);
int progress_percent_of_entity(const struct progress_place *place);

void progress_add_words(struct buf *b, const struct progress_now *now);
/* Members of a JSON object, without its braces. */
void progress_add_json(struct buf *b, const struct progress_now *now);

/*
 * The live lines, each shorter than 'columns' and ended by a newline: the tables'; where
 * 'rows' has no room for all, those under way first, and how many are left out; that of all. ASCII, so
 * bytes are columns. The number of lines.
 */
size_t progress_add_screen(struct buf *b, const struct progress_now *now, unsigned columns,
			   unsigned rows);

#endif
