/*
 * What the integration tests of source/mysql share: a source on the server that the environment
 * names (ETL_DB_HOST, ETL_DB_PORT, ETL_DB_SOCKET, ETL_DB_USER, MYSQL_PWD), with a database of
 * their own. A missing variable is a failure, not a skip.
 */
#ifndef TESTS_INTEGRATION_SOURCE_LIVE_H
#define TESTS_INTEGRATION_SOURCE_LIVE_H

#include <check.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/buf.h"
#include "source/mysql/mysql_source.h"

static inline const char *live_env(const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		ck_abort_msg("%s is not set: run this by tests/integration/run", name);
	return value;
}

static inline struct mysql_config live_config(const char *database)
{
	live_env("MYSQL_PWD");
	return (struct mysql_config){
		.host = live_env("ETL_DB_HOST"),
		.port = (unsigned)strtoul(live_env("ETL_DB_PORT"), NULL, 10),
		.user = live_env("ETL_DB_USER"), .database = database,
		.defaults_file = "/dev/null", .connect_timeout_s = 20,
		/* each TLS connection costs the client a tenth of a second; it_connect asks */
		.ssl_mode = MYSQL_SSL_DISABLED, .ssl_mode_given = true,
	};
}

#define LIVE_OK(call)                                                                              \
	do {                                                                                       \
		int live_rc = (call);                                                              \
		ck_assert_msg(live_rc >= 0, "%s: %s\nhint: %s", #call, err.msg, err.hint);         \
	} while (0)

static inline void live_sql(struct source *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static inline void live_sql(struct source *s, const char *fmt, ...)
{
	struct etl_err err = { 0 };
	struct buf sql = { 0 };
	struct ddl ddl;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&sql, fmt, ap);
	va_end(ap);
	ddl = (struct ddl){ .sql = buf_cstr(&sql), .what = buf_cstr(&sql) };
	LIVE_OK(s->ops->apply(s, &ddl, 1, &err));
	buf_release(&sql);
}

static inline struct source *live_open(const char *database)
{
	struct mysql_config boot = live_config("mysql");
	static struct mysql_config config;	/* the source borrows it */
	struct source *s;
	struct etl_err err = { 0 };

	LIVE_OK(mysql_source_open(&boot, &s, &err));
	live_sql(s, "CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4", database);
	s->ops->close(s);
	config = live_config(database);
	LIVE_OK(mysql_source_open(&config, &s, &err));
	return s;
}

/* The first field of a query's first row as text; "NULL" for NULL. Caller frees. */
static inline int live_first(void *arg, const struct row *row, const char *const *names,
			     struct etl_err *err)
{
	char **out = arg;

	(void)names;
	(void)err;
	if (!*out)
		*out = row->fields[0].ptr ? mem_strndup(row->fields[0].ptr, row->fields[0].len) :
		       mem_strdup("NULL");
	return 0;
}

static inline char *live_value(struct source_reader *r, const char *sql)
{
	struct etl_err err = { 0 };
	char *out = NULL;

	LIVE_OK(r->ops->query(r, sql, live_first, &out, &err));
	ck_assert_msg(out != NULL, "no row: %s", sql);
	return out;
}

#endif
