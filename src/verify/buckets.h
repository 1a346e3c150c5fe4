/*
 * Sums of keys: a set of keys of any size in constant memory, so that two sets can be compared and
 * the place where they differ is known to one part in VERIFY_BUCKETS. A bucket holds the number of
 * keys and the sums of both halves of their hashes; the hashes are SHA-256's, so sets that differ
 * but sum up the same cannot be had by chance or skill. Any thread may add at any time.
 */
#ifndef VERIFY_BUCKETS_H
#define VERIFY_BUCKETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/digest.h"
#include "verify/verify.h"

struct bucket {
	atomic_uint_fast64_t n, hi, lo;
};

struct buckets {
	struct bucket b[VERIFY_BUCKETS];
};

static inline size_t bucket_of(struct hash128 hash)
{
	return hash.hi % VERIFY_BUCKETS;
}

void buckets_add(struct buckets *b, struct hash128 hash);
bool bucket_equal(const struct buckets *x, const struct buckets *y, size_t i);
uint64_t buckets_count(const struct buckets *b);	/* of all */

#endif
