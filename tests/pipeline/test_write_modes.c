/*
 * Loads beside an application: what is there already, and what comes to be there meanwhile, stays;
 * and each row is counted as what became of it, whatever answers were lost.
 */
#include "check_main.h"

#include <stdio.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"
#include "fakes/fake_world.h"
#include "pipeline/load.h"
#include "pipeline/scratch.h"

static struct world w;
static char dir[64];
static struct load_result result;
static struct etl_err err;
static uint64_t max_wcu;

static const struct put_condition if_absent = { .mode = WRITE_IF_ABSENT };
static const struct put_condition newer = { .mode = WRITE_NEWER, .version_attribute = "score" };

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/etl-test-modes-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	err = (struct etl_err){ 0 };
	result = (struct load_result){ 0 };
	max_wcu = 0;
}

static void teardown(void)
{
	load_result_release(&result);
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
	scratch_remove(dir);
}

/* One run as a process would do it, with journals. */
static int run(const struct put_condition *condition)
{
	static const struct checkpoint_entity_id users[] = {
		{ "User", "d1" }, { "Order", "d2" }, { "Note", "d3" } };
	static const struct checkpoint_entity_id things[] = { { "Thing", "d4" } };
	struct checkpoint_identity id = { .contract_digest = "c", .source = "s", .source_words = "w",
					  .target = "t", .write_mode = "m", .table_id = "1" };
	struct load_job job = {
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters,
		.state_dir = dir, .ntables = 2, .tables = w.tables, .readers = 2, .workers = 3,
		.chunk_rows = 40, .condition = *condition,
		.max_wcu = max_wcu,
	};
	struct state *state;
	struct etl_err e = { 0 };
	int i, rc;

	load_result_release(&result);
	etl_err_clear(&err);
	world_again(&w);
	ck_assert_msg(state_open(dir, clock_real(), "load", &state, &e) == 0, "%s", e.msg);
	for (i = 0; i < 2; i++) {
		id.nentities = i ? 1 : 3;
		id.entities = i ? things : users;
		ck_assert_msg(checkpoint_open(state, w.defs[i]->name, &id, false,
					      &w.tables[i].checkpoint, &e) == 0, "%s", e.msg);
	}
	rc = load_run(&job, &result, &err);
	ck_assert_int_eq(rc, -(int)err.code);
	for (i = 0; i < 2; i++) {
		ck_assert_msg(checkpoint_close(w.tables[i].checkpoint, &e) == 0, "%s", e.msg);
		w.tables[i].checkpoint = NULL;
	}
	state_close(state);
	return rc;
}

/* What the application writes. */
static void there(const char *pk, const char *sk, const char *json)
{
	struct buf key = world_key(pk, sk);

	fake_sink_put(w.sink, "Users", buf_str(&key), str_of(json));
	buf_release(&key);
}

static void assert_there(const char *pk, const char *sk, const char *json)
{
	struct buf key = world_key(pk, sk), now = { 0 };

	ck_assert(fake_sink_item(w.sink, "Users", buf_str(&key), &now));
	ck_assert_str_eq(buf_cstr(&now), json);
	buf_release(&key);
	buf_release(&now);
}

static void assert_counts(uint64_t written, uint64_t replaced, uint64_t skipped, uint64_t same)
{
	const struct load_counts *c = &result.counts;

	ck_assert_msg(result.complete, "%s", err.msg);
	ck_assert_uint_eq(c->items_written, written);
	ck_assert_uint_eq(c->items_replaced, replaced);
	ck_assert_uint_eq(c->rows_skipped, skipped);
	ck_assert_uint_eq(c->rows_same, same);
	ck_assert_uint_eq(c->rows_read, written + skipped + c->rows_rejected);
}

#define USER_KEY(id) "\"PK\":{\"S\":\"USER#" id "\"},\"SK\":{\"S\":\"PROFILE\"}"
/* what row 5 makes, in another order and with another text of its number */
#define USER_5 "{\"score\":{\"N\":\"5.0\"},\"email\":{\"S\":\"5@example.org\"}," USER_KEY("5") \
	",\"name\":{\"S\":\"name of \\u00225\\u0022\"}}"
