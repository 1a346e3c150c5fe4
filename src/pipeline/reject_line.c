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
		 struct str pk, enum reject_code code, struct str sentence, struct str item_json,
		 struct str left_out_json)
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
	if (left_out_json.len) {
		buf_adds(out, ",\"left_out\":");
		buf_addstr(out, left_out_json);
	}
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

/* ---- reading -------------------------------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool add_unhex(struct buf *out, struct str text)
{
	size_t i;

	if (text.len % 2)
		return false;
	for (i = 0; i < text.len; i += 2) {
		int high = digit(text.ptr[i]), low = digit(text.ptr[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_addc(out, (char)(high << 4 | low));
	}
	return true;
}

static bool parse_text(struct json_reader *j, struct buf *out)
{
	if (out->len || json_next(j) != JSON_STRING)
		return false;
	buf_addstr(out, j->text);
	return true;
}

/* "7" or {"hex":"00ff"} */
static bool parse_value(struct json_reader *j, struct buf *out)
{
	enum json_token t = json_next(j);

	if (t == JSON_STRING) {
		buf_addstr(out, j->text);
		return true;
	}
	return t == JSON_OBJECT && json_next(j) == JSON_KEY && str_is(j->text, "hex") &&
	       json_next(j) == JSON_STRING && add_unhex(out, j->text) &&
	       json_next(j) == JSON_OBJECT_END;
}

static bool parse_key(struct json_reader *j, struct reject_ref *ref)
{
	struct buf value = { 0 };
	enum json_token t = JSON_BAD;
	bool ok = json_next(j) == JSON_OBJECT;

	while (ok && (t = json_next(j)) == JSON_KEY) {
		struct str part = j->text;

		unit_pack_pk(&ref->names, &part, 1);
		buf_reset(&value);
		ok = parse_value(j, &value);
		part = buf_str(&value);
		unit_pack_pk(&ref->values, &part, 1);
		ref->ncolumns++;
	}
	buf_release(&value);
	return ok && t == JSON_OBJECT_END;
}

static bool parse_members(struct json_reader *j, struct reject_ref *ref, bool *has_key)
{
	enum json_token t;

	if (json_next(j) != JSON_OBJECT)
		return false;
	while ((t = json_next(j)) == JSON_KEY) {
		bool ok;

		if (str_is(j->text, "table"))
			ok = parse_text(j, &ref->table);
		else if (str_is(j->text, "entity"))
			ok = parse_text(j, &ref->entity);
		else if (str_is(j->text, "source_key") && !*has_key)
			ok = *has_key = parse_key(j, ref);
		else
			ok = json_skip(j, json_next(j)) == 0;
		if (!ok)
			return false;
	}
	return t == JSON_OBJECT_END && json_next(j) == JSON_END;
}

bool reject_ref_parse(struct reject_ref *ref, struct str line)
{
	struct json_reader j;
	bool has_key = false, ok;

	buf_reset(&ref->table);
	buf_reset(&ref->entity);
	buf_reset(&ref->names);
	buf_reset(&ref->values);
	ref->ncolumns = 0;
	json_init(&j, line);
	ok = parse_members(&j, ref, &has_key);
	json_release(&j);
	return ok && has_key && ref->table.len && ref->entity.len;
}

static int place_of(const struct str *names, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_is(names[i], name))
			return (int)i;
	return -1;
}

bool reject_ref_pk(const struct reject_ref *ref, const struct entity_source *e, struct buf *pk)
{
	size_t n = e->shape->npk_columns, i;
	struct str *names, *values;
	bool ok;

	if (ref->ncolumns != n)
		return false;
	names = mem_array(n ? n : 1, sizeof(*names));
	values = mem_array(n ? n : 1, sizeof(*values));
	ok = unit_unpack_pk(buf_str(&ref->names), names, n) == (int)n &&
	     unit_unpack_pk(buf_str(&ref->values), values, n) == (int)n;
	for (i = 0; i < n && ok; i++)
		ok = place_of(names, n, e->shape->pk_columns[i]) >= 0;
	for (i = 0; i < n && ok; i++)
		unit_pack_pk(pk, &values[place_of(names, n, e->shape->pk_columns[i])], 1);
	free(names);
	free(values);
	return ok;
}

void reject_ref_release(struct reject_ref *ref)
{
	buf_release(&ref->table);
	buf_release(&ref->entity);
	buf_release(&ref->names);
	buf_release(&ref->values);
	ref->ncolumns = 0;
}
