/*
 * Reading rows as a stream (mysql_use_result, text protocol). The end of the rows is believed only
 * when the connection has no error and the server's warnings do not tell of a value it cut.
 */
#include "source/mysql/mysql_priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is cut at 4 MiB is still no item. Where the limit is lower, or not to be had, nobody knows. */
static bool cuts_early(MYSQL *c)
{
	MYSQL_RES *res = mysql_rows(c, "SELECT @@max_allowed_packet >= 4194304");
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	bool large = row && row[0] && row[0][0] == '1';

	mysql_free_result(res);
	return !large;
}

struct mysql_reader *mysql_reader_new(struct mysql_source *s, struct etl_err *err)
{
	MYSQL *c = mysql_session_open(s, false, err);
	struct mysql_reader *r;

	if (!c)
		return NULL;
	r = mem_zalloc(sizeof(*r));
	r->base.ops = &mysql_source_ops;
	r->source = s;
	r->conn = c;
	r->thread_id = mysql_thread_id(c);
	r->fd = fcntl(mysql_socket(c), F_DUPFD_CLOEXEC, 0);
	r->cuts_early = cuts_early(c);
	atomic_init(&r->interrupted, false);
	return r;
}

static int stopped(struct mysql_reader *r, struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped while it was to %s", buf_cstr(&r->what));
}

/* A reader whose connection broke has lost its snapshot: it must not go on as if it had one. */
int mysql_reader_failed(struct mysql_reader *r, struct etl_err *err)
{
	if (mysql_is_lost(mysql_errno(r->conn)))
		r->lost = true;
	if (atomic_load(&r->interrupted))
		return stopped(r, err);
	return mysql_fail(r->conn, err, "cannot %s", buf_cstr(&r->what));
}

static int start(struct mysql_reader *r, const struct buf *sql, struct etl_err *err)
{
	if (atomic_load(&r->interrupted))
		return stopped(r, err);
	if (r->lost)
		return etl_err_set(err, ETL_ESOURCELOST, "cannot %s: the reader's connection, and "
				   "its snapshot, is gone", buf_cstr(&r->what));
	if (mysql_real_query(r->conn, sql->ptr, sql->len) != 0)
		return mysql_reader_failed(r, err);
	r->res = mysql_use_result(r->conn);
	if (!r->res)
		return mysql_reader_failed(r, err);
	r->row.nfields = mysql_num_fields(r->res);
	free(r->row.fields);
	r->row.fields = mem_array(r->row.nfields + 1, sizeof(*r->row.fields));
	return 0;
}

int mysql_reader_start(struct mysql_reader *r, const struct buf *sql, struct etl_err *err,
		       const char *what, ...)
{
	va_list ap;

	mysql_op_end(&r->base);
	buf_reset(&r->what);
	va_start(ap, what);
	buf_vaddf(&r->what, what, ap);
	va_end(ap);
	return start(r, sql, err);
}

int mysql_reader_again(struct mysql_reader *r, struct etl_err *err) { return start(r, &r->sql, err); }

/* ER_CUT_VALUE_GROUP_CONCAT and ER_WARN_ALLOWED_PACKET_OVERFLOWED: a value was cut, or NULL given
 * in its place. */
