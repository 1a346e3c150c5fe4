/*
 * Connections. libmariadb connects in plaintext unless asked, takes a server without TLS whatever
 * its "enforce" switch says, and would send a password encrypted for a key that the other side
 * just named; so TLS is asked for, found out after the fact before any statement is sent, and
 * what could give a password away on a stripped connection is switched off beforehand. MySQL's
 * own library has one option that does all this.
 */
#include "source/mysql/mysql_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "base/log.h"

#define CLIENT_MAX_PACKET_BYTES (1ul << 30)
#define BRIEF_S 2u

#ifdef MARIADB_PACKAGE_VERSION

/* Plugins that never show the password itself to a server without TLS. */
#define CAREFUL_PLUGINS "mysql_native_password,caching_sha2_password,sha256_password," \
			"client_ed25519,parsec,auth_gssapi_client"

static void ask_tls(MYSQL *c, const struct settings *s)
{
	enum mysql_ssl_mode mode = s->ssl_mode;
	my_bool want, identity = mode == MYSQL_SSL_VERIFY_IDENTITY;

	/* As MySQL's tools: 'preferred' does not encrypt what stays in this machine's kernel. */
	if (mode == MYSQL_SSL_PREFERRED && s->by_socket)
		mode = MYSQL_SSL_DISABLED;
	want = mode != MYSQL_SSL_DISABLED;
	if (want && s->ssl_cert)
		mysql_options(c, MYSQL_OPT_SSL_CERT, s->ssl_cert);
	if (want && s->ssl_key)
		mysql_options(c, MYSQL_OPT_SSL_KEY, s->ssl_key);
	if (mode >= MYSQL_SSL_VERIFY_CA && s->ssl_ca)
		mysql_options(c, MYSQL_OPT_SSL_CA, s->ssl_ca);
	if (mode >= MYSQL_SSL_VERIFY_CA && s->ssl_capath)
		mysql_options(c, MYSQL_OPT_SSL_CAPATH, s->ssl_capath);
	mysql_options(c, MYSQL_OPT_SSL_ENFORCE, &want);
	mysql_options(c, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &identity);
	if (mode != MYSQL_SSL_REQUIRED && mode != MYSQL_SSL_VERIFY_IDENTITY)
		mysql_options(c, MARIADB_OPT_RESTRICTED_AUTH, CAREFUL_PLUGINS);
	/* Read only where there is no TLS: no key, no password sent for it. */
	if (mode >= MYSQL_SSL_REQUIRED)
		mysql_options(c, MYSQL_SERVER_PUBLIC_KEY, "/dev/null");
}

/* libmariadb 3.3 does not free this one by itself; it is of no use after the login. */
static void forget_key(MYSQL *c) { mysql_options(c, MYSQL_SERVER_PUBLIC_KEY, NULL); }

int mysql_socket(MYSQL *c) { return (int)mysql_get_socket(c); }

#else

static void ask_tls(MYSQL *c, const struct settings *s)
{
	static const unsigned modes[] = {
		SSL_MODE_DISABLED, SSL_MODE_PREFERRED, SSL_MODE_REQUIRED, SSL_MODE_VERIFY_CA,
		SSL_MODE_VERIFY_IDENTITY
	};
	bool get_key = s->ssl_mode <= MYSQL_SSL_PREFERRED;

	if (s->ssl_mode != MYSQL_SSL_DISABLED && s->ssl_cert)
		mysql_options(c, MYSQL_OPT_SSL_CERT, s->ssl_cert);
	if (s->ssl_mode != MYSQL_SSL_DISABLED && s->ssl_key)
		mysql_options(c, MYSQL_OPT_SSL_KEY, s->ssl_key);
	if (s->ssl_mode >= MYSQL_SSL_VERIFY_CA && s->ssl_ca)
		mysql_options(c, MYSQL_OPT_SSL_CA, s->ssl_ca);
	if (s->ssl_mode >= MYSQL_SSL_VERIFY_CA && s->ssl_capath)
		mysql_options(c, MYSQL_OPT_SSL_CAPATH, s->ssl_capath);
	mysql_options(c, MYSQL_OPT_SSL_MODE, &modes[s->ssl_mode]);
	mysql_options(c, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &get_key);
}

static void forget_key(MYSQL *c) { (void)c; }

int mysql_socket(MYSQL *c) { return (int)c->net.fd; }

#endif

