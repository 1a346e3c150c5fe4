/* The catalogue, snapshots under writers, ends of reads, warnings, duplicates, DDL, on a server. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "integration/source/live.h"
#include "source/mysql/mysql_priv.h"

#define DB "etl_it_read"


/* ---- catalogue ----------------------------------------------------------------------------- */

static const struct column_case {
	const char *name;
	enum col_kind kind;
	bool nullable, generated, is_unsigned;
	unsigned fsp, precision, scale;
	const char *charset;
} columns[] = {
	{ "id", COL_INT, false, false, true, 0, 10, 0, NULL },
	{ "Flag", COL_INT, true, false, false, 0, 3, 0, NULL },
	{ "amount", COL_DECIMAL, true, false, false, 0, 12, 4, NULL },
	{ "f", COL_FLOAT, true, false, false, 0, 12, 0, NULL },
	{ "at", COL_DATETIME, true, false, false, 3, 0, 0, NULL },
	{ "ts", COL_TIMESTAMP, true, false, false, 6, 0, 0, NULL },
	{ "bits", COL_BIT, true, false, false, 0, 9, 0, NULL },
	{ "txt", COL_TEXT, true, false, false, 0, 0, 0, "latin1" },
	{ "bin", COL_BINARY, true, false, false, 0, 0, 0, NULL },
	{ "kind", COL_ENUM, true, false, false, 0, 0, 0, "utf8mb4" },
	{ "tags", COL_SET, true, false, false, 0, 0, 0, "utf8mb4" },
	{ "doc", COL_JSON, true, false, false, 0, 0, 0, NULL },
	{ "we`ird", COL_TEXT, true, false, false, 0, 0, 0, "utf8mb4" },
	{ "sum", COL_INT, true, true, false, 0, 10, 0, NULL },
	{ "geo", COL_SPATIAL, true, false, false, 0, 0, 0, NULL },
	{ "parent", COL_INT, true, false, true, 0, 10, 0, NULL },
};

START_TEST(catalogue)
{
	static const char *const labels[] = { "a", "b'c", "d\\e", "x\ny", "\xc3\xbc,", NULL };
	struct source *s = live_open(DB);
	const struct cat_column *col;
	const struct cat_table *t;
	struct etl_err err = { 0 };
	struct catalog *c;
	size_t i;

	live_sql(s, "DROP VIEW IF EXISTS cat_v");
	live_sql(s, "DROP TABLE IF EXISTS cat_t");
	live_sql(s, "CREATE TABLE cat_t (id INT UNSIGNED NOT NULL AUTO_INCREMENT, Flag TINYINT(1), "
		 "amount DECIMAL(12,4), f FLOAT, `at` DATETIME(3), ts TIMESTAMP(6) NULL, bits BIT(9), "
		 "txt TEXT CHARACTER SET latin1, bin VARBINARY(20), "
		 "kind ENUM('a','b''c','d\\\\e','x\\ny','\xc3\xbc,'), tags SET('q','r'), doc JSON, "
		 "`we``ird` VARCHAR(7), `sum` INT AS (Flag + 1) VIRTUAL, geo POINT, "
		 "parent INT UNSIGNED, PRIMARY KEY (id), UNIQUE KEY u (kind, txt(3)), "
		 "UNIQUE KEY w (`we``ird`, bin), CONSTRAINT fk FOREIGN KEY (parent) "
		 "REFERENCES cat_t (id)) CHARACTER SET utf8mb4");
	live_sql(s, "CREATE VIEW cat_v AS SELECT id, kind FROM cat_t");
	LIVE_OK(s->ops->read_catalog(s, &c, &err));
	ck_assert_str_eq(c->database, DB);
	ck_assert_msg(strstr(c->server_id_text, DB) != NULL, "%s", c->server_id_text);
	ck_assert_uint_ge(c->version, 50700);
	t = catalog_table(c, "cat_t", 5);
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->ncolumns, sizeof(columns) / sizeof(columns[0]));
	for (i = 0; i < t->ncolumns; i++) {
		col = &t->columns[i];
		ck_assert_str_eq(col->name, columns[i].name);
		ck_assert_msg(col->kind == columns[i].kind, "%s: kind %d", col->name, col->kind);
		ck_assert_msg(col->nullable == columns[i].nullable, "%s", col->name);
		ck_assert_msg(col->generated == columns[i].generated, "%s", col->name);
		ck_assert_msg(col->is_unsigned == columns[i].is_unsigned, "%s", col->name);
		ck_assert_msg(col->fsp == columns[i].fsp, "%s", col->name);
		ck_assert_msg(col->precision == columns[i].precision, "%s: precision %u",
			      col->name, col->precision);
		ck_assert_msg(col->scale == columns[i].scale, "%s", col->name);
		if (columns[i].charset)
			ck_assert_str_eq(col->charset, columns[i].charset);
	}
	ck_assert(t->columns[0].auto_increment && t->columns[1].tinyint1);
	ck_assert_uint_eq(t->columns[12].max_chars, 7);
	ck_assert_uint_eq(t->columns[8].max_bytes, 20);
	for (i = 0; labels[i]; i++)
		ck_assert_str_eq(t->columns[9].labels[i], labels[i]);
	ck_assert_ptr_null(t->columns[9].labels[i]);
	ck_assert(t->primary && t->primary->ncolumns == 1 && t->primary->unique);
	for (i = 0; i < t->nkeys; i++) {
		const struct cat_key *k = &t->keys[i];

		if (strcmp(k->name, "u") == 0)
			ck_assert(k->unique && k->prefixed);
		if (strcmp(k->name, "w") == 0)
			ck_assert(k->unique && !k->prefixed && k->ncolumns == 2 &&
				  strcmp(k->columns[0]->name, "we`ird") == 0);
	}
	ck_assert_uint_eq(t->nforeign_keys, 1);
	ck_assert_ptr_eq(t->foreign_keys[0].target, t);
	ck_assert_str_eq(t->foreign_keys[0].target_columns[0], "id");
	t = catalog_table(c, "cat_v", 5);
	ck_assert(t && t->is_view && !t->primary && t->ncolumns == 2);
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

