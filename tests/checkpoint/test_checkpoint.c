#include "check_main.h"

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

static void begin(void)
{
	scratch_make();
	fine(state_open(dir, clock_real(), &st, &err));
	spool = reject_spool_new(dir);
	cp = NULL;
}

static void end(void)
{
	fine(checkpoint_close(cp, &err));
	reject_spool_free(spool);
	state_close(st);
	buf_release(&bytes);
	scratch_remove();
}

static void open_cp(void)
{
	fine(checkpoint_open(st, TABLE, &identity, false, &cp, &err));
}

static void close_cp(void)
{
	fine(checkpoint_close(cp, &err));
	cp = NULL;
}

/* The bound after unit 'number': a packed key with a NUL, a blank and a newline in it. */
static void add_bound(struct buf *out, uint64_t number)
{
	char text[32];
	struct str value = { text, 0 };

	value.len = (size_t)snprintf(text, sizeof(text), "k \n%06u", (unsigned)number);
	text[0] = '\0';
	unit_pack_pk(out, &value, 1);
}

static int plan(unsigned entity, uint64_t number, bool last)
{
	struct unit u = { .entity = entity, .number = number, .has_low = number > 0,
			  .has_high = !last, .rows_estimate = 1000 + number };
	int rc;

	if (u.has_low)
		add_bound(&u.low, number - 1);
	if (u.has_high)
		add_bound(&u.high, number);
	rc = checkpoint_plan_unit(cp, &u, &err);
	buf_release(&u.low);
	buf_release(&u.high);
	return rc;
}

/* Unit 'number' has 10 rows, of them 'number' % 3 rejects. */
static int done(unsigned entity, uint64_t number)
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
static void whole_load(void)
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
static void go_on_to_the_end(void)
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

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The sums of a whole load hold, and each reject stands exactly once in the file. */
static void assert_whole(void)
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

START_TEST(whole_and_again)
{
	open_cp();
	ck_assert(!checkpoint_resumed(cp));
	ck_assert(!checkpoint_finished(cp));
	whole_load();
	assert_whole();
	close_cp();
	ck_assert_uint_eq(mode_of(JOURNAL), 0600);
	ck_assert_uint_eq(mode_of(REJECTS), 0600);
	open_cp();
	ck_assert(checkpoint_finished(cp));
	assert_whole();
	ck_assert_str_eq(checkpoint_note_at(cp, 0), "snapshot at gtid 0-1-100");
	ck_assert_ptr_null(checkpoint_note_at(cp, 1));
	ck_assert_uint_eq(checkpoint_nnotes(cp), 1);
	ck_assert_int_eq(plan(0, 5, true), -ETL_EINTERNAL);
	etl_err_clear(&err);
	ck_assert_int_eq(checkpoint_note(cp, "x", &err), -ETL_EINTERNAL);
	etl_err_clear(&err);
	fine(checkpoint_begin_anew(cp, &err));
	ck_assert(!checkpoint_finished(cp));
	ck_assert_int_eq(size_of(REJECTS), -1);
	ck_assert_uint_eq(checkpoint_nnotes(cp), 0);
	whole_load();
	assert_whole();
	close_cp();
	open_cp();
	assert_whole();
}
END_TEST

/* The heart of it: a load that died at any byte of its journal goes on to the same end. The
 * rejects file is as full as it ever was, as if its appends had come before the crash. */
START_TEST(torn_at_every_byte)
{
	struct buf journal = { 0 }, rejects = { 0 };
	size_t n, resumed = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	get_file(REJECTS, &rejects);
	for (n = 0; n <= journal.len; n++) {
		put_file(JOURNAL, journal.ptr, n);
		put_file(REJECTS, rejects.ptr, rejects.len);
		open_cp();
		resumed += checkpoint_resumed(cp);
		go_on_to_the_end();
		assert_whole();
		close_cp();
		open_cp();
		ck_assert(checkpoint_finished(cp));
		assert_whole();
		close_cp();
	}
	ck_assert_uint_gt(resumed, journal.len / 2);
	buf_release(&journal);
	buf_release(&rejects);
}
END_TEST

