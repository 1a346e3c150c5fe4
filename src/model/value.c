#include "model/value.h"

#include <stdint.h>
#include <stdlib.h>
#include "model/json.h"
#include "model/number.h"

/* The members of a list, map or set while their number is not known yet. */
struct member {
	struct str name;
	struct value value;
};

struct growing {
	struct member *items;
	size_t n, cap;
};

struct parser {
	struct arena *arena;
	struct json_reader r;
	struct buf bytes;	/* of one scalar */
};

static void grow(struct growing *g, struct str name, struct value v)
{
	g->items = mem_grow(g->items, &g->cap, g->n + 1, sizeof(*g->items));
	g->items[g->n++] = (struct member){ name, v };
}

static struct str keep(struct parser *p, struct str s)
{
	return (struct str){ arena_strndup(p->arena, s.ptr ? s.ptr : "", s.len), s.len };
}

static int str_compare(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	return str_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static int by_bytes(const void *a, const void *b)
{
	return str_compare(((const struct member *)a)->value.bytes,
			   ((const struct member *)b)->value.bytes);
}

static int parse_value(struct parser *p, enum json_token first, struct value *out);

static int parse_scalar(struct parser *p, enum json_token token, enum attr_type type,
			struct value *out)
{
	out->type = type;
	if (token != JSON_STRING)
		return -1;
	buf_reset(&p->bytes);
	if (type == ATTR_S)
		buf_addstr(&p->bytes, p->r.text);
	else if (type == ATTR_N ? number_canonical(p->r.text, &p->bytes) != NUMBER_OK :
				  !buf_add_unbase64(&p->bytes, p->r.text))
		return -1;
	out->bytes = keep(p, buf_str(&p->bytes));
	return 0;
}

static int parse_map(struct parser *p, enum json_token first, struct growing *g)
{
	enum json_token token;

	if (first != JSON_OBJECT)
		return -1;
	while ((token = json_next(&p->r)) == JSON_KEY) {
		struct str name = keep(p, p->r.text);
		struct value v;

		if (parse_value(p, json_next(&p->r), &v) != 0)
			return -1;
		grow(g, name, v);
	}
	if (token != JSON_OBJECT_END)
		return -1;
	if (g->n)
		qsort(g->items, g->n, sizeof(*g->items), by_name);
	for (size_t i = 1; i < g->n; i++)
		if (str_eq(g->items[i - 1].name, g->items[i].name))
			return -1;
	return 0;
}

static int parse_list(struct parser *p, enum json_token first, struct growing *g)
{
	enum json_token token;

	if (first != JSON_ARRAY)
		return -1;
	while ((token = json_next(&p->r)) != JSON_ARRAY_END) {
		struct value v;

		if (parse_value(p, token, &v) != 0)
			return -1;
		grow(g, (struct str){ NULL, 0 }, v);
	}
	return 0;
}

static int parse_set(struct parser *p, enum json_token first, enum attr_type member_type,
		     struct growing *g)
{
	enum json_token token;

	if (first != JSON_ARRAY)
		return -1;
	while ((token = json_next(&p->r)) != JSON_ARRAY_END) {
		struct value v = { 0 };

		if (parse_scalar(p, token, member_type, &v) != 0)
			return -1;
		grow(g, (struct str){ NULL, 0 }, v);
	}
	if (g->n)
		qsort(g->items, g->n, sizeof(*g->items), by_bytes);
	return 0;
}

static void settle(struct parser *p, const struct growing *g, struct value *out)
{
	out->n = g->n;
	if (g->n == 0)
		return;
	out->members = arena_alloc(p->arena, g->n * sizeof(*out->members));
	if (out->type == ATTR_M)
		out->names = arena_alloc(p->arena, g->n * sizeof(*out->names));
	for (size_t i = 0; i < g->n; i++) {
		out->members[i] = g->items[i].value;
		if (out->names)
			out->names[i] = g->items[i].name;
	}
}

static enum attr_type type_of(struct str name)
{
	for (int t = 0; t < ATTR_TYPE_COUNT; t++)
		if (str_is(name, attr_type_name((enum attr_type)t)))
			return (enum attr_type)t;
	return ATTR_TYPE_COUNT;
}

/* Members recurse only as deep as the reader lets them lie inside each other. */
static int parse_content(struct parser *p, enum json_token token, struct value *out)
{
	struct growing g = { 0 };
	int rc;

	switch (out->type) {
	case ATTR_S: case ATTR_N: case ATTR_B:
		return parse_scalar(p, token, out->type, out);
	case ATTR_BOOL:
		out->boolean = token == JSON_TRUE;
		return token == JSON_TRUE || token == JSON_FALSE ? 0 : -1;
	case ATTR_NULL:
		return token == JSON_TRUE ? 0 : -1;
	case ATTR_M: rc = parse_map(p, token, &g); break;
	case ATTR_L: rc = parse_list(p, token, &g); break;
	case ATTR_SS: rc = parse_set(p, token, ATTR_S, &g); break;
	case ATTR_NS: rc = parse_set(p, token, ATTR_N, &g); break;
	case ATTR_BS: rc = parse_set(p, token, ATTR_B, &g); break;
	default: return -1;
	}
	if (rc == 0)
		settle(p, &g, out);
	free(g.items);
	return rc;
}

static int parse_value(struct parser *p, enum json_token first, struct value *out)
{
	*out = (struct value){ 0 };
	if (first != JSON_OBJECT || json_next(&p->r) != JSON_KEY)
		return -1;
	out->type = type_of(p->r.text);
	if (parse_content(p, json_next(&p->r), out) != 0)
		return -1;
	return json_next(&p->r) == JSON_OBJECT_END ? 0 : -1;
}

int value_from_item_json(struct arena *arena, struct str item_json, struct value *out,
			 struct etl_err *err)
{
	struct parser p = { .arena = arena };
	int rc = 0;

	json_init(&p.r, item_json);
	*out = (struct value){ .type = ATTR_M };
	if (parse_content(&p, json_next(&p.r), out) != 0 || json_next(&p.r) != JSON_END)
		rc = etl_err_set(err, ETL_ESINK, "cannot read an item: not DynamoDB JSON near "
				 "byte %zu", (size_t)(p.r.at - p.r.start));
	json_release(&p.r);
	buf_release(&p.bytes);
	return rc;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (a->type != b->type || a->boolean != b->boolean || a->n != b->n ||
	    !str_eq(a->bytes, b->bytes))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (a->type == ATTR_M && !str_eq(a->names[i], b->names[i]))
			return false;
		if (!value_equal(&a->members[i], &b->members[i]))
			return false;
	}
	return true;
}

