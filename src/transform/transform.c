#include "transform/transform.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "model/key.h"
#include "transform/transform_priv.h"

#define SHOWN_BYTES 80			/* of a value in a sentence */
#define REJECT_ATTR_MAX_BYTES 65536	/* longer ones are left out of a reject's item */

enum { PART_PK, PART_SK };

/* Which of several faults of a row is the one reported: the lowest, then the first. */
enum rank { RANK_TABLE_PK, RANK_TABLE_SK, RANK_INDEX_KEY, RANK_OTHER, RANK_SIZE, RANK_NONE };

struct making {				/* of one item */
	struct transform *t;
	const struct item_shape *shape;
	struct item *out;
	struct reject *rej;
	enum rank rank;			/* of the fault in 'rej' */
	bool faulty;			/* the attribute being made */
	size_t largest, largest_bytes;	/* the attribute with the most bytes */
};

struct transform *transform_new(void)
{
	struct transform *t = mem_zalloc(sizeof(*t));

	json_init(&t->reader, STR(""));
	buf_reserve(&t->text, 256);
	return t;
}

void transform_free(struct transform *t)
{
	if (!t)
		return;
	json_release(&t->reader);
	buf_release(&t->text);
	buf_release(&t->found);
	buf_release(&t->key_part[PART_PK]);
	buf_release(&t->key_part[PART_SK]);
	free(t->pieces);
	free(t->refs);
	free(t->faults);
	free(t->spans);
	free(t);
}

static void add_shown(struct buf *b, struct str v)
{
	size_t n = v.len;

	if (n > SHOWN_BYTES) {
		n = SHOWN_BYTES;
		while (n > SHOWN_BYTES - 3 && ((unsigned char)v.ptr[n] & 0xc0) == 0x80)
			n--;
	}
	buf_addc(b, '\'');
	buf_add_printable(b, (struct str){ v.ptr, n });
	buf_adds(b, n < v.len ? "...'" : "'");
}

/* Begins the sentence of a fault, unless a weightier one stands: then NULL. */
static struct buf *fault(struct making *m, enum rank rank, enum reject_code code,
			 const struct shape_attr *a)
{
	m->faulty = true;
	if (rank >= m->rank)
		return NULL;
	m->rank = rank;
	m->rej->code = code;
	buf_reset(&m->rej->sentence);
	if (a) {
		buf_adds(&m->rej->sentence, "attribute '");
		buf_add_printable(&m->rej->sentence, (struct str){ a->name, a->name_len });
		buf_adds(&m->rej->sentence, "' ");
	}
	return &m->rej->sentence;
}

static void value_fault(struct making *m, const struct shape_attr *a, const struct finding *f)
{
	struct buf *b = fault(m, RANK_OTHER, f->code, a);

	if (!b)
		return;
	if (f->found.ptr) {
		buf_adds(b, "holds ");
		add_shown(b, f->found);
		buf_adds(b, ", which ");
	}
	buf_adds(b, f->which);
}

static void table_key_fault(struct making *m, const struct shape_attr *a, enum reject_code code,
			    const char *what)
{
	bool pk = a->role == KEY_TABLE_PK;
	struct buf *b = fault(m, pk ? RANK_TABLE_PK : RANK_TABLE_SK, code, a);

	if (b)
		buf_addf(b, "is the %s key of the table and %s", pk ? "partition" : "sort", what);
}

static void key_size_fault(struct making *m, enum rank rank, enum reject_code code,
			   const struct shape_attr *a, const char *of, bool pk, struct str v)
{
	struct buf *b = fault(m, rank, code, a);

	if (!b)
		return;
	buf_addf(b, "is the %s key of %s and has %zu bytes, ", pk ? "partition" : "sort", of,
		 v.len);
	add_shown(b, v);
	buf_addf(b, "; the limit is %d bytes", pk ? KEY_PK_MAX_BYTES : KEY_SK_MAX_BYTES);
}

