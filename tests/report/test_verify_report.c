#include "check_main.h"

#include <string.h>

#include "report/verify_report.h"

static char key[] = "{\"PK\":{\"S\":\"a\\u001b\"}}", row[] = "{\"id\":\"7\"}", name[] = "na\033me";
static char expected[] = "{\"S\":\"x\"}", actual[] = "{\"N\":\"1\"}";
static struct verify_table_result table = { .table = "T", .items_expected = 10, .items_scanned = 11,
					    .items_extra = 1, .buckets_different = 1 };
static struct verify_entity_result entity = {
	.table = "T", .entity = "E", .rows_read = 12, .rows_rejected = 2, .items_expected = 10,
	.items_equal = 8, .items_missing = 1, .items_different = 1, .attributes_different = 1,
};
static struct finding findings[] = {
	{ .kind = FINDING_MISSING, .table = "T", .entity = "E", .key_json = key,
	  .source_key_json = row },
	{ .kind = FINDING_DIFFERENT, .how = HOW_TYPE, .cause = CAUSE_NUMBER_AS_TEXT, .table = "T",
	  .entity = "E", .key_json = key, .source_key_json = row, .attribute = name,
	  .expected = expected, .actual = actual },
	{ .kind = FINDING_DIFFERENT, .how = HOW_ABSENT, .table = "T", .entity = "E",
	  .key_json = key, .source_key_json = row, .attribute = name, .expected = expected },
	{ .kind = FINDING_EXTRA, .table = "T", .key_json = key },
};
static struct verify_result result = {
	.mode = VERIFY_FULL, .ntables = 1, .tables = &table, .nentities = 1, .entities = &entity,
	.nfindings = 5, .nkept = 4, .findings = findings,
};
static struct etl_err no_err;
static struct verify_report report = { { .contract = "c", .err = &no_err }, &result };

static void expect_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text);
}

START_TEST(test_text)
{
	struct buf b = { 0 };
	const char *text;

	verify_report_text(&report, &b);
	text = buf_cstr(&b);
	ck_assert_ptr_null(strchr(text, '\033'));
	expect_has(text, "T      E         12        2        10      8        1          1\n");
	expect_has(text, "T            10         11      1  differs\n");
	expect_has(text, "  missing: T E {\"PK\":{\"S\":\"a\\u001b\"}} of row {\"id\":\"7\"}\n");
	expect_has(text, "    attribute 'na\\x1bme': has another type; likely cause: the number was "
			 "written as a string\n"
			 "    expected {\"S\":\"x\"}\n    actual   {\"N\":\"1\"}\n");
	expect_has(text, "is missing in the target\n    expected {\"S\":\"x\"}\n"
			 "    actual   no such attribute\n");
	expect_has(text, "  extra: T {\"PK\":{\"S\":\"a\\u001b\"}}\n  and 1 more\n");
	expect_has(text, "verdict: the target differs from the source: 5 differences\n");
	buf_release(&b);
}
END_TEST

START_TEST(test_count_never_says_parity)
{
	struct verify_result counted = result;
	struct verify_report r = { report.run, &counted };
	struct verify_table_result same = { .table = "T", .items_expected = 10,
					    .items_scanned = 10, .parity = true };
	struct buf b = { 0 };

	counted.mode = VERIFY_COUNT;
	counted.parity = true;
	counted.nfindings = counted.nkept = 0;
	counted.tables = &same;
	verify_report_text(&r, &b);
	ck_assert_ptr_null(strstr(buf_cstr(&b), "parity"));
	expect_has(buf_cstr(&b), "no value was compared\n");
	buf_release(&b);
}
END_TEST

START_TEST(test_digest)
{
	struct verify_result digested = result;
	struct verify_report r = { report.run, &digested };
	struct verify_table_result tables[] = { { .table = "T", .items_expected = 10,
						  .items_scanned = 10, .buckets_different = 2 },
						{ .table = "U", .items_expected = 3, .items_scanned = 3,
						  .parity = true } };
	struct buf b = { 0 };

	digested.mode = VERIFY_DIGEST;
	digested.nfindings = digested.nkept = 0;
	digested.ntables = 2;
	digested.tables = tables;
	verify_report_text(&r, &b);
	expect_has(buf_cstr(&b), "table  expected  in target  parts that differ  verdict\n");
	expect_has(buf_cstr(&b), "T            10         10                  2  differs\n");
	expect_has(buf_cstr(&b), "U             3          3                  0  parity\n");
	expect_has(buf_cstr(&b), "verdict: the target differs from the source; "
				 "'etl verify --mode full' names what does\n");
	buf_reset(&b);
	digested.parity = true;
	verify_report_text(&r, &b);
	expect_has(buf_cstr(&b), "verdict: parity, the sums over all items");
	buf_release(&b);
}
END_TEST

START_TEST(test_json)
{
	struct buf b = { 0 };

	verify_report_json(&report, &b);
	expect_has(buf_cstr(&b), "\"parity\": false");
	expect_has(buf_cstr(&b), "\"differences\": 5");
	expect_has(buf_cstr(&b), "\"attribute\": \"na\\u001bme\",\n      \"expected\": "
				 "\"{\\\"S\\\":\\\"x\\\"}\",\n      \"actual\": null\n");
	expect_has(buf_cstr(&b), "\"key\": {\"PK\":{\"S\":\"a\\u001b\"}}\n    }\n  ],");
	buf_release(&b);
}
END_TEST

static Suite *report_suite(void)
{
	Suite *suite = suite_create("report/verify_report");
	TCase *tc = tcase_create("verify");

	tcase_add_test(tc, test_text);
	tcase_add_test(tc, test_count_never_says_parity);
	tcase_add_test(tc, test_digest);
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(report_suite)
