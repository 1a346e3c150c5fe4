#include "check_main.h"

#include "checkpoint/whole_load.h"

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
	refused(checkpoint_unit_begun(cp, 0, 0, &err), "a unit is begun twice");
	refused(checkpoint_unit_begun(cp, 0, 1, &err), "a unit that was never planned is begun");
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
	tcase_add_test(tc, several_threads);
	tcase_add_test(tc, summaries);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(checkpoint_suite)