/* Any one byte of it other than it was: a clean error, or a state from which the load comes to
 * the same end. */
START_TEST(every_byte_flipped)
{
	static const unsigned char flips[] = { 0x01, 0x20, 0x80, 0xff };
	struct buf journal = { 0 }, rejects = { 0 };
	size_t n, refused = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	get_file(REJECTS, &rejects);
	for (n = 0; n < journal.len; n++) {
		unsigned char was = (unsigned char)journal.ptr[n];

		journal.ptr[n] = (char)(was ^ flips[_i]);
		put_file(JOURNAL, journal.ptr, journal.len);
		put_file(REJECTS, rejects.ptr, rejects.len);
		journal.ptr[n] = (char)was;
		etl_err_clear(&err);
		if (checkpoint_open(st, TABLE, &identity, false, &cp, &err)) {
			ck_assert_int_eq(err.code, ETL_ESYSTEM);
			ck_assert_ptr_nonnull(strstr(err.msg, "damaged at byte"));
			ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
			ck_assert_ptr_null(cp);
			refused++;
			etl_err_clear(&err);
			continue;
		}
		go_on_to_the_end();
		assert_whole();
		close_cp();
	}
	/* Only the last record may pass for a torn end. */
	ck_assert_uint_ge(refused, journal.len - 30);
	buf_release(&journal);
	buf_release(&rejects);
}
END_TEST

START_TEST(lines_taken_out)
{
	struct buf journal = { 0 }, less = { 0 };
	size_t at = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	while (at < journal.len) {
		const char *nl = memchr(journal.ptr + at, '\n', journal.len - at);
		size_t next = (size_t)(nl - journal.ptr) + 1;

		buf_reset(&less);
		buf_add(&less, journal.ptr, at);
		buf_add(&less, journal.ptr + next, journal.len - next);
		put_file(JOURNAL, less.ptr, less.len);
		if (next < journal.len) {
			ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err),
					 -ETL_ESYSTEM);
			etl_err_clear(&err);
		}
		at = next;
	}
	fine(checkpoint_open(st, TABLE, &identity, true, &cp, &err));
	whole_load();
	assert_whole();
	buf_release(&journal);
	buf_release(&less);
}
END_TEST

START_TEST(resume_keeps_planning_state)
{
	struct checkpoint_entity s;
	struct buf bound = { 0 };
	uint64_t cursor = 0;
	struct unit *u;

	open_cp();
	fine(plan(0, 0, false));
	fine(plan(0, 1, false));
	fine(plan(0, 2, false));
	fine(done(0, 1));
	close_cp();
	open_cp();
	ck_assert(checkpoint_resumed(cp));
	checkpoint_entity(cp, 0, &s);
	add_bound(&bound, 2);
	ck_assert_uint_eq(s.nunits, 3);
	ck_assert_uint_eq(s.ndone, 1);
	ck_assert(s.has_last_high);
	ck_assert(str_eq(buf_str(&s.last_high), buf_str(&bound)));
	ck_assert(!s.planned);
	ck_assert(!s.done);
	ck_assert_uint_eq(s.counts.rows_read, 10);
	buf_release(&s.last_high);
	buf_release(&bound);
	u = checkpoint_next_pending(cp, 0, &cursor);
	ck_assert_uint_eq(u->number, 0);
	unit_free(u);
	u = checkpoint_next_pending(cp, 0, &cursor);
	ck_assert_uint_eq(u->number, 2);
	unit_free(u);
	ck_assert_ptr_null(checkpoint_next_pending(cp, 0, &cursor));
	cursor = 0;
	ck_assert_ptr_null(checkpoint_next_pending(cp, 1, &cursor));
	ck_assert_ptr_null(checkpoint_next_pending(cp, 7, &cursor));
	checkpoint_entity(cp, 1, &s);
	ck_assert_uint_eq(s.nunits, 0);
	ck_assert(!s.has_last_high);
}
END_TEST

