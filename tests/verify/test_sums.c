#include "check_main.h"

#include <stdio.h>

#include "verify/sums.h"

static const struct key_schema keys = { "k", ATTR_S, NULL, ATTR_S };
static struct sums a, b;

static void setup(void)
{
	a = b = (struct sums){ 0 };
}

static struct item_sum of(struct summer *s, const char *json)
{
	struct etl_err err = { 0 };
	const struct item_sum *made;
	size_t n;

	summer_reset(s);
	ck_assert_msg(summer_item(s, &keys, str_of(json), &err) == 0, "%s", err.msg);
	made = summer_made(s, &n);
	ck_assert_uint_eq(n, 1);
	return *made;
}

static struct summer begin(unsigned char first)
{
	unsigned char secret[KEYED_HASH_SECRET_BYTES] = { first };
	struct summer s;

	memset(&s, 0x5a, sizeof(s));	/* it need not be zeroed */
	summer_begin(&s, secret);
	return s;
}

static const char *const items[] = {
	"{\"k\":{\"S\":\"1\"},\"v\":{\"N\":\"1\"}}",
	"{\"k\":{\"S\":\"1\"},\"v\":{\"N\":\"2\"}}",
	"{\"k\":{\"S\":\"2\"},\"v\":{\"N\":\"1\"}}",
};

/* In which buckets do the two sets differ, by items and by keys? */
static void expect_differences(size_t by_items, size_t by_keys)
{
	size_t i, n_items = 0, n_keys = 0;

	for (i = 0; i < VERIFY_BUCKETS; i++) {
		n_items += !sums_same_items(&a, &b, i);
		n_keys += !sums_same_keys(&a, &b, i);
		ck_assert(sums_same_keys(&a, &b, i) || !sums_same_items(&a, &b, i));
	}
	ck_assert_uint_eq(n_items, by_items);
	ck_assert_uint_eq(n_keys, by_keys);
}

START_TEST(differences)
{
	struct summer s = begin(1);
	struct item_sum sum[3];
	size_t i;

	for (i = 0; i < 3; i++)
		sum[i] = of(&s, items[i]);
	ck_assert_uint_eq(bucket_of(sum[0].key), bucket_of(sum[1].key));
	sums_add(&a, &sum[0]);
	sums_add(&a, &sum[2]);
	sums_add(&b, &sum[2]);
	expect_differences(1, 1);
	sums_add(&b, &sum[0]);
	expect_differences(0, 0);
	ck_assert_uint_eq(sums_count(&a), 2);
	/* another value under the same key */
	sums_add(&a, &sum[0]);
	sums_add(&b, &sum[1]);
	expect_differences(1, 0);
	sums_add(&a, &sum[1]);
	sums_add(&b, &sum[0]);
	expect_differences(0, 0);
	summer_end(&s);
}
END_TEST

START_TEST(sums_of_sums)
{
	struct summer s = begin(1);
	struct sums *part = calloc(1, sizeof(*part));
	struct item_sum sum;
	char json[64];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(json, sizeof(json), "{\"k\":{\"S\":\"%d\"}}", i * 7919 % 1000);
		sum = of(&s, json);
		sums_add(part, &sum);
		if (i % 97 == 0 || i == 999) {
			sums_add_all(&a, part);
			*part = (struct sums){ 0 };
		}
		snprintf(json, sizeof(json), "{\"k\":{\"S\":\"%d\"}}", i);
		sum = of(&s, json);
		sums_add(&b, &sum);
	}
	expect_differences(0, 0);
	ck_assert_uint_eq(sums_count(&a), 1000);
	free(part);
	summer_end(&s);
}
END_TEST

/* Items of all lengths together are what each of them is alone, whenever they are asked for. */
START_TEST(many_at_once)
{
	enum { ITEMS = 1000 };
	struct summer s = begin(1), alone = begin(1);
	struct buf json[ITEMS];
	struct etl_err err = { 0 };
	const struct item_sum *made = NULL;
	struct item_sum one;
	size_t n = 0, i;

	for (i = 0; i < ITEMS; i++) {
		json[i] = (struct buf){ 0 };
		buf_addf(&json[i], "{\"k\":{\"S\":\"%zu\"},\"v\":{\"S\":\"%0*u\"}}", i,
			 i % 100 == 99 ? 70000 : (int)(i * 7 % 300 + 1), 0u);
		ck_assert_int_eq(summer_item(&s, &keys, buf_str(&json[i]), &err), 0);
		ck_assert_int_eq(summer_item(&s, &keys, STR("{}"), &err), -ETL_ESINK);
		etl_err_clear(&err);
		if (i % 333 == 0)
			made = summer_made(&s, &n);
	}
	made = summer_made(&s, &n);
	ck_assert_uint_eq(n, ITEMS);
	for (i = 0; i < ITEMS; i++) {
		one = of(&alone, buf_cstr(&json[i]));
		ck_assert_int_eq(memcmp(&one, &made[i], sizeof(one)), 0);
		buf_release(&json[i]);
	}
	summer_end(&s);
	summer_end(&alone);
}
END_TEST

/* What is equal in one run tells nothing about another one. */
START_TEST(secrets)
{
	struct summer s = begin(1), t = begin(2);
	struct item_sum x = of(&s, items[0]), y = of(&t, items[0]), key;
	struct buf canonical = { 0 };

	ck_assert_uint_ne(x.key.hi, y.key.hi);
	ck_assert_uint_ne(x.item[0], y.item[0]);
	key_add_part(&canonical, ATTR_S, str_of("1"));
	summer_key(&s, buf_str(&canonical), &key);
	ck_assert_uint_eq(key.key.hi, x.key.hi);
	ck_assert_uint_eq(key.key.lo, x.key.lo);
	buf_release(&canonical);
	summer_end(&s);
	summer_end(&t);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/sums");
	TCase *tc = tcase_create("sums");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, differences);
	tcase_add_test(tc, sums_of_sums);
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, secrets);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
