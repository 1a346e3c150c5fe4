#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "check_main.h"
#include "source/mysql/mysql_priv.h"

START_TEST(identifier)
{
	static const char *const cases[][2] = {
		{ "a", "`a`" }, { "a`b", "`a``b`" }, { "", "``" }, { "a\"'\\", "`a\"'\\`" },
	};
	struct buf sql = { 0 };

	sql_add_ident(&sql, cases[_i][0]);
	ck_assert_str_eq(buf_cstr(&sql), cases[_i][1]);
	buf_release(&sql);
}
END_TEST

static const struct literal_case {
	enum col_kind kind;
	const char *charset, *collation;
	const char *value;
	const char *sql;	/* NULL: refused */
} literal_cases[] = {
	{ COL_INT, NULL, NULL, "42", "42" },
	{ COL_INT, NULL, NULL, "-9223372036854775808", "-9223372036854775808" },
	{ COL_INT, NULL, NULL, "0007", "0007" },
	{ COL_INT, NULL, NULL, "", NULL },
	{ COL_INT, NULL, NULL, "-", NULL },
	{ COL_INT, NULL, NULL, "1 OR 1", NULL },
	{ COL_INT, NULL, NULL, "1;", NULL },
	{ COL_DECIMAL, NULL, NULL, "-1.50", "-1.50" },
	{ COL_DECIMAL, NULL, NULL, "1.", NULL },
	{ COL_DECIMAL, NULL, NULL, "1.2.3", NULL },
	{ COL_YEAR, NULL, NULL, "2024", "2024" },
	{ COL_BIT, NULL, NULL, "\x01\xff", "511" },
	{ COL_BIT, NULL, NULL, "123456789", NULL },
	{ COL_DATE, NULL, NULL, "2024-00-15", "'2024-00-15'" },
	{ COL_DATE, NULL, NULL, "2024-01-01' OR '", NULL },
	{ COL_TIME, NULL, NULL, "-838:59:59.000", "'-838:59:59.000'" },
	{ COL_DATETIME, NULL, NULL, "2024-01-31 10:20:30", "'2024-01-31 10:20:30'" },
	{ COL_TEXT, "utf8mb4", "utf8mb4_bin", "a'", "_utf8mb4 x'6127' COLLATE utf8mb4_bin" },
	{ COL_TEXT, "utf8mb4", "utf8mb4_bin", "", "_utf8mb4 x'' COLLATE utf8mb4_bin" },
	{ COL_TEXT, "latin1", "latin1_swedish_ci", "\xc3\xa4",
	  "CONVERT(_utf8mb4 x'c3a4' USING latin1) COLLATE latin1_swedish_ci" },
	{ COL_TEXT, NULL, NULL, "00000000-0000-0000-0000-0000000000ff",
	  "'00000000-0000-0000-0000-0000000000ff'" },
	{ COL_TEXT, NULL, NULL, "g", NULL },
	{ COL_BINARY, NULL, NULL, "\xff'", "x'ff27'" },
	{ COL_JSON, NULL, NULL, "{}", NULL },
	{ COL_ENUM, "utf8mb4", "utf8mb4_bin", "a", NULL },
	{ COL_FLOAT, NULL, NULL, "1", NULL },
};

START_TEST(key_literal)
{
	const struct literal_case *c = &literal_cases[_i];
	const struct cat_column col = { .name = "c", .kind = c->kind, .charset = c->charset,
					.collation = c->collation };
	struct buf sql = { 0 };
	bool ok = c->kind == COL_JSON && !c->charset ? sql_rangeable(&col) :
		  sql_add_key_literal(&sql, &col, str_of(c->value));

	ck_assert_int_eq(ok, c->sql != NULL);
	if (c->sql)
		ck_assert_str_eq(buf_cstr(&sql), c->sql);
	buf_release(&sql);
}
END_TEST

static const struct range_case {
	size_t ncolumns;	/* of the key (a INT, b VARBINARY, c ENUM) */
	const char *low[3], *high[3];
	const char *sql;
} range_cases[] = {
	{ 1, { NULL }, { NULL }, "1" },
	{ 1, { "1" }, { NULL }, "(`a` > 1)" },
	{ 1, { NULL }, { "9" }, "(`a` <= 9)" },
	{ 1, { "1" }, { "9" }, "(`a` > 1) AND (`a` <= 9)" },
	{ 1, { "x" }, { NULL }, NULL },
	{ 1, { "1", "2" }, { NULL }, NULL },
	{ 2, { "1", "2" }, { NULL }, "(`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > x'32')))" },
	{ 2, { NULL }, { "1", "2" }, "(`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND `b` <= x'32')))" },
	{ 3, { "1", "2" }, { NULL }, "(`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND `b` > x'32')))" },
	{ 3, { "1", "2", "3" }, { NULL }, NULL },
};

static struct str pack(struct buf *out, const char *const *values)
{
	struct str s[3];
	size_t n = 0;

	while (n < 3 && values[n]) {
		s[n] = str_of(values[n]);
		n++;
	}
	unit_pack_pk(out, s, n);
	return n ? buf_str(out) : (struct str){ NULL, 0 };
}

