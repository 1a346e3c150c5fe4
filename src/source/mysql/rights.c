/*
 * Which rights the account has, found out by trying: what SHOW GRANTS says would have to be read
 * with roles, wildcards and partial revokes in mind. Each try is a statement that the server must
 * refuse in any case, after it has looked at the rights:
 *
 *   CREATE OR REPLACE VIEW v AS SELECT ... FROM v	if v is not there, there is nothing to
 *							select from; if it is, a view may not be
 *							made of itself; the rights come first
 *   LOCK TABLES <a name that no table has> READ		likewise
 *
 * The first asks for a metadata lock on the view's name and on nothing else; it waits for it a
 * second at most.
 */
#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

struct trying {
	struct mysql_source *source;
	MYSQL *c;
	source_right_fn *found;
	void *arg;
};

static void say(const struct trying *t, enum right_state state, const char *right, const char *fmt,
		...) __attribute__((format(printf, 4, 5)));
static void say(const struct trying *t, enum right_state state, const char *right, const char *fmt,
		...)
{
	struct buf text = { 0 }, safe = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_add_printable(&safe, buf_str(&text));
	t->found(t->arg, state, right, buf_cstr(&safe));
	buf_release(&text);
	buf_release(&safe);
}

/* True: go on with the next view. */
static bool try_view(const struct trying *t, const char *view, struct etl_err *err)
{
	static const char need[] = "the views cannot be made";
	struct buf sql = { 0 };
	const char *said;
	unsigned code;

	buf_adds(&sql, "CREATE OR REPLACE SQL SECURITY INVOKER VIEW ");
	sql_add_ident(&sql, view);
	buf_adds(&sql, " AS SELECT 1 AS x FROM ");
	sql_add_ident(&sql, view);
	code = (unsigned)mysql_run(t->c, buf_cstr(&sql));
	buf_release(&sql);
	said = mysql_error(t->c);
	if (code == 1146)	/* nothing of that name to select from: the rights sufficed */
		return true;
	if (code == 1347)
		say(t, RIGHT_MISSING, "CREATE VIEW", "%s: '%s' is a table, not a view", need,
		    view);
	else if (code == 1142 && strncmp(said, "DROP ", 5) == 0)
		say(t, RIGHT_MISSING, "DROP", "%s: %s", need, said);
	else if (code == 1142 && strncmp(said, "CREATE VIEW ", 12) == 0)
		say(t, RIGHT_MISSING, "CREATE VIEW", "%s: %s", need, said);
	else if (code == 1290 || code == 1836)	/* the server or its databases are read only */
		say(t, RIGHT_MISSING, "CREATE VIEW", "%s: %s", need, said);
	else if (mysql_is_lost(code))
		mysql_fail(t->c, err, "cannot try the right CREATE VIEW");
	else
		say(t, RIGHT_UNKNOWN, "CREATE VIEW", "whether '%s' can be made is unknown: %s",
		    view, said);
	return false;
}

static void try_views(const struct trying *t, const char *const *views, size_t n,
		      struct etl_err *err)
{
	size_t i = 0;

	mysql_run(t->c, "SET SESSION lock_wait_timeout = 1");
	while (i < n && try_view(t, views[i], err))
		i++;
	if (i == n)
		say(t, RIGHT_THERE, "CREATE VIEW, DROP", "the views can be made and replaced");
}

/* Granted to the account itself; by a role it stays unseen, and the lock of tables is tried. */
static bool may_reload(const struct trying *t)
{
	MYSQL_RES *res = mysql_rows(t->c, "SELECT 1 FROM information_schema.USER_PRIVILEGES "
				    "WHERE PRIVILEGE_TYPE IN ('RELOAD', 'FLUSH_TABLES')");
	bool may = res && mysql_fetch_row(res) != NULL;

	mysql_free_result(res);
	return may;
}

static void try_snapshot(const struct trying *t, struct etl_err *err)
{
	static const char right[] = "RELOAD or LOCK TABLES";
	unsigned code;

	if (!mysql_snapshot_needs_lock(t->source, t->c)) {
		say(t, RIGHT_THERE, "snapshot", "several readers share one snapshot, proven by "
		    "the binlog, without a lock");
		return;
	}
	if (may_reload(t)) {
		say(t, RIGHT_THERE, "RELOAD", "several readers share one snapshot, opened under "
		    "the global read lock");
		return;
	}
	code = (unsigned)mysql_run(t->c, "LOCK TABLES " NO_TABLE " READ");
	if (code == 0)
		mysql_run(t->c, "UNLOCK TABLES");
	if (code == 0 || code == 1146)
		say(t, RIGHT_THERE, "LOCK TABLES", "several readers share one snapshot, opened "
		    "under read locks on all tables");
	else if (mysql_is_denied(code))
		say(t, RIGHT_MISSING, right, "this server gives several readers one snapshot only "
		    "under a lock; without it there is --readers 1: %s", mysql_error(t->c));
	else if (mysql_is_lost(code))
		mysql_fail(t->c, err, "cannot try the right LOCK TABLES");
	else
		say(t, RIGHT_UNKNOWN, right, "whether several readers can share one snapshot is "
		    "unknown: %s", mysql_error(t->c));
}

int mysql_op_try_rights(struct source *source, const char *const *views, size_t n,
			source_right_fn *found, void *arg, struct etl_err *err)
{
	struct trying t = {
		.source = (struct mysql_source *)source, .found = found, .arg = arg,
		/* one of its own: what is set for the tries ends with it */
		.c = mysql_session_open((struct mysql_source *)source, false, err),
	};
	struct etl_err mine = { 0 };

	if (!t.c)
		return mysql_no_session(err);
	try_views(&t, views, n, &mine);
	if (!mine.code)
		try_snapshot(&t, &mine);
	mysql_close(t.c);
	return mine.code ? etl_err_copy(err, &mine) : 0;
}