/* A peer that vanished without a word is noticed within two minutes, however long a query runs. */
static void keep_alive(MYSQL *c)
{
	int fd = mysql_socket(c), on = 1, idle_s = 60, interval_s = 10, probes = 6;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) == 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
		setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
	}
}

static void add_address(struct buf *b, const struct settings *s)
{
	if (!s->by_socket)
		buf_addf(b, strchr(s->host, ':') ? "[%s]:%u" : "%s:%u", s->host, s->port);
	else if (s->socket)
		buf_adds(b, s->socket);
	else
		buf_adds(b, "the default socket");
}

/* Error numbers of a failed connect, in one or two lines that say what to do. */
static void connect_failed(MYSQL *c, const struct settings *s, bool first, struct etl_err *err)
{
	unsigned code = mysql_errno(c);
	struct buf words = { 0 }, where = { 0 };
	enum etl_errc class = !first && (mysql_is_lost(code) || code == 1040) ?
			      ETL_ESOURCELOST : ETL_ESOURCE;

	buf_add_printable(&words, str_of(mysql_error(c)));
	add_address(&where, s);
	switch (code) {
	case 1045:
	case 1698:
		etl_err_set(err, class, "MySQL at '%s' denied access to user '%s': %s (%u)",
			    buf_cstr(&where), s->user, buf_cstr(&words), code);
		if (s->ssl_mode == MYSQL_SSL_DISABLED ||
		    (s->ssl_mode == MYSQL_SSL_PREFERRED && s->by_socket))
			etl_err_hint(err, "check user and password; an account that requires SSL "
				     "is denied in these words too: try --mysql-ssl-mode required");
		else
			etl_err_hint(err, "check --mysql-user and the password "
				     "(--mysql-password-file, MYSQL_PWD or an option file); if the "
				     "account requires SSL, check that the server offers it");
		break;
	case 1044:
	case 1049:
		etl_err_set(err, class, "cannot use database '%s' at '%s': %s (%u)", s->database,
			    buf_cstr(&where), buf_cstr(&words), code);
		etl_err_hint(err, code == 1049 ? "check --mysql-database" :
			     "grant the account SELECT and SHOW VIEW on it");
		break;
	case 2026:
		etl_err_set(err, class, "cannot agree on TLS with MySQL at '%s': %s (%u)",
			    buf_cstr(&where), buf_cstr(&words), code);
		etl_err_hint(err, s->ssl_mode >= MYSQL_SSL_VERIFY_CA ?
			     "check --mysql-ssl-ca, and for verify-identity that the certificate "
			     "names this host" :
			     "check that server and client have a TLS version in common");
		break;
	case 1040:
	case 1203:
	case 1226:
		etl_err_set(err, class, "MySQL at '%s' takes no more connections: %s (%u)",
			    buf_cstr(&where), buf_cstr(&words), code);
		etl_err_hint(err, "use fewer --readers, or raise the server's limit");
		break;
	case 2054: case 2059: case 2061:
		etl_err_set(err, class, "cannot log in to MySQL at '%s' as '%s': %s (%u)",
			    buf_cstr(&where), s->user, buf_cstr(&words), code);
		etl_err_hint(err, "the account's authentication needs a connection that cannot be "
			     "listened to: use --mysql-ssl-mode verify-identity with a CA, or "
			     "give the account another plugin");
		break;
	default:
		etl_err_set(err, class, "cannot connect to MySQL at '%s': %s (%u)",
			    buf_cstr(&where), buf_cstr(&words), code);
		etl_err_hint(err, "check that the server runs and --mysql-host, --mysql-port, "
			     "--mysql-socket");
	}
	buf_release(&words);
	buf_release(&where);
}

int mysql_run(MYSQL *c, const char *sql)
{
	MYSQL_RES *res;

	if (mysql_real_query(c, sql, strlen(sql)) != 0)
		return (int)mysql_errno(c);
	res = mysql_store_result(c);
	if (res)
		mysql_free_result(res);
	return (int)mysql_errno(c);
}

MYSQL_RES *mysql_rows(MYSQL *c, const char *sql)
{
	if (mysql_real_query(c, sql, strlen(sql)) != 0)
		return NULL;
	return mysql_store_result(c);
}

/*
 * The same session on every server: whatever the administrator set, a view means and gives the
 * same. The collation is one that both servers have and that compares as MySQL's users expect of
 * literals; columns keep theirs. group_concat_max_len cuts MariaDB's JSON_ARRAYAGG in silence,
 * net_write_timeout ends a slowly read result in what looks like its end.
 */
