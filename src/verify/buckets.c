#include "verify/buckets.h"

static void add(atomic_uint_fast64_t *at, uint64_t n)
{
	atomic_fetch_add_explicit(at, n, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *at)
{
	return atomic_load_explicit((atomic_uint_fast64_t *)at, memory_order_relaxed);
}

void buckets_add(struct buckets *b, struct hash128 hash)
{
	struct bucket *bucket = &b->b[bucket_of(hash)];

	add(&bucket->n, 1);
	add(&bucket->hi, hash.hi);
	add(&bucket->lo, hash.lo);
}

bool bucket_equal(const struct buckets *x, const struct buckets *y, size_t i)
{
	const struct bucket *a = &x->b[i], *b = &y->b[i];

	return get(&a->n) == get(&b->n) && get(&a->hi) == get(&b->hi) &&
	       get(&a->lo) == get(&b->lo);
}

uint64_t buckets_count(const struct buckets *b)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < VERIFY_BUCKETS; i++)
		n += get(&b->b[i].n);
	return n;
}