static bool fits_indexes(struct making *m, const struct shape_attr *a, struct str v)
{
	bool fits = true;

	if (v.len <= KEY_SK_MAX_BYTES && v.len <= KEY_PK_MAX_BYTES)
		return true;
	for (unsigned i = 0; i < MAX_INDEXES; i++) {
		bool pk = a->index_pk_mask >> i & 1, sk = a->index_sk_mask >> i & 1;
		char of[300];

		if ((!pk || v.len <= KEY_PK_MAX_BYTES) && (!sk || v.len <= KEY_SK_MAX_BYTES))
			continue;
		snprintf(of, sizeof(of), "index '%s'",
			 i < m->shape->nindexes ? m->shape->indexes[i].name : "");
		key_size_fault(m, RANK_INDEX_KEY, REJECT_INDEX_KEY_SIZE, a, of,
			       !(sk && v.len > KEY_SK_MAX_BYTES), v);
		fits = false;
	}
	return fits;
}

/* Judges a value that was made as a key. Returns whether the attribute stays in the item. */
static bool key_fits(struct making *m, const struct shape_attr *a, struct str v)
{
	bool pk = a->role == KEY_TABLE_PK, fits;

	if (v.len == 0) {
		if (a->role != KEY_NONE)
			table_key_fault(m, a, REJECT_KEY_EMPTY, "is empty");
		return false;
	}
	fits = !(a->index_pk_mask | a->index_sk_mask) || fits_indexes(m, a, v);
	if (a->role == KEY_NONE)
		return fits;
	if (v.len > (pk ? KEY_PK_MAX_BYTES : KEY_SK_MAX_BYTES)) {
		key_size_fault(m, pk ? RANK_TABLE_PK : RANK_TABLE_SK, REJECT_KEY_SIZE, a,
			       "the table", pk, v);
		fits = false;
	}
	key_add_part(&m->t->key_part[pk ? PART_PK : PART_SK], a->type, v);
	return fits;
}

/* No value: the attribute is left out, or is DynamoDB's null where the contract wants that. */
static bool make_null(struct making *m, const struct shape_attr *a, bool is_key,
		      struct encoded *e)
{
	if (a->role != KEY_NONE)
		table_key_fault(m, a, REJECT_KEY_NULL, "is NULL");
	if (is_key || !m->shape->null_as_null)
		return false;
	buf_adds(&m->out->json, "{\"NULL\":true}");
	e->size_bytes = 1;
	return true;
}

/* Appends the value of an attribute. False: it is to be left out. */
static bool make_value(struct making *m, const struct shape_attr *a, const struct field *field,
		       struct encoded *e)
{
	bool is_key = a->role != KEY_NONE || a->index_pk_mask || a->index_sk_mask;
	struct finding f;

	*e = (struct encoded){ 0 };
	if (a->type == ATTR_NULL) {
		buf_adds(&m->out->json, "{\"NULL\":true}");
		e->size_bytes = 1;
		return true;
	}
	if (!field->ptr)
		return make_null(m, a, is_key, e);
	switch (encode_value(m->t, a, (struct str){ field->ptr, field->len }, &m->out->json, e,
			     &f)) {
	case MADE:
		break;
	case LEFT_OUT:
		return false;
	case IS_NULL:
		return make_null(m, a, is_key, e);
	case FAULTY:
		value_fault(m, a, &f);
		return false;
	}
	if (is_key)
		return key_fits(m, a, e->scalar);
	return !(m->shape->omit_empty && a->type == ATTR_S && e->scalar.len == 0);
}

static void add_name(struct buf *json, struct str name)
{
	if (!json_add_text(json, name))
		buf_add_json(json, name);	/* checked by who made the shape; kept as it is */
	buf_addc(json, ':');
}

static void make_attr(struct making *m, size_t i, const struct field *field)
{
	const struct shape_attr *a = &m->shape->attrs[i];
	struct buf *json = &m->out->json;
	size_t before = json->len;
	struct encoded e;
	struct attr_span *span = &m->t->spans[i];

	if (before > 1)
		buf_addc(json, ',');
	span->start = json->len;
	add_name(json, (struct str){ a->name, a->name_len });
	m->faulty = false;
	if (!make_value(m, a, field, &e)) {
		json->len = before;
		*span = (struct attr_span){ before, before, m->faulty };
		return;
	}
	span->faulty = false;
	span->end = json->len;
	m->out->size_bytes += a->name_len + e.size_bytes;
	for (unsigned in = a->index_part_mask; in; in &= in - 1)
		m->out->index_bytes[__builtin_ctz(in)] += (uint32_t)(a->name_len + e.size_bytes);
	if (e.size_bytes > m->largest_bytes) {
		m->largest_bytes = e.size_bytes;
		m->largest = i;
	}
}

