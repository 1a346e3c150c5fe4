/* Connecting: TLS modes as MySQL's tools mean them, on a server with TLS and on one whose offer
 * of TLS is taken away on the wire; and what wrong settings say. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "check_main.h"
#include "integration/source/live.h"

/* ---- a man in the middle who takes CLIENT_SSL out of the server's greeting ----------------- */

struct stripper {
	int listener;
	unsigned port;
	pthread_t thread;
};

static bool pass(int from, int to)
{
	char room[16384];
	ssize_t n = read(from, room, sizeof(room));

	return n > 0 && write(to, room, (size_t)n) == n;
}

static void strip_one(int client)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int server = socket(AF_INET, SOCK_STREAM, 0);
	unsigned char greeting[4096];
	ssize_t n;

	to.sin_port = htons((uint16_t)strtoul(live_env("ETL_DB_PORT"), NULL, 10));
	inet_pton(AF_INET, live_env("ETL_DB_HOST"), &to.sin_addr);
	ck_assert_int_eq(connect(server, (struct sockaddr *)&to, sizeof(to)), 0);
	n = read(server, greeting, sizeof(greeting));
	if (n > 40) {
		/* header 4, protocol 1, version text, thread id 4, scramble 8, filler 1, flags 2 */
		size_t at = 5 + strlen((char *)greeting + 5) + 1 + 4 + 8 + 1;

		greeting[at + 1] &= (unsigned char)~0x08;
		ck_assert_int_eq(write(client, greeting, (size_t)n), n);
		for (;;) {
			struct pollfd fds[2] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };

			if (poll(fds, 2, 10000) <= 0)
				break;
			if (fds[0].revents && !pass(client, server))
				break;
			if (fds[1].revents && !pass(server, client))
				break;
		}
	}
	close(server);
	close(client);
}

static void *strip_all(void *arg)
{
	struct stripper *s = arg;
	int client;

	while ((client = accept(s->listener, NULL, NULL)) >= 0)
		strip_one(client);
	return NULL;
}

static void strip_start(struct stripper *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(s->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(s->listener, 4), 0);
	getsockname(s->listener, (struct sockaddr *)&at, &len);
	s->port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&s->thread, NULL, strip_all, s), 0);
}

static void strip_stop(struct stripper *s)
{
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
}

/* ---- TLS ----------------------------------------------------------------------------------- */

enum ca { CA_NONE, CA_RIGHT, CA_WRONG };

static const struct tls_case {
	const char *host;
	enum mysql_ssl_mode mode;
	enum ca ca;
	bool stripped;
	const char *describe;	/* what the description ends with; NULL: refused */
	const char *message;
} tls_cases[] = {
	{ "127.0.0.1", MYSQL_SSL_DISABLED, CA_NONE, false, " without TLS", NULL },
	{ "127.0.0.1", MYSQL_SSL_PREFERRED, CA_NONE, false, " over TLSv1.3", NULL },
	{ "127.0.0.1", MYSQL_SSL_REQUIRED, CA_NONE, false, " over TLSv1.3", NULL },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_CA, CA_NONE, false, NULL, "no CA to verify" },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_CA, CA_RIGHT, false, " over TLSv1.3", NULL },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_CA, CA_WRONG, false, NULL, "cannot agree on TLS" },
	{ "127.0.0.2", MYSQL_SSL_VERIFY_CA, CA_RIGHT, false, " over TLSv1.3", NULL },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_IDENTITY, CA_RIGHT, false, " over TLSv1.3", NULL },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_IDENTITY, CA_WRONG, false, NULL, "cannot agree on TLS" },
	{ "127.0.0.2", MYSQL_SSL_VERIFY_IDENTITY, CA_RIGHT, false, NULL, "cannot agree on TLS" },
	{ "127.0.0.1", MYSQL_SSL_DISABLED, CA_NONE, true, " without TLS", NULL },
	{ "127.0.0.1", MYSQL_SSL_PREFERRED, CA_NONE, true, " without TLS", NULL },
	{ "127.0.0.1", MYSQL_SSL_REQUIRED, CA_NONE, true, NULL, "TLS" },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_CA, CA_RIGHT, true, NULL, "TLS" },
	{ "127.0.0.1", MYSQL_SSL_VERIFY_IDENTITY, CA_RIGHT, true, NULL, "TLS" },
};

