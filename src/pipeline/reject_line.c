#include "pipeline/reject_line.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/json.h"
#include "model/row.h"

static bool is_binary(const struct entity_source *e, size_t i)
{
	const struct cat_key *primary = e->table ? e->table->primary : NULL;
	enum col_kind kind;

	if (!primary || i >= primary->ncolumns)
		return false;
	kind = primary->columns[i]->kind;
	return kind == COL_BINARY || kind == COL_BIT || kind == COL_SPATIAL;
}

static void add_value(struct buf *out, const struct entity_source *e, size_t i, struct str value)
{
	if (!is_binary(e, i) && json_add_text(out, value))
		return;
	buf_adds(out, "{\"hex\":\"");
	buf_add_hex(out, value.ptr, value.len);
	buf_adds(out, "\"}");
}

void source_key_json(struct buf *out, const struct entity_source *e, struct str pk)
{
	size_t n = e->shape->npk_columns, i;
	struct str *values = mem_array(n ? n : 1, sizeof(*values));

	buf_addc(out, '{');
	if (pk.len > 0 && unit_unpack_pk(pk, values, n) == (int)n) {
		for (i = 0; i < n; i++) {
			if (i)
				buf_addc(out, ',');
			buf_add_json(out, str_of(e->shape->pk_columns[i]));
			buf_addc(out, ':');
			add_value(out, e, i, values[i]);
		}
	}
	buf_addc(out, '}');
	free(values);
}

/* A sentence may quote bytes that are no text. */
static void add_sentence(struct buf *out, struct str sentence)
{
	struct buf safe = { 0 };

	if (json_add_text(out, sentence))
		return;
	buf_add_printable(&safe, sentence);
	buf_add_json(out, buf_str(&safe));
	buf_release(&safe);
}

void reject_line(struct buf *out, const struct table_def *def, const struct entity_source *e,
		 struct str pk, enum reject_code code, struct str sentence, struct str item_json)
{
	buf_adds(out, "{\"table\":");
	buf_add_json(out, str_of(def->name));
	buf_adds(out, ",\"entity\":");
	buf_add_json(out, str_of(e->shape->entity));
	buf_adds(out, ",\"source_key\":");
	source_key_json(out, e, pk);
	buf_adds(out, ",\"code\":");
	buf_add_json(out, str_of(reject_code_name(code)));
	buf_adds(out, ",\"reason\":");
	add_sentence(out, sentence);
	buf_adds(out, ",\"item\":");
	buf_addstr(out, item_json.len ? item_json : STR("{}"));
	buf_addc(out, '}');
}

int row_pack_pk(const struct entity_source *e, const struct row *row, struct buf *pk,
		struct etl_err *err)
{
	const struct item_shape *shape = e->shape;
	size_t i;

	buf_reset(pk);
	if (row->nfields != shape->nattrs + shape->npk_columns)
		return etl_err_set(err, ETL_EINTERNAL,
				   "a row of view '%s' has %zu columns, not %zu", e->view,
				   row->nfields, shape->nattrs + shape->npk_columns);
	for (i = 0; i < shape->npk_columns; i++) {
		const struct field *f = &row->fields[shape->nattrs + i];
		struct str value = { f->ptr, f->len };

		if (!f->ptr)
			return etl_err_set(err, ETL_EINTERNAL,
					   "a row of view '%s' has no primary key", e->view);
		unit_pack_pk(pk, &value, 1);
	}
	return 0;
}
