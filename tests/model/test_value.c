#include "check_main.h"
#include "model/value.h"

/* The canonical form of an item; NULL: it is none. */
static const struct { struct str in; const char *want; } cases[] = {
	{ STR("{}"), "{\"M\":{}}" },
	{ STR("{\"b\":{\"S\":\"x\"},\"a\":{\"N\":\"1.50\"}}"),
	  "{\"M\":{\"a\":{\"N\":\"1.5\"},\"b\":{\"S\":\"x\"}}}" },
	{ STR("{\"a\":{\"BOOL\":false},\"b\":{\"BOOL\":true},\"c\":{\"NULL\":true}}"),
	  "{\"M\":{\"a\":{\"BOOL\":false},\"b\":{\"BOOL\":true},\"c\":{\"NULL\":true}}}" },
	{ STR("{\"a\":{\"B\":\"AP8=\"},\"b\":{\"S\":\"\\u0000\\u00e9\"}}"),
	  "{\"M\":{\"a\":{\"B\":\"AP8=\"},\"b\":{\"S\":\"\\u0000\xc3\xa9\"}}}" },
	{ STR("{\"a\":{\"SS\":[\"b\",\"a\",\"\"]},\"n\":{\"NS\":[\"2\",\"10\",\"1.0\"]},"
	      "\"x\":{\"BS\":[\"/w==\",\"AA==\"]}}"),
	  "{\"M\":{\"a\":{\"SS\":[\"\",\"a\",\"b\"]},\"n\":{\"NS\":[\"1\",\"10\",\"2\"]},"
	  "\"x\":{\"BS\":[\"AA==\",\"/w==\"]}}}" },
	{ STR("{\"l\":{\"L\":[{\"N\":\"2\"},{\"M\":{\"z\":{\"L\":[]},\"aa\":{\"S\":\"\"}}}]}}"),
	  "{\"M\":{\"l\":{\"L\":[{\"N\":\"2\"},{\"M\":{\"aa\":{\"S\":\"\"},"
	  "\"z\":{\"L\":[]}}}]}}}" },
	{ STR(" { \"a\" : { \"N\" : \"-0\" } } "), "{\"M\":{\"a\":{\"N\":\"0\"}}}" },
	{ STR(""), NULL },
	{ STR("[]"), NULL },
	{ STR("{\"a\":1}"), NULL },
	{ STR("{\"a\":{}}"), NULL },
	{ STR("{\"a\":{\"S\":\"x\",\"N\":\"1\"}}"), NULL },
	{ STR("{\"a\":{\"S\":1}}"), NULL },
	{ STR("{\"a\":{\"N\":1}}"), NULL },
	{ STR("{\"a\":{\"N\":\"x\"}}"), NULL },
	{ STR("{\"a\":{\"N\":\"1e126\"}}"), NULL },
	{ STR("{\"a\":{\"B\":\"A\"}}"), NULL },
	{ STR("{\"a\":{\"BOOL\":\"true\"}}"), NULL },
	{ STR("{\"a\":{\"NULL\":false}}"), NULL },
	{ STR("{\"a\":{\"X\":\"1\"}}"), NULL },
	{ STR("{\"a\":{\"SS\":[1]}}"), NULL },
	{ STR("{\"a\":{\"NS\":\"1\"}}"), NULL },
	{ STR("{\"a\":{\"L\":{}}}"), NULL },
	{ STR("{\"a\":{\"M\":[]}}"), NULL },
	{ STR("{\"a\":{\"L\":[{\"S\":\"x\"},]}}"), NULL },
	{ STR("{\"a\":{\"S\":\"x\"},\"a\":{\"S\":\"x\"}}"), NULL },
	{ STR("{\"a\":{\"S\":\"x\"}"), NULL },
	{ STR("{} {}"), NULL },
};

START_TEST(reads)
{
	struct arena *arena = arena_new();
	struct etl_err err = { 0 };
	struct value v;
	struct buf got = { 0 };
	int rc = value_from_item_json(arena, cases[_i].in, &v, &err);

	ck_assert_int_eq(rc, cases[_i].want ? 0 : -ETL_ESINK);
	ck_assert_int_eq(err.msg[0] == '\0', cases[_i].want != NULL);
	if (cases[_i].want) {
		value_add_json(&got, &v);
		ck_assert_str_eq(buf_cstr(&got), cases[_i].want);
	}
	buf_release(&got);
	arena_free(arena);
}
END_TEST

