#include "check_main.h"
#include "model/key.h"
#include "one_attr.h"

#define GAP { NULL, 0 }

/* A table with PK and SK, index 'by_email' (email, age), index 'by_pk' (PK), an index this entity
 * is not in, and one whose sort key it lacks. */
enum { PK, SK, EMAIL, AGE, NOTE, TAGS, ATTRS };
static const struct shape_attr attrs[ATTRS] = {
	[PK] = { .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK,
		 .index_sk_mask = 1u << 1 },
	[SK] = { .name = "SK", .name_len = 2, .type = ATTR_N, .role = KEY_TABLE_SK },
	[EMAIL] = { .name = "email", .name_len = 5, .type = ATTR_S, .index_pk_mask = 1u | 1u << 3 },
	[AGE] = { .name = "age", .name_len = 3, .type = ATTR_B, .index_sk_mask = 1u },
	[NOTE] = { .name = "n\"", .name_len = 2, .type = ATTR_S },
	[TAGS] = { .name = "tags", .name_len = 4, .type = ATTR_SS, .separator = "," },
};
static const struct shape_index indexes[] = {
	{ .name = "by_email", .pk_attr = EMAIL, .sk_attr = AGE, .has_sk = true },
	{ .name = "by_pk", .pk_attr = NOTE, .sk_attr = PK, .has_sk = true },
	{ .name = "elsewhere", .pk_attr = -1, .sk_attr = -1 },
	{ .name = "lacks_sk", .pk_attr = EMAIL, .sk_attr = -1, .has_sk = true },
};
static const struct item_shape shape_base = {
	.table = "t", .entity = "e", .nattrs = ATTRS, .attrs = attrs, .pk_attr = PK,
	.sk_attr = SK, .nindexes = 4, .indexes = indexes
};

#define LONG_MARK "@"		/* a value that begins so is a length: so many 'x' */

