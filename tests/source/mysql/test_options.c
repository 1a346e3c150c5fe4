#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check_main.h"
#include "source/mysql/mysql_priv.h"

static char path[] = "/tmp/etl-test-options-XXXXXX";

static void write_file(const char *text)
{
	char name[] = "/tmp/etl-test-options-XXXXXX";
	int fd = mkstemp(name);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	memcpy(path, name, sizeof(path));
}

static const struct file_case {
	const char *text;
	const char *user, *password, *host;	/* NULL: not said */
	unsigned port;
	bool mode_given;
	enum mysql_ssl_mode mode;
} file_cases[] = {
	{ "", NULL, NULL, NULL, 0, false, 0 },
	{ "user=x\n", NULL, NULL, NULL, 0, false, 0 },
	{ "[mysqld]\nuser=x\n[client]\nhost = h # here\n", NULL, NULL, "h", 0, false, 0 },
	{ "[client]\nuser=a\n[etl]\nuser=b\n", "b", NULL, NULL, 0, false, 0 },
	{ "[client]\npassword='a#b '\nport=3307\n", NULL, "a#b ", NULL, 3307, false, 0 },
	{ "[client]\npassword=\"q\\\"\\\\\\s\"\n", NULL, "q\"\\ ", NULL, 0, false, 0 },
	{ "[client]\npassword\nuser=\n; user=c\n#user=d\n", NULL, NULL, NULL, 0, false, 0 },
	{ " [ client ] \n loose_user = x\n", "x", NULL, NULL, 0, false, 0 },
	{ "[client]\nssl_mode=VERIFY_CA\n", NULL, NULL, NULL, 0, true, MYSQL_SSL_VERIFY_CA },
	{ "[client]\nskip-ssl\n", NULL, NULL, NULL, 0, true, MYSQL_SSL_DISABLED },
	{ "[client]\nssl\nssl-verify-server-cert\n", NULL, NULL, NULL, 0, true,
	  MYSQL_SSL_VERIFY_IDENTITY },
	{ "[client]\nlocal-infile=1\ndefault-character-set=latin1\nuser=u", "u", NULL, NULL, 0,
	  false, 0 },
};

static void same(const char *a, const char *b)
{
	if (!b)
		ck_assert_ptr_null(a);
	else
		ck_assert_pstr_eq(a, b);
}

START_TEST(option_file)
{
	const struct file_case *c = &file_cases[_i];
	struct settings s = { 0 };
	struct etl_err err = { 0 };

	write_file(c->text);
	ck_assert_int_eq(settings_read_file(&s, path, false, &err), 0);
	unlink(path);
	same(s.user, c->user);
	same(s.password, c->password);
	same(s.host, c->host);
	ck_assert_uint_eq(s.port, c->port);
	ck_assert_int_eq(s.ssl_mode_given, c->mode_given);
	if (c->mode_given)
		ck_assert_int_eq(s.ssl_mode, c->mode);
	settings_release(&s);
}
END_TEST

START_TEST(wrong_value)
{
	static const char *const texts[] = {
		"[client]\n\nport=x\n", "[client]\n\nport=65536\n", "[etl]\n\nssl-mode=maybe\n",
	};
	struct settings s = { 0 };
	struct etl_err err = { 0 };

	write_file(texts[_i]);
	ck_assert_int_eq(settings_read_file(&s, path, false, &err), -(int)ETL_EUSAGE);
	unlink(path);
	ck_assert_msg(strstr(err.msg, "line 3: wrong value of option") != NULL, "%s", err.msg);
	settings_release(&s);
}
END_TEST

START_TEST(everybody_can_write)
{
	struct settings s = { 0 };
	struct etl_err err = { 0 };

	write_file("[client]\nuser=mallory\n");
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(settings_read_file(&s, path, false, &err), 0);
	unlink(path);
	ck_assert_ptr_null(s.user);
}
END_TEST

START_TEST(resolved)
{
	struct mysql_config config = { .defaults_file = path, .user = "me", .database = "d" };
	struct settings s = { 0 };
	struct etl_err err = { 0 };

	setenv("MYSQL_PWD", "from-env", 1);
	write_file("[client]\nuser=file\npassword=from-file\n");
	ck_assert_int_eq(settings_resolve(&s, &config, &err), 0);
	ck_assert_str_eq(s.user, "me");
	ck_assert_str_eq(s.password, "from-file");
	ck_assert_str_eq(s.host, "localhost");
	ck_assert_int_eq(s.ssl_mode, MYSQL_SSL_PREFERRED);
	ck_assert(s.by_socket);
	settings_release(&s);
	memset(&s, 0, sizeof(s));
	config.port = 3307;	/* on the command line: not whatever server has the socket */
	config.defaults_file = "/dev/null";
	ck_assert_int_eq(settings_resolve(&s, &config, &err), 0);
	ck_assert_str_eq(s.password, "from-env");
	ck_assert(!s.by_socket);
	settings_release(&s);
	memset(&s, 0, sizeof(s));
	config.ssl_ca = path;	/* naming a CA asks for it to be looked at */
	ck_assert_int_eq(settings_resolve(&s, &config, &err), 0);
	ck_assert_int_eq(s.ssl_mode, MYSQL_SSL_VERIFY_CA);
	settings_release(&s);
	unlink(path);
}
END_TEST

static Suite *options_suite(void)
{
	Suite *suite = suite_create("source/mysql/options");
	TCase *tc = tcase_create("options");

	tcase_add_loop_test(tc, option_file, 0, (int)(sizeof(file_cases) / sizeof(file_cases[0])));
	tcase_add_loop_test(tc, wrong_value, 0, 3);
	tcase_add_test(tc, everybody_can_write);
	tcase_add_test(tc, resolved);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(options_suite)
