/* The key of `etl explain`: text on the command line -> key attributes. */
#include "check_main.h"
#include "cli/explain.h"

static const struct key_schema string_only = { "PK", ATTR_S, NULL, ATTR_S };
static const struct key_schema strings = { "PK", ATTR_S, "SK", ATTR_S };
static const struct key_schema number_binary = { "n", ATTR_N, "b", ATTR_B };

static const struct {
	const struct key_schema *keys;
	const char *text, *json, *message;
} cases[] = {
	{ &strings, "a,b", "{\"PK\":{\"S\":\"a\"},\"SK\":{\"S\":\"b\"}}", NULL },
	{ &strings, "a\\,b,c,d", "{\"PK\":{\"S\":\"a,b\"},\"SK\":{\"S\":\"c,d\"}}", NULL },
	{ &strings, "a\\\\,b\\,c", "{\"PK\":{\"S\":\"a\\\\\"},\"SK\":{\"S\":\"b,c\"}}", NULL },
	{ &strings, "a\\b, c ", "{\"PK\":{\"S\":\"a\\\\b\"},\"SK\":{\"S\":\" c \"}}", NULL },
	{ &string_only, "a,b", "{\"PK\":{\"S\":\"a,b\"}}", NULL },
	{ &string_only, "a\\,b", "{\"PK\":{\"S\":\"a,b\"}}", NULL },
	{ &string_only, "\"\n", "{\"PK\":{\"S\":\"\\\"\\n\"}}", NULL },
	{ &number_binary, "01.50,AP9B", "{\"n\":{\"N\":\"1.5\"},\"b\":{\"B\":\"AP9B\"}}", NULL },
	{ &number_binary, "-1e2,0x00fF41", "{\"n\":{\"N\":\"-100\"},\"b\":{\"B\":\"AP9B\"}}",
	  NULL },
	{ &strings, "a", NULL, "'--key' names no sort key 'SK'" },
	{ &strings, "a\\,b", NULL, "'--key' names no sort key 'SK'" },
	{ &strings, ",b", NULL, "'--key': '' cannot be the key 'PK' of type S: it is empty" },
	{ &strings, "a,", NULL, "'--key': '' cannot be the key 'SK' of type S: it is empty" },
	{ &strings, "\xff,a", NULL,
	  "'--key': '\\xff' cannot be the key 'PK' of type S: it is not UTF-8" },
	{ &number_binary, "x,AA==", NULL, "'--key': 'x' cannot be the key 'n' of type N: it is no "
	  "number that DynamoDB can hold" },
	{ &number_binary, "1e200,AA==", NULL, "'--key': '1e200' cannot be the key 'n' of type N: "
	  "it is no number that DynamoDB can hold" },
	{ &number_binary, "1,0x0", NULL, "'--key': '0x0' cannot be the key 'b' of type B: it is "
	  "neither base64 nor 0x and hex digits" },
	{ &number_binary, "1,0x", NULL, "'--key': '0x' cannot be the key 'b' of type B: it is "
	  "neither base64 nor 0x and hex digits" },
	{ &number_binary, "1,AP9", NULL, "'--key': 'AP9' cannot be the key 'b' of type B: it is "
	  "neither base64 nor 0x and hex digits" },
};

START_TEST(parses)
{
	struct explain_key key = { 0 };
	struct etl_err err = { 0 };
	int rc = explain_key_parse(cases[_i].text, cases[_i].keys, &key, &err);

	if (cases[_i].message) {
		ck_assert_int_eq(rc, -ETL_EUSAGE);
		ck_assert_str_eq(err.msg, cases[_i].message);
	} else {
		struct buf canonical = { 0 };

		ck_assert_msg(rc == 0, "%s", err.msg);
		ck_assert_str_eq(buf_cstr(&key.json), cases[_i].json);
		ck_assert_int_eq(key_from_item_json(cases[_i].keys, buf_str(&key.json), &canonical,
						    &err), 0);
		ck_assert(str_eq(buf_str(&canonical), buf_str(&key.canonical)));
		buf_release(&canonical);
	}
	explain_key_release(&key);
}
END_TEST

static Suite *explain_key_suite(void)
{
	Suite *s = suite_create("cli/explain_key");
	TCase *t = tcase_create("parse");

	tcase_add_loop_test(t, parses, 0, sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(explain_key_suite)
