/*
 * A sink in memory: a real driver of sink.h for tests of whatever stands above it. Tables are maps
 * from canonical key to item JSON; faults are scripted per operation and call. All functions are
 * thread-safe; faults are usually set before the threads start.
 *
 *	struct fake_sink *f = fake_sink_new();
 *	struct sink *s = fake_sink_sink(f);
 *	fake_sink_add_table(f, &def);
 *	fake_sink_fault(f, FAKE_WRITE, 3, 2, FAKE_THROTTLED, 0);   calls 3 and 4 are throttled
 *	...
 *	fake_sink_free(f);
 */
#ifndef TESTS_FAKES_FAKE_SINK_H
#define TESTS_FAKES_FAKE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sink/sink.h"

struct fake_sink;

enum fake_op {
	FAKE_OPEN_CONN, FAKE_WRITE, FAKE_PUT, FAKE_GET, FAKE_SCAN, FAKE_DESCRIBE, FAKE_CREATE,
	FAKE_CREATE_INDEX, FAKE_CONFIGURE,
	FAKE_OP_COUNT
};

enum fake_fault {
	FAKE_THROTTLED,		/* ETL_ETHROTTLED, nothing done */
	FAKE_TRANSIENT,		/* ETL_ETRANSIENT, nothing done */
	FAKE_UNKNOWN_DONE,	/* ETL_EUNKNOWN although all of it was done */
	FAKE_UNKNOWN_LOST,	/* ETL_EUNKNOWN, nothing done */
	FAKE_EXPIRED,		/* ETL_EEXPIRED, nothing done */
	FAKE_CREDENTIALS,	/* ETL_ECREDENTIALS, nothing done */
	FAKE_HOPELESS,		/* ETL_ESINK, nothing done */
	FAKE_ITEM,		/* ETL_EITEM, nothing done */
	FAKE_NOTFOUND,		/* ETL_ENOTFOUND, nothing done */
	FAKE_UNPROCESSED,	/* write, get: 'arg' is the mask of puts (keys) that stay undone; all
				   ones: every one of them. The rest is done, the call succeeds */
	FAKE_TWICE,		/* put: done twice, as HTTP may do it unseen; the answer is that to the
				   second one */
	FAKE_TWICE_THROTTLED,	/* the same, but the second time ETL_ETHROTTLED */
	FAKE_SLOW		/* sleeps 'arg' milliseconds first, then as usual */
};

struct fake_sink *fake_sink_new(void);
void fake_sink_free(struct fake_sink *f);	/* every connection must be closed; same as
						   sink->ops->close */
struct sink *fake_sink_sink(struct fake_sink *f);

/*
 * Calls 'first' to 'first' + 'times' - 1 (counted from 1 since the sink was made, all connections
 * together) of 'op' meet 'fault'. times 0: for ever. Where several match, the first set counts,
 * except that FAKE_SLOW adds to whatever else matches.
 */
void fake_sink_fault(struct fake_sink *f, enum fake_op op, uint64_t first, uint64_t times,
		     enum fake_fault fault, uint64_t arg);

/* The same, counted from the next call of 'op' on. */
void fake_sink_fault_next(struct fake_sink *f, enum fake_op op, uint64_t times,
			  enum fake_fault fault, uint64_t arg);

/* Every write that holds this canonical key is refused as a whole with ETL_EITEM. */
void fake_sink_poison(struct fake_sink *f, struct str canonical_key);

/* An item stays unprocessed the first 'times' times it is sent. */
void fake_sink_reluctant(struct fake_sink *f, struct str canonical_key, uint64_t times);

/* Called at the start of each call with its op and number (from 1), outside the lock; lets a test
 * ask a stop, or count, at a point of its choosing. */
void fake_sink_hook(struct fake_sink *f, void (*hook)(void *arg, enum fake_op op, uint64_t call),
		    void *arg);

/* Tables: what describe shows. The definition is copied. create() and create_index() make them too;
 * a table (or index) so made is CREATING for the next 'polls' describes (default 0). */
void fake_sink_add_table(struct fake_sink *f, const struct table_def *def);
void fake_sink_creating_polls(struct fake_sink *f, unsigned polls);
/* The TTL attribute that configure() set, or NULL; valid until the sink is freed. */
const char *fake_sink_ttl(struct fake_sink *f, const char *table);

/* Content. put replaces; get appends the item's JSON to 'out' and says whether it is there. */
void fake_sink_put(struct fake_sink *f, const char *table, struct str key, struct str item_json);
bool fake_sink_item(struct fake_sink *f, const char *table, struct str key, struct buf *out);
bool fake_sink_remove(struct fake_sink *f, const char *table, struct str key);
size_t fake_sink_count(struct fake_sink *f, const char *table);	/* items; 0 if no such table */

/* Items a page of scan gives at most (default 100). */
void fake_sink_page_items(struct fake_sink *f, size_t n);

/* What happened. */
uint64_t fake_sink_calls(struct fake_sink *f, enum fake_op op);
uint64_t fake_sink_applied(struct fake_sink *f);	/* single puts done, repeats included */
unsigned fake_sink_max_inflight(struct fake_sink *f);	/* most writes and puts at one time */

/* The first promise of sink.h that a caller broke, in words; NULL if none: no put or over 25, a
 * request too large, the same key twice in a request or in two requests in flight, a key that is
 * not its item's, a put without a condition, a connection used by two threads at once or closed twice. */
const char *fake_sink_violation(struct fake_sink *f);

#endif
