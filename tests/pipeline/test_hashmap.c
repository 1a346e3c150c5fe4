#include "check_main.h"

#include "pipeline/hashmap.h"

static struct hash128 hash_of(uint64_t i)
{
	return (struct hash128){ i / 3, i };	/* crowded on purpose */
}

START_TEST(holds_what_was_added)
{
	struct hashmap m = { 0 };
	uint64_t i;
	bool added;

	ck_assert_ptr_null(hashmap_get(&m, hash_of(1)));
	for (i = 0; i < 5000; i += 2) {
		hashmap_add(&m, hash_of(i), i * 10, &added);
		ck_assert(added);
		*hashmap_add(&m, hash_of(i), 7, &added) += 1;
		ck_assert(!added);
	}
	ck_assert_uint_eq(m.n, 2500);
	for (i = 1; i < 5000; i++) {		/* hash 0 stands as another: {0, 1} */
		const uint64_t *v = hashmap_get(&m, hash_of(i));

		ck_assert(!v == (i % 2 && i != 1));
		if (v && i > 1)
			ck_assert_uint_eq(*v, i * 10 + 1);
	}
	hashmap_clear(&m);
	ck_assert_ptr_null(hashmap_get(&m, hash_of(2)));
	ck_assert_uint_eq(m.n, 0);
	hashmap_add(&m, hash_of(2), 3, NULL);
	ck_assert_uint_eq(*hashmap_get(&m, hash_of(2)), 3);
	hashmap_release(&m);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/hashmap");
	TCase *tc = tcase_create("hashmap");

	tcase_add_test(tc, holds_what_was_added);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
