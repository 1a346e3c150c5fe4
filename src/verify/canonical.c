/*
 * Two ways to one form. The plain one takes any JSON: one pass writes the members in the order in
 * which they come; a map or set whose members did not come in order is then put into order by one
 * copy. The quick one is for items as services and the transform write them, without a blank, of
 * attributes that verify/known.h knows: it finds where their values lie, and copies those that are
 * plain text straight to their places. What it does not expect it leaves to the plain way, which
 * alone says what is no item.
 */
#include "verify/canonical.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/json.h"
#include "model/number.h"
#include "verify/known.h"

struct member {
	size_t off, len;		/* in 'out', with its name or length */
	struct str name;		/* what it is ordered by; set only while sorting */
	size_t name_off, name_len;	/* the same, in 'out' */
};

struct piece {			/* the value of an attribute that is known */
	const struct known_attribute *attribute;
	const char *plain;	/* the text as it stands in the JSON; NULL: it is in 'out' at off */
	size_t off, len;
};

struct canonical {
	struct json_reader r;
	struct known *known;
	struct piece pieces[KNOWN_MAX];
	unsigned order[KNOWN_MAX];	/* of them: the name's rank, and which piece */
	uint64_t number;		/* of the item */
	struct buf out, unsorted, key;
	struct member *members;		/* of the containers that are open, the innermost last */
	size_t n, cap;
	size_t ntop;			/* the item's own members, which stay when all is read */
};

struct canonical *canonical_new(void)
{
	struct canonical *c = mem_zalloc(sizeof(*c));

	json_init(&c->r, (struct str){ "", 0 });
	c->known = known_new();
	return c;
}

void canonical_free(struct canonical *c)
{
	if (!c)
		return;
	json_release(&c->r);
	known_free(c->known);
	buf_release(&c->out);
	buf_release(&c->unsorted);
	buf_release(&c->key);
	free(c->members);
	free(c);
}

static inline void put_number(char *at, size_t n)
{
	at[0] = (char)(n >> 24);
	at[1] = (char)(n >> 16);
	at[2] = (char)(n >> 8);
	at[3] = (char)n;
}

