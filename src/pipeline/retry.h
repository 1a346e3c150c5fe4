/*
 * When a request to the target is sent again, how long to wait before, and when to give up.
 *
 * Retried with exponential backoff and full jitter: ETL_ETHROTTLED, ETL_ETRANSIENT, ETL_EUNKNOWN,
 * and answers that left a part undone; ETL_EEXPIRED a few times in a row. Everything else is
 * hopeless at once. There is no limit of attempts: a run gives up when for stall_ms nothing at all
 * went forward, on no thread. Progress of one's own also ends the waits' growth. What the target says
 * with "too fast" is logged, at most every ten minutes.
 */
#ifndef PIPELINE_RETRY_H
#define PIPELINE_RETRY_H

#include <stdatomic.h>
#include <stdint.h>
#include "base/backoff.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "pipeline/counters.h"

struct retry_policy {			/* a field that is 0 takes its default */
	int64_t throttle_base_ms;	/* 50 */
	int64_t base_ms;		/* 50: all but throttles */
	int64_t cap_ms;			/* 20,000 */
	int64_t stall_ms;		/* 600,000 */
	unsigned max_expired;		/* 5 in a row */
};

struct retry_policy retry_policy_default(void);

/* Shared by all threads of a run; set up before they start. */
struct retry_watch {
	struct retry_policy policy;	/* set before start */
	struct clock *clock;		/* set before start, borrowed */
	struct counters *counters;	/* set before start, borrowed */
	atomic_int_fast64_t progress_ms;	/* when anything last went forward */
	atomic_uint throttled_now;		/* threads that wait because it said "too fast" */
	atomic_int_fast64_t said_ms;		/* when that was logged last; -1: never */
};

void retry_watch_init(struct retry_watch *w, const struct retry_policy *policy,
		      struct clock *clock, struct counters *counters);

/* One thread's run of failures. */
struct retry {
	struct retry_watch *watch;
	struct backoff backoff;
	int64_t failing_since_ms;	/* -1: the last attempt went forward */
	unsigned expired;		/* in a row */
};

void retry_init(struct retry *r, struct retry_watch *watch, uint64_t seed);

/* Something went forward: a request was answered, or a part of it was done. */
void retry_progress(struct retry *r);

/*
 * After an attempt that failed with 'cause', or (cause NULL) that left all or a part undone:
 * waits, and returns 0 when it is time to try again. Negative: give up, 'err' says why:
 * 'cause' itself if it is hopeless or nothing went forward for stall_ms, ETL_ESTOPPED if 'stop'
 * was asked.
 */
int retry_wait(struct retry *r, const struct etl_err *cause, const struct stop *stop,
	       struct etl_err *err);

#endif
