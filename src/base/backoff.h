/*
 * Exponential backoff with full jitter:
 *   delay = random(0, min(base * 2^(n-1), cap)), reset by any progress.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
	int64_t base_ms;
	int64_t cap_ms;
	unsigned tries;		/* failures in a row */
	uint64_t rng;		/* state of the jitter, any seed */
};

void backoff_init(struct backoff *b, int64_t base_ms, int64_t cap_ms, uint64_t seed);
int64_t backoff_next_ms(struct backoff *b);	/* counts one failure, gives the delay */
void backoff_reset(struct backoff *b);

#endif
