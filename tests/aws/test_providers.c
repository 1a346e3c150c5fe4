/* Providers that ask someone: a program, a container's agent, an instance's metadata service. The
 * fake server answers as those do, and as they do when something is wrong. */
#include "check_main.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "aws/aws_env.h"
#include "aws/credentials.h"
#include "base/log.h"
#include "fakes/http_server.h"

#define GOOD "{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"hunter2\",\"Token\":\"TOK\"," \
	     "\"Expiration\":\"2035-01-01T00:00:00Z\"}"

static char dir[32], config_path[64], token_path[64], script_path[64];
static const char *env[24];
static struct aws_config config;
static struct credentials c;
static struct stop stop;
static struct etl_err err;
static struct http_server *server;

static void write_file(const char *path, const char *content)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
}

static void set_env(const char *name, const char *value)
{
	size_t n = 0;

	while (env[n] && strcmp(env[n], name) != 0)
		n += 2;
	env[n] = name;
	env[n + 1] = value;
}

static void set_up(void)
{
	log_setup(LOG_TEXT, LOG_ERROR, false);
	snprintf(dir, sizeof(dir), "/tmp/etl-aws-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(config_path, sizeof(config_path), "%s/config", dir);
	snprintf(token_path, sizeof(token_path), "%s/token", dir);
	snprintf(script_path, sizeof(script_path), "%s/script", dir);
	memset(env, 0, sizeof(env));
	aws_env = env;
	set_env("AWS_CONFIG_FILE", config_path);
	set_env("AWS_EC2_METADATA_DISABLED", "true");
	err = (struct etl_err){ 0 };
	stop = (struct stop){ 0 };
	config = (struct aws_config){ .getenv = aws_env_get, .stop = &stop };
	server = http_server_start();
}

static void tear_down(void)
{
	http_server_stop(server);
	credentials_release(&c);
	unlink(config_path);
	unlink(token_path);
	unlink(script_path);
	rmdir(dir);
}

static int load(void)
{
	etl_err_clear(&err);
	credentials_release(&c);
	return credentials_load(&config, false, &c, &err);
}

static void expect_loaded(const char *key, const char *token)
{
	ck_assert_msg(load() == 0, "%s", err.msg);
	ck_assert_str_eq(c.access_key, key);
	ck_assert_str_eq(c.secret_key, "hunter2");
	if (token)
		ck_assert_str_eq(c.session_token, token);
	else
		ck_assert_ptr_null(c.session_token);
}

static void expect_refused(const char *why)
{
	ck_assert_int_eq(load(), -ETL_ECREDENTIALS);
	ck_assert_msg(strstr(err.msg, why) != NULL, "'%s' is not in '%s'", why, err.msg);
	ck_assert_msg(!strstr(err.msg, "hunter2") && !strstr(err.hint, "hunter2"), "%s", err.msg);
}

/* ---- credential_process --------------------------------------------------------------------- */

static void use_process(const char *command, const char *script)
{
	char text[512];

	snprintf(text, sizeof(text), "[default]\ncredential_process = %s\n"
		 "aws_access_key_id = BELOW\naws_secret_access_key = BELOW\n", command);
	write_file(config_path, text);
	if (!script)
		return;
	write_file(script_path, script);
	ck_assert_int_eq(chmod(script_path, 0700), 0);
}

START_TEST(process_gives)
{
	char command[128];

	snprintf(command, sizeof(command), "%s \"two words\" 'it''s $HOME' back\\ slash \"a\\\"b\"",
		 script_path);
	use_process(command, "#!/bin/sh\n[ \"$1\" = 'two words' ] && [ \"$2\" = 'its $HOME' ] && "
		    "[ \"$3\" = 'back slash' ] && [ \"$4\" = 'a\"b' ] && [ $# = 4 ] || exit 9\n"
		    "echo '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"hunter2\","
		    "\"SessionToken\":\"T\",\"Expiration\":\"2030-01-01T00:00:00+01:00\"}'\n");
	expect_loaded("PROC", "T");
	ck_assert_int_eq(c.expires_utc_ms, INT64_C(1893452400000));
}
END_TEST

/* Threads of a run have all signals blocked, and run such programs when credentials expire. */
START_TEST(process_has_no_signal_blocked)
{
	sigset_t all, before;

	/* bash: dash forgets what was blocked */
	use_process(script_path, "#!/bin/bash\ngrep -q '^SigBlk:[[:space:]]*0*$' /proc/self/status && "
		    "echo '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"hunter2\"}'\n");
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	expect_loaded("PROC", NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
END_TEST

static const struct { const char *script, *why; } bad_processes[] = {
	{ "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hunter2\"}'\n"
	  "exit 3\n", "failed: it ended with status 3" },
	{ "#!/bin/sh\nkill -9 $$\n", "failed: it ended by signal 9" },
	{ "#!/bin/sh\necho hunter2\n", "gave no JSON of Version 1" },
	{ "#!/bin/sh\necho '{\"Version\":2,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hunter2\"}'\n",
	  "gave no JSON of Version 1" },
	{ "#!/bin/sh\necho '{\"Version\":1,\"SecretAccessKey\":\"hunter2\"}'\n",
	  "gave no AccessKeyId" },
	{ "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"\"}'\n",
	  "gave no SecretAccessKey" },
	{ "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"hunter2\","
	  "\"Expiration\":\"soon\"}'\n", "an Expiration that is no time" },
	{ "#!/bin/sh\nprintf %s '{\"Version\":1,\"AccessKeyId\":\"A\","
	  "\"SecretAccessKey\":\"hunter2\\nX: y\"}'\n", "blanks or control characters" },
	{ "#!/bin/sh\nhead -c 100000 /dev/zero\n", "failed: it prints too much" },
};

/* It stands before keys of the config file, and its failure is no reason to take those. */
START_TEST(process_fails)
{
	use_process(script_path, bad_processes[_i].script);
	expect_refused(bad_processes[_i].why);
	ck_assert_ptr_nonnull(strstr(err.msg, "credential_process of profile 'default'"));
}
END_TEST

START_TEST(process_cannot_run)
{
	use_process("/nonexistent/program", NULL);
	expect_refused("No such file or directory");
	use_process("/bin/echo \"open", NULL);
	expect_refused("open quote");
}
END_TEST

START_TEST(process_ends_with_the_run)
{
	use_process(script_path, "#!/bin/sh\nexec sleep 100\n");
	stop_ask(&stop);
	ck_assert_int_eq(load(), -ETL_ESTOPPED);
}
END_TEST

/* ---- containers ----------------------------------------------------------------------------- */

static void use_container(void)
{
	static char url[96];

	snprintf(url, sizeof(url), "%s/creds/secret-path", http_server_url(server));
	set_env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
}

static void expect_header(size_t request, const char *name, const char *expected)
{
	char *head = http_server_head(server, request), *value;

	ck_assert_ptr_nonnull(head);
	value = http_header(head, name);
	if (expected)
		ck_assert_msg(value && strcmp(value, expected) == 0, "%s: %s", name, value);
	else
		ck_assert_ptr_null(value);
	free(value);
	free(head);
}

static void expect_line(size_t request, const char *line)
{
	char *head = http_server_head(server, request);

	ck_assert_msg(head && strncmp(head, line, strlen(line)) == 0, "%s", head);
	free(head);
}

START_TEST(container_gives)
{
	use_container();
	http_server_ok(server, GOOD);
	expect_loaded("AKID", "TOK");
	ck_assert_int_eq(c.expires_utc_ms, INT64_C(2051222400000));
	expect_line(0, "GET /creds/secret-path HTTP/1.1\r\n");
	expect_header(0, "Authorization", NULL);

	set_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "plain");
	http_server_ok(server, GOOD);
	expect_loaded("AKID", "TOK");
	expect_header(1, "Authorization", "plain");

	/* the file stands before the variable and is read anew each time */
	write_file(token_path, "first");
	set_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_path);
	http_server_ok(server, GOOD);
	expect_loaded("AKID", "TOK");
	write_file(token_path, "second");
	http_server_ok(server, GOOD);
	expect_loaded("AKID", "TOK");
	expect_header(2, "Authorization", "first");
	expect_header(3, "Authorization", "second");
	ck_assert_uint_eq(http_server_requests(server), 4);
}
END_TEST

START_TEST(container_slow_or_failing_at_first)
{
	use_container();
	http_server_add(server, (struct http_reply){ .status = 500, .body = "oh" });
	http_server_add(server, (struct http_reply){ .status = 200, .body = GOOD,
						     .manner = HTTP_CUT });
	http_server_add(server, (struct http_reply){ .status = 200, .body = GOOD,
						     .manner = HTTP_SLOW });
	expect_loaded("AKID", "TOK");
	ck_assert_uint_eq(http_server_requests(server), 3);
}
END_TEST

START_TEST(container_refuses)
{
	use_container();
	http_server_add(server, (struct http_reply){ .status = 403, .body = "hunter2" });
	expect_refused("the container credentials endpoint answered with status 403");
	ck_assert_uint_eq(http_server_requests(server), 1);
	http_server_ok(server, "{\"SecretAccessKey\":\"hunter2\"}");
	expect_refused("gave no AccessKeyId");
	for (int i = 0; i < 3; i++)
		http_server_add(server, (struct http_reply){ .body = "", .manner = HTTP_RESET });
	expect_refused("the container credentials endpoint");
	ck_assert_ptr_null(strstr(err.msg, "secret-path"));
	ck_assert_uint_eq(http_server_requests(server), 5);
}
END_TEST

START_TEST(container_hangs)
{
	use_container();
	for (int i = 0; i < 3; i++)
		http_server_add(server, (struct http_reply){ .body = "", .manner = HTTP_HANG });
	expect_refused("no complete answer from the container credentials endpoint within 2000 ms");
}
END_TEST

static const struct { const char *name, *value, *why; } bad_uris[] = {
	{ "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/x", "http is only for" },
	{ "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1.example.com/x", "http is only" },
	{ "AWS_CONTAINER_CREDENTIALS_FULL_URI", "ftp://127.0.0.1/x", "neither http nor https" },
	{ "AWS_CONTAINER_CREDENTIALS_FULL_URI", "nonsense", "AWS_CONTAINER_CREDENTIALS_FULL_URI" },
	{ "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/a b\001", "_RELATIVE_URI cannot be used" },
};

START_TEST(container_address_is_bad)
{
	set_env(bad_uris[_i].name, bad_uris[_i].value);
	expect_refused(bad_uris[_i].why);
}
END_TEST

START_TEST(container_token_is_bad)
{
	use_container();
	set_env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2\r\nX-Evil: 1");
	expect_refused("line break");
	set_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_path);
	expect_refused("No such file");
	ck_assert_uint_eq(http_server_requests(server), 0);
}
END_TEST

