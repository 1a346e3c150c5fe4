/* What the sketch says of keys: the heavy ones are found, and never said to have more than they got. */
#include "check_main.h"

#include <stdio.h>

#include "model/key.h"
#include "pipeline/skew.h"

static struct skew *skew;
static struct skew_key keys[SKEW_KEYS];
static uint64_t all;

static void setup(void) { skew = skew_new(); }
static void teardown(void) { skew_free(skew); }

static void add(const char *pk, int sk, uint64_t units)
{
	struct buf key = { 0 };
	char text[16];

	snprintf(text, sizeof(text), "%d", sk);
	key_add_part(&key, ATTR_S, str_of(pk));
	key_add_part(&key, ATTR_N, str_of(text));
	skew_add(skew, buf_str(&key), units);
	buf_release(&key);
}

START_TEST(heavy_among_many)
{
	char pk[32];
	int i;

	for (i = 0; i < 20000; i++) {
		snprintf(pk, sizeof(pk), "USER#%d", i);
		add(pk, 1, 1);
		if (i % 4 == 0)
			add("SHOP#1", i, 2);
		if (i % 10 == 0)
			add("SHOP#2", i, 1);
	}
	ck_assert_uint_eq(skew_heaviest(skew, 1000, keys, 5, &all), 2);
	ck_assert_uint_eq(all, 20000 + 10000 + 2000);
	ck_assert_str_eq(keys[0].text, "SHOP#1");
	ck_assert_uint_le(keys[0].units, 10000);
	ck_assert_uint_ge(keys[0].units, 10000 - all / SKEW_KEYS);
	ck_assert_str_eq(keys[1].text, "SHOP#2");
	ck_assert_uint_le(keys[1].units, 2000);
	ck_assert_uint_eq(skew_heaviest(skew, 1000, keys, 1, &all), 1);
}
END_TEST

START_TEST(none_is_heavy)
{
	char pk[32];
	int i;

	for (i = 0; i < 5000; i++) {
		snprintf(pk, sizeof(pk), "%d", i);
		add(pk, 1, 3);
	}
	ck_assert_uint_eq(skew_heaviest(skew, 10, keys, SKEW_KEYS, &all), 0);
	ck_assert_uint_eq(all, 15000);
}
END_TEST

static const struct { const char *pk, *text; } texts[] = {
	{ "", "" },
	{ "tab\there", "tab\\x09here" },
	{ "0123456789012345678901234567890123456789012345678901234567890123",
	  "0123456789012345678901234567890123456789012345678901234567890123" },
	{ "012345678901234567890123456789012345678901234567890123456789012\u00e9",
	  "012345678901234567890123456789012345678901234567890123456789012..." },
};

START_TEST(text_of_a_key)
{
	add(texts[_i].pk, 1, 1);
	ck_assert_uint_eq(skew_heaviest(skew, 1, keys, 1, &all), 1);
	ck_assert_str_eq(keys[0].text, texts[_i].text);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("pipeline/skew");
	TCase *tc = tcase_create("skew");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, heavy_among_many);
	tcase_add_test(tc, none_is_heavy);
	tcase_add_loop_test(tc, text_of_a_key, 0, sizeof(texts) / sizeof(*texts));
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
