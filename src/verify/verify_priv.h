/* What the files of verify share. */
#ifndef VERIFY_VERIFY_PRIV_H
#define VERIFY_VERIFY_PRIV_H

#include <pthread.h>
#include "pipeline/flow.h"
#include "verify/buckets.h"
#include "verify/fetch.h"
#include "verify/findings.h"
#include "verify/verify.h"

struct verify_worker;

struct verify {
	const struct verify_job *job;	/* set before start; also those below */
	struct verify_result *result;
	unsigned nreaders, nworkers;
	struct source_reader **readers;
	struct retry_watch watch;
	struct findings *findings;
	struct verify_worker *workers;

	/* Of the table being verified; set between the threads' lives. */
	const struct load_table *table;
	struct verify_table_result *table_result;
	struct verify_entity_result *entities;	/* of this table */
	struct duplicates *duplicates;
	struct buckets *expected;	/* keys of all expected items */
	struct buckets *matched;	/* of those that the target gave */
	struct buckets *scanned;	/* keys that the scan gave */

	pthread_mutex_t mutex;		/* guards the results while threads live */
};

/* The flow over the table's rows, with verify's settings; ops, ctx and keys_only are the caller's
 * to set. */
struct flow verify_flow(struct verify *v, struct counters *counters);

/* Scans the whole table with all workers; 'key' is called by any of them. */
int verify_scan(struct verify *v, struct counters *counters,
		int (*key)(void *arg, struct hash128 hash, struct str key_json,
			   struct etl_err *err),
		void *arg, struct etl_err *err);

/* Finds the items that no row explains, after expected, matched and scanned were filled. */
int verify_extra(struct verify *v, struct etl_err *err);

#endif
