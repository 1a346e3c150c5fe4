#include "check_main.h"

#include "base/log.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_sink.h"
#include "sink/tables.h"

static const char *const xy[] = { "x", "y" };
static const char *const yx[] = { "y", "x" };
static const char *const x_only[] = { "x" };

#define KEYS(pk, pkt, sk, skt) { pk, ATTR_##pkt, sk, ATTR_##skt }
static const struct index_def gsi1 = { .name = "GSI1", .keys = KEYS("email", S, NULL, S) };
static const struct index_def gsi2 = { .name = "GSI2", .keys = KEYS("cat", S, "n", N),
				       .projection = PROJECT_INCLUDE, .nincluded = 2,
				       .included = xy };

static struct table_def users(const struct index_def *indexes, size_t n)
{
	return (struct table_def){ .name = "Users", .keys = KEYS("PK", S, "SK", S),
				   .nindexes = n, .indexes = indexes };
}

/* ---- comparing ------------------------------------------------------------------------------- */

static void compare(const struct table_def *wanted, const struct table_def *actual,
		    const char *differences, const char *warnings, size_t nmissing)
{
	struct tables_diff d;
	struct buf text = { 0 };

	tables_compare(wanted, actual, &d);
	for (size_t i = 0; i < d.differences.n; i++)
		buf_addf(&text, "%s\n", d.differences.text[i]);
	ck_assert_str_eq(buf_cstr(&text), differences);
	buf_reset(&text);
	for (size_t i = 0; i < d.warnings.n; i++)
		buf_addf(&text, "%s\n", d.warnings.text[i]);
	ck_assert_str_eq(buf_cstr(&text), warnings);
	ck_assert_uint_eq(d.nmissing, nmissing);
	buf_release(&text);
	tables_diff_release(&d);
}

START_TEST(compares_keys)
{
	struct table_def wanted = users(NULL, 0), actual = users(NULL, 0);

	compare(&wanted, &actual, "", "", 0);
	actual.keys = (struct key_schema)KEYS("PK", S, "sk", N);
	compare(&wanted, &actual, "table 'Users': sort key is 'SK' (S) in the contract, 'sk' (N) in "
		"DynamoDB\n", "", 0);
	actual.keys = (struct key_schema)KEYS("PK", B, NULL, S);
	compare(&wanted, &actual, "table 'Users': partition key is 'PK' (S) in the contract, 'PK' "
		"(B) in DynamoDB\ntable 'Users': sort key is 'SK' (S) in the contract, none in "
		"DynamoDB\n", "", 0);
	/* without a sort key its type means nothing */
	wanted.keys = (struct key_schema)KEYS("PK", B, NULL, N);
	compare(&wanted, &actual, "", "", 0);
}
END_TEST

START_TEST(compares_indexes)
{
	struct index_def both[] = { gsi1, gsi2 }, other[] = { gsi2, gsi1 };
	struct table_def wanted = users(both, 2), actual = users(other, 2);

	other[0].included = yx;
	compare(&wanted, &actual, "", "", 0);
	other[0].included = x_only;
	other[0].nincluded = 1;
	other[1].projection = PROJECT_KEYS_ONLY;
	other[1].keys.pk_type = ATTR_N;
	compare(&wanted, &actual,
		"table 'Users', index 'GSI1': partition key is 'email' (S) in the contract, 'email' "
		"(N) in DynamoDB\n"
		"table 'Users', index 'GSI1': projection is ALL in the contract, KEYS_ONLY in "
		"DynamoDB\n"
		"table 'Users', index 'GSI2': projection is INCLUDE ('x', 'y') in the contract, "
		"INCLUDE ('x') in DynamoDB\n", "", 0);
	actual = users(NULL, 0);
	compare(&wanted, &actual, "", "", 2);
	compare(&actual, &wanted, "",
		"table 'Users': index 'GSI1' is in DynamoDB, but not in the contract\n"
		"table 'Users': index 'GSI2' is in DynamoDB, but not in the contract\n", 0);
}
END_TEST

