#include "model/key.h"

#include "model/json.h"
#include "model/number.h"

void key_add_part(struct buf *key, enum attr_type type, struct str value)
{
	size_t len = value.len;
	char head[5] = {
		attr_type_name(type)[0],
		(char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len
	};

	buf_add(key, head, sizeof(head));
	buf_addstr(key, value);
}

/* Reads {"S":"..."} of the wanted type, appends its canonical bytes to 'part'. */
static int read_part(struct json_reader *r, enum attr_type type, struct buf *part)
{
	if (json_next(r) != JSON_OBJECT || json_next(r) != JSON_KEY ||
	    !str_is(r->text, attr_type_name(type)) || json_next(r) != JSON_STRING)
		return -1;
	if (type == ATTR_S)
		buf_addstr(part, r->text);
	else if (type == ATTR_N ? number_canonical(r->text, part) != NUMBER_OK :
				  !buf_add_unbase64(part, r->text))
		return -1;
	return json_next(r) == JSON_OBJECT_END ? 0 : -1;
}

static int read_parts(struct json_reader *r, const struct key_schema *schema, struct buf *pk,
		      struct buf *sk, const char **missing)
{
	bool have_pk = false, have_sk = schema->sk_name == NULL;
	enum json_token token;

	if (json_next(r) != JSON_OBJECT)
		return -1;
	while ((token = json_next(r)) == JSON_KEY) {
		if (str_is(r->text, schema->pk_name)) {
			if (have_pk || read_part(r, schema->pk_type, pk) != 0)
				return -1;
			have_pk = true;
		} else if (schema->sk_name && str_is(r->text, schema->sk_name)) {
			if (have_sk || read_part(r, schema->sk_type, sk) != 0)
				return -1;
			have_sk = true;
		} else if (json_skip(r, json_next(r)) != 0) {
			return -1;
		}
	}
	if (token != JSON_OBJECT_END || json_next(r) != JSON_END)
		return -1;
	*missing = !have_pk ? schema->pk_name : !have_sk ? schema->sk_name : NULL;
	return 0;
}

int key_from_item_json(const struct key_schema *schema, struct str item_json, struct buf *key,
		       struct etl_err *err)
{
	struct json_reader r;
	struct buf pk = { 0 }, sk = { 0 };
	const char *missing = NULL;
	int rc = 0;

	json_init(&r, item_json);
	if (read_parts(&r, schema, &pk, &sk, &missing) != 0) {
		rc = etl_err_set(err, ETL_ESINK, "cannot read the key of an item: not DynamoDB "
				 "JSON with keys of the table's types near byte %zu",
				 (size_t)(r.at - r.start));
	} else if (missing) {
		rc = etl_err_set(err, ETL_ESINK, "cannot read the key of an item: it has no "
				 "attribute '%s'", missing);
	} else {
		key_add_part(key, schema->pk_type, buf_str(&pk));
		if (schema->sk_name)
			key_add_part(key, schema->sk_type, buf_str(&sk));
	}
	json_release(&r);
	buf_release(&pk);
	buf_release(&sk);
	return rc;
}
