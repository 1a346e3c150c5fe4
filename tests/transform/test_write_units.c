/* Sizes of index entries and write units, counted by the transform on its way, against the sizes of
 * the finished item's attributes, which are counted here once more, from its JSON. */
#include "check_main.h"
#include "model/number.h"
#include "model/value.h"
#include "transform/transform.h"

/* Index 0 holds whole items, 1 keys, 2 'note' besides, 3 'm' and never has its key. */
static const struct shape_attr attrs[] = {
	{ .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK,
	  .index_part_mask = 0xe },
	{ .name = "g", .name_len = 1, .type = ATTR_N, .index_pk_mask = 7, .index_part_mask = 6 },
	{ .name = "h", .name_len = 1, .type = ATTR_S, .index_pk_mask = 8, .index_part_mask = 8 },
	{ .name = "note", .name_len = 4, .type = ATTR_S, .index_part_mask = 4 },
	{ .name = "m", .name_len = 1, .type = ATTR_M, .index_part_mask = 8 },
	{ .name = "l", .name_len = 1, .type = ATTR_L },
	{ .name = "b", .name_len = 1, .type = ATTR_B },
	{ .name = "t", .name_len = 1, .type = ATTR_BOOL },
	{ .name = "ss", .name_len = 2, .type = ATTR_SS },
	{ .name = "ns", .name_len = 2, .type = ATTR_NS },
};
#define NATTRS (sizeof(attrs) / sizeof(attrs[0]))

static const struct shape_index indexes[] = {
	{ .name = "all", .pk_attr = 1, .sk_attr = -1 },
	{ .name = "keys", .pk_attr = 1, .sk_attr = -1, .partial = true },
	{ .name = "some", .pk_attr = 1, .sk_attr = -1, .partial = true },
	{ .name = "never", .pk_attr = 2, .sk_attr = -1, .partial = true },
};
static const struct item_shape shape = {
	.table = "T", .contract_table = "T", .entity = "E", .nattrs = NATTRS, .attrs = attrs,
	.pk_attr = 0, .sk_attr = -1, .nindexes = 4, .indexes = indexes,
};

static char kb[1025];

static const struct {
	const char *fields[NATTRS];
	uint32_t keys_bytes, some_bytes, units;
} cases[] = {
	{ { "a", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }, 0, 0, 1 },
	/* PK 2+1, g 1+2 */
	{ { "a", "12", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL }, 6, 6, 4 },
	{ { "a", "12", NULL, "text", "{}", NULL, NULL, NULL, NULL, NULL }, 6, 14, 4 },
	{ { "a", "-1.5", "", "\xc3\xa9", "{\"k\":[1,null,{\"\xc3\xa9\":\"x\"}],\"n\":-12345.678}",
	    "[true,[],{},\"\",10]", "\xff\x01", "yes", "[\"a\",\"bb\"]", "[1,100,-0.5]" },
	  8, 14, 4 },
	/* 1,024 bytes of text: the item and two of its entries take two units each, keys one */
	{ { "a", "12", NULL, kb, NULL, NULL, NULL, NULL, NULL, NULL }, 6, 6 + 4 + 1024, 7 },
};

static size_t size_of(const struct value *v)
{
	size_t bytes = 0, i;

	switch (v->type) {
	case ATTR_S: case ATTR_B:
		return v->bytes.len;
	case ATTR_N:
		return number_size_bytes(v->bytes);
	case ATTR_SS: case ATTR_NS: case ATTR_BS:
		for (i = 0; i < v->n; i++)
			bytes += v->type == ATTR_NS ? number_size_bytes(v->members[i].bytes)
						     : v->members[i].bytes.len;
		return bytes;
	case ATTR_M: case ATTR_L:
		for (i = 0; i < v->n; i++)
			bytes += 1 + (v->type == ATTR_M ? v->names[i].len : 0) +
				 size_of(&v->members[i]);
		return bytes + 3;
	default:
		return 1;
	}
}

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
	bool in;

	memset(kb, 'x', sizeof(kb) - 1);
	for (i = 0; i < NATTRS; i++)
		fields[i] = (struct field){ cases[_i].fields[i], cases[_i].fields[i] ?
					    strlen(cases[_i].fields[i]) : 0 };
	/* twice: nothing of the row before may be left in the item */
	ck_assert(transform_row(t, &shape, &row, &item, &reject));
	ck_assert_msg(transform_row(t, &shape, &row, &item, &reject), "%s",
		      buf_cstr(&reject.sentence));
	ck_assert_int_eq(value_from_item_json(a, buf_str(&item.json), &v, &err), 0);
	for (i = 0; i < v.n; i++)
		sum += v.names[i].len + size_of(&v.members[i]);
	ck_assert_uint_eq(sum, item.size_bytes);
	in = item.index_mask != 0;
	ck_assert_uint_eq(item.index_mask, in ? 7 : 0);
	ck_assert_uint_eq(item.sparse_mask, in ? 8 : 15);
	ck_assert_uint_eq(item.index_bytes[0], in ? item.size_bytes : 0);
	ck_assert_uint_eq(item.index_bytes[1], cases[_i].keys_bytes);
	ck_assert_uint_eq(item.index_bytes[2], cases[_i].some_bytes);
	ck_assert_uint_eq(item.index_bytes[3], 0);
	ck_assert_uint_eq(item.write_units, cases[_i].units);
	item_release(&item);
	reject_release(&reject);
	transform_free(t);
	arena_free(a);
}
END_TEST

START_TEST(begun_kilobytes_count)
{
	ck_assert_uint_eq(item_write_units(0), 1);
	ck_assert_uint_eq(item_write_units(1), 1);
	ck_assert_uint_eq(item_write_units(1024), 1);
	ck_assert_uint_eq(item_write_units(1025), 2);
	ck_assert_uint_eq(item_write_units(409600), 400);
}
END_TEST

static Suite *write_units_suite(void)
{
	Suite *s = suite_create("transform/write_units");
	TCase *t = tcase_create("units");

	tcase_add_loop_test(t, counts, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, begun_kilobytes_count);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(write_units_suite)