START_TEST(range)
{
	static const struct cat_column a = { .name = "a", .kind = COL_INT },
		b = { .name = "b", .kind = COL_BINARY }, c = { .name = "c", .kind = COL_ENUM };
	static const char *const names[] = { "a", "b", "c" };
	const struct cat_column *columns[] = { &a, &b, &c };
	const struct range_case *r = &range_cases[_i];
	const struct cat_key key = { .ncolumns = r->ncolumns, .columns = columns };
	const struct cat_table t = { .primary = &key };
	struct buf sql = { 0 }, low = { 0 }, high = { 0 };
	bool ok = sql_add_range(&sql, &t, NULL, names, pack(&low, r->low), pack(&high, r->high));

	ck_assert_int_eq(ok, r->sql != NULL);
	if (r->sql)
		ck_assert_str_eq(buf_cstr(&sql), r->sql);
	buf_release(&sql);
	buf_release(&low);
	buf_release(&high);
}
END_TEST

static const struct row_case {
	enum col_kind kind;
	const char *values[3];	/* of a column of that kind, and of an INT */
	const char *sql;
} row_cases[] = {
	{ COL_INT, { "1", "2" }, "(`a` = 1 AND `b` = 2)" },
	{ COL_INT, { "1", "2 OR 1" }, NULL },
	{ COL_INT, { "1" }, NULL },
	{ COL_DOUBLE, { "1.5e+20", "2" }, "(`a` = 1.5e20 AND `b` = 2)" },
	{ COL_DOUBLE, { "-0.1", "2" }, "(`a` = -0.1e0 AND `b` = 2)" },
	{ COL_DOUBLE, { "1e-300", "2" }, "(`a` = 1e-300 AND `b` = 2)" },
	{ COL_DOUBLE, { "1e", "2" }, NULL },
	{ COL_DOUBLE, { "1e1.5", "2" }, NULL },
	{ COL_DOUBLE, { "e1", "2" }, NULL },
	{ COL_ENUM, { "x'", "2" }, "(`a` = _utf8mb4 x'7827' AND `b` = 2)" },
	{ COL_SET, { "", "2" }, "(`a` = _utf8mb4 x'' AND `b` = 2)" },
	{ COL_FLOAT, { "1", "2" }, NULL },
};

START_TEST(row)
{
	static const char *const names[] = { "a", "b" };
	const struct row_case *r = &row_cases[_i];
	struct cat_column a = { .name = "a", .kind = r->kind },
		b = { .name = "b", .kind = COL_INT };
	const struct cat_column *columns[] = { &a, &b };
	const struct cat_key key = { .ncolumns = 2, .columns = columns };
	const struct cat_table t = { .primary = &key };
	struct buf sql = { 0 }, pk = { 0 };
	bool ok = sql_add_row(&sql, &t, NULL, names, pack(&pk, r->values));

	ck_assert_int_eq(ok, r->sql != NULL);
	if (r->sql)
		ck_assert_str_eq(buf_cstr(&sql), r->sql);
	buf_release(&sql);
	buf_release(&pk);
}
END_TEST

START_TEST(damaged_bound)
{
	static const struct cat_column a = { .name = "a", .kind = COL_INT };
	static const char *const names[] = { "a" };
	const struct cat_column *columns[] = { &a };
	const struct cat_key key = { .ncolumns = 1, .columns = columns };
	const struct cat_table t = { .primary = &key };
	struct buf sql = { 0 };

	ck_assert(!sql_add_range(&sql, &t, NULL, names, STR("\0\0\0\x09" "1"), (struct str){ NULL, 0 }));
	ck_assert(!sql_add_range(&sql, &t, NULL, names, STR(""), (struct str){ NULL, 0 }));
	buf_release(&sql);
}
END_TEST

static const struct label_case {
	const char *type;
	const char *labels[4];
} label_cases[] = {
	{ "enum('a')", { "a" } },
	{ "enum('')", { "" } },
	{ "set('a','b','c')", { "a", "b", "c" } },
	{ "enum('a''b','c,d',')')", { "a'b", "c,d", ")" } },
	{ "enum('a\\\\b','x\\ny','''')", { "a\\b", "x\ny", "'" } },
	{ "enum('\xc3\xbc')", { "\xc3\xbc" } },
	{ "int", { NULL } },
	{ "enum('cut", { "cut" } },
};

START_TEST(labels)
{
	struct arena *arena = arena_new();
	const char *const *got = sql_parse_labels(arena, label_cases[_i].type);
	size_t i;

	for (i = 0; i < 4 && label_cases[_i].labels[i]; i++) {
		ck_assert_ptr_nonnull(got[i]);
		ck_assert_str_eq(got[i], label_cases[_i].labels[i]);
	}
	ck_assert_ptr_null(got[i]);
	arena_free(arena);
}
END_TEST

START_TEST(version)
{
	ck_assert_uint_eq(sql_parse_version("10.11.6-MariaDB-0+deb12u1-log"), 101106);
	ck_assert_uint_eq(sql_parse_version("9.7.4-2"), 90704);
	ck_assert_uint_eq(sql_parse_version("8.0"), 80000);
	ck_assert_uint_eq(sql_parse_version("none"), 0);
}
END_TEST

static Suite *literal_suite(void)
{
	Suite *suite = suite_create("source/mysql/literal");
	TCase *tc = tcase_create("literal");

	tcase_add_loop_test(tc, identifier, 0, 4);
	tcase_add_loop_test(tc, key_literal, 0,
			    (int)(sizeof(literal_cases) / sizeof(literal_cases[0])));
	tcase_add_loop_test(tc, range, 0, (int)(sizeof(range_cases) / sizeof(range_cases[0])));
	tcase_add_loop_test(tc, row, 0, (int)(sizeof(row_cases) / sizeof(row_cases[0])));
	tcase_add_test(tc, damaged_bound);
	tcase_add_loop_test(tc, labels, 0, (int)(sizeof(label_cases) / sizeof(label_cases[0])));
	tcase_add_test(tc, version);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(literal_suite)
