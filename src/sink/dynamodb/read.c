/*
 * BatchGetItem, Scan and Query. Items are cut out of the answer as the bytes they are and lent; the whole
 * answer is read before the first one is given, so that a damaged one gives none.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 */
#include "sink/dynamodb/dynamodb_priv.h"

#include <stdlib.h>
#include "model/json.h"

static int unreadable(struct dynamodb_conn *c, const char *operation, const char *why,
		      struct etl_err *err)
{
	if (c->reader->why == JSON_LONE_SURROGATE || c->reader->why == JSON_TOO_DEEP)
		return etl_err_set(err, ETL_ESINK, "%s gave an item that cannot be read: %s",
				   operation, c->reader->why == JSON_TOO_DEEP
				   ? "it is nested too deeply" : "a text holds a lone surrogate");
	return dynamodb_garbage(c, operation, why, err);
}

/* A list of objects, into c->spans from *n on. */
static int read_list(struct dynamodb_conn *c, size_t *n)
{
	struct json_reader *r = c->reader;
	enum json_token t;

	if (json_next(r) != JSON_ARRAY)
		return -1;
	while ((t = json_next(r)) == JSON_OBJECT) {
		c->spans = mem_grow(c->spans, &c->span_cap, *n + 1, sizeof(*c->spans));
		if (dynamodb_span(r, &c->spans[*n]) != 0)
			return -1;
		++*n;
	}
	return t == JSON_ARRAY_END ? 0 : -1;
}

/* {...} of a Scan, [{...}] of a BatchGetItem, of a service that does not know it null. */
static int read_consumed(struct dynamodb_conn *c)
{
	struct json_reader *r = c->reader;
	enum json_token t = json_next(r);

	if (t == JSON_OBJECT)
		return dynamodb_read_capacity(r, &c->base.consumed_rcu);
	if (t != JSON_ARRAY)
		return json_skip(r, t);
	while ((t = json_next(r)) == JSON_OBJECT)
		if (dynamodb_read_capacity(r, &c->base.consumed_rcu) != 0)
			return -1;
	return t == JSON_ARRAY_END ? 0 : -1;
}

static int give(struct dynamodb_conn *c, size_t from, size_t n, sink_item_fn *found, void *arg,
		struct etl_err *err)
{
	for (size_t i = from; i < from + n; i++) {
		int rc = found(arg, c->spans[i], err);

		if (rc)
			return rc;
	}
	return 0;
}

/* {"T":[...]} (inner NULL) or {"T":{"Keys":[...],...}}. Other tables than ours are an error. */
static int read_tables(struct dynamodb_conn *c, const char *table, const char *inner, size_t *n)
{
	struct json_reader *r = c->reader;
	enum json_token t;

	if (json_next(r) != JSON_OBJECT)
		return -1;
	while ((t = json_next(r)) == JSON_KEY) {
		if (!str_is(r->text, table))
			return -1;
		if (!inner) {
			if (read_list(c, n) != 0)
				return -1;
			continue;
		}
		if (json_next(r) != JSON_OBJECT)
			return -1;
		while ((t = json_next(r)) == JSON_KEY) {
			if (str_is(r->text, inner) ? read_list(c, n) != 0
						    : json_skip(r, json_next(r)) != 0)
				return -1;
		}
		if (t != JSON_OBJECT_END)
			return -1;
	}
	return t == JSON_OBJECT_END ? 0 : -1;
}

/* Marks in unprocessed[] the keys that stand in c->spans[from...]. */
static int match_keys(struct dynamodb_conn *c, const struct table_def *table,
		      const struct str *keys_json, size_t n, size_t from, size_t count,
		      bool *unprocessed, struct etl_err *err)
{
	struct buf *mine;
	int rc = 0;

	if (!count)
		return 0;
	mine = mem_array(n, sizeof(*mine));
	for (size_t i = 0; i < n && !rc; i++)
		rc = key_from_item_json(&table->keys, keys_json[i], &mine[i], err);
	for (size_t s = from; s < from + count && !rc; s++) {
		size_t i = 0;

		buf_reset(&c->key);
		rc = key_from_item_json(&table->keys, c->spans[s], &c->key, err);
		if (rc)
			break;
		while (i < n && !(str_eq(buf_str(&mine[i]), buf_str(&c->key)) && !unprocessed[i]))
			i++;
		if (i < n)
			unprocessed[i] = true;
		else
			rc = etl_err_set(err, ETL_EINTERNAL, "table '%s' gave back an unprocessed "
					 "key that was not asked for", table->name);
	}
	for (size_t i = 0; i < n; i++)
		buf_release(&mine[i]);
	free(mine);
	return rc;
}

