/*
 * BatchWriteItem. What DynamoDB could not take comes back as whole items inside a 200; it is
 * matched to the puts by canonical key, because neither order nor number texts are ours any more.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
#include "sink/dynamodb/dynamodb_priv.h"

#include "model/json.h"

static const char operation[] = "BatchWriteItem";

struct reading {
	struct dynamodb_conn *c;
	const struct table_def *table;
	const struct put *puts;
	size_t n;
	struct write_result *result;
	struct etl_err *err;
};

static void build(struct buf *b, const struct table_def *table, const struct put *puts, size_t n)
{
	size_t bytes = 128 + strlen(table->name);

	for (size_t i = 0; i < n; i++)
		bytes += puts[i].item_json.len + 32;
	buf_reset(b);
	buf_reserve(b, bytes);
	buf_adds(b, "{\"RequestItems\":{");
	buf_add_json(b, str_of(table->name));
	buf_adds(b, ":[");
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, i ? ",{\"PutRequest\":{\"Item\":" : "{\"PutRequest\":{\"Item\":");
		buf_addstr(b, puts[i].item_json);
		buf_adds(b, "}}");
	}
	buf_adds(b, "]},\"ReturnConsumedCapacity\":\"TOTAL\"}");
}

static int garbage(struct reading *rd, const char *why)
{
	return dynamodb_garbage(rd->c, operation, why, rd->err);
}

/* {"PutRequest":{"Item":{...}}}, the first brace is read. */
static int one_unprocessed(struct reading *rd)
{
	struct json_reader *r = rd->c->reader;
	struct etl_err why = { 0 };
	struct str item;

	if (json_next(r) != JSON_KEY || !str_is(r->text, "PutRequest") ||
	    json_next(r) != JSON_OBJECT || json_next(r) != JSON_KEY || !str_is(r->text, "Item") ||
	    json_next(r) != JSON_OBJECT || dynamodb_span(r, &item) != 0 ||
	    json_next(r) != JSON_OBJECT_END || json_next(r) != JSON_OBJECT_END)
		return garbage(rd, "an unprocessed request is no put");
	buf_reset(&rd->c->key);
	if (key_from_item_json(&rd->table->keys, item, &rd->c->key, &why) != 0)
		return etl_err_set(rd->err, ETL_EINTERNAL, "an unprocessed item of table '%s' "
				   "cannot be told: %s", rd->table->name, why.msg);
	for (size_t i = 0; i < rd->n; i++) {
		if (!str_eq(rd->puts[i].key, buf_str(&rd->c->key)))
			continue;
		if (rd->result->unprocessed & 1u << i)
			break;
		rd->result->unprocessed |= 1u << i;
		return 0;
	}
	return etl_err_set(rd->err, ETL_EINTERNAL, "table '%s' gave back an unprocessed item that "
			   "was not in the request, or the same one twice", rd->table->name);
}

static int unprocessed(struct reading *rd)
{
	struct json_reader *r = rd->c->reader;
	enum json_token t;
	int rc;

	if (json_next(r) != JSON_OBJECT)
		return garbage(rd, "UnprocessedItems is no object");
	while ((t = json_next(r)) == JSON_KEY) {
		if (!str_is(r->text, rd->table->name))
			return etl_err_set(rd->err, ETL_EINTERNAL, "a write to table '%s' gave "
					   "back unprocessed items of another", rd->table->name);
		if (json_next(r) != JSON_ARRAY)
			return garbage(rd, "unprocessed requests are no list");
		while ((t = json_next(r)) == JSON_OBJECT) {
			rc = one_unprocessed(rd);
			if (rc)
				return rc;
		}
		if (t != JSON_ARRAY_END)
			return garbage(rd, "unprocessed requests are no list");
	}
	return t == JSON_OBJECT_END ? 0 : garbage(rd, "it breaks off");
}

/* [{"TableName":"T","CapacityUnits":3.0,...}] */
static int consumed(struct reading *rd)
{
	struct json_reader *r = rd->c->reader;
	enum json_token t = json_next(r);

	if (t != JSON_ARRAY)
		return json_skip(r, t) ? garbage(rd, "it is no JSON") : 0;
	while ((t = json_next(r)) == JSON_OBJECT)
		if (dynamodb_read_capacity(r, &rd->result->consumed_wcu) != 0)
			return garbage(rd, "it is no JSON");
	return t == JSON_ARRAY_END ? 0 : garbage(rd, "it is no JSON");
}

static int read_answer(struct reading *rd)
{
	struct json_reader *r = rd->c->reader;
	bool have_unprocessed = false;
	enum json_token t;
	int rc;

	json_restart(r, buf_str(&rd->c->answer));
	if (json_next(r) != JSON_OBJECT)
		return garbage(rd, "it is no JSON object");
	while ((t = json_next(r)) == JSON_KEY) {
		if (str_is(r->text, "UnprocessedItems")) {
			have_unprocessed = true;
			rc = unprocessed(rd);
		} else if (str_is(r->text, "ConsumedCapacity")) {
			rc = consumed(rd);
		} else {
			rc = json_skip(r, json_next(r)) ? garbage(rd, "it is no JSON") : 0;
		}
		if (rc)
			return rc;
	}
	if (t != JSON_OBJECT_END || json_next(r) != JSON_END)
		return garbage(rd, "it is no JSON");
	/* Without it nobody has said that the items are written. */
	return have_unprocessed ? 0 : garbage(rd, "it has no UnprocessedItems");
}

int dynamodb_write(struct sink_conn *conn, const struct table_def *table, const struct put *puts,
		   size_t n, struct write_result *result, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct reading rd = { c, table, puts, n, result, err };
	int rc;

	*result = (struct write_result){ 0 };
	if (n < 1 || n > BATCH_MAX_ITEMS)
		return etl_err_set(err, ETL_EINTERNAL, "a batch of %zu items cannot be written", n);
	build(&c->request, table, puts, n);
	if (c->request.len > BATCH_MAX_BYTES)
		return etl_err_set(err, ETL_EINTERNAL,
				   "a batch of %zu bytes for table '%s' is over the limit of %u",
				   c->request.len, table->name, BATCH_MAX_BYTES);
	rc = dynamodb_call(c, DYNAMODB_TARGET("BatchWriteItem"), err);
	if (!rc)
		rc = read_answer(&rd);
	if (rc)
		*result = (struct write_result){ 0 };
	return rc;
}
