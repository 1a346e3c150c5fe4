/*
 * A load: every row of every entity becomes an item in its DynamoDB table, or a reject.
 *
 * Threads. 'readers' threads take work units (ranges of an entity's primary key) from one planner,
 * read their rows and make them items in place; 'workers' threads write batches of up to 25 items,
 * each on a connection of its own. Unless their number is given there are LOAD_MAX_WIDTH of them, of
 * which a gate lets in as many as it pays (pipeline/width.h). Between readers and workers stands a
 * queue of batches. A thread coordinates: it prepares, starts all, looks at
 * the stop token 20 times a second, and joins all. The calling thread waits for it, ticking, and
 * returns when no thread is left.
 *
 * Ownership and memory. There are readers + 2 * workers batches, no more ever, and what the full ones
 * hold, with the copy of it that a request is, has a budget; a reader that finds none free or
 * nothing left of the budget waits, which is the back-pressure. A batch holds up to 25 items or
 * about 256 KiB of requests (one item may be larger than that), so the limit is
 *	BATCH_BUDGET_BYTES + readers * (4 * (256 KiB + one item's JSON) + source's buffer (8 MiB where
 *	values may be cut, see source/mysql/hold.c) + one row) +
 *	(readers + 2 * workers) * BATCH_KEEP_BYTES + workers * (64 KiB + a connection),
 * besides 24 bytes for each row that is known to lose its key to another one, and the rejects of
 * the units under way (1 MiB each in memory, see checkpoint/rejects.h).
 *
 * Keys. No request holds a key twice, and no two requests in flight hold the same key: a worker
 * claims the keys of its batch first and waits while another has one of them.
 *
 * Done. A batch belongs to one unit. A unit is done when it was read to its end and the last of its
 * items was acknowledged or rejected; then its rejects are made durable and the journal says done.
 * A unit that was given up half-way leaves nothing but items that the next run writes again.
 *
 * Write modes. 'condition' says what may happen to an item that is there already (sink.h). Each row
 * that makes an item is counted once, as
 *	written		the item was put: DynamoDB said so, or said that the condition does not hold
 *			and the very item is there, where it may be by an attempt of this load: one
 *			whose answer was lost, one that HTTP sent again unseen, or one of an earlier
 *			run that did not finish the unit (put.h). With that doubt an item that
 *			somebody else made exactly the same meanwhile counts as written, too;
 *	replaced	a part of written: the answer showed an older item that the put replaced
 *			(newer). Where the answer was lost nobody knows, and it is not counted;
 *	skipped		the condition does not hold, and what is there is something else, or cannot
 *			come from this load. It stays as it is. Also where the load's own item was
 *			there and somebody replaced it before the load heard that it was written;
 *	same		a part of skipped: the item that is there is what the row makes;
 *	rejected	DynamoDB refused it for what it holds.
 * A resumed load reads a new snapshot: an item that its earlier run wrote from a row that was
 * changed since stays as it is with if-absent, and is replaced if it is older with newer.
 * No mode knows of items that somebody deleted: a row that the snapshot still has makes one.
 * Loss of the source. A lost connection takes its snapshot with it. The flow ends, what was
 * finished stays so, and when job->look says that the source is back a new flow goes on in a new
 * snapshot with what the journal says is not done. An item is always of one snapshot; that all are
 * of the same one holds for a load that lost nothing, and the result lists every snapshot.
 *
 * End. The last reader to finish closes the queue and the workers run it empty. The first failure,
 * or a signal, asks the stop token: readers leave, the queue is abandoned, each worker finishes the
 * request that is in flight, all are joined and every batch is counted home. The first error wins.
 */
#ifndef PIPELINE_LOAD_H
#define PIPELINE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/clock.h"
#include "base/stop.h"
#include "checkpoint/state.h"
#include "model/reject.h"
#include "pipeline/counters.h"
#include "pipeline/regain.h"
#include "pipeline/retry.h"
#include "pipeline/skew.h"
#include "pipeline/table.h"
#include "sink/sink.h"
#include "source/source.h"

#define LOAD_MAX_WIDTH 128		/* workers, where their number is not given */
#define LOAD_DEFAULT_CHUNK_ROWS 10000
#define LOAD_MAX_THREADS 256		/* of readers, and of workers */
#define LOAD_TICK_MS 200
#define LOAD_HEAVY_KEYS 10		/* of all tables, kept for the report */
#define LOAD_HEAVY_UNITS 1000		/* a key that gets less is no matter */
#define LOAD_HEAVY_SHARE 50		/* nor one with less than one in so many of the table's */

struct picks;
struct reject_spool;

