#include "check_main.h"

#include "verify/cause.h"

/* The members "e" and "a" of an item; NULL where absent. */
static const struct { const char *expected, *actual, *cause; } cases[] = {
	{ "{\"N\":\"1\"}", "{\"S\":\"1\"}", "number-as-text" },
	{ "{\"N\":\"1.5\"}", "{\"S\":\"1.50\"}", "number-as-text" },
	{ "{\"N\":\"1\"}", "{\"S\":\"one\"}", "" },
	{ "{\"S\":\"007\"}", "{\"N\":\"7\"}", "text-as-number" },
	{ "{\"S\":\"2024-01-31T10:20:30Z\"}", "{\"S\":\"2024-01-31 10:20:30\"}", "date-format" },
	{ "{\"S\":\"2024-01-31T10:20:30.125Z\"}", "{\"S\":\"2024-01-31T10:20:30Z\"}", "date-format" },
	{ "{\"S\":\"2024-01-31T10:20:30Z\"}", "{\"N\":\"1706696430\"}", "date-format" },
	{ "{\"S\":\"2024-01-31T10:20:30Z\"}", "{\"N\":\"1706696430000\"}", "date-format" },
	{ "{\"N\":\"1706696430\"}", "{\"S\":\"2024-01-31T11:20:30+01:00\"}", "date-format" },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"31.01.2024\"}", "date-format" },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"01/31/2024\"}", "date-format" },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"20240131\"}", "date-format" },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"2024-01-31T00:00:00Z\"}", "date-format" },
	{ "{\"S\":\"1969-12-31T23:59:59\"}", "{\"S\":\"1969-12-31 23:59:59.5\"}", "date-format" },
	{ "{\"S\":\"2024-01-31T10:20:30Z\"}", "{\"S\":\"2024-01-31T12:20:30Z\"}", "time-zone" },
	{ "{\"S\":\"2024-01-31T23:20:30Z\"}", "{\"N\":\"1706721630\"}", "time-zone" },
	{ "{\"S\":\"2024-01-31T10:20:30Z\"}", "{\"S\":\"2024-01-31T10:20:31Z\"}", "" },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"2024-02-01\"}", "" },
	{ "{\"N\":\"1706696430\"}", "{\"N\":\"1706700030\"}", "" },
	{ "{\"S\":\"a b\"}", "{\"S\":\" a b\"}", "white-space" },
	{ "{\"S\":\"a b\"}", "{\"S\":\"a  b\"}", "white-space" },
	{ "{\"S\":\"a\"}", "{\"S\":\"a\\r\\n\"}", "white-space" },
	{ "{\"S\":\"a b\"}", "{\"S\":\"a\xc2\xa0" "b\"}", "white-space" },
	{ "{\"S\":\"ab\"}", "{\"S\":\"a\xe2\x80\x8b" "b\"}", "invisible" },
	{ "{\"S\":\"\xef\xbb\xbf" "ab\"}", "{\"S\":\"ab\"}", "invisible" },
	{ "{\"S\":\"ab\"}", "{\"S\":\"a\\u0000b\"}", "invisible" },
	{ "{\"S\":\"caf\xc3\xa9s\"}", "{\"S\":\"cafe\xcc\x81s\"}", "unicode-form" },
	{ "{\"S\":\"cafe\xcc\x81\"}", "{\"S\":\"caf\xc3\xa9\"}", "unicode-form" },
	{ "{\"S\":\"caf\xc3\xa9\"}", "{\"S\":\"cafe\"}", "" },
	{ "{\"S\":\"caf\xc3\xa9\"}", "{\"S\":\"caf\xc3\xa8\"}", "" },
	{ "{\"M\":{\"a\":{\"N\":\"1\"}}}", "{\"M\":{\"a\":{\"S\":\"1\"}}}", "number-as-text" },
	{ "{\"M\":{\"a\":{\"S\":\"\"},\"b\":{\"N\":\"1\"}}}", "{\"M\":{\"b\":{\"N\":\"1\"}}}",
	  "absent-for-empty" },
	{ "{\"M\":{}}", "{\"M\":{\"a\":{\"NULL\":true}}}", "null-for-absent" },
	{ "{\"L\":[{\"L\":[{\"S\":\"a\"}]}]}", "{\"L\":[{\"L\":[{\"S\":\"A\"}]}]}", "letter-case" },
	{ "{\"L\":[{\"S\":\"\"}]}", "{\"L\":[]}", "" },
	{ "{\"S\":\"Ab\"}", "{\"S\":\"aB\"}", "letter-case" },
	{ "{\"S\":\"abcdef\"}", "{\"S\":\"abc\"}", "cut" },
	{ "{\"S\":\"abc\"}", "{\"S\":\"abcdef\"}", "" },
	{ "{\"S\":\"abc\"}", "{\"S\":\"abd\"}", "" },
	{ "{\"S\":\"caf\xc3\xa9\"}", "{\"S\":\"caf\xc3\x83\xc2\xa9\"}", "encoded-twice" },
	{ "{\"S\":\"x\"}", "{\"S\":\"\"}", "" },
	{ "{\"S\":\"\"}", NULL, "absent-for-empty" },
	{ "{\"S\":\"\"}", "{\"NULL\":true}", "absent-for-empty" },
	{ "{\"M\":{}}", NULL, "absent-for-empty" },
	{ "{\"N\":\"0\"}", NULL, "" },
	{ "{\"BOOL\":false}", NULL, "" },
	{ "{\"S\":\"x\"}", NULL, "" },
	{ NULL, "{\"S\":\"\"}", "empty-for-absent" },
	{ NULL, "{\"L\":[]}", "empty-for-absent" },
	{ NULL, "{\"NULL\":true}", "null-for-absent" },
	{ NULL, "{\"S\":\"x\"}", "" },
	{ "{\"N\":\"1.239\"}", "{\"N\":\"1.24\"}", "rounded" },
	{ "{\"N\":\"1.239\"}", "{\"N\":\"1.23\"}", "rounded" },
	{ "{\"N\":\"2.5\"}", "{\"N\":\"3\"}", "rounded" },
	{ "{\"N\":\"1.239\"}", "{\"N\":\"1.25\"}", "" },
	{ "{\"N\":\"1.1\"}", "{\"N\":\"1.10000002384186\"}", "floating-point" },
	{ "{\"N\":\"12345678901234567890\"}", "{\"N\":\"12345678901234567000\"}", "floating-point" },
	{ "{\"N\":\"1\"}", "{\"N\":\"2\"}", "" },
	{ "{\"N\":\"1\"}", "{\"N\":\"-1\"}", "" },
	{ "{\"N\":\"0\"}", "{\"N\":\"1\"}", "" },
	{ "{\"B\":\"AAECAw==\"}", "{\"B\":\"QUFFQ0F3PT0=\"}", "encoded-twice" },
	{ "{\"B\":\"AAECAw==\"}", "{\"B\":\"AAE=\"}", "cut" },
	{ "{\"B\":\"AAECAw==\"}", "{\"B\":\"/w==\"}", "" },
	{ "{\"M\":{\"a\":{\"N\":\"1\"}}}", "{\"S\":\"{\\\"a\\\": 1}\"}", "document-as-text" },
	{ "{\"L\":[{\"N\":\"1\"}]}", "{\"S\":\"[1]\"}", "document-as-text" },
	{ "{\"L\":[{\"N\":\"1\"}]}", "{\"S\":\"one\"}", "" },
	{ "{\"SS\":[\"a\",\"b\"]}", "{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"}]}", "set-as-list" },
	{ "{\"SS\":[\"a\",\"b\"]}", "{\"L\":[{\"S\":\"b\"},{\"S\":\"c\"}]}", "" },
	{ "{\"BOOL\":true}", "{\"N\":\"1\"}", "boolean" },
	{ "{\"BOOL\":true}", "{\"S\":\"True\"}", "boolean" },
	{ "{\"N\":\"0\"}", "{\"BOOL\":false}", "boolean" },
	{ "{\"BOOL\":true}", "{\"S\":\"maybe\"}", "" },
	{ "{\"SS\":[\"a\"]}", "{\"SS\":[\"b\"]}", "" },
};

