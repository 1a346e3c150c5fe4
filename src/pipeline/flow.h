/*
 * The flow that load and verify share: every row of every entity, in one snapshot, made an item or
 * a reject by reader threads, the items handed to worker threads in batches. What is done with a
 * batch is the user's: writing it, or fetching and comparing.
 *
 * Threads, ownership, limits and end are told in load.h.
 */
#ifndef PIPELINE_FLOW_H
#define PIPELINE_FLOW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "base/stop.h"
#include "checkpoint/state.h"
#include "model/reject.h"
#include "model/unit.h"
#include "pipeline/batch.h"
#include "pipeline/counters.h"
#include "pipeline/duplicates.h"
#include "pipeline/hashmap.h"
#include "pipeline/retry.h"
#include "pipeline/table.h"
#include "source/source.h"

struct picks;
struct rate;
struct reject_spool;

/*
 * One unit under way. It is held by its reader and by each of its batches; who lets go last ends
 * it: done if it was read to its end and no batch was given up.
 */
struct work {
	struct unit *unit;		/* set before start; also those below */
	const struct load_table *table;
	const struct entity_source *source;
	const struct duplicates *duplicates;	/* of its table, or NULL */
	size_t table_index;
	size_t flat;			/* the entity's index over all tables */

	struct str rows;		/* of struct unit_next */

	struct hashmap arrived;		/* reader only */
	struct hashmap wanted;		/* reader only: of 'rows', 1: it came */
	uint64_t rows_read;		/* reader only, until it lets go */
	uint64_t rows_gone;		/* reader only, until it lets go: of 'rows', not there */
	bool read_to_end;		/* reader only, until it lets go */

	atomic_uint holds;
	atomic_bool given_up;

	/* The user's: */
	pthread_mutex_t mutex;
	struct load_counts counts;	/* guard: mutex */
	struct reject_spool *spool;	/* made in begin_unit, freed in end_unit */
	void *user;			/* likewise; guard: the user's */
};

struct flow_ops {
	/* A unit begins; the reader's thread. May be NULL. */
	int (*begin_unit)(void *ctx, struct work *w, struct etl_err *err);
	/* A row that makes no item; the reader's thread. 'pk' packed. */
	int (*reject)(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		      struct etl_err *err);
	/* A worker begins and ends; its own thread. 'end' only if 'begin' succeeded. NULL both. */
	int (*begin_worker)(void *ctx, unsigned worker, struct etl_err *err);
	void (*end_worker)(void *ctx, unsigned worker);
	/* A batch, lent; every item of it is dealt with for good when this returns 0. Negative:
	 * the batch is given up and the run fails. */
	int (*batch)(void *ctx, unsigned worker, struct batch *b, struct etl_err *err);
	/* Nobody holds the unit any more; any thread. 'done': read to its end, every batch dealt
	 * with. Called for given up units also, to give back what begin_unit made. */
	int (*end_unit)(void *ctx, struct work *w, bool done, struct etl_err *err);
};

struct flow {				/* everything borrowed until flow_run returns */
	const struct load_table *tables;
	size_t ntables;
	struct duplicates *const *duplicates;	/* for each table, or NULL */
	struct source_reader *const *readers;
	unsigned nreaders, nworkers;
	bool adapts;			/* of the workers as many work as it pays, see width.h */
	uint64_t chunk_rows;
	bool use_checkpoint;
	struct picks *picks;		/* NULL: all rows; else only these */
	const bool *skip;		/* NULL, or for each entity over all tables: not read */
	size_t batch_items;		/* at most BATCH_GET_MAX_KEYS */
	bool keys_only;			/* the items' JSON is not wanted */
	bool computes;			/* the workers wait for nobody: where they are the limit,
					   this machine is */
	struct retry_watch *watch;	/* for counters->limit, as the next */
	struct rate *rate;		/* NULL: there is none */
	struct counters *counters;	/* adds rows_read, units_done; sets limit, limit_ms, workers */
	struct stop *stop;
	const struct flow_ops *ops;
	void *ctx;
};

/* 0: every unit of every entity is done. */
int flow_run(const struct flow *flow, struct etl_err *err);

/* How many threads to use of those wanted; 0: as load.h says. At most LOAD_MAX_THREADS. */
unsigned flow_readers(unsigned wanted);
unsigned flow_workers(unsigned wanted);

/* Looks for duplicate keys in each table; 'out' has room for ntables, freed by the second. */
int flow_find_duplicates(struct source_reader *r, const struct load_table *tables, size_t ntables,
			 const struct stop *stop, struct duplicates **out, struct etl_err *err);
void flow_free_duplicates(struct duplicates **d, size_t ntables);

#endif