#define OTHER(id, score) "{" USER_KEY(id) "," score "\"name\":{\"S\":\"the application's\"}}"
#define N(n) "\"score\":{\"N\":\"" n "\"},"

START_TEST(if_absent_never_touches)
{
	world_init(&w, 100, 0, 0, 10);
	there("USER#3", "PROFILE", OTHER("3", N("1")));
	there("USER#4", "PROFILE", OTHER("4", ""));
	there("USER#5", "PROFILE", USER_5);
	there("USER#900", "PROFILE", OTHER("900", ""));
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(107, 0, 3, 1);
	assert_there("USER#3", "PROFILE", OTHER("3", N("1")));
	assert_there("USER#4", "PROFILE", OTHER("4", ""));
	assert_there("USER#5", "PROFILE", USER_5);
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 101);
	ck_assert_uint_eq(w.counters.rows_skipped, 3);
	ck_assert_uint_eq(w.counters.items_written, 107);
	ck_assert_uint_eq(result.entities[W_USER].counts.rows_skipped, 3);
	/* what was skipped entered no index for this load */
	ck_assert_uint_eq(result.entities[W_USER].index_entries[0], 100 - 14 - 3);
	/* each put took a unit: those that were held, too */
	ck_assert_uint_eq(result.counts.wcu_milli, 110 * 1000);
	/* all of it again: nothing is absent */
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(0, 0, 110, 108);
}
END_TEST

START_TEST(nothing_there_is_as_overwrite)
{
	world_init(&w, 200, 100, 10, 30);
	ck_assert_msg(run(_i ? &newer : &if_absent) == 0, "%s", err.msg);
	assert_counts(340, 0, 0, 0);
	ck_assert_msg(!world_differs(&w), "%s", world_differs(&w));
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_WRITE), 0);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_PUT), 340);
}
END_TEST

/* Row n has version n; what is there only gives way where it is less, in the same type. */
START_TEST(newer_replaces_only_what_is_older)
{

	world_init(&w, 100, 0, 0, 0);
	world_user(&w, "USER#200", "PROFILE", "no version", NULL, NULL, "200");
	world_user(&w, "USER#201", "PROFILE", "no version", NULL, NULL, "201");
	there("USER#9", "PROFILE", OTHER("9", N("8.99")));		/* older */
	there("USER#10", "PROFILE", OTHER("10", N("9")));		/* older, though not as text */
	there("USER#11", "PROFILE", OTHER("11", N("-100")));		/* older */
	there("USER#12", "PROFILE", OTHER("12", N("12.0")));		/* as old */
	there("USER#13", "PROFILE", OTHER("13", N("13.01")));		/* newer */
	there("USER#14", "PROFILE", OTHER("14", N("100")));		/* newer */
	there("USER#15", "PROFILE", OTHER("15", ""));			/* who knows */
	there("USER#16", "PROFILE", OTHER("16", "\"score\":{\"S\":\"1\"},"));
	there("USER#17", "PROFILE", OTHER("17", "\"score\":{\"NULL\":true},"));
	there("USER#5", "PROFILE", USER_5);				/* the same */
	there("USER#201", "PROFILE", OTHER("201", ""));
	ck_assert_msg(run(&newer) == 0, "%s", err.msg);
	assert_counts(102 - 8, 3, 8, 1);
	assert_there("USER#12", "PROFILE", OTHER("12", N("12.0")));
	assert_there("USER#13", "PROFILE", OTHER("13", N("13.01")));
	assert_there("USER#14", "PROFILE", OTHER("14", N("100")));
	assert_there("USER#15", "PROFILE", OTHER("15", ""));
	assert_there("USER#16", "PROFILE", OTHER("16", "\"score\":{\"S\":\"1\"},"));
	assert_there("USER#17", "PROFILE", OTHER("17", "\"score\":{\"NULL\":true},"));
	assert_there("USER#201", "PROFILE", OTHER("201", ""));
	assert_there("USER#10", "PROFILE", "{" USER_KEY("10") ",\"name\":{\"S\":\"name of \\\"10"
		     "\\\"\"},\"score\":{\"N\":\"10\"},\"email\":{\"S\":\"10@example.org\"}}");
}
END_TEST