START_TEST(settings_are_warnings)
{
	struct table_def wanted = users(NULL, 0), actual = users(NULL, 0);

	actual.provisioned = true;
	actual.stream = "NEW_IMAGE";
	compare(&wanted, &actual, "", "table 'Users': billing mode is PAY_PER_REQUEST in the "
		"contract, PROVISIONED in DynamoDB\n", 0);
	wanted.provisioned = true;
	wanted.write_capacity = 5;
	wanted.stream = "KEYS_ONLY";
	wanted.table_class = "STANDARD_INFREQUENT_ACCESS";
	wanted.deletion_protection = true;
	compare(&wanted, &actual, "",
		"table 'Users': read and write capacity are 0 and 5 in the contract, 0 and 0 in "
		"DynamoDB\n"
		"table 'Users': table class is STANDARD_INFREQUENT_ACCESS in the contract, STANDARD "
		"in DynamoDB\n"
		"table 'Users': stream is KEYS_ONLY in the contract, NEW_IMAGE in DynamoDB\n"
		"table 'Users': deletion protection is on in the contract, off in DynamoDB\n", 0);
	wanted = users(NULL, 0);
	actual = users(NULL, 0);
	wanted.table_class = "STANDARD";
	compare(&wanted, &actual, "", "", 0);
}
END_TEST

/* ---- ensuring -------------------------------------------------------------------------------- */

static struct fake_sink *fake;
static struct fake_clock fclock;
static struct stop stop;
static struct tables_options options;
static struct buf said;
static struct etl_err err;

static void note(void *arg, const char *sentence)
{
	(void)arg;
	buf_addf(&said, "%s\n", sentence);
}

static void set_up(void)
{
	log_setup(LOG_TEXT, LOG_ERROR, false);
	fake = fake_sink_new();
	fake_clock_init(&fclock, 1000);
	stop = (struct stop){ 0 };
	err = (struct etl_err){ 0 };
	said = (struct buf){ 0 };
	options = (struct tables_options){ .clock = &fclock.clock, .stop = &stop,
					   .timeout_ms = 300 * 1000, .create = true,
					   .report = note };
}

static void tear_down(void)
{
	fake_sink_free(fake);
	buf_release(&said);
}

static int ensure(const struct table_def *def)
{
	etl_err_clear(&err);
	return tables_ensure(fake_sink_sink(fake), def, &options, &err);
}

START_TEST(creates_and_waits)
{
	struct index_def both[] = { gsi1, gsi2 };
	struct table_def def = users(both, 2);

	def.ttl_attribute = "expires";
	fake_sink_creating_polls(fake, 5);
	ck_assert_msg(ensure(&def) == 0, "%s", err.msg);
	ck_assert_str_eq(buf_cstr(&said), "creating table 'Users'\ntable 'Users' is ACTIVE\n");
	ck_assert_str_eq(fake_sink_ttl(fake, "Users"), "expires");
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 1);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE_INDEX), 0);
	/* once more: all there */
	ck_assert_int_eq(ensure(&def), 0);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 1);
}
END_TEST

START_TEST(tells_which_table)
{
	struct table_def def = users(NULL, 0), other = users(NULL, 0);
	struct buf id = { 0 };

	other.name = "Others";
	options.id = &id;
	ck_assert_int_eq(ensure(&other), 0);
	fake_sink_creating_polls(fake, 3);
	ck_assert_int_eq(ensure(&def), 0);
	ck_assert_str_eq(buf_cstr(&id), "table-2");
	ck_assert_int_eq(ensure(&other), 0);
	ck_assert_str_eq(buf_cstr(&id), "table-1");
	buf_release(&id);
}
END_TEST

START_TEST(only_compares)
{
	struct table_def def = users(&gsi1, 1), bare = users(NULL, 0);

	options.create = false;
	def.ttl_attribute = "expires";
	ck_assert_int_eq(ensure(&def), -ETL_ENOTFOUND);
	fake_sink_add_table(fake, &bare);
	ck_assert_int_eq(ensure(&def), -ETL_ESINK);
	ck_assert_str_eq(err.msg, "table 'Users': index 'GSI1' is in the contract, but not in "
			 "DynamoDB");
	ck_assert_int_eq(ensure(&bare), 0);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 0);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE_INDEX), 0);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CONFIGURE), 0);
}
END_TEST

START_TEST(adds_indexes_one_by_one)
{
	struct index_def both[] = { gsi1, gsi2 };
	struct table_def def = users(both, 2), bare = users(NULL, 0);

	fake_sink_add_table(fake, &bare);
	fake_sink_creating_polls(fake, 3);
	ck_assert_msg(ensure(&def) == 0, "%s", err.msg);
	ck_assert_str_eq(buf_cstr(&said), "adding index 'GSI1' to table 'Users'\n"
			 "adding index 'GSI2' to table 'Users'\ntable 'Users' is ACTIVE\n");
	/* the fake refuses a second one while the first is being built */
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE_INDEX), 2);
}
END_TEST

