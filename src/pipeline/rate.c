#include "pipeline/rate.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/pace.h"

#define LOOK_EVERY_MS 100

struct rate {
	struct clock *clock;		/* set before start */
	pthread_mutex_t mutex;
	struct pace run;		/* guard: mutex; also those below */
	struct pace *tables;
	struct rate_waits waits;
};

struct rate *rate_new(struct clock *clock, size_t ntables, uint64_t max_wcu)
{
	struct rate *r = mem_zalloc(sizeof(*r));
	int64_t now_ms = clock->now_ms(clock);
	size_t i;

	r->clock = clock;
	pthread_mutex_init(&r->mutex, NULL);
	pace_init(&r->run, (double)max_wcu, now_ms);
	r->tables = mem_array(ntables ? ntables : 1, sizeof(*r->tables));
	for (i = 0; i < ntables; i++)
		pace_init(&r->tables[i], 0, now_ms);
	return r;
}

void rate_free(struct rate *r)
{
	if (!r)
		return;
	pthread_mutex_destroy(&r->mutex);
	free(r->tables);
	free(r);
}

/* Mutex held. The wait may become shorter or longer meanwhile. */
static void sleep_a_little(struct rate *r, int64_t wait_ms, bool for_run, const struct stop *stop)
{
	unsigned *waiting = for_run ? &r->waits.by_run_now : &r->waits.by_table_now;

	++*waiting;
	pthread_mutex_unlock(&r->mutex);
	r->clock->sleep_ms(r->clock, wait_ms, stop);
	pthread_mutex_lock(&r->mutex);
	--*waiting;
}

bool rate_take(struct rate *r, size_t table, double units, const struct stop *stop)
{
	int64_t now_ms = r->clock->now_ms(r->clock);
	bool by_run = false, by_table = false;
	double in_run, in_table;

	pthread_mutex_lock(&r->mutex);
	in_run = pace_take(&r->run, units, now_ms);
	in_table = pace_take(&r->tables[table], units, now_ms);
	while (!stop_asked(stop)) {
		double run_ms, table_ms, wait_ms;

		now_ms = r->clock->now_ms(r->clock);
		run_ms = pace_wait_ms(&r->run, in_run, now_ms);
		table_ms = pace_wait_ms(&r->tables[table], in_table, now_ms);
		wait_ms = ceil(run_ms > table_ms ? run_ms : table_ms);
		if (wait_ms <= 0)
			break;
		*(run_ms > table_ms ? &by_run : &by_table) = true;
		sleep_a_little(r, wait_ms > LOOK_EVERY_MS ? LOOK_EVERY_MS : (int64_t)wait_ms,
			       run_ms > table_ms, stop);
	}
	r->waits.requests++;
	r->waits.by_run += by_run;
	r->waits.by_table += by_table;
	pthread_mutex_unlock(&r->mutex);
	return !stop_asked(stop);
}

void rate_answered(struct rate *r, size_t table, double taken, double spent, bool throttled)
{
	int64_t now_ms = r->clock->now_ms(r->clock);

	pthread_mutex_lock(&r->mutex);
	pace_settle(&r->run, taken, spent);
	if (!throttled || spent > taken)
		pace_settle(&r->tables[table], taken, spent);
	pace_learn(&r->tables[table], spent, throttled, now_ms);
	pthread_mutex_unlock(&r->mutex);
}

struct rate_waits rate_waits(struct rate *r)
{
	struct rate_waits waits;

	pthread_mutex_lock(&r->mutex);
	waits = r->waits;
	pthread_mutex_unlock(&r->mutex);
	return waits;
}
