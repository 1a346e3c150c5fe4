/* One item from all sides, for people: everything is made safe for a terminal, and what is long is
 * left out in its middle; the JSON form has it whole. */
#include "cli/explain.h"

#include "report/text.h"

#define SHOWN_BYTES 2000

static void add_text(struct buf *b, const char *text)
{
	buf_add_printable(b, str_of(text));
}

static void add_field(struct buf *out, struct str v)
{
	if (!v.ptr) {
		buf_adds(out, "NULL");
		return;
	}
	buf_addc(out, '\'');
	text_add_shortened(out, v, SHOWN_BYTES);
	buf_addc(out, '\'');
}

static void add_hex(struct buf *out, struct str v)
{
	struct buf hex = { 0 };

	buf_add_hex(&hex, v.ptr, v.len);
	buf_adds(out, "0x");
	text_add_shortened(out, buf_str(&hex), SHOWN_BYTES);
	buf_release(&hex);
}

/* Lines after the first are set under it. */
static void add_sql(struct buf *out, const char *sql)
{
	struct buf line = { 0 };

	for (; *sql; sql++) {
		if (*sql == '\n') {
			buf_add_printable(out, buf_str(&line));
			buf_adds(out, "\n           ");
			buf_reset(&line);
		} else {
			buf_addc(&line, *sql);
		}
	}
	buf_add_printable(out, buf_str(&line));
	buf_release(&line);
}

static const struct value *member(const struct value *item, const struct shape_attr *a)
{
	size_t i;

	for (i = 0; i < item->n; i++)
		if (str_eq(item->names[i], (struct str){ a->name, a->name_len }))
			return &item->members[i];
	return NULL;
}

static void add_value(struct buf *out, const struct value *v)
{
	struct buf json = { 0 };

	if (v) {
		value_add_json(&json, v);
		text_add_shortened(out, buf_str(&json), SHOWN_BYTES);
	} else {
		buf_adds(out, "not there");
	}
	buf_release(&json);
}

static void add_attributes(struct buf *out, const struct explain_row *r, const struct value *item)
{
	const struct plan_entity *e = r->entity;
	size_t i;

	buf_adds(out, "\n  attributes\n");
	for (i = 0; i < e->shape.nattrs; i++) {
		const struct shape_attr *a = &e->shape.attrs[i];

		buf_adds(out, "    ");
		add_text(out, a->name);
		buf_addf(out, " (%s)\n      sql  ", attr_type_name(a->type));
		add_sql(out, e->column_sql[i]);
		buf_adds(out, "\n      view ");
		add_field(out, r->view[i]);
		if (item) {
			buf_adds(out, "\n      item ");
			add_value(out, member(item, a));
		}
		buf_addc(out, '\n');
	}
}

static void add_units(struct buf *out, const struct table_def *def, const struct explain_row *r)
{
	size_t i;

	buf_adds(out, "  size  ");
	text_add_count(out, r->item.size_bytes);
	buf_adds(out, " bytes, as DynamoDB counts\n  write units\n    table: ");
	text_add_count(out, item_write_units(r->item.size_bytes));
	buf_addc(out, '\n');
	for (i = 0; i < def->nindexes; i++) {
		buf_adds(out, "    index ");
		add_text(out, def->indexes[i].name);
		if (r->item.index_mask & 1u << i) {
			buf_adds(out, ": ");
			text_add_count(out, item_write_units(r->item.index_bytes[i]));
			buf_adds(out, ", for an entry of ");
			text_add_count(out, r->item.index_bytes[i]);
			buf_adds(out, " bytes\n");
		} else if (r->item.sparse_mask & 1u << i) {
			buf_adds(out, ": not in it, because its key is NULL or empty\n");
		} else {
			buf_adds(out, ": not in it, nothing gives its key\n");
		}
	}
	buf_adds(out, "    in all: ");
	text_add_count(out, r->item.write_units);
	buf_addc(out, '\n');
}

