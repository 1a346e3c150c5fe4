#include "check_main.h"

#include "pipeline/reject_line.h"

static struct cat_column columns[] = {
	{ .name = "id", .kind = COL_INT }, { .name = "h", .kind = COL_BINARY },
};
static const struct cat_column *key_columns[] = { &columns[0], &columns[1] };
static const struct cat_key primary = { .name = "PRIMARY", .ncolumns = 2, .columns = key_columns };
static const struct cat_table table = { .name = "t", .primary = &primary };
static const char *const names[] = { "id", "h" };
static const struct item_shape shape = { .entity = "E\"", .npk_columns = 2, .pk_columns = names };
static const struct entity_source source = { .shape = &shape, .table = &table, .view = "v" };
static const struct table_def def = { .name = "T" };

static const struct {
	struct str id, h, sentence, item, left_out;
	const char *line;
} cases[] = {
	{ STR("7"), STR("ab"), STR("no 'key'"), STR("{\"a\":{\"S\":\"x\"}}"), STR(""),
	  "{\"table\":\"T\",\"entity\":\"E\\\"\",\"source_key\":{\"id\":\"7\",\"h\":{\"hex\":"
	  "\"6162\"}},\"code\":\"KEY_NULL\",\"reason\":\"no 'key'\",\"item\":{\"a\":{\"S\":"
	  "\"x\"}}}" },
	{ STR("\xff\x01"), STR(""), STR("a\nb\xfe"), STR(""),
	  STR("[\"b\",\"c\"]"),
	  "{\"table\":\"T\",\"entity\":\"E\\\"\",\"source_key\":{\"id\":{\"hex\":\"ff01\"},"
	  "\"h\":{\"hex\":\"\"}},\"code\":\"KEY_NULL\",\"reason\":\"a\\\\x0ab\\\\xfe\","
	  "\"item\":{},\"left_out\":[\"b\",\"c\"]}" },
};

START_TEST(line)
{
	struct buf pk = { 0 }, out = { 0 };

	unit_pack_pk(&pk, &cases[_i].id, 1);
	unit_pack_pk(&pk, &cases[_i].h, 1);
	reject_line(&out, &def, &source, buf_str(&pk), REJECT_KEY_NULL, cases[_i].sentence,
		    cases[_i].item, cases[_i].left_out);
	ck_assert_str_eq(buf_cstr(&out), cases[_i].line);
	buf_release(&pk);
	buf_release(&out);
}
END_TEST

/* What was written is read again. */
START_TEST(line_read)
{
	struct buf pk = { 0 }, again = { 0 };
	struct reject_ref ref = { 0 };

	unit_pack_pk(&pk, &cases[_i].id, 1);
	unit_pack_pk(&pk, &cases[_i].h, 1);
	ck_assert(reject_ref_parse(&ref, str_of(cases[_i].line)));
	ck_assert_str_eq(buf_cstr(&ref.table), "T");
	ck_assert_str_eq(buf_cstr(&ref.entity), "E\"");
	ck_assert(reject_ref_pk(&ref, &source, &again));
	ck_assert(str_eq(buf_str(&pk), buf_str(&again)));
	reject_ref_release(&ref);
	buf_release(&pk);
	buf_release(&again);
}
END_TEST

#define KEY "\"table\":\"T\",\"entity\":\"E\",\"source_key\":"

static const struct {
	const char *line;
	bool parses, has_pk;
} lines[] = {
	{ "{" KEY "{\"id\":\"7\",\"h\":{\"hex\":\"\"}}}", true, true },
	/* order and other members do not matter */
	{ "{\"x\":[1,{}]," KEY "{\"h\":\"a\",\"id\":\"7\"},\"item\":null}", true, true },
	{ "{" KEY "{}}", true, false },
	{ "{" KEY "{\"id\":\"7\"}}", true, false },
	{ "{" KEY "{\"id\":\"7\",\"g\":\"\"}}", true, false },
	{ "{" KEY "{\"id\":\"7\",\"id\":\"8\"}}", true, false },
	{ "{" KEY "{\"id\":\"7\",\"h\":\"\",\"g\":\"\"}}", true, false },
	{ "{" KEY "{\"id\":7,\"h\":\"\"}}", false, false },
	{ "{" KEY "{\"id\":null,\"h\":\"\"}}", false, false },
	{ "{" KEY "{\"id\":{\"hex\":\"0\"},\"h\":\"\"}}", false, false },
	{ "{" KEY "{\"id\":{\"hex\":\"0g\"},\"h\":\"\"}}", false, false },
	{ "{" KEY "{\"id\":{\"hex\":\"00\",\"x\":1},\"h\":\"\"}}", false, false },
	{ "{" KEY "{},\"source_key\":{}}", true, false },
	{ "{" KEY "[]}", false, false },
	{ "{" KEY "{}", false, false },
	{ "{" KEY "{}} x", false, false },
	{ "{\"table\":\"T\",\"entity\":\"E\"}", false, false },
	{ "{\"entity\":\"E\",\"source_key\":{}}", false, false },
	{ "{\"table\":\"T\",\"source_key\":{}}", false, false },
	{ "{\"table\":\"T\",\"table\":\"U\",\"entity\":\"E\",\"source_key\":{}}", false, false },
	{ "{\"table\":1,\"entity\":\"E\",\"source_key\":{}}", false, false },
	{ "[]", false, false }, { "", false, false }, { "7", false, false },
};

START_TEST(lines_of_others)
{
	struct reject_ref ref = { 0 };
	struct buf pk = { 0 };
	bool parsed = reject_ref_parse(&ref, str_of(lines[_i].line));

	ck_assert_msg(parsed == lines[_i].parses, "%s", lines[_i].line);
	if (parsed)
		ck_assert_msg(reject_ref_pk(&ref, &source, &pk) == lines[_i].has_pk, "%s",
			      lines[_i].line);
	reject_ref_release(&ref);
	buf_release(&pk);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/reject_line");
	TCase *tc = tcase_create("reject_line");

	tcase_add_loop_test(tc, line, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_loop_test(tc, line_read, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_loop_test(tc, lines_of_others, 0, sizeof(lines) / sizeof(*lines));
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