static int read_get(struct dynamodb_conn *c, const struct table_def *table, size_t *nfound,
		    size_t *nall, const char **why)
{
	struct json_reader *r = c->reader;
	bool have_found = false, have_unprocessed = false;
	enum json_token t;
	const char *items_at = NULL;

	*why = "it is no JSON of a BatchGetItem";
	json_restart(r, buf_str(&c->answer));
	if (json_next(r) != JSON_OBJECT)
		return -1;
	/* The two lists may come in either order; the found ones are to be first in c->spans. */
	while ((t = json_next(r)) == JSON_KEY) {
		if (str_is(r->text, "Responses") && !have_found) {
			have_found = true;
			if (read_tables(c, table->name, NULL, nfound) != 0)
				return -1;
		} else if (str_is(r->text, "UnprocessedKeys") && !items_at) {
			items_at = r->at;
			have_unprocessed = true;
			if (json_skip(r, json_next(r)) != 0)
				return -1;
		} else if (str_is(r->text, "ConsumedCapacity")) {
			if (read_consumed(c) != 0)
				return -1;
		} else if (json_skip(r, json_next(r)) != 0) {
			return -1;
		}
	}
	if (t != JSON_OBJECT_END || json_next(r) != JSON_END)
		return -1;
	*nall = *nfound;
	if (!have_found || !have_unprocessed) {
		*why = "it lacks Responses or UnprocessedKeys";
		return -1;
	}
	json_restart(r, (struct str){ items_at, (size_t)(c->answer.ptr + c->answer.len -
							  items_at) });
	return read_tables(c, table->name, "Keys", nall);
}

int dynamodb_get(struct sink_conn *conn, const struct table_def *table,
		 const struct str *keys_json, size_t n, bool *unprocessed, sink_item_fn *found,
		 void *arg, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct buf *b = &c->request;
	size_t nfound = 0, nall = 0;
	const char *why;
	int rc;

	memset(unprocessed, 0, n * sizeof(*unprocessed));
	conn->consumed_rcu = 0;
	if (n < 1 || n > BATCH_GET_MAX_KEYS)
		return etl_err_set(err, ETL_EINTERNAL, "%zu keys cannot be asked for at once", n);
	buf_reset(b);
	buf_adds(b, "{\"RequestItems\":{");
	buf_add_json(b, str_of(table->name));
	buf_adds(b, ":{\"ConsistentRead\":true,\"Keys\":[");
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_addc(b, ',');
		buf_addstr(b, keys_json[i]);
	}
	buf_adds(b, "]}},\"ReturnConsumedCapacity\":\"TOTAL\"}");
	rc = dynamodb_call(c, DYNAMODB_TARGET("BatchGetItem"), err);
	if (rc)
		return rc;
	if (read_get(c, table, &nfound, &nall, &why) != 0)
		return unreadable(c, "BatchGetItem", why, err);
	if (nall > n)
		return etl_err_set(err, ETL_EINTERNAL, "table '%s' answered %zu keys with %zu "
				   "items and unprocessed keys", table->name, n, nall);
	rc = match_keys(c, table, keys_json, n, nfound, nall - nfound, unprocessed, err);
	return rc ? rc : give(c, 0, nfound, found, arg, err);
}

/* Only a table can be read strongly consistent. */
static void add_index(struct buf *b, const char *index)
{
	if (index)
		dynamodb_member_text(b, "IndexName", index);
	else
		buf_adds(b, ",\"ConsistentRead\":true");
}

static void build_scan(struct buf *b, const struct table_def *table,
		       const struct scan_part *part, const struct buf *start_key)
{
	buf_reset(b);
	buf_adds(b, "{\"TableName\":");
	buf_add_json(b, str_of(table->name));
	add_index(b, part->index);
	buf_addf(b, ",\"Segment\":%u,\"TotalSegments\":%u", part->segment, part->segments);
	if (part->limit)
		buf_addf(b, ",\"Limit\":%u", part->limit);
	if (start_key->len) {
		buf_adds(b, ",\"ExclusiveStartKey\":");
		buf_addstr(b, buf_str(start_key));
	}
	if (part->keys_only) {
		/* By placeholders: a key may have the name of a reserved word. */
		buf_adds(b, table->keys.sk_name ? ",\"ProjectionExpression\":\"#p,#s\""
						: ",\"ProjectionExpression\":\"#p\"");
		buf_adds(b, ",\"ExpressionAttributeNames\":{\"#p\":");
		buf_add_json(b, str_of(table->keys.pk_name));
		if (table->keys.sk_name) {
			buf_adds(b, ",\"#s\":");
			buf_add_json(b, str_of(table->keys.sk_name));
		}
		buf_addc(b, '}');
	}
	buf_adds(b, ",\"ReturnConsumedCapacity\":\"TOTAL\"}");
}

