/*
 * Going on after the connection to the source was lost: whether, after what wait, and for how long.
 *
 * With the connection its snapshot is gone. What was read in it and is done stays done; the rest is
 * read in a new snapshot, just as if the same command had been started again. A run gives up when
 * the source does not answer for give_up_ms, or is lost REGAIN_MAX_IN_VAIN times in a row without
 * anything done in between.
 */
#ifndef PIPELINE_REGAIN_H
#define PIPELINE_REGAIN_H

#include <stdint.h>
#include "base/backoff.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"

#define REGAIN_MAX_IN_VAIN 5

/* How a job looks for its source again; the coordinating thread calls it while no reader is open. */
struct source_look {
	/* 0: the source answers, is the one it was, and what was planned of it still holds.
	 * -ETL_ESOURCELOST: not yet. Other errors: never again. NULL: a loss ends the run. */
	int (*look)(void *arg, struct etl_err *err);
	void *arg;
};

struct regain {
	struct source_look source;	/* set before use, as the next three */
	struct clock *clock;
	struct stop *stop;
	int64_t give_up_ms;
	unsigned in_vain;		/* losses since something was done */
	uint64_t done;			/* at the last loss */
	struct backoff backoff;
};

void regain_init(struct regain *g, const struct source_look *source, struct clock *clock,
		 struct stop *stop, int64_t give_up_ms);

/*
 * After a failure 'err', no thread left: 0 if it was the loss of the source and the source is back,
 * 'err' is clear again and so is the stop that the failure asked. Else negative, and 'err' says why
 * the run has to end. 'done': units of work done so far, by which losses in vain are told.
 */
int regain_source(struct regain *g, uint64_t done, struct etl_err *err);

#endif
