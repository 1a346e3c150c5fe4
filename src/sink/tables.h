/*
 * The target's tables against what the contract wants: comparing, and making what is missing.
 * Knows any sink. Nothing is ever deleted or changed but by adding.
 */
#ifndef SINK_TABLES_H
#define SINK_TABLES_H

#include "base/clock.h"
#include "sink/sink.h"

/* A list of sentences; a zeroed one is empty. */
struct sentences {
	size_t n, cap;
	char **text;		/* owned */
};
void sentences_release(struct sentences *s);

struct tables_diff {
	struct sentences differences;	/* keys, types, indexes, projections: nothing that
					   etl may mend; both sides named */
	struct sentences warnings;	/* settings that do not change data, indexes that the
					   contract does not name */
	size_t nmissing;		/* indexes of 'wanted' that are not there */
	size_t missing[MAX_INDEXES];	/* their places in wanted->indexes, in its order */
};

/* Compares. Pure. TTL, point-in-time recovery, tags and key are not looked at: a table does not
 * show them. */
void tables_compare(const struct table_def *wanted, const struct table_def *actual,
		    struct tables_diff *out);
void tables_diff_release(struct tables_diff *d);

/* What is going on, for progress: a sentence each ("creating table 'Users'"). */
typedef void tables_report_fn(void *arg, const char *sentence);

struct tables_options {
	struct clock *clock;		/* NULL: the real one */
	const struct stop *stop;	/* may be NULL */
	int64_t timeout_ms;		/* until table and indexes are ACTIVE; 0: no limit */
	bool create;			/* false: only compare; what is missing is an error */
	tables_report_fn *report;	/* may be NULL */
	void *report_arg;
	struct buf *id;			/* may be NULL; set to table_state.id where it is there */
};

/*
 * What is to be done about a call on a table that failed: patience with an endpoint that is slow to
 * answer, an end with one that never does. A zeroed one is fresh; 'began_ms' is set before a call.
 * The first call that ended only by a time-out is warned of.
 */
struct patience {
	int64_t began_ms;
	int64_t silent_ms;		/* spent on calls without an answer, since the last one */
};
#define PATIENCE_MS 60000

/* May the call be made again? False: 'err' holds the failure. 'why' is one of a retryable class. */
bool patience_left(struct patience *p, struct clock *clock, const struct etl_err *why,
		   struct etl_err *err);

/*
 * Brings one table to what 'def' says: describes it, creates it where it is missing, compares it
 * where it is there, adds missing indexes one after another, waits until all is ACTIVE, then
 * configures. Refusals that pass are tried again with backoff until the time limit; an endpoint
 * that never answered is given up after a few tries, one that lets calls time out after
 * PATIENCE_MS of that.
 *
 *	0		all there, ACTIVE and configured
 *	ETL_ENOTFOUND	the table is missing and 'create' is false
 *	ETL_ESINK	it differs (all differences in the message), or DynamoDB refused
 *	ETL_ESTOPPED	stop was asked
 *	...		else the class of the last failure when time ran out
 */
int tables_ensure(struct sink *sink, const struct table_def *def,
		  const struct tables_options *options, struct etl_err *err);

#endif