static size_t size_of(const struct value *v)
{
	size_t bytes = 3, i;

	switch (v->type) {
	case ATTR_S: case ATTR_B:
		return v->bytes.len;
	case ATTR_N:
		return number_size_bytes(v->bytes);
	case ATTR_SS: case ATTR_NS: case ATTR_BS:
		bytes = 0;
		for (i = 0; i < v->n; i++)
			bytes += size_of(&v->members[i]);
		return bytes;
	case ATTR_M: case ATTR_L:
		for (i = 0; i < v->n; i++)
			bytes += 1 + size_of(&v->members[i]) +
				 (v->type == ATTR_M ? v->names[i].len : 0);
		return bytes;
	default:
		return 1;
	}
}

size_t value_item_size_bytes(const struct value *item)
{
	size_t bytes = 0, i;

	for (i = 0; i < item->n; i++)
		bytes += item->names[i].len + size_of(&item->members[i]);
	return bytes;
}

/* A scalar's content without its type: a set's members stand like that. */
static void add_bare(struct buf *out, const struct value *v)
{
	if (v->type == ATTR_B) {
		buf_addc(out, '"');
		buf_add_base64(out, v->bytes.ptr, v->bytes.len);
		buf_addc(out, '"');
	} else {
		buf_add_json(out, v->bytes);
	}
}

static void add_members(struct buf *out, const struct value *v)
{
	buf_addc(out, v->type == ATTR_M ? '{' : '[');
	for (size_t i = 0; i < v->n; i++) {
		if (i)
			buf_addc(out, ',');
		if (v->type == ATTR_M) {
			buf_add_json(out, v->names[i]);
			buf_addc(out, ':');
		}
		if (v->type == ATTR_M || v->type == ATTR_L)
			value_add_json(out, &v->members[i]);
		else
			add_bare(out, &v->members[i]);
	}
	buf_addc(out, v->type == ATTR_M ? '}' : ']');
}

void value_add_json(struct buf *out, const struct value *v)
{
	buf_addf(out, "{\"%s\":", attr_type_name(v->type));
	switch (v->type) {
	case ATTR_S: case ATTR_N: case ATTR_B:
		add_bare(out, v);
		break;
	case ATTR_BOOL:
		buf_adds(out, v->boolean ? "true" : "false");
		break;
	case ATTR_NULL:
		buf_adds(out, "true");
		break;
	default:
		add_members(out, v);
	}
	buf_addc(out, '}');
}
