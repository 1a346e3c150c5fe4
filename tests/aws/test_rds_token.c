#include "check_main.h"

#include "aws/aws_env.h"
#include "aws/rds_token.h"
#include "fakes/fake_clock.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define AT_UTC_MS INT64_C(1440938160000)	/* 2015-08-30T12:36:00Z */

/* As botocore's generate_db_auth_token makes them of the same. */
static const struct {
	const char *host, *user, *token;
	unsigned port;
	const char *expected;
} cases[] = {
	/* the region is the server's, not AWS_REGION's */
	{ "shop.abc123.eu-west-3.rds.amazonaws.com", "jane doe@x", NULL, 3306,
	  "shop.abc123.eu-west-3.rds.amazonaws.com:3306/?Action=connect&DBUser=jane%20doe%40x"
	  "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-3"
	  "%2Frds-db%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900"
	  "&X-Amz-SignedHeaders=host&X-Amz-Signature="
	  "ddbb11e8968986ac214e3e214f0ab1e4301217ee3cbb1cb5dce1a7f9d2ddb1f9" },
	{ "10.0.0.1", "u", "AB+/=", 3307,
	  "10.0.0.1:3307/?Action=connect&DBUser=u&X-Amz-Algorithm=AWS4-HMAC-SHA256"
	  "&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Frds-db%2Faws4_request"
	  "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-Security-Token=AB%2B%2F%3D"
	  "&X-Amz-SignedHeaders=host&X-Amz-Signature="
	  "1e82e1ab0b5b87b7999010860ef1516a5bed2221c04cb5c7a6db54cbb5ce9389" },
};

START_TEST(token)
{
	const char *env[] = {
		"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY", SECRET,
		"AWS_REGION", "us-east-1", cases[_i].token ? "AWS_SESSION_TOKEN" : NULL,
		cases[_i].token, NULL,
	};
	struct fake_clock clock;
	struct aws_config config = { .getenv = aws_env_get, .clock = &clock.clock };
	struct etl_err err = { 0 };
	struct buf out = { 0 };

	fake_clock_init(&clock, AT_UTC_MS);
	aws_env = env;
	ck_assert_int_eq(aws_rds_token(&config, cases[_i].host, cases[_i].port, cases[_i].user,
				       &out, &err), 0);
	ck_assert_str_eq(buf_cstr(&out), cases[_i].expected);
	buf_release(&out);
}
END_TEST

START_TEST(nobody)
{
	static const char *const env[] = { "AWS_REGION", "us-east-1", "AWS_EC2_METADATA_DISABLED",
					   "true", NULL };
	struct aws_config config = { .getenv = aws_env_get };
	struct etl_err err = { 0 };
	struct buf out = { 0 };

	aws_env = env;
	ck_assert_int_eq(aws_rds_token(&config, "h", 3306, "u", &out, &err), -ETL_ECREDENTIALS);
	ck_assert_uint_eq(out.len, 0);
	buf_release(&out);
}
END_TEST

static Suite *rds_token_suite(void)
{
	Suite *suite = suite_create("aws/rds_token");
	TCase *tc = tcase_create("rds_token");

	tcase_add_loop_test(tc, token, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, nobody);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(rds_token_suite)