static bool is_there(const struct making *m, int attr)
{
	return m->t->spans[attr].end > m->t->spans[attr].start;
}

static void note_indexes(struct making *m)
{
	struct item *out = m->out;

	out->write_units = item_write_units(out->size_bytes);
	for (size_t i = 0; i < m->shape->nindexes; i++) {
		const struct shape_index *x = &m->shape->indexes[i];
		bool can = x->pk_attr >= 0 && (!x->has_sk || x->sk_attr >= 0);

		if (can && is_there(m, x->pk_attr) && (!x->has_sk || is_there(m, x->sk_attr))) {
			out->index_mask |= UINT32_C(1) << i;
			if (!x->partial)
				out->index_bytes[i] = (uint32_t)out->size_bytes;
			out->write_units += item_write_units(out->index_bytes[i]);
			continue;
		}
		out->index_bytes[i] = 0;
		if (can)
			out->sparse_mask |= UINT32_C(1) << i;
	}
}

static void check_size(struct making *m)
{
	struct buf *b;

	if (m->out->size_bytes <= ITEM_MAX_BYTES)
		return;
	b = fault(m, RANK_SIZE, REJECT_ITEM_SIZE, NULL);
	if (!b)
		return;
	buf_addf(b, "the item has %zu bytes, the limit is %d; its largest attribute '",
		 m->out->size_bytes, ITEM_MAX_BYTES);
	buf_add_printable(b, (struct str){ m->shape->attrs[m->largest].name,
					   m->shape->attrs[m->largest].name_len });
	buf_addf(b, "' has %zu", m->largest_bytes);
}

static void add_span(struct buf *to, const struct buf *json, const struct attr_span *span)
{
	if (to->len > 1)
		buf_addc(to, ',');
	buf_add(to, json->ptr + span->start, span->end - span->start);
}

static void fill_reject(struct making *m)
{
	struct buf *item = &m->rej->item, *left_out = &m->rej->left_out;

	buf_addc(item, '{');
	for (size_t i = 0; i < m->shape->nattrs; i++) {
		const struct attr_span *span = &m->t->spans[i];
		const struct shape_attr *a = &m->shape->attrs[i];
		size_t bytes = span->end - span->start;

		if (bytes && bytes <= REJECT_ATTR_MAX_BYTES) {
			add_span(item, &m->out->json, span);
		} else if (bytes || span->faulty) {
			buf_addc(left_out, left_out->len ? ',' : '[');
			buf_add_json(left_out, (struct str){ a->name, a->name_len });
		}
	}
	buf_addc(item, '}');
	if (left_out->len)
		buf_addc(left_out, ']');
}

static void fill_keys(struct making *m)
{
	const struct item_shape *shape = m->shape;
	struct item *out = m->out;

	buf_addc(&out->key_json, '{');
	add_span(&out->key_json, &out->json, &m->t->spans[shape->pk_attr]);
	buf_addstr(&out->key, buf_str(&m->t->key_part[PART_PK]));
	if (shape->sk_attr >= 0) {
		add_span(&out->key_json, &out->json, &m->t->spans[shape->sk_attr]);
		buf_addstr(&out->key, buf_str(&m->t->key_part[PART_SK]));
	}
	buf_addc(&out->key_json, '}');
}

bool transform_row(struct transform *t, const struct item_shape *shape, const struct row *row,
		   struct item *out, struct reject *rej)
{
	struct making m = { .t = t, .shape = shape, .out = out, .rej = rej, .rank = RANK_NONE };

	item_reset(out);
	reject_reset(rej);
	buf_reset(&t->key_part[PART_PK]);
	buf_reset(&t->key_part[PART_SK]);
	t->spans = mem_grow(t->spans, &t->spans_cap, shape->nattrs, sizeof(*t->spans));
	buf_addc(&out->json, '{');
	for (size_t i = 0; i < shape->nattrs; i++)
		make_attr(&m, i, &row->fields[i]);
	buf_addc(&out->json, '}');
	note_indexes(&m);
	check_size(&m);
	if (m.rank != RANK_NONE) {
		fill_reject(&m);
		return false;
	}
	fill_keys(&m);
	return true;
}
