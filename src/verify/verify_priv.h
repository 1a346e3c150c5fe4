/* What the files of verify share. */
#ifndef VERIFY_VERIFY_PRIV_H
#define VERIFY_VERIFY_PRIV_H

#include <pthread.h>
#include "checkpoint/checkpoint.h"
#include "pipeline/flow.h"
#include "pipeline/readers.h"
#include "verify/fetch.h"
#include "verify/findings.h"
#include "verify/indexes.h"
#include "verify/queries.h"
#include "verify/sums.h"
#include "verify/verify.h"
#include "verify/wrongs.h"

struct segment_place {			/* of a scan */
	struct buf next;		/* where its next page begins; empty: its beginning */
	bool done;
};

struct verify {
	const struct verify_job *job;	/* set before start; also those below */
	struct verify_result *result;
	unsigned nworkers;
	struct readers readers;
	struct retry_watch watch;
	struct fetching fetching;
	struct regain regain;
	struct findings_mark before;	/* what was found in the tables before this one, and */
	size_t examples_before;		/* the examples of rejects that are of them */
	struct findings *findings;
	unsigned char secret[KEYED_HASH_SECRET_BYTES];
	struct wrongs *wrongs;		/* NULL, or gets what is found */
	struct wrongs_mark wrongs_before;	/* as 'before' */

	/* Of the table being verified; set between the threads' lives. */
	size_t table_index;
	const struct load_table *table;
	struct verify_table_result *table_result;
	struct verify_entity_result *entities;	/* of this table */
	struct duplicates *duplicates;

	pthread_mutex_t mutex;		/* guards the results while threads live, and the sums */
	struct sums *expected;		/* of the items that the rows make */
	struct sums *actual;		/* of those that the target holds */
	struct segment_place *segments;	/* nworkers; how far the target's scan is in those */
	struct checkpoint *units;	/* NULL: nothing is kept; else the units in 'expected'. Set
					   between the threads' lives */
	bool saving;			/* a thread writes down how far this is */
	int64_t saved_ms;		/* when one did so last */
	struct index_sum index_sums[MAX_INDEXES];	/* of the entries that the rows make */
	struct probes *probes;		/* for each entity: items to query for */
	/* Keys of the table's items that differ, to be read again; guard: mutex. */
	struct hashmap suspects;
	struct hashmap seen;		/* differences of the first reading; likewise */
	bool too_many_suspects;		/* likewise: not all are there */
	bool rechecking;		/* set between the threads' lives, as the next */
	bool only_seen;			/* what was not in the first reading does not count */
};

/* The flow over the table's rows, with verify's settings; ops, ctx and keys_only are the caller's
 * to set. */
struct flow verify_flow(struct verify *v, struct counters *counters);

/*
 * Streams both sides of the table once, at the same time: fills expected and actual (but for
 * VERIFY_COUNT, which counts only), the entities' counts, and the table's items_scanned.
 */
int verify_sides(struct verify *v, struct etl_err *err);

/* A row that makes no item: counted in its entity, the first of them kept for the report. */
void verify_count_reject(struct verify *v, const struct work *w, struct str pk,
			 const struct reject *rej);
/* The second half of that. */
void verify_keep_reject(struct verify *v, const struct work *w, struct str pk,
			const struct reject *rej);
/* The same for a row whose item was refused during the load and is not there. */
void verify_keep_refused(struct verify *v, const struct batch *b, size_t i);

/*
 * Names what differs, after verify_sides: reads the rows once more, in the same snapshot, and asks
 * the target for the items of those buckets that differ; where keys differ, scans it for items that
 * no row explains. Fills findings and the entities' and the table's counts of them.
 */
int verify_differing(struct verify *v, struct etl_err *err);

/* A scan for keys beside that of verify_sides: its items are counted nowhere, what it costs is. */
int key_scan_segment(struct verify *v, const struct scan_part *part, const struct scan_ops *ops,
		     void *arg, struct etl_err *err);
/* Of an item, or of its key alone. */
int key_scan_sum(const struct verify *v, struct summer *summer, struct str item_json,
		 struct item_sum *out, struct etl_err *err);

/* Takes down that the item of this key differs, where that is of use. Any thread. */
void verify_suspect(struct verify *v, struct hash128 key);

/* Does this difference count? Not if it is new when both sides are read again. Any thread. */
bool verify_counts(struct verify *v, struct hash128 difference);

/* An item that is wrong, as it was seen; 'item_json' with ptr NULL: it is missing. Any thread. */
int verify_wrong(struct verify *v, enum finding_kind kind, struct str key_json,
		 struct str item_json, struct etl_err *err);

/* Runs 'run' with all that a verify has, on a thread of its own, and fills in what a result says of
 * it; the result's tables are there already, or made by 'run'. */
int verify_with(const struct verify_job *job, struct verify_result *result,
		int (*run)(struct verify *v, void *arg, struct etl_err *err), void *arg,
		struct etl_err *err);

/* 'one' for each table, all in one new snapshot; in another one from a table on that the source was
 * lost under, which is begun anew. */
int verify_each_table(struct verify *v,
		      int (*one)(struct verify *v, void *arg, struct etl_err *err), void *arg,
		      struct etl_err *err);

/* Forgets the differences that were found in the table, but for the rows and items counted. */
void verify_forget_differences(struct verify *v);

/* Reads both sides of v->suspects again; what differs is found. */
int verify_suspects(struct verify *v, struct etl_err *err);

/* The table's verdict and counts, after that. */
void verify_judge_again(struct verify *v);

/* The whole verdict. -ETL_ESOURCE: nothing was compared. */
int verify_judge_all(struct verify *v, struct etl_err *err);

/*
 * Where something was found: waits, takes a new snapshot, reads both sides of what differed again,
 * and puts what it finds in place of what was found. 'before': what had been found before this
 * table.
 */
int verify_recheck(struct verify *v, const struct findings_mark *before, struct etl_err *err);

/*
 * resume.c; nothing without job->resume. Before the first pass over a table: brings back what was
 * kept of it. After: gives back what that took.
 */
int resume_table(struct verify *v, struct etl_err *err);
void resume_table_end(struct verify *v);
/* A unit of rows is in v->expected. v->mutex is held. */
int resume_unit_done(struct verify *v, const struct work *w, struct etl_err *err);
/* To be called after each step, v->mutex not held: writes down how far the table is, if 'now' or
 * it is time. Any thread. */
void resume_save(struct verify *v, bool now);
/* Every table is compared, or what is kept cannot be trusted: nothing stays. */
void resume_finished(struct verify *v);

/* Compares job->sample_rows rows of the table, drawn at random. */
int verify_sample(struct verify *v, struct etl_err *err);

#endif
