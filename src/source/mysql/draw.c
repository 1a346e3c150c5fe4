/*
 * Rows at random. The server walks the table's smallest index once and keeps N keys: no cheaper way
 * gives each row the same chance, whatever gaps the keys have.
 */
#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

int mysql_op_draw(struct source_reader *reader, const struct entity_source *e, uint64_t n,
		  int (*found)(void *arg, struct str pk, struct etl_err *err), void *arg,
		  struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	const struct cat_key *key = e->table->primary;
	struct str *values = mem_array(key->ncolumns, sizeof(*values));
	struct buf pk = { 0 };
	struct row row;
	size_t i;
	int rc;

	buf_reset(&r->sql);
	for (i = 0; i < key->ncolumns; i++) {
		buf_adds(&r->sql, i ? ", `src`." : "SELECT `src`.");
		sql_add_ident(&r->sql, key->columns[i]->name);
	}
	buf_adds(&r->sql, " FROM ");
	sql_add_ident(&r->sql, e->table->name);
	buf_adds(&r->sql, " AS `src`");		/* as where_sql calls it */
	if (e->where_sql)
		buf_addf(&r->sql, " WHERE (%s)", e->where_sql);
	buf_addf(&r->sql, " ORDER BY RAND() LIMIT %llu", (unsigned long long)n);
	rc = mysql_reader_start(r, &r->sql, err, "draw rows of '%s'", e->table->name);
	while (rc == 0 && (rc = mysql_op_next(reader, &row, err)) == 1) {
		for (i = 0; i < key->ncolumns; i++)
			values[i] = (struct str){ row.fields[i].ptr, row.fields[i].len };
		buf_reset(&pk);
		unit_pack_pk(&pk, values, key->ncolumns);
		rc = found(arg, buf_str(&pk), err);
	}
	mysql_op_end(reader);
	buf_release(&pk);
	free(values);
	return rc;
}