int mysql_reader_check_warnings(struct mysql_reader *r, struct etl_err *err)
{
	unsigned long all = mysql_warning_count(r->conn), listed = 0;
	struct buf words = { 0 }, first = { 0 };
	unsigned long code;
	MYSQL_RES *res;
	MYSQL_ROW row;
	int rc = 0;

	if (all == 0)
		return 0;
	res = mysql_rows(r->conn, "SHOW WARNINGS");
	if (!res)
		return mysql_reader_failed(r, err);
	while (rc == 0 && (row = mysql_fetch_row(res)) != NULL) {
		listed++;
		code = row[1] ? strtoul(row[1], NULL, 10) : 0;
		if (code != 1260 && code != 1301) {
			if (!first.len)
				buf_add_printable(&first, str_of(row[2] ? row[2] : ""));
			continue;
		}
		buf_add_printable(&words, str_of(row[2] ? row[2] : ""));
		rc = etl_err_set(err, ETL_ESOURCE, "cannot %s: the server cut a value: %s (%lu)",
				 buf_cstr(&r->what), buf_cstr(&words), code);
		etl_err_hint(err, "a constructed or aggregated value is longer than the server "
			     "may make it; raise its max_allowed_packet");
	}
	mysql_free_result(res);
	buf_release(&words);
	/* the protocol counts to 65535, and so many are kept: more may hide one of those two */
	if (rc == 0 && (all >= 65535 || listed < all)) {
		rc = etl_err_set(err, ETL_ESOURCE, "cannot %s: the server gave more warnings than "
				 "it lists, so whether it cut a value is unknown; the first is: %s",
				 buf_cstr(&r->what), first.len ? buf_cstr(&first) : "not known");
		etl_err_hint(err, "a condition that makes numbers of text warns for each row it looks "
			     "at, 'etl check' names those of the contract; or read fewer rows at a time "
			     "with --chunk-rows; on MySQL, SESSION_VARIABLES_ADMIN lets the account "
			     "list more");
	}
	buf_release(&first);
	return rc;
}

int mysql_op_next(struct source_reader *reader, struct row *row, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	unsigned long *lengths;
	MYSQL_ROW values;
	size_t i;
	int rc;

	if (r->from_rows)
		return mysql_held_row(r, row);
	if (!r->res)
		return etl_err_set(err, r->lost ? ETL_ESOURCELOST : ETL_EINTERNAL,
				   "no row can be read: nothing was begun");
	values = mysql_fetch_row(r->res);
	if (!values) {
		rc = mysql_errno(r->conn) ? mysql_reader_failed(r, err) : 0;
		mysql_free_result(r->res);
		r->res = NULL;
		return rc < 0 ? rc : mysql_reader_check_warnings(r, err);
	}
	lengths = mysql_fetch_lengths(r->res);
	for (i = 0; i < r->row.nfields; i++) {
		r->row.fields[i].ptr = values[i];
		r->row.fields[i].len = values[i] ? lengths[i] : 0;
	}
	*row = r->row;
	return 1;
}

/* Asks the server to end the reader's query; an account may always end its own. */
static bool kill_query(struct mysql_reader *r)
{
	MYSQL *c = mysql_session_brief(r->source);
	struct buf sql = { 0 };
	bool ok = false;

	if (!c)
		return false;
	buf_addf(&sql, "KILL QUERY %lu", r->thread_id);
	ok = mysql_run(c, buf_cstr(&sql)) == 0;
	buf_release(&sql);
	mysql_close(c);
	return ok;
}

/* Whoever waits for the server finds the connection ended. */
static void cut_off(struct mysql_reader *r)
{
	if (r->fd >= 0)
		shutdown(r->fd, SHUT_RDWR);
}

bool mysql_op_interrupt(struct source_reader *reader, bool cut)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	bool asked;

	atomic_store(&r->interrupted, true);
	asked = !cut && kill_query(r);
	if (!asked)
		cut_off(r);
	return asked;
}

/*
 * A result given up half-way: the library can only read on to its end, which may be hours away.
 * The server is told to stop, and what is under way is read. Where it cannot be told, the
 * connection goes, and with it this reader's snapshot.
 */
void mysql_op_end(struct source_reader *reader)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;

	mysql_forget_rows(r);
	if (!r->res)
		return;
	if (!r->lost && !kill_query(r)) {
		r->lost = true;
		cut_off(r);
	}
	while (mysql_fetch_row(r->res))
		;
	if (mysql_is_lost(mysql_errno(r->conn)))
		r->lost = true;
	mysql_free_result(r->res);
	r->res = NULL;
	/* should the KILL have come when the query was done, this takes it */
	if (!r->lost)
		mysql_run(r->conn, "DO 0");
}

/*
 * Views have names, and another run with another contract may have the same ones. Touching the view
 * in this transaction takes the server's metadata lock on it, so that CREATE OR REPLACE has to wait
 * for the transaction's end; that the column is found says that the view under the lock is ours.
 */
