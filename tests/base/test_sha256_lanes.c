/* Many messages side by side against OpenSSL, one by one. */
#include "check_main.h"

#include "base/digest.h"
#include "base/mem.h"
#include "base/sha256_lanes.h"

static const size_t lengths[] = {
	0, 1, 31, 32, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 121, 127, 128, 129, 183, 184, 1000,
	4096, 65535, 65536, 65537, 70001, 200000,
};
enum { LENGTHS = sizeof(lengths) / sizeof(lengths[0]), MOST = 300 };

static uint64_t state = 88172645463325252u;

static size_t chance(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* Each message lies at the end of memory of its own, so that a sanitizer sees what is read behind. */
static void expect_digests(enum sha256_lanes_kind kind, const size_t *sizes, size_t n)
{
	unsigned char block[SHA256_BLOCK_BYTES], want[32];
	struct str messages[MOST];
	uint32_t begun[8], got[MOST][8];
	size_t i, k;

	random_bytes(block, sizeof(block));
	sha256_lanes_begin(kind, block, begun);
	for (i = 0; i < n; i++) {
		char *p = mem_alloc(sizes[i] ? sizes[i] : 1);

		random_bytes(p, sizes[i]);
		messages[i] = (struct str){ sizes[i] ? p : NULL, sizes[i] };
		if (!sizes[i])
			free(p);
	}
	sha256_lanes(kind, begun, messages, n, got);
	for (i = 0; i < n; i++) {
		struct buf whole = { 0 };

		buf_add(&whole, block, sizeof(block));
		buf_addstr(&whole, messages[i]);
		sha256(whole.ptr, whole.len, want);
		for (k = 0; k < 32; k++)
			ck_assert_msg((got[i][k / 4] >> (24 - 8 * (k % 4)) & 0xff) == want[k],
				      "message %zu of %zu, %zu bytes, kind %d", i, n, sizes[i],
				      (int)kind);
		buf_release(&whole);
		free((void *)messages[i].ptr);
	}
}

static const enum sha256_lanes_kind kinds[] = { SHA256_LANES_AVX2, SHA256_LANES_AVX512 };

/* Every length alone, and all of them in one go, from each on. */
START_TEST(all_lengths)
{
	enum sha256_lanes_kind kind = kinds[_i];
	size_t sizes[LENGTHS], from, i;

	if (!sha256_lanes_can(kind))
		return;		/* this processor never uses it */
	for (from = 0; from < LENGTHS; from++) {
		for (i = 0; i < LENGTHS; i++)
			sizes[i] = lengths[(from + i) % LENGTHS];
		expect_digests(kind, sizes, 1);
		expect_digests(kind, sizes, LENGTHS);
	}
}
END_TEST

START_TEST(by_chance)
{
	enum sha256_lanes_kind kind = kinds[_i];
	size_t sizes[MOST], round, n, i;

	if (!sha256_lanes_can(kind))
		return;
	for (round = 0; round < 300; round++) {
		n = chance(MOST + 1);
		for (i = 0; i < n; i++)
			sizes[i] = chance(chance(50) ? 600 : 20000);
		expect_digests(kind, sizes, n);
	}
}
END_TEST

/* What is thought best can be done. */
START_TEST(best)
{
	ck_assert(sha256_lanes_can(sha256_lanes_best()));
	ck_assert(sha256_lanes_can(SHA256_LANES_NONE));
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("base/sha256_lanes");
	TCase *tc = tcase_create("sha256_lanes");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, all_lengths, 0, 2);
	tcase_add_loop_test(tc, by_chance, 0, 2);
	tcase_add_test(tc, best);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
