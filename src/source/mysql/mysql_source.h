/*
 * The MySQL and MariaDB driver of source.h. All statements of the program stand in this folder
 * (views apart: plan/ writes those), and the only <mysql.h>.
 */
#ifndef SOURCE_MYSQL_MYSQL_SOURCE_H
#define SOURCE_MYSQL_MYSQL_SOURCE_H

#include "source/source.h"

/* MySQL's own meaning: https://dev.mysql.com/doc/refman/en/connection-options.html#option_general_ssl-mode */
enum mysql_ssl_mode {
	MYSQL_SSL_DISABLED, MYSQL_SSL_PREFERRED, MYSQL_SSL_REQUIRED, MYSQL_SSL_VERIFY_CA,
	MYSQL_SSL_VERIFY_IDENTITY
};

/* Appends the password for one login, which is wiped after it. Any thread may call. */
typedef int mysql_token_fn(void *arg, const char *host, unsigned port, const char *user,
			   struct buf *out, struct etl_err *err);

struct mysql_config {
	const char *host;		/* NULL: the option file's, else localhost */
	unsigned port;			/* 0: the option file's, else 3306 */
	const char *socket;		/* NULL: the option file's */
	const char *user;		/* NULL: the option file's, else the login name */
	const char *database;		/* NULL: the option file's */
	const char *password;		/* NULL: the option file's, else MYSQL_PWD; never logged */
	const char *defaults_file;	/* NULL: the usual files; groups [client] and [etl] */
	enum mysql_ssl_mode ssl_mode;
	bool ssl_mode_given;		/* false: an option file may say otherwise */
	const char *ssl_ca;
	unsigned connect_timeout_s;
	mysql_token_fn *token;		/* not NULL: it gives the password, anew for each login, which
					   the server asks for in clear: TLS is verified */
	void *token_arg;
};

/* Connects once (so that a wrong setting shows now) and keeps 'config' borrowed until close. */
int mysql_source_open(const struct mysql_config *config, struct source **out, struct etl_err *err);

/* "user@host:port/database over TLSv1.3" for people; no secret; borrowed from the source. */
const char *mysql_source_describe(const struct source *s);

/* "host:port/database", or the socket's path in place of host and port; borrowed likewise. */
const char *mysql_source_place(const struct source *s);

/* Version of the client library, for --version. */
const char *mysql_source_library(void);

#endif