static const char *const session_required[] = {
	"SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
	"SET SESSION sql_mode = '', time_zone = '+00:00', group_concat_max_len = 1073741824, "
	"net_write_timeout = 31536000, net_read_timeout = 31536000, wait_timeout = 31536000, "
	"autocommit = 1, sql_auto_is_null = 0, sql_safe_updates = 0, sql_big_selects = 1, "
	"sql_select_limit = 18446744073709551615, div_precision_increment = 4, "
	"lc_time_names = 'en_US', default_week_format = 0, lock_wait_timeout = 60",
	"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
	"SET SESSION TRANSACTION READ WRITE",
};

/* Those that only some servers have, or only some accounts may set. */
static const char *const session_optional[] = {
	"SET SESSION max_error_count = 65535",	/* see mysql_reader_check_warnings */
	"SET SESSION max_statement_time = 0",
	"SET SESSION idle_transaction_timeout = 0",
	"SET SESSION idle_readonly_transaction_timeout = 0",
	"SET SESSION idle_write_transaction_timeout = 0",
	"SET SESSION character_set_collations = ''",
	"SET SESSION system_versioning_asof = DEFAULT",
	"SET SESSION max_execution_time = 0",
	/* MySQL's CAST(x AS DATETIME) rounds, MariaDB's does not */
	"SET SESSION sql_mode = 'TIME_TRUNCATE_FRACTIONAL'",
};

static int session_setup(MYSQL *c, struct etl_err *err)
{
	size_t i;
	int code;

	for (i = 0; i < sizeof(session_required) / sizeof(session_required[0]); i++)
		if (mysql_run(c, session_required[i]) != 0)
			return mysql_fail(c, err, "cannot set up the MySQL session");
	for (i = 0; i < sizeof(session_optional) / sizeof(session_optional[0]); i++) {
		code = mysql_run(c, session_optional[i]);
		/* unknown variable, no right to set it, wrong value: not this server's */
		if (code && code != 1193 && code != 1227 && code != 1231 && code != 1238)
			return mysql_fail(c, err, "cannot set up the MySQL session");
	}
	return 0;
}

