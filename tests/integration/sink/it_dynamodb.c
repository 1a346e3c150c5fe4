/* The driver against a live DynamoDB endpoint: tables, items, batches, scans. */
#include "check_main.h"

#include <stdio.h>
#include <unistd.h>
#include "base/log.h"
#include "sink/dynamodb/dynamodb.h"
#include "sink/tables.h"

static struct aws_config config;
static struct sink *sink;
static struct sink_conn *conn;
static struct etl_err err;
static char name[80];

static const char *const included[] = { "a", "b" };
static const struct index_def indexes[] = {
	{ .name = "ByEmail", .keys = { "email", ATTR_S, NULL, ATTR_S },
	  .projection = PROJECT_KEYS_ONLY },
	{ .name = "ByN", .keys = { "n", ATTR_N, "PK", ATTR_S }, .projection = PROJECT_INCLUDE,
	  .nincluded = 2, .included = included },
};
static struct table_def table;
static struct tables_options options = { .timeout_ms = 60000, .create = true };

static void set_up(void)
{
	const char *url = getenv("ETL_DYNAMODB_URL"), *unique = getenv("ETL_DB");

	if (!url)
		url = getenv("ETL_TEST_DYNAMODB_URL");
	ck_assert_msg(url != NULL, "ETL_DYNAMODB_URL is not set: there is no server to test on");
	log_setup(LOG_TEXT, LOG_ERROR, false);
	setenv("AWS_ACCESS_KEY_ID", "test", 0);
	setenv("AWS_SECRET_ACCESS_KEY", "test", 0);
	snprintf(name, sizeof(name), "%s_sink_%ld", unique ? unique : "it", (long)getpid());
	config = (struct aws_config){ .region = "us-east-1", .endpoint_url = url };
	table = (struct table_def){ .name = name, .keys = { "PK", ATTR_S, "SK", ATTR_N },
				    .nindexes = 2, .indexes = indexes };
	err = (struct etl_err){ 0 };
	ck_assert_msg(dynamodb_sink_open(&config, &sink, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(sink->ops->open_conn(sink, &conn, &err), 0);
}

/* The program itself never deletes a table, so the test asks by the AWS room. */
static void drop(void)
{
	struct aws_client *client;
	struct aws_conn *aws;
	struct buf body = { 0 }, answer = { 0 };

	ck_assert_int_eq(aws_client_open(&config, &client, &err), 0);
	ck_assert_int_eq(aws_conn_open(client, &aws, &err), 0);
	buf_addf(&body, "{\"TableName\":\"%s\"}", name);
	aws_call(aws, "DynamoDB_20120810.DeleteTable", buf_str(&body), &answer, &err);
	buf_release(&body);
	buf_release(&answer);
	aws_conn_close(aws);
	aws_client_close(client);
}

static void tear_down(void)
{
	conn->ops->close_conn(conn);
	sink->ops->close(sink);
	drop();
}

static void make_table(void)
{
	ck_assert_msg(tables_ensure(sink, &table, &options, &err) == 0, "%s", err.msg);
}

START_TEST(table_comes_to_be)
{
	struct table_state state;
	struct table_def bare = table, other = table;
	struct tables_diff diff;

	ck_assert_int_eq(conn->ops->describe(conn, name, &state, &err), -ETL_ENOTFOUND);
	etl_err_clear(&err);
	bare.nindexes = 0;
	bare.stream = "NEW_AND_OLD_IMAGES";
	bare.ttl_attribute = "expires";
	bare.point_in_time_recovery = true;	/* DynamoDB Local has none: a warning */
	ck_assert_msg(tables_ensure(sink, &bare, &options, &err) == 0, "%s", err.msg);
	ck_assert_msg(tables_ensure(sink, &bare, &options, &err) == 0, "%s", err.msg);
	make_table();				/* adds both indexes */
	ck_assert_int_eq(conn->ops->describe(conn, name, &state, &err), 0);
	ck_assert(state.active);
	ck_assert_str_eq(state.def.stream, "NEW_AND_OLD_IMAGES");
	tables_compare(&table, &state.def, &diff);
	ck_assert_uint_eq(diff.differences.n, 0);
	ck_assert_uint_eq(diff.warnings.n, 0);
	ck_assert_uint_eq(diff.nmissing, 0);
	tables_diff_release(&diff);
	arena_free(state.arena);
	other.keys.sk_type = ATTR_S;
	ck_assert_int_eq(tables_ensure(sink, &other, &options, &err), -ETL_ESINK);
	ck_assert_ptr_nonnull(strstr(err.msg, "sort key is 'SK' (S) in the contract, 'SK' (N)"));
}
END_TEST

START_TEST(all_settings_at_once)
{
	static const struct tag tags[] = { { "team", "shop" } };
	struct table_state state;
	struct tables_diff diff;

	table.provisioned = true;
	table.read_capacity = 7;
	table.write_capacity = 9;
	table.stream = "KEYS_ONLY";
	table.tags = tags;
	table.ntags = 1;
	make_table();
	ck_assert_int_eq(conn->ops->describe(conn, name, &state, &err), 0);
	tables_compare(&table, &state.def, &diff);
	ck_assert_uint_eq(diff.differences.n, 0);
	ck_assert_uint_eq(diff.warnings.n, 0);
	tables_diff_release(&diff);
	arena_free(state.arena);
}
END_TEST

struct seen {
	unsigned count[60];	/* how often each number came */
	size_t n;
	bool keys_only;
};

/* An item's sort key is its number. */
static int see(void *arg, struct str item, struct etl_err *e)
{
	struct seen *s = arg;
	const char *at = memmem(item.ptr, item.len, "\"SK\":{\"N\":\"", 11);
	unsigned number;

	(void)e;
	ck_assert_ptr_nonnull(at);
	number = (unsigned)strtoul(at + 11, NULL, 10);
	ck_assert_uint_lt(number, 60);
	s->count[number]++;
	s->n++;
	ck_assert_int_eq(memmem(item.ptr, item.len, "\"email\"", 7) == NULL, s->keys_only);
	return 0;
}

static void write_items(size_t from, size_t n)
{
	struct buf json[25] = { { 0 } }, key[25] = { { 0 } };
	struct put batch[25];
	struct write_result result;

	for (size_t i = 0; i < n; i++) {
		buf_addf(&json[i], "{\"PK\":{\"S\":\"p\xc3\xa9 \\\"%zu\\\"\"},\"SK\":{\"N\":\"%zu.0\"},"
			 "\"email\":{\"S\":\"u@x\"},\"n\":{\"N\":\"12345678901234567890.50\"},"
			 "\"b\":{\"B\":\"AAEC\"},\"m\":{\"M\":{\"\\n\":{\"NULL\":true}}}}", from + i,
			 from + i);
		ck_assert_int_eq(key_from_item_json(&table.keys, buf_str(&json[i]), &key[i], &err),
				 0);
		batch[i] = (struct put){ buf_str(&json[i]), buf_str(&key[i]), 100 };
	}
	ck_assert_msg(conn->ops->write(conn, &table, batch, n, &result, &err) == 0, "%s", err.msg);
	ck_assert_uint_eq(result.unprocessed, 0);
	ck_assert_double_ge(result.consumed_wcu, (double)n);
	for (size_t i = 0; i < n; i++) {
		buf_release(&json[i]);
		buf_release(&key[i]);
	}
}

START_TEST(items_go_and_come)
{
	struct str keys[60];
	struct buf text[60] = { { 0 } }, start = { 0 };
	bool unprocessed[60];
	struct seen got = { 0 }, scanned = { 0 }, only_keys = { .keys_only = true };

	make_table();
	write_items(0, 25);
	write_items(25, 25);
	write_items(25, 25);		/* the same again: overwritten */
	for (size_t i = 0; i < 60; i++) {
		buf_addf(&text[i], "{\"PK\":{\"S\":\"p\xc3\xa9 \\\"%zu\\\"\"},\"SK\":{\"N\":\"%zu\"}}",
			 i, i);
		keys[i] = buf_str(&text[i]);
	}
	ck_assert_msg(conn->ops->get(conn, &table, keys, 60, unprocessed, see, &got, &err) == 0,
		      "%s", err.msg);
	ck_assert_uint_eq(got.n, 50);
	ck_assert(conn->consumed_rcu >= 50);
	for (unsigned segment = 0; segment < 3; segment++) {
		do {
			struct scan_part part = { segment, 3, false, 0, NULL };

			ck_assert_msg(conn->ops->scan(conn, &table, &part, &start, see, &scanned,
						      &err) == 0, "%s", err.msg);
			ck_assert(conn->consumed_rcu > 0);
		} while (start.len);
		do {
			struct scan_part part = { segment, 3, true, 0, NULL };

			ck_assert_msg(conn->ops->scan(conn, &table, &part, &start, see, &only_keys,
						      &err) == 0, "%s", err.msg);
			ck_assert(conn->consumed_rcu > 0);
		} while (start.len);
	}
	for (size_t i = 0; i < 60; i++) {
		unsigned times = i < 50;

		ck_assert(!unprocessed[i]);
		ck_assert_uint_eq(got.count[i], times);
		ck_assert_uint_eq(scanned.count[i], times);
		ck_assert_uint_eq(only_keys.count[i], times);
		buf_release(&text[i]);
	}
	buf_release(&start);
}
END_TEST

/* Pages: over 1 MB in one segment, the position carried on as the service gave it. */
START_TEST(scan_of_many_pages)
{
	struct buf big = { 0 }, start = { 0 };
	struct seen seen = { .keys_only = true };
	unsigned pages = 0;

	table.nindexes = 0;
	make_table();
	for (size_t i = 0; i < 300 * 1024; i++)
		buf_addc(&big, 'x');
	for (size_t i = 0; i < 10; i++) {
		struct buf json = { 0 }, key = { 0 };
		struct put put;
		struct write_result result;

		buf_addf(&json, "{\"PK\":{\"S\":\"one\"},\"SK\":{\"N\":\"%zu\"},\"v\":{\"S\":\"%s\"}}",
			 i, buf_cstr(&big));
		ck_assert_int_eq(key_from_item_json(&table.keys, buf_str(&json), &key, &err), 0);
		put = (struct put){ buf_str(&json), buf_str(&key), big.len };
		ck_assert_msg(conn->ops->write(conn, &table, &put, 1, &result, &err) == 0, "%s",
			      err.msg);
		buf_release(&json);
		buf_release(&key);
	}
	do {
		ck_assert_msg(conn->ops->scan(conn, &table, &(struct scan_part){ 0, 1, false, 0, NULL },
					      &start, see, &seen, &err) == 0, "%s", err.msg);
		pages++;
	} while (start.len);
	ck_assert_uint_eq(seen.n, 10);
	ck_assert_uint_ge(pages, 3);
	buf_release(&start);
	buf_release(&big);
}
END_TEST

START_TEST(refusals)
{
	static const char *const bad[] = {
		"{\"PK\":{\"S\":\"\"},\"SK\":{\"N\":\"1\"}}",
		"{\"PK\":{\"S\":\"a\"},\"SK\":{\"N\":\"1\"},\"email\":{\"N\":\"5\"}}",
		"{\"PK\":{\"S\":\"a\"},\"SK\":{\"N\":\"1\"},\"s\":{\"SS\":[]}}",
	};
	const struct put_condition absent = { .mode = WRITE_IF_ABSENT };
	struct put_result one;
	struct write_result result;
	struct put put = { .key = STR("any") };

	make_table();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		etl_err_clear(&err);
		put.item_json = str_of(bad[i]);
		ck_assert_int_eq(conn->ops->write(conn, &table, &put, 1, &result, &err),
				 -ETL_EITEM);
		etl_err_clear(&err);
		ck_assert_int_eq(conn->ops->put(conn, &table, &put, &absent, &one, &err),
				 -ETL_EITEM);
	}
	table.name = "no-such-table";
	etl_err_clear(&err);
	put.item_json = STR("{\"PK\":{\"S\":\"a\"},\"SK\":{\"N\":\"1\"}}");
	ck_assert_int_eq(conn->ops->write(conn, &table, &put, 1, &result, &err), -ETL_ENOTFOUND);
	etl_err_clear(&err);
	ck_assert_int_eq(conn->ops->put(conn, &table, &put, &absent, &one, &err), -ETL_ENOTFOUND);
	table.name = name;
}
END_TEST

/* The versions of the item that is there (NULL: none is) and of the one that is put; both under
 * 'newer' unless said otherwise. The attribute's name is a reserved word. */
static const struct {
	const char *there, *put;
	enum write_mode mode;
	bool written, replaced;
} conditions[] = {
	{ NULL, "{\"N\":\"5\"}", WRITE_IF_ABSENT, true, false },
	{ "{\"N\":\"4\"}", "{\"N\":\"5\"}", WRITE_IF_ABSENT, false, false },
	{ NULL, "{\"N\":\"5\"}", WRITE_NEWER, true, false },
	{ NULL, "{\"S\":\"\"}", WRITE_NEWER, true, false },
	{ NULL, "{\"NULL\":true}", WRITE_NEWER, true, false },
	{ "{\"N\":\"4.99\"}", "{\"N\":\"5\"}", WRITE_NEWER, true, true },
	{ "{\"N\":\"9\"}", "{\"N\":\"10\"}", WRITE_NEWER, true, true },
	{ "{\"N\":\"-1E100\"}", "{\"N\":\"0\"}", WRITE_NEWER, true, true },
	{ "{\"N\":\"5.0\"}", "{\"N\":\"5\"}", WRITE_NEWER, false, false },
	{ "{\"N\":\"5.01\"}", "{\"N\":\"5\"}", WRITE_NEWER, false, false },
	{ "{\"S\":\"2024-01-31\"}", "{\"S\":\"2024-02-01\"}", WRITE_NEWER, true, true },
	{ "{\"S\":\"9\"}", "{\"S\":\"10\"}", WRITE_NEWER, false, false },
	{ "{\"S\":\"\"}", "{\"S\":\"a\"}", WRITE_NEWER, true, true },
	{ "{\"S\":\"a\"}", "{\"S\":\"a\\u0000\"}", WRITE_NEWER, true, true },
	{ "{\"B\":\"fw==\"}", "{\"B\":\"gA==\"}", WRITE_NEWER, true, true },
	{ "{\"B\":\"gA==\"}", "{\"B\":\"fw==\"}", WRITE_NEWER, false, false },
	{ "{\"S\":\"4\"}", "{\"N\":\"5\"}", WRITE_NEWER, false, false },
	{ "{\"NULL\":true}", "{\"N\":\"5\"}", WRITE_NEWER, false, false },
	{ "", "{\"N\":\"5\"}", WRITE_NEWER, false, false },		/* there without version */
	{ "{\"N\":\"4\"}", "", WRITE_NEWER, false, false },
	{ "{\"S\":\"4\"}", "{\"S\":\"\"}", WRITE_NEWER, false, false },
	{ "", "", WRITE_NEWER, false, false },
};

static void put_versioned(const char *who, const char *version, const struct put_condition *c,
			  struct put_result *result)
{
	struct buf json = { 0 };
	struct put put = { .size_bytes = 100 };

	buf_addf(&json, "{\"PK\":{\"S\":\"a\"},\"SK\":{\"N\":\"1\"},\"who\":{\"S\":\"%s\\u0000\"}", who);
	if (*version)
		buf_addf(&json, ",\"timestamp\":%s", version);
	buf_adds(&json, "}");
	put.item_json = buf_str(&json);
	ck_assert_msg(conn->ops->put(conn, &table, &put, c, result, &err) == 0, "%s", err.msg);
	buf_release(&json);
}

static int see_who(void *arg, struct str item, struct etl_err *e)
{
	(void)e;
	*(const char **)arg = memmem(item.ptr, item.len, "\"ours", 5) ? "ours" : "theirs";
	return 0;
}

START_TEST(puts_under_conditions)
{
	const struct put_condition absent = { .mode = WRITE_IF_ABSENT };
	struct put_condition c = { .mode = conditions[_i].mode };
	struct str key = STR("{\"PK\":{\"S\":\"a\"},\"SK\":{\"N\":\"1\"}}");
	struct put_result result;
	const char *who = NULL;
	bool unprocessed, written = conditions[_i].written;

	table.nindexes = 0;
	make_table();
	if (conditions[_i].there) {
		put_versioned("theirs", conditions[_i].there, &absent, &result);
		ck_assert(!result.held && !result.replaced);
	}
	if (c.mode == WRITE_NEWER)
		c.version_attribute = "timestamp";
	put_versioned("ours", conditions[_i].put, &c, &result);
	ck_assert_int_eq(!result.held, written);
	ck_assert_int_eq(result.replaced, conditions[_i].replaced);
	ck_assert_double_eq(result.consumed_wcu, written ? 1 : 0);
	ck_assert_int_eq(result.held || result.replaced, result.there.len > 0);
	if (result.held)
		ck_assert_ptr_nonnull(memmem(result.there.ptr, result.there.len, "theirs", 6));
	ck_assert_int_eq(conn->ops->get(conn, &table, &key, 1, &unprocessed, see_who, &who, &err),
			 0);
	ck_assert_str_eq(who, written ? "ours" : "theirs");
}
END_TEST

static Suite *dynamodb_suite(void)
{
	Suite *suite = suite_create("integration/sink/dynamodb");
	TCase *tc = tcase_create("dynamodb");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, table_comes_to_be);
	tcase_add_test(tc, all_settings_at_once);
	tcase_add_test(tc, items_go_and_come);
	tcase_add_test(tc, scan_of_many_pages);
	tcase_add_loop_test(tc, puts_under_conditions, 0,
			    sizeof(conditions) / sizeof(conditions[0]));
	tcase_add_test(tc, refusals);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(dynamodb_suite)
