#include "model/number.h"
#include "transform/transform_priv.h"

/* Each mark, also as it stands inside a JSON string. */
static const struct { struct str text, escaped; enum reject_code code; const char *which; } marks[] = {
	{ STR(ZERO_DATE_MARK), STR("\\u0001ZERO_DATE\\u0001"), REJECT_ZERO_DATE,
	  "is a zero or partial date, or no date of its format" },
	{ STR(NOT_NUMBER_MARK), STR("\\u0001NOT_NUMBER\\u0001"), REJECT_NOT_NUMBER, NULL },
	{ STR(NOT_UUID_MARK), STR("\\u0001NOT_UUID\\u0001"), REJECT_NOT_TEXT,
	  "is a UUID that has not 16 bytes" },
};

enum outcome finding_set(struct finding *f, enum reject_code code, struct str found,
			 const char *which)
{
	if (code == REJECT_NOT_NUMBER)
		which = "is not a number";
	else if (code == REJECT_NUMBER_RANGE)
		which = "is no number of at most 38 significant digits between 1E-130 and "
			"9.99E+125";
	*f = (struct finding){ code, found, which };
	return FAULTY;
}

enum outcome finding_json(struct finding *f, enum json_why why, struct str text)
{
	switch (why) {
	case JSON_BAD_UTF8:
		return finding_set(f, REJECT_NOT_TEXT, text, "is not valid UTF-8");
	case JSON_LONE_SURROGATE:
		return finding_set(f, REJECT_NOT_TEXT, text,
				   "has a lone surrogate, which is no character");
	case JSON_TOO_DEEP:
		return finding_set(f, REJECT_NESTING, text,
				   "has too many lists and maps inside each other");
	default:
		return finding_set(f, REJECT_NOT_JSON, text, "is not JSON");
	}
}

static bool contains(struct str v, struct str what)
{
	return v.len >= what.len && memmem(v.ptr, v.len, what.ptr, what.len) != NULL;
}

/* Rewrites JSON without a space, strings in the contract's one escaped form, all else as it
 * stands, from the token just read to the end of its value. False: not JSON. */
static bool compact(struct json_reader *r, enum json_token token, struct buf *out)
{
	unsigned depth = token == JSON_OBJECT || token == JSON_ARRAY ? r->depth : r->depth + 1;

	for (;;) {
		char last = out->len ? out->ptr[out->len - 1] : '[';
		bool first = last == '[' || last == '{' || last == ':';

		if (!first && token != JSON_OBJECT_END && token != JSON_ARRAY_END)
			buf_addc(out, ',');
		switch (token) {
		case JSON_OBJECT: buf_addc(out, '{'); break;
		case JSON_OBJECT_END: buf_addc(out, '}'); break;
		case JSON_ARRAY: buf_addc(out, '['); break;
		case JSON_ARRAY_END: buf_addc(out, ']'); break;
		case JSON_KEY: buf_add_json(out, r->text); buf_addc(out, ':'); break;
		case JSON_STRING: buf_add_json(out, r->text); break;
		case JSON_NUMBER: buf_addstr(out, r->text); break;
		case JSON_TRUE: buf_adds(out, "true"); break;
		case JSON_FALSE: buf_adds(out, "false"); break;
		case JSON_NULL: buf_adds(out, "null"); break;
		default: return false;
		}
		if (r->depth < depth)
			return true;
		token = json_next(r);
	}
}

/* Makes *v the compact form of its JSON. */
static enum outcome make_compact(struct transform *t, struct str *v, struct finding *f)
{
	struct json_reader *r = &t->reader;

	buf_reset(&t->text);
	json_restart(r, *v);
	if (!compact(r, json_next(r), &t->text) || json_next(r) != JSON_END)
		return finding_json(f, r->why, *v);
	*v = buf_str(&t->text);
	return MADE;
}

/* Makes *v the text of a JSON scalar, as a static value stands in the contract. */
static enum outcome make_static(struct transform *t, struct str *v, struct finding *f)
{
	struct json_reader *r = &t->reader;
	enum json_token token;

	buf_reset(&t->text);
	json_restart(r, *v);
	token = json_next(r);
	switch (token) {
	case JSON_STRING: case JSON_NUMBER:
		buf_addstr(&t->text, r->text);
		break;
	case JSON_OBJECT: case JSON_ARRAY:
		return make_compact(t, v, f);
	case JSON_TRUE: case JSON_FALSE:
		buf_adds(&t->text, token == JSON_TRUE ? "true" : "false");
		break;
	default:
		break;
	}
	if (token == JSON_BAD || json_next(r) != JSON_END)
		return finding_json(f, r->why, *v);
	*v = (struct str){ t->text.len ? t->text.ptr : "", t->text.len };
	return token == JSON_NULL ? IS_NULL : MADE;
}

