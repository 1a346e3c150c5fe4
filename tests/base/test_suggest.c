#include "check_main.h"

#include "base/suggest.h"

static const char *const names[] = {
	"users", "orders", "order_items", "categories", "id", "--mysql-host", "--mysql-port", "join",
};

static const struct { const char *word, *nearest; } cases[] = {
	{ "users", "users" },
	{ "USER", "users" },
	{ "ordres", "orders" },
	{ "order_item", "order_items" },
	{ "orderitems", "order_items" },
	{ "category", "categories" },
	{ "jion", "join" },
	{ "--mysql-hots", "--mysql-host" },
	{ "--mysql-prot", "--mysql-port" },
	{ "idd", "id" },
	{ "xy", NULL },
	{ "", NULL },
	{ "products", NULL },
	{ "completely different", NULL },
};

START_TEST(table)
{
	const char *got = suggest(cases[_i].word, names, sizeof(names) / sizeof(names[0]));

	if (cases[_i].nearest)
		ck_assert_str_eq(got ? got : "(none)", cases[_i].nearest);
	else
		ck_assert_str_eq(got ? got : "(none)", "(none)");
}
END_TEST

START_TEST(edges)
{
	static const char *const letters[] = { "", "b", "ab" };

	ck_assert_ptr_null(suggest("a", NULL, 0));
	ck_assert_ptr_null(suggest("a", letters, 2));
	ck_assert_str_eq(suggest("a", letters, 3), "ab");
}
END_TEST

static Suite *suggest_suite(void)
{
	Suite *suite = suite_create("base/suggest");
	TCase *tc = tcase_create("suggest");

	tcase_add_loop_test(tc, table, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, edges);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(suggest_suite)