/* ---- answers that do not come --------------------------------------------------------------- */

static const struct {
	enum fake_fault fault;
	uint64_t first, times;
} weather[] = {
	{ FAKE_UNKNOWN_DONE, 3, 60 }, { FAKE_UNKNOWN_LOST, 1, 60 }, { FAKE_TWICE, 1, 0 },
	{ FAKE_TWICE_THROTTLED, 3, 40 }, { FAKE_TRANSIENT, 2, 30 }, { FAKE_THROTTLED, 1, 40 }, { FAKE_EXPIRED, 5, 2 },
};
#define NWEATHERS (sizeof(weather) / sizeof(*weather))

/* Whatever becomes of the answers: what was absent is written and counted as such. */
START_TEST(own_first_attempts_are_written)
{
	const struct put_condition *condition = _i % 2 ? &newer : &if_absent;
	size_t i = (size_t)_i / 2;

	world_init(&w, 150, 40, 5, 20);
	there("USER#3", "PROFILE", OTHER("3", N("3")));
	there("USER#4", "PROFILE", OTHER("4", N("5")));
	fake_sink_fault(w.sink, FAKE_PUT, weather[i].first, weather[i].times, weather[i].fault, 0);
	ck_assert_msg(run(condition) == 0, "%s", err.msg);
	assert_counts(213, 0, 2, 0);
	assert_there("USER#3", "PROFILE", OTHER("3", N("3")));
	assert_there("USER#4", "PROFILE", OTHER("4", N("5")));
	ck_assert_uint_ge(result.retries, weather[i].times);
}
END_TEST

/* Of an item that is the row's own nobody knows who made it, if the load may have: it is said to
 * have. Where it cannot have, it is said not to have. */
START_TEST(who_made_it)
{
	static const struct { enum fake_fault fault; uint64_t times; bool doubt; } cases[] = {
		{ FAKE_SLOW, 1, false }, { FAKE_THROTTLED, 3, false }, { FAKE_EXPIRED, 1, false },
		{ FAKE_UNKNOWN_LOST, 1, true }, { FAKE_TRANSIENT, 1, true },
		{ FAKE_UNKNOWN_DONE, 2, true }, { FAKE_TWICE, 1, true },
		{ FAKE_TWICE_THROTTLED, 1, true },
	};

	world_init(&w, 0, 0, 0, 0);
	world_user(&w, "USER#5", "PROFILE", "name of \"5\"", "5", "5@example.org", "5");
	there("USER#5", "PROFILE", USER_5);
	fake_sink_fault(w.sink, FAKE_PUT, 1, cases[_i].times, cases[_i].fault, 0);
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(cases[_i].doubt, 0, !cases[_i].doubt, !cases[_i].doubt);
	assert_there("USER#5", "PROFILE", USER_5);
}
END_TEST

/* A doubt stays through answers that leave none. */
START_TEST(doubt_is_not_forgotten)
{
	world_init(&w, 1, 0, 0, 0);
	fake_sink_fault(w.sink, FAKE_PUT, 1, 1, FAKE_UNKNOWN_DONE, 0);
	fake_sink_fault(w.sink, FAKE_PUT, 2, 2, FAKE_THROTTLED, 0);
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(1, 0, 0, 0);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_PUT), 4);
}
END_TEST

static void application_writes(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	if (op == FAKE_PUT && call == 2)
		there("USER#1", "PROFILE", OTHER("1", N("2")));
}

/* The load's item was there, unheard of, and the application replaced it before it was sent again:
 * what is there is not the row's. */
