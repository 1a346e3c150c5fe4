#include "check_main.h"

#include <signal.h>

#include "cli/exit.h"

static const struct {
	enum etl_errc code;
	bool rejects, differences;
	int signo;
	int status;
} cases[] = {
	{ ETL_OK, false, false, 0, 0 },
	{ ETL_OK, true, false, 0, 3 },
	{ ETL_OK, false, true, 0, 4 },
	{ ETL_OK, true, true, 0, 4 },
	{ ETL_ESYSTEM, true, true, 0, 1 },
	{ ETL_ESOURCE, false, false, 0, 1 },
	{ ETL_EUSAGE, false, false, 0, 2 },
	{ ETL_ECONTRACT, false, false, 0, 2 },
	{ ETL_ESTOPPED, false, false, SIGTERM, 5 },
	{ ETL_ESOURCELOST, true, false, SIGINT, 5 },
	{ ETL_ELOCKED, false, false, 0, 6 },
	/* the signal came when all was done already */
	{ ETL_OK, false, false, SIGINT, 0 },
};

START_TEST(test_status)
{
	struct etl_err err = { .code = cases[_i].code };
	struct outcome outcome = { cases[_i].rejects, cases[_i].differences };
	struct stop stop = { 0 };

	if (cases[_i].signo)
		stop_ask_signal(&stop, cases[_i].signo);
	ck_assert_int_eq(exit_status(&err, &outcome, &stop), cases[_i].status);
}
END_TEST

static Suite *exit_suite(void)
{
	Suite *suite = suite_create("cli/exit");
	TCase *tc = tcase_create("exit");

	tcase_add_loop_test(tc, test_status, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(exit_suite)
