#include "check_main.h"

#include "base/log.h"
#include "fakes/fake_clock.h"
#include "pipeline/retry.h"

static struct fake_clock clock_;
static struct counters counters;
static struct retry_watch watch;
static struct stop stop;

static void setup(void)
{
	fake_clock_init(&clock_, 5000);
	counters = (struct counters){ 0 };
	stop = (struct stop){ 0 };
	log_setup(LOG_TEXT, LOG_ERROR, false);
	retry_watch_init(&watch, &(struct retry_policy){ .stall_ms = 60000 }, &clock_.clock,
			 &counters);
}

static struct etl_err make(enum etl_errc code)
{
	struct etl_err e = { 0 };

	etl_err_set(&e, code, "said so");
	return e;
}

static const struct { enum etl_errc code; int first; } classes[] = {
	{ ETL_ETHROTTLED, 0 }, { ETL_ETRANSIENT, 0 }, { ETL_EUNKNOWN, 0 }, { ETL_EEXPIRED, 0 },
	{ ETL_ESINK, -ETL_ESINK }, { ETL_ENOTFOUND, -ETL_ENOTFOUND },
	{ ETL_ECREDENTIALS, -ETL_ECREDENTIALS }, { ETL_ESTOPPED, -ETL_ESTOPPED },
	{ ETL_EINTERNAL, -ETL_EINTERNAL }, { ETL_EITEM, -ETL_EITEM },
};

START_TEST(hopeless_ends_at_once_and_the_rest_is_tried_again)
{
	struct etl_err cause = make(classes[_i].code), err = { 0 };
	struct retry r;

	retry_init(&r, &watch, 1);
	ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), classes[_i].first);
	if (classes[_i].first)
		ck_assert_str_eq(err.msg, "said so");
	ck_assert_uint_eq(COUNTERS_GET(&counters, retries), classes[_i].first == 0);
	ck_assert_uint_eq(COUNTERS_GET(&counters, throttles), classes[_i].code == ETL_ETHROTTLED);
	ck_assert_uint_eq(clock_.sleeps, classes[_i].first == 0);
}
END_TEST

START_TEST(gives_up_when_nothing_goes_forward)
{
	struct etl_err cause = make(ETL_EUNKNOWN), err = { 0 };
	struct retry r;
	int rc = 0;

	retry_init(&r, &watch, 7);
	while (rc == 0)
		rc = retry_wait(&r, &cause, &stop, &err);
	ck_assert_int_eq(rc, -ETL_EUNKNOWN);
	ck_assert_ptr_nonnull(strstr(err.msg, "nothing went forward for "));
	ck_assert_int_ge(clock_.slept_ms, 60000);
	ck_assert_int_le(clock_.slept_ms, 60000 + 20000);
	ck_assert_int_le(clock_.longest_ms, 20000);
}
END_TEST

START_TEST(progress_of_another_thread_counts)
{
	struct etl_err cause = make(ETL_ETHROTTLED), err = { 0 };
	struct retry r, other;
	int i;

	retry_init(&r, &watch, 7);
	retry_init(&other, &watch, 8);
	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), 0);
		retry_progress(&other);
	}
	ck_assert_int_gt(clock_.slept_ms, 600000);
}
END_TEST

START_TEST(a_slow_source_is_no_stall)
{
	struct etl_err cause = make(ETL_ETRANSIENT), err = { 0 };
	struct retry r;

	retry_init(&r, &watch, 7);
	clock_.now_ms += 3600000;
	ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), 0);
}
END_TEST

START_TEST(progress_ends_the_growth)
{
	struct etl_err cause = make(ETL_ETHROTTLED), err = { 0 };
	struct retry r;
	int i;

	retry_init(&r, &watch, 3);
	for (i = 0; i < 500; i++) {
		ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), 0);
		retry_progress(&r);
	}
	ck_assert_int_le(clock_.longest_ms, 50);
	ck_assert_int_gt(clock_.longest_ms, 40);
}
END_TEST

START_TEST(expired_only_a_few_times_in_a_row)
{
	struct etl_err cause = make(ETL_EEXPIRED), err = { 0 };
	struct retry r;
	int i;

	retry_init(&r, &watch, 3);
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), 0);
	retry_progress(&r);
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), 0);
	ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), -ETL_EEXPIRED);
}
END_TEST

START_TEST(stop_ends_the_wait)
{
	struct etl_err cause = make(ETL_ETHROTTLED), err = { 0 };
	struct retry r;

	retry_init(&r, &watch, 3);
	stop_ask_signal(&stop, 15);
	ck_assert_int_eq(retry_wait(&r, &cause, &stop, &err), -ETL_ESTOPPED);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/retry");
	TCase *tc = tcase_create("retry");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, hopeless_ends_at_once_and_the_rest_is_tried_again, 0,
			    sizeof(classes) / sizeof(*classes));
	tcase_add_test(tc, gives_up_when_nothing_goes_forward);
	tcase_add_test(tc, progress_of_another_thread_counts);
	tcase_add_test(tc, a_slow_source_is_no_stall);
	tcase_add_test(tc, progress_ends_the_growth);
	tcase_add_test(tc, expired_only_a_few_times_in_a_row);
	tcase_add_test(tc, stop_ends_the_wait);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
