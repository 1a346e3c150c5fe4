#include "check_main.h"

#include <pthread.h>
#include <unistd.h>

#include "base/stop.h"

START_TEST(asking)
{
	struct stop s = { 0 };

	ck_assert(!stop_asked(&s));
	ck_assert(!stop_asked(NULL));
	ck_assert_int_eq(stop_signal(&s), 0);
	ck_assert_int_eq(stop_signal(NULL), 0);
	stop_ask(&s);
	ck_assert(stop_asked(&s));
	ck_assert_int_eq(stop_signal(&s), 0);
}
END_TEST

START_TEST(first_reason_stays)
{
	struct stop by_signal = { 0 }, by_failure = { 0 };

	stop_ask_signal(&by_signal, SIGTERM);
	stop_ask(&by_signal);
	stop_ask_signal(&by_signal, SIGINT);
	ck_assert_int_eq(stop_signal(&by_signal), SIGTERM);
	stop_ask(&by_failure);
	stop_ask_signal(&by_failure, SIGINT);
	ck_assert(stop_asked(&by_failure));
	ck_assert_int_eq(stop_signal(&by_failure), 0);
}
END_TEST

/* A child is asked with its parent; what it was asked itself can be taken back. */
START_TEST(parent_and_child)
{
	struct stop parent = { 0 }, child = { .parent = &parent };

	stop_ask(&child);
	ck_assert(stop_asked(&child) && !stop_asked(&parent));
	stop_forgive(&child);
	ck_assert(!stop_asked(&child));
	stop_ask_signal(&parent, SIGTERM);
	ck_assert(stop_asked(&child));
	ck_assert_int_eq(stop_signal(&child), SIGTERM);
	/* the signal came first, and stays the reason */
	stop_ask(&child);
	ck_assert_int_eq(stop_signal(&child), SIGTERM);
	stop_forgive(&child);
	ck_assert(stop_asked(&child));
}
END_TEST

START_TEST(failure_before_the_parents_signal)
{
	struct stop parent = { 0 }, child = { .parent = &parent };

	stop_ask(&child);
	stop_ask_signal(&parent, SIGTERM);
	ck_assert_int_eq(stop_signal(&child), 0);
	stop_forgive(&child);
	ck_assert_int_eq(stop_signal(&child), SIGTERM);
	stop_forgive(&parent);
	ck_assert_int_eq(stop_signal(&child), SIGTERM);
}
END_TEST

static struct stop shared;

static void on_signal(int signo)
{
	stop_ask_signal(&shared, signo);
}

static void *wait_for_stop(void *arg)
{
	while (!stop_asked(&shared))
		usleep(1000);
	return arg;
}

START_TEST(signal_reaches_threads)
{
	struct sigaction action = { .sa_handler = on_signal }, old;
	pthread_t threads[4];
	int i;

	sigaction(SIGUSR1, &action, &old);
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, wait_for_stop, NULL);
	raise(SIGUSR1);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(stop_signal(&shared), SIGUSR1);
	sigaction(SIGUSR1, &old, NULL);
}
END_TEST

static Suite *stop_suite(void)
{
	Suite *suite = suite_create("base/stop");
	TCase *tc = tcase_create("stop");

	tcase_add_test(tc, asking);
	tcase_add_test(tc, first_reason_stays);
	tcase_add_test(tc, parent_and_child);
	tcase_add_test(tc, failure_before_the_parents_signal);
	tcase_add_test(tc, signal_reaches_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(stop_suite)
