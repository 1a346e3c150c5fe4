#include "check_main.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aws/aws_env.h"
#include "aws/credentials.h"

static char dir[32];
static char config_file[64], credentials_file_path[64];

static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

static void set_up(void)
{
	snprintf(dir, sizeof(dir), "/tmp/etl-aws-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(config_file, sizeof(config_file), "%s/config", dir);
	snprintf(credentials_file_path, sizeof(credentials_file_path), "%s/credentials", dir);
	write_file(config_file,
		   "[default]\nregion = eu-west-1\n"
		   "[profile inconfig]\naws_access_key_id = CONFID\naws_secret_access_key = CONFSEC\n"
		   "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = default\n"
		   "[profile process]\ncredential_process = /bin/false\n"
		   "[profile sso]\nsso_session = s\n"
		   "[profile empty]\nregion = us-west-2\n"
		   "[profile both]\naws_access_key_id = WRONG\naws_secret_access_key = WRONG\n");
	write_file(credentials_file_path,
		   "[default]\naws_access_key_id = DEFID\naws_secret_access_key = DEFSEC\n"
		   "[both]\naws_access_key_id = BOTHID\naws_secret_access_key = BOTHSEC\n"
		   "aws_session_token = BOTHTOK\n"
		   "[half]\naws_access_key_id = HALFID\n"
		   "[role]\naws_access_key_id = STATIC\naws_secret_access_key = STATIC\n");
}

static void tear_down(void)
{
	unlink(config_file);
	unlink(credentials_file_path);
	rmdir(dir);
}

#define FILES "AWS_CONFIG_FILE", config_file, "AWS_SHARED_CREDENTIALS_FILE", credentials_file_path
/* no instance is asked in these tests */
#define OFF "AWS_EC2_METADATA_DISABLED", "true"
#define KEYS "AWS_ACCESS_KEY_ID", "ENVID", "AWS_SECRET_ACCESS_KEY", "ENVSEC"

static const struct {
	const char *profile;
	const char *env[12];
	const char *access_key, *secret_key, *token;	/* access_key NULL: an error with msg */
	const char *message;		/* a part of it */
	const char *hint;		/* a part of it, or NULL */
} cases[] = {
	{ NULL, { FILES, KEYS }, "ENVID", "ENVSEC", NULL, NULL, NULL },
	{ NULL, { FILES, KEYS, "AWS_SESSION_TOKEN", "TOK" }, "ENVID", "ENVSEC", "TOK", NULL, NULL },
	{ NULL, { FILES, KEYS, "AWS_SECURITY_TOKEN", "OLD" }, "ENVID", "ENVSEC", "OLD", NULL, NULL },
	{ NULL, { FILES, KEYS, "AWS_SESSION_TOKEN", "" }, "ENVID", "ENVSEC", NULL, NULL, NULL },
	{ NULL, { FILES }, "DEFID", "DEFSEC", NULL, NULL, NULL },
	{ NULL, { FILES, "AWS_ACCESS_KEY_ID", "", "AWS_SECRET_ACCESS_KEY", "" }, "DEFID", "DEFSEC",
	  NULL, NULL, NULL },
	{ NULL, { FILES, "AWS_PROFILE", "both" }, "BOTHID", "BOTHSEC", "BOTHTOK", NULL, NULL },
	{ NULL, { FILES, "AWS_DEFAULT_PROFILE", "both" }, "BOTHID", "BOTHSEC", "BOTHTOK", NULL,
	  NULL },
	/* the environment's keys stand before a profile of the environment, not before the flag */
	{ NULL, { FILES, KEYS, "AWS_PROFILE", "both" }, "ENVID", "ENVSEC", NULL, NULL, NULL },
	{ "both", { FILES, KEYS }, "BOTHID", "BOTHSEC", "BOTHTOK", NULL, NULL },
	{ "inconfig", { FILES }, "CONFID", "CONFSEC", NULL, NULL, NULL },
	{ NULL, { FILES, "AWS_ACCESS_KEY_ID", "ENVID" }, NULL, NULL, NULL,
	  "AWS_SECRET_ACCESS_KEY is not set", "set both" },
	{ NULL, { FILES, "AWS_SECRET_ACCESS_KEY", "x" }, NULL, NULL, NULL,
	  "AWS_ACCESS_KEY_ID is not set", "set both" },
	{ "half", { FILES, KEYS }, NULL, NULL, NULL, "aws_secret_access_key is missing", NULL },
	{ "process", { FILES }, NULL, NULL, NULL, "it ended with status 1", NULL },
	{ "sso", { FILES }, NULL, NULL, NULL, "'sso_session', which only AWS's own tools do",
	  "export-credentials --profile sso --format process" },
	{ "nobody", { FILES, KEYS }, NULL, NULL, NULL, "AWS profile 'nobody' is in neither",
	  "--profile" },
	{ NULL, { FILES, KEYS, "AWS_PROFILE", "nobody" }, NULL, NULL, NULL, "'nobody'", NULL },
	{ "empty", { FILES, KEYS, OFF }, NULL, NULL, NULL, "no AWS credentials", "AWS_ACCESS_KEY_ID" },
	{ NULL, { "AWS_ACCESS_KEY_ID", "a\r\nX-Evil: 1", "AWS_SECRET_ACCESS_KEY", "s" }, NULL, NULL,
	  NULL, "control characters", NULL },
	{ NULL, { "HOME", "/nonexistent", OFF }, NULL, NULL, NULL, "no AWS credentials", NULL },
	{ NULL, { OFF }, NULL, NULL, NULL, "no AWS credentials", NULL },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

START_TEST(chain)
{
	struct aws_config config = { .profile = cases[_i].profile, .getenv = aws_env_get };
	struct credentials c;
	struct etl_err err = { 0 };
	int rc;

	aws_env = cases[_i].env;
	rc = credentials_load(&config, false, &c, &err);
	if (cases[_i].access_key) {
		ck_assert_msg(rc == 0, "%s", err.msg);
		ck_assert(same(c.access_key, cases[_i].access_key));
		ck_assert(same(c.secret_key, cases[_i].secret_key));
		ck_assert(same(c.session_token, cases[_i].token));
		credentials_release(&c);
		ck_assert_ptr_null(c.secret_key);
		return;
	}
	ck_assert_int_eq(rc, -ETL_ECREDENTIALS);
	ck_assert_msg(strstr(err.msg, cases[_i].message) != NULL, "%s", err.msg);
	if (cases[_i].hint)
		ck_assert_msg(strstr(err.hint, cases[_i].hint) != NULL, "%s", err.hint);
	ck_assert_ptr_null(strstr(err.msg, "ENVSEC"));
	ck_assert_ptr_null(strstr(err.msg, "DEFSEC"));
}
END_TEST

START_TEST(home_and_local_hint)
{
	const char *env[] = { "HOME", dir, NULL };
	struct aws_config config = { .getenv = aws_env_get };
	struct credentials c;
	struct etl_err err = { 0 };
	char path[96], file[112];

	aws_env = env;
	ck_assert_int_eq(credentials_load(&config, true, &c, &err), -ETL_ECREDENTIALS);
	ck_assert_ptr_nonnull(strstr(err.hint, "DynamoDB Local takes any"));
	snprintf(path, sizeof(path), "%s/.aws", dir);
	snprintf(file, sizeof(file), "%s/credentials", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	write_file(file, "[default]\naws_access_key_id = HOMEID\naws_secret_access_key = s\n");
	etl_err_clear(&err);
	ck_assert_int_eq(credentials_load(&config, true, &c, &err), 0);
	ck_assert_str_eq(c.access_key, "HOMEID");
	credentials_release(&c);
	unlink(file);
	rmdir(path);
}
END_TEST

static Suite *credentials_suite(void)
{
	Suite *suite = suite_create("aws/credentials");
	TCase *tc = tcase_create("credentials");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, chain, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, home_and_local_hint);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(credentials_suite)
