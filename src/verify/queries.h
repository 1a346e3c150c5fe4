/*
 * Access patterns: does a Query answer what a row says (--indexes)? For an item whose row is known, the
 * table and each index that it should be in are asked for its partition key; for that and its sort key;
 * and, where that is text, for a sort key that begins as it does. Each answer has to hold the item
 * with the attributes that the index projects, as the row says, and nothing of another key.
 *
 * Of a large partition the first QUERY_MAX_PAGES pages are looked at; an item that may come later is
 * undecided, not wrong.
 */
#ifndef VERIFY_QUERIES_H
#define VERIFY_QUERIES_H

#include "base/err.h"
#include "verify/fetch.h"

#define QUERY_MAX_PAGES 4
#define QUERY_TRIES 3			/* of an index, which follows its table a little later */
#define QUERY_WAIT_MS 1000
#define QUERY_PATIENCE 3		/* after so many wrong ones it is not waited for any more */
#define PROBES 3			/* items of each entity that are asked for */

struct verify;

/* Items to ask for: those with the least hashes, so that each is as likely. A zeroed one has none. */
struct probes {
	size_t n;
	struct probe { uint64_t hash; uint32_t mask; struct buf json; } list[PROBES];
};
void probes_add(struct probes *p, uint64_t hash, uint32_t index_mask, struct str item_json);
void probes_add_all(struct probes *p, const struct probes *more);
void probes_release(struct probes *p);

/* Asks for one item that a row makes, bit i of 'index_mask': it is in index i. Results go to the
 * table's. Any thread. */
int verify_query_item(struct verify *v, struct fetcher *f, uint32_t index_mask,
		      struct str item_json, struct etl_err *err);

/* Asks for all of v->probes. */
int verify_queries(struct verify *v, struct etl_err *err);

#endif
