#include "check_main.h"
#include "base/buf.h"
#include "model/catalog.h"

static struct cat_column columns[] = { { .name = "id" }, { .name = "User_Id" } };
static struct cat_table tables[] = {
	{ .name = "Orders", .ncolumns = 2, .columns = columns },
	{ .name = "orders" },
	{ .name = "users" },
};

static const struct { bool lower_case; const char *name; int want; } cases[] = {
	{ false, "Orders", 0 }, { false, "orders", 1 }, { false, "ORDERS", -1 },
	{ false, "order", -1 }, { false, "orders2", -1 }, { false, "", -1 },
	{ true, "ORDERS", 0 }, { true, "Users", 2 }, { true, "user", -1 },
};

START_TEST(finds_tables)
{
	struct catalog c = {
		.lower_case_names = cases[_i].lower_case, .ntables = 3, .tables = tables
	};
	const char *name = cases[_i].name;
	const struct cat_table *want = cases[_i].want < 0 ? NULL : &tables[cases[_i].want];

	ck_assert_ptr_eq(catalog_table(&c, name, strlen(name)), want);
}
END_TEST

START_TEST(finds_columns)
{
	ck_assert_ptr_eq(cat_table_column(&tables[0], "ID", 2), &columns[0]);
	ck_assert_ptr_eq(cat_table_column(&tables[0], "user_id.x", 7), &columns[1]);
	ck_assert_ptr_null(cat_table_column(&tables[0], "user_i", 6));
	ck_assert_ptr_null(cat_table_column(&tables[0], "user_id2", 8));
	ck_assert_ptr_null(cat_table_column(&tables[1], "id", 2));
}
END_TEST

START_TEST(frees)
{
	struct catalog *c = mem_zalloc(sizeof(*c));

	c->arena = arena_new();
	catalog_free(c);
	catalog_free(NULL);
}
END_TEST

static Suite *catalog_suite(void)
{
	Suite *suite = suite_create("model/catalog");
	TCase *tc = tcase_create("catalog");

	tcase_add_loop_test(tc, finds_tables, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, finds_columns);
	tcase_add_test(tc, frees);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(catalog_suite)