int mysql_hold_view(struct mysql_reader *r, const struct entity_source *e, struct etl_err *err)
{
	struct row row;
	size_t i;
	int rc;

	if (e->select_sql || !e->plan_column)
		return 0;
	for (i = 0; i < r->nheld; i++)
		if (r->held[i] == e)
			return 0;
	buf_reset(&r->sql);
	buf_adds(&r->sql, "SELECT ");
	sql_add_ident(&r->sql, e->plan_column);
	buf_adds(&r->sql, " FROM ");
	sql_add_ident(&r->sql, e->view);
	buf_adds(&r->sql, " LIMIT 0");
	rc = mysql_reader_start(r, &r->sql, err, "look at view '%s'", e->view);
	/* no such column, no such view */
	if (rc < 0 && (mysql_errno(r->conn) == 1054 || mysql_errno(r->conn) == 1146)) {
		etl_err_clear(err);
		rc = etl_err_set(err, ETL_ESOURCE, "view '%s' was replaced by another run", e->view);
		etl_err_hint(err, "runs with different contracts in one database, whose tables have "
			     "the same names, go one after the other: start this one again when the "
			     "other one is done");
	}
	if (rc < 0)
		return rc;
	rc = mysql_op_next(&r->base, &row, err);
	if (rc < 0)
		return rc;
	r->held = mem_grow(r->held, &r->held_cap, r->nheld + 1, sizeof(*r->held));
	r->held[r->nheld++] = e;
	return 0;
}

void mysql_add_entity_rows(struct buf *sql, const struct entity_source *e)
{
	if (e->select_sql)
		buf_addf(sql, "(%s)", e->select_sql);
	else
		sql_add_ident(sql, e->view);
}

void mysql_add_entity_columns(struct buf *sql, const struct entity_source *e, const char *alias)
{
	size_t n = e->shape->nattrs, i;

	for (i = 0; i < n + e->shape->npk_columns; i++) {
		if (i)
			buf_adds(sql, ", ");
		buf_addf(sql, "%s.", alias);
		sql_add_ident(sql, i < n ? e->view_columns[i] : e->pk_view_columns[i - n]);
	}
}

/*
 * Up to its condition, which the caller closes with a ')'. Without a view the condition stands inside
 * the SELECT, on the source table's own columns: around it, MySQL puts the rows of one that has
 * subselects into a temporary table, and older servers all of them for each range.
 */
static void select_entity(struct mysql_reader *r, const struct entity_source *e)
{
	buf_reset(&r->sql);
	if (e->select_from) {
		buf_adds(&r->sql, e->select_from);
		if (e->where_sql)
			buf_addf(&r->sql, "\nWHERE (%s) AND (", e->where_sql);
		else
			buf_adds(&r->sql, "\nWHERE (");
		return;
	}
	buf_adds(&r->sql, "SELECT ");
	mysql_add_entity_columns(&r->sql, e, "v");
	buf_adds(&r->sql, " FROM ");
	mysql_add_entity_rows(&r->sql, e);
	buf_adds(&r->sql, " v WHERE (");
}

/* The alias and the names of the primary key's columns in that condition. */
static const char *key_alias(const struct entity_source *e) { return e->select_from ? "`src`" : NULL; }

static const char *const *key_names(const struct entity_source *e)
{
	return e->select_from ? e->shape->pk_columns : e->pk_view_columns;
}

int mysql_op_begin(struct source_reader *reader, const struct entity_source *e,
		   const struct unit *u, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	struct str low = { u->has_low ? u->low.ptr : NULL, u->low.len };
	struct str high = { u->has_high ? u->high.ptr : NULL, u->high.len };
	int rc = mysql_hold_view(r, e, err);

	if (rc < 0)
		return rc;
	select_entity(r, e);
	if ((u->has_low && !low.ptr) || (u->has_high && !high.ptr) ||
	    !sql_add_range(&r->sql, e->table, key_alias(e), key_names(e), low, high))
		return etl_err_set(err, ETL_EINTERNAL, "cannot read '%s': the bounds of unit %llu "
				   "are damaged", e->view, (unsigned long long)u->number);
	buf_addc(&r->sql, ')');
	rc = mysql_reader_start(r, &r->sql, err, "read '%s'", e->view);
	return rc == 0 && (e->may_be_cut || r->cuts_early) ? mysql_hold_rows(r, err) : rc;
}