static const struct {
	struct checkpoint_identity id;
	const char *says;
} others[] = {
	{ { "contract-2", "uuid 17 shop", "db:3306/shop",
	    "dynamodb us-east-1 \\ Users", "overwrite", "table-1", 2, entities },
	  "the contract is another one" },
	{ { "contract-1", "uuid 18", "db:3306/shop",
	    "dynamodb us-east-1 \\ Users", "overwrite", "table-1", 2, entities },
	  "the source is 'uuid 18' and was 'uuid 17 shop'" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop", "elsewhere", "overwrite", "table-2", 2,
	    entities },
	  "the target is 'elsewhere' and was 'dynamodb us-east-1 \\ Users'" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop", "dynamodb us-east-1 \\ Users",
	    "overwrite", "table-2", 2, entities }, "the table was deleted and made anew since" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop", "dynamodb us-east-1 \\ Users",
	    "overwrite", "", 2, entities }, "the table was deleted and made anew since" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop", "dynamodb us-east-1 \\ Users",
	    "newer by changed at", "table-1", 2, entities },
	  "the write mode is 'newer by changed at' and was 'overwrite'" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop",
	    "dynamodb us-east-1 \\ Users", "overwrite", "table-1", 1, entities },
	  "the entities are 1 and were 2" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop",
	    "dynamodb us-east-1 \\ Users", "overwrite", "table-1", 2,
	    (const struct checkpoint_entity_id[]){ { "User", "d1" }, { "Cart", "d3" } } },
	  "the view of entity 'Cart' is another one" },
	{ { "contract-1", "uuid 17 shop", "db:3306/shop",
	    "dynamodb us-east-1 \\ Users", "overwrite", "table-1", 2,
	    (const struct checkpoint_entity_id[]){ { "Cart", "d2" }, { "User", "d1" } } },
	  "an entity is 'Cart' and was 'User'; an entity is 'User' and was 'Cart'" },
};

START_TEST(other_identity)
{
	struct buf before = { 0 };
	char expected[300];

	open_cp();
	fine(plan(0, 0, true));
	fine(done(0, 0));
	close_cp();
	get_file(JOURNAL, &before);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &others[_i].id, false, &cp, &err),
			 -ETL_EUSAGE);
	snprintf(expected, sizeof(expected),
		 "cannot resume the unfinished load of table 'Users': %s", others[_i].says);
	ck_assert_str_eq(err.msg, expected);
	ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
	etl_err_clear(&err);
	/* Nothing was touched: the old one still goes on. */
	get_file(JOURNAL, &bytes);
	ck_assert(str_eq(buf_str(&before), buf_str(&bytes)));
	open_cp();
	ck_assert(checkpoint_resumed(cp));
	close_cp();
	/* With --restart the other one begins. */
	fine(checkpoint_open(st, TABLE, &others[_i].id, true, &cp, &err));
	ck_assert(!checkpoint_resumed(cp));
	buf_release(&before);
}
END_TEST

START_TEST(finished_of_other_identity)
{
	open_cp();
	whole_load();
	close_cp();
	fine(checkpoint_open(st, TABLE, &others[_i].id, false, &cp, &err));
	ck_assert(!checkpoint_finished(cp));
	ck_assert(!checkpoint_resumed(cp));
	ck_assert_int_eq(size_of(REJECTS), -1);
}
END_TEST

