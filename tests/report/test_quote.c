#include "check_main.h"

#include <string.h>

#include "report/quote.h"

static const struct index_def indexes[] = {
	{ .name = "all" }, { .name = "keys", .projection = PROJECT_KEYS_ONLY },
};
static const struct table_def def = {
	.name = "p-Users", .contract_table = "Users", .nindexes = 2, .indexes = indexes,
};
static struct quote q;
static struct quote_table table;

/* 12 million units, of them 3 and 1 million for the indexes. */
static void set_up(void)
{
	memset(&q, 0, sizeof(q));
	memset(&table, 0, sizeof(table));
	table.def = &def;
	quote_settings(&table, &def);
	table.items = 8000000;
	table.units = 12000000;
	table.index_units[0] = 3000000;
	table.index_units[1] = 1000000;
	q = (struct quote){ .by = "check", .contract_digest = "d", .region = "us-east-1",
			    .prices = prices_builtin(), .ntables = 1, .tables = &table };
}

static void expect_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in:\n%s", part, text);
}

START_TEST(a_new_table_on_demand)
{
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_NEW_TABLE);
	/* 8 million of the table's own at 4,000 a second */
	ck_assert_int_eq(q.duration_ms, 2000000);
	ck_assert_double_eq_tol(q.on_demand, 7.50, 1e-9);
	/* 12 million in 2,000 s are 6,000 a second, for one begun hour */
	ck_assert_uint_eq(table.capacity, 6000);
	ck_assert_uint_eq(table.hours, 1);
	ck_assert_double_eq_tol(q.at_capacity, 3.90, 1e-9);
}
END_TEST

START_TEST(a_warm_table_on_demand)
{
	table.warm_write_units = 16000;
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_WARM);
	ck_assert_int_eq(q.duration_ms, 500000);
}
END_TEST

START_TEST(a_limit_counts_the_indexes)
{
	q.max_wcu = 1000;
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_MAX_WCU);
	ck_assert_int_eq(q.duration_ms, 12000000);
	ck_assert_uint_eq(table.capacity, 1000);
	ck_assert_uint_eq(table.hours, 4);
	ck_assert_double_eq_tol(q.at_capacity, 2.60, 1e-9);
}
END_TEST

START_TEST(a_provisioned_table)
{
	struct table_def provisioned = def;

	provisioned.provisioned = true;
	provisioned.write_capacity = 2000;
	provisioned.table_class = "STANDARD_INFREQUENT_ACCESS";
	quote_settings(&table, &provisioned);
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_PROVISIONED);
	ck_assert_int_eq(q.duration_ms, 4000000);
	/* the table and its two indexes have 2,000 each, for two begun hours */
	ck_assert_uint_eq(table.capacity, 6000);
	ck_assert_uint_eq(table.hours, 2);
	ck_assert_double_eq_tol(q.at_capacity, 9.72, 1e-9);
	ck_assert_double_eq_tol(q.on_demand, 9.36, 1e-9);

	/* a limit above what is provisioned raises nothing, one below is kept */
	q.max_wcu = 100000;
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_PROVISIONED);
	q.max_wcu = 2000;
	quote_reckon(&q);
	ck_assert_int_eq(table.pace, PACE_MAX_WCU);
	ck_assert_int_eq(q.duration_ms, 6000000);
}
END_TEST

START_TEST(no_figure_is_invented)
{
	struct buf b = { 0 };

	q.region = "moon-1";
	quote_reckon(&q);
	ck_assert_double_eq(q.on_demand, PRICE_UNKNOWN);
	ck_assert_double_eq(q.at_capacity, PRICE_UNKNOWN);
	quote_text(&q, &b);
	expect_has(buf_cstr(&b), "no price of moon-1, class standard, is known: --prices gives it\n");
	ck_assert_ptr_null(strstr(buf_cstr(&b), "USD"));
	buf_reset(&b);
	struct json_out j = { .out = &b };
	quote_json(&q, &j, NULL);
	expect_has(buf_cstr(&b), "\"on_demand\": null,\n  \"provisioned\": null");

	q.region = NULL;
	buf_reset(&b);
	quote_reckon(&q);
	quote_text(&q, &b);
	expect_has(buf_cstr(&b), "no region is known, so no price is: --region names it\n");
	ck_assert_ptr_null(strstr(buf_cstr(&b), "USD"));

	/* half of the prices of a region: no sum of what is not known */
	q.region = "us-west-2";
	buf_reset(&b);
	quote_reckon(&q);
	quote_text(&q, &b);
	ck_assert_double_eq(q.on_demand, PRICE_UNKNOWN);
	ck_assert_double_eq_tol(q.at_capacity, 3.90, 1e-9);
	expect_has(buf_cstr(&b), "list prices of us-west-2, class standard, as of 2024-11, from ");
	expect_has(buf_cstr(&b), "; that on demand is not known: --prices gives it\n");
	buf_release(&b);
}
END_TEST