static void write_number(struct buf *b, size_t at, size_t n)
{
	put_number(b->ptr + at, n);
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

/* ---- the quick way ---------------------------------------------------------------------------- */

/* The text that begins at p, behind its quote, to the end of its value. NULL: not as expected. */
static const char *read_plain(struct canonical *c, struct piece *piece, const char *p,
			      const char *end)
{
	const char *stop = json_plain_run(p, end);
	struct str text = { p, (size_t)(stop - p) };
	bool number = piece->attribute->type == 'N', escaped;

	if (stop == end)
		return NULL;
	escaped = *stop != '"';
	if (escaped) {
		json_restart(&c->r, (struct str){ p - 1, (size_t)(end - p) + 1 });
		if (json_next(&c->r) != JSON_STRING)
			return NULL;
		text = c->r.text;
		stop = c->r.at - 1;
	}
	piece->off = c->out.len;
	piece->plain = NULL;
	if (number && number_canonical(text, &c->out) != NUMBER_OK)
		return NULL;
	if (escaped && !number)
		buf_addstr(&c->out, text);
	if (!escaped && !number)
		piece->plain = text.ptr;
	piece->len = piece->plain ? text.len : c->out.len - piece->off;
	return end - stop > 1 && stop[1] == '}' ? stop + 2 : NULL;
}

/* A value of another type, which is read as ever. */
static const char *read_other(struct canonical *c, struct piece *piece, const char *p,
			      const char *end)
{
	piece->off = c->out.len;
	piece->plain = NULL;
	json_restart(&c->r, (struct str){ p, (size_t)(end - p) });
	if (read_value(c, json_next(&c->r)) != 0)
		return NULL;
	piece->len = c->out.len - piece->off;
	return c->r.at;
}

/* Finds the pieces. Their number; 0: the item is to be read in the plain way. */
static unsigned read_pieces(struct canonical *c, struct str json)
{
	const char *p = json.ptr, *end = p + json.len;
	unsigned n = 0, before = KNOWN_NONE;

	c->number++;
	do {
		unsigned at = ++p < end ? known_find(c->known, before, p, end) : KNOWN_NONE;
		struct known_attribute *a = &c->known->at[at];

		if (at == KNOWN_NONE || a->seen == c->number)
			return 0;
		a->seen = c->number;
		p += a->text.len;
		c->pieces[n].attribute = a;
		p = a->type ? read_plain(c, &c->pieces[n], p, end)
			    : read_other(c, &c->pieces[n], p, end);
		if (!p || p == end)
			return 0;
		n++;
		before = at;
	} while (*p == ',');
	return *p == '}' && p + 1 == end ? n : 0;
}

/* Brings them into the order of names. False: a name is there twice. */
static bool order_pieces(struct canonical *c, unsigned n)
{
	unsigned *order = c->order, i, k;

	/* not before all are read: a name that is new changes the ranks of others */
	for (i = 0; i < n; i++)
		order[i] = c->pieces[i].attribute->rank * KNOWN_MAX + i;
	for (i = 1; i < n; i++) {
		unsigned moved = order[i];

		for (k = i; k > 0 && order[k - 1] > moved; k--)
			order[k] = order[k - 1];
		order[k] = moved;
	}
	for (i = 1; i < n; i++)
		if (order[i] / KNOWN_MAX == order[i - 1] / KNOWN_MAX)
			return false;
	return true;
}

/* The item made of its pieces, in c->unsorted, and its members. */
static void join_pieces(struct canonical *c, unsigned n)
{
	size_t bytes = 5;
	unsigned i;
	char *at;

	for (i = 0; i < n; i++)
		bytes += c->pieces[i].attribute->head.len + 4 + c->pieces[i].len;
	c->members = mem_grow(c->members, &c->cap, n, sizeof(*c->members));
	buf_reset(&c->unsorted);
	buf_reserve(&c->unsorted, bytes);
	at = c->unsorted.ptr;
	*at = 'M';
	put_number(at + 1, n);
	at += 5;
	for (i = 0; i < n; i++) {
		const struct piece *piece = &c->pieces[c->order[i] % KNOWN_MAX];
		const struct known_attribute *a = piece->attribute;
		size_t off = (size_t)(at - c->unsorted.ptr);

		memcpy(at, a->head.ptr, a->head.len);
		at += a->head.len;
		if (a->type) {
			put_number(at, piece->len);
			at += 4;
		}
		if (piece->len)
			memcpy(at, piece->plain ? piece->plain : c->out.ptr + piece->off,
			       piece->len);
		at += piece->len;
		c->members[i] = (struct member){
			.off = off, .len = (size_t)(at - c->unsorted.ptr) - off,
			.name_off = off + 4, .name_len = a->name_len,
		};
	}
	c->unsorted.len = (size_t)(at - c->unsorted.ptr);
	c->n = n;
}

static bool read_quickly(struct canonical *c, struct str json)
{
	struct buf out;
	unsigned n;

	if (json.len == 0 || json.ptr[0] != '{')
		return false;
	n = read_pieces(c, json);
	if (n == 0 || !order_pieces(c, n))
		return false;
	join_pieces(c, n);
	out = c->unsorted;
	c->unsorted = c->out;
	c->out = out;
	return true;
}

static void begin(struct canonical *c)
{
	buf_reset(&c->out);
	c->n = c->ntop = 0;
}

int canonical_item(struct canonical *c, struct str item_json, struct str *out,
		   struct etl_err *err)
{
	begin(c);
	if (!read_quickly(c, item_json)) {
		begin(c);
		json_restart(&c->r, item_json);
		if (read_map(c, json_next(&c->r)) != 0 || json_next(&c->r) != JSON_END)
			return etl_err_set(err, ETL_ESINK, "cannot read an item: not DynamoDB JSON "
					   "near byte %zu", (size_t)(c->r.at - c->r.start));
	}
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
