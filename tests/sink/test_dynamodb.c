/* The DynamoDB driver against scripted answers: requests byte by byte, answers of every kind. */
#include "check_main.h"

#include <stdio.h>
#include "aws/aws_env.h"
#include "base/log.h"
#include "fakes/http_server.h"
#include "sink/dynamodb/dynamodb.h"

static struct http_server *server;
static struct sink *sink;
static struct sink_conn *conn;
static struct aws_config config;
static struct etl_err err;

static const struct index_def index_a = {
	.name = "A", .keys = { "email", ATTR_S, NULL, ATTR_S }, .projection = PROJECT_ALL,
};
static const struct table_def table = {
	.name = "Users", .keys = { "PK", ATTR_S, "n", ATTR_N }, .nindexes = 1,
	.indexes = &index_a,
};

static void set_up(void)
{
	static const char *const env[] = {
		"AWS_ACCESS_KEY_ID", "AKID", "AWS_SECRET_ACCESS_KEY", "secret", NULL,
	};

	log_setup(LOG_TEXT, LOG_ERROR, false);
	aws_env = env;
	err = (struct etl_err){ 0 };
	server = http_server_start();
	config = (struct aws_config){ .region = "us-east-1", .getenv = aws_env_get,
				      .endpoint_url = http_server_url(server) };
	ck_assert_msg(dynamodb_sink_open(&config, &sink, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(sink->ops->open_conn(sink, &conn, &err), 0);
}

static void tear_down(void)
{
	conn->ops->close_conn(conn);
	sink->ops->close(sink);
	http_server_stop(server);
}

static void assert_request(size_t i, const char *target, const char *body)
{
	char *head = http_server_head(server, i), *sent = http_server_body(server, i);
	char *header;

	ck_assert_ptr_nonnull(head);
	header = http_header(head, "X-Amz-Target");
	ck_assert_ptr_nonnull(strstr(header, target));
	ck_assert_str_eq(sent, body);
	free(header);
	free(head);
	free(sent);
}

static void refuse(const char *name)
{
	static char body[200];

	snprintf(body, sizeof(body), "{\"__type\":\"com.amazonaws.dynamodb.v20120810#%s\"}", name);
	http_server_add(server, (struct http_reply){ .status = 400, .body = body });
}

/* ---- write ----------------------------------------------------------------------------------- */

#define ITEM_1 "{\"PK\":{\"S\":\"a\\\"\"},\"n\":{\"N\":\"1.50\"},\"v\":{\"S\":\"x\"}}"
#define ITEM_2 "{\"PK\":{\"S\":\"b\"},\"n\":{\"N\":\"100\"}}"

static struct buf keys[2];
static struct put batch[2];

static void make_puts(void)
{
	batch[0].item_json = STR(ITEM_1);
	batch[1].item_json = STR(ITEM_2);
	for (size_t i = 0; i < 2; i++) {
		keys[i] = (struct buf){ 0 };
		ck_assert_int_eq(key_from_item_json(&table.keys, batch[i].item_json, &keys[i], &err),
				 0);
		batch[i].key = buf_str(&keys[i]);
	}
}

static const struct {
	const char *answer;
	int rc;
	unsigned unprocessed;
	double wcu;
} writes[] = {
	{ "{\"UnprocessedItems\":{},\"ConsumedCapacity\":[{\"CapacityUnits\":2.5,"
	  "\"TableName\":\"Users\",\"Table\":{\"CapacityUnits\":1.0}}]}", 0, 0, 2.5 },
	{ "{\"UnprocessedItems\":{}}", 0, 0, 0 },
	/* given back with another text of the same number, other order, other escapes */
	{ "{\"UnprocessedItems\":{\"Users\":[{\"PutRequest\":{\"Item\":{\"v\":{\"S\":\"x\"},"
	  "\"n\":{\"N\":\"1.5\"},\"PK\":{\"S\":\"a\\u0022\"}}}}]}}", 0, 1, 0 },
	{ " { \"UnprocessedItems\" : { \"Users\" : [ { \"PutRequest\" : { \"Item\" : " ITEM_2
	  " } } , { \"PutRequest\" : { \"Item\" : " ITEM_1 " } } ] } } ", 0, 3, 0 },
	{ "{\"UnprocessedItems\":{\"Users\":[{\"PutRequest\":{\"Item\":{\"PK\":{\"S\":\"c\"},"
	  "\"n\":{\"N\":\"1\"}}}}]}}", -ETL_EINTERNAL, 0, 0 },
	{ "{\"UnprocessedItems\":{\"Users\":[{\"PutRequest\":{\"Item\":" ITEM_2 "}},"
	  "{\"PutRequest\":{\"Item\":" ITEM_2 "}}]}}", -ETL_EINTERNAL, 0, 0 },
	{ "{\"UnprocessedItems\":{\"Others\":[]}}", -ETL_EINTERNAL, 0, 0 },
	{ "{\"UnprocessedItems\":{\"Users\":[{\"DeleteRequest\":{\"Key\":{}}}]}}", -ETL_EUNKNOWN, 0,
	  0 },
	/* nobody said that they are written */
	{ "{}", -ETL_EUNKNOWN, 0, 0 },
	{ "", -ETL_EUNKNOWN, 0, 0 },
	{ "[]", -ETL_EUNKNOWN, 0, 0 },
	{ "<html>welcome</html>", -ETL_EUNKNOWN, 0, 0 },
	{ "{\"UnprocessedItems\":{}", -ETL_EUNKNOWN, 0, 0 },
	{ "{\"UnprocessedItems\":{}}{}", -ETL_EUNKNOWN, 0, 0 },
	{ "{\"UnprocessedItems\":null}", -ETL_EUNKNOWN, 0, 0 },
	{ "{\"UnprocessedItems\":{\"Users\":{}}}", -ETL_EUNKNOWN, 0, 0 },
	{ "{\"UnprocessedItems\":{\"Users\":[{\"PutRequest\":{\"Item\":" ITEM_2 "}}]", -ETL_EUNKNOWN,
	  0, 0 },
	{ "{\"UnprocessedItems\":{},\"ConsumedCapacity\":[{\"CapacityUnits\":", -ETL_EUNKNOWN, 0,
	  0 },
};

START_TEST(write_reads_its_answer)
{
	struct write_result result = { 99, 99 };

	make_puts();
	http_server_ok(server, writes[_i].answer);
	ck_assert_msg(conn->ops->write(conn, &table, batch, 2, &result, &err) == writes[_i].rc,
		      "%s", err.msg);
	ck_assert_uint_eq(result.unprocessed, writes[_i].unprocessed);
	ck_assert_double_eq(result.consumed_wcu, writes[_i].wcu);
	assert_request(0, "BatchWriteItem",
		       "{\"RequestItems\":{\"Users\":[{\"PutRequest\":{\"Item\":" ITEM_1 "}},"
		       "{\"PutRequest\":{\"Item\":" ITEM_2 "}}]},"
		       "\"ReturnConsumedCapacity\":\"TOTAL\"}");
	buf_release(&keys[0]);
	buf_release(&keys[1]);
}
END_TEST

START_TEST(write_limits)
{
	struct write_result result;
	struct put many[26] = { { { 0 }, { 0 }, 0 } };
	struct buf large = { 0 };

	make_puts();
	ck_assert_int_eq(conn->ops->write(conn, &table, batch, 0, &result, &err), -ETL_EINTERNAL);
	etl_err_clear(&err);
	ck_assert_int_eq(conn->ops->write(conn, &table, many, 26, &result, &err), -ETL_EINTERNAL);
	etl_err_clear(&err);
	for (size_t i = 0; i < BATCH_MAX_BYTES; i++)
		buf_addc(&large, 'x');
	batch[0].item_json = buf_str(&large);
	ck_assert_int_eq(conn->ops->write(conn, &table, batch, 1, &result, &err), -ETL_EINTERNAL);
	ck_assert_uint_eq(http_server_requests(server), 0);
	buf_release(&large);
	buf_release(&keys[0]);
	buf_release(&keys[1]);
}
END_TEST

START_TEST(write_refused)
{
	static const struct { const char *name; enum etl_errc code; } cases[] = {
		{ "ValidationException", ETL_EITEM },
		{ "ProvisionedThroughputExceededException", ETL_ETHROTTLED },
		{ "ResourceNotFoundException", ETL_ENOTFOUND },
		{ "AccessDeniedException", ETL_ESINK },
	};
	struct write_result result;

	make_puts();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		etl_err_clear(&err);
		refuse(cases[i].name);
		ck_assert_int_eq(conn->ops->write(conn, &table, batch, 2, &result, &err),
				 -(int)cases[i].code);
	}
	buf_release(&keys[0]);
	buf_release(&keys[1]);
}
END_TEST

/* ---- put under a condition ------------------------------------------------------------------- */

#define PUT_BEGIN "{\"TableName\":\"Users\",\"Item\":"
#define PUT_ABSENT ",\"ConditionExpression\":\"attribute_not_exists(#p)\"," \
	"\"ExpressionAttributeNames\":{\"#p\":\"PK\"}"
#define PUT_NEWER ",\"ConditionExpression\":\"attribute_not_exists(#p) OR #v < :v\"," \
	"\"ExpressionAttributeNames\":{\"#p\":\"PK\",\"#v\":\"v\\\"\"}," \
	"\"ReturnValues\":\"ALL_OLD\",\"ExpressionAttributeValues\":{\":v\":"
#define PUT_END ",\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\"," \
	"\"ReturnConsumedCapacity\":\"TOTAL\"}"

static int put_one(const char *item, enum write_mode mode, struct put_result *result)
{
	struct put_condition condition = { mode, mode == WRITE_NEWER ? "v\"" : NULL };
	struct put put = { .item_json = str_of(item), .size_bytes = 10 };

	etl_err_clear(&err);
	return conn->ops->put(conn, &table, &put, &condition, result, &err);
}

#define ITEM_OF(more) "{\"PK\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}" more "}"

/* The request of each item under 'newer'; version NULL: as under if-absent. */
static const struct { const char *item, *version; } versions[] = {
	{ ITEM_OF(",\"v\\\"\":{\"N\":\"5\"},\"x\":{\"L\":[]}"), "{\"N\":\"5\"}" },
	{ ITEM_OF(",\"x\":{\"M\":{\"v\\\"\":{\"N\":\"5\"}}},\"v\\u0022\":{\"S\":\"\\u0000\"}"),
	  "{\"S\":\"\\u0000\"}" },
	{ ITEM_OF(",\"v\\\"\":{\"B\":\"AP8=\"}"), "{\"B\":\"AP8=\"}" },
	{ ITEM_OF(",\"x\":{\"M\":{\"v\\\"\":{\"N\":\"5\"}}}"), NULL },
	{ ITEM_OF(",\"v\\\"\":{\"S\":\"\"}"), NULL },
	{ ITEM_OF(",\"v\\\"\":{\"B\":\"\"}"), NULL },
	{ ITEM_OF(",\"v\\\"\":{\"NULL\":true}"), NULL },
	{ ITEM_OF(",\"v\\\"\":{\"SS\":[\"5\"]}"), NULL },
};

START_TEST(put_says_its_condition)
{
	struct put_result result;
	struct buf expected = { 0 };

	http_server_ok(server, "{}");
	ck_assert_msg(put_one(versions[_i].item, WRITE_NEWER, &result) == 0, "%s", err.msg);
	buf_addf(&expected, PUT_BEGIN "%s", versions[_i].item);
	buf_adds(&expected, versions[_i].version ? PUT_NEWER : PUT_ABSENT);
	if (versions[_i].version)
		buf_addf(&expected, "%s}", versions[_i].version);
	buf_adds(&expected, PUT_END);
	assert_request(0, "PutItem", buf_cstr(&expected));
	http_server_ok(server, "{}");
	ck_assert_msg(put_one(versions[_i].item, WRITE_IF_ABSENT, &result) == 0, "%s", err.msg);
	buf_reset(&expected);
	buf_addf(&expected, PUT_BEGIN "%s" PUT_ABSENT PUT_END, versions[_i].item);
	assert_request(1, "PutItem", buf_cstr(&expected));
	buf_release(&expected);
}
END_TEST

#define HELD "\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\"," \
	"\"message\":\"The conditional request failed\""

static const struct {
	int status;
	const char *answer;
	int rc;
	bool held, replaced;
	const char *there;
	double wcu;
} put_answers[] = {
	{ 200, "{}", 0, false, false, "", 0 },
	{ 200, "{\"ConsumedCapacity\":{\"TableName\":\"Users\",\"CapacityUnits\":2.5,\"Table\":{"
	  "\"CapacityUnits\":1.0}}}", 0, false, false, "", 2.5 },
	{ 200, "{\"Attributes\":{\"PK\":{\"S\":\"a\"}},\"ConsumedCapacity\":{\"CapacityUnits\":1}}",
	  0, false, true, "{\"PK\":{\"S\":\"a\"}}", 1 },
	{ 200, "{\"Attributes\":null}", 0, false, false, "", 0 },
	{ 200, "", -ETL_EUNKNOWN, false, false, "", 0 },
	{ 200, "[]", -ETL_EUNKNOWN, false, false, "", 0 },
	{ 200, "{\"Attributes\":{\"PK\":{\"S\":\"a\"}}", -ETL_EUNKNOWN, false, false, "", 0 },
	{ 200, "{}{}", -ETL_EUNKNOWN, false, false, "", 0 },
	{ 200, "<html>welcome</html>", -ETL_EUNKNOWN, false, false, "", 0 },
	{ 400, "{" HELD ",\"Item\":{\"PK\":{\"S\":\"\\u0000\"}, \"n\":{\"N\":\"1\"}}}", 0, true,
	  false, "{\"PK\":{\"S\":\"\\u0000\"}, \"n\":{\"N\":\"1\"}}", 0 },
	{ 400, "{\"Item\":{}," HELD "}", 0, true, false, "{}", 0 },
	{ 400, "{" HELD "}", -ETL_ESINK, false, false, "", 0 },
	{ 400, "{\"x\":{\"Item\":{}}," HELD "}", -ETL_ESINK, false, false, "", 0 },
	{ 400, "{\"__type\":\"x#ValidationException\"}", -ETL_EITEM, false, false, "", 0 },
	{ 400, "{\"__type\":\"x#ThrottlingException\"}", -ETL_ETHROTTLED, false, false, "", 0 },
	{ 400, "{\"__type\":\"x#AccessDeniedException\"}", -ETL_ESINK, false, false, "", 0 },
	{ 500, "", -ETL_EUNKNOWN, false, false, "", 0 },
};

START_TEST(put_reads_its_answer)
{
	struct put_result result = { .held = true, .maybe_twice = true };

	http_server_add(server, (struct http_reply){ .status = put_answers[_i].status,
						     .body = put_answers[_i].answer });
	ck_assert_msg(put_one(ITEM_1, WRITE_IF_ABSENT, &result) == put_answers[_i].rc, "%s", err.msg);
	ck_assert_int_eq(err.code, -put_answers[_i].rc);
	ck_assert_int_eq(result.held, put_answers[_i].held);
	ck_assert_int_eq(result.replaced, put_answers[_i].replaced);
	ck_assert(str_is(result.there, put_answers[_i].there));
	ck_assert_double_eq(result.consumed_wcu, put_answers[_i].wcu);
	ck_assert(!result.maybe_twice);
}
END_TEST

START_TEST(put_tells_that_it_may_have_been_sent_twice)
{
	struct put_result result;

	http_server_ok(server, "{}");
	ck_assert_int_eq(put_one(ITEM_1, WRITE_IF_ABSENT, &result), 0);
	http_server_add(server, (struct http_reply){ .manner = HTTP_CLOSE, .body = "" });
	http_server_add(server, (struct http_reply){ .status = 400,
						     .body = "{" HELD ",\"Item\":" ITEM_2 "}" });
	ck_assert_msg(put_one(ITEM_1, WRITE_IF_ABSENT, &result) == 0, "%s", err.msg);
	ck_assert(result.held && result.maybe_twice);
	ck_assert(str_is(result.there, ITEM_2));
	/* and if the second one is refused: the first may have been done */
	http_server_add(server, (struct http_reply){ .manner = HTTP_CLOSE, .body = "" });
	refuse("ThrottlingException");
	ck_assert_int_eq(put_one(ITEM_1, WRITE_IF_ABSENT, &result), -ETL_ETHROTTLED);
	ck_assert(result.maybe_twice);
}
END_TEST

/* ---- reads ----------------------------------------------------------------------------------- */

static int collect(void *arg, struct str item_json, struct etl_err *e)
{
	(void)e;
	buf_addstr(arg, item_json);
	buf_addc(arg, '\n');
	return 0;
}

#define KEY_1 "{\"PK\":{\"S\":\"a\"},\"n\":{\"N\":\"1.50\"}}"
#define KEY_2 "{\"PK\":{\"S\":\"b\"},\"n\":{\"N\":\"2\"}}"
#define KEY_3 "{\"PK\":{\"S\":\"c\"},\"n\":{\"N\":\"3\"}}"

static const struct {
	const char *answer;
	int rc;
	const char *found;
	bool unprocessed[3];
} gets[] = {
	{ "{\"Responses\":{\"Users\":[" KEY_2 ", " KEY_1 " ]},\"UnprocessedKeys\":{}}", 0,
	  KEY_2 "\n" KEY_1 "\n", { false, false, false } },
	{ "{\"Responses\":{\"Users\":[]},\"UnprocessedKeys\":{}}", 0, "", { false } },
	{ "{\"Responses\":{},\"UnprocessedKeys\":{}}", 0, "", { false } },
	{ "{\"UnprocessedKeys\":{\"Users\":{\"ConsistentRead\":true,\"Keys\":[" KEY_3
	  ",{\"n\":{\"N\":\"1.5\"},\"PK\":{\"S\":\"a\"}}]}},\"Responses\":{\"Users\":[" KEY_2 "]}}",
	  0, KEY_2 "\n", { true, false, true } },
	{ "{\"Responses\":{\"Users\":[]},\"UnprocessedKeys\":{\"Users\":{\"Keys\":["
	  "{\"PK\":{\"S\":\"z\"},\"n\":{\"N\":\"1\"}}]}}}", -ETL_EINTERNAL, "", { false } },
	{ "{\"Responses\":{\"Users\":[" KEY_1 "," KEY_1 "," KEY_1 "," KEY_1
	  "]},\"UnprocessedKeys\":{}}", -ETL_EINTERNAL, "", { false } },
	{ "{\"Responses\":{\"Users\":[" KEY_1 "]}}", -ETL_EUNKNOWN, "", { false } },
	{ "{\"UnprocessedKeys\":{}}", -ETL_EUNKNOWN, "", { false } },
	{ "{\"Responses\":{\"Users\":[" KEY_1 ",", -ETL_EUNKNOWN, "", { false } },
	{ "{\"Responses\":{\"Others\":[]},\"UnprocessedKeys\":{}}", -ETL_EUNKNOWN, "", { false } },
	{ "", -ETL_EUNKNOWN, "", { false } },
	{ "{\"Responses\":{\"Users\":[{\"s\":{\"S\":\"\\ud800\"}}]},\"UnprocessedKeys\":{}}",
	  -ETL_ESINK, "", { false } },
};

START_TEST(get_reads_its_answer)
{
	const struct str asked[3] = { STR(KEY_1), STR(KEY_2), STR(KEY_3) };
	bool unprocessed[3] = { true, true, true };
	struct buf found = { 0 };

	http_server_ok(server, gets[_i].answer);
	ck_assert_msg(conn->ops->get(conn, &table, asked, 3, unprocessed, collect, &found, &err) ==
		      gets[_i].rc, "%d %s", err.code, err.msg);
	ck_assert_str_eq(buf_cstr(&found), gets[_i].found);
	if (!gets[_i].rc)
		ck_assert(memcmp(unprocessed, gets[_i].unprocessed, sizeof(unprocessed)) == 0);
	assert_request(0, "BatchGetItem", "{\"RequestItems\":{\"Users\":{\"ConsistentRead\":true,"
		       "\"Keys\":[" KEY_1 "," KEY_2 "," KEY_3 "]}},\"ReturnConsumedCapacity\":\"TOTAL\"}");
	buf_release(&found);
}
END_TEST

START_TEST(scan_pages)
{
	struct buf start = { 0 }, found = { 0 };

	http_server_ok(server, "{\"Items\":[" KEY_1 "],\"Count\":1,\"ScannedCount\":1,"
		       "\"LastEvaluatedKey\":{\"n\" : {\"N\":\"1.50\"}, \"PK\":{\"S\":\"a\"}},"
		       "\"ConsumedCapacity\":{\"TableName\":\"Users\",\"CapacityUnits\":0.5}}");
	http_server_ok(server, "{\"Count\":0,\"Items\":[],\"ScannedCount\":0}");
	ck_assert_int_eq(conn->ops->scan(conn, &table, &(struct scan_part){ 1, 4, false, 0, NULL },
					 &start, collect, &found, &err), 0);
	ck_assert(conn->consumed_rcu == 0.5);
	ck_assert_str_eq(buf_cstr(&start), "{\"n\" : {\"N\":\"1.50\"}, \"PK\":{\"S\":\"a\"}}");
	ck_assert_int_eq(conn->ops->scan(conn, &table, &(struct scan_part){ 1, 4, true, 25, NULL },
					 &start, collect, &found, &err), 0);
	ck_assert(conn->consumed_rcu == 0);
	ck_assert_uint_eq(start.len, 0);
	ck_assert_str_eq(buf_cstr(&found), KEY_1 "\n");
	assert_request(0, "Scan", "{\"TableName\":\"Users\",\"ConsistentRead\":true,\"Segment\":1,"
		       "\"TotalSegments\":4,\"ReturnConsumedCapacity\":\"TOTAL\"}");
	assert_request(1, "Scan", "{\"TableName\":\"Users\",\"ConsistentRead\":true,\"Segment\":1,"
		       "\"TotalSegments\":4,\"Limit\":25,\"ExclusiveStartKey\":{\"n\" : {\"N\":\"1.50\"}, "
		       "\"PK\":{\"S\":\"a\"}},\"ProjectionExpression\":\"#p,#s\","
		       "\"ExpressionAttributeNames\":{\"#p\":\"PK\",\"#s\":\"n\"},"
		       "\"ReturnConsumedCapacity\":\"TOTAL\"}");
	buf_release(&start);
	buf_release(&found);
}
END_TEST

/* A page that is not whole gives nothing and leaves the position as it was. */
START_TEST(scan_refuses_half_a_page)
{
	static const char *const answers[] = {
		"{\"Items\":[" KEY_1 "],\"Count\":2}", "{\"Items\":[" KEY_1 "]}", "{\"Count\":0}",
		"{}", "", "{\"Items\":[" KEY_1, "{\"Items\":[" KEY_1 "],\"Count\":1}}",
		"{\"Items\":[1],\"Count\":1}",
		"{\"Items\":[],\"Count\":0,\"LastEvaluatedKey\":\"x\"}",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct buf start = { 0 }, found = { 0 };

		etl_err_clear(&err);
		buf_adds(&start, KEY_2);
		http_server_ok(server, answers[i]);
		ck_assert_int_eq(conn->ops->scan(conn, &table, &(struct scan_part){ 0, 1, false, 0, NULL },
						 &start, collect, &found, &err), -ETL_EUNKNOWN);
		ck_assert_uint_eq(found.len, 0);
		ck_assert_str_eq(buf_cstr(&start), KEY_2);
		buf_release(&start);
		buf_release(&found);
	}
}
END_TEST

/* ---- tables ---------------------------------------------------------------------------------- */

START_TEST(describe_reads_everything)
{
	struct table_state s;

	http_server_ok(server, "{\"Table\":{\"TableName\":\"Users\",\"TableStatus\":\"ACTIVE\","
		"\"ItemCount\":7,\"AttributeDefinitions\":["
		"{\"AttributeName\":\"PK\",\"AttributeType\":\"S\"},"
		"{\"AttributeName\":\"n\",\"AttributeType\":\"N\"},"
		"{\"AttributeName\":\"b\",\"AttributeType\":\"B\"}],"
		"\"KeySchema\":[{\"AttributeName\":\"n\",\"KeyType\":\"RANGE\"},"
		"{\"AttributeName\":\"PK\",\"KeyType\":\"HASH\"}],"
		"\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_REQUEST\"},"
		"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":0,\"WriteCapacityUnits\":0},"
		"\"TableClassSummary\":{\"TableClass\":\"STANDARD_INFREQUENT_ACCESS\"},"
		"\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"NEW_IMAGE\"},"
		"\"DeletionProtectionEnabled\":true,"
		"\"GlobalSecondaryIndexes\":["
		"{\"IndexName\":\"Z\",\"IndexStatus\":\"CREATING\",\"KeySchema\":["
		"{\"AttributeName\":\"b\",\"KeyType\":\"HASH\"}],"
		"\"Projection\":{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"y\",\"x\"]}},"
		"{\"IndexName\":\"A\",\"IndexStatus\":\"ACTIVE\",\"KeySchema\":["
		"{\"AttributeName\":\"n\",\"KeyType\":\"HASH\"},"
		"{\"AttributeName\":\"b\",\"KeyType\":\"HASH\"},"
		"{\"AttributeName\":\"PK\",\"KeyType\":\"RANGE\"}],"
		"\"Projection\":{\"ProjectionType\":\"KEYS_ONLY\"}}]}}");
	ck_assert_msg(conn->ops->describe(conn, "Users", &s, &err) == 0, "%s", err.msg);
	assert_request(0, "DescribeTable", "{\"TableName\":\"Users\"}");
	ck_assert(!s.active);
	ck_assert_uint_eq(s.nbackfilling, 1);
	ck_assert_int_eq(s.item_count, 7);
	ck_assert_str_eq(s.def.keys.pk_name, "PK");
	ck_assert_str_eq(s.def.keys.sk_name, "n");
	ck_assert_int_eq(s.def.keys.sk_type, ATTR_N);
	ck_assert_uint_eq(s.def.nindexes, 2);
	ck_assert_str_eq(s.def.indexes[0].name, "A");
	ck_assert_str_eq(s.def.indexes[0].keys.pk_name, "n, b");
	ck_assert_int_eq(s.def.indexes[0].projection, PROJECT_KEYS_ONLY);
	ck_assert_str_eq(s.def.indexes[1].included[0], "x");
	ck_assert_int_eq(s.def.indexes[1].keys.pk_type, ATTR_B);
	ck_assert(!s.def.provisioned && s.def.deletion_protection);
	ck_assert_str_eq(s.def.stream, "NEW_IMAGE");
	ck_assert_str_eq(s.def.table_class, "STANDARD_INFREQUENT_ACCESS");
	arena_free(s.arena);
}
END_TEST

/* With and without a number of its own, a table that was made anew is told from the old one. */
START_TEST(describe_tells_which_table)
{
	static const struct { const char *members, *id; } cases[] = {
		{ ",\"TableId\":\"1a-2b\",\"CreationDateTime\":1700000000.25", "1a-2b" },
		{ ",\"CreationDateTime\":1700000000.25", "made at 1700000000.250" },
		{ ",\"CreationDateTime\":1700000000", "made at 1700000000" },
		{ ",\"TableId\":\"\"", "" },
		{ "", "" },
	};
	struct table_state s;
	struct buf answer = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&answer);
		buf_addf(&answer, "{\"Table\":{\"TableName\":\"Users\",\"TableStatus\":\"ACTIVE\","
			 "\"KeySchema\":[{\"AttributeName\":\"PK\",\"KeyType\":\"HASH\"}]%s}}",
			 cases[i].members);
		http_server_ok(server, buf_cstr(&answer));
		ck_assert_msg(conn->ops->describe(conn, "Users", &s, &err) == 0, "%s", err.msg);
		ck_assert_str_eq(s.id, cases[i].id);
		arena_free(s.arena);
	}
	buf_release(&answer);
}
END_TEST

