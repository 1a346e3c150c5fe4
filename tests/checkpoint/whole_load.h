/* A load of two entities as its journal sees it, to be begun, gone on with and checked. */
#ifndef TESTS_CHECKPOINT_WHOLE_LOAD_H
#define TESTS_CHECKPOINT_WHOLE_LOAD_H

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "checkpoint/checkpoint.h"
#include "scratch.h"

#define TABLE "Users"
#define JOURNAL in_dir("load-Users.journal")
#define REJECTS in_dir("load-Users.rejects")

static const struct checkpoint_entity_id entities[] = { { "User", "d1" }, { "Cart", "d2" } };
static const struct checkpoint_identity identity = {
	"contract-1", "uuid 17 shop", "db:3306/shop",
	"dynamodb us-east-1 \\ Users", "overwrite", "table-1", 2, entities,
};

static struct state *st;
static struct checkpoint *cp;
static struct reject_spool *spool;
static struct buf bytes;

static inline void begin(void)
{
	scratch_make();
	fine(state_open(dir, clock_real(), "load", &st, &err));
	spool = reject_spool_new(dir);
	cp = NULL;
}

static inline void end(void)
{
	fine(checkpoint_close(cp, &err));
	reject_spool_free(spool);
	state_close(st);
	buf_release(&bytes);
	scratch_remove();
}

static inline void open_cp(void)
{
	fine(checkpoint_open(st, TABLE, &identity, false, &cp, &err));
}

static inline void close_cp(void)
{
	fine(checkpoint_close(cp, &err));
	cp = NULL;
}

/* The bound after unit 'number': a packed key with a NUL, a blank and a newline in it. */
static inline void add_bound(struct buf *out, uint64_t number)
{
	char text[32];
	struct str value = { text, 0 };

	value.len = (size_t)snprintf(text, sizeof(text), "k \n%06u", (unsigned)number);
	text[0] = '\0';
	unit_pack_pk(out, &value, 1);
}

/* Plans a unit and begins it. */
static inline int plan(unsigned entity, uint64_t number, bool last)
{
	struct unit u = { .entity = entity, .number = number, .has_low = number > 0,
			  .has_high = !last, .rows_estimate = 1000 + number };
	int rc;

	if (u.has_low)
		add_bound(&u.low, number - 1);
	if (u.has_high)
		add_bound(&u.high, number);
	rc = checkpoint_plan_unit(cp, &u, &err);
	if (rc == 0)
		rc = checkpoint_unit_begun(cp, entity, number, &err);
	buf_release(&u.low);
	buf_release(&u.high);
	return rc;
}

/* Unit 'number' has 10 rows, of them 'number' % 3 rejects. */
static inline int done(unsigned entity, uint64_t number)
{
	unsigned rejects = (unsigned)(number % 3), i;
	struct load_counts c = { .rows_read = 10, .items_written = 9 - rejects,
				 .items_replaced = 2, .rows_skipped = 1, .rows_same = 1,
				 .rows_rejected = rejects, .sparse = 2, .bytes = 1000,
				 .wcu_milli = 5500, .write_units = 6 };

	reject_spool_reset(spool);
	for (i = 0; i < rejects; i++) {
		char line[60];
		int n = snprintf(line, sizeof(line), "{\"entity\":%u,\"unit\":%u,\"row\":%u}",
				 entity, (unsigned)number, i);

		fine(reject_spool_add(spool, (struct str){ line, (size_t)n }, &err));
	}
	return checkpoint_unit_done(cp, entity, number, &c, rejects ? spool : NULL, &err);
}

/* A whole load of two entities, with units done out of order. */
static inline void whole_load(void)
{
	static const unsigned order[] = { 1, 0, 3, 2, 4 };
	unsigned i;

	fine(checkpoint_note(cp, "snapshot at gtid 0-1-100", &err));
	for (i = 0; i < 3; i++)
		fine(plan(0, i, false));
	fine(done(0, 1));
	fine(plan(1, 0, true));
	fine(done(1, 0));
	fine(checkpoint_entity_planned(cp, 1, &err));
	fine(checkpoint_entity_done(cp, 1, &err));
	fine(plan(0, 3, false));
	fine(plan(0, 4, true));
	fine(checkpoint_entity_planned(cp, 0, &err));
	for (i = 1; i < 5; i++)
		fine(done(0, order[i]));
	fine(checkpoint_entity_done(cp, 0, &err));
	fine(checkpoint_finish(cp, &err));
}

