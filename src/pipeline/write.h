/*
 * Writing the items of one batch: sent until every one of them is acknowledged or refused for good.
 * Without a condition in batch requests, under a condition one by one (put.h).
 */
#ifndef PIPELINE_WRITE_H
#define PIPELINE_WRITE_H

#include "base/err.h"
#include "base/stop.h"
#include "pipeline/batch.h"
#include "pipeline/counters.h"
#include "pipeline/inflight.h"
#include "pipeline/rate.h"
#include "pipeline/retry.h"
#include "sink/sink.h"

struct writer {				/* of one thread */
	struct sink_conn *conn;		/* borrowed; also those below */
	struct inflight *inflight;
	struct rate *rate;
	struct counters *counters;
	const struct stop *stop;
	struct retry retry;
	struct put_condition condition;	/* zeroed: overwrite */
	bool begun_before;		/* an earlier run may have written items of the next batch */
	/* An item that the target refuses for what it holds; 'why' is its sentence. */
	int (*refused)(void *arg, struct batch *b, size_t i, const struct etl_err *why,
		       struct etl_err *err);
	void *arg;
	/* Out: of the last write_batch, as far as it came. */
	uint64_t wcu_milli;
	uint32_t written;		/* bit i: items[i] was acknowledged, or found to be there
					   already by an own attempt */
	uint32_t replaced;		/* of written: the answer showed an older item. Where it was
					   lost nobody knows: not counted */
	uint32_t skipped;		/* the condition held it back */
	uint32_t same;			/* of skipped: the item that is there is the same */
};

_Static_assert(BATCH_MAX_ITEMS < 32, "a mask of 32 bits has one for each item");

/*
 * Writes b->items[0..n), n at most BATCH_MAX_ITEMS. What comes back unprocessed, throttled, failed
 * or without an answer is sent again by the rules of retry.h; a request refused because of what an
 * item holds is halved until the items at fault are alone. 0: each item was acknowledged (bit in
 * 'written'), held back (bit in 'skipped') or given to refused(). Negative: some are neither; whether
 * they were written is not known.
 */
int write_batch(struct writer *w, const struct table_def *def, size_t table_index,
		struct batch *b, struct etl_err *err);

#endif
