#include "check_main.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
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

	sha256_hex(in, strlen(in), hex);
	ck_assert_str_eq(hex, cases[_i].hex);
	sha256(in, strlen(in), raw);
	ck_assert_uint_eq(raw[0], strtoul((char[]){ hex[0], hex[1], 0 }, NULL, 16));
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
	unsigned char want[32];
	struct str messages[201];
	uint64_t got[4], many[201][4];
	size_t n, i;

	random_bytes(secret, sizeof(secret));
	memcpy(both, secret, sizeof(secret));
	memset(both + sizeof(secret), 'x', 200);
	h = keyed_hash_new(secret);
	for (n = 0; n <= 200; n++) {
		keyed_hash(h, n ? both + sizeof(secret) : NULL, n, got);
		sha256(both, sizeof(secret) + n, want);
		for (i = 0; i < 32; i++)
			ck_assert_uint_eq(got[i / 8] >> (56 - 8 * (i % 8)) & 0xff, want[i]);
	}
	for (i = 0; i <= 200; i++)
		messages[i] = (struct str){ (const char *)both + sizeof(secret), i };
	for (n = 0; n <= 201; n += n < 10 ? 1 : 19) {
		keyed_hash_many(h, messages, n, many);
		for (i = 0; i < n; i++) {
			keyed_hash(h, messages[i].ptr, i, got);
			ck_assert_mem_eq(many[i], got, sizeof(got));
		}
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

/* Keys and messages shorter and longer than a block, against OpenSSL's. */
START_TEST(hmac)
{
	unsigned char key[100], in[1000], ours[32], theirs[32];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(i * 5 + 1);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 3);
	for (size_t k = 0; k <= sizeof(key); k += 4) {
		for (size_t n = 0; n <= sizeof(in); n += 37) {
			hmac_sha256(key, k, in, n, ours);
			ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key, (int)k, in, n, theirs, NULL));
			ck_assert_mem_eq(ours, theirs, sizeof(ours));
		}
	}
}
END_TEST

/* Against OpenSSL's, of every length around its words. */
START_TEST(siphash)
{
	unsigned char key[16], in[64], theirs[16];
	size_t size = sizeof(theirs), got;
	uint64_t words[2];
	struct hash128 ours;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	OSSL_PARAM params[] = { OSSL_PARAM_construct_size_t("size", &size),
				OSSL_PARAM_construct_end() };

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(7 * i + 200);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(31 * i + (size_t)_i);
	memcpy(words, key, sizeof(key));	/* the words are little-endian, as this machine is */
	ck_assert(EVP_MAC_init(ctx, key, sizeof(key), params));
	ck_assert(EVP_MAC_update(ctx, in, (size_t)_i));
	ck_assert(EVP_MAC_final(ctx, theirs, &got, sizeof(theirs)));
	ours = hash128_keyed(words, in, (size_t)_i);
	ck_assert_mem_eq(&ours.lo, theirs, 8);
	ck_assert_mem_eq(&ours.hi, theirs + 8, 8);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}
END_TEST

START_TEST(hash_of_the_process)
{
	struct hash128 a = hash128("one", 3), b = hash128("one", 3), c = hash128("two", 3);
	struct hash128 fixed = hash128_keyed((uint64_t[2]){ 0, 0 }, "one", 3);

	ck_assert(a.lo == b.lo && a.hi == b.hi);
	ck_assert(a.lo != c.lo && a.hi != c.hi);
	ck_assert(a.lo != fixed.lo);
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
	tcase_add_test(tc, hmac);
	tcase_add_loop_test(tc, siphash, 0, 64);
	tcase_add_test(tc, hash_of_the_process);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(digest_suite)
