#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#define LOOK_EVERY_MS 50

static int64_t read_ms(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(id, &ts);		/* cannot fail for the two clocks it is called with */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t real_now_ms(struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_MONOTONIC);
}

static int64_t real_utc_ms(struct clock *c)
{
	(void)c;
	return read_ms(CLOCK_REALTIME);
}

/* A signal may be delivered to any thread, so waking from the sleep is not relied upon: it is
 * cut into slices. The end is absolute, so that the slices' rounding does not add up. */
static void real_sleep_ms(struct clock *c, int64_t ms, const struct stop *stop)
{
	int64_t now = real_now_ms(c), end;

	if (ms <= 0)
		return;
	end = ms > INT64_MAX - now ? INT64_MAX : now + ms;
	while (now < end && !stop_asked(stop)) {
		int64_t slice = end - now;
		struct timespec ts;

		if (slice > LOOK_EVERY_MS)
			slice = LOOK_EVERY_MS;
		ts.tv_sec = 0;
		ts.tv_nsec = (long)slice * 1000000;
		nanosleep(&ts, NULL);
		now = real_now_ms(c);
	}
}

struct clock *clock_real(void)
{
	static struct clock real = { real_now_ms, real_utc_ms, real_sleep_ms };

	return &real;
}
