/*
 * The catalogue from information_schema, in one statement for each kind of thing. Every result
 * comes ordered by the table's name in the order of its bytes, so that tables are found by
 * bisection and their rows are together.
 */
#include "source/mysql/mysql_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct reading {
	MYSQL *c;
	struct catalog *catalog;
	struct arena *arena;
	struct buf where;	/* "TABLE_SCHEMA = '...'", without its column */
	struct etl_err *err;
};

static uint64_t number(const char *text)
{
	return text ? strtoull(text, NULL, 10) : 0;
}

static const char *copy(struct reading *r, const char *text)
{
	return text ? arena_strdup(r->arena, text) : NULL;
}

/* Runs "<head> AND|WHERE <schema column> = <database> <tail>". */
static MYSQL_RES *ask(struct reading *r, const char *head, const char *schema_column,
		      const char *tail)
{
	struct buf sql = { 0 };
	MYSQL_RES *res;

	buf_addf(&sql, "%s WHERE %s = ", head, schema_column);
	buf_addstr(&sql, buf_str(&r->where));
	/* the schema's name compares without case on MariaDB, where two may differ in just that */
	if (!r->catalog->lower_case_names) {
		buf_addf(&sql, " AND CAST(%s AS BINARY) = CAST(", schema_column);
		buf_addstr(&sql, buf_str(&r->where));
		buf_adds(&sql, " AS BINARY)");
	}
	buf_addf(&sql, " %s", tail);
	res = mysql_rows(r->c, buf_cstr(&sql));
	if (!res)
		mysql_fail(r->c, r->err, "cannot read the catalogue of database '%s'",
			   r->catalog->database);
	buf_release(&sql);
	return res;
}

static struct cat_table *find_table(struct catalog *c, const char *name)
{
	size_t low = 0, high = c->ntables, mid;
	int cmp;

	while (low < high) {
		mid = low + (high - low) / 2;
		cmp = strcmp(c->tables[mid].name, name);
		if (cmp == 0)
			return &c->tables[mid];
		if (cmp < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cat_table *)a)->name, ((const struct cat_table *)b)->name);
}

static struct cat_column *find_column(struct cat_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->ncolumns; i++)
		if (strcmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	for (i = 0; i < t->ncolumns; i++)
		if (strcasecmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

static int read_tables(struct reading *r)
{
	struct catalog *c = r->catalog;
	MYSQL_RES *res = ask(r, "SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, DATA_LENGTH "
			     "FROM information_schema.TABLES", "TABLE_SCHEMA",
			     "AND TABLE_TYPE <> 'SEQUENCE'");
	struct cat_table *t;
	MYSQL_ROW row;

	if (!res)
		return -(int)r->err->code;
	c->tables = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*c->tables));
	while ((row = mysql_fetch_row(res)) != NULL) {
		t = &c->tables[c->ntables++];
		t->name = copy(r, row[0]);
		t->is_view = row[1] && strstr(row[1], "VIEW") != NULL;
		t->rows_estimate = number(row[2]);
		t->data_bytes_estimate = number(row[3]);
	}
	mysql_free_result(res);
	qsort(c->tables, c->ntables, sizeof(*c->tables), by_name);
	return 0;
}