/* ---- snapshots ----------------------------------------------------------------------------- */

#define READERS 4

struct writer {
	pthread_t thread;
	atomic_bool stop;
	unsigned pause_us;
};

static void *write_on(void *arg)
{
	struct writer *w = arg;
	struct mysql_config config = live_config(DB);
	struct etl_err err = { 0 };
	struct source *s;
	struct timespec pause = { 0, (long)w->pause_us * 1000 };

	LIVE_OK(mysql_source_open(&config, &s, &err));
	while (!atomic_load(&w->stop)) {
		live_sql(s, "START TRANSACTION");
		live_sql(s, "UPDATE snap_a SET n = n + 1");
		live_sql(s, "UPDATE snap_b SET n = n + 1");
		live_sql(s, "COMMIT");
		nanosleep(&pause, NULL);
	}
	s->ops->close(s);
	return NULL;
}

static const struct snapshot_case {
	unsigned pause_us;
	bool locked;
} snapshot_cases[] = { { 0, false }, { 500, false }, { 20000, false }, { 0, true } };

/* Every reader sees the same state of two tables that are always written together. */
START_TEST(one_snapshot)
{
	struct writer w = { .pause_us = snapshot_cases[_i].pause_us };
	struct source_reader *r[READERS];
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	char *first, *value;

	((struct mysql_source *)s)->always_lock = snapshot_cases[_i].locked;
	live_sql(s, "CREATE TABLE IF NOT EXISTS snap_a (n BIGINT)");
	live_sql(s, "CREATE TABLE IF NOT EXISTS snap_b (n BIGINT)");
	live_sql(s, "DELETE FROM snap_a");
	live_sql(s, "DELETE FROM snap_b");
	live_sql(s, "INSERT INTO snap_a VALUES (0)");
	live_sql(s, "INSERT INTO snap_b VALUES (0)");
	pthread_create(&w.thread, NULL, write_on, &w);
	for (int round = 0; round < 8; round++) {
		LIVE_OK(s->ops->open_readers(s, READERS, r, &info, &err));
		first = live_value(r[0], "SELECT n FROM snap_a");
		for (int i = 0; i < READERS; i++) {
			value = live_value(r[i], "SELECT n FROM snap_a");
			ck_assert_msg(strcmp(first, value) == 0, "%s: reader %d sees %s, not %s",
				      info.method, i, value, first);
			free(value);
			value = live_value(r[i], "SELECT n FROM snap_b");
			ck_assert_msg(strcmp(first, value) == 0, "%s: torn: %s, %s", info.method,
				      value, first);
			free(value);
		}
		free(first);
		for (int i = 0; i < READERS; i++)
			r[i]->ops->close_reader(r[i]);
	}
	if (getenv("ETL_IT_VERBOSE"))
		fprintf(stderr, "pause %u: %s; %s:%llu %s\n", w.pause_us, info.method,
			info.binlog_file, (unsigned long long)info.binlog_position, info.gtid);
	atomic_store(&w.stop, true);
	pthread_join(w.thread, NULL);
	ck_assert(info.method[0] && info.taken_at_utc[0]);
	s->ops->close(s);
}
END_TEST

