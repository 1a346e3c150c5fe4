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
	struct str id, h, sentence, item;
	const char *line;
} cases[] = {
	{ STR("7"), STR("ab"), STR("no 'key'"), STR("{\"a\":{\"S\":\"x\"}}"),
	  "{\"table\":\"T\",\"entity\":\"E\\\"\",\"source_key\":{\"id\":\"7\",\"h\":{\"hex\":"
	  "\"6162\"}},\"code\":\"KEY_NULL\",\"reason\":\"no 'key'\",\"item\":{\"a\":{\"S\":"
	  "\"x\"}}}" },
	{ STR("\xff\x01"), STR(""), STR("a\nb\xfe"), STR(""),
	  "{\"table\":\"T\",\"entity\":\"E\\\"\",\"source_key\":{\"id\":{\"hex\":\"ff01\"},"
	  "\"h\":{\"hex\":\"\"}},\"code\":\"KEY_NULL\",\"reason\":\"a\\\\x0ab\\\\xfe\","
	  "\"item\":{}}" },
};

START_TEST(line)
{
	struct buf pk = { 0 }, out = { 0 };

	unit_pack_pk(&pk, &cases[_i].id, 1);
	unit_pack_pk(&pk, &cases[_i].h, 1);
	reject_line(&out, &def, &source, buf_str(&pk), REJECT_KEY_NULL, cases[_i].sentence,
		    cases[_i].item);
	ck_assert_str_eq(buf_cstr(&out), cases[_i].line);
	buf_release(&pk);
	buf_release(&out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/reject_line");
	TCase *tc = tcase_create("reject_line");

	tcase_add_loop_test(tc, line, 0, sizeof(cases) / sizeof(*cases));
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