static enum col_kind kind_of(const char *data_type)
{
	static const struct { const char *name; enum col_kind kind; } kinds[] = {
		{ "tinyint", COL_INT }, { "smallint", COL_INT }, { "mediumint", COL_INT },
		{ "int", COL_INT }, { "bigint", COL_INT }, { "decimal", COL_DECIMAL },
		{ "float", COL_FLOAT }, { "double", COL_DOUBLE }, { "bit", COL_BIT },
		{ "year", COL_YEAR }, { "date", COL_DATE }, { "time", COL_TIME },
		{ "datetime", COL_DATETIME }, { "timestamp", COL_TIMESTAMP },
		{ "char", COL_TEXT }, { "varchar", COL_TEXT }, { "tinytext", COL_TEXT },
		{ "text", COL_TEXT }, { "mediumtext", COL_TEXT }, { "longtext", COL_TEXT },
		{ "uuid", COL_TEXT }, { "inet4", COL_TEXT }, { "inet6", COL_TEXT },
		{ "xmltype", COL_TEXT },
		{ "binary", COL_BINARY }, { "varbinary", COL_BINARY },
		{ "tinyblob", COL_BINARY }, { "blob", COL_BINARY },
		{ "mediumblob", COL_BINARY }, { "longblob", COL_BINARY },
		{ "vector", COL_BINARY },
		{ "enum", COL_ENUM }, { "set", COL_SET }, { "json", COL_JSON },
		{ "geometry", COL_SPATIAL }, { "point", COL_SPATIAL },
		{ "linestring", COL_SPATIAL }, { "polygon", COL_SPATIAL },
		{ "multipoint", COL_SPATIAL }, { "multilinestring", COL_SPATIAL },
		{ "multipolygon", COL_SPATIAL }, { "geometrycollection", COL_SPATIAL },
		{ "geomcollection", COL_SPATIAL },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcasecmp(data_type, kinds[i].name) == 0)
			return kinds[i].kind;
	return COL_BINARY;	/* a type of a later server: its bytes are kept as they are */
}

enum {
	C_TABLE, C_NAME, C_DATA_TYPE, C_COLUMN_TYPE, C_NULLABLE, C_EXTRA, C_MAX_CHARS,
	C_MAX_BYTES, C_PRECISION, C_SCALE, C_FSP, C_CHARSET, C_COLLATION
};

static void fill_column(struct reading *r, struct cat_column *c, MYSQL_ROW row)
{
	const char *extra = row[C_EXTRA] ? row[C_EXTRA] : "";

	c->name = copy(r, row[C_NAME]);
	c->data_type = copy(r, row[C_DATA_TYPE] ? row[C_DATA_TYPE] : "");
	c->column_type = copy(r, row[C_COLUMN_TYPE] ? row[C_COLUMN_TYPE] : "");
	c->kind = kind_of(c->data_type);
	c->is_unsigned = c->kind != COL_ENUM && c->kind != COL_SET &&
			 strstr(c->column_type, " unsigned") != NULL;
	c->zerofill = c->kind != COL_ENUM && c->kind != COL_SET &&
		      strstr(c->column_type, " zerofill") != NULL;
	c->nullable = row[C_NULLABLE] && strcmp(row[C_NULLABLE], "YES") == 0;
	c->auto_increment = strstr(extra, "auto_increment") != NULL;
	/* MySQL's DEFAULT_GENERATED is only a default that is an expression */
	c->generated = strstr(extra, "VIRTUAL GENERATED") || strstr(extra, "STORED GENERATED");
	c->fsp = (unsigned)number(row[C_FSP]);
	c->precision = (unsigned)number(row[C_PRECISION]);
	c->scale = (unsigned)number(row[C_SCALE]);
	c->max_bytes = number(row[C_MAX_BYTES]);
	if (row[C_CHARSET]) {
		c->max_chars = number(row[C_MAX_CHARS]);
		c->charset = copy(r, row[C_CHARSET]);
		c->collation = copy(r, row[C_COLLATION]);
	}
	c->tinyint1 = strncasecmp(c->column_type, "tinyint(1)", 10) == 0;
	if (c->kind == COL_ENUM || c->kind == COL_SET)
		c->labels = sql_parse_labels(r->arena, c->column_type);
}

static int read_columns(struct reading *r)
{
	MYSQL_RES *res = ask(r, "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, "
			     "IS_NULLABLE, EXTRA, CHARACTER_MAXIMUM_LENGTH, "
			     "CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, "
			     "DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME "
			     "FROM information_schema.COLUMNS", "TABLE_SCHEMA",
			     "ORDER BY CAST(TABLE_NAME AS BINARY), ORDINAL_POSITION");
	struct cat_column *all, *next;
	struct cat_table *t;
	MYSQL_ROW row;

	if (!res)
		return -(int)r->err->code;
	all = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*all));
	next = all;
	while ((row = mysql_fetch_row(res)) != NULL) {
		t = row[C_TABLE] && row[C_NAME] ? find_table(r->catalog, row[C_TABLE]) : NULL;
		if (!t)		/* made after the list of tables was read, or a sequence */
			continue;
		if (!t->columns)
			t->columns = next;
		fill_column(r, next++, row);
		t->ncolumns++;
	}
	mysql_free_result(res);
	return 0;
}

