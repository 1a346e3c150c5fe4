/*
 * Indexes held against the rows: which items should be in each, and which are (--indexes).
 *
 * An index has an entry for each item that has all its key attributes. The rows' items say which
 * those are: they are counted, and their table keys summed up behind the run's secret as in
 * verify/sums.h. A scan of the index gives the table keys of its entries. Equal counts and sums prove
 * that the right items are in it; what else an entry holds is a matter of verify/queries.h.
 *
 * Indexes follow their table a little later, and cannot be read strongly consistent: a difference
 * counts only if it is still there after INDEX_TRIES scans, INDEX_WAIT_MS apart.
 */
#ifndef VERIFY_INDEXES_H
#define VERIFY_INDEXES_H

#include "base/err.h"
#include "verify/sums.h"

#define INDEX_TRIES 3
#define INDEX_WAIT_MS 1000

struct verify;

struct index_sum { uint64_t n, key[2]; };	/* entries, their keys; zeroed: of none */

static inline void index_sum_add(struct index_sum *s, const struct index_sum *more)
{
	s->n += more->n;
	s->key[0] += more->key[0];
	s->key[1] += more->key[1];
}

/* Adds an item to the sums of the indexes that it enters, bit i of 'mask': index i. */
static inline void index_sums_add(struct index_sum *sums, uint32_t mask, struct hash128 key)
{
	const struct index_sum one = { 1, { key.hi, key.lo } };

	for (; mask; mask &= mask - 1)
		index_sum_add(&sums[__builtin_ctz(mask)], &one);
}

/* After the rows were summed up: scans each index of the table, fills in its results. */
int verify_indexes(struct verify *v, struct etl_err *err);

#endif