START_TEST(describe_says_where_it_looked)
{
	struct table_state s;

	refuse("ResourceNotFoundException");
	ck_assert_int_eq(conn->ops->describe(conn, "Users", &s, &err), -ETL_ENOTFOUND);
	ck_assert_ptr_nonnull(strstr(err.msg, "table 'Users' is not there in region 'us-east-1'"));
	ck_assert_ptr_nonnull(strstr(err.hint, "etl create-tables"));
	etl_err_clear(&err);
	http_server_ok(server, "{\"Table\":{}}");
	ck_assert_int_eq(conn->ops->describe(conn, "Users", &s, &err), -ETL_EUNKNOWN);
}
END_TEST

START_TEST(create_says_everything)
{
	static const char *const included[] = { "x", "y" };
	static const struct index_def indexes[] = {
		{ .name = "I1", .keys = { "n", ATTR_N, "PK", ATTR_S },
		  .projection = PROJECT_INCLUDE, .nincluded = 2, .included = included },
		{ .name = "I2", .keys = { "b", ATTR_B, NULL, ATTR_S },
		  .projection = PROJECT_KEYS_ONLY },
	};
	static const struct tag tags[] = { { "team", "a\"b" }, { "k", "" } };
	struct table_def def = {
		.name = "T", .keys = { "PK", ATTR_S, NULL, ATTR_S }, .nindexes = 2,
		.indexes = indexes, .provisioned = true, .read_capacity = 5, .write_capacity = 6,
		.warm_write_units = 4000, .table_class = "STANDARD", .stream = "KEYS_ONLY",
		.deletion_protection = true, .kms_key = "alias/k", .ntags = 2, .tags = tags,
	};
	struct table_def plain = { .name = "P", .keys = { "id", ATTR_N, NULL, ATTR_S } };

	http_server_ok(server, "{\"TableDescription\":{}}");
	ck_assert_msg(conn->ops->create(conn, &def, &err) == 0, "%s", err.msg);
	assert_request(0, "CreateTable", "{\"TableName\":\"T\",\"AttributeDefinitions\":["
		"{\"AttributeName\":\"PK\",\"AttributeType\":\"S\"},"
		"{\"AttributeName\":\"n\",\"AttributeType\":\"N\"},"
		"{\"AttributeName\":\"b\",\"AttributeType\":\"B\"}],"
		"\"KeySchema\":[{\"AttributeName\":\"PK\",\"KeyType\":\"HASH\"}],"
		"\"GlobalSecondaryIndexes\":[{\"IndexName\":\"I1\",\"KeySchema\":["
		"{\"AttributeName\":\"n\",\"KeyType\":\"HASH\"},"
		"{\"AttributeName\":\"PK\",\"KeyType\":\"RANGE\"}],"
		"\"Projection\":{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"x\",\"y\"]},"
		"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6}},"
		"{\"IndexName\":\"I2\",\"KeySchema\":[{\"AttributeName\":\"b\",\"KeyType\":\"HASH\"}],"
		"\"Projection\":{\"ProjectionType\":\"KEYS_ONLY\"},"
		"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6}}],"
		"\"BillingMode\":\"PROVISIONED\","
		"\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6},"
		"\"WarmThroughput\":{\"WriteUnitsPerSecond\":4000},\"TableClass\":\"STANDARD\","
		"\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"KEYS_ONLY\"},"
		"\"DeletionProtectionEnabled\":true,"
		"\"SSESpecification\":{\"Enabled\":true,\"SSEType\":\"KMS\","
		"\"KMSMasterKeyId\":\"alias/k\"},"
		"\"Tags\":[{\"Key\":\"team\",\"Value\":\"a\\\"b\"},{\"Key\":\"k\",\"Value\":\"\"}]}");
	http_server_ok(server, "{}");
	ck_assert_int_eq(conn->ops->create(conn, &plain, &err), 0);
	assert_request(1, "CreateTable", "{\"TableName\":\"P\",\"AttributeDefinitions\":["
		"{\"AttributeName\":\"id\",\"AttributeType\":\"N\"}],"
		"\"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}],"
		"\"BillingMode\":\"PAY_PER_REQUEST\"}");
	http_server_ok(server, "{}");
	ck_assert_int_eq(conn->ops->create_index(conn, &table, &index_a, &err), 0);
	assert_request(2, "UpdateTable", "{\"TableName\":\"Users\",\"AttributeDefinitions\":["
		"{\"AttributeName\":\"PK\",\"AttributeType\":\"S\"},"
		"{\"AttributeName\":\"n\",\"AttributeType\":\"N\"},"
		"{\"AttributeName\":\"email\",\"AttributeType\":\"S\"}],"
		"\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":\"A\",\"KeySchema\":["
		"{\"AttributeName\":\"email\",\"KeyType\":\"HASH\"}],"
		"\"Projection\":{\"ProjectionType\":\"ALL\"}}}]}");
}
END_TEST