/* 'limit_s': for each answer of the server; 0: none but for the login. */
static void set_options(MYSQL *c, const struct settings *s, unsigned limit_s)
{
	unsigned local_infile = 0;
	char clear = 1;
	unsigned protocol = s->by_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
	unsigned long packet = CLIENT_MAX_PACKET_BYTES;

	mysql_options(c, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(c, MYSQL_OPT_CONNECT_TIMEOUT, limit_s ? &limit_s : &s->connect_timeout_s);
	if (limit_s) {
		mysql_options(c, MYSQL_OPT_READ_TIMEOUT, &limit_s);
		mysql_options(c, MYSQL_OPT_WRITE_TIMEOUT, &limit_s);
	}
	mysql_options(c, MYSQL_OPT_LOCAL_INFILE, &local_infile);
	mysql_options(c, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_options(c, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
	if (s->token)
		mysql_options(c, MYSQL_ENABLE_CLEARTEXT_PLUGIN, &clear);
	ask_tls(c, s);
}

/* Connects with TLS as asked, without a word to the server beyond the login. */
static MYSQL *log_in(const struct settings *s, unsigned limit_s, bool first, struct etl_err *err)
{
	MYSQL *c = mysql_init(NULL), *there;
	struct buf token = { 0 };

	if (!c) {
		etl_err_set(err, ETL_ESYSTEM, "cannot start the MySQL client library");
		return NULL;
	}
	set_options(c, s, limit_s);
	if (s->token && s->token(s->token_arg, s->host, s->port, s->user, &token, err)) {
		forget_key(c);
		mysql_close(c);
		return NULL;
	}
	there = mysql_real_connect(c, s->host, s->user, s->token ? buf_cstr(&token) :
				   s->password ? s->password : "", s->database,
				   s->port, s->by_socket ? s->socket : NULL,
				   CLIENT_REMEMBER_OPTIONS);	/* for forget_key */
	if (token.cap)
		explicit_bzero(token.ptr, token.cap);
	buf_release(&token);
	if (!there) {
		connect_failed(c, s, first, err);
		forget_key(c);
		mysql_close(c);
		return NULL;
	}
	forget_key(c);
	if (s->ssl_mode >= MYSQL_SSL_REQUIRED && !mysql_get_ssl_cipher(c)) {
		etl_err_set(err, ETL_ESOURCE, "MySQL at '%s' does not offer TLS", s->host);
		etl_err_hint(err, "the TLS mode asked for demands it; --mysql-ssl-mode preferred "
			     "would go on in plaintext");
		mysql_close(c);
		return NULL;
	}
	return c;
}

/* The first column of the first row, malloc'ed; NULL if it is empty or was not to be had. */
static char *one_text(MYSQL *c, const char *sql)
{
	MYSQL_RES *res = mysql_rows(c, sql);
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	char *text = row && row[0] && *row[0] ? mem_strdup(row[0]) : NULL;

	mysql_free_result(res);
	return text;
}

char *mysql_session_identity(const struct mysql_source *source, MYSQL *c)
{
	char *id = one_text(c, source->flavour == SERVER_MYSQL ? "SELECT @@server_uuid" :
			    "SELECT @@server_uid");

	if (!id)
		id = one_text(c, "SELECT CONCAT(@@hostname, ':', @@port, ':', @@datadir)");
	return id ? id : mem_strdup(source->settings.host);
}

/* Behind one name may stand several servers, and after a failover another one. */
static int same_server(const struct mysql_source *source, MYSQL *c, struct etl_err *err)
{
	char *id;
	int rc = 0;

	if (!source->identity)
		return 0;
	id = mysql_session_identity(source, c);
	if (mysql_errno(c) && mysql_is_lost(mysql_errno(c))) {
		rc = mysql_fail(c, err, "cannot ask MySQL which server it is");
	} else if (strcmp(id, source->identity) != 0) {
		rc = etl_err_set(err, ETL_ESOURCE, "another server answers now under the address of "
				 "the source");
		etl_err_hint(err, "name one server with --mysql-host; after a failover, see that the "
			     "new server has all data and begin anew with --restart");
	}
	free(id);
	return rc;
}

MYSQL *mysql_session_open(const struct mysql_source *source, bool first, struct etl_err *err)
{
	MYSQL *c = log_in(&source->settings, 0, first, err);

	if (!c)
		return NULL;
	if (!source->settings.by_socket)
		keep_alive(c);
	if (session_setup(c, err) < 0 || same_server(source, c, err) < 0) {
		mysql_close(c);
		return NULL;
	}
	return c;
}

MYSQL *mysql_session_brief(const struct mysql_source *source)
{
	return log_in(&source->settings, BRIEF_S, false, NULL);
}

char *mysql_session_describe(const struct mysql_source *source, MYSQL *c)
{
	const struct settings *s = &source->settings;
	MYSQL_RES *res = mysql_rows(c, "SHOW SESSION STATUS LIKE 'Ssl_version'");
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	struct buf raw = { 0 }, safe = { 0 };

	buf_addf(&raw, "%s@", s->user);
	add_address(&raw, s);
	buf_addf(&raw, "/%s", s->database);
	if (mysql_get_ssl_cipher(c))
		buf_addf(&raw, " over %s", row && row[1] && *row[1] ? row[1] : "TLS");
	else if (!s->by_socket)
		buf_adds(&raw, " without TLS");
	mysql_free_result(res);
	buf_add_printable(&safe, buf_str(&raw));
	buf_release(&raw);
	return buf_detach(&safe);
}

char *mysql_session_place(const struct mysql_source *source)
{
	struct buf raw = { 0 }, safe = { 0 };

	add_address(&raw, &source->settings);
	buf_addf(&raw, "/%s", source->settings.database);
	buf_add_printable(&safe, buf_str(&raw));
	buf_release(&raw);
	return buf_detach(&safe);
}

MYSQL *mysql_main_open(struct mysql_source *s, bool first, struct etl_err *err)
{
	s->main = mysql_session_open(s, first, err);
	/* its statements of DDL are to tell soon that somebody is in the way */
	if (s->main)
		mysql_run(s->main, "SET SESSION lock_wait_timeout = 5");
	return s->main;
}

MYSQL *mysql_main(struct mysql_source *s, struct etl_err *err)
{
	if (s->main && mysql_ping(s->main) == 0)
		return s->main;
	if (s->main)
		mysql_close(s->main);
	return mysql_main_open(s, false, err);
}
