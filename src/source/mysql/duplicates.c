/*
 * Rows that may share an item key. What the transform makes of two values may be equal only if
 * their forms here are: text as UTF-8 bytes, numbers as a DOUBLE (plus zero, so that -0 is 0),
 * binary as it is. Grouping goes by a hash of those, which is short and of fixed length: temporary
 * tables keep an index on it, and a collision only adds a candidate.
 */
#include "source/mysql/mysql_priv.h"

static void add_key_bytes(struct buf *sql, const struct entity_source *e, int attr,
			  const char *alias)
{
	const struct shape_attr *a = &e->shape->attrs[attr];
	struct buf name = { 0 };

	buf_addf(&name, "%s.", alias);
	sql_add_ident(&name, e->view_columns[attr]);
	if (a->constructed_json || a->static_json) {
		/* the transform rewrites it: any two that are not NULL may become equal */
		buf_addf(sql, "IF(%s IS NULL, NULL, x'')", buf_cstr(&name));
	} else if (a->type == ATTR_N) {
		buf_addf(sql, "CAST(%s + 0e0 + 0e0 AS CHAR)", buf_cstr(&name));
	} else if (a->type == ATTR_B) {
		buf_addf(sql, "CAST(%s AS BINARY)", buf_cstr(&name));
	} else {
		buf_addf(sql, "CAST(CONVERT(%s USING utf8mb4) AS BINARY)", buf_cstr(&name));
	}
	buf_release(&name);
}

void sql_add_key_hash(struct buf *sql, const struct entity_source *e, const char *alias)
{
	buf_adds(sql, "CAST(UNHEX(SHA2(CONCAT(");
	add_key_bytes(sql, e, e->shape->pk_attr, alias);
	if (e->shape->sk_attr >= 0) {
		/* the end of the one key and the beginning of the other are told apart */
		buf_adds(sql, ", ':', LENGTH(");
		add_key_bytes(sql, e, e->shape->pk_attr, alias);
		buf_adds(sql, "), ':', ");
		add_key_bytes(sql, e, e->shape->sk_attr, alias);
	}
	buf_adds(sql, "), 256)) AS BINARY(32))");
}

/* The hashes that stand for two rows or more of all entities together. */
static void add_groups(struct buf *sql, const struct entity_source *const *e, size_t n)
{
	size_t i;

	buf_adds(sql, "SELECT k.h AS h FROM (");
	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(sql, " UNION ALL ");
		buf_adds(sql, "SELECT ");
		sql_add_key_hash(sql, e[i], "v");
		buf_adds(sql, " AS h FROM ");
		mysql_add_entity_rows(sql, e[i]);
		buf_adds(sql, " v");
	}
	buf_adds(sql, ") k WHERE k.h IS NOT NULL GROUP BY k.h HAVING COUNT(*) > 1");
}

/* In the order of the source primary key, as the server has it. */
static void add_candidates(struct buf *sql, const struct entity_source *const *e, size_t n,
			   const struct entity_source *one)
{
	size_t i;

	buf_adds(sql, "SELECT ");
	mysql_add_entity_columns(sql, one, "w");
	buf_adds(sql, " FROM ");
	mysql_add_entity_rows(sql, one);
	buf_adds(sql, " w JOIN (");
	add_groups(sql, e, n);
	buf_adds(sql, ") d ON d.h = ");
	sql_add_key_hash(sql, one, "w");
	for (i = 0; i < one->shape->npk_columns; i++) {
		buf_adds(sql, i ? ", w." : " ORDER BY w.");
		sql_add_ident(sql, one->pk_view_columns[i]);
	}
}

int mysql_op_duplicate_candidates(struct source_reader *reader,
				  const struct entity_source *const *e, size_t n,
				  int (*found)(void *arg, size_t entity, const struct row *row,
					       struct etl_err *err),
				  void *arg, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	bool any = false;
	struct row row;
	size_t i;
	int rc;

	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		rc = mysql_hold_view(r, e[i], err);
		if (rc < 0)
			return rc;
	}
	buf_reset(&r->sql);
	add_groups(&r->sql, e, n);
	buf_adds(&r->sql, " LIMIT 1");
	rc = mysql_reader_start(r, &r->sql, err, "look for item keys that stand twice in '%s'",
				e[0]->shape->table);
	if (rc < 0)
		return rc;
	while ((rc = mysql_op_next(reader, &row, err)) == 1)
		any = true;
	if (rc < 0 || !any)
		return rc;
	for (i = 0; i < n; i++) {
		buf_reset(&r->sql);
		add_candidates(&r->sql, e, n, e[i]);
		rc = mysql_reader_start(r, &r->sql, err, "read the rows of '%s' whose item keys "
					"stand twice", e[i]->view);
		if (rc < 0)
			return rc;
		while ((rc = mysql_op_next(reader, &row, err)) == 1) {
			rc = found(arg, i, &row, err);
			if (rc < 0)
				break;
		}
		mysql_op_end(reader);
		if (rc < 0)
			return rc;
	}
	return 0;
}
