/*
 * The rate with a clock that only sleeping moves: what was spent, held against the time it took. And
 * with many threads on the real clock.
 */
#include "check_main.h"

#include <pthread.h>

#include "fakes/fake_clock.h"
#include "pipeline/rate.h"

static struct fake_clock clock_;
static struct stop stop;

static void setup(void)
{
	fake_clock_init(&clock_, 5000);
	stop = (struct stop){ 0 };
}

static double seconds(void)
{
	return (double)(clock_.now_ms - 5000) / 1000;
}

START_TEST(no_limit_no_wait)
{
	struct rate *r = rate_new(&clock_.clock, 2, 0);
	int i;

	for (i = 0; i < 1000; i++) {
		ck_assert(rate_take(r, 1, 1000, &stop));
		rate_answered(r, 1, 1000, 1000, false);
	}
	ck_assert_uint_eq(clock_.sleeps, 0);
	rate_free(r);
}
END_TEST

static const struct { uint64_t max_wcu; double estimate, cost; } runs[] = {
	{ 1000, 25, 25 },
	{ 1000, 25, 100 },		/* three indexes that the estimate does not know */
	{ 1000, 100, 25 },
	{ 1, 25, 25 },
	{ 10000000, 25, 25 },
	{ 50, 400, 400 },		/* items of 400 KB */
};

/* Whatever was estimated: what it cost is what counts, over both tables. */
START_TEST(what_is_spent_keeps_to_the_limit)
{
	struct rate *r = rate_new(&clock_.clock, 2, runs[_i].max_wcu);
	double spent = 0;
	int i;

	for (i = 0; i < 2000; i++) {
		ck_assert(rate_take(r, i % 2, runs[_i].estimate, &stop));
		spent += runs[_i].cost;
		ck_assert_double_le(spent - runs[_i].cost,
				    (double)runs[_i].max_wcu * seconds() + 1e-6);
		rate_answered(r, i % 2, runs[_i].estimate, runs[_i].cost, false);
	}
	ck_assert_double_ge(spent * 1.03 + runs[_i].cost * 2, (double)runs[_i].max_wcu * seconds());
	ck_assert_uint_gt(rate_waits(r).by_run, 0);
	ck_assert_uint_eq(rate_waits(r).by_table, 0);
	ck_assert_uint_eq(rate_waits(r).requests, 2000);
	rate_free(r);
}
END_TEST

/* A table that says "too fast" slows itself down and not the other one. */
START_TEST(tables_learn_apart)
{
	struct rate *r = rate_new(&clock_.clock, 2, 0);
	int64_t before;
	int i;

	for (i = 0; i < 100; i++) {
		ck_assert(rate_take(r, 0, 25, &stop));
		atomic_fetch_add(&clock_.now_ms, 10);
		rate_answered(r, 0, 25, 25, i == 99);
	}
	before = clock_.now_ms;
	for (i = 0; i < 100; i++)
		ck_assert(rate_take(r, 1, 25, &stop));
	ck_assert_int_eq(clock_.now_ms, before);
	for (i = 0; i < 200; i++) {
		ck_assert(rate_take(r, 0, 25, &stop));
		rate_answered(r, 0, 25, 25, false);
	}
	ck_assert_int_gt(clock_.now_ms - before, 1000);
	ck_assert_uint_gt(rate_waits(r).by_table, 100);
	ck_assert_uint_eq(rate_waits(r).by_run, 0);
	rate_free(r);
}
END_TEST

START_TEST(a_stop_ends_the_wait)
{
	struct rate *r = rate_new(&clock_.clock, 1, 1);

	stop_ask(&stop);
	ck_assert(!rate_take(r, 0, 1000000, &stop));
	ck_assert_int_lt(clock_.now_ms, 5200);
	rate_free(r);
}
END_TEST

static struct rate *shared;
static atomic_int out;

static void *spend(void *arg)
{
	int i;

	for (i = 0; i < 20; i++) {
		ck_assert(rate_take(shared, 0, 10, NULL));
		rate_answered(shared, 0, 10, 10, i % 7 == 6);
		atomic_fetch_add(&out, 1);
	}
	return arg;
}

START_TEST(many_threads)
{
	pthread_t threads[16];
	int64_t begin_ms = clock_real()->now_ms(clock_real()), took_ms;
	int i;

	shared = rate_new(clock_real(), 1, 20000);
	atomic_init(&out, 0);
	for (i = 0; i < 16; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, spend, NULL), 0);
	for (i = 0; i < 16; i++)
		pthread_join(threads[i], NULL);
	took_ms = clock_real()->now_ms(clock_real()) - begin_ms;
	ck_assert_int_eq(out, 320);
	ck_assert_int_ge(took_ms, 159);		/* 3,200 units at 20,000 a second */
	ck_assert_uint_eq(rate_waits(shared).by_run_now + rate_waits(shared).by_table_now, 0);
	rate_free(shared);
}
END_TEST

static Suite *rate_suite(void)
{
	Suite *suite = suite_create("pipeline/rate");
	TCase *tc = tcase_create("rate");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, no_limit_no_wait);
	tcase_add_loop_test(tc, what_is_spent_keeps_to_the_limit, 0,
			    sizeof(runs) / sizeof(*runs));
	tcase_add_test(tc, tables_learn_apart);
	tcase_add_test(tc, a_stop_ends_the_wait);
	tcase_add_test(tc, many_threads);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(rate_suite)