static void add_outcome(struct buf *out, const struct explain *x, const struct explain_row *r)
{
	if (r->made && !r->duplicate) {
		buf_adds(out, "\n  item  ");
		text_add_shortened(out, buf_str(&r->item.json), 4 * SHOWN_BYTES);
		buf_addc(out, '\n');
		add_units(out, &x->table->def, r);
		return;
	}
	buf_adds(out, "\n  reject ");
	if (r->duplicate) {
		buf_adds(out, "KEY_DUPLICATE: another row has this key, of entity ");
		add_text(out, x->winner->entity->shape.entity);
	} else {
		buf_addf(out, "%s: ", reject_code_name(r->reject.code));
		text_add_shortened(out, buf_str(&r->reject.sentence), SHOWN_BYTES);
	}
	buf_adds(out, "\n  the item as far as it got  ");
	text_add_shortened(out, buf_str(r->duplicate ? &r->item.json : &r->reject.item),
			   4 * SHOWN_BYTES);
	buf_addc(out, '\n');
}

static void add_row(struct buf *out, const struct explain *x, const struct explain_row *r)
{
	const struct cat_table *t = r->entity->source.table;
	struct etl_err ignored = { 0 };
	struct value item;
	bool has_item = r->made &&
			!value_from_item_json(x->arena, buf_str(&r->item.json), &item, &ignored);
	size_t i;

	buf_adds(out, "\nentity ");
	add_text(out, r->entity->shape.entity);
	buf_adds(out, ", a row of '");
	add_text(out, t->name);
	buf_adds(out, "'\n  source row\n");
	for (i = 0; i < t->ncolumns; i++) {
		buf_adds(out, "    ");
		add_text(out, t->columns[i].name);
		buf_adds(out, " = ");
		if (r->source[i].ptr && explain_is_binary(&t->columns[i]))
			add_hex(out, r->source[i]);
		else
			add_field(out, r->source[i]);
		buf_addc(out, '\n');
	}
	add_attributes(out, r, has_item ? &item : NULL);
	add_outcome(out, x, r);
}

static void add_differences(struct buf *out, const struct explain *x)
{
	size_t i;

	if (!x->ndifferences) {
		buf_adds(out, "an item equal to this one\n");
		return;
	}
	buf_adds(out, "an item that differs in ");
	text_add_plural(out, x->ndifferences, "attribute");
	buf_addc(out, '\n');
	for (i = 0; i < x->ndifferences; i++) {
		const struct explain_difference *d = &x->differences[i];

		buf_adds(out, "  ");
		buf_add_printable(out, d->name);
		buf_adds(out, "\n    expected ");
		add_value(out, d->expected);
		buf_adds(out, "\n    actual   ");
		add_value(out, d->actual);
		buf_addc(out, '\n');
	}
}

static void add_target(struct buf *out, const struct explain *x)
{
	buf_adds(out, "\nDynamoDB holds under this key: ");
	switch (x->target) {
	case EXPLAIN_NOT_ASKED:
		buf_adds(out, "unknown, it could not be asked\n");
		return;
	case EXPLAIN_NO_TABLE:
		buf_adds(out, "nothing, the table is not there\n");
		return;
	case EXPLAIN_IMPOSSIBLE:
		buf_adds(out, "nothing, a key cannot be so long\n");
		return;
	case EXPLAIN_ABSENT:
		buf_adds(out, "nothing\n");
		return;
	case EXPLAIN_HELD:
		break;
	}
	if (x->winner) {
		add_differences(out, x);
		return;
	}
	buf_adds(out, "an item, though no row makes one\n  ");
	text_add_shortened(out, buf_str(&x->held), 4 * SHOWN_BYTES);
	buf_addc(out, '\n');
}

void explain_text(const struct explain *x, struct buf *out)
{
	size_t i;

	buf_adds(out, "table ");
	add_text(out, x->table->def.name);
	buf_adds(out, "\nkey   ");
	buf_add_printable(out, buf_str(&x->key.json));
	buf_addc(out, '\n');
	for (i = 0; i < x->nrows; i++)
		add_row(out, x, &x->rows[i]);
	if (!x->nrows)
		buf_adds(out, "\nno row of the source makes this key\n");
	if (x->more_rows)
		buf_addf(out, "\nmore rows than these %d make this key\n", EXPLAIN_MAX_ROWS);
	add_target(out, x);
}
