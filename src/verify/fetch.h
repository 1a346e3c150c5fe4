/*
 * Reading the target, retried by the rules of pipeline/retry.h. Under a limit of read units
 * (--max-rcu) a request takes its units before it sets out, by an estimate, and is settled by what
 * the service says that it cost; scans ask for pages of about a quarter of a second's units.
 */
#ifndef VERIFY_FETCH_H
#define VERIFY_FETCH_H

#include "base/digest.h"
#include "base/err.h"
#include "base/stop.h"
#include "pipeline/batch.h"
#include "pipeline/counters.h"
#include "pipeline/rate.h"
#include "pipeline/retry.h"
#include "sink/sink.h"

struct fetching {			/* what the fetchers of a run share; everything borrowed */
	struct sink *sink;
	struct retry_watch *watch;
	struct counters *counters;
	const struct stop *stop;
	struct rate *rate;		/* NULL: reads cost what they cost; else of one table */
	uint64_t max_rcu;		/* with it: units a second */
};

struct fetcher {			/* of one thread */
	const struct fetching *shared;	/* borrowed */
	struct sink_conn *conn;
	struct retry retry;
	double item_units;		/* what a scan pays for an item; 0: not known yet */
};

/* Opens the connection; to be closed by fetcher_end if 0. */
int fetcher_begin(struct fetcher *f, const struct fetching *shared, uint64_t seed,
		  struct etl_err *err);
void fetcher_end(struct fetcher *f);

/*
 * Asks for the keys of b->items[at[0..n)] until each is known to be there or not. 'found' is called
 * once for each that is there, with its JSON, lent; got[at[i]] tells which. at[] is used up.
 */
int fetch_items(struct fetcher *f, const struct table_def *def, const struct batch *b, size_t *at,
		size_t n, bool *got,
		int (*found)(void *arg, const struct batch *b, size_t i, struct str item_json,
			     struct etl_err *err),
		void *arg, struct etl_err *err);

/*
 * What is done with a scan's pages. A page may break off and come again: what 'item' was given
 * counts only when 'end' is called, and is forgotten at 'begin'.
 */
struct scan_ops {
	void (*begin)(void *arg);
	int (*item)(void *arg, struct str item_json, struct etl_err *err);	/* lent */
	/* 'n' items came; 'next' is where the next page begins, empty after the last one */
	int (*end)(void *arg, size_t n, struct str next, struct etl_err *err);
};

/* Scans a segment from 'start' (empty: its beginning) to its end; part->limit is not looked at. */
int fetch_scan(struct fetcher *f, const struct table_def *def, const struct scan_part *part,
	       struct str start, const struct scan_ops *ops, void *arg, struct etl_err *err);

/* One page of a query, until it comes; 'found' may be given items more than once. */
int fetch_query(struct fetcher *f, const struct table_def *def, const struct query *query,
		struct buf *start_key, sink_item_fn *found, void *arg, struct etl_err *err);

#endif