START_TEST(replaced_before_it_was_heard_of)
{
	world_init(&w, 1, 0, 0, 0);
	fake_sink_fault(w.sink, FAKE_PUT, 1, 1, FAKE_UNKNOWN_DONE, 0);
	fake_sink_hook(w.sink, application_writes, NULL);
	ck_assert_msg(run(_i ? &newer : &if_absent) == 0, "%s", err.msg);
	assert_counts(0, 0, 1, 0);
	assert_there("USER#1", "PROFILE", OTHER("1", N("2")));
}
END_TEST

/* A replaced item whose answer was lost is written, and not known to have replaced one. */
START_TEST(replaced_unheard_of)
{
	world_init(&w, 2, 0, 0, 0);
	there("USER#1", "PROFILE", OTHER("1", N("0")));
	there("USER#2", "PROFILE", OTHER("2", N("0")));
	fake_sink_fault(w.sink, FAKE_PUT, 1, 1, FAKE_UNKNOWN_DONE, 0);
	ck_assert_msg(run(&newer) == 0, "%s", err.msg);
	assert_counts(2, 1, 0, 0);
	ck_assert_msg(!world_differs(&w), "%s", world_differs(&w));
}
END_TEST

/* ---- ends ------------------------------------------------------------------------------------ */

static uint64_t stop_at;

static void stop_hook(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	if (op == FAKE_PUT && call == stop_at)
		stop_ask_signal(&w.stop, 15);
}

/* What the stopped run wrote of units that it did not finish is found and counted once. */
START_TEST(stopped_at_any_put_then_resumed)
{
	int rc;

	world_init(&w, 100, 60, 5, 20);
	there("USER#50", "PROFILE", OTHER("50", N("60")));
	there("USER#51", "PROFILE", OTHER("51", N("60")));
	fake_sink_fault(w.sink, FAKE_PUT, 7, 20, FAKE_UNKNOWN_DONE, 0);
	stop_at = (uint64_t)_i * 4 + 1;
	fake_sink_hook(w.sink, stop_hook, NULL);
	rc = run(_i % 2 ? &newer : &if_absent);
	ck_assert_msg(rc == -ETL_ESTOPPED, "%s", err.msg);
	fake_sink_hook(w.sink, NULL, NULL);
	ck_assert_msg(run(_i % 2 ? &newer : &if_absent) == 0, "%s", err.msg);
	ck_assert(result.resumed);
	assert_counts(183, 0, 2, 0);
	assert_there("USER#50", "PROFILE", OTHER("50", N("60")));
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 165);
}
END_TEST

/* Units that no earlier run had begun bring no doubt. */
START_TEST(only_begun_units_are_in_doubt)
{
	world_init(&w, 1000, 0, 0, 0);
	stop_at = 100;
	fake_sink_hook(w.sink, stop_hook, NULL);
	ck_assert_int_eq(run(&if_absent), -ETL_ESTOPPED);
	fake_sink_hook(w.sink, NULL, NULL);
	there("USER#990", "PROFILE", OTHER("990", ""));
	world_user(&w, "USER#1001", "PROFILE", "name of \"5\"", "5", "5@example.org", "1001");
	there("USER#1001", "PROFILE", "{\"score\":{\"N\":\"5\"},\"email\":{\"S\":\"5@example.org\"},"
	      USER_KEY("1001") ",\"name\":{\"S\":\"name of \\\"5\\\"\"}}");
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(999, 0, 2, 1);
}
END_TEST

static const struct { enum fake_fault fault; uint64_t times; int rc; } storms[] = {
	{ FAKE_HOPELESS, 1, -ETL_ESINK }, { FAKE_CREDENTIALS, 1, -ETL_ECREDENTIALS },
	{ FAKE_NOTFOUND, 1, -ETL_ENOTFOUND }, { FAKE_THROTTLED, 2000, -ETL_ETHROTTLED },
	{ FAKE_EXPIRED, 50, -ETL_EEXPIRED },
};

