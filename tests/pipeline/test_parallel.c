#include "check_main.h"

#include <stdatomic.h>
#include <unistd.h>

#include "pipeline/inflight.h"
#include "pipeline/parallel.h"

static atomic_int ran, ticks;
static struct stop stop;
static struct inflight *inflight;
static atomic_int holders[8];

static void setup(void)
{
	ran = ticks = 0;
	stop = (struct stop){ 0 };
}

static int count(void *ctx, unsigned i, struct etl_err *err)
{
	(void)err;
	atomic_fetch_add((atomic_int *)ctx, 1 << i);
	return 0;
}

START_TEST(runs_each_once)
{
	struct parallel p = { .n = 10, .run = count, .ctx = &ran, .stop = &stop };

	ck_assert_int_eq(parallel_run(&p, NULL), 0);
	ck_assert_int_eq(ran, 1023);
	ck_assert(!stop_asked(&stop));
}
END_TEST

static int fail_or_wait(void *ctx, unsigned i, struct etl_err *err)
{
	(void)ctx;
	if (i == 3)
		return etl_err_set(err, ETL_ESINK, "number %u failed", i);
	while (!stop_asked(&stop))
		usleep(1000);
	return etl_err_set(err, ETL_ESTOPPED, "number %u left", i);
}

static void tick(void *ctx)
{
	(void)ctx;
	ticks++;
}

START_TEST(first_error_wins)
{
	struct parallel p = { .n = 6, .run = fail_or_wait, .tick = tick, .stop = &stop };
	struct etl_err err = { 0 };

	ck_assert_int_eq(parallel_run(&p, &err), -ETL_ESINK);
	ck_assert_str_eq(err.msg, "number 3 failed");
	ck_assert_int_gt(ticks, 0);
}
END_TEST

static int silent(void *ctx, unsigned i, struct etl_err *err)
{
	(void)ctx;
	(void)i;
	(void)err;
	return -ETL_ESYSTEM;
}

START_TEST(a_failure_without_words_is_a_failure)
{
	struct parallel p = { .n = 1, .run = silent, .stop = &stop };
	struct etl_err err = { 0 };

	ck_assert_int_eq(parallel_run(&p, &err), -ETL_ESYSTEM);
	ck_assert_int_eq(err.code, ETL_ESYSTEM);
}
END_TEST

/* Each thread claims overlapping sets; no key has two holders. */
static int claim(void *ctx, unsigned i, struct etl_err *err)
{
	struct inflight_key keys[3];
	int round, k;

	(void)ctx;
	for (round = 0; round < 300; round++) {
		int at[3] = { round % 8, (round + 1 + (int)i % 3) % 8, (round + 5) % 8 };

		for (k = 0; k < 3; k++)
			keys[k].hash = (struct hash128){ 9, (uint64_t)at[k] * 1024 };
		if (!inflight_claim(inflight, keys, 3, &stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped");
		for (k = 0; k < 3; k++)
			if (atomic_fetch_add(&holders[at[k]], 1))
				return etl_err_set(err, ETL_EINTERNAL, "two holders");
		for (k = 0; k < 3; k++)
			atomic_fetch_sub(&holders[at[k]], 1);
		inflight_release(inflight, keys, 3);
	}
	return 0;
}

START_TEST(keys_in_flight_have_one_holder)
{
	struct parallel p = { .n = 6, .run = claim, .stop = &stop };
	struct etl_err err = { 0 };

	inflight = inflight_new();
	ck_assert_msg(parallel_run(&p, &err) == 0, "%s", err.msg);
	inflight_free(inflight);
}
END_TEST

START_TEST(a_claim_that_waits_is_stopped)
{
	struct inflight_key a = { .hash = { 1, 2 } }, b = { .hash = { 1, 2 } };

	inflight = inflight_new();
	ck_assert(inflight_claim(inflight, &a, 1, &stop));
	stop_ask(&stop);
	ck_assert(!inflight_claim(inflight, &b, 1, &stop));
	inflight_release(inflight, &a, 1);
	inflight_free(inflight);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/parallel");
	TCase *tc = tcase_create("parallel");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, runs_each_once);
	tcase_add_test(tc, first_error_wins);
	tcase_add_test(tc, a_failure_without_words_is_a_failure);
	tcase_add_test(tc, keys_in_flight_have_one_holder);
	tcase_add_test(tc, a_claim_that_waits_is_stopped);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