static struct value item_of(struct arena *a, const char *value)
{
	struct etl_err err = { 0 };
	struct buf json = { 0 };
	struct value item;

	buf_addf(&json, value ? "{\"v\":%s}" : "{}", value);
	ck_assert_msg(value_from_item_json(a, buf_str(&json), &item, &err) == 0, "%s", value);
	buf_release(&json);
	return item;
}

START_TEST(causes)
{
	struct arena *a = arena_new();
	struct value expected = item_of(a, cases[_i].expected), actual = item_of(a, cases[_i].actual);
	enum finding_cause cause = cause_of(expected.members, actual.members);

	ck_assert_msg(strcmp(finding_cause_name(cause), cases[_i].cause) == 0, "%s, %s: '%s'",
		      cases[_i].expected, cases[_i].actual, finding_cause_name(cause));
	arena_free(a);
}
END_TEST

static const struct { const char *expected, *actual; enum finding_cause cause; } versions[] = {
	{ "{\"N\":\"2\"}", "{\"N\":\"1\"}", CAUSE_OLDER },
	{ "{\"N\":\"9\"}", "{\"N\":\"10\"}", CAUSE_NEWER },
	{ "{\"N\":\"1\"}", "{\"N\":\"1.0\"}", CAUSE_UNKNOWN },
	{ "{\"S\":\"2024-01-02\"}", "{\"S\":\"2024-01-01T\"}", CAUSE_OLDER },
	{ "{\"S\":\"a\"}", "{\"S\":\"ab\"}", CAUSE_NEWER },
	{ "{\"S\":\"2\"}", "{\"N\":\"1\"}", CAUSE_UNKNOWN },
	{ "{\"S\":\"2\"}", NULL, CAUSE_UNKNOWN },
	{ NULL, "{\"S\":\"2\"}", CAUSE_UNKNOWN },
};

START_TEST(by_version)
{
	struct arena *a = arena_new();
	struct value expected = item_of(a, versions[_i].expected);
	struct value actual = item_of(a, versions[_i].actual);

	ck_assert_int_eq(cause_of_version(&expected, &actual, str_of("v")), versions[_i].cause);
	ck_assert_int_eq(cause_of_version(&expected, &actual, str_of("w")), CAUSE_UNKNOWN);
	arena_free(a);
}
END_TEST

START_TEST(words)
{
	int cause;

	for (cause = CAUSE_UNKNOWN; cause <= CAUSE_NEWER; cause++) {
		ck_assert_ptr_nonnull(finding_cause_name((enum finding_cause)cause));
		ck_assert(!*finding_cause_words((enum finding_cause)cause) ==
			  (cause == CAUSE_UNKNOWN));
	}
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/cause");
	TCase *tc = tcase_create("cause");

	tcase_add_loop_test(tc, causes, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_loop_test(tc, by_version, 0, sizeof(versions) / sizeof(*versions));
	tcase_add_test(tc, words);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
