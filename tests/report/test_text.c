#include "check_main.h"

#include "report/json_out.h"
#include "report/text.h"

static void expect(struct buf *b, const char *expected)
{
	ck_assert_str_eq(buf_cstr(b), expected);
	buf_release(b);
}

START_TEST(test_numbers)
{
	struct buf b = { 0 };

	text_add_count(&b, 0), expect(&b, "0");
	text_add_count(&b, 999), expect(&b, "999");
	text_add_count(&b, 1000), expect(&b, "1,000");
	text_add_count(&b, UINT64_MAX), expect(&b, "18,446,744,073,709,551,615");
	text_add_bytes(&b, 1023), expect(&b, "1023 B");
	text_add_bytes(&b, 1024), expect(&b, "1.0 KB");
	text_add_bytes(&b, 1048575), expect(&b, "1.0 MB");
	text_add_bytes(&b, 1610612736), expect(&b, "1.5 GB");
	text_add_duration(&b, -5), expect(&b, "0.0 s");
	text_add_duration(&b, 59999), expect(&b, "59.9 s");
	text_add_duration(&b, 60000), expect(&b, "1:00");
	text_add_duration(&b, 3753000), expect(&b, "1:02:33");
	text_add_utc(&b, 1706696430123), expect(&b, "2024-01-31T10:20:30Z");
	text_add_plural(&b, 1, "row"), expect(&b, "1 row");
	text_add_plural(&b, 2000, "row"), expect(&b, "2,000 rows");
}
END_TEST

START_TEST(test_shortened)
{
	struct buf b = { 0 };

	text_add_shortened(&b, STR("0123456789"), 10), expect(&b, "0123456789");
	text_add_shortened(&b, STR("0123456789abcdef"), 8), expect(&b, "0123 ...8 bytes... cdef");
	/* never in the middle of a character */
	text_add_shortened(&b, STR("ab\xc3\xa9" "cdefghi\xc3\xa9j"), 6);
	expect(&b, "ab ...9 bytes... \xc3\xa9j");
	text_add_shortened(&b, STR("a\033[31m\xff"), 20), expect(&b, "a\\x1b[31m\\xff");
}
END_TEST

START_TEST(test_columns)
{
	struct text_table t = { .ncolumns = 3, .right = 2 };
	struct buf b = { 0 };

	text_table_text(&t, "name");
	text_table_text(&t, "n");
	text_table_text(&t, "last");
	text_table_text(&t, "caf\xc3\xa9 bar");
	text_table_count(&t, 1234);
	text_table_text(&t, "\033x");
	text_table_write(&t, "  ", &b);
	text_table_release(&t);
	expect(&b, "  name          n  last\n  caf\xc3\xa9 bar  1,234  \\x1bx\n");
}
END_TEST

START_TEST(test_json)
{
	struct buf b = { 0 };
	struct json_out j = { .out = &b };

	json_out_open(&j, NULL, '{');
	json_out_str(&j, "a", "x\"\n");
	json_out_str(&j, "none", NULL);
	json_out_open(&j, "list", '[');
	json_out_count(&j, NULL, 7);
	json_out_milli(&j, NULL, 1500);
	json_out_milli(&j, NULL, 2005);
	json_out_milli(&j, NULL, 3000);
	json_out_close(&j, ']');
	json_out_open(&j, "empty", '[');
	json_out_close(&j, ']');
	json_out_raw(&j, "raw", "{}");
	json_out_bool(&j, "b", true);
	json_out_close(&j, '}');
	expect(&b, "{\n  \"a\": \"x\\\"\\n\",\n  \"none\": null,\n  \"list\": [\n    7,\n    1.5,\n"
		   "    2.005,\n    3\n  ],\n  \"empty\": [],\n  \"raw\": {},\n  \"b\": true\n}\n");
}
END_TEST

static Suite *text_suite(void)
{
	Suite *suite = suite_create("report/text");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, test_numbers);
	tcase_add_test(tc, test_shortened);
	tcase_add_test(tc, test_columns);
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(text_suite)
