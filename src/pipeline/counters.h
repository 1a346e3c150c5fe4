/*
 * What a run has done so far, for whoever shows it while it runs. Every field is an atomic that
 * the pipeline's threads only add to (or store, where it says so) and any thread may read at any
 * time; no two fields are consistent with each other before the run has ended. The truth for
 * reports is struct load_result, these are its shadow. A zeroed struct is ready for use.
 */
#ifndef PIPELINE_COUNTERS_H
#define PIPELINE_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum run_phase {
	PHASE_STARTING,			/* opening readers and the snapshot */
	PHASE_DUPLICATES,		/* looking for rows that share a key */
	PHASE_MOVING,			/* reading and writing, or reading and comparing */
	PHASE_EXTRA,			/* verify: looking for items that no row explains */
	PHASE_FINISHING			/* counting, checking the sums, closing the journals */
};

enum run_limit {			/* what makes the run take the time that it takes */
	LIMIT_NONE,			/* not known yet */
	LIMIT_SOURCE,			/* the readers: workers have nothing to do */
	/* Readers wait for workers, or have read everything, and these wait for: */
	LIMIT_TARGET,			/* DynamoDB's answers */
	LIMIT_THROTTLED,		/* DynamoDB, which said "too fast" */
	LIMIT_RATE,			/* the write units that the run may spend (--max-wcu) */
	LIMIT_PROCESSOR,		/* nobody: the work done here */
	LIMIT_COUNT
};

enum table_how_far {
	TABLE_WAITS,
	TABLE_MOVES,
	TABLE_HANDED_OUT,		/* its last unit was handed to a reader */
	TABLE_DONE
};

/* The share of one table in the counters of the same names. */
struct table_counters {
	atomic_int how_far;		/* enum table_how_far, stored */
	atomic_uint_fast64_t units_out;	/* begun and not done */
	atomic_uint_fast64_t entities, entities_begun;
	atomic_uint_fast64_t entities_told;	/* whose rows more than statistics tell */
	atomic_uint_fast64_t rows_estimate;	/* as rows to go through, those that 'where' leaves
						   out included: by the server's statistics, once
						   units are cut by where they lie among the keys */
	atomic_uint_fast64_t rows_by_statistics;	/* the part of it that is of the other
						   entities: not yet begun, or not to be read in
						   ranges of a key */
	atomic_uint_fast64_t rows_before;	/* the part of entities that are behind the newest */
	atomic_uint_fast64_t rows_gone_through;	/* of finished units, counted like the estimate */
	atomic_uint_fast64_t rows_resumed, rows_read, items_written, rows_skipped, rows_rejected;
	atomic_uint_fast64_t bytes, wcu_milli, items_scanned;
};

struct counters {
	size_t ntables;			/* set before start, as the next; 0: nobody asks */
	struct table_counters *tables;	/* borrowed; by load_table.index */
	bool more_than_rows;		/* set before start: a table is not done with its rows */
	atomic_int phase;		/* enum run_phase, stored */
	atomic_int limit;		/* enum run_limit, stored a few times a second */
	atomic_uint_fast64_t limit_ms[LIMIT_COUNT];	/* for how long */
	atomic_uint_fast64_t entities, entities_begun, entities_told;
	atomic_uint_fast64_t rows_estimate;	/* stored: rows to expect in all, by the server's
						   statistics until better is known; may be wrong */
	atomic_uint_fast64_t rows_by_statistics, rows_before;	/* parts of it, as of a table's */
	atomic_uint_fast64_t rows_resumed;	/* stored: rows that earlier runs had done */
	atomic_uint_fast64_t rows_read;
	atomic_uint_fast64_t items_written;	/* load: acknowledged; verify: compared */
	atomic_uint_fast64_t rows_skipped;
	atomic_uint_fast64_t rows_rejected;
	atomic_uint_fast64_t items_scanned;	/* verify: items of the target seen by scans */
	atomic_uint_fast64_t differences;	/* verify: findings so far */
	atomic_uint_fast64_t bytes;		/* of those items, as DynamoDB counts */
	atomic_uint_fast64_t wcu_milli;		/* thousandths of a write unit, as DynamoDB says */
	atomic_uint_fast64_t rcu_milli;		/* of a read unit, likewise: verify */
	atomic_uint_fast64_t requests;
	atomic_uint_fast64_t retries;		/* requests sent again, for whatever reason */
	atomic_uint_fast64_t throttles;		/* answers that said "too fast" */
	atomic_uint_fast64_t unprocessed;	/* items or keys that came back undone */
	atomic_uint_fast64_t units_planned;	/* work units cut so far, resumed ones included */
	atomic_uint_fast64_t units_done;
	atomic_uint_fast64_t workers;		/* stored: that may be at work at this moment */
	atomic_uint_fast64_t workers_busy_most;	/* that had a batch at one time */
};

#define COUNTERS_ADD(c, field, n) \
	atomic_fetch_add_explicit(&(c)->field, (uint_fast64_t)(n), memory_order_relaxed)
#define COUNTERS_SET(c, field, n) atomic_store_explicit(&(c)->field, (n), memory_order_relaxed)
#define COUNTERS_GET(c, field) atomic_load_explicit(&(c)->field, memory_order_relaxed)

/* For the table of this index as well as for all. */
#define COUNTERS_ADD_TABLE(c, index, field, n)				\
	do {								\
		COUNTERS_ADD(c, field, n);				\
		if ((index) < (c)->ntables)				\
			COUNTERS_ADD(&(c)->tables[index], field, n);	\
	} while (0)

/* Stores how far the table is; fine for a table that nobody asks for. */
void counters_table_is(struct counters *c, size_t index, enum table_how_far how_far);
bool counters_table_done(const struct counters *c, size_t index);
/* What is found anew in a run that goes on begins from nothing; what was spent stays. The first for
 * all but the tables. */
void counters_forget(struct counters *c);
void counters_table_forget(struct counters *c, size_t index);

const char *run_phase_name(int phase);	/* "moving" */
const char *run_limit_name(int limit);	/* "source", "target", "throttled", "rate", "processor", "" */

#endif