static const struct { const char *a, *b; bool equal; } pairs[] = {
	{ "{}", "{}", true },
	{ "{\"a\":{\"N\":\"1\"},\"b\":{\"S\":\"x\"}}",
	  "{\"b\":{\"S\":\"x\"},\"a\":{\"N\":\"1.0\"}}", true },
	{ "{\"a\":{\"NS\":[\"1\",\"2\"]}}", "{\"a\":{\"NS\":[\"2.0\",\"1\"]}}", true },
	{ "{\"a\":{\"L\":[{\"S\":\"x\"},{\"S\":\"y\"}]}}",
	  "{\"a\":{\"L\":[{\"S\":\"y\"},{\"S\":\"x\"}]}}",
	  false },
	{ "{\"a\":{\"S\":\"1\"}}", "{\"a\":{\"N\":\"1\"}}", false },
	{ "{\"a\":{\"S\":\"1\"}}", "{\"b\":{\"S\":\"1\"}}", false },
	{ "{\"a\":{\"S\":\"1\"}}", "{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"1\"}}", false },
	{ "{\"a\":{\"BOOL\":true}}", "{\"a\":{\"BOOL\":false}}", false },
	{ "{\"a\":{\"S\":\"\"}}", "{\"a\":{\"NULL\":true}}", false },
	{ "{\"a\":{\"S\":\"a\\u0000b\"}}", "{\"a\":{\"S\":\"a\\u0000c\"}}", false },
	{ "{\"a\":{\"SS\":[\"x\"]}}", "{\"a\":{\"SS\":[\"x\",\"y\"]}}", false },
	{ "{\"a\":{\"M\":{\"b\":{\"L\":[]}}}}", "{\"a\":{\"M\":{\"b\":{\"M\":{}}}}}", false },
};

START_TEST(compares)
{
	struct arena *arena = arena_new();
	struct value a, b;

	ck_assert_int_eq(value_from_item_json(arena, str_of(pairs[_i].a), &a, NULL), 0);
	ck_assert_int_eq(value_from_item_json(arena, str_of(pairs[_i].b), &b, NULL), 0);
	ck_assert_int_eq(value_equal(&a, &b), pairs[_i].equal);
	ck_assert_int_eq(value_equal(&b, &a), pairs[_i].equal);
	arena_free(arena);
}
END_TEST

static const struct { const char *item; size_t bytes; } sizes[] = {
	{ "{}", 0 },
	{ "{\"ab\":{\"S\":\"h\\u00e9\"}}", 2 + 3 },
	{ "{\"a\":{\"N\":\"0\"},\"b\":{\"N\":\"-1.5\"}}", 1 + 1 + 1 + 4 },
	{ "{\"a\":{\"B\":\"AP8=\"}}", 1 + 2 },
	{ "{\"a\":{\"BOOL\":true},\"b\":{\"NULL\":true}}", 1 + 1 + 1 + 1 },
	{ "{\"a\":{\"SS\":[\"xy\",\"z\"]},\"n\":{\"NS\":[\"12\",\"1\"]}}", 1 + 3 + 1 + 4 },
	{ "{\"a\":{\"L\":[]},\"b\":{\"M\":{}}}", 1 + 3 + 1 + 3 },
	{ "{\"a\":{\"L\":[{\"S\":\"xy\"}]},\"b\":{\"M\":{\"cd\":{\"S\":\"x\"}}}}",
	  1 + 3 + 1 + 2 + 1 + 3 + 1 + 2 + 1 },
};

START_TEST(sizes_as_dynamodb_counts)
{
	struct arena *arena = arena_new();
	struct value v;

	ck_assert_int_eq(value_from_item_json(arena, str_of(sizes[_i].item), &v, NULL), 0);
	ck_assert_uint_eq(value_item_size_bytes(&v), sizes[_i].bytes);
	arena_free(arena);
}
END_TEST

static Suite *value_suite(void)
{
	Suite *suite = suite_create("model/value");
	TCase *tc = tcase_create("value");

	tcase_add_loop_test(tc, reads, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, compares, 0, sizeof(pairs) / sizeof(pairs[0]));
	tcase_add_loop_test(tc, sizes_as_dynamodb_counts, 0, sizeof(sizes) / sizeof(sizes[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(value_suite)
