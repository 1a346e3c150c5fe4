#include "check_main.h"

#include "report/json_out.h"

static const struct {
	const char *text, *json;
} texts[] = {
	{ "", "\"\"" },
	{ "a\"b\\c\n\x1b\x7f", "\"a\\\"b\\\\c\\n\\u001b\x7f\"" },
	{ "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"" },
	/* latin 1, a character cut at the end, a surrogate, a long form: not UTF-8, so no JSON */
	{ "gr\xfc\xdf!", "\"gr\xef\xbf\xbd\xef\xbf\xbd!\"" },
	{ "\xc3\xbc\xf0\x9f", "\"\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xed\xa0\x80.", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.\"" },
	{ "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
};

START_TEST(test_texts)
{
	struct buf out = { 0 };
	struct json_out j = { .out = &out };

	json_out_str(&j, NULL, texts[_i].text);
	ck_assert_str_eq(buf_cstr(&out), texts[_i].json);
	buf_release(&out);
}
END_TEST

START_TEST(test_members)
{
	struct buf out = { 0 }, members = { 0 }, none = { 0 };
	struct json_out j = { .out = &out }, inner = { .out = &members, .depth = 1 };

	json_out_count(&inner, "b", 2);
	json_out_count(&inner, "c", 3);
	json_out_open(&j, NULL, '{');
	json_out_members(&j, &none);
	json_out_count(&j, "a", 1);
	json_out_members(&j, &members);
	json_out_count(&j, "d", 4);
	json_out_close(&j, '}');
	ck_assert_str_eq(buf_cstr(&out), "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3,\n  \"d\": 4\n}\n");
	buf_release(&out);
	buf_release(&members);
}
END_TEST

static Suite *json_out_suite(void)
{
	Suite *suite = suite_create("report/json_out");
	TCase *tc = tcase_create("json_out");

	tcase_add_loop_test(tc, test_texts, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, test_members);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(json_out_suite)
