/*
 * The state directory: one run at a time works in it, and it remembers what runs did.
 *
 *   lock                      held (flock) by the run that works here; who that is inside
 *   load-<table>.journal      how far the load of a DynamoDB table came, see checkpoint.h
 *   load-<table>.rejects      the rejects of that load, see rejects.h
 *   verify.session, verify-<table>.sums   how far a verify came, see kept.h
 *   runs.jsonl                one JSON line for each command that ran, the newest last
 *   last-quote.json, last-load.json, ...   what cli/ keeps of quotes and reports
 *
 * The directory is made 0700, its files 0600. No secret of anybody's is ever in it.
 */
#ifndef CHECKPOINT_STATE_H
#define CHECKPOINT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct state;

/*
 * Makes the directory where it is missing, proves that it can be written and takes its lock. The
 * lock is the kernel's and dies with the process, so that a killed run never blocks the next, and no
 * other process that got its number since does; that one was killed is warned of.
 * -ETL_ELOCKED: another run works here, the message says which. -ETL_ESYSTEM: the directory cannot
 * be made or written. 'clock' is borrowed until state_close(); 'command' ("load") is for messages.
 */
int state_open(const char *dir, struct clock *clock, const char *command, struct state **out,
	       struct etl_err *err);
void state_close(struct state *st);		/* gives the lock back; NULL is fine */

/* Does another process hold the lock? One that was killed does not. */
bool state_busy(const char *dir);

const char *state_dir(const struct state *st);
struct clock *state_clock(const struct state *st);

/* Appends to 'out' the path "<dir>/load-<name><suffix>". A table's name stands as it is where it
 * is a plain file name (all of DynamoDB's are, unless too long), else it is made one and told
 * apart by a digest: two names never share a path. */
void state_load_path(const char *dir, const char *table, const char *suffix, struct buf *out);
/* Likewise "<dir>/verify-<name><suffix>". */
void state_verify_path(const char *dir, const char *table, const char *suffix, struct buf *out);

/* The sums that a load keeps, of a unit, an entity or all. */
struct load_counts {
	uint64_t rows_read;	/* == items_written + rows_skipped + rows_rejected */
	uint64_t items_written;
	uint64_t items_replaced;	/* of items_written: put over an older item (newer) */
	uint64_t rows_skipped;	/* by a write condition (if-absent, newer) */
	uint64_t rows_same;	/* of rows_skipped: the item that is there is the row's own */
	uint64_t rows_rejected;
	uint64_t sparse;	/* index keys left out because NULL or empty */
	uint64_t bytes;		/* item bytes written, as DynamoDB counts */
	uint64_t wcu_milli;	/* consumed write capacity in thousandths of a unit */
	uint64_t write_units;	/* the same by the sizes of items and their index entries */
};

void load_counts_add(struct load_counts *sum, const struct load_counts *more);

/* What a command did. Texts are borrowed. */
struct run_record {
	int64_t start_utc_ms, end_utc_ms;
	const char *command;		/* "load" */
	size_t ntables;
	const char *const *tables;	/* DynamoDB's names */
	const char *outcome;		/* "done", or the error's class: "stopped" */
	int exit_status;
	const char *message;		/* the error's sentence; NULL or "" if there was none */
	bool has_counts;
	struct load_counts counts;
};

/* Appends a line to runs.jsonl, durably, as one write. Needs no lock: 'dir' is made if missing. */
int runs_append(const char *dir, const struct run_record *run, struct etl_err *err);

/*
 * Gives each run of runs.jsonl, oldest first, to 'each'; texts are lent for the call. A line that
 * is no run (torn by a crash) is passed over and counted in *damaged (may be NULL). No file, no
 * directory: no runs, 0. 'each' ends the reading by returning other than 0, which is returned.
 */
int runs_read(const char *dir, int (*each)(const struct run_record *run, void *arg), void *arg,
	      size_t *damaged, struct etl_err *err);

#endif
