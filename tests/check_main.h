/*
 * The main of a unit test program. Each tests/<room>/test_<file>.c is a program of its own:
 *
 *     static Suite *buf_suite(void)
 *     {
 *             Suite *suite = suite_create("base/buf");
 *             ...
 *             return suite;
 *     }
 *     CHECK_MAIN(buf_suite)
 *
 * Every test runs in a child process, so that a crash is one failed test. CK_FORK=no in the
 * environment runs them all in one process instead, for a debugger, valgrind and the sanitizers;
 * CK_VERBOSITY and CK_RUN_CASE work as check's manual says.
 */
#ifndef CHECK_MAIN_H
#define CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

/* Runs the suite, prints what failed and a line of counts; returns the exit status of main. */
static inline int check_main(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define CHECK_MAIN(make_suite)                                                                     \
	int main(void)                                                                             \
	{                                                                                          \
		return check_main(make_suite());                                                   \
	}

#endif