bool mysql_op_row_findable(const struct entity_source *e, struct str pk)
{
	struct buf sql = { 0 };
	bool ok = sql_add_row(&sql, e->table, NULL, e->pk_view_columns, pk);

	buf_release(&sql);
	return ok;
}

int mysql_op_begin_rows(struct source_reader *reader, const struct entity_source *e,
			const struct str *pks, size_t n, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	int rc = mysql_hold_view(r, e, err);
	bool ok = n > 0;
	size_t i;

	if (rc < 0)
		return rc;
	select_entity(r, e);
	for (i = 0; i < n && ok; i++) {
		if (i)
			buf_adds(&r->sql, " OR ");
		ok = sql_add_row(&r->sql, e->table, key_alias(e), key_names(e), pks[i]);
	}
	if (!ok)
		return etl_err_set(err, ETL_EUSAGE, "cannot read single rows of '%s': a primary key "
				   "is damaged, or of a type that rows cannot be found by",
				   e->view);
	buf_addc(&r->sql, ')');
	rc = mysql_reader_start(r, &r->sql, err, "read single rows of '%s'", e->view);
	return rc == 0 && (e->may_be_cut || r->cuts_early) ? mysql_hold_rows(r, err) : rc;
}

int mysql_op_count(struct source_reader *reader, const struct entity_source *e, uint64_t *rows,
		   struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	struct row row;
	int rc;

	/* of the table, not of the view: what the view gives is to be compared with it */
	buf_reset(&r->sql);
	buf_adds(&r->sql, "SELECT COUNT(*) FROM ");
	sql_add_ident(&r->sql, e->table->name);
	buf_adds(&r->sql, " AS `src`");		/* as where_sql calls it */
	if (e->where_sql)
		buf_addf(&r->sql, " WHERE (%s)", e->where_sql);
	rc = mysql_reader_start(r, &r->sql, err, "count the rows of '%s'", e->table->name);
	if (rc < 0)
		return rc;
	rc = mysql_op_next(reader, &row, err);
	if (rc != 1)
		return rc < 0 ? rc : etl_err_set(err, ETL_EINTERNAL, "no count of '%s' came",
						 e->table->name);
	*rows = strtoull(row.fields[0].ptr, NULL, 10);
	rc = mysql_op_next(reader, &row, err);
	return rc < 0 ? rc : 0;
}

int mysql_op_query(struct source_reader *reader, const char *sql,
		   int (*found)(void *arg, const struct row *row, const char *const *names,
				struct etl_err *err),
		   void *arg, struct etl_err *err)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;
	const char **names;
	MYSQL_FIELD *fields;
	struct row row;
	size_t i, n;
	int rc;

	buf_reset(&r->sql);
	buf_adds(&r->sql, sql);
	rc = mysql_reader_start(r, &r->sql, err, "run a query");
	if (rc < 0)
		return rc;
	n = r->row.nfields;
	names = mem_array(n + 1, sizeof(*names));
	fields = mysql_fetch_fields(r->res);
	for (i = 0; i < n; i++)
		names[i] = mem_strdup(fields[i].name);
	while ((rc = mysql_op_next(reader, &row, err)) == 1) {
		rc = found(arg, &row, names, err);
		if (rc < 0)
			break;
	}
	mysql_op_end(reader);
	for (i = 0; i < n; i++)
		free((void *)names[i]);
	free(names);
	return rc;
}

void mysql_op_close_reader(struct source_reader *reader)
{
	struct mysql_reader *r = (struct mysql_reader *)reader;

	if (!r)
		return;
	mysql_op_end(reader);
	mysql_close(r->conn);
	if (r->fd >= 0)
		close(r->fd);
	free(r->row.fields);
	free(r->held);
	buf_release(&r->what);
	buf_release(&r->sql);
	buf_release(&r->rows);
	free(r);
}
