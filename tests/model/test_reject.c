#include "check_main.h"
#include "model/reject.h"

/* The names are what scripts look for in rejects files: they may never change. */
static const struct { enum reject_code code; const char *name; } cases[] = {
	{ REJECT_KEY_NULL, "KEY_NULL" }, { REJECT_KEY_EMPTY, "KEY_EMPTY" },
	{ REJECT_KEY_SIZE, "KEY_SIZE" }, { REJECT_KEY_DUPLICATE, "KEY_DUPLICATE" },
	{ REJECT_INDEX_KEY_SIZE, "INDEX_KEY_SIZE" }, { REJECT_NOT_TEXT, "NOT_TEXT" },
	{ REJECT_NUMBER_RANGE, "NUMBER_RANGE" }, { REJECT_NOT_NUMBER, "NOT_NUMBER" },
	{ REJECT_NOT_BOOL, "NOT_BOOL" }, { REJECT_NOT_JSON, "NOT_JSON" },
	{ REJECT_ATTRIBUTE_NAME, "ATTRIBUTE_NAME" }, { REJECT_NESTING, "NESTING" },
	{ REJECT_ITEM_SIZE, "ITEM_SIZE" }, { REJECT_ZERO_DATE, "ZERO_DATE" },
	{ REJECT_REFUSED, "REFUSED" },
};

START_TEST(names)
{
	ck_assert_str_eq(reject_code_name(cases[_i].code), cases[_i].name);
}
END_TEST

START_TEST(all_have_one)
{
	ck_assert_uint_eq(sizeof(cases) / sizeof(cases[0]), REJECT_CODE_COUNT - 1);
	for (int c = 0; c < REJECT_CODE_COUNT; c++)
		ck_assert_ptr_nonnull(reject_code_name((enum reject_code)c));
	ck_assert_str_eq(reject_code_name(REJECT_CODE_COUNT), "?");
}
END_TEST

START_TEST(resets)
{
	struct reject r = { .code = REJECT_NOT_TEXT };

	buf_adds(&r.sentence, "x");
	buf_adds(&r.item, "{}");
	reject_reset(&r);
	ck_assert_int_eq(r.code, REJECT_NONE);
	ck_assert_uint_eq(r.sentence.len + r.item.len, 0);
	reject_release(&r);
}
END_TEST

static Suite *reject_suite(void)
{
	Suite *suite = suite_create("model/reject");
	TCase *tc = tcase_create("reject");

	tcase_add_loop_test(tc, names, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, all_have_one);
	tcase_add_test(tc, resets);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(reject_suite)
