/*
 * The readers of a run: opened together on one snapshot, closed together, and made to let go when
 * the run is to stop while one of them waits for the server.
 *
 * One thread (the coordinator) opens and closes; another may push meanwhile.
 */
#ifndef PIPELINE_READERS_H
#define PIPELINE_READERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "source/source.h"

/* After the stop was asked: how often readers are interrupted, and when they are cut off. */
#define READERS_INTERRUPT_MS 500
#define READERS_CUT_MS 4000

struct readers {
	unsigned wanted;		/* set before use */
	struct source_reader **list;	/* those that are open; the coordinator's */
	unsigned n;
	pthread_mutex_t mutex;		/* held while 'list' changes, and while it is pushed */
	int64_t stop_seen_ms;		/* the pushing thread's, as those below; -1: not yet */
	int64_t pushed_ms;
	bool cut;			/* all are of no use any more */
};

void readers_init(struct readers *r, unsigned wanted);
void readers_release(struct readers *r);	/* none is open */

/* Opens 'wanted' readers on one snapshot; where several cannot be had, one, with a warning. */
int readers_open(struct readers *r, struct source *source, struct snapshot_info *info,
		 struct etl_err *err);
void readers_close(struct readers *r);

/* To be called again and again, by a thread that does not read. Does nothing until 'stop' is
 * asked; then interrupts the readers that are still open after a while, again and again (one may
 * have been between two queries), and in the end cuts them off. */
void readers_push(struct readers *r, struct clock *clock, const struct stop *stop);

#endif
