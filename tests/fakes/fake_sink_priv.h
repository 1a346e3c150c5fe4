/* What the files of the fake sink share. Functions that take a table are called under the mutex. */
#ifndef TESTS_FAKES_FAKE_SINK_PRIV_H
#define TESTS_FAKES_FAKE_SINK_PRIV_H

#include <pthread.h>
#include "base/mem.h"
#include "fakes/fake_sink.h"

struct entry {
	struct buf key, json;	/* json.ptr NULL: removed */
	size_t next;		/* in its bucket, index + 1; 0: last */
};

struct fake_table {
	struct arena *arena;
	struct table_def def;
	unsigned id;			/* the how manieth table that was made */
	unsigned polls_left;		/* CREATING */
	unsigned index_polls_left;	/* the newest index */
	struct entry *entries;		/* in order of arrival */
	size_t n, cap, live;
	size_t *buckets;		/* index + 1 */
	size_t nbuckets;
};

struct fault {
	enum fake_op op;
	uint64_t first, times;
	enum fake_fault fault;
	uint64_t arg;
};

struct key_rule {
	struct buf key;
	uint64_t times;		/* reluctant: how often still */
};

struct inflight {
	const char *table;
	const struct put *puts;
	size_t n;
};

struct fake_sink {
	struct sink base;
	pthread_mutex_t mutex;		/* for everything below but hook */
	struct fake_table *tables;
	size_t ntables, tables_cap;
	unsigned last_id;
	struct fault *faults;
	size_t nfaults, faults_cap;
	struct key_rule *poison, *reluctant;
	size_t npoison, poison_cap, nreluctant, reluctant_cap;
	struct inflight **flying;
	size_t nflying, flying_cap;
	uint64_t calls[FAKE_OP_COUNT], applied;
	unsigned max_inflight, creating_polls;
	size_t page_items;
	int open_conns;
	char violation[256];
	void (*hook)(void *arg, enum fake_op op, uint64_t call);	/* set before threads */
	void *hook_arg;
};

struct fake_table *fake_find_table(struct fake_sink *f, const char *name);
struct entry *fake_find_entry(struct fake_table *t, struct str key);
void fake_put_entry(struct fake_table *t, struct str key, struct str json);
void fake_add_table(struct fake_sink *f, const struct table_def *def, unsigned polls);
void fake_copy_def(struct arena *a, const struct table_def *from, struct table_def *to,
		   const struct index_def *extra);
const char *fake_copy_text(struct arena *a, const char *s);
size_t fake_hash(struct str key);

#endif
