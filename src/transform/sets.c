#include "model/number.h"
#include "transform/transform_priv.h"

bool split_next(struct str *rest, struct str separator, struct str *piece)
{
	const char *hit;

	if (!rest->ptr)
		return false;
	hit = separator.len ? memmem(rest->ptr, rest->len, separator.ptr, separator.len) : NULL;
	if (!hit) {
		*piece = *rest;
		rest->ptr = NULL;
		return true;
	}
	*piece = (struct str){ rest->ptr, (size_t)(hit - rest->ptr) };
	rest->len -= piece->len + separator.len;
	rest->ptr = hit + separator.len;
	return true;
}

/* Gathers a member as the bytes that make it equal to another: text, canonical number, bytes. */
static enum outcome add_member(struct transform *t, enum attr_type type, struct str v,
			       struct finding *f)
{
	struct piece *p = piece_add(t);
	struct str stored;

	p->name_at = t->text.len;
	if (type == ATTR_NS) {
		enum number_result rc = number_canonical(v, &t->text);

		if (rc != NUMBER_OK)
			return finding_set(f, rc == NUMBER_NOT ? REJECT_NOT_NUMBER :
					   REJECT_NUMBER_RANGE, v, NULL);
	} else {
		buf_addstr(&t->text, v);
	}
	p->name_len = t->text.len - p->name_at;
	stored = (struct str){ t->text.ptr + p->name_at, p->name_len };
	p->size_bytes = type == ATTR_NS ? number_size_bytes(stored) : p->name_len;
	return MADE;
}

/* A JSON member. Binary stands in JSON as base64 text, as everywhere in the contract. */
static enum outcome add_json_member(struct transform *t, enum attr_type type,
				    enum json_token token, struct finding *f)
{
	struct str v = t->reader.text;

	if (token == JSON_NULL)
		return MADE;
	if (type == ATTR_BS && token == JSON_STRING) {
		struct piece *p = piece_add(t);

		p->name_at = t->text.len;
		if (!buf_add_unbase64(&t->text, v))
			return finding_set(f, REJECT_NOT_JSON, v, "is not base64 text");
		p->size_bytes = p->name_len = t->text.len - p->name_at;
		return MADE;
	}
	if (token == JSON_STRING || (token == JSON_NUMBER && type != ATTR_BS))
		return add_member(t, type, v, f);
	return finding_set(f, REJECT_NOT_JSON, (struct str){ NULL, 0 },
			   type == ATTR_SS ? "has a member that is no string" :
			   type == ATTR_NS ? "has a member that is no number" :
					     "has a member that is no base64 string");
}

/* Text that is no JSON at all is that fault, whatever its first members were. */
static enum outcome gather_json(struct transform *t, enum attr_type type, struct str v,
				struct finding *f)
{
	struct json_reader *r = &t->reader;
	enum outcome rc = MADE;
	enum json_token token;

	json_restart(r, v);
	token = json_next(r);
	if (token == JSON_BAD)
		return finding_json(f, r->why, v);
	if (token == JSON_NULL)
		return json_next(r) == JSON_END ? IS_NULL : finding_json(f, r->why, v);
	if (token != JSON_ARRAY)
		return finding_set(f, REJECT_NOT_JSON, v, "is not a JSON array");
	while ((token = json_next(r)) != JSON_ARRAY_END) {
		if (token == JSON_BAD)
			return finding_json(f, r->why, v);
		if (rc == MADE && (rc = add_json_member(t, type, token, f)) != MADE) {
			buf_reset(&t->found);
			buf_addstr(&t->found, f->found);
			f->found = f->found.ptr ? buf_str(&t->found) : f->found;
		}
		if (json_skip(r, token) != 0)
			return finding_json(f, r->why, v);
	}
	return json_next(r) == JSON_END ? rc : finding_json(f, r->why, v);
}

static enum outcome gather_split(struct transform *t, enum attr_type type, struct str v,
				 struct str separator, struct finding *f)
{
	struct str piece;

	if (v.len == 0)
		return MADE;
	while (split_next(&v, separator, &piece))
		if (add_member(t, type, piece, f) == FAULTY)
			return FAULTY;
	return MADE;
}

static bool add_stored(struct buf *out, enum attr_type type, struct str v)
{
	if (type == ATTR_SS)
		return json_add_text(out, v);
	buf_addc(out, '"');
	if (type == ATTR_BS)
		buf_add_base64(out, v.ptr, v.len);
	else
		buf_addstr(out, v);
	buf_addc(out, '"');
	return true;
}

enum outcome encode_set(struct transform *t, const struct shape_attr *a, struct str v,
			struct buf *out, struct encoded *e, struct finding *f)
{
	enum outcome rc;
	const char *separator = a->separator ? a->separator : a->set_column ? "," : NULL;

	t->npieces = 0;
	buf_reset(&t->text);
	rc = separator ? gather_split(t, a->type, v, str_of(separator), f) :
			 gather_json(t, a->type, v, f);
	if (rc != MADE)
		return rc;
	if (t->npieces == 0)
		return LEFT_OUT;
	pieces_drop_duplicates(t, 0, t->text.ptr, false);
	buf_adds(out, a->type == ATTR_SS ? "{\"SS\":[" : a->type == ATTR_NS ? "{\"NS\":[" :
									   "{\"BS\":[");
	for (size_t i = 0; i < t->npieces; i++) {
		struct piece *p = &t->pieces[i];
		struct str stored = { t->text.ptr + p->name_at, p->name_len };

		if (p->dropped)
			continue;
		if (!add_stored(out, a->type, stored))
			return finding_set(f, REJECT_NOT_TEXT, stored, "is not valid UTF-8");
		buf_addc(out, ',');
		e->size_bytes += p->size_bytes;
	}
	out->len--;
	buf_adds(out, "]}");
	return MADE;
}
