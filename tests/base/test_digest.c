#include "check_main.h"

#include <string.h>

#include "base/digest.h"

/* FIPS 180-2, appendix B, and the empty message. */
static const struct { const char *in, *hex; } cases[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

START_TEST(vectors)
{
	const char *in = cases[_i].in;
	unsigned char raw[32];
	char hex[65];
	struct hash128 h;

	sha256_hex(in, strlen(in), hex);
	ck_assert_str_eq(hex, cases[_i].hex);
	sha256(in, strlen(in), raw);
	ck_assert_uint_eq(raw[0], strtoul((char[]){ hex[0], hex[1], 0 }, NULL, 16));
	h = hash128(in, strlen(in));
	hex[32] = '\0';
	ck_assert_uint_eq(h.lo, strtoull(hex + 16, NULL, 16));
	hex[16] = '\0';
	ck_assert_uint_eq(h.hi, strtoull(hex, NULL, 16));
}
END_TEST

START_TEST(no_pointer_no_bytes)
{
	char hex[65];

	sha256_hex(NULL, 0, hex);
	ck_assert_str_eq(hex, cases[0].hex);
}
END_TEST

static Suite *digest_suite(void)
{
	Suite *suite = suite_create("base/digest");
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, vectors, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, no_pointer_no_bytes);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(digest_suite)