START_TEST(contradictions)
{
	struct load_counts wrong_sum = { .rows_read = 3, .items_written = 2 };
	struct load_counts no_lines = { .rows_read = 1, .rows_rejected = 1 };
	struct load_counts replaced = { .rows_read = 1, .items_written = 1, .items_replaced = 2 };
	struct load_counts same = { .rows_read = 1, .rows_skipped = 1, .rows_same = 2 };
	struct load_counts none = { 0 };
	struct unit gap = { .number = 1, .has_low = true };
	int i;

	open_cp();
#define refused(call, why)							\
	do {									\
		ck_assert_int_eq((call), -ETL_EINTERNAL);			\
		ck_assert_str_eq(err.msg, "checkpoint of table 'Users': " why);	\
		etl_err_clear(&err);						\
	} while (0)
	refused(plan(2, 0, false), "no such entity");
	refused(plan(0, 1, false), "a unit out of order");
	refused(done(0, 0), "a unit that was never planned is done");
	refused(checkpoint_entity_done(cp, 0, &err),
		"an entity is done that is not planned to its end");
	refused(checkpoint_finish(cp, &err), "the load is finished with an entity that is not");
	fine(plan(0, 0, false));
	refused(plan(0, 0, false), "a unit out of order");
	refused(checkpoint_plan_unit(cp, &gap, &err), "a gap or an overlap between two units");
	gap.has_low = false;
	refused(checkpoint_plan_unit(cp, &gap, &err), "a gap or an overlap between two units");
	refused(checkpoint_unit_done(cp, 0, 0, &replaced, NULL, &err),
		"a part is more than its whole");
	refused(checkpoint_unit_done(cp, 0, 0, &same, NULL, &err), "a part is more than its whole");
	refused(checkpoint_unit_done(cp, 0, 0, &wrong_sum, NULL, &err),
		"rows read are not items written, skipped and rejected");
	refused(checkpoint_unit_done(cp, 0, 0, &no_lines, NULL, &err),
		"the rejects of a unit are not as many as were counted");
	fine(reject_spool_add(spool, STR("x"), &err));
	refused(checkpoint_unit_done(cp, 0, 0, &none, spool, &err),
		"the rejects of a unit are not as many as were counted");
	fine(done(0, 0));
	refused(done(0, 0), "a unit is done twice");
	fine(plan(0, 1, true));
	refused(plan(0, 2, true), "a unit after one that goes to the end");
	fine(checkpoint_entity_planned(cp, 0, &err));
	refused(checkpoint_entity_planned(cp, 0, &err), "the entity is planned to its end already");
	refused(checkpoint_entity_done(cp, 0, &err), "an entity is done with units that are not");
	refused(plan(0, 2, true), "the entity is planned to its end");
	fine(done(0, 1));
	fine(checkpoint_entity_done(cp, 0, &err));
	refused(checkpoint_entity_done(cp, 0, &err), "an entity is done twice");
	/* An empty entity needs no unit. */
	fine(checkpoint_entity_planned(cp, 1, &err));
	fine(checkpoint_entity_done(cp, 1, &err));
	fine(checkpoint_finish(cp, &err));
	refused(checkpoint_finish(cp, &err), "the load is finished twice");
	/* None of it stands in the file. */
	for (i = 0; i < 2; i++) {
		close_cp();
		open_cp();
		ck_assert(checkpoint_finished(cp));
	}
}
END_TEST

START_TEST(rejects_lost)
{
	open_cp();
	fine(plan(0, 0, false));
	fine(plan(0, 1, false));
	fine(done(0, 1));
	close_cp();
	if (_i)
		unlink(REJECTS);
	else
		put_file(REJECTS, "{", 1);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, ".rejects'"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
	etl_err_clear(&err);
}
END_TEST

/* Lines behind the recorded length were never part of a done unit: gone at once. */
START_TEST(rejects_of_no_done_unit)
{
	struct buf more = { 0 };

	open_cp();
	fine(plan(0, 0, false));
	fine(plan(0, 1, false));
	fine(done(0, _i ? 1 : 0));
	close_cp();
	if (_i)
		get_file(REJECTS, &bytes);
	buf_addstr(&more, buf_str(&bytes));
	buf_adds(&more, "{\"left\":\"over\"}\n");
	put_file(REJECTS, more.ptr, more.len);
	open_cp();
	ck_assert_int_eq(size_of(REJECTS), _i ? (long)bytes.len : -1);
	buf_release(&more);
}
END_TEST

static const char *const foreign[] = {
	"something else\n", "\n", "two\nlines", "00000000 0 etl-journal-2\n",
};

START_TEST(not_a_journal)
{
	put_file(JOURNAL, foreign[_i], strlen(foreign[_i]));
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
	etl_err_clear(&err);
	get_file(JOURNAL, &bytes);
	ck_assert_str_eq(buf_cstr(&bytes), foreign[_i]);
}
END_TEST

START_TEST(other_version)
{
	/* crc32("0 etl-journal-99 later") */
	static const char later[] = "4106dabd 0 etl-journal-99 later\n";

	put_file(JOURNAL, later, sizeof(later) - 1);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, "written by another version"));
	etl_err_clear(&err);
}
END_TEST