/* An account that may only read gets one snapshot too, or is told what to do. */
START_TEST(account_that_may_only_read)
{
	struct source *s = live_open(DB), *other;
	struct mysql_config config = live_config(DB);
	struct source_reader *r[READERS];
	struct snapshot_info info;
	struct etl_err err = { 0 };
	struct ddl ddl = { .sql = "CREATE VIEW no_right AS SELECT 1",
			   .what = "create view 'no_right'", .grant_hint =
			   "CREATE VIEW on `" DB "`.*" };

	live_sql(s, "DROP USER IF EXISTS 'etl_it_ro'@'%%'");
	live_sql(s, "CREATE USER 'etl_it_ro'@'%%' IDENTIFIED BY 'r0'");
	live_sql(s, "GRANT SELECT ON " DB ".* TO 'etl_it_ro'@'%%'");
	config.user = "etl_it_ro";
	config.password = "r0";
	LIVE_OK(mysql_source_open(&config, &other, &err));
	LIVE_OK(other->ops->open_readers(other, READERS, r, &info, &err));
	ck_assert_msg(strstr(info.method, "snapshots at one") != NULL, "%s", info.method);
	for (int i = 0; i < READERS; i++)
		r[i]->ops->close_reader(r[i]);
	ck_assert_int_eq(other->ops->apply(other, &ddl, 1, &err), -(int)ETL_ESOURCE);
	ck_assert_msg(strstr(err.msg, "cannot create view 'no_right': ") == err.msg, "%s", err.msg);
	ck_assert_msg(strstr(err.hint, "CREATE VIEW on") != NULL, "%s", err.hint);
	other->ops->close(other);
	live_sql(s, "DROP USER 'etl_it_ro'@'%%'");
	s->ops->close(s);
}
END_TEST

/* The road of servers where nothing is proven without a lock. */
START_TEST(rights_to_lock)
{
	static const struct {
		const char *grant, *method;
	} steps[] = {
		{ "SELECT ON " DB ".*", NULL },
		{ "LOCK TABLES ON " DB ".*", "4 snapshots under read locks on all tables" },
		{ "RELOAD ON *.*", "4 snapshots under the global read lock" },
	};
	struct source *s = live_open(DB), *other;
	struct mysql_config config = live_config(DB);
	struct source_reader *r[READERS];
	struct snapshot_info info;
	struct etl_err err = { 0 };

	live_sql(s, "DROP USER IF EXISTS 'etl_it_lock'@'%%'");
	live_sql(s, "CREATE USER 'etl_it_lock'@'%%' IDENTIFIED BY 'r0'");
	config.user = "etl_it_lock";
	config.password = "r0";
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		live_sql(s, "GRANT %s TO 'etl_it_lock'@'%%'", steps[i].grant);
		LIVE_OK(mysql_source_open(&config, &other, &err));
		((struct mysql_source *)other)->always_lock = true;
		if (steps[i].method) {
			LIVE_OK(other->ops->open_readers(other, READERS, r, &info, &err));
			ck_assert_str_eq(info.method, steps[i].method);
			live_sql(s, "CREATE TABLE IF NOT EXISTS snap_free (n BIGINT)");
			live_sql(s, "INSERT INTO snap_free VALUES (1)");	/* unlocked again */
			for (int k = 0; k < READERS; k++)
				r[k]->ops->close_reader(r[k]);
		} else {
			ck_assert_int_eq(other->ops->open_readers(other, READERS, r, &info, &err),
					 -(int)ETL_ESOURCE);
			ck_assert_msg(strstr(err.hint, "--readers 1") != NULL, "%s", err.hint);
			etl_err_clear(&err);
		}
		other->ops->close(other);
	}
	live_sql(s, "DROP USER 'etl_it_lock'@'%%'");
	s->ops->close(s);
}
END_TEST

/* ---- reading ------------------------------------------------------------------------------- */

static const char *const row_columns[] = { "v" }, *const row_pk[] = { "id" };
static const struct shape_attr row_attr = { .name = "v", .name_len = 1 };
static const struct item_shape row_shape = {
	.nattrs = 1, .attrs = &row_attr, .npk_columns = 1, .pk_columns = row_pk, .sk_attr = -1,
};