START_TEST(no_items_cost_nothing)
{
	table.items = table.units = table.index_units[0] = table.index_units[1] = 0;
	q.region = "moon-1";
	quote_reckon(&q);
	ck_assert_int_eq(q.duration_ms, 0);
	ck_assert_uint_eq(table.capacity, 0);
	ck_assert_double_eq(q.on_demand, 0);
	ck_assert_double_eq(q.at_capacity, 0);
}
END_TEST

START_TEST(text_and_json)
{
	struct buf b = { 0 };
	struct json_out j = { .out = &b };

	q.estimate = true;
	quote_reckon(&q);
	quote_text(&q, &b);
	ck_assert_str_eq(buf_cstr(&b),
		"the writes of a load into tables without these items, an estimate:\n"
		"  table    class and mode       write units   indexes'  on demand  provisioned"
		"   time\n"
		"  p-Users  standard, on demand   12,000,000  4,000,000   7.50 USD     3.90 USD"
		"  33:20\n"
		"  total                          12,000,000  4,000,000   7.50 USD     3.90 USD"
		"  33:20\n"
		"  p-Users: 4,000 units/s, what a new table on demand takes at once; provisioned: "
		"6,000 units/s for 1 begun hour\n"
		"  list prices of us-east-1, class standard, as of 2026-09-11, from "
		"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonDynamoDB/\n");
	buf_reset(&b);
	quote_json(&q, &j, NULL);
	expect_has(buf_cstr(&b), "\"estimate\": true,\n  \"region\": \"us-east-1\"");
	expect_has(buf_cstr(&b), "\"write_units\": 12000000,\n  \"seconds\": 2000,\n"
				 "  \"on_demand\": 7.500000,\n  \"provisioned\": 3.900000,\n");
	expect_has(buf_cstr(&b), "\"contract_table\": \"Users\"");
	expect_has(buf_cstr(&b), "\"index\": \"keys\",\n          \"write_units\": 1000000");
	buf_release(&b);
}
END_TEST

START_TEST(a_load_is_held_against_it)
{
	struct quote_past past = { .by = "check", .at = "2026-01-01T00:00:00Z", .currency = "USD",
				   .estimate = true, .units = 10000000, .duration_ms = 1700000,
				   .on_demand = 6.25 };
	struct buf b = { 0 };
	struct json_out j = { .out = &b };

	table.consumed_milli = UINT64_C(12000000000);
	quote_reckon(&q);
	quote_compared_text(&q, &past, 2500000, &b);
	ck_assert_str_eq(buf_cstr(&b),
		"write units: 12,000,000 by the sizes of items and index entries; DynamoDB counted "
		"12,000,000, the same; on demand 7.50 USD\n"
		"quoted by 'etl check' at 2026-01-01T00:00:00Z, an estimate: 10,000,000 write "
		"units, this is 20.0 % more; time 28:20, it took 41:40; on demand 6.25 USD\n");
	buf_reset(&b);
	quote_compared_json(&q, &past, &j, NULL);
	expect_has(buf_cstr(&b), "\"write_units\": 12000000,\n  \"difference_percent\": 0.000,\n"
				 "  \"on_demand\": 7.500000,\n");
	expect_has(buf_cstr(&b), "\"write_units\": 10000000,\n    \"difference_percent\": 20.000,\n");

	table.consumed_milli = UINT64_C(11999500);
	buf_reset(&b);
	quote_reckon(&q);
	quote_compared_text(&q, NULL, 0, &b);
	expect_has(buf_cstr(&b), "counted 12,000, 99.9 % less; on demand 0.0075 USD\n");

	table.consumed_milli = 0;
	buf_reset(&b);
	quote_reckon(&q);
	quote_compared_text(&q, NULL, 0, &b);
	expect_has(buf_cstr(&b), "; DynamoDB told no number\n");
	buf_release(&b);
}
END_TEST

static Suite *quote_suite(void)
{
	Suite *s = suite_create("report/quote");
	TCase *t = tcase_create("quote");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, a_new_table_on_demand);
	tcase_add_test(t, a_warm_table_on_demand);
	tcase_add_test(t, a_limit_counts_the_indexes);
	tcase_add_test(t, a_provisioned_table);
	tcase_add_test(t, no_figure_is_invented);
	tcase_add_test(t, no_items_cost_nothing);
	tcase_add_test(t, text_and_json);
	tcase_add_test(t, a_load_is_held_against_it);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(quote_suite)