/* The disk is full at every possible byte: an error that stays, and a journal that goes on. */
START_TEST(disk_full)
{
	struct rlimit limit, old;
	struct etl_err first;
	bool rejects_too = _i;
	size_t n, failures = 0;

	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	getrlimit(RLIMIT_FSIZE, &old);
	for (n = 0; n < 400; n += 3) {
		unsigned i;
		int rc = 0;

		fine(checkpoint_open(st, TABLE, &identity, true, &cp, &err));
		limit = old;
		limit.rlim_cur = rejects_too ? n : (rlim_t)size_of(JOURNAL) + n;
		/* Rejects come to be longer than the journal where each line is. */
		setrlimit(RLIMIT_FSIZE, &limit);
		for (i = 0; i < 5 && !rc; i++) {
			rc = plan(0, i, i == 4);
			if (!rc)
				rc = done(0, i);
		}
		if (!rc)
			rc = checkpoint_sync(cp, &err);
		setrlimit(RLIMIT_FSIZE, &old);
		if (rc) {
			failures++;
			ck_assert_int_eq(rc, -ETL_ESYSTEM);
			first = err;
			etl_err_clear(&err);
			/* There is room again, but not for this one. */
			ck_assert_int_eq(done(0, 0), -ETL_ESYSTEM);
			ck_assert_str_eq(err.msg, first.msg);
			etl_err_clear(&err);
			ck_assert_int_eq(checkpoint_finish(cp, &err), -ETL_ESYSTEM);
			etl_err_clear(&err);
			ck_assert_int_eq(checkpoint_close(cp, &err), -ETL_ESYSTEM);
			etl_err_clear(&err);
			cp = NULL;
		} else {
			close_cp();
		}
		open_cp();
		ck_assert(checkpoint_resumed(cp));
		go_on_to_the_end();
		assert_whole();
		close_cp();
	}
	ck_assert_uint_gt(failures, 10);
}
END_TEST

START_TEST(nowhere_to_begin)
{
	struct rlimit limit, old;

	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 10;
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_ptr_null(cp);
	etl_err_clear(&err);
	ck_assert_int_eq(size_of(JOURNAL), -1);
}
END_TEST

/* kill -9 at any moment: what a process was told is done is done in the next one. */
START_TEST(killed)
{
	int told[2];
	pid_t pid;
	unsigned char last = 0, n;
	struct checkpoint_entity s;

	ck_assert_int_eq(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		unsigned i;

		open_cp();
		for (i = 0; i < 250; i++) {
			unsigned char c = (unsigned char)(i + 1);

			if (plan(0, i, false) || done(0, i) || write(told[1], &c, 1) != 1)
				_exit(1);
		}
		pause();
		_exit(1);
	}
	close(told[1]);
	while (last < 40 + 50 * _i && read(told[0], &n, 1) == 1)
		last = n;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(told[0], &n, 1) == 1)
		last = n;
	close(told[0]);
	open_cp();
	checkpoint_entity(cp, 0, &s);
	buf_release(&s.last_high);
	ck_assert_uint_ge(s.ndone, last);
	ck_assert_uint_le(s.ndone, last + 1);
}
END_TEST

/* ---- threads ---- */

#define NUNITS 400
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static unsigned next_unit;

static void *work(void *arg)
{
	struct reject_spool *mine = reject_spool_new(dir);
	struct etl_err e = { 0 };
	struct load_counts sum;

	for (;;) {
		struct load_counts c = { .rows_read = 1, .rows_rejected = 1 };
		unsigned number;

		pthread_mutex_lock(&turn);
		number = next_unit++;
		pthread_mutex_unlock(&turn);
		if (number >= NUNITS)
			break;
		reject_spool_reset(mine);
		reject_spool_add(mine, STR("{\"a\":\"reject\"}"), &e);
		checkpoint_unit_done(cp, 0, number, &c, mine, &e);
		checkpoint_totals(cp, &sum);
	}
	*(int *)arg = (int)e.code;
	reject_spool_free(mine);
	return NULL;
}

