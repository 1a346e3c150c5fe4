#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

static void add_key_columns(struct buf *sql, const struct cat_key *key, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(sql, ", ");
		sql_add_ident(sql, key->columns[i]->name);
	}
}

/* "FROM `t` FORCE INDEX (PRIMARY) WHERE <after low>" */
static bool add_rest(struct buf *sql, const struct cat_table *t, struct str low)
{
	const char **names = mem_array(t->primary->ncolumns, sizeof(*names));
	size_t i;
	bool ok;

	for (i = 0; i < t->primary->ncolumns; i++)
		names[i] = t->primary->columns[i]->name;
	buf_adds(sql, " FROM ");
	sql_add_ident(sql, t->name);
	buf_adds(sql, " FORCE INDEX (PRIMARY) WHERE ");
	ok = sql_add_range(sql, t, NULL, names, low, (struct str){ NULL, 0 });
	free(names);
	return ok;
}

static int damaged(const struct cat_table *t, struct etl_err *err)
{
	return etl_err_set(err, ETL_EINTERNAL, "cannot plan the ranges of '%s': the bound before "
			   "is damaged", t->name);
}

/* The rows after 'low', of which there are at most 'limit'. */
static int count_rest(struct mysql_reader *r, const struct cat_table *t, struct str low,
		      uint64_t limit, uint64_t *count, struct etl_err *err)
{
	struct row row;
	int rc;

	buf_reset(&r->sql);
	buf_adds(&r->sql, "SELECT COUNT(*) FROM (SELECT 1");
	if (!add_rest(&r->sql, t, low))
		return damaged(t, err);
	buf_addf(&r->sql, " LIMIT %llu) c", (unsigned long long)limit);
	rc = mysql_reader_start(r, &r->sql, err, "count the rows of '%s'", t->name);
	if (rc == 0)
		rc = mysql_op_next(&r->base, &row, err);
	if (rc == 1) {
		*count = strtoull(row.fields[0].ptr, NULL, 10);
		rc = mysql_op_next(&r->base, &row, err);
	}
	return rc < 0 ? rc : 0;
}

static void pack_key(struct buf *out, const struct row *row, size_t n)
{
	struct str *values = mem_array(n, sizeof(*values));
	size_t i;

	for (i = 0; i < n; i++)
		values[i] = (struct str){ row->fields[i].ptr, row->fields[i].len };
	unit_pack_pk(out, values, n);
	free(values);
}

/* The key at one end of the index. */
static int read_end(struct mysql_reader *r, const struct cat_table *t, size_t n, const char *order,
		    struct buf *out, struct etl_err *err)
{
	struct row row;
	size_t i;
	int rc;

	buf_reset(out);
	buf_reset(&r->sql);
	buf_adds(&r->sql, "SELECT ");
	add_key_columns(&r->sql, t->primary, n);
	buf_adds(&r->sql, " FROM ");
	sql_add_ident(&r->sql, t->name);
	buf_adds(&r->sql, " FORCE INDEX (PRIMARY) ORDER BY ");
	for (i = 0; i < t->primary->ncolumns; i++) {
		buf_adds(&r->sql, i ? ", " : "");
		sql_add_ident(&r->sql, t->primary->columns[i]->name);
		buf_addf(&r->sql, " %s", order);
	}
	buf_adds(&r->sql, " LIMIT 1");
	rc = mysql_reader_start(r, &r->sql, err, "find the ends of the key of '%s'", t->name);
	while (rc == 0 && (rc = mysql_op_next(&r->base, &row, err)) == 1) {
		pack_key(out, &row, n);
		rc = 0;
	}
	return rc < 0 ? rc : 0;
}

int mysql_op_key_ends(struct source_reader *reader, const struct entity_source *e,
		      struct buf *first, struct buf *last, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	size_t n = sql_range_columns(e->table);
	int rc;

	buf_reset(first);
	buf_reset(last);
	if (!e->chunkable || n == 0)
		return 0;
	rc = read_end(r, e->table, n, "ASC", first, err);
	return rc < 0 ? rc : read_end(r, e->table, n, "DESC", last, err);
}

/*
 * The key 'rows' rows on, and whether another row follows: the index is walked once from bound to
 * bound. A key whose later columns cannot make ranges is cut to those that can: rows equal in them
 * then stay together, which makes a unit longer but never wrong.
 */
int mysql_op_next_bound(struct source_reader *reader, const struct entity_source *e,
			struct str low, uint64_t rows, bool *has_high, struct buf *high,
			uint64_t *count, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	const struct cat_table *t = e->table;
	size_t n = sql_range_columns(t);
	unsigned found = 0;
	struct row row;
	int rc;

	*has_high = false;
	buf_reset(high);
	*count = t->rows_estimate;
	if (!e->chunkable || n == 0)
		return 0;
	if (rows == 0)
		rows = 1;
	buf_reset(&r->sql);
	buf_adds(&r->sql, "SELECT ");
	add_key_columns(&r->sql, t->primary, n);
	if (!add_rest(&r->sql, t, low))
		return damaged(t, err);
	buf_adds(&r->sql, " ORDER BY ");
	add_key_columns(&r->sql, t->primary, t->primary->ncolumns);
	buf_addf(&r->sql, " LIMIT %llu, 2", (unsigned long long)rows - 1);
	rc = mysql_reader_start(r, &r->sql, err, "plan the ranges of '%s'", t->name);
	if (rc < 0)
		return rc;
	while ((rc = mysql_op_next(reader, &row, err)) == 1) {
		if (found++)
			continue;
		pack_key(high, &row, n);
	}
	if (rc < 0)
		return rc;
	*count = rows;
	if (found == 0) {
		buf_reset(high);
		return count_rest(r, t, low, rows, count, err);
	}
	if (found == 1) {	/* the last row of all */
		buf_reset(high);
		return 0;
	}
	if (low.ptr && str_eq(low, buf_str(high)))
		return etl_err_set(err, ETL_EINTERNAL, "cannot plan the ranges of '%s': they do not "
				   "get on", t->name);
	*has_high = true;
	return 0;
}
