#include "check_main.h"

#include <pthread.h>
#include <time.h>

#include "base/clock.h"

START_TEST(both_clocks_run)
{
	struct clock *c = clock_real();
	int64_t a = c->now_ms(c), b;
	time_t now = time(NULL);

	c->sleep_ms(c, 20, NULL);
	b = c->now_ms(c);
	ck_assert_int_ge(b - a, 20);
	ck_assert_int_lt(b - a, 2000);
	ck_assert_int_le(llabs((long long)(c->utc_ms(c) / 1000 - now)), 5);
}
END_TEST

START_TEST(no_time_at_all)
{
	struct clock *c = clock_real();
	int64_t a = c->now_ms(c);

	c->sleep_ms(c, 0, NULL);
	c->sleep_ms(c, -5, NULL);
	ck_assert_int_lt(c->now_ms(c) - a, 1000);
}
END_TEST

static void *ask_later(void *arg)
{
	struct clock *c = clock_real();

	c->sleep_ms(c, 30, NULL);
	stop_ask(arg);
	return NULL;
}

START_TEST(stop_ends_sleep)
{
	struct clock *c = clock_real();
	struct stop stop = { 0 };
	int64_t a = c->now_ms(c);
	pthread_t t;

	pthread_create(&t, NULL, ask_later, &stop);
	c->sleep_ms(c, INT64_MAX, &stop);
	ck_assert_int_lt(c->now_ms(c) - a, 3000);
	pthread_join(t, NULL);
	a = c->now_ms(c);
	c->sleep_ms(c, 60000, &stop);
	ck_assert_int_lt(c->now_ms(c) - a, 3000);
}
END_TEST

static Suite *clock_suite(void)
{
	Suite *suite = suite_create("base/clock");
	TCase *tc = tcase_create("clock");

	tcase_add_test(tc, both_clocks_run);
	tcase_add_test(tc, no_time_at_all);
	tcase_add_test(tc, stop_ends_sleep);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(clock_suite)