static enum outcome encode_text(struct str v, struct buf *out, struct encoded *e,
				struct finding *f)
{
	buf_adds(out, "{\"S\":");
	if (!json_add_text(out, v))
		return finding_set(f, REJECT_NOT_TEXT, v, "is not valid UTF-8");
	buf_addc(out, '}');
	e->size_bytes = v.len;
	e->scalar = v;
	return MADE;
}

static enum outcome encode_number(struct str v, struct buf *out, struct encoded *e,
				  struct finding *f)
{
	size_t from;
	enum number_result rc;

	buf_adds(out, "{\"N\":\"");
	from = out->len;
	rc = number_canonical(v, out);
	if (rc != NUMBER_OK)
		return finding_set(f, rc == NUMBER_NOT ? REJECT_NOT_NUMBER : REJECT_NUMBER_RANGE,
				   v, NULL);
	buf_adds(out, "\"}");
	e->scalar = (struct str){ out->ptr + from, out->len - 2 - from };
	e->size_bytes = number_size_bytes(e->scalar);
	return MADE;
}

static enum outcome encode_bytes(struct str v, struct buf *out, struct encoded *e)
{
	buf_adds(out, "{\"B\":\"");
	buf_add_base64(out, v.ptr, v.len);
	buf_adds(out, "\"}");
	e->size_bytes = v.len;
	e->scalar = v;
	return MADE;
}

/* A BIT(1) column comes as the byte 0 or 1 itself. */
static enum outcome encode_bool(struct str v, struct buf *out, struct encoded *e,
				struct finding *f)
{
	static const struct { struct str text; bool value; } words[] = {
		{ STR("1"), true }, { STR("0"), false }, { STR("\1"), true },
		{ STR("\0"), false }, { STR("true"), true }, { STR("false"), false },
		{ STR("t"), true }, { STR("f"), false }, { STR("yes"), true },
		{ STR("no"), false }, { STR("y"), true }, { STR("n"), false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_ieq(words[i].text, v))
			continue;
		buf_adds(out, words[i].value ? "{\"BOOL\":true}" : "{\"BOOL\":false}");
		e->size_bytes = 1;
		return MADE;
	}
	return finding_set(f, REJECT_NOT_BOOL, v,
			   "is none of 0, 1, true, false, yes, no, t, f, y, n");
}

static enum outcome encode_split_list(struct str v, struct str separator, struct buf *out,
				      struct encoded *e, struct finding *f)
{
	struct str rest = v, piece;

	e->size_bytes = 3;
	buf_adds(out, "{\"L\":[");
	while (v.len && split_next(&rest, separator, &piece)) {
		if (e->size_bytes > 3)
			buf_addc(out, ',');
		buf_adds(out, "{\"S\":");
		if (!json_add_text(out, piece))
			return finding_set(f, REJECT_NOT_TEXT, piece, "is not valid UTF-8");
		buf_addc(out, '}');
		e->size_bytes += 1 + piece.len;
	}
	buf_adds(out, "]}");
	return MADE;
}

static bool is_scalar(enum attr_type type)
{
	return type == ATTR_S || type == ATTR_N || type == ATTR_B || type == ATTR_BOOL;
}

/* What has to happen to the field before it has its type: JSON to text. */
static enum outcome prepare(struct transform *t, const struct shape_attr *a, struct str *v,
			    struct finding *f)
{
	if (a->static_json && is_scalar(a->type))
		return make_static(t, v, f);
	if (a->static_json) {
		json_restart(&t->reader, *v);
		return json_next(&t->reader) == JSON_NULL &&
		       json_next(&t->reader) == JSON_END ? IS_NULL : MADE;
	}
	if (a->constructed_json && a->type == ATTR_S)
		return make_compact(t, v, f);
	return MADE;
}

enum outcome encode_value(struct transform *t, const struct shape_attr *a, struct str v,
			  struct buf *out, struct encoded *e, struct finding *f)
{
	enum outcome rc;

	*e = (struct encoded){ 0 };
	for (size_t i = 0; a->marked && i < sizeof(marks) / sizeof(marks[0]); i++)
		if (contains(v, marks[i].text) || contains(v, marks[i].escaped))
			return finding_set(f, marks[i].code, (struct str){ NULL, 0 }, marks[i].which);
	rc = prepare(t, a, &v, f);
	if (rc != MADE)
		return rc;
	switch (a->type) {
	case ATTR_S: return encode_text(v, out, e, f);
	case ATTR_N: return encode_number(v, out, e, f);
	case ATTR_B: return encode_bytes(v, out, e);
	case ATTR_BOOL: return encode_bool(v, out, e, f);
	case ATTR_L:
		if (a->separator)
			return encode_split_list(v, str_of(a->separator), out, e, f);
		return encode_document(t, a->type, v, out, e, f);
	case ATTR_M: return encode_document(t, a->type, v, out, e, f);
	case ATTR_SS: case ATTR_NS: case ATTR_BS: return encode_set(t, a, v, out, e, f);
	default: return IS_NULL;
	}
}