static int read_scan(struct dynamodb_conn *c, size_t *n, struct str *last_key)
{
	struct json_reader *r = c->reader;
	bool have_items = false;
	char text[32] = "";
	enum json_token t;

	json_restart(r, buf_str(&c->answer));
	if (json_next(r) != JSON_OBJECT)
		return -1;
	while ((t = json_next(r)) == JSON_KEY) {
		if (str_is(r->text, "Items") && !have_items) {
			have_items = true;
			if (read_list(c, n) != 0)
				return -1;
		} else if (str_is(r->text, "Count")) {
			if (json_next(r) != JSON_NUMBER || r->text.len >= sizeof(text))
				return -1;
			memcpy(text, r->text.ptr, r->text.len);
			text[r->text.len] = '\0';
		} else if (str_is(r->text, "LastEvaluatedKey")) {
			t = json_next(r);
			if (t == JSON_NULL)
				continue;
			if (t != JSON_OBJECT || dynamodb_span(r, last_key) != 0)
				return -1;
		} else if (str_is(r->text, "ConsumedCapacity")) {
			if (read_consumed(c) != 0)
				return -1;
		} else if (json_skip(r, json_next(r)) != 0) {
			return -1;
		}
	}
	if (t != JSON_OBJECT_END || json_next(r) != JSON_END)
		return -1;
	if (!*text || strtoull(text, NULL, 10) != *n)
		return -1;
	return have_items ? 0 : -1;
}

/* The page in the answer to an operation. */
static int give_page(struct dynamodb_conn *c, const char *operation, struct buf *start_key,
		     sink_item_fn *found, void *arg, struct etl_err *err)
{
	struct str last_key = { 0 };
	size_t n = 0;
	int rc;

	if (read_scan(c, &n, &last_key) != 0)
		return unreadable(c, operation, "it is no whole page", err);
	rc = give(c, 0, n, found, arg, err);
	if (rc)
		return rc;
	buf_reset(start_key);
	buf_addstr(start_key, last_key);
	return 0;
}

int dynamodb_scan(struct sink_conn *conn, const struct table_def *table,
		  const struct scan_part *part, struct buf *start_key, sink_item_fn *found,
		  void *arg, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	int rc;

	conn->consumed_rcu = 0;
	build_scan(&c->request, table, part, start_key);
	rc = dynamodb_call(c, DYNAMODB_TARGET("Scan"), err);
	return rc ? rc : give_page(c, "Scan", start_key, found, arg, err);
}

static void build_query(struct buf *b, const struct table_def *table, const struct query *q,
			const struct buf *start_key)
{
	static const char *const conditions[] = {
		[QUERY_SORT_ANY] = "#p=:p", [QUERY_SORT_IS] = "#p=:p AND #s=:s",
		[QUERY_SORT_BEGINS] = "#p=:p AND begins_with(#s,:s)",
	};
	bool sorted = q->sort != QUERY_SORT_ANY;

	buf_reset(b);
	buf_adds(b, "{\"TableName\":");
	buf_add_json(b, str_of(table->name));
	add_index(b, q->index);
	dynamodb_member_text(b, "KeyConditionExpression", conditions[q->sort]);
	buf_adds(b, ",\"ExpressionAttributeNames\":{\"#p\":");
	buf_add_json(b, str_of(q->keys->pk_name));
	if (sorted) {
		buf_adds(b, ",\"#s\":");
		buf_add_json(b, str_of(q->keys->sk_name));
	}
	buf_adds(b, "},\"ExpressionAttributeValues\":{\":p\":");
	buf_addstr(b, q->pk_json);
	if (sorted) {
		buf_adds(b, ",\":s\":");
		buf_addstr(b, q->sk_json);
	}
	buf_addc(b, '}');
	if (start_key->len) {
		buf_adds(b, ",\"ExclusiveStartKey\":");
		buf_addstr(b, buf_str(start_key));
	}
	buf_adds(b, ",\"ReturnConsumedCapacity\":\"TOTAL\"}");
}

int dynamodb_query(struct sink_conn *conn, const struct table_def *table,
		   const struct query *query, struct buf *start_key, sink_item_fn *found,
		   void *arg, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	int rc;

	conn->consumed_rcu = 0;
	build_query(&c->request, table, query, start_key);
	rc = dynamodb_call(c, DYNAMODB_TARGET("Query"), err);
	return rc ? rc : give_page(c, "Query", start_key, found, arg, err);
}
