/*
 * One pass over the JSON writes the members in the order in which they come; a map or set whose
 * members did not come in order is then put into order by one copy. DynamoDB and the transform each
 * have an order of their own, so that is the usual case for items and rare below.
 */
#include "verify/canonical.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/json.h"
#include "model/number.h"

struct member {
	size_t off, len;		/* in 'out', with its name or length */
	struct str name;		/* what it is ordered by; set only while sorting */
	size_t name_off, name_len;	/* the same, in 'out' */
};

struct canonical {
	struct json_reader r;
	struct buf out, unsorted, key;
	struct member *members;		/* of the containers that are open, the innermost last */
	size_t n, cap;
	size_t ntop;			/* the item's own members, which stay when all is read */
};

struct canonical *canonical_new(void)
{
	struct canonical *c = mem_zalloc(sizeof(*c));

	json_init(&c->r, (struct str){ "", 0 });
	return c;
}

void canonical_free(struct canonical *c)
{
	if (!c)
		return;
	json_release(&c->r);
	buf_release(&c->out);
	buf_release(&c->unsorted);
	buf_release(&c->key);
	free(c->members);
	free(c);
}

static void write_number(struct buf *b, size_t at, size_t n)
{
	b->ptr[at] = (char)(n >> 24);
	b->ptr[at + 1] = (char)(n >> 16);
	b->ptr[at + 2] = (char)(n >> 8);
	b->ptr[at + 3] = (char)n;
}

/* Four bytes to be filled in when the number is known. */
static size_t add_room(struct buf *b)
{
	size_t at = b->len;

	buf_add(b, "\0\0\0", 4);
	return at;
}

