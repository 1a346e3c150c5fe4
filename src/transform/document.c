/*
 * JSON text -> DynamoDB JSON, straight from the reader's tokens to the output, no tree between.
 *
 * Every member is written with a comma behind it and the last comma is taken back at the end of
 * its list or map. That makes a member one piece of bytes, so a map whose names turn out not to
 * be unique is mended by moving bytes: of equal names the last stays, the others are cut out,
 * with their sizes and with whatever was wrong inside them.
 */
#include <stdlib.h>
#include "model/number.h"
#include "transform/transform_priv.h"

#define NAME_MAX_BYTES 65535
#define CONTAINER_BYTES 3	/* a list or map, before its members */
#define MEMBER_BYTES 1		/* each member of it */
#define FEW_PIECES 16		/* so many are compared each with each */

struct piece *piece_add(struct transform *t)
{
	t->pieces = mem_grow(t->pieces, &t->pieces_cap, t->npieces + 1, sizeof(*t->pieces));
	t->pieces[t->npieces] = (struct piece){ 0 };
	return &t->pieces[t->npieces++];
}

static int by_name_then_order(const void *a, const void *b)
{
	const struct sort_ref *x = a, *y = b;
	int d;

	if (x->name.len != y->name.len)
		return x->name.len < y->name.len ? -1 : 1;
	d = x->name.len ? memcmp(x->name.ptr, y->name.ptr, x->name.len) : 0;
	return d ? d : (x->index > y->index) - (x->index < y->index);
}

static bool all_differ(const struct piece *p, size_t n, const char *base)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (p[i].name_len == p[j].name_len &&
			    memcmp(base + p[i].name_at, base + p[j].name_at, p[i].name_len) == 0)
				return false;
	return true;
}

bool pieces_drop_duplicates(struct transform *t, size_t from, const char *base, bool keep_last)
{
	struct piece *p;
	size_t n = t->npieces - from;
	bool any = false;

	if (n < 2)
		return false;
	p = t->pieces + from;
	if (n <= FEW_PIECES && all_differ(p, n, base))
		return false;
	t->refs = mem_grow(t->refs, &t->refs_cap, n, sizeof(*t->refs));
	for (size_t i = 0; i < n; i++)
		t->refs[i] = (struct sort_ref){ { base + p[i].name_at, p[i].name_len }, i };
	qsort(t->refs, n, sizeof(*t->refs), by_name_then_order);
	for (size_t i = 1; i < n; i++) {
		if (!str_eq(t->refs[i - 1].name, t->refs[i].name))
			continue;
		p[t->refs[keep_last ? i - 1 : i].index].dropped = true;
		any = true;
	}
	return any;
}

static void add_fault(struct transform *t, const struct buf *out, enum reject_code code,
		      struct str found, const char *which)
{
	t->faults = mem_grow(t->faults, &t->faults_cap, t->nfaults + 1, sizeof(*t->faults));
	t->faults[t->nfaults++] = (struct doc_fault){ { code, found, which }, out->len };
}

/* Cuts the dropped members out of the map that begins at pieces[from]. Faults lie in ascending
 * order of place; those inside a dropped member go with it, the others move with theirs. */
static void cut_dropped(struct transform *t, size_t from, struct buf *out)
{
	size_t to = t->pieces[from].start, f = 0, kept;

	while (f < t->nfaults && t->faults[f].at < to)
		f++;
	kept = f;
	for (size_t i = from; i < t->npieces; i++) {
		struct piece *p = &t->pieces[i];

		for (; f < t->nfaults && t->faults[f].at < p->end; f++) {
			if (p->dropped)
				continue;
			t->faults[kept] = t->faults[f];
			t->faults[kept++].at -= p->start - to;
		}
		if (p->dropped)
			continue;
		memmove(out->ptr + to, out->ptr + p->start, p->end - p->start);
		to += p->end - p->start;
	}
	t->nfaults = kept;
	out->len = to;
}

static void open_container(struct transform *t, bool is_map, struct buf *out)
{
	t->frames[t->depth++] = (struct doc_frame){ is_map, t->npieces, CONTAINER_BYTES };
	buf_adds(out, is_map ? "{\"M\":{" : "{\"L\":[");
}

/* Ends the innermost list or map, gives its size. */
static size_t close_container(struct transform *t, struct buf *out)
{
	struct doc_frame *f = &t->frames[--t->depth];
	size_t size_bytes = f->size_bytes;

	if (f->is_map) {
		if (pieces_drop_duplicates(t, f->first_piece, out->ptr, true))
			cut_dropped(t, f->first_piece, out);
		for (size_t i = f->first_piece; i < t->npieces; i++)
			if (!t->pieces[i].dropped)
				size_bytes += t->pieces[i].size_bytes;
		t->npieces = f->first_piece;
	}
	if (out->ptr[out->len - 1] == ',')
		out->len--;
	buf_adds(out, f->is_map ? "}}" : "]}");
	return size_bytes;
}

