#include "check_main.h"
#include "model/key.h"

static const struct {
	struct key_schema schema;
	struct str item;
	struct str want;		/* no pointer: an error */
	const char *says;
} cases[] = {
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"S\":\"a\"}}"), STR("S\0\0\0\1a"), NULL },
	{ { "p", ATTR_S, "s", ATTR_N },
	  STR("{\"x\":{\"L\":[{\"M\":{\"p\":{\"S\":\"no\"}}}]},\"s\":{\"N\":\"1.50\"},"
	      "\"p\":{\"S\":\"\\u0000\"}}"), STR("S\0\0\0\1\0N\0\0\0\3" "1.5"), NULL },
	{ { "p", ATTR_B, NULL, ATTR_S }, STR("{\"p\":{\"B\":\"/wA=\"}}"), STR("B\0\0\0\2\xff\0"),
	  NULL },
	{ { "p", ATTR_S, "s", ATTR_N }, STR("{\"p\":{\"S\":\"a\"}}"), { NULL, 0 }, "'s'" },
	{ { "p", ATTR_S, "s", ATTR_N }, STR("{\"s\":{\"N\":\"1\"}}"), { NULL, 0 }, "'p'" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"N\":\"1\"}}"), { NULL, 0 }, "types" },
	{ { "p", ATTR_N, NULL, ATTR_S }, STR("{\"p\":{\"N\":\"x\"}}"), { NULL, 0 }, "types" },
	{ { "p", ATTR_B, NULL, ATTR_S }, STR("{\"p\":{\"B\":\"x\"}}"), { NULL, 0 }, "types" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"S\":\"a\"}"), { NULL, 0 }, "JSON" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"S\":\"a\"}} x"), { NULL, 0 }, "JSON" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"S\":\"a\"},\"p\":{\"S\":\"b\"}}"),
	  { NULL, 0 }, "JSON" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("{\"p\":{\"S\":\"a\",\"N\":\"1\"}}"), { NULL, 0 },
	  "JSON" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR("[]"), { NULL, 0 }, "JSON" },
	{ { "p", ATTR_S, NULL, ATTR_S }, STR(""), { NULL, 0 }, "JSON" },
};

START_TEST(from_items)
{
	struct buf key = { 0 };
	struct etl_err err = { 0 };
	int rc = key_from_item_json(&cases[_i].schema, cases[_i].item, &key, &err);

	ck_assert_int_eq(rc, cases[_i].want.ptr ? 0 : -ETL_ESINK);
	ck_assert(str_eq(buf_str(&key), cases[_i].want));
	if (cases[_i].says)
		ck_assert_ptr_nonnull(strstr(err.msg, cases[_i].says));
	buf_release(&key);
}
END_TEST

/* Length in the form: ("a", "bc") and ("ab", "c") are two keys. */
START_TEST(parts_do_not_run_together)
{
	struct buf a = { 0 }, b = { 0 };

	key_add_part(&a, ATTR_S, STR("a"));
	key_add_part(&a, ATTR_S, STR("bc"));
	key_add_part(&b, ATTR_S, STR("ab"));
	key_add_part(&b, ATTR_S, STR("c"));
	ck_assert(!str_eq(buf_str(&a), buf_str(&b)));
	buf_release(&a);
	buf_release(&b);
}
END_TEST

static Suite *key_suite(void)
{
	Suite *suite = suite_create("model/key");
	TCase *tc = tcase_create("key");

	tcase_add_loop_test(tc, from_items, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, parts_do_not_run_together);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(key_suite)
