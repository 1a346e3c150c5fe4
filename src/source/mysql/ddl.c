/* What the coordinator does besides reading: statements of DDL, and which views are there. */
#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

/* An account may be denied the definition: then the view is made again. */
static bool is_there(MYSQL *c, const struct ddl *ddl)
{
	struct buf sql = { 0 };
	MYSQL_RES *res;
	bool there;

	if (!ddl->marker)
		return false;
	buf_adds(&sql, "SELECT 1 FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() "
		 "AND TABLE_NAME = ");
	sql_add_text(&sql, str_of(ddl->view));
	buf_adds(&sql, " AND LOCATE(");
	sql_add_text(&sql, str_of(ddl->marker));
	buf_adds(&sql, ", VIEW_DEFINITION) > 0");
	res = mysql_rows(c, buf_cstr(&sql));
	there = res && mysql_num_rows(res) > 0;
	mysql_free_result(res);
	buf_release(&sql);
	return there;
}

/* Whoever reads a view holds a lock on it until its transaction's end, which for a load may be
 * hours. */
static int apply_failed(struct mysql_source *s, const struct ddl *ddl, struct etl_err *err)
{
	int rc;

	if (mysql_errno(s->main) == 1205) {
		rc = etl_err_set(err, ETL_ESOURCE, "cannot %s: another session is using it (1205)",
				 ddl->what);
		etl_err_hint(err, "most likely a load or verify with another contract or another "
			     "version of the program is under way: wait for its end; SHOW "
			     "PROCESSLIST tells who it is");
		return rc;
	}
	rc = mysql_fail(s->main, err, "cannot %s", ddl->what);
	if (mysql_is_denied(mysql_errno(s->main)) && ddl->grant_hint)
		etl_err_hint(err, "grant the account '%s' this right: %s", s->settings.user,
			     ddl->grant_hint);
	if (mysql_errno(s->main) == 1290 || mysql_errno(s->main) == 1836)
		etl_err_hint(err, "on a read replica '--inline-views' reads without views; or make them "
			     "with 'etl views' on the primary, from where they come here");
	return rc;
}

static int refuse(const struct ddl *ddl, struct etl_err *err)
{
	etl_err_set(err, ETL_ESOURCE, "will not %s: '--mysql-read-only' changes nothing in the source, "
		    "and the view is not there as the contract makes it", ddl->what);
	etl_err_hint(err, "'--inline-views' reads without views; or make them with 'etl views' on the "
		     "primary, from where they come to its replicas. To see that a view is the "
		     "contract's, the account needs SHOW VIEW");
	return -ETL_ESOURCE;
}

int mysql_op_apply(struct source *source, const struct ddl *ddl, size_t n, struct etl_err *err)
{
	struct mysql_source *s = (struct mysql_source *)source;
	MYSQL *c = mysql_main(s, err);
	size_t i;
	int rc = 0;

	if (!c)
		return mysql_no_session(err);
	for (i = 0; i < n && rc == 0; i++) {
		if (is_there(c, &ddl[i]))
			continue;
		if (ddl[i].refused)
			rc = refuse(&ddl[i], err);
		else if (mysql_run(c, ddl[i].sql) != 0)
			rc = apply_failed(s, &ddl[i], err);
	}
	return rc;
}

int mysql_op_list_views(struct source *source, const char *prefix, char ***names, size_t *n,
			struct etl_err *err)
{
	MYSQL *c = mysql_main((struct mysql_source *)source, err);
	size_t len = strlen(prefix), cap = 0;
	MYSQL_RES *res;
	MYSQL_ROW row;

	*names = NULL;
	*n = 0;
	if (!c)
		return mysql_no_session(err);
	res = mysql_rows(c, "SHOW FULL TABLES WHERE Table_type = 'VIEW'");
	if (!res)
		return mysql_fail(c, err, "cannot list the views");
	while ((row = mysql_fetch_row(res)) != NULL) {
		if (!row[0] || strncmp(row[0], prefix, len) != 0)
			continue;
		*names = mem_grow(*names, &cap, *n + 1, sizeof(**names));
		(*names)[(*n)++] = mem_strdup(row[0]);
	}
	mysql_free_result(res);
	return 0;
}
