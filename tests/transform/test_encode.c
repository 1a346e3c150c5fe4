#include "check_main.h"
#include "one_attr.h"

#define NO_VALUE { NULL, 0 }
#define MARK ZERO_DATE_MARK
#define D38 "12345678901234567890123456789012345678"

enum { PLAIN, STATIC, CONSTRUCTED, SENTINEL };

static const struct {
	enum attr_type type;
	int how;
	struct str value;
	const char *want;
	size_t bytes;
	enum reject_code code;
} cases[] = {
	{ ATTR_S, PLAIN, STR("text"), "{\"S\":\"text\"}", 4, 0 },
	{ ATTR_S, PLAIN, STR(""), "{\"S\":\"\"}", 0, 0 },
	{ ATTR_S, PLAIN, NO_VALUE, NULL, 0, 0 },
	{ ATTR_S, PLAIN, STR("\"\\\b\f\n\r\t\1\0\x1f\x7f/"),
	  "{\"S\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u0000\\u001f\x7f/\"}", 12, 0 },
	{ ATTR_S, PLAIN, STR("\xf0\x9f\x98\x80\xc3\xa9"), "{\"S\":\"\xf0\x9f\x98\x80\xc3\xa9\"}", 6,
	  0 },
	{ ATTR_S, PLAIN, STR(" 12.50 "), "{\"S\":\" 12.50 \"}", 7, 0 },
	{ ATTR_S, PLAIN, STR("null"), "{\"S\":\"null\"}", 4, 0 },
	{ ATTR_S, PLAIN, STR("ab\xff"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_S, PLAIN, STR("\xed\xa0\x80"), NULL, 0, REJECT_NOT_TEXT },

	{ ATTR_N, PLAIN, STR("12.50"), "{\"N\":\"12.5\"}", 3, 0 },
	{ ATTR_N, PLAIN, STR("0"), "{\"N\":\"0\"}", 1, 0 },
	{ ATTR_N, PLAIN, STR("-18446744073709551615"), "{\"N\":\"-18446744073709551615\"}", 12, 0 },
	{ ATTR_N, PLAIN, STR("+5"), "{\"N\":\"5\"}", 2, 0 },
	{ ATTR_N, PLAIN, STR(".5"), "{\"N\":\"0.5\"}", 2, 0 },
	{ ATTR_N, PLAIN, STR("5."), "{\"N\":\"5\"}", 2, 0 },
	{ ATTR_N, PLAIN, STR(D38), "{\"N\":\"" D38 "\"}", 20, 0 },
	{ ATTR_N, PLAIN, STR(D38 "9"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_N, PLAIN, STR("1e300"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_N, PLAIN, STR(""), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_N, PLAIN, STR(" 1"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_N, PLAIN, STR("NaN"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_N, PLAIN, STR("0x1"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_N, PLAIN, STR("1\0"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_N, PLAIN, NO_VALUE, NULL, 0, 0 },

	{ ATTR_B, PLAIN, STR("\0\xff\x10"), "{\"B\":\"AP8Q\"}", 3, 0 },
	{ ATTR_B, PLAIN, STR("a"), "{\"B\":\"YQ==\"}", 1, 0 },
	{ ATTR_B, PLAIN, STR(""), "{\"B\":\"\"}", 0, 0 },

	{ ATTR_BOOL, PLAIN, STR("0"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("1"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("\0"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("\1"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("True"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("FALSE"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("Yes"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("no"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("t"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("F"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("Y"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR("n"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, PLAIN, STR(""), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR("2"), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR("0.0"), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR(" 1"), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR("\2"), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR("1\0"), NULL, 0, REJECT_NOT_BOOL },
	{ ATTR_BOOL, PLAIN, STR("on"), NULL, 0, REJECT_NOT_BOOL },

	{ ATTR_NULL, PLAIN, STR("x"), "{\"NULL\":true}", 1, 0 },
	{ ATTR_NULL, PLAIN, NO_VALUE, "{\"NULL\":true}", 1, 0 },
	{ ATTR_NULL, STATIC, STR("not json"), "{\"NULL\":true}", 1, 0 },

	{ ATTR_S, STATIC, STR("\"PRO\\u0046ILE\""), "{\"S\":\"PROFILE\"}", 7, 0 },
	{ ATTR_S, STATIC, STR("\"\""), "{\"S\":\"\"}", 0, 0 },
	{ ATTR_S, STATIC, STR("12.50"), "{\"S\":\"12.50\"}", 5, 0 },
	{ ATTR_S, STATIC, STR("true"), "{\"S\":\"true\"}", 4, 0 },
	{ ATTR_S, STATIC, STR("null"), NULL, 0, 0 },
	{ ATTR_S, STATIC, STR("[1, 2]"), "{\"S\":\"[1,2]\"}", 5, 0 },
	{ ATTR_S, STATIC, STR("PROFILE"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_S, STATIC, STR("1 2"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_S, STATIC, STR("null x"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_N, STATIC, STR("1.50"), "{\"N\":\"1.5\"}", 3, 0 },
	{ ATTR_N, STATIC, STR("\"7\""), "{\"N\":\"7\"}", 2, 0 },
	{ ATTR_N, STATIC, STR("true"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_B, STATIC, STR("\"a\""), "{\"B\":\"YQ==\"}", 1, 0 },
	{ ATTR_BOOL, STATIC, STR("true"), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_BOOL, STATIC, STR("false"), "{\"BOOL\":false}", 1, 0 },
	{ ATTR_BOOL, STATIC, STR("\"yes\""), "{\"BOOL\":true}", 1, 0 },
	{ ATTR_M, STATIC, STR("{\"v\": 1}"), "{\"M\":{\"v\":{\"N\":\"1\"}}}", 3 + 1 + 1 + 2, 0 },
	{ ATTR_M, STATIC, STR("null"), NULL, 0, 0 },
	{ ATTR_L, STATIC, STR("[]"), "{\"L\":[]}", 3, 0 },
	{ ATTR_SS, STATIC, STR("[\"a\"]"), "{\"SS\":[\"a\"]}", 1, 0 },
	{ ATTR_SS, STATIC, STR("null"), NULL, 0, 0 },

	{ ATTR_S, CONSTRUCTED, STR(" [ { \"b\" : 1.50 , \"a\" : [ ] } , { } , null ] "),
	  "{\"S\":\"[{\\\"b\\\":1.50,\\\"a\\\":[]},{},null]\"}", 27, 0 },
	{ ATTR_S, CONSTRUCTED, STR("{\"a\":\"x y\\/\\u0041\\u000b\\ud83d\\ude00\",\"a\":true}"),
	  "{\"S\":\"{\\\"a\\\":\\\"x y/A\\\\u000b\xf0\x9f\x98\x80\\\",\\\"a\\\":true}\"}", 32, 0 },
	{ ATTR_S, CONSTRUCTED, STR("[12345678901234567890123, 1e400, -0.0]"),
	  "{\"S\":\"[12345678901234567890123,1e400,-0.0]\"}", 36, 0 },
	{ ATTR_S, CONSTRUCTED, STR("[\"[\",\"{\",\":\",\"a\"]"),
	  "{\"S\":\"[\\\"[\\\",\\\"{\\\",\\\":\\\",\\\"a\\\"]\"}", 17, 0 },
	{ ATTR_S, CONSTRUCTED, STR("\"x\""), "{\"S\":\"\\\"x\\\"\"}", 3, 0 },
	{ ATTR_S, CONSTRUCTED, NO_VALUE, NULL, 0, 0 },
	{ ATTR_S, CONSTRUCTED, STR("[1"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_S, CONSTRUCTED, STR("[1]]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_S, CONSTRUCTED, STR(""), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_S, CONSTRUCTED, STR("[\"\\ud800\"]"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_S, CONSTRUCTED, STR("[\"\xff\"]"), NULL, 0, REJECT_NOT_TEXT },

	{ ATTR_S, SENTINEL, STR(MARK), NULL, 0, REJECT_ZERO_DATE },
	{ ATTR_S, SENTINEL, STR("on " MARK "."), NULL, 0, REJECT_ZERO_DATE },
	{ ATTR_S, SENTINEL, STR("[\"\\u0001ZERO_DATE\\u0001\"]"), NULL, 0, REJECT_ZERO_DATE },
	{ ATTR_N, SENTINEL, STR(MARK), NULL, 0, REJECT_ZERO_DATE },
	{ ATTR_M, SENTINEL, STR("{\"a\":\"\\u0001ZERO_DATE\\u0001\"}"), NULL, 0, REJECT_ZERO_DATE },
	{ ATTR_S, SENTINEL, STR("ZERO_DATE"), "{\"S\":\"ZERO_DATE\"}", 9, 0 },
	{ ATTR_S, SENTINEL, STR(NOT_NUMBER_MARK), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_S, SENTINEL, STR("<" NOT_NUMBER_MARK ">"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_S, SENTINEL, STR("U#" NOT_UUID_MARK), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_L, SENTINEL, STR("[\"\\u0001NOT_NUMBER\\u0001\"]"), NULL, 0, REJECT_NOT_NUMBER },
	{ ATTR_S, PLAIN, STR(MARK), "{\"S\":\"\\u0001ZERO_DATE\\u0001\"}", 11, 0 },
};

START_TEST(values)
{
	struct one o;
	struct shape_attr a = one_attr(cases[_i].type);

	a.static_json = cases[_i].how == STATIC;
	a.constructed_json = cases[_i].how == CONSTRUCTED;
	a.marked = cases[_i].how == SENTINEL;
	one_setup(&o);
	one_expect(&o, a, cases[_i].value, cases[_i].want, cases[_i].bytes, cases[_i].code);
	one_teardown(&o);
}
END_TEST

static const struct {
	enum attr_type type;
	struct str value;
	const char *sentence;
} sentences[] = {
	{ ATTR_N, STR("12x"), "attribute 'a' holds '12x', which is not a number" },
	{ ATTR_N, STR("1e300"), "attribute 'a' holds '1e300', which is no number of at most 38 "
	  "significant digits between 1E-130 and 9.99E+125" },
	{ ATTR_S, STR("a\xff\n"), "attribute 'a' holds 'a\\xff\\x0a', which is not valid UTF-8" },
	{ ATTR_BOOL, STR("0123456789012345678901234567890123456789012345678901234567890123456789"
			 "01234567\xc3\xa9tail"),
	  "attribute 'a' holds '0123456789012345678901234567890123456789012345678901234567890123"
	  "45678901234567\xc3\xa9...', which is none of 0, 1, true, false, yes, no, t, f, y, n" },
	{ ATTR_BOOL, STR("0123456789012345678901234567890123456789012345678901234567890123456789"
			 "012345678\xc3\xa9tail"),
	  "attribute 'a' holds '0123456789012345678901234567890123456789012345678901234567890123"
	  "456789012345678...', which is none of 0, 1, true, false, yes, no, t, f, y, n" },
	{ ATTR_M, STR("[1]"), "attribute 'a' holds '[1]', which is not a JSON object" },
	{ ATTR_L, STR("{"), "attribute 'a' holds '{', which is not a JSON array" },
	{ ATTR_M, STR("{"), "attribute 'a' holds '{', which is not JSON" },
	{ ATTR_M, STR("{\"x\":[1e400]}"), "attribute 'a' holds '1e400', which is no number of at "
	  "most 38 significant digits between 1E-130 and 9.99E+125" },
	{ ATTR_M, STR("{\"\":1}"), "attribute 'a' has an empty key" },
	{ ATTR_NS, STR("[\"\\u0041\", 1, \"bcd\"]"),
	  "attribute 'a' holds 'A', which is not a number" },
};

START_TEST(says)
{
	struct one o;

	one_setup(&o);
	ck_assert(!one_run(&o, one_attr(sentences[_i].type), sentences[_i].value));
	ck_assert_str_eq(buf_cstr(&o.rej.sentence), sentences[_i].sentence);
	one_teardown(&o);
}
END_TEST

static Suite *encode_suite(void)
{
	Suite *suite = suite_create("transform/encode");
	TCase *tc = tcase_create("encode");

	tcase_add_loop_test(tc, values, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, says, 0, sizeof(sentences) / sizeof(sentences[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(encode_suite)
