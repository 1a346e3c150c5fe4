/*
 * Runs one function on n threads and joins them all. The first to fail (in time) is the failure of
 * the whole: its error is kept, the stop token is asked, the others are waited for.
 */
#ifndef PIPELINE_PARALLEL_H
#define PIPELINE_PARALLEL_H

#include "base/err.h"
#include "base/stop.h"

#define PARALLEL_TICK_MS 50

struct parallel {
	unsigned n;
	/* One thread's work; i from 0. Returns 0 only if the work was done to its end; when it
	 * leaves because of the stop token that is -ETL_ESTOPPED. 'err' is the thread's own. */
	int (*run)(void *ctx, unsigned i, struct etl_err *err);
	/* NULL, or called by the calling thread at least every tick_ms and whenever a thread has
	 * ended: wakes threads that wait for something else than the stop token. */
	void (*tick)(void *ctx);
	unsigned tick_ms;		/* 0: PARALLEL_TICK_MS */
	void *ctx;
	struct stop *stop;
};

/* 0 if every thread returned 0. Returns only when no thread is left. */
int parallel_run(const struct parallel *p, struct etl_err *err);

#endif