START_TEST(tls_mode)
{
	const struct tls_case *t = &tls_cases[_i];
	struct mysql_config config = live_config("mysql");
	struct stripper stripper = { 0 };
	struct etl_err err = { 0 };
	struct source *s = NULL;
	const char *describe;
	int rc;

	config.host = t->host;
	config.ssl_mode = t->mode;
	config.ssl_mode_given = true;
	if (t->ca)
		config.ssl_ca = live_env(t->ca == CA_RIGHT ? "ETL_TEST_CA" : "ETL_TEST_OTHER_CA");
	if (t->stripped) {
		strip_start(&stripper);
		config.port = stripper.port;
	}
	rc = mysql_source_open(&config, &s, &err);
	if (t->describe) {
		ck_assert_msg(rc == 0, "%s", err.msg);
		describe = mysql_source_describe(s);
		ck_assert_msg(strstr(describe, t->describe) != NULL, "%s", describe);
		ck_assert_ptr_null(strstr(describe, live_env("MYSQL_PWD")));
		s->ops->close(s);
	} else {
		ck_assert_int_lt(rc, 0);
		ck_assert_msg(strstr(err.msg, t->message) != NULL, "%s", err.msg);
		ck_assert_msg(err.hint[0] != '\0', "no hint: %s", err.msg);
	}
	if (t->stripped)
		strip_stop(&stripper);
}
END_TEST

/* ---- wrong settings ------------------------------------------------------------------------ */

static void set_wrong_user(struct mysql_config *c) { c->user = "no_such_user"; }
static void set_wrong_password(struct mysql_config *c) { c->password = "wrong-secret"; }
static void set_wrong_database(struct mysql_config *c) { c->database = "no_such_database"; }
static void set_no_database(struct mysql_config *c) { c->database = NULL; }
static void set_wrong_port(struct mysql_config *c) { c->port = 1; }
static void set_wrong_host(struct mysql_config *c) { c->host = "no-such-host.invalid"; }
static void set_wrong_file(struct mysql_config *c) { c->defaults_file = "/no/such/file"; }
static void set_wrong_ca(struct mysql_config *c) { c->ssl_ca = "/no/such/ca.pem"; }
static void set_wrong_socket(struct mysql_config *c)
{
	c->host = NULL;
	c->socket = "/no/such/socket";
}

static const struct wrong_case {
	void (*set)(struct mysql_config *c);
	enum etl_errc code;
	const char *message;
} wrong_cases[] = {
	{ set_wrong_user, ETL_ESOURCE, "denied access to user 'no_such_user'" },
	{ set_wrong_password, ETL_ESOURCE, "denied access" },
	{ set_wrong_database, ETL_ESOURCE, "cannot use database 'no_such_database'" },
	{ set_no_database, ETL_EUSAGE, "no source database named" },
	{ set_wrong_port, ETL_ESOURCE, "cannot connect to MySQL at '127.0.0.1:1'" },
	{ set_wrong_host, ETL_ESOURCE, "cannot connect to MySQL at 'no-such-host.invalid:" },
	{ set_wrong_file, ETL_EUSAGE, "cannot read option file '/no/such/file'" },
	{ set_wrong_ca, ETL_EUSAGE, "cannot read CA file '/no/such/ca.pem'" },
	{ set_wrong_socket, ETL_ESOURCE, "cannot connect to MySQL at '/no/such/socket'" },
};

