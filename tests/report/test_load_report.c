#include "check_main.h"

#include <string.h>

#include "report/load_report.h"

static struct load_entity_result entities[2];
static struct load_result result;
static struct etl_err err;
static struct load_report report;

static void set_up(void)
{
	memset(&result, 0, sizeof(result));
	memset(&err, 0, sizeof(err));
	memset(entities, 0, sizeof(entities));
	entities[0] = (struct load_entity_result){
		.table = "Users", .entity = "USER", .units = 1,
		.counts = { .rows_read = 1003, .items_written = 1000, .rows_rejected = 3,
			    .bytes = 2048000, .wcu_milli = 2000500, .write_units = 3000 },
		.nindexes = 1, .index_names = { "GSI1" }, .index_entries = { 990 },
		.index_sparse = { 10 }, .index_units = { 1000 },
	};
	entities[0].rejects[REJECT_KEY_NULL] = 2;
	entities[1] = (struct load_entity_result){ .table = "Users", .entity = "\033[2J" };
	result.nentities = 2;
	result.entities = entities;
	result.counts = entities[0].counts;
	result.complete = true;
	result.duration_ms = 2000;
	result.requests = 41;
	result.workers = 24;
	result.limit_ms[LIMIT_SOURCE] = 1234;
	result.limit_ms[LIMIT_RATE] = 766;
	memcpy(result.snapshot.method, "read lock", 10);
	memcpy(result.snapshot.taken_at_utc, "2024-01-31T10:20:30Z", 21);
	report = (struct load_report){ .result = &result, .write_mode = "overwrite" };
	report.run = (struct report_run){ .contract = "c.json", .contract_digest = "d",
					  .source = "s", .target = "t", .err = &err };
}

static void expect_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text);
}

START_TEST(test_text)
{
	struct buf b = { 0 };
	const char *text;

	load_report_text(&report, &b);
	text = buf_cstr(&b);
	expect_has(text, "table  entity   rows read  written  rejects  skipped    size\n");
	expect_has(text, "Users  USER         1,003    1,000        3        0  2.0 MB\n");
	expect_has(text, "Users  \\x1b[2J          0        0        0        0     0 B\n");
	expect_has(text, "1,003 rows read = 1,000 written + 3 rejects + 0 skipped\n");
	/* the journal knows of one reject that this run did not make */
	expect_has(text, "  KEY_NULL         2\n  in earlier runs  1\n");
	expect_has(text, "10 index entries left out, because the key is NULL or empty:\n"
			 "  Users USER GSI1: 10\n");
	expect_has(text, "snapshot: read lock, taken 2024-01-31T10:20:30Z\n");
	expect_has(text, "time: 2.0 s, 501 rows/s; 41 requests, 0 sent again");
	expect_has(text, "\nlimited by the source 62% of the time, by --max-wcu 38% of the time; up to 24 "
			 "requests in flight\n");
	buf_release(&b);
}
END_TEST

START_TEST(test_incomplete_never_looks_done)
{
	struct buf b = { 0 };

	result.complete = false;
	load_report_text(&report, &b);
	expect_has(buf_cstr(&b), "not complete: 1,003 rows read, 1,000 written, 3 rejects, 0 skipped");
	ck_assert_ptr_null(strstr(buf_cstr(&b), " = "));
	buf_reset(&b);
	etl_err_set(&err, ETL_ESOURCELOST, "lost");
	load_report_json(&report, &b);
	expect_has(buf_cstr(&b), "\"outcome\": \"source-lost\"");
	expect_has(buf_cstr(&b), "\"error\": \"lost\"");
	expect_has(buf_cstr(&b), "\"complete\": false");
	buf_release(&b);
}
END_TEST