START_TEST(two_types_for_one_key)
{
	static const struct index_def index = {
		.name = "I", .keys = { "PK", ATTR_N, NULL, ATTR_S },
	};
	struct table_def def = { .name = "T", .keys = { "PK", ATTR_S, NULL, ATTR_S },
				 .nindexes = 1, .indexes = &index };

	ck_assert_int_eq(conn->ops->create(conn, &def, &err), -ETL_ESINK);
	ck_assert_str_eq(err.msg, "table 'T': key attribute 'PK' is to be both S and N");
	ck_assert_uint_eq(http_server_requests(server), 0);
}
END_TEST

START_TEST(configures_what_is_not_set)
{
	struct table_def def = table;

	def.ttl_attribute = "expires";
	def.point_in_time_recovery = true;
	http_server_ok(server, "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"DISABLED\"}}");
	http_server_ok(server, "{}");
	http_server_ok(server, "{\"ContinuousBackupsDescription\":{"
		       "\"PointInTimeRecoveryDescription\":{\"PointInTimeRecoveryStatus\":"
		       "\"DISABLED\"}}}");
	http_server_ok(server, "{}");
	ck_assert_msg(conn->ops->configure(conn, &def, &err) == 0, "%s", err.msg);
	assert_request(1, "UpdateTimeToLive", "{\"TableName\":\"Users\","
		"\"TimeToLiveSpecification\":{\"Enabled\":true,\"AttributeName\":\"expires\"}}");
	assert_request(3, "UpdateContinuousBackups", "{\"TableName\":\"Users\","
		"\"PointInTimeRecoverySpecification\":{\"PointInTimeRecoveryEnabled\":true}}");
	/* all set: nothing is changed */
	http_server_ok(server, "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\","
		       "\"AttributeName\":\"expires\"}}");
	http_server_ok(server, "{\"ContinuousBackupsDescription\":{"
		       "\"PointInTimeRecoveryDescription\":{\"PointInTimeRecoveryStatus\":"
		       "\"ENABLED\"}}}");
	ck_assert_int_eq(conn->ops->configure(conn, &def, &err), 0);
	ck_assert_uint_eq(http_server_requests(server), 6);
	/* an emulator without recovery: a warning; TTL on another attribute: an error */
	http_server_ok(server, "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLING\","
		       "\"AttributeName\":\"expires\"}}");
	refuse("UnknownOperationException");
	ck_assert_int_eq(conn->ops->configure(conn, &def, &err), 0);
	http_server_ok(server, "{\"TimeToLiveDescription\":{\"TimeToLiveStatus\":\"ENABLED\","
		       "\"AttributeName\":\"other\"}}");
	ck_assert_int_eq(conn->ops->configure(conn, &def, &err), -ETL_ESINK);
	ck_assert_str_eq(err.msg, "table 'Users': the TTL attribute is 'expires' in the contract, "
			 "'other' in DynamoDB");
}
END_TEST

