#include "check_main.h"

#include "aws/aws_env.h"
#include "aws/region.h"

static const char file[] =
	"[default]\nregion = eu-central-1\n"
	"[profile svc]\nregion = us-west-1\nservices = mine\nendpoint_url = http://plain:1\n"
	"[profile plain]\nregion = us-west-1\nendpoint_url = http://plain:1\n"
	"[profile ignoring]\nregion = us-west-1\nendpoint_url = http://plain:1\n"
	"ignore_configured_endpoint_urls = TRUE\n"
	"[profile fips]\nregion = us-east-2\nuse_fips_endpoint = true\nca_bundle = /profile.pem\n"
	"[services mine]\ndynamodb =\n  endpoint_url = http://svc:2\n";

static const struct {
	const char *region, *endpoint_url, *profile;
	const char *env[8];
	const char *want_region, *want_url, *want_host;
	bool is_aws, loopback;
} good[] = {
	{ "us-east-1", NULL, NULL, { NULL }, "us-east-1",
	  "https://dynamodb.us-east-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com", true,
	  false },
	{ "us-east-1", NULL, NULL, { "AWS_REGION", "eu-west-1" }, "us-east-1",
	  "https://dynamodb.us-east-1.amazonaws.com", NULL, true, false },
	{ NULL, NULL, NULL, { "AWS_REGION", "eu-west-1", "AWS_DEFAULT_REGION", "eu-west-2" },
	  "eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com", NULL, true, false },
	{ NULL, NULL, NULL, { "AWS_DEFAULT_REGION", "eu-west-2" }, "eu-west-2",
	  "https://dynamodb.eu-west-2.amazonaws.com", NULL, true, false },
	{ NULL, NULL, NULL, { NULL }, "eu-central-1", "https://dynamodb.eu-central-1.amazonaws.com",
	  NULL, true, false },
	{ "cn-north-1", NULL, NULL, { NULL }, "cn-north-1",
	  "https://dynamodb.cn-north-1.amazonaws.com.cn", NULL, true, false },
	{ "us-iso-east-1", NULL, NULL, { NULL }, "us-iso-east-1",
	  "https://dynamodb.us-iso-east-1.c2s.ic.gov", NULL, true, false },
	{ "us-isob-east-1", NULL, NULL, { NULL }, "us-isob-east-1",
	  "https://dynamodb.us-isob-east-1.sc2s.sgov.gov", NULL, true, false },
	{ "us-east-1", NULL, NULL, { "AWS_USE_FIPS_ENDPOINT", "true" }, "us-east-1",
	  "https://dynamodb-fips.us-east-1.amazonaws.com", NULL, true, false },
	{ "us-gov-west-1", NULL, NULL, { "AWS_USE_FIPS_ENDPOINT", "true" }, "us-gov-west-1",
	  "https://dynamodb.us-gov-west-1.amazonaws.com", NULL, true, false },
	{ "us-east-1", NULL, NULL, { "AWS_USE_DUALSTACK_ENDPOINT", "true" }, "us-east-1",
	  "https://dynamodb.us-east-1.api.aws", NULL, true, false },
	{ "us-east-1", NULL, NULL,
	  { "AWS_USE_DUALSTACK_ENDPOINT", "true", "AWS_USE_FIPS_ENDPOINT", "True" }, "us-east-1",
	  "https://dynamodb-fips.us-east-1.api.aws", NULL, true, false },
	{ NULL, NULL, "fips", { NULL }, "us-east-2",
	  "https://dynamodb-fips.us-east-2.amazonaws.com", NULL, true, false },
	{ NULL, NULL, "fips", { "AWS_USE_FIPS_ENDPOINT", "false" }, "us-east-2",
	  "https://dynamodb.us-east-2.amazonaws.com", NULL, true, false },
	{ "local", NULL, NULL, { NULL }, "local", "http://localhost:8000", "localhost:8000", false,
	  true },
	/* who sets the endpoint */
	{ "us-east-1", "http://flag:3", "svc",
	  { "AWS_ENDPOINT_URL_DYNAMODB", "http://one:1", "AWS_ENDPOINT_URL", "http://all:2" },
	  "us-east-1", "http://flag:3", "flag:3", false, false },
	{ "us-east-1", "http://flag:3", NULL, { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true" },
	  "us-east-1", "http://flag:3", NULL, false, false },
	{ NULL, NULL, "svc",
	  { "AWS_ENDPOINT_URL_DYNAMODB", "http://one:1", "AWS_ENDPOINT_URL", "http://all:2" },
	  "us-west-1", "http://one:1", NULL, false, false },
	{ NULL, NULL, "svc", { "AWS_ENDPOINT_URL", "http://all:2" }, "us-west-1", "http://all:2",
	  NULL, false, false },
	{ NULL, NULL, "svc", { NULL }, "us-west-1", "http://svc:2", NULL, false, false },
	{ NULL, NULL, "plain", { NULL }, "us-west-1", "http://plain:1", NULL, false, false },
	{ NULL, NULL, "ignoring", { NULL }, "us-west-1",
	  "https://dynamodb.us-west-1.amazonaws.com", NULL, true, false },
	{ NULL, NULL, "svc",
	  { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "AWS_ENDPOINT_URL", "http://all:2" },
	  "us-west-1", "https://dynamodb.us-west-1.amazonaws.com", NULL, true, false },
	/* what a URL may look like */
	{ "us-east-1", "http://LocalHost:8000/", NULL, { NULL }, "us-east-1",
	  "http://localhost:8000", "localhost:8000", false, true },
	{ "us-east-1", "http://127.0.0.5", NULL, { NULL }, "us-east-1", "http://127.0.0.5",
	  "127.0.0.5", false, true },
	{ "us-east-1", "http://[::1]:8000", NULL, { NULL }, "us-east-1", "http://[::1]:8000",
	  "[::1]:8000", false, true },
	{ "us-east-1", "https://ddb.example.com:443", NULL, { NULL }, "us-east-1",
	  "https://ddb.example.com", "ddb.example.com", false, false },
	{ "us-east-1", "http://ddb.example.com:443", NULL, { NULL }, "us-east-1",
	  "http://ddb.example.com:443", "ddb.example.com:443", false, false },
	{ "us-east-1", "http://127.0.0.1.example.com", NULL, { NULL }, "us-east-1",
	  "http://127.0.0.1.example.com", NULL, false, false },
	{ "us-east-1", "https://evilamazonaws.com", NULL, { NULL }, "us-east-1",
	  "https://evilamazonaws.com", NULL, false, false },
};

static const struct {
	const char *region, *endpoint_url, *message;
} bad[] = {
	{ "us east", NULL, "'us east' is not the name of an AWS region" },
	{ "us-east-1.evil.com", NULL, "is not the name" },
	{ "", NULL, "is not the name" },
	{ "us-east-1", "localhost:8000/x y", "--endpoint-url cannot be used" },
	{ "us-east-1", "ftp://host", "neither http nor https" },
	{ "us-east-1", "http://user:hunter2@host", "holds a user or password" },
	{ "us-east-1", "http://host/path", "more than scheme, host and port" },
	{ "us-east-1", "http://host/?q=1", "more than scheme, host and port" },
	{ "us-east-1", "http://", "--endpoint-url cannot be used" },
	{ "us-east-1", "", "--endpoint-url cannot be used" },
};

static void profile_of(struct aws_profile *p, const char *name)
{
	*p = (struct aws_profile){ .name = mem_strdup(name ? name : "default"),
				   .config = ini_parse(STR(file)) };
}

START_TEST(resolves)
{
	struct aws_config config = { .region = good[_i].region,
				     .endpoint_url = good[_i].endpoint_url,
				     .getenv = aws_env_get };
	struct aws_profile profile;
	struct endpoint e;
	struct etl_err err = { 0 };

	aws_env = good[_i].env;
	profile_of(&profile, good[_i].profile);
	ck_assert_msg(endpoint_resolve(&config, &profile, &e, &err) == 0, "%s", err.msg);
	ck_assert_str_eq(e.region, good[_i].want_region);
	ck_assert_str_eq(e.url, good[_i].want_url);
	if (good[_i].want_host)
		ck_assert_str_eq(e.host, good[_i].want_host);
	ck_assert_int_eq(e.is_aws, good[_i].is_aws);
	ck_assert_int_eq(e.loopback, good[_i].loopback);
	endpoint_release(&e);
	aws_profile_release(&profile);
}
END_TEST

START_TEST(refuses)
{
	struct aws_config config = { .region = bad[_i].region,
				     .endpoint_url = bad[_i].endpoint_url,
				     .getenv = aws_env_get };
	struct aws_profile profile;
	struct endpoint e;
	struct etl_err err = { 0 };

	aws_env = NULL;
	profile_of(&profile, NULL);
	ck_assert_int_eq(endpoint_resolve(&config, &profile, &e, &err), -ETL_EUSAGE);
	ck_assert_msg(strstr(err.msg, bad[_i].message) != NULL, "%s", err.msg);
	ck_assert_ptr_null(strstr(err.msg, "hunter2"));
	aws_profile_release(&profile);
}
END_TEST

START_TEST(no_region_and_bundle)
{
	static const char *const env[] = { "AWS_CA_BUNDLE", "/env.pem", NULL };
	struct aws_config config = { .getenv = aws_env_get };
	struct aws_profile profile = { .name = mem_strdup("default") };
	struct endpoint e;
	struct etl_err err = { 0 };

	aws_env = NULL;
	ck_assert_int_eq(endpoint_resolve(&config, &profile, &e, &err), -ETL_EUSAGE);
	ck_assert_str_eq(err.msg, "no AWS region is set");
	ck_assert_ptr_nonnull(strstr(err.hint, "--region"));
	aws_profile_release(&profile);

	profile_of(&profile, "fips");
	etl_err_clear(&err);
	ck_assert_int_eq(endpoint_resolve(&config, &profile, &e, &err), 0);
	ck_assert_str_eq(e.ca_bundle, "/profile.pem");
	endpoint_release(&e);
	aws_env = env;
	ck_assert_int_eq(endpoint_resolve(&config, &profile, &e, &err), 0);
	ck_assert_str_eq(e.ca_bundle, "/env.pem");
	endpoint_release(&e);
	config.ca_bundle = "/flag.pem";
	ck_assert_int_eq(endpoint_resolve(&config, &profile, &e, &err), 0);
	ck_assert_str_eq(e.ca_bundle, "/flag.pem");
	endpoint_release(&e);
	aws_profile_release(&profile);
}
END_TEST

static Suite *region_suite(void)
{
	Suite *suite = suite_create("aws/region");
	TCase *tc = tcase_create("region");

	tcase_add_loop_test(tc, resolves, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, no_region_and_bundle);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(region_suite)
