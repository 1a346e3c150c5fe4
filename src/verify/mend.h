/*
 * One item after another made what it shall be, under the condition that it is still as it was seen:
 * for a repair, and for undoing one. Sent again by the rules of pipeline/retry.h; what then turns out
 * to be as it shall be is well.
 */
#ifndef VERIFY_MEND_H
#define VERIFY_MEND_H

#include "base/buf.h"
#include "base/err.h"
#include "pipeline/counters.h"
#include "pipeline/rate.h"
#include "pipeline/retry.h"
#include "sink/sink.h"

struct mender {				/* of one thread */
	struct sink_conn *conn;
	struct retry retry;
	struct rate *rate;		/* borrowed, as those below; of one table */
	struct counters *counters;
	const struct stop *stop;
	struct buf there;		/* the item that is there, before it is deleted */
};

/* Opens the connection; to be closed by mender_end if 0. */
int mender_begin(struct mender *m, struct sink *sink, struct retry_watch *watch,
		 struct rate *rate, const struct stop *stop, uint64_t seed, struct etl_err *err);
void mender_end(struct mender *m);

struct mending {			/* borrowed for the call */
	const struct table_def *def;
	struct str key_json;		/* DynamoDB JSON of the key */
	struct str seen, wanted;	/* items in DynamoDB JSON; ptr NULL: there is, or shall be,
					   none. Not both */
};

enum mended {
	MENDED,				/* by this call */
	MENDED_ALREADY,			/* it is as it shall be */
	MEND_CHANGED,			/* it is neither as it was seen nor as it shall be: left alone */
	MEND_REFUSED			/* the target refuses it for what it holds; 'why' says it */
};

/* 0 and *out, or negative: whether it was done is not known. */
int mend(struct mender *m, const struct mending *what, enum mended *out, struct etl_err *why,
	 struct etl_err *err);

#endif
