/* What the coordinator does besides reading: statements of DDL, and which views are there. */
#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

int mysql_op_apply(struct source *source, const struct ddl *ddl, size_t n, struct etl_err *err)
{
	struct mysql_source *s = (struct mysql_source *)source;
	MYSQL *c = mysql_main(s, err);
	size_t i;
	int rc;

	if (!c)
		return mysql_no_session(err);
	for (i = 0; i < n; i++) {
		if (mysql_run(c, ddl[i].sql) == 0)
			continue;
		rc = mysql_fail(c, err, "cannot %s", ddl[i].what);
		if (mysql_is_denied(mysql_errno(c)) && ddl[i].grant_hint)
			etl_err_hint(err, "grant the account '%s' this right: %s",
				     s->settings.user, ddl[i].grant_hint);
		return rc;
	}
	return 0;
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
