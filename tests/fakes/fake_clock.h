/*
 * A clock that stands still but for sleeping: sleep_ms moves it and returns at once. Thread-safe.
 */
#ifndef TESTS_FAKES_FAKE_CLOCK_H
#define TESTS_FAKES_FAKE_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include "base/clock.h"

struct fake_clock {
	struct clock clock;		/* first member */
	atomic_int_fast64_t now_ms;
	atomic_int_fast64_t slept_ms;	/* in all */
	atomic_int_fast64_t longest_ms;	/* of one sleep */
	atomic_uint_fast64_t sleeps;
};

void fake_clock_init(struct fake_clock *c, int64_t now_ms);

#endif