static void make_rows(struct source *s, struct catalog **catalog, struct entity_source *e)
{
	struct etl_err err = { 0 };

	live_sql(s, "DROP TABLE IF EXISTS rows_t");
	live_sql(s, "CREATE TABLE rows_t (id INT PRIMARY KEY, v VARBINARY(2000))");
	live_sql(s, "INSERT INTO rows_t VALUES (1, ''), (2, NULL), (3, x'00ff00')");
	live_sql(s, "CREATE OR REPLACE VIEW rows_v AS SELECT v, id FROM rows_t WHERE id <> 3000");
	LIVE_OK(s->ops->read_catalog(s, catalog, &err));
	*e = (struct entity_source){
		.shape = &row_shape, .table = catalog_table(*catalog, "rows_t", 6),
		.view = "rows_v", .view_columns = row_columns, .pk_view_columns = row_pk,
		.where_sql = "id <> 3000", .chunkable = true,
	};
}

START_TEST(values_as_they_are)
{
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	struct entity_source e;
	struct catalog *c;
	struct unit u = { 0 };
	struct row row;
	uint64_t n = 0;

	make_rows(s, &c, &e);
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	live_sql(s, "INSERT INTO rows_t VALUES (4, 'later')");
	LIVE_OK(r->ops->begin(r, &e, &u, &err));
	ck_assert_int_eq(r->ops->next(r, &row, &err), 1);
	ck_assert(row.nfields == 2 && row.fields[0].ptr && row.fields[0].len == 0);
	ck_assert_int_eq(r->ops->next(r, &row, &err), 1);
	ck_assert(!row.fields[0].ptr && row.fields[1].len == 1 && *row.fields[1].ptr == '2');
	ck_assert_int_eq(r->ops->next(r, &row, &err), 1);
	ck_assert(row.fields[0].len == 3 && memcmp(row.fields[0].ptr, "\0\xff", 3) == 0);
	ck_assert_int_eq(r->ops->next(r, &row, &err), 0);
	r->ops->end(r);
	LIVE_OK(r->ops->count(r, &e, &n, &err));
	ck_assert_uint_eq(n, 3);
	r->ops->close_reader(r);
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

#define HELD_VIEW(column) \
	"CREATE OR REPLACE VIEW rows_v AS SELECT v, id, 1 AS `" column "` FROM rows_t"

/* A view that another run put in the place of ours is not read, whichever way it is come to. */
START_TEST(view_replaced)
{
	static const struct str pk = { "\0\0\0\1" "2", 5 };
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	struct entity_source e;
	const struct entity_source *const list[] = { &e };
	struct catalog *c;
	struct unit u = { 0 };
	int rc;

	make_rows(s, &c, &e);
	e.plan_column = "__plan_ours";
	live_sql(s, _i == 3 ? "DROP VIEW rows_v" : HELD_VIEW("__plan_ours"));
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	/* after the snapshot, which does not hold views */
	if (_i < 3)
		live_sql(s, HELD_VIEW("__plan_other"));
	rc = _i == 1 ? r->ops->begin_rows(r, &e, &pk, 1, &err)
	   : _i == 2 ? r->ops->duplicate_candidates(r, list, 1, NULL, NULL, &err)
		     : r->ops->begin(r, &e, &u, &err);
	ck_assert_int_eq(rc, -ETL_ESOURCE);
	ck_assert_str_eq(err.msg, "view 'rows_v' was replaced by another run");
	ck_assert_ptr_nonnull(strstr(err.hint, "one after the other"));
	etl_err_clear(&err);
	/* a SELECT in the view's place needs none */
	e.select_sql = "SELECT v, id FROM rows_t";
	LIVE_OK(r->ops->begin(r, &e, &u, &err));
	r->ops->close_reader(r);
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

/* Once a reader has begun with a view, nobody replaces it before the reader's transaction ends. */
START_TEST(view_held)
{
	const struct ddl other = { .sql = HELD_VIEW("__plan_other"), .what = "replace the view" };
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	struct entity_source e;
	struct catalog *c;
	struct unit u = { 0 };
	struct row row;

	make_rows(s, &c, &e);
	e.plan_column = "__plan_ours";
	live_sql(s, HELD_VIEW("__plan_ours"));
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	live_sql(s, "SET SESSION lock_wait_timeout = 1");
	for (int i = 0; i < 2; i++) {
		LIVE_OK(r->ops->begin(r, &e, &u, &err));
		while (r->ops->next(r, &row, &err) == 1)
			;
		r->ops->end(r);
		ck_assert_int_eq(s->ops->apply(s, &other, 1, &err), -ETL_ESOURCE);
		ck_assert_str_eq(err.msg, "cannot replace the view: another session is using it "
				 "(1205)");
		etl_err_clear(&err);
	}
	r->ops->close_reader(r);
	LIVE_OK(s->ops->apply(s, &other, 1, &err));
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

/* A read given up at its first row ends at once, and the reader keeps its snapshot. */
START_TEST(read_given_up)
{
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	struct entity_source e;
	struct catalog *c;
	struct unit u = { 0 };
	struct row row;
	uint64_t n = 0;

	make_rows(s, &c, &e);
	for (int i = 0; i < 13; i++)
		live_sql(s, "INSERT INTO rows_t SELECT id + (SELECT MAX(id) FROM rows_t), "
			 "REPEAT('x', 2000) FROM rows_t");
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	live_sql(s, "INSERT INTO rows_t VALUES (-1, 'later')");
	for (int i = 0; i < 5; i++) {
		LIVE_OK(r->ops->begin(r, &e, &u, &err));
		ck_assert_int_eq(r->ops->next(r, &row, &err), 1);
		r->ops->end(r);
		LIVE_OK(r->ops->count(r, &e, &n, &err));
		ck_assert_uint_eq(n, 3 * 8192 - 1);
	}
	r->ops->close_reader(r);
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

/* A connection that goes away in the middle is an error and never an end. */
START_TEST(connection_lost)
{
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	struct entity_source e;
	struct catalog *c;
	struct unit u = { 0 };
	struct row row;
	int rc;

	make_rows(s, &c, &e);
	for (int i = 0; i < 13; i++)
		live_sql(s, "INSERT INTO rows_t SELECT id + (SELECT MAX(id) FROM rows_t), "
			 "REPEAT('x', 2000) FROM rows_t");
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	LIVE_OK(r->ops->begin(r, &e, &u, &err));
	live_sql(s, "KILL CONNECTION %lu", ((struct mysql_reader *)r)->thread_id);
	while ((rc = r->ops->next(r, &row, &err)) == 1)
		;
	ck_assert_int_lt(rc, 0);
	r->ops->end(r);
	etl_err_clear(&err);
	ck_assert_int_eq(r->ops->begin(r, &e, &u, &err), -(int)ETL_ESOURCELOST);
	r->ops->close_reader(r);
	catalog_free(c);
	s->ops->close(s);
}
END_TEST

static int ignore_row(void *arg, const struct row *row, const char *const *names,
		      struct etl_err *err)
{
	(void)arg;
	(void)row;
	(void)names;
	(void)err;
	return 0;
}

START_TEST(cut_value_is_an_error)
{
	static const char *const cut[] = {
		"SELECT REPEAT('x', @@max_allowed_packet + 1)",
		"SELECT CONCAT(REPEAT('x', @@max_allowed_packet), 'y')",
	};
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;

	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	ck_assert_int_eq(r->ops->query(r, cut[_i], ignore_row, NULL, &err), -(int)ETL_ESOURCE);
	ck_assert_msg(strstr(err.msg, "cut a value") != NULL, "%s", err.msg);
	etl_err_clear(&err);
	/* other warnings are none of its business */
	LIVE_OK(r->ops->query(r, "SELECT CAST('x1' AS SIGNED)", ignore_row, NULL, &err));
	r->ops->close_reader(r);
	s->ops->close(s);
}
END_TEST

/* ---- duplicates ---------------------------------------------------------------------------- */

struct met {
	char text[256];
};

static int meet(void *arg, size_t entity, const struct row *row, struct etl_err *err)
{
	struct met *met = arg;
	size_t n = strlen(met->text);

	(void)err;
	snprintf(met->text + n, sizeof(met->text) - n, "%zu:%.*s ", entity,
		 (int)row->fields[row->nfields - 1].len, row->fields[row->nfields - 1].ptr);
	return 0;
}

static const struct duplicate_case {
	enum attr_type pk, sk;
	const char *rows;	/* (id, pk, sk) of the first entity */
	const char *others;	/* of the second */
	const char *met;
} duplicate_cases[] = {
	{ ATTR_S, ATTR_S, "(1,'a','x'),(2,'a','y'),(3,'A','x'),(4,'a ','x'),(5,NULL,'x'),"
	  "(6,NULL,'x'),(7,'ax','')", "(1,'b','x')", "" },
	{ ATTR_S, ATTR_S, "(1,'a','x'),(2,'a','x'),(3,'b','x')", "(1,'b','x'),(2,'c','x')",
	  "0:1 0:2 0:3 1:1 " },
	{ ATTR_N, ATTR_S, "(1,'1','x'),(2,'1.00','x'),(3,'01','x'),(4,'-0','x'),(5,'2','x')",
	  "(1,'0','x'),(2,'1e0','y')", "0:1 0:2 0:3 0:4 1:1 " },
	{ ATTR_B, ATTR_N, "(1,x'00ff','1'),(2,x'00ff','1.0'),(3,x'00fe','1')", "(1,x'00','1')",
	  "0:1 0:2 " },
};

START_TEST(duplicates)
{
	const struct duplicate_case *d = &duplicate_cases[_i];
	static const char *const names[] = { "p", "s" }, *const pk[] = { "id" };
	const struct shape_attr attrs[] = { { .name = "p", .name_len = 1, .type = d->pk },
					    { .name = "s", .name_len = 1, .type = d->sk } };
	const struct item_shape shape = { .table = "T", .nattrs = 2, .attrs = attrs,
					  .npk_columns = 1, .pk_columns = pk, .pk_attr = 0,
					  .sk_attr = 1 };
	const struct entity_source e[2] = {
		{ .shape = &shape, .view = "dup_a", .view_columns = names, .pk_view_columns = pk },
		{ .shape = &shape, .view = "dup_b", .view_columns = names, .pk_view_columns = pk },
	};
	const struct entity_source *const both[2] = { &e[0], &e[1] };
	struct source *s = live_open(DB);
	struct met met = { "" };
	struct etl_err err = { 0 };
	struct snapshot_info info;
	struct source_reader *r;
	const char *type = d->pk == ATTR_B ? "VARBINARY(20)" : "VARCHAR(20)";

	for (int i = 0; i < 2; i++) {
		char t = i ? 'b' : 'a';

		live_sql(s, "DROP TABLE IF EXISTS dup_t%c", t);
		live_sql(s, "CREATE TABLE dup_t%c (id INT PRIMARY KEY, p %s, s VARCHAR(20)) "
			 "CHARACTER SET %s", t, type, i ? "latin1" : "utf8mb4");
		live_sql(s, "INSERT INTO dup_t%c VALUES %s", t, i ? d->others : d->rows);
		live_sql(s, "CREATE OR REPLACE VIEW dup_%c AS SELECT p, s, id FROM dup_t%c ", t, t);
	}
	LIVE_OK(s->ops->open_readers(s, 1, &r, &info, &err));
	LIVE_OK(r->ops->duplicate_candidates(r, both, 2, meet, &met, &err));
	ck_assert_str_eq(met.text, d->met);
	r->ops->close_reader(r);
	s->ops->close(s);
}
END_TEST

START_TEST(views_by_prefix)
{
	struct source *s = live_open(DB);
	struct etl_err err = { 0 };
	char **names;
	size_t n;

	live_sql(s, "CREATE OR REPLACE VIEW ddb_x_view AS SELECT 1 AS a");
	live_sql(s, "CREATE OR REPLACE VIEW ddbaxaview AS SELECT 1 AS a");
	LIVE_OK(s->ops->list_views(s, "ddb_x", &names, &n, &err));
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(names[0], "ddb_x_view");
	free(names[0]);
	free(names);
	s->ops->close(s);
}
END_TEST

static Suite *read_suite(void)
{
	Suite *suite = suite_create("integration/source/read");
	TCase *tc = tcase_create("read");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, catalogue);
	tcase_add_loop_test(tc, one_snapshot, 0, 4);
	tcase_add_test(tc, account_that_may_only_read);
	tcase_add_test(tc, rights_to_lock);
	tcase_add_test(tc, values_as_they_are);
	tcase_add_loop_test(tc, view_replaced, 0, 4);
	tcase_add_test(tc, view_held);
	tcase_add_test(tc, read_given_up);
	tcase_add_test(tc, connection_lost);
	tcase_add_loop_test(tc, cut_value_is_an_error, 0, 2);
	tcase_add_loop_test(tc, duplicates, 0,
			    (int)(sizeof(duplicate_cases) / sizeof(duplicate_cases[0])));
	tcase_add_test(tc, views_by_prefix);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(read_suite)
