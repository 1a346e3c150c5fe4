/* Sizes of index entries and write units, and that the parts make up the whole: the size that the
 * transform counts on its way is the sum of the attributes' as counted here. */
#include "check_main.h"
#include "cli/write_units.h"
#include "transform/transform.h"

static const struct shape_attr attrs[] = {
	{ .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK },
	{ .name = "g", .name_len = 1, .type = ATTR_N, .index_pk_mask = 7 },
	{ .name = "note", .name_len = 4, .type = ATTR_S },
	{ .name = "m", .name_len = 1, .type = ATTR_M },
	{ .name = "l", .name_len = 1, .type = ATTR_L },
	{ .name = "b", .name_len = 1, .type = ATTR_B },
	{ .name = "t", .name_len = 1, .type = ATTR_BOOL },
	{ .name = "ss", .name_len = 2, .type = ATTR_SS },
	{ .name = "ns", .name_len = 2, .type = ATTR_NS },
};
#define NATTRS (sizeof(attrs) / sizeof(attrs[0]))

static const struct shape_index shape_indexes[] = {
	{ "all", 1, -1, false }, { "keys", 1, -1, false }, { "some", 1, -1, false },
};
static const struct item_shape shape = {
	.table = "T", .contract_table = "T", .entity = "E", .nattrs = NATTRS, .attrs = attrs,
	.pk_attr = 0, .sk_attr = -1, .nindexes = 3, .indexes = shape_indexes,
};
static const char *const included[] = { "note" };
static const struct index_def indexes[] = {
	{ .name = "all", .keys = { "g", ATTR_N, NULL, ATTR_S }, .projection = PROJECT_ALL },
	{ .name = "keys", .keys = { "g", ATTR_N, NULL, ATTR_S }, .projection = PROJECT_KEYS_ONLY },
	{ .name = "some", .keys = { "g", ATTR_N, NULL, ATTR_S }, .projection = PROJECT_INCLUDE,
	  .nincluded = 1, .included = included },
};
static const struct table_def def = {
	.name = "T", .keys = { "PK", ATTR_S, NULL, ATTR_S }, .nindexes = 3, .indexes = indexes,
};

static char kb[1025];

static const struct {
	const char *fields[NATTRS];
	size_t keys_bytes, some_bytes;
	uint64_t units;
} cases[] = {
	{ { "a", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }, 0, 0, 1 },
	/* PK 2+1, g 1+2 */
	{ { "a", "12", NULL, NULL, NULL, NULL, NULL, NULL, NULL }, 6, 6, 4 },
	{ { "a", "12", "text", NULL, NULL, NULL, NULL, NULL, NULL }, 6, 14, 4 },
	{ { "a", "-1.5", "\xc3\xa9", "{\"k\":[1,null,{\"\xc3\xa9\":\"x\"}],\"n\":-12345.678}",
	    "[true,[],{},\"\",10]", "\xff\x01", "yes", "[\"a\",\"bb\"]", "[1,100,-0.5]" },
	  8, 14, 4 },
	/* 1,024 bytes of text: the item and two of its entries take two units each, keys one */
	{ { "a", "12", kb, NULL, NULL, NULL, NULL, NULL, NULL }, 6, 6 + 4 + 1024, 7 },
};

START_TEST(counts)
{
	struct field fields[NATTRS];
	struct row row = { NATTRS, fields };
	struct transform *t = transform_new();
	struct arena *a = arena_new();
	struct item item = { 0 };
	struct reject reject = { 0 };
	struct etl_err err = { 0 };
	struct value v;
	size_t i, sum = 0;

	memset(kb, 'x', sizeof(kb) - 1);
	for (i = 0; i < NATTRS; i++)
		fields[i] = (struct field){ cases[_i].fields[i], cases[_i].fields[i] ?
					    strlen(cases[_i].fields[i]) : 0 };
	ck_assert_msg(transform_row(t, &shape, &row, &item, &reject), "%s",
		      buf_cstr(&reject.sentence));
	ck_assert_int_eq(value_from_item_json(a, buf_str(&item.json), &v, &err), 0);
	for (i = 0; i < v.n; i++)
		sum += attribute_bytes(v.names[i], &v.members[i]);
	ck_assert_uint_eq(sum, item.size_bytes);
	ck_assert_uint_eq(index_entry_bytes(&def, 0, &v), item.size_bytes);
	if (item.index_mask) {
		ck_assert_uint_eq(index_entry_bytes(&def, 1, &v), cases[_i].keys_bytes);
		ck_assert_uint_eq(index_entry_bytes(&def, 2, &v), cases[_i].some_bytes);
	}
	ck_assert_uint_eq(item_write_units(&def, &item), cases[_i].units);
	item_release(&item);
	reject_release(&reject);
	transform_free(t);
	arena_free(a);
}
END_TEST

START_TEST(begun_kilobytes_count)
{
	ck_assert_uint_eq(units_of_bytes(1), 1);
	ck_assert_uint_eq(units_of_bytes(1024), 1);
	ck_assert_uint_eq(units_of_bytes(1025), 2);
	ck_assert_uint_eq(units_of_bytes(409600), 400);
}
END_TEST

static Suite *write_units_suite(void)
{
	Suite *s = suite_create("cli/write_units");
	TCase *t = tcase_create("units");

	tcase_add_loop_test(t, counts, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, begun_kilobytes_count);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(write_units_suite)
