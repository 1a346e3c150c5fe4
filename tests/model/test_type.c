#include "check_main.h"
#include "model/type.h"

static const char *const names[ATTR_TYPE_COUNT] = {
	[ATTR_S] = "S", [ATTR_N] = "N", [ATTR_B] = "B", [ATTR_SS] = "SS", [ATTR_NS] = "NS",
	[ATTR_BS] = "BS", [ATTR_M] = "M", [ATTR_L] = "L", [ATTR_BOOL] = "BOOL",
	  [ATTR_NULL] = "NULL",
};

START_TEST(there_and_back)
{
	ck_assert_str_eq(attr_type_name((enum attr_type)_i), names[_i]);
	ck_assert_int_eq(attr_type_parse(names[_i]), _i);
}
END_TEST

START_TEST(no_type)
{
	ck_assert_int_eq(attr_type_parse("s"), -1);
	ck_assert_int_eq(attr_type_parse(""), -1);
	ck_assert_int_eq(attr_type_parse("STRING"), -1);
	ck_assert_int_eq(attr_type_parse(NULL), -1);
	ck_assert_str_eq(attr_type_name(ATTR_TYPE_COUNT), "?");
}
END_TEST

static Suite *type_suite(void)
{
	Suite *suite = suite_create("model/type");
	TCase *tc = tcase_create("type");

	tcase_add_loop_test(tc, there_and_back, 0, ATTR_TYPE_COUNT);
	tcase_add_test(tc, no_type);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(type_suite)
