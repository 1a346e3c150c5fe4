#include "check_main.h"

#include <string.h>

#include "base/err.h"
#include "base/utf8.h"

START_TEST(first_error_wins)
{
	struct etl_err e = { 0 };

	etl_err_hint(&e, "no error yet");
	ck_assert_str_eq(e.hint, "");
	ck_assert_int_eq(etl_err_set(&e, ETL_ESOURCE, "first '%s'", "x"), -ETL_ESOURCE);
	ck_assert_int_eq(etl_err_set(&e, ETL_ESINK, "second"), -ETL_ESINK);
	ck_assert_int_eq(e.code, ETL_ESOURCE);
	ck_assert_str_eq(e.msg, "first 'x'");
	etl_err_hint(&e, "do %d", 1);
	etl_err_hint(&e, "do 2");
	ck_assert_str_eq(e.hint, "do 1");
	etl_err_clear(&e);
	ck_assert_int_eq(e.code, ETL_OK);
	ck_assert_str_eq(e.msg, "");
	ck_assert_str_eq(e.hint, "");
	etl_err_set(&e, ETL_ESINK, "again");
	ck_assert_str_eq(e.msg, "again");
	ck_assert_str_eq(e.hint, "");
}
END_TEST

START_TEST(nobody_listens)
{
	struct etl_err e = { 0 };

	ck_assert_int_eq(etl_err_set(NULL, ETL_EITEM, "x"), -ETL_EITEM);
	etl_err_hint(NULL, "x");
	etl_err_set(&e, ETL_ELOCKED, "x");
	ck_assert_int_eq(etl_err_copy(NULL, &e), -ETL_ELOCKED);
}
END_TEST

START_TEST(copying)
{
	struct etl_err a = { 0 }, b = { 0 };

	etl_err_set(&a, ETL_ESINK, "a");
	etl_err_hint(&a, "hint a");
	ck_assert_int_eq(etl_err_copy(&b, &a), -ETL_ESINK);
	ck_assert_str_eq(b.msg, "a");
	ck_assert_str_eq(b.hint, "hint a");
	etl_err_clear(&a);
	etl_err_set(&a, ETL_ESOURCE, "later");
	ck_assert_int_eq(etl_err_copy(&b, &a), -ETL_ESINK);
	ck_assert_str_eq(b.msg, "a");
}
END_TEST

START_TEST(long_message_is_cut_between_characters)
{
	char text[4000];
	struct etl_err e = { 0 };
	size_t i;

	memset(text, 'x', (size_t)_i);
	for (i = (size_t)_i; i + 3 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[i] = '\0';
	etl_err_set(&e, ETL_ESYSTEM, "%s", text);
	etl_err_hint(&e, "%s", text);
	ck_assert(utf8_valid(e.msg, strlen(e.msg)));
	ck_assert_str_eq(e.msg + strlen(e.msg) - 3, "...");
	ck_assert_uint_ge(strlen(e.msg), sizeof(e.msg) - 4);
	ck_assert(utf8_valid(e.hint, strlen(e.hint)));
	ck_assert_str_eq(e.hint + strlen(e.hint) - 3, "...");
}
END_TEST

/* The exit statuses that the design promises. */
static const struct { enum etl_errc code; const char *name; int status; bool retry; } table[] = {
	{ ETL_OK, "ok", 0, false },
	{ ETL_EUSAGE, "usage", 2, false },
	{ ETL_ECONTRACT, "contract", 2, false },
	{ ETL_ESYSTEM, "system", 1, false },
	{ ETL_ESOURCE, "source", 1, false },
	{ ETL_ESOURCELOST, "source-lost", 1, true },
	{ ETL_ESINK, "sink", 1, false },
	{ ETL_ETHROTTLED, "throttled", 1, true },
	{ ETL_ETRANSIENT, "transient", 1, true },
	{ ETL_EUNKNOWN, "unknown", 1, true },
	{ ETL_EITEM, "item", 1, false },
	{ ETL_ECREDENTIALS, "credentials", 1, false },
	{ ETL_EEXPIRED, "expired", 1, true },
	{ ETL_ENOTFOUND, "not-found", 1, false },
	{ ETL_ELOCKED, "locked", 6, false },
	{ ETL_ESTOPPED, "stopped", 5, false },
	{ ETL_EINTERNAL, "internal", 1, false },
};

_Static_assert(sizeof(table) / sizeof(table[0]) == ETL_ERRC_COUNT, "every class");

START_TEST(classes)
{
	int code = (int)table[_i].code, sign;

	for (sign = -1; sign <= 1; sign += 2) {
		const struct etl_errclass *c = etl_errclass(sign * code);

		ck_assert_int_eq(c->code, code);
		ck_assert_str_eq(c->name, table[_i].name);
		ck_assert_int_eq(c->exit_status, table[_i].status);
		ck_assert_int_eq(c->retryable, table[_i].retry);
	}
}
END_TEST

START_TEST(unknown_class)
{
	ck_assert_int_eq(etl_errclass(ETL_ERRC_COUNT)->code, ETL_EINTERNAL);
	ck_assert_int_eq(etl_errclass(-9999)->code, ETL_EINTERNAL);
}
END_TEST

static Suite *err_suite(void)
{
	Suite *suite = suite_create("base/err");
	TCase *tc = tcase_create("err");

	tcase_add_test(tc, first_error_wins);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, copying);
	tcase_add_loop_test(tc, long_message_is_cut_between_characters, 0, 4);
	tcase_add_loop_test(tc, classes, 0, ETL_ERRC_COUNT);
	tcase_add_test(tc, unknown_class);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(err_suite)
