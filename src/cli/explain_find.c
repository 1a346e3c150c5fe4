/*
 * The rows that make a key. The server looks for those whose key columns are equal in a form that
 * is never stricter than DynamoDB's equality; here each is made an item and compared exactly.
 */
#include "cli/explain.h"

#include "model/number.h"
#include "transform/transform.h"

struct finding_rows {
	struct explain *x;
	const struct plan_entity *entity;
	struct transform *transform;
	bool full;		/* enough rows: the rest is not read */
};

bool explain_is_binary(const struct cat_column *c)
{
	return c->kind == COL_BINARY || c->kind == COL_BIT || c->kind == COL_SPATIAL;
}

static void add_identifier(struct buf *b, const char *name)
{
	buf_addc(b, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_addc(b, '`');
		buf_addc(b, *name);
	}
	buf_addc(b, '`');
}

/* As the entity's view, and after its columns those of the source row as they are. */
static void add_select(struct buf *sql, const struct plan_entity *e)
{
	const struct cat_table *t = e->source.table;
	size_t i;

	buf_adds(sql, "SELECT ");
	for (i = 0; i < e->shape.nattrs; i++) {
		buf_addf(sql, "%s AS ", e->column_sql[i]);
		add_identifier(sql, e->source.view_columns[i]);
		buf_adds(sql, ",\n");
	}
	for (i = 0; i < e->shape.npk_columns; i++) {
		buf_adds(sql, "`src`.");
		add_identifier(sql, e->shape.pk_columns[i]);
		buf_adds(sql, " AS ");
		add_identifier(sql, e->source.pk_view_columns[i]);
		buf_adds(sql, ",\n");
	}
	for (i = 0; i < t->ncolumns; i++) {
		buf_adds(sql, "`src`.");
		add_identifier(sql, t->columns[i].name);
		buf_addf(sql, " AS `__explain_%zu`%s", i + 1, i + 1 < t->ncolumns ? ",\n" : "\n");
	}
	buf_adds(sql, e->from_sql);
}

/* The transform rewrites such a value: the server cannot compare it. */
static bool is_rewritten(const struct shape_attr *a)
{
	return a->constructed_json || a->static_json;
}

static void add_condition(struct buf *sql, const struct plan_entity *e, int attr,
			  const struct buf *wanted)
{
	const struct shape_attr *a = &e->shape.attrs[attr];
	struct buf column = { 0 };

	buf_adds(&column, "v.");
	add_identifier(&column, e->source.view_columns[attr]);
	if (is_rewritten(a)) {
		buf_addf(sql, "%s IS NOT NULL", buf_cstr(&column));
	} else if (a->type == ATTR_N) {
		/* a canonical number: digits, a point, a sign */
		buf_addf(sql, "%s + 0e0 = '", buf_cstr(&column));
		buf_addstr(sql, buf_str(wanted));
		buf_adds(sql, "' + 0e0");
	} else {
		buf_addf(sql, a->type == ATTR_B ? "CAST(%s AS BINARY) = x'"
			 : "CAST(CONVERT(%s USING utf8mb4) AS BINARY) = x'", buf_cstr(&column));
		buf_add_hex(sql, wanted->ptr, wanted->len);
		buf_addc(sql, '\'');
	}
	buf_release(&column);
}

static void add_query(struct buf *sql, const struct explain *x, const struct plan_entity *e)
{
	size_t i;

	buf_adds(sql, "SELECT * FROM (\n");
	add_select(sql, e);
	buf_adds(sql, "\n) v WHERE ");
	add_condition(sql, e, e->shape.pk_attr, &x->key.parts[0]);
	if (e->shape.sk_attr >= 0) {
		buf_adds(sql, " AND ");
		add_condition(sql, e, e->shape.sk_attr, &x->key.parts[1]);
	}
	for (i = 0; i < e->shape.npk_columns; i++) {
		buf_adds(sql, i ? ", v." : " ORDER BY v.");
		add_identifier(sql, e->source.pk_view_columns[i]);
	}
}