/* What a caller does with whatever state it finds: everything that is still to be done. */
static inline void go_on_to_the_end(void)
{
	static const unsigned nunits[] = { 5, 1 };
	unsigned e;

	if (checkpoint_finished(cp))
		return;
	for (e = 0; e < 2; e++) {
		struct checkpoint_entity s;
		struct unit *u;
		uint64_t cursor = 0, i;

		while ((u = checkpoint_next_pending(cp, e, &cursor))) {
			struct buf low = { 0 }, high = { 0 };

			if (u->number > 0)
				add_bound(&low, u->number - 1);
			if (u->number + 1 < nunits[e])
				add_bound(&high, u->number);
			ck_assert_uint_eq(u->entity, e);
			ck_assert_int_eq(u->has_low, u->number > 0);
			ck_assert_int_eq(u->has_high, u->number + 1 < nunits[e]);
			ck_assert(str_eq(buf_str(&low), buf_str(&u->low)));
			ck_assert(str_eq(buf_str(&high), buf_str(&u->high)));
			ck_assert_uint_eq(u->rows_estimate, 1000 + u->number);
			if (!u->begun_before)
				fine(checkpoint_unit_begun(cp, e, u->number, &err));
			fine(done(e, u->number));
			unit_free(u);
			buf_release(&low);
			buf_release(&high);
		}
		checkpoint_entity(cp, e, &s);
		buf_release(&s.last_high);
		for (i = s.nunits; i < nunits[e]; i++) {
			fine(plan(e, i, i + 1 == nunits[e]));
			fine(done(e, i));
		}
		if (!s.planned)
			fine(checkpoint_entity_planned(cp, e, &err));
		if (!s.done)
			fine(checkpoint_entity_done(cp, e, &err));
	}
	fine(checkpoint_finish(cp, &err));
}

static inline int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sums of a whole load hold, and each reject stands exactly once in the file. */
static inline void assert_whole(void)
{
	static const char expected[] =
		"{\"entity\":0,\"unit\":1,\"row\":0}\n" "{\"entity\":0,\"unit\":2,\"row\":0}\n"
		"{\"entity\":0,\"unit\":2,\"row\":1}\n" "{\"entity\":0,\"unit\":4,\"row\":0}\n";
	struct load_counts sum;
	struct buf sorted = { 0 };
	char *lines[16], *line, *save;
	size_t n = 0, i;

	checkpoint_totals(cp, &sum);
	ck_assert_uint_eq(sum.rows_read, 60);
	ck_assert_uint_eq(sum.items_written, 50);
	ck_assert_uint_eq(sum.items_replaced, 12);
	ck_assert_uint_eq(sum.rows_skipped, 6);
	ck_assert_uint_eq(sum.rows_same, 6);
	ck_assert_uint_eq(sum.rows_rejected, 4);
	ck_assert_uint_eq(sum.sparse, 12);
	ck_assert_uint_eq(sum.bytes, 6000);
	ck_assert_uint_eq(sum.wcu_milli, 33000);
	ck_assert_uint_eq(sum.write_units, 36);
	get_file(checkpoint_rejects_path(cp), &bytes);
	buf_cstr(&bytes);
	for (line = strtok_r(bytes.ptr, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_uint_lt(n, 16);
		lines[n++] = line;
	}
	qsort(lines, n, sizeof(lines[0]), by_text);
	for (i = 0; i < n; i++)
		buf_addf(&sorted, "%s\n", lines[i]);
	ck_assert_str_eq(buf_cstr(&sorted), expected);
	buf_release(&sorted);
}

#endif