struct load_job {			/* everything borrowed until load_run returns */
	struct source *source;
	struct sink *sink;
	struct clock *clock;
	struct stop *stop;		/* asked by a signal, and by a load that fails */
	struct counters *counters;	/* zeroed by the caller */
	const char *state_dir;		/* for the rejects of units under way; NULL is
					   fine if no table has a checkpoint */
	size_t ntables;
	const struct load_table *tables;
	unsigned readers;		/* 0: as many as processors, at most 4 */
	unsigned workers;		/* 0: up to LOAD_MAX_WIDTH, as many as it pays */
	uint64_t chunk_rows;		/* rows of a unit; 0: LOAD_DEFAULT_CHUNK_ROWS */
	struct put_condition condition;	/* zeroed: overwrite */
	bool has_max_rejects;
	uint64_t max_rejects;		/* more than this end the run; earlier runs' count*/
	bool allow_empty;		/* no row in any table is fine */
	/* NULL: all rows. Else only these, and those that lose their item to one of them, which are
	 * added; no table has a checkpoint then. */
	struct picks *picks;
	struct reject_spool *rejects;	/* NULL, or takes the rejects of tables that have no
					   checkpoint */
	uint64_t max_wcu;		/* write units a second, over all tables; 0: no limit */
	struct retry_policy retry;	/* zeroed: defaults */
	struct source_look look;	/* zeroed: the loss of the source ends the run. Only for jobs
					   whose tables all have a checkpoint */
	/* NULL, or called with 'tick_arg' by the calling thread about every LOAD_TICK_MS while the
	 * load goes on: a place to show how far it is. */
	void (*tick)(void *arg);
	void *tick_arg;
};

struct load_entity_result {
	const char *table;		/* DynamoDB's name; borrowed from the job's tables */
	const char *entity;
	/* This run and the units that earlier runs had done: */
	struct load_counts counts;
	/* Of these by earlier runs: */
	struct load_counts resumed;
	uint64_t units, units_resumed;	/* done */
	/* Of this run only, because the journal does not keep them: */
	uint64_t rejects[REJECT_CODE_COUNT];
	size_t nindexes;
	const char *index_names[MAX_INDEXES];
	uint64_t index_entries[MAX_INDEXES];	/* items that entered the index */
	uint64_t index_sparse[MAX_INDEXES];	/* items left out by a NULL or empty key */
	uint64_t index_units[MAX_INDEXES];	/* write units of those entries, by their sizes */
	uint64_t rows_gone;		/* of job->picks: no longer in the source */
	bool counted;			/* rows_read was proven against the source's own count */
};

/* A partition key that got much of what its table got, this run: by the sizes of the items that were
 * written, without indexes. */
struct load_heavy_key {
	const char *table;		/* borrowed from the job's tables */
	struct skew_key key;
	uint64_t table_units;
};

struct load_result {			/* zeroed by load_run; valid also when it fails */
	size_t nentities;		/* of all tables, in order */
	struct load_entity_result *entities;
	struct load_counts counts;	/* the sum of the entities' */
	uint64_t rows_gone;		/* likewise */
	uint64_t rows_picked;		/* in job->picks at the end */
	uint64_t requests, retries, throttles, unprocessed;
	uint64_t limit_ms[LIMIT_COUNT];	/* of the moving: how long each was the limit */
	struct snapshot_info snapshot;	/* the last */
	size_t nsnapshots;		/* that the items are of: all of the journal, earlier runs' too */
	char **snapshots;		/* each in words, the last one last */
	unsigned losses;		/* of the source, after which this run went on */
	unsigned readers, workers;	/* as used; of workers the most at one time */
	bool resumed;			/* an earlier run's work was found and used */
	bool complete;			/* every row is an item or a reject, the sums hold and the
					   journals say so. Stays true where load_run fails only
					   because no row was found */
	bool too_many_rejects;		/* ended by max_rejects */
	size_t nheavy;			/* of each table the heaviest first */
	struct load_heavy_key heavy[LOAD_HEAVY_KEYS];
	size_t nexamples;		/* the first reject lines (JSON objects) of this run, of each code */
	char *examples[REJECT_EXAMPLES_MAX];
	enum reject_code example_codes[REJECT_EXAMPLES_MAX];
	int64_t duration_ms;
};

/*
 * Runs the load. 0: complete, perhaps with rejects (counts.rows_rejected). Negative:
 * -ETL_ESTOPPED after a signal; -ETL_ESOURCE after too many rejects or if no row was found in any
 * table (unless allow_empty); -ETL_EINTERNAL if a sum does not hold; else the first error of a
 * reader or worker. What was finished is in the journals in any case, and the same job run again
 * goes on from there. A journal that is finished begins anew; journals are finished all together at
 * the very end. The caller closes the checkpoints, and must not call the load done if that fails.
 */
int load_run(const struct load_job *job, struct load_result *result, struct etl_err *err);

void load_result_release(struct load_result *r);

#endif
