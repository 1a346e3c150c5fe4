/* Loads whose target or source fails in every way that can be scripted. */
#include "check_main.h"

#include "pipeline/load_world.h"

static const struct {
	enum fake_fault fault;
	uint64_t arg;
	uint64_t first, times;
} weather[] = {
	{ FAKE_THROTTLED, 0, 1, 30 },
	{ FAKE_TRANSIENT, 0, 2, 10 },
	{ FAKE_UNKNOWN_DONE, 0, 3, 20 },
	{ FAKE_UNKNOWN_LOST, 0, 1, 20 },
	{ FAKE_EXPIRED, 0, 5, 2 },
	{ FAKE_UNPROCESSED, 0x0055aa55, 1, 40 },
	{ FAKE_UNPROCESSED, UINT64_MAX, 4, 25 },
	{ FAKE_UNPROCESSED, 1, 1, 25 },
};

START_TEST(bad_weather)
{
	world_init(&w, 500, 400, 10, 50);
	fake_sink_fault(w.sink, FAKE_WRITE, weather[_i].first, weather[_i].times,
			weather[_i].fault, weather[_i].arg);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_ge(result.retries, weather[_i].times);
	ck_assert_uint_eq(result.throttles, weather[_i].fault == FAKE_THROTTLED ? 30 : 0);
	ck_assert(weather[_i].fault != FAKE_UNPROCESSED || result.unprocessed > 0);
}
END_TEST

START_TEST(all_weathers_at_once)
{
	size_t i;

	world_init(&w, 2000, 1500, 100, 300);
	for (i = 0; i < sizeof(weather) / sizeof(*weather); i++)
		fake_sink_fault(w.sink, FAKE_WRITE, 1 + i * 17, 15 - 13 * (i == 4),
				weather[i].fault, weather[i].arg);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
}
END_TEST

static const struct {
	enum fake_op op;
	enum fake_fault fault;
	uint64_t first, times;
	int rc;
} storms[] = {
	{ FAKE_WRITE, FAKE_HOPELESS, 1, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_HOPELESS, 30, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_CREDENTIALS, 9, 1, -ETL_ECREDENTIALS },
	{ FAKE_WRITE, FAKE_NOTFOUND, 9, 1, -ETL_ENOTFOUND },
	{ FAKE_OPEN_CONN, FAKE_HOPELESS, 2, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_THROTTLED, 9, 2000, -ETL_ETHROTTLED },
	{ FAKE_WRITE, FAKE_EXPIRED, 9, 50, -ETL_EEXPIRED },
};

START_TEST(hopeless_ends_the_run_and_the_next_goes_on)
{
	int tries = 0;

	world_init(&w, 1000, 300, 10, 50);
	fake_sink_fault(w.sink, storms[_i].op, storms[_i].first, storms[_i].times,
			storms[_i].fault, 0);
	ck_assert_int_eq(run(), storms[_i].rc);
	ck_assert(!result.complete);
	while (run() < 0 && tries++ < 50)
		ck_assert_int_eq(-(int)err.code, storms[_i].rc);
	check_complete();
}
END_TEST

static const struct {
	enum fake_source_op op;
	uint64_t nth;
	enum etl_errc code;
} source_faults[] = {
	{ SRC_OPEN_READERS, 1, ETL_ESOURCELOST },
	{ SRC_CANDIDATES, 1, ETL_ESOURCE },
	{ SRC_NEXT_BOUND, 1, ETL_ESOURCELOST }, { SRC_NEXT_BOUND, 9, ETL_ESOURCELOST },
	{ SRC_BEGIN, 1, ETL_ESOURCE }, { SRC_BEGIN, 7, ETL_ESOURCELOST },
	{ SRC_NEXT, 1, ETL_ESOURCE }, { SRC_NEXT, 333, ETL_ESOURCELOST },
	{ SRC_NEXT, 700, ETL_ESOURCE }, { SRC_COUNT, 2, ETL_ESOURCELOST },
};

START_TEST(source_fails_and_the_next_run_goes_on)
{
	uint64_t done, resumed = 0;
	size_t i;

	world_init(&w, 500, 400, 10, 50);
	fake_source_fault(w.source, source_faults[_i].op, source_faults[_i].nth, 1,
			  source_faults[_i].code);
	ck_assert_int_eq(run(), -(int)source_faults[_i].code);
	ck_assert(!result.complete);
	done = w.counters.units_done;
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	for (i = 0; i < result.nentities; i++)
		resumed += result.entities[i].units_resumed;
	ck_assert_uint_eq(resumed, done);
}
END_TEST

static struct {
	unsigned looks, away;		/* calls; how many of them find no source */
	enum etl_errc never;		/* what the first look says instead */
	int signal_at;			/* the look at which a signal comes */
} looking;

static int look(void *arg, struct etl_err *e)
{
	ck_assert_ptr_eq(arg, &looking);
	looking.looks++;
	if (looking.looks == (unsigned)looking.signal_at)
		stop_ask_signal(&w.stop, SIGTERM);
	if (looking.never)
		return etl_err_set(e, looking.never, "another one answers");
	return looking.looks <= looking.away ? etl_err_set(e, ETL_ESOURCELOST, "away") : 0;
}

static int run_looking(unsigned away)
{
	struct load_job job = job_now();
	int rc;

	memset(&looking, 0, sizeof(looking));
	looking.away = away;
	log_setup(LOG_TEXT, LOG_ERROR, false);
	job.look = (struct source_look){ look, &looking };
	open_journals();
	rc = run_with(&job);
	close_journals();
	return rc;
}

