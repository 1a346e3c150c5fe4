#include "check_main.h"

#include "base/backoff.h"

START_TEST(grows_to_its_cap)
{
	static const int64_t limits[] = { 50, 100, 200, 400, 800, 1000, 1000, 1000 };
	int64_t most[8] = { 0 };
	unsigned seed, i;

	for (seed = 0; seed < 2000; seed++) {
		struct backoff b;

		backoff_init(&b, 50, 1000, seed);
		for (i = 0; i < 8; i++) {
			int64_t d = backoff_next_ms(&b);

			ck_assert_int_ge(d, 0);
			ck_assert_int_le(d, limits[i]);
			ck_assert_uint_eq(b.tries, i + 1);
			if (d > most[i])
				most[i] = d;
		}
	}
	/* Full jitter: the whole range is used. */
	for (i = 0; i < 8; i++)
		ck_assert_int_gt(most[i], limits[i] * 9 / 10);
}
END_TEST

START_TEST(progress_resets)
{
	struct backoff b;
	int i;

	backoff_init(&b, 10, 100000, 7);
	for (i = 0; i < 10; i++)
		backoff_next_ms(&b);
	backoff_reset(&b);
	ck_assert_uint_eq(b.tries, 0);
	for (i = 0; i < 50; i++) {
		ck_assert_int_le(backoff_next_ms(&b), 10);
		backoff_reset(&b);
	}
}
END_TEST

START_TEST(extremes)
{
	struct backoff b;
	int i;

	backoff_init(&b, INT64_MAX / 2, INT64_MAX, 1);
	for (i = 0; i < 200; i++)
		ck_assert_int_ge(backoff_next_ms(&b), 0);
	backoff_init(&b, 0, 100, 1);
	ck_assert_int_eq(backoff_next_ms(&b), 0);
	backoff_init(&b, 500, 100, 1);
	for (i = 0; i < 200; i++)
		ck_assert_int_le(backoff_next_ms(&b), 100);
	b.tries = UINT32_MAX;
	ck_assert_int_le(backoff_next_ms(&b), 100);
	ck_assert_uint_eq(b.tries, UINT32_MAX);
}
END_TEST

static Suite *backoff_suite(void)
{
	Suite *suite = suite_create("base/backoff");
	TCase *tc = tcase_create("backoff");

	tcase_add_test(tc, grows_to_its_cap);
	tcase_add_test(tc, progress_resets);
	tcase_add_test(tc, extremes);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(backoff_suite)
