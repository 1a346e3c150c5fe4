/*
 * How many batches shall be at work at the same time: the calculation, without threads or clock.
 *
 * It climbs while climbing pays. From WIDTH_START the width doubles as long as throughput grows
 * with it; then it is held, and now and then another width is tried, a quarter more or a fifth
 * less: more is kept if it brings more throughput, less if it brings no less. Where throughput falls
 * to less than a half by itself the climb begins again. While the workers find nothing to do it
 * stays, because the source is the limit then. A target that says "too fast" is not this one's
 * business: what is sent to it is paced (pipeline/rate.h), more width brings nothing then.
 *
 * Throughput is measured over epochs, which are counted in batches dealt with, so that it climbs as
 * fast as the target answers: 16 to 64 in two epochs of about two round trips each. After a
 * change as many batches as are at work pass unmeasured.
 *
 * One thread at a time. Times are monotonic milliseconds.
 */
#ifndef PIPELINE_WIDTH_H
#define PIPELINE_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

#define WIDTH_START 16
#define WIDTH_EPOCH_BATCHES 32		/* at least, or the width if that is more */
#define WIDTH_EPOCH_MS 20		/* at least */
#define WIDTH_HOLD_EPOCHS 8		/* between two tries; twice that after each in vain, */
#define WIDTH_HOLD_MAX_EPOCHS 32	/* up to this */

enum width_mode { WIDTH_DOUBLING, WIDTH_HOLDING, WIDTH_TRYING };

struct width {
	unsigned now;			/* the answer: from 1 to max */
	unsigned max;
	enum width_mode mode;
	unsigned base;			/* where a try began */
	double base_rate;		/* batches a millisecond there; 0: not known */
	bool up;			/* the next try is for more */
	unsigned hold, hold_next;	/* epochs until the next try, and after that one */
	unsigned unmeasured;		/* batches left before the epoch begins */
	unsigned batches, backlog;	/* of the epoch; with more waiting */
	int64_t epoch_ms;		/* since when; -1: it has not begun */
};

void width_init(struct width *w, unsigned max);

/* A batch was dealt with; 'backlog': another one waited for a worker then. */
void width_done(struct width *w, int64_t now_ms, bool backlog);

#endif