START_TEST(identity_names_region_and_endpoint)
{
	char expected[100];

	snprintf(expected, sizeof(expected), "dynamodb us-east-1 %s", http_server_url(server));
	ck_assert_str_eq(sink->ops->identity(sink), expected);
}
END_TEST

static Suite *dynamodb_suite(void)
{
	Suite *suite = suite_create("sink/dynamodb");
	TCase *tc = tcase_create("dynamodb");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, write_reads_its_answer, 0, sizeof(writes) / sizeof(writes[0]));
	tcase_add_test(tc, write_limits);
	tcase_add_test(tc, write_refused);
	tcase_add_loop_test(tc, put_says_its_condition, 0, sizeof(versions) / sizeof(versions[0]));
	tcase_add_loop_test(tc, put_reads_its_answer, 0,
			    sizeof(put_answers) / sizeof(put_answers[0]));
	tcase_add_test(tc, put_tells_that_it_may_have_been_sent_twice);
	tcase_add_loop_test(tc, get_reads_its_answer, 0, sizeof(gets) / sizeof(gets[0]));
	tcase_add_test(tc, scan_pages);
	tcase_add_test(tc, scan_refuses_half_a_page);
	tcase_add_test(tc, describe_reads_everything);
	tcase_add_test(tc, describe_tells_which_table);
	tcase_add_test(tc, describe_says_where_it_looked);
	tcase_add_test(tc, create_says_everything);
	tcase_add_test(tc, two_types_for_one_key);
	tcase_add_test(tc, configures_what_is_not_set);
	tcase_add_test(tc, identity_names_region_and_endpoint);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(dynamodb_suite)