/* The column a check "json_valid(`name`)" is of, or NULL if it says anything more. */
static struct cat_column *json_checked(struct cat_table *t, const char *clause)
{
	struct buf expect = { 0 };
	size_t i;
	bool same;

	for (i = 0; i < t->ncolumns; i++) {
		buf_reset(&expect);
		buf_adds(&expect, "json_valid(");
		sql_add_ident(&expect, t->columns[i].name);
		buf_addc(&expect, ')');
		same = strcasecmp(buf_cstr(&expect), clause) == 0;
		if (same)
			break;
	}
	buf_release(&expect);
	return i < t->ncolumns ? &t->columns[i] : NULL;
}

/* MariaDB's JSON is an alias of LONGTEXT with a check. */
static int read_json_checks(struct reading *r)
{
	struct cat_column *column;
	struct cat_table *t;
	MYSQL_RES *res;
	MYSQL_ROW row;

	if (r->catalog->flavour != SERVER_MARIADB)
		return 0;
	res = ask(r, "SELECT TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS",
		  "CONSTRAINT_SCHEMA", "");
	if (!res)
		return -(int)r->err->code;
	while ((row = mysql_fetch_row(res)) != NULL) {
		t = row[0] && row[1] ? find_table(r->catalog, row[0]) : NULL;
		column = t ? json_checked(t, row[1]) : NULL;
		if (column && column->kind == COL_TEXT && column->charset)
			column->kind = COL_JSON;
	}
	mysql_free_result(res);
	return 0;
}

static int read_keys(struct reading *r)
{
	const struct catalog *c = r->catalog;
	/* an index that the optimizer is told to pass over: since MySQL 8.0, MariaDB 10.6 */
	const char *passed_over = c->flavour == SERVER_MARIADB ?
		(c->version >= 100600 ? "IGNORED = 'YES'" : "0") :
		(c->version >= 80000 ? "IS_VISIBLE = 'NO'" : "0");
	char what[256];
	snprintf(what, sizeof(what), "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, "
		 "SUB_PART, %s FROM information_schema.STATISTICS", passed_over);
	MYSQL_RES *res = ask(r, what, "TABLE_SCHEMA",
			     "AND INDEX_TYPE NOT IN ('FULLTEXT', 'SPATIAL', 'RTREE', 'VECTOR') "
			     "ORDER BY CAST(TABLE_NAME AS BINARY), CAST(INDEX_NAME AS BINARY), "
			     "SEQ_IN_INDEX");
	const struct cat_column **columns;
	struct cat_key *keys, *key = NULL;
	struct cat_table *t, *last = NULL;
	struct cat_column *column;
	size_t i;
	MYSQL_ROW row;

	if (!res)
		return -(int)r->err->code;
	keys = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*keys));
	columns = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*columns));
	while ((row = mysql_fetch_row(res)) != NULL) {
		t = row[0] && row[1] ? find_table(r->catalog, row[0]) : NULL;
		if (!t)
			continue;
		if (t != last || !key || strcmp(key->name, row[1]) != 0) {
			key = keys++;
			key->name = copy(r, row[1]);
			key->unique = row[2] && strcmp(row[2], "0") == 0;
			key->passed_over = row[5] && strcmp(row[5], "0") != 0;
			key->columns = columns;
			if (!t->keys)
				t->keys = key;
			t->nkeys++;
			last = t;
		}
		column = row[3] ? find_column(t, row[3]) : NULL;
		if (!column || row[4])
			key->prefixed = true;
		if (column) {
			*columns++ = column;
			key->ncolumns++;
		}
	}
	mysql_free_result(res);
	for (t = r->catalog->tables; t < r->catalog->tables + r->catalog->ntables; t++)
		for (i = 0; i < t->nkeys; i++)
			if (strcmp(t->keys[i].name, "PRIMARY") == 0)
				t->primary = &t->keys[i];
	return 0;
}

