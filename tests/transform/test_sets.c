#include "check_main.h"
#include "one_attr.h"

static const struct {
	enum attr_type type;
	const char *separator;
	bool set_column;
	struct str value;
	const char *want;
	size_t bytes;
	enum reject_code code;
} cases[] = {
	{ ATTR_SS, NULL, false, STR("[\"b\",\"a\",\"b\"]"), "{\"SS\":[\"b\",\"a\"]}", 2, 0 },
	{ ATTR_SS, NULL, false, STR("[\"\\u0061\",\"a\"]"), "{\"SS\":[\"a\"]}", 1, 0 },
	{ ATTR_SS, NULL, false, STR("[\"\",\"\"]"), "{\"SS\":[\"\"]}", 0, 0 },
	{ ATTR_SS, NULL, false, STR("[1.50,\"1.5\",null]"), "{\"SS\":[\"1.50\",\"1.5\"]}", 7, 0 },
	{ ATTR_SS, NULL, false, STR("[\"a\\n\\u0000\"]"), "{\"SS\":[\"a\\n\\u0000\"]}", 3, 0 },
	{ ATTR_SS, NULL, false, STR("[]"), NULL, 0, 0 },
	{ ATTR_SS, NULL, false, STR("[null]"), NULL, 0, 0 },
	{ ATTR_SS, NULL, false, STR("null"), NULL, 0, 0 },
	{ ATTR_SS, NULL, false, STR("null,"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR(""), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("a,b"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("{}"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("\"a\""), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("[true]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("[[\"a\"]]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("[\"a\"] x"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_SS, NULL, false, STR("[\"\\udc00\"]"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_SS, NULL, false, STR("[\"\xff\"]"), NULL, 0, REJECT_NOT_TEXT },

	{ ATTR_NS, NULL, false, STR("[1, 1.0, \"01\", 2e1, 20]"), "{\"NS\":[\"1\",\"20\"]}", 4, 0 },
	{ ATTR_NS, NULL, false, STR("[12345678901234567890]"),
	  "{\"NS\":[\"12345678901234567890\"]}", 11, 0 },
	{ ATTR_NS, NULL, false, STR("[1,\"x\"]"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_NS, NULL, false, STR("[1,\"\"]"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_NS, NULL, false, STR("[1e126]"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_NS, NULL, false, STR("[true]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_NS, NULL, false, STR("[\"x\",{]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_NS, NULL, false, STR("[{},\"x\"]"), NULL, 0, REJECT_NOT_JSON },

	{ ATTR_BS, NULL, false, STR("[\"YQ==\",\"/w==\",\"YQ==\"]"),
	  "{\"BS\":[\"YQ==\",\"/w==\"]}", 2, 0 },
	{ ATTR_BS, NULL, false, STR("[\"\"]"), "{\"BS\":[\"\"]}", 0, 0 },
	{ ATTR_BS, NULL, false, STR("[\"YQ\"]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_BS, NULL, false, STR("[1234]"), NULL, 0, REJECT_NOT_JSON },

	{ ATTR_SS, NULL, true, STR("red,green,red"), "{\"SS\":[\"red\",\"green\"]}", 8, 0 },
	{ ATTR_SS, NULL, true, STR(""), NULL, 0, 0 },
	{ ATTR_SS, ", ", false, STR("a, b,c, "), "{\"SS\":[\"a\",\"b,c\",\"\"]}", 4, 0 },
	{ ATTR_SS, "|", false, STR("one"), "{\"SS\":[\"one\"]}", 3, 0 },
	{ ATTR_SS, "|", false, STR("|"), "{\"SS\":[\"\"]}", 0, 0 },
	{ ATTR_SS, "aa", false, STR("aaa"), "{\"SS\":[\"\",\"a\"]}", 1, 0 },
	{ ATTR_SS, "|", false, STR(""), NULL, 0, 0 },
	{ ATTR_SS, "", false, STR("ab"), "{\"SS\":[\"ab\"]}", 2, 0 },
	{ ATTR_SS, "|", false, STR("a|\xff"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_SS, "|", false, STR("null"), "{\"SS\":[\"null\"]}", 4, 0 },
	{ ATTR_NS, "|", false, STR("1|1.0|-2"), "{\"NS\":[\"1\",\"-2\"]}", 5, 0 },
	{ ATTR_NS, "|", false, STR("1||2"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_NS, "|", false, STR("1| 2"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_BS, "|", false, STR("a|\xff|a"), "{\"BS\":[\"YQ==\",\"/w==\"]}", 2, 0 },

	{ ATTR_L, ",", false, STR("a,,a"), "{\"L\":[{\"S\":\"a\"},{\"S\":\"\"},{\"S\":\"a\"}]}", 8,
	  0 },
	{ ATTR_L, ",", false, STR(",a"), "{\"L\":[{\"S\":\"\"},{\"S\":\"a\"}]}", 6, 0 },
	{ ATTR_L, ",", false, STR(""), "{\"L\":[]}", 3, 0 },
	{ ATTR_L, ",", false, STR("a\xff"), NULL, 0, REJECT_NOT_TEXT },
};

START_TEST(sets)
{
	struct one o;
	struct shape_attr a = one_attr(cases[_i].type);

	a.separator = cases[_i].separator;
	a.set_column = cases[_i].set_column;
	one_setup(&o);
	one_expect(&o, a, cases[_i].value, cases[_i].want, cases[_i].bytes, cases[_i].code);
	one_teardown(&o);
}
END_TEST

/* So many members that they are sorted to find the equal ones: the first of each stays. */
START_TEST(many)
{
	struct buf in = { 0 }, want = { 0 };
	struct shape_attr a = one_attr(ATTR_NS);
	struct one o;

	buf_adds(&want, ONE_PREFIX "{\"NS\":[");
	for (int i = 0; i < 1000; i++) {
		buf_addf(&in, "%s%d", i ? "," : "", i * 7 % 331);
		if (i < 331)
			buf_addf(&want, "%s\"%d\"", i ? "," : "", i * 7 % 331);
	}
	buf_adds(&want, "]}}");
	a.separator = ",";
	one_setup(&o);
	ck_assert(one_run(&o, a, buf_str(&in)));
	ck_assert_str_eq(buf_cstr(&o.item.json), buf_cstr(&want));
	one_teardown(&o);
	buf_release(&in);
	buf_release(&want);
}
END_TEST

static Suite *sets_suite(void)
{
	Suite *suite = suite_create("transform/sets");
	TCase *tc = tcase_create("sets");

	tcase_add_loop_test(tc, sets, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, many);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(sets_suite)
