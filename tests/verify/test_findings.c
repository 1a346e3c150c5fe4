#include "check_main.h"

#include "verify/findings.h"

static struct buf text(size_t before, const char *middle, size_t after, const char *fill)
{
	struct buf b = { 0 };
	size_t n = strlen(fill);

	for (; before > 0; before -= before < n ? before : n)
		buf_adds(&b, fill);
	buf_adds(&b, middle);
	for (; after > 0; after -= after < n ? after : n)
		buf_adds(&b, fill);
	return b;
}

static const struct { size_t before, after; const char *fill; } cases[] = {
	{ 0, 5000, "x" }, { 30, 5000, "x" }, { 99, 5000, "x" }, { 101, 5000, "x" },
	{ 102, 120, "x" }, { 5000, 5000, "x" }, { 5000, 0, "x" }, { 5000, 100, "x" },
	{ 200, 10, "x" }, { 250, 0, "x" }, { 10, 10, "x" },
	{ 3000, 3000, "\xc3\xa4" }, { 300, 3000, "\xe2\x82\xac" }, { 3000, 9, "\xf0\x9f\x98\x80" },
};

/* What differs is to be seen, the length is bounded, and no character is cut. */
START_TEST(shortened)
{
	struct buf value = text(cases[_i].before, "@", cases[_i].after, cases[_i].fill);
	struct buf out = { 0 };
	const char *at = memchr(value.ptr, '@', value.len);
	size_t i;

	finding_shorten(&out, buf_str(&value), (size_t)(at - value.ptr));
	ck_assert_ptr_nonnull(memchr(out.ptr, '@', out.len));
	ck_assert_uint_le(out.len, FINDING_VALUE_BYTES + 6);
	if (value.len <= FINDING_VALUE_BYTES)
		ck_assert(str_eq(buf_str(&value), buf_str(&out)));
	for (i = 0; i < out.len;) {
		size_t n = strlen(cases[_i].fill);

		if (out.ptr[i] == '.' || out.ptr[i] == '@') {
			i++;
			continue;
		}
		ck_assert_uint_le(i + n, out.len);
		ck_assert_mem_eq(out.ptr + i, cases[_i].fill, n);
		i += n;
	}
	buf_release(&value);
	buf_release(&out);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/findings");
	TCase *tc = tcase_create("findings");

	tcase_add_loop_test(tc, shortened, 0, sizeof(cases) / sizeof(*cases));
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