static bool same_name(const struct reading *r, const char *a, const char *b)
{
	return (r->catalog->lower_case_names ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static const struct cat_table *fk_target(struct reading *r, const char *schema, const char *name)
{
	size_t i;

	if (!schema || !name || !same_name(r, schema, r->catalog->database))
		return NULL;
	for (i = 0; i < r->catalog->ntables; i++)
		if (same_name(r, name, r->catalog->tables[i].name))
			return &r->catalog->tables[i];
	return NULL;
}

static int read_foreign_keys(struct reading *r)
{
	MYSQL_RES *res = ask(r, "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, "
			     "REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, "
			     "REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE",
			     "TABLE_SCHEMA", "AND REFERENCED_TABLE_NAME IS NOT NULL "
			     "ORDER BY CAST(TABLE_NAME AS BINARY), "
			     "CAST(CONSTRAINT_NAME AS BINARY), ORDINAL_POSITION");
	struct cat_foreign_key *keys, *key = NULL;
	struct cat_table *t, *last = NULL;
	const struct cat_column **columns;
	struct cat_column *column;
	const char **targets;
	MYSQL_ROW row;

	if (!res)
		return -(int)r->err->code;
	keys = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*keys));
	columns = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*columns));
	targets = arena_alloc(r->arena, (mysql_num_rows(res) + 1) * sizeof(*targets));
	while ((row = mysql_fetch_row(res)) != NULL) {
		t = row[0] && row[1] && row[2] ? find_table(r->catalog, row[0]) : NULL;
		column = t ? find_column(t, row[2]) : NULL;
		if (!column)
			continue;
		if (t != last || strcmp(key->name, row[1]) != 0) {
			key = keys++;
			key->name = copy(r, row[1]);
			key->columns = columns;
			key->target_columns = targets;
			key->target = fk_target(r, row[3], row[4]);
			if (!t->foreign_keys)
				t->foreign_keys = key;
			t->nforeign_keys++;
			last = t;
		}
		*columns++ = column;
		*targets++ = copy(r, row[5] ? row[5] : "");
		key->ncolumns++;
	}
	mysql_free_result(res);
	return 0;
}

/* One value, or NULL where the server has no such variable. */
static const char *one_value(struct reading *r, const char *sql)
{
	MYSQL_RES *res = mysql_rows(r->c, sql);
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	const char *value = row && row[0] && *row[0] ? copy(r, row[0]) : NULL;

	mysql_free_result(res);
	return value;
}

static void read_identity(struct reading *r, const struct mysql_source *s)
{
	struct catalog *c = r->catalog;

	c->flavour = s->flavour;
	c->version = s->version;
	c->version_text = copy(r, s->version_text);
	c->lower_case_names = s->lower_case_names;
	c->database = one_value(r, "SELECT DATABASE()");
	if (!c->database)
		c->database = copy(r, s->settings.database);
	c->server_id_text = arena_printf(r->arena, "%s/%s", s->identity, c->database);
}

/* Where the account may read all tables of the database, the server knows of this one that it is not
 * there; else that the account may not read it. */
static void read_reach(struct reading *r)
{
	unsigned code = (unsigned)mysql_run(r->c, "SELECT 1 FROM " NO_TABLE);

	r->catalog->in_part = code == 1142;
}

int mysql_op_read_catalog(struct source *source, struct catalog **out, struct etl_err *err)
{
	struct mysql_source *s = (struct mysql_source *)source;
	struct etl_err mine = { 0 };
	struct reading r = { .c = mysql_main(s, err), .err = err ? err : &mine };
	int rc;

	*out = NULL;
	if (!r.c)
		return mysql_no_session(err);
	r.catalog = mem_zalloc(sizeof(*r.catalog));
	r.arena = r.catalog->arena = arena_new();
	read_identity(&r, s);
	read_reach(&r);
	sql_add_text(&r.where, str_of(r.catalog->database));
	rc = read_tables(&r);
	if (rc == 0)
		rc = read_columns(&r);
	if (rc == 0)
		rc = read_json_checks(&r);
	if (rc == 0)
		rc = read_keys(&r);
	if (rc == 0)
		rc = read_foreign_keys(&r);
	buf_release(&r.where);
	if (rc < 0)
		catalog_free(r.catalog);
	else
		*out = r.catalog;
	return rc;
}
