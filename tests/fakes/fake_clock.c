#include "fakes/fake_clock.h"

static struct fake_clock *of(struct clock *c)
{
	return (struct fake_clock *)c;
}

static int64_t now_ms(struct clock *c)
{
	return atomic_load(&of(c)->now_ms);
}

static void sleep_ms(struct clock *c, int64_t ms, const struct stop *stop)
{
	struct fake_clock *f = of(c);
	int_fast64_t longest = atomic_load(&f->longest_ms);

	if (stop_asked(stop))
		return;
	atomic_fetch_add(&f->sleeps, 1);
	atomic_fetch_add(&f->slept_ms, ms);
	atomic_fetch_add(&f->now_ms, ms);
	while (ms > longest && !atomic_compare_exchange_weak(&f->longest_ms, &longest, ms))
		;
}

void fake_clock_init(struct fake_clock *c, int64_t start_ms)
{
	c->clock = (struct clock){ now_ms, now_ms, sleep_ms };
	atomic_init(&c->now_ms, start_ms);
	atomic_init(&c->slept_ms, 0);
	atomic_init(&c->longest_ms, 0);
	atomic_init(&c->sleeps, 0);
}
