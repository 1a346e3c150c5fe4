#include "check_main.h"

#include "aws/ini.h"

static const char text[] =
	"\xef\xbb\xbf# a comment\r\n"
	"; another\n"
	"stray = 1\n"
	"[default]\r\n"
	"Region = eu-west-1 \r\n"
	"aws_access_key_id=AKID # not part of it\n"
	"aws_secret_access_key = a=b/c+d#e;f==\n"
	"empty =\n"
	"no separator\n"
	"[ profile   spaced ]\n"
	"region=us-east-2\n"
	"[profile \"quoted\"] # yes\n"
	"region = ap-south-1\n"
	"[services local]\n"
	"s3 =\n"
	"  endpoint_url = http://localhost:9000\n"
	"dynamodb =\n"
	"  # inside\n"
	"  endpoint_url = http://localhost:8000\n"
	"\tother = x\n"
	"plain = value\n"
	"  continued = no\n"
	"[default]\n"
	"region = eu-west-3\n"
	"[broken\n"
	"region = nowhere\n"
	"[last]\n"
	"key = end";

START_TEST(reads)
{
	static const struct { const char *section, *name, *value; } cases[] = {
		{ "default", "region", "eu-west-3" },
		{ "default", "aws_access_key_id", "AKID" },
		{ "default", "aws_secret_access_key", "a=b/c+d#e;f==" },
		{ "default", "empty", "" },
		{ "default", "no separator", NULL },
		{ "default", "stray", NULL },
		{ "profile spaced", "region", "us-east-2" },
		{ "profile quoted", "region", "ap-south-1" },
		{ "services local", "dynamodb.endpoint_url", "http://localhost:8000" },
		{ "services local", "dynamodb.other", "x" },
		{ "services local", "s3.endpoint_url", "http://localhost:9000" },
		{ "services local", "endpoint_url", NULL },
		{ "services local", "plain", "value" },
		{ "services local", "continued", NULL },
		{ "services local", "plain.continued", NULL },
		{ "last", "key", "end" },
		{ "nothing", "key", NULL },
	};
	struct ini *ini = ini_parse(STR(text));

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *value = ini_get(ini, cases[i].section, cases[i].name);

		ck_assert_msg(cases[i].value ? value && strcmp(value, cases[i].value) == 0 : !value,
			      "[%s] %s: %s", cases[i].section, cases[i].name,
			      value ? value : "(none)");
	}
	ck_assert(ini_has_section(ini, "profile quoted"));
	ck_assert(!ini_has_section(ini, "broken"));
	ini_free(ini);
}
END_TEST

START_TEST(missing_file_is_none)
{
	struct etl_err err = { 0 };
	struct ini *ini = (struct ini *)&err;

	ck_assert_int_eq(ini_read("/nonexistent/dir/config", &ini, &err), 0);
	ck_assert_ptr_null(ini);
	ck_assert_int_eq(ini_read("/", &ini, &err), -ETL_ESYSTEM);
}
END_TEST

/* No prefix and no single wrong byte may do more than be skipped. */
START_TEST(any_text)
{
	char copy[sizeof(text)];

	for (size_t n = 0; n < sizeof(text); n++) {
		ini_free(ini_parse((struct str){ text, n }));
		memcpy(copy, text, sizeof(text));
		copy[n] = "\0[]=\n \"#"[n % 8];
		ini_free(ini_parse((struct str){ copy, sizeof(text) }));
	}
}
END_TEST

static Suite *ini_suite(void)
{
	Suite *suite = suite_create("aws/ini");
	TCase *tc = tcase_create("ini");

	tcase_add_test(tc, reads);
	tcase_add_test(tc, missing_file_is_none);
	tcase_add_test(tc, any_text);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(ini_suite)
