/* One item from all sides, as one JSON document. A value of the source that is binary, or is not
 * UTF-8, stands as {"base64": "..."}. */
#include "cli/explain.h"

#include "base/utf8.h"
#include "report/json_out.h"

static void add_raw(struct json_out *j, const char *key, struct str json)
{
	struct buf copy = { 0 };

	buf_addstr(&copy, json);
	json_out_raw(j, key, copy.len ? buf_cstr(&copy) : "null");
	buf_release(&copy);
}

static void add_field(struct json_out *j, const char *key, struct str v, bool binary)
{
	struct buf json = { 0 };

	if (v.ptr && !binary && utf8_valid(v.ptr, v.len)) {
		buf_add_json(&json, v);
	} else if (v.ptr) {
		buf_adds(&json, "{\"base64\":\"");
		buf_add_base64(&json, v.ptr, v.len);
		buf_adds(&json, "\"}");
	}
	add_raw(j, key, buf_str(&json));
	buf_release(&json);
}

static void add_value(struct json_out *j, const char *key, const struct value *v)
{
	struct buf json = { 0 };

	if (v)
		value_add_json(&json, v);
	add_raw(j, key, buf_str(&json));
	buf_release(&json);
}

static void add_attributes(struct json_out *j, const struct explain_row *r,
			   const struct value *item)
{
	const struct plan_entity *e = r->entity;
	size_t i, k;

	json_out_open(j, "attributes", '[');
	for (i = 0; i < e->shape.nattrs; i++) {
		const struct shape_attr *a = &e->shape.attrs[i];
		const struct value *v = NULL;

		for (k = 0; item && k < item->n; k++)
			if (str_eq(item->names[k], (struct str){ a->name, a->name_len }))
				v = &item->members[k];
		json_out_open(j, NULL, '{');
		json_out_str(j, "attribute", a->name);
		json_out_str(j, "type", attr_type_name(a->type));
		json_out_str(j, "sql", e->column_sql[i]);
		add_field(j, "view", r->view[i], a->type == ATTR_B);
		add_value(j, "item", v);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

static void add_units(struct json_out *j, const struct table_def *def, const struct explain_row *r)
{
	size_t i;

	json_out_count(j, "size_bytes", r->item.size_bytes);
	json_out_open(j, "write_units", '{');
	json_out_count(j, "table", item_write_units(r->item.size_bytes));
	json_out_open(j, "indexes", '[');
	for (i = 0; i < def->nindexes; i++) {
		bool in = r->item.index_mask & 1u << i;
		size_t bytes = r->item.index_bytes[i];

		json_out_open(j, NULL, '{');
		json_out_str(j, "index", def->indexes[i].name);
		json_out_bool(j, "entered", in);
		json_out_bool(j, "key_null_or_empty", r->item.sparse_mask & 1u << i);
		json_out_count(j, "entry_bytes", bytes);
		json_out_count(j, "write_units", in ? item_write_units(bytes) : 0);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_count(j, "total", r->item.write_units);
	json_out_close(j, '}');
}

static void add_reject(struct json_out *j, const struct explain_row *r)
{
	json_out_open(j, "reject", '{');
	json_out_str(j, "code", reject_code_name(r->duplicate ? REJECT_KEY_DUPLICATE
							       : r->reject.code));
	add_field(j, "sentence", r->duplicate ? STR("another row has this key")
					       : buf_str(&r->reject.sentence), false);
	add_raw(j, "item", buf_str(r->duplicate ? &r->item.json : &r->reject.item));
	json_out_close(j, '}');
}

static void add_row(struct json_out *j, const struct explain *x, const struct explain_row *r)
{
	const struct cat_table *t = r->entity->source.table;
	struct etl_err ignored = { 0 };
	struct value item;
	bool has_item = r->made &&
			!value_from_item_json(x->arena, buf_str(&r->item.json), &item, &ignored);
	size_t i;

	json_out_open(j, NULL, '{');
	json_out_str(j, "entity", r->entity->shape.entity);
	json_out_str(j, "source_table", t->name);
	json_out_open(j, "source_row", '{');
	for (i = 0; i < t->ncolumns; i++)
		add_field(j, t->columns[i].name, r->source[i],
			  explain_is_binary(&t->columns[i]));
	json_out_close(j, '}');
	add_attributes(j, r, has_item ? &item : NULL);
	if (r->made && !r->duplicate) {
		add_raw(j, "item", buf_str(&r->item.json));
		add_units(j, &x->table->def, r);
	} else {
		add_reject(j, r);
	}
	json_out_close(j, '}');
}

static void add_target(struct json_out *j, const struct explain *x)
{
	static const char *const states[] = {
		[EXPLAIN_NOT_ASKED] = "unknown", [EXPLAIN_NO_TABLE] = "no-table",
		[EXPLAIN_IMPOSSIBLE] = "key-too-long", [EXPLAIN_ABSENT] = "missing",
	};
	const char *state = x->target != EXPLAIN_HELD ? states[x->target]
			  : !x->winner ? "extra" : x->ndifferences ? "differs" : "equal";
	size_t i;

	json_out_open(j, "dynamodb", '{');
	json_out_str(j, "state", state);
	add_raw(j, "item", buf_str(&x->held));
	json_out_open(j, "differences", '[');
	for (i = 0; i < x->ndifferences; i++) {
		const struct explain_difference *d = &x->differences[i];

		json_out_open(j, NULL, '{');
		add_field(j, "attribute", d->name, false);
		json_out_str(j, "how", finding_how_name(d->how));
		add_value(j, "expected", d->expected);
		add_value(j, "actual", d->actual);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_close(j, '}');
}

void explain_json(const struct explain *x, const struct etl_err *err, struct buf *out)
{
	struct json_out j = { .out = out };
	size_t i;

	json_out_open(&j, NULL, '{');
	json_out_str(&j, "table", x->table ? x->table->def.name : x->s->opt->tables.values[0]);
	add_raw(&j, "key", buf_str(&x->key.json));
	json_out_str(&j, "failure", err->code ? err->msg : NULL);
	json_out_open(&j, "rows", '[');
	for (i = 0; i < x->nrows; i++)
		add_row(&j, x, &x->rows[i]);
	json_out_close(&j, ']');
	json_out_bool(&j, "more_rows", x->more_rows);
	add_target(&j, x);
	json_out_close(&j, '}');
}
