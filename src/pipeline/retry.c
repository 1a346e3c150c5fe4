#include "pipeline/retry.h"

#include <stddef.h>

#include "base/log.h"

#define SAY_EVERY_MS 600000

struct retry_policy retry_policy_default(void)
{
	return (struct retry_policy){
		.throttle_base_ms = 50, .base_ms = 50, .cap_ms = 20000, .stall_ms = 600000,
		.max_expired = 5,
	};
}

void retry_watch_init(struct retry_watch *w, const struct retry_policy *policy,
		      struct clock *clock, struct counters *counters)
{
	struct retry_policy d = retry_policy_default();

	w->policy = policy ? *policy : d;
	if (!w->policy.throttle_base_ms)
		w->policy.throttle_base_ms = d.throttle_base_ms;
	if (!w->policy.base_ms)
		w->policy.base_ms = d.base_ms;
	if (!w->policy.cap_ms)
		w->policy.cap_ms = d.cap_ms;
	if (!w->policy.stall_ms)
		w->policy.stall_ms = d.stall_ms;
	if (!w->policy.max_expired)
		w->policy.max_expired = d.max_expired;
	w->clock = clock;
	w->counters = counters;
	atomic_init(&w->progress_ms, clock->now_ms(clock));
	atomic_init(&w->throttled_now, 0);
	atomic_init(&w->said_ms, -1);
}

void retry_init(struct retry *r, struct retry_watch *watch, uint64_t seed)
{
	r->watch = watch;
	r->failing_since_ms = -1;
	r->expired = 0;
	backoff_init(&r->backoff, watch->policy.base_ms, watch->policy.cap_ms, seed);
}

void retry_progress(struct retry *r)
{
	struct clock *clock = r->watch->clock;

	r->failing_since_ms = -1;
	r->expired = 0;
	backoff_reset(&r->backoff);
	atomic_store_explicit(&r->watch->progress_ms, clock->now_ms(clock), memory_order_relaxed);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A source that gives no row for an hour is no stall: the time counts from the later of the last
 * progress of anyone and the first failure of this thread's present run of failures. */
static int64_t stalled_ms(struct retry *r, int64_t now)
{
	int64_t progress = atomic_load_explicit(&r->watch->progress_ms, memory_order_relaxed);

	if (r->failing_since_ms < 0)
		r->failing_since_ms = now;
	return now - later(progress, r->failing_since_ms);
}

static int give_up(int64_t stalled, const struct etl_err *cause,
		   struct etl_err *err)
{
	int rc;

	if (!cause)
		return etl_err_set(err, ETL_ETHROTTLED, "nothing went forward for %lld s: the "
				   "target answers, but leaves everything undone",
				   (long long)(stalled / 1000));
	rc = etl_err_set(err, cause->code, "nothing went forward for %lld s: %s",
			 (long long)(stalled / 1000), cause->msg);
	if (cause->hint[0])
		etl_err_hint(err, "%s", cause->hint);
	return rc;
}

/* By one thread of those that hear it at the same time. */
static void say(struct retry_watch *w, const struct etl_err *cause, int64_t now)
{
	int_fast64_t said = atomic_load(&w->said_ms);

	if (said >= 0 && now - said < SAY_EVERY_MS)
		return;
	if (!atomic_compare_exchange_strong(&w->said_ms, &said, now))
		return;
	log_warn("%s%s%s", cause->msg, cause->hint[0] ? ": " : "", cause->hint);
}

int retry_wait(struct retry *r, const struct etl_err *cause, const struct stop *stop,
	       struct etl_err *err)
{
	struct retry_watch *w = r->watch;
	int64_t now = w->clock->now_ms(w->clock), stalled, delay_ms;
	bool throttled = !cause || cause->code == ETL_ETHROTTLED;

	if (cause) {
		switch (cause->code) {
		case ETL_ETHROTTLED:
			COUNTERS_ADD(w->counters, throttles, 1);
			say(w, cause, now);
			break;
		case ETL_ETRANSIENT:
		case ETL_EUNKNOWN:
			break;
		case ETL_EEXPIRED:
			if (++r->expired > w->policy.max_expired)
				return etl_err_copy(err, cause);
			break;
		default:
			return etl_err_copy(err, cause);
		}
	}
	stalled = stalled_ms(r, now);
	if (stalled >= w->policy.stall_ms)
		return give_up(stalled, cause, err);
	r->backoff.base_ms = throttled ? w->policy.throttle_base_ms : w->policy.base_ms;
	delay_ms = backoff_next_ms(&r->backoff);
	atomic_fetch_add(&w->throttled_now, throttled);
	if (!stop_asked(stop))
		w->clock->sleep_ms(w->clock, delay_ms, stop);
	atomic_fetch_sub(&w->throttled_now, throttled);
	if (stop_asked(stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting to send again");
	COUNTERS_ADD(w->counters, retries, 1);
	return 0;
}
