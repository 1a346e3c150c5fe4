#include "source/mysql/mysql_source.h"

#include <stdlib.h>
#include "base/log.h"
#include "source/mysql/mysql_priv.h"

static void source_free(struct mysql_source *s)
{
	if (s->main)
		mysql_close(s->main);
	settings_release(&s->settings);
	free(s->version_text);
	free(s->identity);
	free(s->describe);
	free(s->place);
	free(s);
}

static void op_close(struct source *s)
{
	if (s)
		source_free((struct mysql_source *)s);
}

static int identify(struct mysql_source *s, struct etl_err *err)
{
	MYSQL_RES *res = mysql_rows(s->main, "SELECT VERSION(), @@version_comment, "
				    "@@lower_case_table_names, DATABASE()");
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	const char *words;
	int rc = 0;

	if (!row || !row[0] || !row[2] || !row[3]) {
		rc = mysql_fail(s->main, err, "cannot ask MySQL for its version");
		goto out;
	}
	words = row[1] ? row[1] : "";
	s->flavour = strstr(row[0], "MariaDB") || strstr(words, "mariadb") ||
		     strstr(words, "MariaDB") ? SERVER_MARIADB : SERVER_MYSQL;
	s->version = sql_parse_version(row[0]);
	s->version_text = mem_strdup(row[0]);
	s->lower_case_names = strcmp(row[2], "0") != 0;
	s->identity = mysql_session_identity(s, s->main);
	s->describe = mysql_session_describe(s, s->main);
	s->place = mysql_session_place(s);
out:
	mysql_free_result(res);
	return rc;
}

int mysql_source_open(const struct mysql_config *config, struct source **out, struct etl_err *err)
{
	struct mysql_source *s = mem_zalloc(sizeof(*s));
	int rc;

	*out = NULL;
	s->base.ops = &mysql_source_ops;
	rc = settings_resolve(&s->settings, config, err);
	if (rc < 0)
		goto fail;
	/* before any thread: both libraries set themselves up here, once */
	if (mysql_library_init(0, NULL, NULL) != 0) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot start the MySQL client library");
		goto fail;
	}
	if (!mysql_main_open(s, true, err)) {
		rc = mysql_no_session(err);
		goto fail;
	}
	rc = identify(s, err);
	if (rc < 0)
		goto fail;
	log_debug("connected to %s, %s %s", s->describe,
		  s->flavour == SERVER_MARIADB ? "MariaDB" : "MySQL", s->version_text);
	*out = &s->base;
	return 0;
fail:
	source_free(s);
	return rc;
}

const char *mysql_source_describe(const struct source *s)
{
	return ((const struct mysql_source *)s)->describe;
}

const char *mysql_source_place(const struct source *s)
{
	return ((const struct mysql_source *)s)->place;
}

const char *mysql_source_library(void)
{
#ifdef MARIADB_PACKAGE_VERSION
	return "libmariadb " MARIADB_PACKAGE_VERSION;
#else
	return "libmysqlclient " LIBMYSQL_VERSION;
#endif
}

const struct source_ops mysql_source_ops = {
	.read_catalog = mysql_op_read_catalog,
	.apply = mysql_op_apply,
	.list_views = mysql_op_list_views,
	.open_readers = mysql_op_open_readers,
	.next_bound = mysql_op_next_bound, .key_ends = mysql_op_key_ends,
	.begin = mysql_op_begin,
	.row_findable = mysql_op_row_findable,
	.begin_rows = mysql_op_begin_rows,
	.next = mysql_op_next,
	.end = mysql_op_end,
	.interrupt = mysql_op_interrupt,
	.duplicate_candidates = mysql_op_duplicate_candidates,
	.draw = mysql_op_draw,
	.count = mysql_op_count,
	.query = mysql_op_query,
	.try_rights = mysql_op_try_rights,
	.close_reader = mysql_op_close_reader,
	.close = op_close,
};
