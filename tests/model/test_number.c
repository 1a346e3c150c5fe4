#include "check_main.h"
#include "model/number.h"

#define D38 "12345678901234567890123456789012345678"
#define N125 "99999999999999999999999999999999999999"	/* 38 nines */
#define Z10 "0000000000"
#define Z40 Z10 Z10 Z10 Z10

static const struct { struct str text; const char *want; size_t bytes; } good[] = {
	{ STR("0"), "0", 1 }, { STR("-0"), "0", 1 }, { STR("0.000"), "0", 1 },
	{ STR("-0.0e5"), "0", 1 }, { STR("0e99999999999999999999999"), "0", 1 },
	{ STR("1"), "1", 2 }, { STR("+5"), "5", 2 }, { STR("00012"), "12", 2 },
	{ STR("-007"), "-7", 3 }, { STR("123"), "123", 3 }, { STR("100"), "100", 2 },
	{ STR("120"), "120", 3 }, { STR("1200"), "1200", 2 }, { STR("1.5"), "1.5", 3 },
	{ STR("1.50"), "1.5", 3 }, { STR("12.0"), "12", 2 }, { STR(".5"), "0.5", 2 },
	{ STR("5."), "5", 2 }, { STR("-.25"), "-0.25", 3 }, { STR("0.01"), "0.01", 2 },
	{ STR("0.001"), "0.001", 2 }, { STR("0.0101"), "0.0101", 3 }, { STR("10.01"), "10.01", 3 },
	{ STR("-1"), "-1", 3 },
	{ STR("1E2"), "100", 2 }, { STR("1e+2"), "100", 2 }, { STR("1.25e1"), "12.5", 3 },
	{ STR("125e-1"), "12.5", 3 }, { STR("125e-5"), "0.00125", 3 }, { STR("0.00e1"), "0", 1 },
	{ STR("18446744073709551615"), "18446744073709551615", 11 },
	{ STR("-9223372036854775808"), "-9223372036854775808", 12 },
	{ STR(D38), D38, 20 }, { STR("-" D38), "-" D38, 21 }, { STR(D38 "00"), D38 "00", 20 },
	{ STR("1" Z40), "1" Z40, 2 },
	{ STR("0." D38), "0." D38, 20 }, { STR("1.2345678901234567890123456789012345678"),
	  "1.2345678901234567890123456789012345678", 21 },
	{ STR("0000000000000000000000000000000000000000000001.10000000000000000000000000000000000"),
	  "1.1", 3 },
	{ STR("1E125"), "1" Z40 Z40 Z40 "00000", 2 },
	{ STR("9.9999999999999999999999999999999999999E+125"), N125 Z40 Z40 "00000000", 20 },
	{ STR("1E-130"), "0." Z40 Z40 Z40 "0000000001", 2 },
	{ STR("-1e-130"), "-0." Z40 Z40 Z40 "0000000001", 3 },
	{ STR("0.1e-129"), "0." Z40 Z40 Z40 "0000000001", 2 },
	{ STR("100e-132"), "0." Z40 Z40 Z40 "0000000001", 2 },
	{ STR("0.0000000001e135"), "1" Z40 Z40 Z40 "00000", 2 },
};

START_TEST(canonical)
{
	struct buf b = { 0 };

	buf_adds(&b, "x");
	ck_assert_int_eq(number_canonical(good[_i].text, &b), NUMBER_OK);
	ck_assert_str_eq(buf_cstr(&b) + 1, good[_i].want);
	ck_assert_uint_eq(number_size_bytes(str_of(good[_i].want)), good[_i].bytes);
	buf_reset(&b);
	ck_assert_int_eq(number_canonical(str_of(good[_i].want), &b), NUMBER_OK);
	ck_assert_str_eq(buf_cstr(&b), good[_i].want);
	buf_release(&b);
}
END_TEST