/* A value is complete: counts it in the list or map around it. */
static void member_done(struct transform *t, size_t size_bytes, struct buf *out)
{
	struct doc_frame *f = &t->frames[t->depth - 1];

	buf_addc(out, ',');
	if (f->is_map) {
		struct piece *p = &t->pieces[t->npieces - 1];

		p->size_bytes += MEMBER_BYTES + size_bytes;
		p->end = out->len;
	} else {
		f->size_bytes += MEMBER_BYTES + size_bytes;
	}
}

/* The reader's text as a JSON string; checked UTF-8 already. */
static void add_text(struct transform *t, struct buf *out)
{
	if (t->reader.escaped) {
		buf_add_json(out, t->reader.text);
		return;
	}
	buf_reserve(out, t->reader.text.len + 2);
	buf_addc(out, '"');
	buf_addstr(out, t->reader.text);
	buf_addc(out, '"');
}

static void add_name(struct transform *t, struct buf *out)
{
	struct piece *p = piece_add(t);
	size_t len = t->reader.text.len;

	if (len == 0)
		add_fault(t, out, REJECT_ATTRIBUTE_NAME, (struct str){ NULL, 0 },
			  "has an empty key");
	else if (len > NAME_MAX_BYTES)
		add_fault(t, out, REJECT_ATTRIBUTE_NAME, (struct str){ NULL, 0 },
			  "has a key over 65535 bytes");
	p->size_bytes = len;
	p->start = out->len;
	add_text(t, out);
	p->name_at = p->start + 1;
	p->name_len = out->len - 1 - p->name_at;
	buf_addc(out, ':');
}

static size_t add_null(struct buf *out)
{
	buf_adds(out, "{\"NULL\":true}");
	return 1;
}

/* On a fault a null stands in, so that what was written stays whole. */
static size_t add_number(struct transform *t, struct buf *out)
{
	size_t before = out->len, from, size_bytes;

	buf_adds(out, "{\"N\":\"");
	from = out->len;
	if (number_canonical(t->reader.text, out) != NUMBER_OK) {
		out->len = before;
		add_fault(t, out, REJECT_NUMBER_RANGE, t->reader.text, NULL);
		return add_null(out);
	}
	size_bytes = number_size_bytes((struct str){ out->ptr + from, out->len - from });
	buf_adds(out, "\"}");
	return size_bytes;
}

static size_t add_scalar(struct transform *t, enum json_token token, struct buf *out)
{
	size_t size_bytes = t->reader.text.len;

	switch (token) {
	case JSON_STRING:
		buf_adds(out, "{\"S\":");
		add_text(t, out);
		buf_addc(out, '}');
		return size_bytes;
	case JSON_NUMBER:
		return add_number(t, out);
	case JSON_TRUE:
		buf_adds(out, "{\"BOOL\":true}");
		return 1;
	case JSON_FALSE:
		buf_adds(out, "{\"BOOL\":false}");
		return 1;
	default:
		return add_null(out);
	}
}

/* Writes the list or map that 'token' opens. False: the reader met something that is not JSON. */
static bool add_container(struct transform *t, enum json_token token, struct buf *out,
			  size_t *size_bytes)
{
	open_container(t, token == JSON_OBJECT, out);
	while (t->depth) {
		token = json_next(&t->reader);
		switch (token) {
		case JSON_BAD: case JSON_END:
			return false;
		case JSON_KEY:
			add_name(t, out);
			continue;
		case JSON_OBJECT: case JSON_ARRAY:
			if (t->depth < ITEM_MAX_NESTING) {
				open_container(t, token == JSON_OBJECT, out);
				continue;
			}
			add_fault(t, out, REJECT_NESTING, (struct str){ NULL, 0 },
				  "has more than 31 lists and maps inside each other");
			if (json_skip(&t->reader, token) != 0)
				return false;
			*size_bytes = add_null(out);
			break;
		case JSON_OBJECT_END: case JSON_ARRAY_END:
			*size_bytes = close_container(t, out);
			break;
		default:
			*size_bytes = add_scalar(t, token, out);
		}
		if (t->depth)
			member_done(t, *size_bytes, out);
	}
	return true;
}

enum outcome encode_document(struct transform *t, enum attr_type type, struct str v,
			     struct buf *out, struct encoded *e, struct finding *f)
{
	enum json_token token;

	t->depth = t->npieces = t->nfaults = 0;
	json_restart(&t->reader, v);
	token = json_next(&t->reader);
	if (token == JSON_BAD)
		return finding_json(f, t->reader.why, v);
	if (token != (type == ATTR_M ? JSON_OBJECT : JSON_ARRAY))
		return finding_set(f, REJECT_NOT_JSON, v, type == ATTR_M ?
				   "is not a JSON object" : "is not a JSON array");
	if (!add_container(t, token, out, &e->size_bytes) ||
	    json_next(&t->reader) != JSON_END)
		return finding_json(f, t->reader.why, v);
	if (t->nfaults)
		return finding_set(f, t->faults[0].what.code, t->faults[0].what.found,
				   t->faults[0].what.which);
	return MADE;
}