/* ---- instances ------------------------------------------------------------------------------ */

static void use_instance(void)
{
	set_env("AWS_EC2_METADATA_DISABLED", "false");
	set_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_server_url(server));
}

static void reply(int status, const char *body)
{
	http_server_add(server, (struct http_reply){ .status = status, .body = body });
}

START_TEST(instance_gives)
{
	use_instance();
	reply(200, "session-token==");
	reply(200, "my-role\nother");
	reply(200, GOOD);
	expect_loaded("AKID", "TOK");
	ck_assert_str_eq(c.origin, "the instance metadata service");
	expect_line(0, "PUT /latest/api/token HTTP/1.1\r\n");
	expect_header(0, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
	expect_line(1, "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n");
	expect_header(1, "X-aws-ec2-metadata-token", "session-token==");
	expect_line(2, "GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1\r\n");
	expect_header(2, "X-aws-ec2-metadata-token", "session-token==");
}
END_TEST

/* Who refuses a token is not asked in the old way, without one. */
START_TEST(never_the_first_version)
{
	static const int statuses[] = { 403, 404, 400, 500 };

	use_instance();
	reply(statuses[_i], "");
	ck_assert_int_eq(load(), -ETL_ECREDENTIALS);
	ck_assert_uint_eq(http_server_requests(server), 1);
}
END_TEST

static const struct { int role_status; const char *role; int status; const char *body, *why; }
bad_instances[] = {
	{ 404, "", 0, NULL, "no AWS credentials" },
	{ 200, "", 0, NULL, "no AWS credentials" },
	{ 401, "", 0, NULL, "answered with status 401 when asked for the role's name" },
	{ 200, "a b", 0, NULL, "gave no usable name of a role" },
	{ 200, "r", 500, "hunter2", "answered with status 500 when asked for the role's credentials" },
	{ 200, "r", 200, "{\"Code\":\"Failed\",\"SecretAccessKey\":\"hunter2\"}",
	  "gave no AccessKeyId" },
	{ 200, "r", 200, "hunter2", "gave no JSON object" },
};

START_TEST(instance_refuses)
{
	use_instance();
	reply(200, "token");
	reply(bad_instances[_i].role_status, bad_instances[_i].role);
	if (bad_instances[_i].body)
		reply(bad_instances[_i].status, bad_instances[_i].body);
	expect_refused(bad_instances[_i].why);
}
END_TEST

START_TEST(instance_is_silent)
{
	use_instance();
	http_server_add(server, (struct http_reply){ .body = "", .manner = HTTP_HANG });
	expect_refused("nor a container or an instance");
	reply(200, "token");
	http_server_add(server, (struct http_reply){ .body = "", .manner = HTTP_HANG });
	expect_refused("no complete answer from the instance metadata service within 1000 ms");
}
END_TEST

START_TEST(instance_switched_off)
{
	use_instance();
	set_env("AWS_EC2_METADATA_DISABLED", "TRUE");
	expect_refused("no AWS credentials");
	ck_assert_uint_eq(http_server_requests(server), 0);
	/* nor for an endpoint on this machine */
	set_env("AWS_EC2_METADATA_DISABLED", "false");
	ck_assert_int_eq(credentials_load(&config, true, &c, &err), -ETL_ECREDENTIALS);
	ck_assert_uint_eq(http_server_requests(server), 0);
}
END_TEST

/* ---- roles ---------------------------------------------------------------------------------- */

static char roles[] =
	"[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n"
	"external_id = a b+c\nrole_session_name = me\nduration_seconds = 900\nregion = eu-west-1\n"
	"[profile base]\naws_access_key_id = BASE\naws_secret_access_key = s3cret\n"
	"[profile twice]\nrole_arn = arn:2\nsource_profile = role\nregion = eu-west-1\n"
	"[profile self]\nrole_arn = arn:3\nsource_profile = self\nregion = eu-west-1\n"
	"aws_access_key_id = SELF\naws_secret_access_key = s3cret\n"
	"[profile a]\nrole_arn = arn:a\nsource_profile = b\nregion = eu-west-1\n"
	"[profile b]\nrole_arn = arn:b\nsource_profile = a\n"
	"[profile lost]\nrole_arn = arn:l\nsource_profile = nowhere\nregion = eu-west-1\n"
	"[profile nosource]\nrole_arn = arn:n\nregion = eu-west-1\n"
	"[profile mfa]\nrole_arn = arn:m\nsource_profile = base\nmfa_serial = arn:mfa\n"
	"[profile env]\nrole_arn = arn:e\ncredential_source = Environment\nregion = eu-west-1\n"
	"[profile odd]\nrole_arn = arn:o\ncredential_source = Moon\nregion = eu-west-1\n";

#define STS(id, token) "<r xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Credentials>\n" \
	"<AccessKeyId>" id "</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>" \
	"<SessionToken>" token "</SessionToken><Expiration>2035-01-01T00:00:00Z</Expiration>" \
	"</Credentials></r>"

static void use_role(const char *profile)
{
	write_file(config_path, roles);
	set_env("AWS_ENDPOINT_URL_STS", http_server_url(server));
	config.profile = profile;
}

static void expect_body(size_t request, const char *expected)
{
	char *body = http_server_body(server, request);

	ck_assert_str_eq(body, expected);
	free(body);
}

static void expect_signer(size_t request, const char *key, const char *token)
{
	char *head = http_server_head(server, request);
	char *authorization = http_header(head, "Authorization");

	ck_assert_msg(strstr(authorization, key) != NULL &&
		      strstr(authorization, "/eu-west-1/sts/aws4_request") != NULL, "%s", head);
	ck_assert(!strstr(head, "s3cret") && !strstr(head, "hunter2"));
	free(authorization);
	free(head);
	expect_header(request, "X-Amz-Security-Token", token);
}

START_TEST(role_of_a_profile)
{
	use_role("role");
	reply(200, STS("ROLE", "T/+=&amp;"));
	expect_loaded("ROLE", "T/+=&");
	ck_assert_int_eq(c.expires_utc_ms, INT64_C(2051222400000));
	ck_assert_str_eq(c.origin, "the role of profile 'role'");
	expect_line(0, "POST / HTTP/1.1\r\n");
	expect_body(0, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1"
		    "%3Arole%2Fx&RoleSessionName=me&ExternalId=a%20b%2Bc&DurationSeconds=900");
	expect_signer(0, "Credential=BASE/", NULL);
	/* a token that could write headers is refused */
	reply(200, STS("ROLE", "T&#xD;X: y"));
	expect_refused("control characters");
}
END_TEST

START_TEST(roles_in_a_chain)
{
	use_role("twice");
	reply(200, STS("ONE", "T1"));
	reply(200, STS("TWO", "T2"));
	expect_loaded("TWO", "T2");
	expect_signer(0, "Credential=BASE/", NULL);
	expect_signer(1, "Credential=ONE/", "T1");
	config.profile = "self";
	reply(200, STS("THREE", "T3"));
	expect_loaded("THREE", "T3");
	expect_signer(2, "Credential=SELF/", NULL);
	config.profile = "env";
	set_env("AWS_ACCESS_KEY_ID", "ENVID");
	set_env("AWS_SECRET_ACCESS_KEY", "hunter2");
	reply(200, STS("FOUR", "T4"));
	expect_loaded("FOUR", "T4");
	expect_signer(3, "Credential=ENVID/", NULL);
}
END_TEST

static const struct { const char *profile, *why; } bad_roles[] = {
	{ "a", "too long, or a circle" }, { "lost", "its source_profile 'nowhere' is not there" },
	{ "nosource", "neither source_profile nor credential_source" },
	{ "mfa", "one-time code" }, { "odd", "credential_source is none of" },
	{ "env", "its credential_source Environment has no credentials" },
};

START_TEST(role_cannot_be_assumed)
{
	use_role(bad_roles[_i].profile);
	expect_refused(bad_roles[_i].why);
	ck_assert_uint_eq(http_server_requests(server), 0);
}
END_TEST

START_TEST(sts_refuses)
{
	use_role("role");
	reply(403, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User "
	      "may not sts:AssumeRole</Message></Error></ErrorResponse>");
	expect_refused("the role of profile 'role': STS refused: AccessDenied: User may not "
		       "sts:AssumeRole");
	ck_assert_uint_eq(http_server_requests(server), 1);
	reply(200, "<r><AccessKeyId>A</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey></r>");
	expect_refused("STS gave no whole credentials");
	reply(200, "<r><AccessKeyId>hunter2");
	expect_refused("STS gave no whole credentials");
	/* what passes is tried again */
	reply(500, "");
	http_server_add(server, (struct http_reply){ .body = "", .manner = HTTP_CLOSE });
	http_server_add(server, (struct http_reply){ .status = 200, .body = STS("LATE", "T"),
						     .manner = HTTP_SLOW });
	expect_loaded("LATE", "T");
	ck_assert_uint_eq(http_server_requests(server), 6);
	for (int i = 0; i < 3; i++)
		reply(503, "");
	expect_refused("STS refused: HTTP status 503");
}
END_TEST

START_TEST(web_identity)
{
	write_file(config_path, "[default]\nregion = eu-west-1\naws_access_key_id = BELOW\n"
		   "aws_secret_access_key = BELOW\n");
	set_env("AWS_ENDPOINT_URL_STS", http_server_url(server));
	set_env("AWS_WEB_IDENTITY_TOKEN_FILE", token_path);
	expect_refused("no role: AWS_ROLE_ARN is not set");
	set_env("AWS_ROLE_ARN", "arn:w");
	set_env("AWS_ROLE_SESSION_NAME", "pod");
	expect_refused("No such file");
	write_file(token_path, "\n");
	expect_refused("holds no token");
	write_file(token_path, "first.jwt\n");
	reply(200, STS("WEB", "T"));
	expect_loaded("WEB", "T");
	/* the file is rotated: read anew */
	write_file(token_path, "second.jwt");
	reply(200, STS("WEB2", "T"));
	expect_loaded("WEB2", "T");
	expect_body(0, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aw&"
		    "RoleSessionName=pod&WebIdentityToken=first.jwt");
	expect_body(1, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aw&"
		    "RoleSessionName=pod&WebIdentityToken=second.jwt");
	expect_header(0, "Authorization", NULL);
	/* a role of the profile is meant, wherever the program runs */
	write_file(config_path, roles);
	set_env("AWS_PROFILE", "role");
	reply(200, STS("ROLE", "T"));
	expect_loaded("ROLE", "T");
	/* keys of the environment stand before all */
	set_env("AWS_ACCESS_KEY_ID", "ENVID");
	set_env("AWS_SECRET_ACCESS_KEY", "hunter2");
	expect_loaded("ENVID", NULL);
	ck_assert_uint_eq(http_server_requests(server), 3);
}
END_TEST

/* ---- the order ------------------------------------------------------------------------------ */

START_TEST(order)
{
	use_instance();
	use_container();
	http_server_ok(server, GOOD);
	expect_loaded("AKID", "TOK");
	expect_line(0, "GET /creds/secret-path ");
	use_process(script_path, "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"PROC\","
		    "\"SecretAccessKey\":\"hunter2\"}'\n");
	expect_loaded("PROC", NULL);
	ck_assert_int_eq(c.expires_utc_ms, 0);
	set_env("AWS_ACCESS_KEY_ID", "ENVID");
	set_env("AWS_SECRET_ACCESS_KEY", "hunter2");
	expect_loaded("ENVID", NULL);
	ck_assert_uint_eq(http_server_requests(server), 1);
}
END_TEST

static const struct { const char *text; int64_t utc_ms; } times[] = {
	{ "2030-01-01T00:00:00Z", INT64_C(1893456000000) },
	{ "2030-01-01T00:00:00.123456Z", INT64_C(1893456000000) },
	{ "2030-01-01T02:30:00+02:30", INT64_C(1893456000000) },
	{ "2029-12-31T19:00:00-0500", INT64_C(1893456000000) },
	{ "2030-01-01T00:00:00", -1 }, { "2030-13-01T00:00:00Z", -1 }, { "", -1 },
	{ "2030-01-01T00:00:00Zx", -1 }, { "2030-1-1T00:00:00Z", -1 },
};

START_TEST(time_texts)
{
	int64_t utc_ms = -1;

	ck_assert_int_eq(credentials_time(times[_i].text, &utc_ms), times[_i].utc_ms >= 0);
	if (times[_i].utc_ms >= 0)
		ck_assert_int_eq(utc_ms, times[_i].utc_ms);
}
END_TEST

static Suite *providers_suite(void)
{
	Suite *s = suite_create("aws/providers");
	TCase *t = tcase_create("providers");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, process_gives);
	tcase_add_test(t, process_has_no_signal_blocked);
	tcase_add_loop_test(t, process_fails, 0, sizeof(bad_processes) / sizeof(bad_processes[0]));
	tcase_add_test(t, process_cannot_run);
	tcase_add_test(t, process_ends_with_the_run);
	tcase_add_test(t, container_gives);
	tcase_add_test(t, container_slow_or_failing_at_first);
	tcase_add_test(t, container_refuses);
	tcase_add_test(t, container_hangs);
	tcase_add_loop_test(t, container_address_is_bad, 0, sizeof(bad_uris) / sizeof(bad_uris[0]));
	tcase_add_test(t, container_token_is_bad);
	tcase_add_test(t, instance_gives);
	tcase_add_loop_test(t, never_the_first_version, 0, 4);
	tcase_add_loop_test(t, instance_refuses, 0,
			    sizeof(bad_instances) / sizeof(bad_instances[0]));
	tcase_add_test(t, instance_is_silent);
	tcase_add_test(t, instance_switched_off);
	tcase_add_test(t, role_of_a_profile);
	tcase_add_test(t, roles_in_a_chain);
	tcase_add_loop_test(t, role_cannot_be_assumed, 0,
			    sizeof(bad_roles) / sizeof(bad_roles[0]));
	tcase_add_test(t, sts_refuses);
	tcase_add_test(t, web_identity);
	tcase_add_test(t, order);
	tcase_add_loop_test(t, time_texts, 0, sizeof(times) / sizeof(times[0]));
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(providers_suite)
