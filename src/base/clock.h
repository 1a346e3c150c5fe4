/*
 * Time by pointer, so that tests bring their own. now_ms: monotonic milliseconds. utc_ms: Unix
 * time in milliseconds. sleep_ms: sleeps, at most until 'stop' (may be NULL) is asked; the real
 * clock looks at it at least every 50 ms.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include "base/stop.h"

struct clock {
	int64_t (*now_ms)(struct clock *c);
	int64_t (*utc_ms)(struct clock *c);
	void (*sleep_ms)(struct clock *c, int64_t ms, const struct stop *stop);
};

struct clock *clock_real(void);		/* never freed; thread-safe */

#endif
