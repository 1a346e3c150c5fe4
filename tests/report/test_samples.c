#include "check_main.h"

#include <string.h>

#include "report/samples.h"

static struct samples samples;
static struct counters counters;

static void set_up(void)
{
	memset(&counters, 0, sizeof(counters));
	samples_start(&samples, 1000);
}

/* As a run of 'ms' ticks: every 200 ms, a little early or late, a row each. */
static void tick(int64_t ms)
{
	int64_t t;

	for (t = 200; t <= ms; t += 200) {
		COUNTERS_ADD(&counters, rows_read, 1);
		samples_tick(&samples, &counters, 1000 + t + t / 200 % 3 * 20 - 20);
	}
}

START_TEST(test_short_run)
{
	samples_end(&samples, &counters, 1050);
	ck_assert_uint_eq(samples.n, 1);
	ck_assert_int_eq(samples.points[0].at_ms, 50);
}
END_TEST

START_TEST(test_every_tick_at_first)
{
	tick(2000);
	ck_assert_uint_eq(samples.n, 10);
	COUNTERS_ADD(&counters, rows_read, 5);
	samples_end(&samples, &counters, 1000 + 2030);
	ck_assert_uint_eq(samples.n, 11);
	ck_assert_uint_eq(samples.points[10].rows_read, 15);
	ck_assert_int_eq(samples.points[10].at_ms, 2030);
}
END_TEST

START_TEST(test_long_run_keeps_its_limit)
{
	size_t i;

	tick(3600 * 1000);
	samples_end(&samples, &counters, 1000 + 3600 * 1000 + 40);
	ck_assert_uint_gt(samples.n, SAMPLES_MAX / 2 - 1);
	ck_assert_uint_le(samples.n, SAMPLES_MAX);
	ck_assert_int_eq(samples.interval_ms, 200 * 128);
	/* evenly over the whole run, none twice, and the last is the end */
	for (i = 1; i < samples.n; i++) {
		ck_assert_uint_gt(samples.points[i].rows_read, samples.points[i - 1].rows_read - 1);
		ck_assert_int_gt(samples.points[i].at_ms, samples.points[i - 1].at_ms);
		ck_assert_int_le(samples.points[i].at_ms - samples.points[i - 1].at_ms,
				 samples.interval_ms + 200);
	}
	ck_assert_uint_eq(samples.points[samples.n - 1].rows_read, 18000);
	ck_assert_int_le(samples.points[0].at_ms, 2 * samples.interval_ms);
}
END_TEST

START_TEST(test_end_at_a_tick)
{
	tick(400);
	COUNTERS_ADD(&counters, rows_read, 7);
	samples_end(&samples, &counters, samples.start_ms + samples.points[samples.n - 1].at_ms);
	ck_assert_uint_eq(samples.n, 2);
	ck_assert_uint_eq(samples.points[1].rows_read, 9);
}
END_TEST

START_TEST(test_json)
{
	struct buf b = { 0 };
	struct json_out j = { .out = &b };

	COUNTERS_ADD(&counters, rows_read, 3);
	COUNTERS_SET(&counters, limit, LIMIT_TARGET);
	samples_end(&samples, &counters, 1250);
	samples_json(&samples, &j, NULL);
	ck_assert_str_eq(buf_cstr(&b),
			 "{\n  \"every_seconds\": 0.2,\n  \"points\": [\n    {\n"
			 "      \"seconds\": 0.25,\n      \"rows_read\": 3,\n      \"rows_rejected\": 0,\n"
			 "      \"items\": 0,\n      \"items_scanned\": 0,\n      \"bytes\": 0,\n"
			 "      \"retries\": 0,\n      \"throttles\": 0,\n      \"limit\": \"target\"\n"
			 "    }\n  ]\n}\n");
	buf_release(&b);
}
END_TEST

static Suite *samples_suite(void)
{
	Suite *suite = suite_create("report/samples");
	TCase *tc = tcase_create("samples");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, test_short_run);
	tcase_add_test(tc, test_every_tick_at_first);
	tcase_add_test(tc, test_long_run_keeps_its_limit);
	tcase_add_test(tc, test_end_at_a_tick);
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(samples_suite)