static int order(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	return order(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static struct str name_in(const struct buf *b, const struct member *m)
{
	return (struct str){ b->ptr + m->name_off, m->name_len };
}

static bool in_order(const struct canonical *c, size_t base)
{
	size_t i;

	for (i = base + 1; i < c->n; i++)
		if (order(name_in(&c->out, &c->members[i - 1]),
			  name_in(&c->out, &c->members[i])) > 0)
			return false;
	return true;
}

/* Brings the members from 'base' on, which stand at the end of 'out', into the order of names. */
static void put_in_order(struct canonical *c, size_t base)
{
	struct member *m = c->members + base;
	size_t n = c->n - base, from, i;

	if (in_order(c, base))
		return;
	from = m[0].off;
	buf_reset(&c->unsorted);
	buf_add(&c->unsorted, c->out.ptr + from, c->out.len - from);
	for (i = 0; i < n; i++)
		m[i].name = (struct str){ c->unsorted.ptr + (m[i].name_off - from),
					  m[i].name_len };
	qsort(m, n, sizeof(*m), by_name);
	c->out.len = from;
	for (i = 0; i < n; i++) {
		size_t was = m[i].off;

		m[i].off = c->out.len;
		buf_add(&c->out, c->unsorted.ptr + (was - from), m[i].len);
		m[i].name_off = m[i].off + (m[i].name_off - was);
	}
}

static void push(struct canonical *c, size_t off, size_t name_len)
{
	c->members = mem_grow(c->members, &c->cap, c->n + 1, sizeof(*c->members));
	c->members[c->n++] = (struct member){
		.off = off, .len = c->out.len - off, .name_off = off + 4, .name_len = name_len,
	};
}

/* Length and bytes of a string, number or binary. */
static int read_scalar(struct canonical *c, enum json_token token, enum attr_type type)
{
	size_t at;

	if (token != JSON_STRING)
		return -1;
	at = add_room(&c->out);
	if (type == ATTR_S)
		buf_addstr(&c->out, c->r.text);
	else if (type == ATTR_N ? number_canonical(c->r.text, &c->out) != NUMBER_OK :
				  !buf_add_unbase64(&c->out, c->r.text))
		return -1;
	write_number(&c->out, at, c->out.len - at - 4);
	return 0;
}

static int read_set(struct canonical *c, enum json_token first, enum attr_type type)
{
	size_t base = c->n, at;
	enum json_token token;

	if (first != JSON_ARRAY)
		return -1;
	at = add_room(&c->out);
	while ((token = json_next(&c->r)) != JSON_ARRAY_END) {
		size_t off = c->out.len;

		if (read_scalar(c, token, type) != 0)
			return -1;
		push(c, off, c->out.len - off - 4);
	}
	put_in_order(c, base);
	write_number(&c->out, at, c->n - base);
	c->n = base;
	return 0;
}

static int read_value(struct canonical *c, enum json_token first);

static int read_list(struct canonical *c, enum json_token first)
{
	enum json_token token;
	size_t at, n = 0;

	if (first != JSON_ARRAY)
		return -1;
	at = add_room(&c->out);
	for (; (token = json_next(&c->r)) != JSON_ARRAY_END; n++)
		if (read_value(c, token) != 0)
			return -1;
	write_number(&c->out, at, n);
	return 0;
}

/* Leaves the members on the stack: the caller takes them off. */
static int read_map(struct canonical *c, enum json_token first)
{
	size_t base = c->n, at, i;
	enum json_token token;

	if (first != JSON_OBJECT)
		return -1;
	buf_addc(&c->out, 'M');
	at = add_room(&c->out);
	while ((token = json_next(&c->r)) == JSON_KEY) {
		size_t off = add_room(&c->out), name_len = c->r.text.len;

		buf_addstr(&c->out, c->r.text);
		write_number(&c->out, off, name_len);
		if (read_value(c, json_next(&c->r)) != 0)
			return -1;
		push(c, off, name_len);
	}
	if (token != JSON_OBJECT_END)
		return -1;
	put_in_order(c, base);
	for (i = base + 1; i < c->n; i++)
		if (str_eq(name_in(&c->out, &c->members[i - 1]),
			   name_in(&c->out, &c->members[i])))
			return -1;
	write_number(&c->out, at, c->n - base);
	return 0;
}

static int read_typed(struct canonical *c, struct str type)
{
	struct buf *out = &c->out;
	size_t base = c->n;
	enum json_token t;
	int rc;

	/* the reader's text is lent until the next token */
	if (type.len == 1) {
		char letter = type.ptr[0];

		t = json_next(&c->r);
		switch (letter) {
		case 'S': buf_addc(out, 'S'); return read_scalar(c, t, ATTR_S);
		case 'N': buf_addc(out, 'N'); return read_scalar(c, t, ATTR_N);
		case 'B': buf_addc(out, 'B'); return read_scalar(c, t, ATTR_B);
		case 'L': buf_addc(out, 'L'); return read_list(c, t);
		case 'M':
			rc = read_map(c, t);
			c->n = base;
			return rc;
		default: return -1;
		}
	}
	if (type.len == 2 && type.ptr[1] == 'S') {
		char letter = type.ptr[0];

		t = json_next(&c->r);
		switch (letter) {
		case 'S': buf_addc(out, 's'); return read_set(c, t, ATTR_S);
		case 'N': buf_addc(out, 'n'); return read_set(c, t, ATTR_N);
		case 'B': buf_addc(out, 'b'); return read_set(c, t, ATTR_B);
		default: return -1;
		}
	}
	if (str_is(type, "BOOL")) {
		t = json_next(&c->r);
		buf_addc(out, t == JSON_TRUE ? 'T' : 'F');
		return t == JSON_TRUE || t == JSON_FALSE ? 0 : -1;
	}
	if (str_is(type, "NULL")) {
		buf_addc(out, '0');
		return json_next(&c->r) == JSON_TRUE ? 0 : -1;
	}
	return -1;
}

/* {"S":"x"}. Recurses only as deep as the reader lets values lie inside each other. */
static int read_value(struct canonical *c, enum json_token first)
{
	if (first != JSON_OBJECT || json_next(&c->r) != JSON_KEY)
		return -1;
	if (read_typed(c, c->r.text) != 0)
		return -1;
	return json_next(&c->r) == JSON_OBJECT_END ? 0 : -1;
}

int canonical_item(struct canonical *c, struct str item_json, struct str *out,
		   struct etl_err *err)
{
	json_restart(&c->r, item_json);
	buf_reset(&c->out);
	c->n = c->ntop = 0;
	if (read_map(c, json_next(&c->r)) != 0 || json_next(&c->r) != JSON_END)
		return etl_err_set(err, ETL_ESINK, "cannot read an item: not DynamoDB JSON near "
				   "byte %zu", (size_t)(c->r.at - c->r.start));
	c->ntop = c->n;
	*out = buf_str(&c->out);
	return 0;
}

struct str canonical_attribute(const struct canonical *c, struct str name)
{
	size_t low = 0, high = c->ntop;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct member *m = &c->members[mid];
		int d = order(name, name_in(&c->out, m));

		if (d == 0) {
			size_t head = 4 + m->name_len;

			return (struct str){ c->out.ptr + m->off + head, m->len - head };
		}
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return (struct str){ NULL, 0 };
}

static int add_key_part(struct canonical *c, const char *name, enum attr_type type,
			struct etl_err *err)
{
	struct str part = canonical_attribute(c, str_of(name));

	if (!part.ptr || part.ptr[0] != attr_type_name(type)[0])
		return etl_err_set(err, ETL_ESINK, "an item lacks its key attribute '%s' of type "
				   "%s", name, attr_type_name(type));
	buf_addstr(&c->key, part);
	return 0;
}

int canonical_key(struct canonical *c, const struct key_schema *schema, struct str *out,
		  struct etl_err *err)
{
	int rc;

	buf_reset(&c->key);
	rc = add_key_part(c, schema->pk_name, schema->pk_type, err);
	if (rc == 0 && schema->sk_name)
		rc = add_key_part(c, schema->sk_name, schema->sk_type, err);
	*out = buf_str(&c->key);
	return rc;
}
