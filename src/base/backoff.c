#include "base/backoff.h"

#include <limits.h>

/* splitmix64: any state is a good one, also 0. https://prng.di.unimi.it/splitmix64.c */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void backoff_init(struct backoff *b, int64_t base_ms, int64_t cap_ms, uint64_t seed)
{
	b->base_ms = base_ms;
	b->cap_ms = cap_ms;
	b->tries = 0;
	b->rng = seed;
}

int64_t backoff_next_ms(struct backoff *b)
{
	int64_t limit = b->base_ms;
	unsigned i;

	if (b->tries < UINT_MAX)
		b->tries++;
	if (limit <= 0 || b->cap_ms <= 0)
		return 0;
	for (i = 1; i < b->tries && limit < b->cap_ms; i++)
		limit = limit > b->cap_ms / 2 ? b->cap_ms : limit * 2;
	if (limit > b->cap_ms)
		limit = b->cap_ms;
	return (int64_t)(next_random(&b->rng) % ((uint64_t)limit + 1));
}

void backoff_reset(struct backoff *b)
{
	b->tries = 0;
}
