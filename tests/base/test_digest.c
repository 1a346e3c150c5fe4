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

/* The secret is a block before the message. */
START_TEST(behind_a_secret)
{
	unsigned char secret[KEYED_HASH_SECRET_BYTES], both[KEYED_HASH_SECRET_BYTES + 200];
	struct keyed_hash *h;
	struct hash128 want;
	uint64_t got[4];
	size_t n;

	random_bytes(secret, sizeof(secret));
	memcpy(both, secret, sizeof(secret));
	memset(both + sizeof(secret), 'x', 200);
	h = keyed_hash_new(secret);
	for (n = 0; n <= 200; n++) {
		keyed_hash(h, n ? both + sizeof(secret) : NULL, n, got);
		want = hash128(both, sizeof(secret) + n);
		ck_assert_uint_eq(got[0], want.hi);
		ck_assert_uint_eq(got[1], want.lo);
	}
	keyed_hash_free(h);
	keyed_hash_free(NULL);
}
END_TEST

START_TEST(nobody_guesses)
{
	unsigned char a[300] = { 0 }, b[300] = { 0 };
	size_t i, zeros = 0;

	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	for (i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	ck_assert_uint_lt(zeros, 30);
}
END_TEST

static Suite *digest_suite(void)
{
	Suite *suite = suite_create("base/digest");
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, vectors, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, no_pointer_no_bytes);
	tcase_add_test(tc, behind_a_secret);
	tcase_add_test(tc, nobody_guesses);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(digest_suite)