START_TEST(refuses_differences)
{
	struct table_def def = users(&gsi1, 1), other = users(NULL, 0);

	other.keys.sk_name = "sk";
	other.keys.pk_type = ATTR_N;
	fake_sink_add_table(fake, &other);
	ck_assert_int_eq(ensure(&def), -ETL_ESINK);
	ck_assert_str_eq(err.msg, "table 'Users': partition key is 'PK' (S) in the contract, 'PK' "
			 "(N) in DynamoDB\ntable 'Users': sort key is 'SK' (S) in the contract, "
			 "'sk' (S) in DynamoDB");
	ck_assert_ptr_nonnull(strstr(err.hint, "never deletes"));
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE_INDEX), 0);
}
END_TEST

/* Whatever passes is tried again; an answer that never came is looked up, not asked twice. */
START_TEST(survives_faults)
{
	struct table_def def = users(&gsi1, 1), bare = users(NULL, 0);

	fake_sink_fault(fake, FAKE_DESCRIBE, 1, 2, FAKE_TRANSIENT, 0);
	fake_sink_fault(fake, FAKE_CREATE, 1, 3, FAKE_THROTTLED, 0);
	fake_sink_fault(fake, FAKE_CREATE, 4, 1, FAKE_UNKNOWN_DONE, 0);
	ck_assert_msg(ensure(&bare) == 0, "%s", err.msg);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 4);
	fake_sink_fault(fake, FAKE_CREATE_INDEX, 1, 1, FAKE_UNKNOWN_LOST, 0);
	fake_sink_fault(fake, FAKE_CREATE_INDEX, 2, 1, FAKE_THROTTLED, 0);
	fake_sink_fault(fake, FAKE_CONFIGURE, 1, 1, FAKE_UNKNOWN_DONE, 0);
	def.ttl_attribute = "t";
	ck_assert_msg(ensure(&def) == 0, "%s", err.msg);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE_INDEX), 3);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CONFIGURE), 2);
}
END_TEST

START_TEST(not_shown_at_once)
{
	struct table_def bare = users(NULL, 0);

	fake_sink_fault(fake, FAKE_DESCRIBE, 2, 4, FAKE_NOTFOUND, 0);
	ck_assert_msg(ensure(&bare) == 0, "%s", err.msg);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 1);
}
END_TEST

START_TEST(gives_up)
{
	struct table_def bare = users(NULL, 0);

	/* nobody ever answered */
	fake_sink_fault(fake, FAKE_DESCRIBE, 1, 0, FAKE_TRANSIENT, 0);
	ck_assert_int_eq(ensure(&bare), -ETL_ETRANSIENT);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_DESCRIBE), 5);
	ck_assert_int_lt(atomic_load(&fclock.slept_ms), 20000);
}
END_TEST

/* It exists, says CreateTable, and it does not, says DescribeTable: so DynamoDB Local where a table's
 * name differs by case only. */
START_TEST(cannot_be_created)
{
	struct table_def bare = users(NULL, 0);

	fake_sink_fault(fake, FAKE_CREATE, 1, 0, FAKE_TRANSIENT, 0);
	ck_assert_int_eq(ensure(&bare), -ETL_ETRANSIENT);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_CREATE), 8);
	ck_assert_int_gt(atomic_load(&fclock.slept_ms), 1000);
	ck_assert_int_lt(atomic_load(&fclock.slept_ms), 60000);
	ck_assert_msg(strstr(err.hint, "differ only in case") != NULL, "%s", err.hint);
	ck_assert_msg(strncmp(buf_cstr(&said), "creating table 'Users'\n", 23) == 0 &&
		      strstr(buf_cstr(&said) + 23, "creating") == NULL, "%s", buf_cstr(&said));
}
END_TEST

static int64_t time_out_ms;

static void let_time_out(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	(void)call;
	if (op == FAKE_DESCRIBE)
		atomic_fetch_add(&fclock.now_ms, time_out_ms);
}