/* Of a row that made no item: has its key column the value that is asked for? */
static bool part_matches(const struct shape_attr *a, struct field f, const struct buf *wanted)
{
	struct str value = { f.ptr, f.len };
	struct buf number = { 0 };
	bool equal;

	if (!f.ptr || is_rewritten(a))
		return false;
	if (a->type != ATTR_N)
		return str_eq(value, buf_str(wanted));
	equal = number_canonical(value, &number) == NUMBER_OK &&
		str_eq(buf_str(&number), buf_str(wanted));
	buf_release(&number);
	return equal;
}

static bool matches(const struct explain *x, const struct explain_row *r, const struct row *row)
{
	const struct item_shape *shape = &r->entity->shape;

	if (r->made)
		return str_eq(buf_str(&r->item.key), buf_str(&x->key.canonical));
	return part_matches(&shape->attrs[shape->pk_attr], row->fields[shape->pk_attr],
			    &x->key.parts[0]) &&
	       (shape->sk_attr < 0 ||
		part_matches(&shape->attrs[shape->sk_attr], row->fields[shape->sk_attr],
			     &x->key.parts[1]));
}

static struct str *copy_fields(struct arena *a, const struct field *fields, size_t n)
{
	struct str *out = arena_alloc(a, (n + 1) * sizeof(*out));
	size_t i;

	for (i = 0; i < n; i++)
		if (fields[i].ptr)
			out[i] = (struct str){ arena_strndup(a, fields[i].ptr, fields[i].len),
					       fields[i].len };
	return out;
}

static int take_row(void *arg, const struct row *row, const char *const *names,
		    struct etl_err *err)
{
	struct finding_rows *f = arg;
	struct explain *x = f->x;
	const struct item_shape *shape = &f->entity->shape;
	size_t ncolumns = f->entity->source.table->ncolumns;
	struct explain_row scratch = { .entity = f->entity }, *r = &scratch;

	(void)names;
	if (row->nfields != shape->nattrs + shape->npk_columns + ncolumns)
		return etl_err_set(err, ETL_EINTERNAL, "a row of '%s' has %zu columns",
				   shape->entity, row->nfields);
	if (stop_asked(x->s->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while looking for the key");
	r->made = transform_row(f->transform, shape, row, &r->item, &r->reject);
	if (!matches(x, r, row)) {
		item_release(&r->item);
		reject_release(&r->reject);
		return 0;
	}
	if (x->nrows == EXPLAIN_MAX_ROWS) {
		item_release(&r->item);
		reject_release(&r->reject);
		x->more_rows = f->full = true;
		return -ETL_ESTOPPED;
	}
	r->view = copy_fields(x->arena, row->fields, shape->nattrs);
	r->source = copy_fields(x->arena, row->fields + shape->nattrs + shape->npk_columns,
				ncolumns);
	r->duplicate = r->made && x->winner;
	x->rows[x->nrows] = *r;
	if (r->made && !x->winner)
		x->winner = &x->rows[x->nrows];
	x->nrows++;
	return 0;
}

int explain_find(struct explain *x, struct etl_err *err)
{
	struct source_reader *reader = NULL;
	struct snapshot_info info;
	struct buf sql = { 0 };
	size_t i;
	int rc = x->s->source->ops->open_readers(x->s->source, 1, &reader, &info, err);

	for (i = 0; i < x->table->nentities && !rc && !x->more_rows; i++) {
		struct finding_rows f = {
			.x = x, .entity = &x->table->entities[i], .transform = transform_new(),
		};

		buf_reset(&sql);
		add_query(&sql, x, f.entity);
		rc = reader->ops->query(reader, buf_cstr(&sql), take_row, &f, err);
		if (f.full)
			rc = 0;
		transform_free(f.transform);
	}
	if (reader)
		reader->ops->close_reader(reader);
	buf_release(&sql);
	return rc;
}
