#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/prices.h"

static char path[64];

static int read_text(const char *text, struct prices **p, struct etl_err *err)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/etl-prices-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	int rc = prices_read(path, p, err);
	unlink(path);
	return rc;
}

START_TEST(what_is_built_in_is_sound)
{
	const struct prices *p = prices_builtin();
	size_t i;

	ck_assert_str_eq(p->currency, "USD");
	ck_assert(strncmp(p->source, "https://", 8) == 0);
	for (i = 0; i < p->n; i++) {
		const struct price *one = &p->list[i];

		ck_assert_ptr_eq(prices_find(p, one->region, one->infrequent_access), one);
		ck_assert_msg(one->million_requests == PRICE_UNKNOWN ||
			      (one->million_requests > 0.5 && one->million_requests < 2),
			      "%s", one->region);
		ck_assert_msg(one->capacity_hour == PRICE_UNKNOWN ||
			      (one->capacity_hour > 0.0005 && one->capacity_hour < 0.002),
			      "%s", one->region);
		ck_assert(one->million_requests > 0 || one->capacity_hour > 0);
		ck_assert(strncmp(one->date, "202", 3) == 0);
	}
	ck_assert_double_eq(prices_find(p, "us-east-1", false)->million_requests, 0.625);
	ck_assert_double_eq(prices_find(p, "us-east-1", true)->capacity_hour, 0.00081);
	ck_assert_ptr_null(prices_find(p, "moon-1", false));
	ck_assert_ptr_null(prices_find(p, NULL, false));
}
END_TEST

START_TEST(a_file_stands_instead)
{
	struct prices *p = NULL;
	struct etl_err err = { 0 };

	ck_assert_int_eq(read_text("# ours\n\ncurrency CNY\n"
				   "cn-north-1 STANDARD 4.0 0.0058 2026-01-01 # Beijing\r\n"
				   "\tcn-north-1   STANDARD_INFREQUENT_ACCESS\t-  0.00725", &p, &err),
			 0);
	ck_assert_str_eq(p->currency, "CNY");
	ck_assert_str_eq(p->source, path);
	ck_assert_uint_eq(p->n, 2);
	ck_assert_double_eq(prices_find(p, "cn-north-1", false)->million_requests, 4.0);
	ck_assert_str_eq(prices_find(p, "cn-north-1", false)->date, "2026-01-01");
	ck_assert_double_eq(prices_find(p, "cn-north-1", true)->million_requests, PRICE_UNKNOWN);
	ck_assert_double_eq(prices_find(p, "cn-north-1", true)->capacity_hour, 0.00725);
	ck_assert_str_eq(prices_find(p, "cn-north-1", true)->date, "");
	ck_assert_ptr_null(prices_find(p, "us-east-1", false));
	prices_free(p);
}
END_TEST

static const struct { const char *text, *what; } faults[] = {
	{ "", ": the file names no price" },
	{ "# nothing\n", ": the file names no price" },
	{ "r STANDARD 1\n", ", line 1: a line has a region, a table class, a price on demand, a "
	  "price of provisioned capacity, and perhaps a date" },
	{ "\nr Standard 1 1\n", ", line 2: a table class is STANDARD or "
	  "STANDARD_INFREQUENT_ACCESS" },
	{ "r STANDARD 1,5 1\n", ", line 1: a price is a number like 0.625, or '-' where it is not "
	  "known" },
	{ "r STANDARD 1 -1\n", ", line 1: a price is a number like 0.625, or '-' where it is not "
	  "known" },
	{ "r STANDARD 1. 1\n", ", line 1: a price is a number like 0.625, or '-' where it is not "
	  "known" },
	{ "r STANDARD 1 1 2026 more\n", ", line 1: there is more on the line than a date" },
	{ "r STANDARD 1 1\nr STANDARD 2 2\n", ", line 2: this region and table class stand there "
	  "twice" },
	{ "currency A B\n", ", line 1: a currency is one word" },
};

START_TEST(faults_are_told)
{
	struct prices *p = NULL;
	struct etl_err err = { 0 };
	char expected[256];

	ck_assert_int_eq(read_text(faults[_i].text, &p, &err), -ETL_EUSAGE);
	snprintf(expected, sizeof(expected), "prices '%s'%s", path, faults[_i].what);
	ck_assert_str_eq(err.msg, expected);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(a_missing_file_is_a_mistake_in_the_usage)
{
	struct prices *p = NULL;
	struct etl_err err = { 0 };

	ck_assert_int_eq(prices_read("/nonexistent/prices", &p, &err), -ETL_EUSAGE);
	ck_assert_ptr_null(p);
}
END_TEST

static Suite *prices_suite(void)
{
	Suite *s = suite_create("report/prices");
	TCase *t = tcase_create("prices");

	tcase_add_test(t, what_is_built_in_is_sound);
	tcase_add_test(t, a_file_stands_instead);
	tcase_add_loop_test(t, faults_are_told, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(t, a_missing_file_is_a_mistake_in_the_usage);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(prices_suite)