static const struct { struct str text; enum number_result want; } wrong[] = {
	{ STR(""), NUMBER_NOT }, { STR(" 1"), NUMBER_NOT }, { STR("1 "), NUMBER_NOT },
	{ STR("\t1"), NUMBER_NOT }, { STR("NaN"), NUMBER_NOT }, { STR("Infinity"), NUMBER_NOT },
	{ STR("-inf"), NUMBER_NOT }, { STR("0x1"), NUMBER_NOT }, { STR("."), NUMBER_NOT },
	{ STR("+"), NUMBER_NOT }, { STR("-"), NUMBER_NOT }, { STR("--1"), NUMBER_NOT },
	{ STR("+-1"), NUMBER_NOT }, { STR("1.2.3"), NUMBER_NOT }, { STR("1,5"), NUMBER_NOT },
	{ STR("1e"), NUMBER_NOT }, { STR("1e+"), NUMBER_NOT }, { STR("1e1.5"), NUMBER_NOT },
	{ STR("e5"), NUMBER_NOT }, { STR(".e5"), NUMBER_NOT }, { STR("1\0"), NUMBER_NOT },
	{ STR("1f"), NUMBER_NOT }, { STR("12a"), NUMBER_NOT }, { STR("abc"), NUMBER_NOT },
	{ STR("\xd9\xa1"), NUMBER_NOT }, { STR("1e999999999999999999999x"), NUMBER_NOT },
	{ STR(D38 "9x"), NUMBER_NOT },
	{ STR(D38 "9"), NUMBER_OUT_OF_RANGE }, { STR("0." D38 "9"), NUMBER_OUT_OF_RANGE },
	{ STR("1" Z10 Z10 Z10 "00000001"), NUMBER_OUT_OF_RANGE },
	{ STR("1.2345678901234567890123456789012345678901"), NUMBER_OUT_OF_RANGE },
	{ STR("1E126"), NUMBER_OUT_OF_RANGE }, { STR("10e125"), NUMBER_OUT_OF_RANGE },
	{ STR("1e300"), NUMBER_OUT_OF_RANGE }, { STR("-1.7976931348623157e308"),
	  NUMBER_OUT_OF_RANGE },
	{ STR("9.9e-131"), NUMBER_OUT_OF_RANGE }, { STR("1e-131"), NUMBER_OUT_OF_RANGE },
	{ STR("0.9e-130"), NUMBER_OUT_OF_RANGE },
	{ STR("1e99999999999999999999999"), NUMBER_OUT_OF_RANGE },
	{ STR("1e-99999999999999999999999"), NUMBER_OUT_OF_RANGE },
	{ STR("1e9223372036854775807"), NUMBER_OUT_OF_RANGE },
	{ STR("1e18446744073709551617"), NUMBER_OUT_OF_RANGE },
};

START_TEST(refused)
{
	struct buf b = { 0 };

	buf_adds(&b, "x");
	ck_assert_int_eq(number_canonical(wrong[_i].text, &b), wrong[_i].want);
	ck_assert_str_eq(buf_cstr(&b), "x");
	buf_release(&b);
}
END_TEST

/* A million zeros taken back by the exponent: no counter may wrap, no memory may grow. */
START_TEST(long_texts)
{
	struct buf text = { 0 }, out = { 0 };

	buf_adds(&text, "0.");
	for (int i = 0; i < 1000000; i++)
		buf_addc(&text, '0');
	buf_adds(&text, "1e1000001");
	ck_assert_int_eq(number_canonical(buf_str(&text), &out), NUMBER_OK);
	ck_assert_str_eq(buf_cstr(&out), "1");
	buf_release(&text);
	buf_release(&out);
}
END_TEST

static Suite *number_suite(void)
{
	Suite *suite = suite_create("model/number");
	TCase *tc = tcase_create("number");

	tcase_add_loop_test(tc, canonical, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, refused, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, long_texts);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(number_suite)
