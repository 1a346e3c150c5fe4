#include "check_main.h"

#include "model/unit.h"
#include "pipeline/key_place.h"

static const struct cat_column number = { .kind = COL_INT }, text = { .kind = COL_TEXT };
static const struct cat_column *columns[] = { &number, &text, &number };

static const struct {
	size_t from, n;			/* of the columns */
	const char *first[3], *last[3], *at[3];
	double place;
} cases[] = {
	{ 0, 1, { "1" }, { "101" }, { "26" }, 0.25 },
	{ 0, 1, { "-100" }, { "100" }, { "-50" }, 0.25 },
	{ 0, 1, { "9223372036854775807" }, { "18446744073709551615" }, { "18446744073709551615" },
	  1 },
	{ 0, 1, { "5" }, { "5" }, { "5" }, -1 },		/* one row */
	{ 0, 1, { "5" }, { "9" }, { "4" }, 0 },
	{ 0, 1, { "5" }, { "9" }, { "10" }, 1 },	/* a row that came after the snapshot */
	{ 0, 2, { "7", "a" }, { "7", "c" }, { "7", "b" }, 0.5 },
	{ 1, 1, { "order-00" }, { "order-@0" }, { "order-80" }, 0.5 },
	{ 1, 1, { "" }, { "b" }, { "1" }, 0.5 },
	{ 1, 1, { "b" }, { "a" }, { "b" }, -1 },		/* not as bytes sort */
};

static void pack(struct buf *b, size_t n, const char *const *values)
{
	struct str list[3] = { { NULL, 0 } };
	size_t i;

	for (i = 0; i < n; i++)
		list[i] = str_of(values[i]);
	unit_pack_pk(b, list, n);
}

START_TEST(test_place)
{
	struct cat_key key = { .ncolumns = cases[_i].n, .columns = columns + cases[_i].from };
	struct buf first = { 0 }, last = { 0 }, at = { 0 };
	double place;

	pack(&first, cases[_i].n, cases[_i].first);
	pack(&last, cases[_i].n, cases[_i].last);
	pack(&at, cases[_i].n, cases[_i].at);
	place = key_place(&key, buf_str(&first), buf_str(&last), buf_str(&at));
	ck_assert_double_eq_tol(place, cases[_i].place, 0.01);
	buf_release(&first);
	buf_release(&last);
	buf_release(&at);
}
END_TEST

START_TEST(test_nothing_known)
{
	struct cat_key key = { .ncolumns = 1, .columns = columns };
	struct buf at = { 0 };

	pack(&at, 1, (const char *const[]){ "3" });
	ck_assert(key_place(&key, (struct str){ NULL, 0 }, (struct str){ NULL, 0 },
			    buf_str(&at)) < 0);
	ck_assert(key_place(&key, buf_str(&at), STR("torn"), buf_str(&at)) < 0);
	buf_release(&at);
}
END_TEST

static Suite *key_place_suite(void)
{
	Suite *suite = suite_create("pipeline/key_place");
	TCase *tc = tcase_create("key_place");

	tcase_add_loop_test(tc, test_place, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, test_nothing_known);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(key_place_suite)