START_TEST(several_threads)
{
	pthread_t t[4];
	struct load_counts sum;
	int codes[4], i;

	open_cp();
	for (i = 0; i < NUNITS; i++)
		fine(plan(0, (uint64_t)i, i == NUNITS - 1));
	fine(checkpoint_entity_planned(cp, 0, &err));
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, work, &codes[i]);
	for (i = 0; i < 4; i++) {
		pthread_join(t[i], NULL);
		ck_assert_int_eq(codes[i], 0);
	}
	fine(checkpoint_entity_done(cp, 0, &err));
	close_cp();
	open_cp();
	checkpoint_totals(cp, &sum);
	ck_assert_uint_eq(sum.rows_read, NUNITS);
	ck_assert_int_eq(size_of(REJECTS), NUNITS * 15);
}
END_TEST

/* ---- for status ---- */

static char summary_text[600];

static int summarise(const struct checkpoint_summary *s, void *arg)
{
	size_t at = strlen(summary_text);

	if (s->problem)
		snprintf(summary_text + at, sizeof(summary_text) - at, "%s: %s\n",
			 strrchr(s->path, '/') + 1, s->problem);
	else
		snprintf(summary_text + at, sizeof(summary_text) - at,
			 "%s: %s (%s), %s, %s %u of %u, %s, %u rows, %s\n", strrchr(s->path, '/') + 1,
			 s->source_words, s->source, s->target, s->entity_names[0],
			 (unsigned)s->entities[0].ndone, (unsigned)s->entities[0].nunits,
			 s->finished ? "finished" : "unfinished", (unsigned)s->totals.rows_read,
			 s->last_note ? s->last_note : "-");
	return arg ? 5 : 0;
}

START_TEST(summaries)
{
	struct checkpoint *second;

	fine(checkpoint_each(in_dir("none"), summarise, NULL, &err));
	open_cp();
	whole_load();
	fine(checkpoint_open(st, "Another", &identity, false, &second, &err));
	put_file(in_dir("load-Bad.journal"), "x\n", 2);
	put_file(in_dir("load-Empty.journal"), "", 0);
	put_file(in_dir("other.journal"), "x\n", 2);
	summary_text[0] = '\0';
	fine(checkpoint_each(dir, summarise, NULL, &err));
	ck_assert_str_eq(summary_text,
		"load-Another.journal: db:3306/shop (uuid 17 shop), dynamodb us-east-1 "
		"\\ Users, User 0 of 0, "
		"unfinished, 0 rows, -\n"
		"load-Bad.journal: it is damaged at byte 0 (no whole record)\n"
		"load-Empty.journal: it ends within its header\n"
		"load-Users.journal: db:3306/shop (uuid 17 shop), dynamodb us-east-1 "
		"\\ Users, User 5 of 5, "
		"finished, 60 rows, snapshot at gtid 0-1-100\n");
	ck_assert_int_eq(checkpoint_each(dir, summarise, &second, &err), 5);
	fine(checkpoint_close(second, &err));
}
END_TEST

static Suite *checkpoint_suite(void)
{
	Suite *suite = suite_create("checkpoint/checkpoint");
	TCase *tc = tcase_create("checkpoint");
	int nothers = (int)(sizeof(others) / sizeof(others[0]));

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, whole_and_again);
	tcase_add_test(tc, resume_keeps_planning_state);
	tcase_add_test(tc, contradictions);
	tcase_add_loop_test(tc, other_identity, 0, nothers);
	tcase_add_loop_test(tc, finished_of_other_identity, 0, nothers);
	tcase_add_test(tc, torn_at_every_byte);
	tcase_add_loop_test(tc, every_byte_flipped, 0, 4);
	tcase_add_test(tc, lines_taken_out);
	tcase_add_loop_test(tc, rejects_lost, 0, 2);
	tcase_add_loop_test(tc, rejects_of_no_done_unit, 0, 2);
	tcase_add_loop_test(tc, not_a_journal, 0, 4);
	tcase_add_test(tc, other_version);
	tcase_add_loop_test(tc, disk_full, 0, 2);
	tcase_add_test(tc, nowhere_to_begin);
	tcase_add_loop_test(tc, killed, 0, 3);
	tcase_add_test(tc, several_threads);
	tcase_add_test(tc, summaries);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(checkpoint_suite)
