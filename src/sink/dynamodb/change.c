/*
 * A change to an item that must still be as it was seen: UpdateItem of the attributes that differ, or
 * DeleteItem. The condition names every attribute that was seen, and the absence of those that are
 * to be added; DynamoDB has no word for "no others". So an update touches nothing else: what another
 * writer added meanwhile stays.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
 */
#include "sink/dynamodb/dynamodb_priv.h"

#include "model/json.h"
#include "model/value.h"

/* An expression has at most 300 operators, and 4 KB of text. */
#define MOST_ATTRIBUTES 140

/* In the expressions #0, #1, ... stand for names, :0 for values seen and :w0 for wanted ones. */
struct expressions {
	struct buf condition, set, remove, names, values;
	unsigned n;		/* attributes so far */
	struct json_reader *reader;
	struct str wanted_json;
};

static void add_name(struct expressions *x, struct str name)
{
	buf_addf(&x->names, "%s\"#%x\":", x->n ? "," : "", x->n);
	buf_add_json(&x->names, name);
}

static void add_value_name(struct expressions *x, const char *prefix)
{
	buf_addf(&x->values, "%s\":%s%x\":", x->values.len ? "," : "", prefix, x->n);
}

/* The attribute's value as it stands in the item: what is put back after a repair is no other
 * spelling of what was there. */
static void add_wanted_value(struct expressions *x, struct str name)
{
	struct json_reader *r = x->reader;
	struct str value = { 0 };

	json_restart(r, x->wanted_json);
	json_next(r);
	while (json_next(r) == JSON_KEY) {
		bool is_it = str_eq(r->text, name);

		if (json_next(r) != JSON_OBJECT || dynamodb_span(r, &value) != 0 || is_it)
			break;
	}
	buf_addstr(&x->values, value);
}

/* One attribute that is in either; NULL: not in that one. */
static void add_attribute(struct expressions *x, struct str name, const struct value *seen,
			  const struct value *wanted, bool deletes)
{
	const char *and = x->condition.len ? " AND " : "";

	add_name(x, name);
	if (seen) {
		buf_addf(&x->condition, "%s#%x=:%x", and, x->n, x->n);
		add_value_name(x, "");
		value_add_json(&x->values, seen);
	} else {
		buf_addf(&x->condition, "%sattribute_not_exists(#%x)", and, x->n);
	}
	if (!deletes && !wanted) {
		buf_addf(&x->remove, "%s#%x", x->remove.len ? "," : " REMOVE ", x->n);
	} else if (!deletes && !(seen && value_equal(seen, wanted))) {
		buf_addf(&x->set, "%s#%x=:w%x", x->set.len ? "," : "SET ", x->n, x->n);
		add_value_name(x, "w");
		add_wanted_value(x, name);
	}
	x->n++;
}

static int compare_names(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

/* Both are in order of names. */
static void add_attributes(struct expressions *x, const struct value *seen,
			   const struct value *wanted, bool deletes)
{
	size_t i = 0, k = 0;

	while (i < seen->n || k < wanted->n) {
		int d = i == seen->n ? 1 : k == wanted->n ? -1
			: compare_names(seen->names[i], wanted->names[k]);

		add_attribute(x, d <= 0 ? seen->names[i] : wanted->names[k],
			      d <= 0 ? &seen->members[i] : NULL,
			      d >= 0 ? &wanted->members[k] : NULL, deletes);
		i += d <= 0;
		k += d >= 0;
	}
}

static void build(struct buf *b, const struct table_def *table, const struct change *change,
		  const struct expressions *x)
{
	buf_reset(b);
	buf_adds(b, "{\"TableName\":");
	buf_add_json(b, str_of(table->name));
	buf_adds(b, ",\"Key\":");
	buf_addstr(b, change->key_json);
	if (change->wanted.ptr) {
		buf_adds(b, ",\"UpdateExpression\":\"");
		buf_addstr(b, buf_str(&x->set));
		buf_addstr(b, buf_str(&x->remove));
		buf_addc(b, '"');
	} else {
		buf_adds(b, ",\"ReturnValues\":\"ALL_OLD\"");
	}
	buf_adds(b, ",\"ConditionExpression\":\"");
	buf_addstr(b, buf_str(&x->condition));
	buf_adds(b, "\",\"ExpressionAttributeNames\":{");
	buf_addstr(b, buf_str(&x->names));
	buf_adds(b, "},\"ExpressionAttributeValues\":{");
	buf_addstr(b, buf_str(&x->values));
	buf_adds(b, "},\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\","
		    "\"ReturnConsumedCapacity\":\"TOTAL\"}");
}

int dynamodb_change(struct sink_conn *conn, const struct table_def *table,
		    const struct change *change, struct put_result *result, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	bool deletes = !change->wanted.ptr;
	struct arena *arena = arena_new();
	struct expressions x = { .reader = c->reader, .wanted_json = change->wanted };
	struct value seen, wanted = { 0 };
	int rc;

	*result = (struct put_result){ 0 };
	rc = value_from_item_json(arena, change->seen, &seen, err);
	if (!rc && !deletes)
		rc = value_from_item_json(arena, change->wanted, &wanted, err);
	if (!rc)
		add_attributes(&x, &seen, &wanted, deletes);
	if (!rc && x.n > MOST_ATTRIBUTES)
		rc = etl_err_set(err, ETL_EITEM, "it has %u attributes, and a condition can hold "
				 "%d", x.n, MOST_ATTRIBUTES);
	if (!rc) {
		build(&c->request, table, change, &x);
		rc = dynamodb_conditional(c, deletes ? "DeleteItem" : "UpdateItem", result, err);
	}
	arena_free(arena);
	buf_release(&x.condition);
	buf_release(&x.set);
	buf_release(&x.remove);
	buf_release(&x.names);
	buf_release(&x.values);
	return rc;
}