/* Wherever the source is lost, the same run goes on, and its counts are those of one that lost
 * nothing. */
START_TEST(source_lost_and_back)
{
	uint64_t nth = 1 + (uint64_t)_i * 41, rejects = 0, by_code[REJECT_CODE_COUNT] = { 0 };
	size_t i, examples = 0;
	int code;

	world_with_rejects();
	fake_source_fault(w.source, SRC_NEXT, nth, 1, ETL_ESOURCELOST);
	ck_assert_msg(run_looking((unsigned)_i % 3) == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_eq(result.losses, 1);
	ck_assert_uint_eq(result.nsnapshots, 2);
	ck_assert(!result.resumed);
	ck_assert_uint_eq(looking.looks, 1 + (unsigned)_i % 3);
	for (i = 0; i < result.nentities; i++) {
		ck_assert_uint_eq(result.entities[i].units_resumed, 0);
		for (code = 0; code < REJECT_CODE_COUNT; code++) {
			rejects += result.entities[i].rejects[code];
			by_code[code] += result.entities[i].rejects[code];
		}
	}
	for (code = 0; code < REJECT_CODE_COUNT; code++)
		examples += by_code[code] < REJECT_EXAMPLES_PER_CODE ? by_code[code]
								     : REJECT_EXAMPLES_PER_CODE;
	ck_assert_uint_gt(examples, 0);
	ck_assert_uint_eq(rejects, result.counts.rows_rejected);
	ck_assert_uint_eq(lines_of("Users") + lines_of("Things"), rejects);
	ck_assert_uint_eq(result.nexamples, examples);
	ck_assert_uint_eq(w.counters.units_done, w.counters.units_planned);
}
END_TEST

/* No unit is read twice but for those that were under way. */
START_TEST(what_is_done_is_not_read_again)
{
	uint64_t rows, under_way;

	world_init(&w, 4000, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 3900, 1, ETL_ESOURCELOST);
	ck_assert_msg(run_looking(0) == 0, "%s", err.msg);
	rows = fake_source_calls(w.source, SRC_NEXT);
	check_complete();
	/* 100 units of 40 rows and an end; under way are at most those of 3 readers, 11 batches */
	under_way = (3 + 11) * 41;
	ck_assert_uint_le(rows, 4000 + 100 + under_way);
	ck_assert(!result.entities[W_USER].counted);
}
END_TEST

START_TEST(source_that_stays_away)
{
	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	ck_assert_int_eq(run_looking(1000000), -ETL_ESOURCELOST);
	ck_assert_str_eq(err.msg, "the source did not come back: away");
	ck_assert_int_ge(w.clock.slept_ms, 600000);
	ck_assert_int_lt(w.clock.slept_ms, 610000);
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
}
END_TEST

START_TEST(source_lost_again_and_again)
{
	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_CANDIDATES, 1, 0, ETL_ESOURCELOST);
	ck_assert_int_eq(run_looking(0), -ETL_ESOURCELOST);
	ck_assert_ptr_nonnull(strstr(err.msg, "again and again"));
	ck_assert_uint_eq(result.losses, REGAIN_MAX_IN_VAIN - 1);
}
END_TEST

START_TEST(another_source_is_none)
{
	struct load_job job;

	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	job = job_now();
	memset(&looking, 0, sizeof(looking));
	looking.never = ETL_ESOURCE;
	job.look = (struct source_look){ look, &looking };
	open_journals();
	ck_assert_int_eq(run_with(&job), -ETL_ESOURCE);
	close_journals();
	ck_assert_str_eq(err.msg, "another one answers");
	ck_assert_uint_eq(looking.looks, 1);
}
END_TEST

START_TEST(signal_while_the_source_is_away)
{
	struct load_job job;

	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	job = job_now();
	memset(&looking, 0, sizeof(looking));
	looking.away = 1000;
	looking.signal_at = 3;
	job.look = (struct source_look){ look, &looking };
	open_journals();
	ck_assert_int_eq(run_with(&job), -ETL_ESTOPPED);
	close_journals();
	ck_assert_uint_eq(looking.looks, 3);
	ck_assert_int_eq(stop_signal(&w.stop), SIGTERM);
}
END_TEST

/* A driver that lies about the end is found out, and its journal is not believed. */
START_TEST(rows_that_end_too_early)
{
	world_init(&w, 500, 10, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_OK);
	ck_assert_int_eq(run(), -ETL_EINTERNAL);
	ck_assert(!result.complete);
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	ck_assert(!result.entities[0].units_resumed);
	check_complete();
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/load_faults");
	TCase *tc = tcase_create("load");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, bad_weather, 0, sizeof(weather) / sizeof(*weather));
	tcase_add_test(tc, all_weathers_at_once);
	tcase_add_loop_test(tc, hopeless_ends_the_run_and_the_next_goes_on, 0,
			    sizeof(storms) / sizeof(*storms));
	tcase_add_loop_test(tc, source_fails_and_the_next_run_goes_on, 0,
			    sizeof(source_faults) / sizeof(*source_faults));
	tcase_add_loop_test(tc, source_lost_and_back, 0, 15);
	tcase_add_test(tc, what_is_done_is_not_read_again);
	tcase_add_test(tc, source_that_stays_away);
	tcase_add_test(tc, source_lost_again_and_again);
	tcase_add_test(tc, another_source_is_none);
	tcase_add_test(tc, signal_while_the_source_is_away);
	tcase_add_test(tc, rows_that_end_too_early);
	/* under the thread sanitizer each of these takes seconds */
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