static const struct {
	const char *what;
	struct str values[ATTRS];
	bool null_as_null, omit_empty;
	const char *json;		/* of the item, or of the reject */
	enum reject_code code;
	const char *sentence;		/* of a reject: a part of it */
	const char *left_out;		/* of a reject; NULL: not looked at */
	unsigned index_mask, sparse_mask;
	size_t bytes;
} cases[] = {
	{ .what = "all there",
	  .values = { STR("u#1"), STR("1.50"), STR("e@x"), STR("\x07"), STR("hi"), STR("a,b") },
	  .json = "{\"PK\":{\"S\":\"u#1\"},\"SK\":{\"N\":\"1.5\"},\"email\":{\"S\":\"e@x\"},"
		  "\"age\":{\"B\":\"Bw==\"},\"n\\\"\":{\"S\":\"hi\"},\"tags\":{\"SS\":[\"a\","
		  "\"b\"]}}",
	  .index_mask = 3, .bytes = 2 + 3 + 2 + 3 + 5 + 3 + 3 + 1 + 2 + 2 + 4 + 2 },
	{ .what = "NULLs are left out, the index key counted",
	  .values = { STR("u"), STR("1"), STR("e"), GAP, GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"email\":{\"S\":\"e\"}}",
	  .sparse_mask = 3, .bytes = 2 + 1 + 2 + 2 + 5 + 1 },
	{ .what = "nulls: null, but not for index keys", .null_as_null = true,
	  .values = { STR("u"), STR("1"), GAP, STR("b"), GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"age\":{\"B\":\"Yg==\"},"
		  "\"n\\\"\":{\"NULL\":true},\"tags\":{\"NULL\":true}}",
	  .index_mask = 2, .sparse_mask = 1, .bytes = 3 + 4 + 4 + 3 + 5 },
	{ .what = "empty values: data, no index key, no set", .null_as_null = true,
	  .values = { STR("u"), STR("1"), STR(""), STR(""), STR(""), STR("") },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"n\\\"\":{\"S\":\"\"}}",
	  .index_mask = 2, .sparse_mask = 1, .bytes = 3 + 4 + 2 },
	{ .what = "empty_strings: omit", .omit_empty = true, .null_as_null = true,
	  .values = { STR("u"), STR("1"), STR("e"), STR("b"), STR(""), STR("a") },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"email\":{\"S\":\"e\"},"
		  "\"age\":{\"B\":\"Yg==\"},\"tags\":{\"SS\":[\"a\"]}}",
	  .index_mask = 1, .sparse_mask = 2, .bytes = 3 + 4 + 6 + 4 + 5 },
	{ .what = "partition key NULL", .null_as_null = true,
	  .values = { GAP, STR("1"), STR("e"), STR("b"), STR("n"), GAP },
	  .json = "{\"SK\":{\"N\":\"1\"},\"email\":{\"S\":\"e\"},\"age\":{\"B\":\"Yg==\"},"
		  "\"n\\\"\":{\"S\":\"n\"},\"tags\":{\"NULL\":true}}",
	  .code = REJECT_KEY_NULL,
	  .sentence = "attribute 'PK' is the partition key of the table and is NULL",
	  .left_out = "[\"PK\"]" },
	{ .what = "sort key NULL", .values = { STR("u"), GAP, GAP, GAP, GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"}}", .code = REJECT_KEY_NULL,
	  .sentence = "attribute 'SK' is the sort key of the table and is NULL" },
	{ .what = "partition key empty, also where empty strings go", .omit_empty = true,
	  .values = { STR(""), STR("1"), GAP, GAP, GAP, GAP },
	  .json = "{\"SK\":{\"N\":\"1\"}}", .code = REJECT_KEY_EMPTY,
	  .sentence = "attribute 'PK' is the partition key of the table and is empty" },
	{ .what = "a key that is no number", .values = { STR("u"), STR("x"), GAP, GAP, GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"}}", .code = REJECT_NOT_NUMBER,
	  .sentence = "attribute 'SK' holds 'x', which is not a number" },
	{ .what = "an index partition key at its limit",
	  .values = { STR("u"), STR("1"), STR("@2048"), GAP, GAP, GAP },
	  .sparse_mask = 3, .bytes = 3 + 4 + 5 + 2048 },
	{ .what = "an index partition key over its limit",
	  .values = { STR("u"), STR("1"), STR("@2049"), STR("b"), GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"age\":{\"B\":\"Yg==\"}}",
	  .code = REJECT_INDEX_KEY_SIZE,
	  .sentence = "attribute 'email' is the partition key of index 'by_email' and has 2049 "
		      "bytes, 'xxx", .left_out = "[\"email\"]" },
	{ .what = "an index sort key at its limit",
	  .values = { STR("u"), STR("1"), STR("e"), STR("@1024"), GAP, GAP },
	  .index_mask = 1, .sparse_mask = 2, .bytes = 3 + 4 + 6 + 3 + 1024 },
	{ .what = "an index sort key over its limit",
	  .values = { STR("u"), STR("1"), STR("e"), STR("@1025"), GAP, GAP },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"},\"email\":{\"S\":\"e\"}}",
	  .code = REJECT_INDEX_KEY_SIZE, .sentence = "the limit is 1024 bytes" },
	{ .what = "a partition key that is an index sort key too",
	  .values = { STR("@1025"), STR("1"), GAP, GAP, GAP, GAP },
	  .json = "{\"SK\":{\"N\":\"1\"}}", .code = REJECT_INDEX_KEY_SIZE,
	  .sentence = "sort key of index 'by_pk'" },
	{ .what = "key faults before others, the partition key first",
	  .values = { STR("@2049"), GAP, STR("@3000"), GAP, STR("\xff"), GAP },
	  .json = "{}", .code = REJECT_KEY_SIZE,
	  .sentence = "attribute 'PK' is the partition key of the table and has 2049 bytes" },
	{ .what = "the sort key before index keys",
	  .values = { STR("u"), GAP, STR("@3000"), GAP, STR("\xff"), GAP },
	  .json = "{\"PK\":{\"S\":\"u\"}}", .code = REJECT_KEY_NULL, .sentence = "'SK'" },
	{ .what = "index keys before other faults, the first attribute of those",
	  .values = { STR("u"), STR("x"), STR("\xff"), STR("@1025"), STR("\xff"), GAP },
	  .json = "{\"PK\":{\"S\":\"u\"}}", .code = REJECT_INDEX_KEY_SIZE, .sentence = "'age'" },
	{ .what = "the first of other faults, before the size",
	  .values = { STR("u"), STR("1"), STR("\xff"), GAP, STR("@500000"), STR("\xff") },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"}}", .code = REJECT_NOT_TEXT,
	  .sentence = "attribute 'email' holds '\\xff', which is not valid UTF-8",
	  .left_out = "[\"email\",\"n\\\"\",\"tags\"]" },
	{ .what = "an item of just the limit",
	  .values = { STR("u"), STR("1"), GAP, GAP, STR("@409591"), GAP },
	  .sparse_mask = 1, .index_mask = 2, .bytes = 409600 },
	{ .what = "an item over the limit",
	  .values = { STR("u"), STR("1"), GAP, GAP, STR("@409592"), GAP },
	  .json = "{\"PK\":{\"S\":\"u\"},\"SK\":{\"N\":\"1\"}}", .code = REJECT_ITEM_SIZE,
	  .sentence = "the item has 409601 bytes, the limit is 409600; its largest attribute "
		      "'n\"' has 409592", .left_out = "[\"n\\\"\"]" },
	{ .what = "faulty with an attribute of 64 KiB, and just not too long for a reject's item",
	  .values = { GAP, STR("1"), GAP, GAP, STR("@65522"), GAP },
	  .code = REJECT_KEY_NULL, .sentence = "'PK'", .left_out = "[\"PK\"]" },
	{ .what = "the same and a byte more",
	  .values = { GAP, STR("1"), GAP, GAP, STR("@65523"), GAP },
	  .code = REJECT_KEY_NULL, .sentence = "'PK'", .left_out = "[\"PK\",\"n\\\"\"]" },
};

static struct str expand(struct str v, struct buf *mem)
{
	size_t n;

	if (!v.ptr || v.len < 4 || memcmp(v.ptr, LONG_MARK, 1) != 0)
		return v;
	n = (size_t)strtoul(v.ptr + 1, NULL, 10);
	buf_reserve(mem, n);
	memset(mem->ptr, 'x', n);
	mem->len = n;
	return buf_str(mem);
}

START_TEST(rows)
{
	struct one o;
	struct item_shape shape = shape_base;
	struct buf mem[ATTRS] = { { 0 } };
	struct field fields[ATTRS];
	struct row row = { ATTRS, fields };
	bool made;

	for (size_t i = 0; i < ATTRS; i++) {
		struct str v = expand(cases[_i].values[i], &mem[i]);

		fields[i] = (struct field){ v.ptr, v.len };
	}
	shape.null_as_null = cases[_i].null_as_null;
	shape.omit_empty = cases[_i].omit_empty;
	one_setup(&o);
	for (int again = 0; again < 2; again++) {
		made = transform_row(o.t, &shape, &row, &o.item, &o.rej);
		ck_assert_msg(made == (cases[_i].code == REJECT_NONE), "%s: %s", cases[_i].what,
			      buf_cstr(&o.rej.sentence));
		ck_assert_msg(o.rej.code == cases[_i].code, "%s: %s", cases[_i].what,
			      reject_code_name(o.rej.code));
		if (cases[_i].json)
			ck_assert_str_eq(buf_cstr(made ? &o.item.json : &o.rej.item),
					 cases[_i].json);
		if (made) {
			ck_assert_uint_eq(o.item.size_bytes, cases[_i].bytes);
			ck_assert_uint_eq(o.item.index_mask, cases[_i].index_mask);
			ck_assert_uint_eq(o.item.sparse_mask, cases[_i].sparse_mask);
		} else {
			ck_assert_msg(strstr(buf_cstr(&o.rej.sentence), cases[_i].sentence) != NULL,
				      "%s: %s", cases[_i].what, buf_cstr(&o.rej.sentence));
			if (cases[_i].left_out)
				ck_assert_str_eq(buf_cstr(&o.rej.left_out), cases[_i].left_out);
		}
	}
	one_teardown(&o);
	for (size_t i = 0; i < ATTRS; i++)
		buf_release(&mem[i]);
}
END_TEST

/* The table's own keys at their limits, in bytes and not in characters. */
static const struct { size_t pk, sk; enum reject_code code; } key_sizes[] = {
	{ 2048, 1024, 0 }, { 2049, 1, REJECT_KEY_SIZE }, { 1, 1025, REJECT_KEY_SIZE },
};

START_TEST(table_key_sizes)
{
	static const struct shape_attr two[] = {
		{ .name = "s", .name_len = 1, .type = ATTR_S, .role = KEY_TABLE_SK },
		{ .name = "p", .name_len = 1, .type = ATTR_B, .role = KEY_TABLE_PK },
	};
	struct item_shape shape = { .nattrs = 2, .attrs = two, .pk_attr = 1, .sk_attr = 0 };
	struct buf pk = { 0 }, sk = { 0 };
	struct field fields[2];
	struct row row = { 2, fields };
	struct one o;

	for (size_t i = 0; i < key_sizes[_i].pk; i++)
		buf_addc(&pk, '\xff');
	for (size_t i = 0; i < key_sizes[_i].sk / 2; i++)
		buf_adds(&sk, "\xc3\xa9");
	if (key_sizes[_i].sk % 2)
		buf_addc(&sk, 'x');
	fields[0] = (struct field){ sk.ptr, sk.len };
	fields[1] = (struct field){ pk.ptr, pk.len };
	one_setup(&o);
	ck_assert_int_eq(transform_row(o.t, &shape, &row, &o.item, &o.rej),
			 key_sizes[_i].code == REJECT_NONE);
	ck_assert_int_eq(o.rej.code, key_sizes[_i].code);
	one_teardown(&o);
	buf_release(&pk);
	buf_release(&sk);
}
END_TEST

/* The key is the partition key first, wherever the attributes stand, and the same bytes as are
 * read back from the item. */
START_TEST(keys)
{
	static const struct shape_attr three[] = {
		{ .name = "s", .name_len = 1, .type = ATTR_N, .role = KEY_TABLE_SK },
		{ .name = "x", .name_len = 1, .type = ATTR_S },
		{ .name = "p", .name_len = 1, .type = ATTR_S, .role = KEY_TABLE_PK,
		  .static_json = true },
	};
	struct item_shape shape = { .nattrs = 3, .attrs = three, .pk_attr = 2, .sk_attr = 0 };
	struct key_schema schema = { "p", ATTR_S, "s", ATTR_N };
	struct field fields[3] = { { "1.0", 3 }, { "x", 1 }, { "\"A\\u0042\"", 9 } };
	struct row row = { 3, fields };
	struct buf read = { 0 };
	struct one o;

	fields[2].len = strlen(fields[2].ptr);
	one_setup(&o);
	ck_assert(transform_row(o.t, &shape, &row, &o.item, &o.rej));
	ck_assert(str_eq(buf_str(&o.item.key), STR("S\0\0\0\2ABN\0\0\0\1" "1")));
	ck_assert_str_eq(buf_cstr(&o.item.key_json), "{\"p\":{\"S\":\"AB\"},\"s\":{\"N\":\"1\"}}");
	ck_assert_int_eq(key_from_item_json(&schema, buf_str(&o.item.json), &read, NULL), 0);
	ck_assert(str_eq(buf_str(&read), buf_str(&o.item.key)));
	buf_reset(&read);
	ck_assert_int_eq(key_from_item_json(&schema, buf_str(&o.item.key_json), &read, NULL), 0);
	ck_assert(str_eq(buf_str(&read), buf_str(&o.item.key)));
	buf_release(&read);
	one_teardown(&o);
}
END_TEST

static Suite *transform_suite(void)
{
	Suite *suite = suite_create("transform/transform");
	TCase *tc = tcase_create("transform");

	tcase_add_loop_test(tc, rows, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, table_key_sizes, 0, sizeof(key_sizes) / sizeof(key_sizes[0]));
	tcase_add_test(tc, keys);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(transform_suite)
