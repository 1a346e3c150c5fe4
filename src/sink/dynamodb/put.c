/*
 * PutItem under a condition. That it does not hold comes as an error, which brings the item that is
 * there along, so that nobody has to read it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
#include "sink/dynamodb/dynamodb_priv.h"

#include "model/json.h"

/* The value of a version attribute, {"N":"5"}, if it can be compared: of type S, N or B, and not
 * empty, because nothing is less than that. Else it is as if there were none. */
static struct str read_version(struct json_reader *r)
{
	const char *from = r->at - 1;

	if (json_next(r) != JSON_KEY ||
	    !(str_is(r->text, "S") || str_is(r->text, "N") || str_is(r->text, "B")) ||
	    json_next(r) != JSON_STRING || r->text.len == 0 || json_next(r) != JSON_OBJECT_END)
		return (struct str){ 0 };
	return (struct str){ from, (size_t)(r->at - from) };
}

static struct str find_version(struct json_reader *r, struct str item_json, const char *name)
{
	json_restart(r, item_json);
	if (json_next(r) != JSON_OBJECT)
		return (struct str){ 0 };
	while (json_next(r) == JSON_KEY) {
		bool is_version = str_is(r->text, name);
		enum json_token value = json_next(r);

		if (is_version)
			return value == JSON_OBJECT ? read_version(r) : (struct str){ 0 };
		if (json_skip(r, value) != 0)
			break;
	}
	return (struct str){ 0 };
}

/* Names stand as placeholders: they may be reserved words. */
static void add_condition(struct buf *b, const struct table_def *table, const char *attribute,
			  struct str version)
{
	buf_adds(b, ",\"ConditionExpression\":\"attribute_not_exists(#p)");
	if (version.len)
		buf_adds(b, " OR #v < :v");
	buf_adds(b, "\",\"ExpressionAttributeNames\":{\"#p\":");
	buf_add_json(b, str_of(table->keys.pk_name));
	if (version.len) {
		buf_adds(b, ",\"#v\":");
		buf_add_json(b, str_of(attribute));
		/* what is written may have replaced something only here */
		buf_adds(b, "},\"ReturnValues\":\"ALL_OLD\",\"ExpressionAttributeValues\":{\":v\":");
		buf_addstr(b, version);
	}
	buf_addc(b, '}');
}

static void build(struct dynamodb_conn *c, const struct table_def *table, const struct put *put,
		  const struct put_condition *condition)
{
	struct buf *b = &c->request;
	struct str version = { 0 };

	if (condition->mode == WRITE_NEWER)
		version = find_version(c->reader, put->item_json, condition->version_attribute);
	buf_reset(b);
	buf_reserve(b, put->item_json.len + 512);
	buf_adds(b, "{\"TableName\":");
	buf_add_json(b, str_of(table->name));
	buf_adds(b, ",\"Item\":");
	buf_addstr(b, put->item_json);
	add_condition(b, table, condition->version_attribute, version);
	buf_adds(b, ",\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\","
		    "\"ReturnConsumedCapacity\":\"TOTAL\"}");
}

static int read_written(struct dynamodb_conn *c, struct put_result *result)
{
	struct json_reader *r = c->reader;
	enum json_token t, value;
	int rc;

	json_restart(r, buf_str(&c->answer));
	if (json_next(r) != JSON_OBJECT)
		return -1;
	while ((t = json_next(r)) == JSON_KEY) {
		bool is_old = str_is(r->text, "Attributes");
		bool is_capacity = str_is(r->text, "ConsumedCapacity");

		value = json_next(r);
		result->replaced |= is_old && value == JSON_OBJECT;
		if (is_old && value == JSON_OBJECT)
			rc = dynamodb_span(r, &result->there);
		else if (is_capacity && value == JSON_OBJECT)
			rc = dynamodb_read_capacity(r, &result->consumed_wcu);
		else
			rc = json_skip(r, value);
		if (rc)
			return rc;
	}
	return t == JSON_OBJECT_END && json_next(r) == JSON_END ? 0 : -1;
}

/* The item is missing in the answer also where there is none, which no put is held by. */
static int read_held(struct dynamodb_conn *c, const char *operation, struct put_result *result,
		     struct etl_err *err)
{
	struct json_reader *r = c->reader;
	enum json_token value;

	result->held = true;
	json_restart(r, aws_conn_error_body(c->aws));
	if (json_next(r) == JSON_OBJECT) {
		while (json_next(r) == JSON_KEY) {
			bool is_item = str_is(r->text, "Item");

			value = json_next(r);
			if (is_item && value == JSON_OBJECT)
				return dynamodb_span(r, &result->there) == 0 ? 0 :
				       dynamodb_garbage(c, operation, "it breaks off", err);
			if (json_skip(r, value) != 0)
				break;
		}
	}
	if (strcmp(operation, "PutItem") != 0)
		return 0;
	etl_err_set(err, ETL_ESINK, "'%s' says that the condition of a write does not hold, but not "
		    "which item is there", aws_client_url(c->sink->aws));
	etl_err_hint(err, "it seems not to know ReturnValuesOnConditionCheckFailure, which "
		     "--write-mode needs");
	return -ETL_ESINK;
}

int dynamodb_conditional(struct dynamodb_conn *c, const char *operation,
			 struct put_result *result, struct etl_err *err)
{
	struct etl_err why = { 0 };
	struct buf target = { 0 };
	int rc;

	*result = (struct put_result){ 0 };
	buf_addf(&target, DYNAMODB_TARGET("%s"), operation);
	rc = dynamodb_call(c, buf_cstr(&target), &why);
	buf_release(&target);
	if (rc && strcmp(aws_conn_error_name(c->aws), "ConditionalCheckFailedException") == 0)
		rc = read_held(c, operation, result, err);
	else if (rc)
		rc = etl_err_copy(err, &why);
	else if (read_written(c, result) != 0)
		rc = dynamodb_garbage(c, operation, "it is not its JSON", err);
	if (rc)
		*result = (struct put_result){ 0 };
	result->maybe_twice = aws_conn_maybe_twice(c->aws);
	return rc;
}

int dynamodb_put(struct sink_conn *conn, const struct table_def *table, const struct put *put,
		 const struct put_condition *condition, struct put_result *result,
		 struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;

	build(c, table, put, condition);
	return dynamodb_conditional(c, "PutItem", result, err);
}