START_TEST(wrong_setting)
{
	const struct wrong_case *w = &wrong_cases[_i];
	struct mysql_config config = live_config("mysql");
	struct etl_err err = { 0 };
	struct source *s = NULL;

	config.ssl_mode_given = false;
	w->set(&config);
	ck_assert_int_eq(mysql_source_open(&config, &s, &err), -(int)w->code);
	ck_assert_ptr_null(s);
	ck_assert_msg(strstr(err.msg, w->message) != NULL, "%s", err.msg);
	ck_assert_ptr_null(strstr(err.msg, "wrong-secret"));
}
END_TEST

/* An account that requires SSL is denied in the words of a wrong password. */
START_TEST(account_requires_ssl)
{
	struct source *s = live_open("etl_it_connect");
	struct mysql_config config = live_config("etl_it_connect");
	struct etl_err err = { 0 };
	struct source *other = NULL;

	live_sql(s, "CREATE USER IF NOT EXISTS 'etl_it_ssl'@'%%' IDENTIFIED BY 'x1' REQUIRE SSL");
	live_sql(s, "GRANT SELECT ON etl_it_connect.* TO 'etl_it_ssl'@'%%'");
	config.user = "etl_it_ssl";
	config.password = "x1";
	config.ssl_mode_given = false;
	LIVE_OK(mysql_source_open(&config, &other, &err));
	other->ops->close(other);
	config.ssl_mode = MYSQL_SSL_DISABLED;
	config.ssl_mode_given = true;
	ck_assert_int_eq(mysql_source_open(&config, &other, &err), -(int)ETL_ESOURCE);
	ck_assert_msg(strstr(err.hint, "requires SSL") != NULL, "%s", err.hint);
	live_sql(s, "DROP USER 'etl_it_ssl'@'%%'");
	s->ops->close(s);
}
END_TEST

START_TEST(by_socket)
{
	struct mysql_config config = live_config("mysql");
	struct etl_err err = { 0 };
	struct source *s;

	config.ssl_mode_given = false;
	config.host = NULL;
	config.port = 0;
	config.socket = live_env("ETL_DB_SOCKET");
	LIVE_OK(mysql_source_open(&config, &s, &err));
	ck_assert_ptr_null(strstr(mysql_source_describe(s), "TLS"));
	s->ops->close(s);
}
END_TEST

/* caching_sha2_password and mysql_native_password both log in for the first time without TLS. */
START_TEST(password_without_tls)
{
	struct source *s = live_open("etl_it_connect");
	struct mysql_config config = live_config("etl_it_connect");
	struct etl_err err = { 0 };
	struct source *other;

	live_sql(s, "DROP USER IF EXISTS 'etl_it_new'@'%%'");
	live_sql(s, "CREATE USER 'etl_it_new'@'%%' IDENTIFIED BY 'n3w'");
	live_sql(s, "GRANT SELECT ON etl_it_connect.* TO 'etl_it_new'@'%%'");
	config.user = "etl_it_new";
	config.password = "n3w";
	config.ssl_mode = MYSQL_SSL_DISABLED;
	config.ssl_mode_given = true;
	LIVE_OK(mysql_source_open(&config, &other, &err));
	other->ops->close(other);
	live_sql(s, "DROP USER 'etl_it_new'@'%%'");
	s->ops->close(s);
}
END_TEST

static Suite *connect_suite(void)
{
	Suite *suite = suite_create("integration/source/connect");
	TCase *tc = tcase_create("connect");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, tls_mode, 0, (int)(sizeof(tls_cases) / sizeof(tls_cases[0])));
	tcase_add_loop_test(tc, wrong_setting, 0,
			    (int)(sizeof(wrong_cases) / sizeof(wrong_cases[0])));
	tcase_add_test(tc, account_requires_ssl);
	tcase_add_test(tc, by_socket);
	tcase_add_test(tc, password_without_tls);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(connect_suite)