START_TEST(hopeless_ends_the_run_and_the_next_goes_on)
{
	int tries = 0;

	world_init(&w, 200, 0, 0, 0);
	fake_sink_fault(w.sink, FAKE_PUT, 30, storms[_i].times, storms[_i].fault, 0);
	ck_assert_int_eq(run(&if_absent), storms[_i].rc);
	ck_assert(!result.complete);
	while (run(&if_absent) < 0 && tries++ < 50)
		ck_assert_int_eq(-(int)err.code, storms[_i].rc);
	assert_counts(200, 0, 0, 0);
}
END_TEST

START_TEST(refused_items_are_rejects)
{
	struct buf key = world_key("USER#77", "PROFILE");

	world_init(&w, 100, 0, 0, 0);
	fake_sink_poison(w.sink, buf_str(&key));
	fake_sink_fault(w.sink, FAKE_PUT, 1, 30, FAKE_UNKNOWN_LOST, 0);
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	ck_assert_uint_eq(result.counts.rows_rejected, 1);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_REFUSED], 1);
	assert_counts(99, 0, 0, 0);
	buf_release(&key);
}
END_TEST

/* The larger of both items is paid for. */
START_TEST(held_puts_are_paid_for)
{
	static char large[9000];
	int n = snprintf(large, sizeof(large), "{" USER_KEY("1") ",\"x\":{\"S\":\"%08000d\"}}", 0);

	ck_assert_int_lt(n, (int)sizeof(large));
	world_init(&w, 2, 0, 0, 0);
	there("USER#1", "PROFILE", large);
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(1, 0, 1, 0);
	ck_assert_uint_eq(result.counts.wcu_milli, 8000 + 1000);
	ck_assert_uint_eq(w.counters.wcu_milli, 9000);
}
END_TEST

/* What is written and what is held back, by the larger item, keeps to the limit. */
START_TEST(puts_keep_to_the_limit)
{
	static char large[9000];
	char pk[32];
	int64_t begin_ms;
	int i;

	world_init(&w, 100, 100, 0, 0);
	for (i = 1; i <= 100; i++) {
		snprintf(pk, sizeof(pk), "USER#%d", i);
		snprintf(large, sizeof(large), "{\"PK\":{\"S\":\"%s\"},\"SK\":{\"S\":\"PROFILE\"},"
			 "\"x\":{\"S\":\"%08000d\"}}", pk, 0);
		there(pk, "PROFILE", large);
	}
	max_wcu = 100;
	begin_ms = w.clock.now_ms;
	ck_assert_msg(run(&if_absent) == 0, "%s", err.msg);
	assert_counts(100, 0, 100, 0);
	ck_assert_uint_eq(result.counts.wcu_milli, 900 * 1000);
	/* what three workers ask for at last is out before it is paid for */
	ck_assert_int_ge(w.clock.now_ms - begin_ms, (900 - 3 * 8) * 1000 / 100);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/write_modes");
	TCase *tc = tcase_create("modes");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, if_absent_never_touches);
	tcase_add_loop_test(tc, nothing_there_is_as_overwrite, 0, 2);
	tcase_add_test(tc, newer_replaces_only_what_is_older);
	tcase_add_loop_test(tc, own_first_attempts_are_written, 0, 2 * NWEATHERS);
	tcase_add_loop_test(tc, who_made_it, 0, 8);
	tcase_add_test(tc, doubt_is_not_forgotten);
	tcase_add_loop_test(tc, replaced_before_it_was_heard_of, 0, 2);
	tcase_add_test(tc, replaced_unheard_of);
	tcase_add_loop_test(tc, stopped_at_any_put_then_resumed, 0, getenv("ETL_TEST_FEW") ? 5 : 40);
	tcase_add_test(tc, only_begun_units_are_in_doubt);
	tcase_add_loop_test(tc, hopeless_ends_the_run_and_the_next_goes_on, 0,
			    sizeof(storms) / sizeof(*storms));
	tcase_add_test(tc, refused_items_are_rejects);
	tcase_add_test(tc, held_puts_are_paid_for);
	tcase_add_test(tc, puts_keep_to_the_limit);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
