#include "check_main.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

START_TEST(grow_keeps_content)
{
	size_t cap = 0, i;
	int *a = NULL;

	for (i = 0; i < 10000; i++) {
		a = mem_grow(a, &cap, i + 1, sizeof(*a));
		ck_assert_uint_ge(cap, i + 1);
		a[i] = (int)i;
	}
	for (i = 0; i < 10000; i++)
		ck_assert_int_eq(a[i], (int)i);
	ck_assert_uint_le(cap, 20000);
	free(a);
}
END_TEST

START_TEST(copies)
{
	char *s = mem_strndup("a\0b", 3), *t = mem_strdup("text"), *e = mem_strndup(NULL, 0);

	ck_assert_mem_eq(s, "a\0b\0", 4);
	ck_assert_str_eq(t, "text");
	ck_assert_str_eq(e, "");
	free(s);
	free(t);
	free(e);
}
END_TEST

START_TEST(nothing_is_something)
{
	void *p = mem_alloc(0), *q = mem_zalloc(0), *r = mem_array(0, 8), *s = mem_realloc(NULL, 0);

	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(q);
	ck_assert_ptr_nonnull(r);
	ck_assert_ptr_nonnull(s);
	free(p);
	free(q);
	free(r);
	free(s);
}
END_TEST

START_TEST(arena_sizes)
{
	struct arena *a = arena_new();
	unsigned char *p[400];
	size_t i, k, wrong = 0;

	/* From nothing to far beyond a block, in and out of order. */
	for (i = 0; i < 400; i++) {
		size_t n = i * i * 7 % 40000;

		p[i] = arena_alloc(a, n);
		ck_assert_uint_eq((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		for (k = 0; k < n; k++)
			wrong += p[i][k] != 0;
		memset(p[i], (int)(i & 255), n);
	}
	for (i = 0; i < 400; i++)
		for (k = 0; k < i * i * 7 % 40000; k++)
			wrong += p[i][k] != (i & 255);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_str_eq(arena_printf(a, "%s-%05d", "x", 42), "x-00042");
	ck_assert_str_eq(arena_strdup(a, "abc"), "abc");
	ck_assert_mem_eq(arena_strndup(a, "a\0c", 3), "a\0c\0", 4);
	arena_free(a);
	arena_free(NULL);
}
END_TEST

/* Each of these ends the process with status 1 instead of giving less than asked for. */
START_TEST(too_much)
{
	size_t cap = 8;
	struct arena *a = arena_new();

	switch (_i) {
	case 0: mem_alloc(SIZE_MAX / 2 + 1); break;
	case 1: mem_array(SIZE_MAX / 4, 8); break;
	case 2: mem_grow(NULL, &cap, SIZE_MAX / 4, 8); break;
	case 3: mem_grow(NULL, &cap, SIZE_MAX, 1); break;
	case 4: arena_alloc(a, SIZE_MAX - 8); break;
	case 5: mem_strndup("x", SIZE_MAX); break;
	case 6: mem_zalloc(SIZE_MAX / 2 + 1); break;
	case 7: mem_realloc(NULL, SIZE_MAX / 2 + 1); break;
	}
	arena_free(a);
}
END_TEST

/* A sanitizer's allocator ends the process in its own way, and without a child nothing is left
 * to look at the status. */
static int ends_are_tests(void)
{
	const char *fork_mode = getenv("CK_FORK");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return 0;
#endif
	return !(fork_mode && strcmp(fork_mode, "no") == 0);
}

static Suite *mem_suite(void)
{
	Suite *suite = suite_create("base/mem");
	TCase *tc = tcase_create("mem");

	tcase_add_test(tc, grow_keeps_content);
	tcase_add_test(tc, copies);
	tcase_add_test(tc, nothing_is_something);
	tcase_add_test(tc, arena_sizes);
	if (ends_are_tests())
		tcase_add_loop_exit_test(tc, too_much, 1, 0, 8);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(mem_suite)