/* An endpoint that takes calls and answers none: as long as PATIENCE_MS, and no five time-outs. */
START_TEST(never_answers)
{
	static const struct {
		int64_t time_out_ms;
		bool answers_first;
		unsigned calls;
		const char *end;	/* of the message */
	} cases[] = {
		{ 30000, false, 2, ", given up after 60 s" },
		{ 30000, true, 2, ", given up after 60 s" },
		{ 10000, true, 6, ", given up after 60 s" },
		{ 58000, false, 1, ", given up after 58 s" },
		{ 4000, false, 5, ": unknown" },	/* answers, though no good ones */
	};
	struct table_def bare = users(NULL, 0);

	if (cases[_i].answers_first) {
		fake_sink_creating_polls(fake, 1000);
		fake_sink_fault(fake, FAKE_DESCRIBE, 2, 0, FAKE_UNKNOWN_LOST, 0);
	} else {
		fake_sink_fault(fake, FAKE_DESCRIBE, 1, 0, FAKE_UNKNOWN_LOST, 0);
	}
	time_out_ms = cases[_i].time_out_ms;
	fake_sink_hook(fake, let_time_out, NULL);
	ck_assert_int_eq(ensure(&bare), -ETL_EUNKNOWN);
	ck_assert_msg(strstr(err.msg, cases[_i].end) != NULL, "%s", err.msg);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_DESCRIBE),
			  cases[_i].calls + cases[_i].answers_first);
}
END_TEST

START_TEST(time_limit)
{
	struct table_def bare = users(NULL, 0);

	fake_sink_creating_polls(fake, 1000000);
	ck_assert_int_eq(ensure(&bare), -ETL_ETRANSIENT);
	ck_assert_str_eq(err.msg, "table 'Users' is not ready after 300 s: it is CREATING");
	ck_assert_int_eq(atomic_load(&fclock.slept_ms), 300 * 1000);
	/* a long wait is told every half minute */
	ck_assert_msg(strstr(buf_cstr(&said), "table 'Users' is not ready after 3") != NULL &&
		      strstr(buf_cstr(&said), " s: CREATING\n") != NULL, "%s", buf_cstr(&said));
	/* throttled for ever: the last refusal is what is shown */
	fake_sink_fault_next(fake, FAKE_DESCRIBE, 0, FAKE_THROTTLED, 0);
	ck_assert_int_eq(ensure(&bare), -ETL_ETHROTTLED);
}
END_TEST

START_TEST(hopeless_ends_at_once)
{
	static const struct { enum fake_fault fault; enum etl_errc code; } cases[] = {
		{ FAKE_HOPELESS, ETL_ESINK }, { FAKE_CREDENTIALS, ETL_ECREDENTIALS },
	};
	struct table_def bare = users(NULL, 0);

	for (size_t i = 0; i < 2; i++) {
		fake_sink_fault_next(fake, FAKE_DESCRIBE, 1, cases[i].fault, 0);
		ck_assert_int_eq(ensure(&bare), -(int)cases[i].code);
		fake_sink_fault_next(fake, FAKE_CREATE, 1, cases[i].fault, 0);
		ck_assert_int_eq(ensure(&bare), -(int)cases[i].code);
	}
	ck_assert_int_eq(atomic_load(&fclock.slept_ms), 0);
}
END_TEST

static void ask(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	if (op == FAKE_DESCRIBE && call == 3)
		stop_ask(&stop);
}

START_TEST(stops)
{
	struct table_def bare = users(NULL, 0);

	fake_sink_creating_polls(fake, 1000000);
	fake_sink_hook(fake, ask, NULL);
	ck_assert_int_eq(ensure(&bare), -ETL_ESTOPPED);
	ck_assert_uint_eq(fake_sink_calls(fake, FAKE_DESCRIBE), 3);
}
END_TEST

static Suite *tables_suite(void)
{
	Suite *suite = suite_create("sink/tables");
	TCase *tc = tcase_create("compare");

	tcase_add_test(tc, compares_keys);
	tcase_add_test(tc, compares_indexes);
	tcase_add_test(tc, settings_are_warnings);
	suite_add_tcase(suite, tc);
	tc = tcase_create("ensure");
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, creates_and_waits);
	tcase_add_test(tc, tells_which_table);
	tcase_add_test(tc, only_compares);
	tcase_add_test(tc, adds_indexes_one_by_one);
	tcase_add_test(tc, refuses_differences);
	tcase_add_test(tc, survives_faults);
	tcase_add_test(tc, not_shown_at_once);
	tcase_add_test(tc, gives_up);
	tcase_add_test(tc, cannot_be_created);
	tcase_add_loop_test(tc, never_answers, 0, 5);
	tcase_add_test(tc, time_limit);
	tcase_add_test(tc, hopeless_ends_at_once);
	tcase_add_test(tc, stops);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(tables_suite)