START_TEST(test_json)
{
	struct buf b = { 0 };

	load_report_json(&report, &b);
	expect_has(buf_cstr(&b), "\"outcome\": \"done\"");
	expect_has(buf_cstr(&b), "\"rows_read\": 1003");
	expect_has(buf_cstr(&b), "\"write_units\": 2000.5");
	expect_has(buf_cstr(&b), "\"write_units_by_size\": 3000,\n");
	expect_has(buf_cstr(&b), "\"left_out\": 10,\n          \"write_units_by_size\": 1000");
	expect_has(buf_cstr(&b), "\"rejects_by_code\": {\n        \"KEY_NULL\": 2\n      }");
	expect_has(buf_cstr(&b), "\"entity\": \"\\u001b[2J\"");
	expect_has(buf_cstr(&b), "\"limited_seconds\": {\n    \"source\": 1.234,\n    \"target\": 0,\n"
				 "    \"throttled\": 0,\n    \"rate\": 0.766,\n    \"processor\": 0\n  }");
	expect_has(buf_cstr(&b), "\"workers\": 24");
	buf_release(&b);
}
END_TEST

START_TEST(test_heavy_keys)
{
	struct buf b = { 0 };

	result.duration_ms = 10000;
	result.nheavy = 2;
	result.heavy[0] = (struct load_heavy_key){ "Users", { "SHOP#1", 12100 }, 24000 };
	result.heavy[1] = (struct load_heavy_key){ "Users", { "SHOP#2", 9000 }, 24000 };
	load_report_text(&report, &b);
	expect_has(buf_cstr(&b), "  Users SHOP#1: at least 12,100 of 24,000 (50%), 1,210/s\n"
		   "  warning: DynamoDB takes 1000 a second of one partition key, so this one is "
		   "throttled whatever the table's capacity\n"
		   "  Users SHOP#2: at least 9,000 of 24,000 (37%), 900/s\n");
	buf_reset(&b);
	load_report_json(&report, &b);
	expect_has(buf_cstr(&b), "\"write_units_by_size\": 12100,\n      \"write_units_of_table\": "
		   "24000,\n      \"write_units_per_second\": 1210,\n      "
		   "\"too_fast_for_one_key\": true");
	expect_has(buf_cstr(&b), "\"write_units_per_second\": 900,\n      "
		   "\"too_fast_for_one_key\": false");
	buf_release(&b);
}
END_TEST

START_TEST(test_dry_run)
{
	struct buf b = { 0 };

	report.dry_run = true;
	load_report_text(&report, &b);
	expect_has(buf_cstr(&b), "1,003 rows read = 1,000 items + 3 rejects");
	ck_assert_ptr_null(strstr(buf_cstr(&b), "requests"));
	ck_assert_ptr_null(strstr(buf_cstr(&b), "limited by"));
	buf_release(&b);
}
END_TEST

START_TEST(test_write_mode)
{
	struct buf b = { 0 };

	load_report_text(&report, &b);
	ck_assert_ptr_null(strstr(buf_cstr(&b), "write mode"));
	buf_reset(&b);
	report.write_mode = "newer by changed\033";
	result.counts.items_replaced = 40;
	result.counts.rows_skipped = 1007;
	result.counts.rows_same = 7;
	load_report_text(&report, &b);
	expect_has(buf_cstr(&b), "write mode newer by changed\\x1b: 40 of the items written replaced "
		   "an older one; 1,007 rows skipped, because an item is there already: 7 the same as "
		   "the row's, 1,000 another\n");
	buf_reset(&b);
	load_report_json(&report, &b);
	expect_has(buf_cstr(&b), "\"write_mode\": \"newer by changed\\u001b\"");
	expect_has(buf_cstr(&b), "\"items_replaced\": 40");
	expect_has(buf_cstr(&b), "\"rows_skipped\": 1007");
	expect_has(buf_cstr(&b), "\"rows_skipped_same\": 7");
	buf_release(&b);
}
END_TEST

static Suite *report_suite(void)
{
	Suite *suite = suite_create("report/load_report");
	TCase *tc = tcase_create("load");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_add_test(tc, test_text);
	tcase_add_test(tc, test_incomplete_never_looks_done);
	tcase_add_test(tc, test_json);
	tcase_add_test(tc, test_heavy_keys);
	tcase_add_test(tc, test_dry_run);
	tcase_add_test(tc, test_write_mode);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(report_suite)
