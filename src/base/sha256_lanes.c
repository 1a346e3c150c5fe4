/*
 * FIPS 180-4. A vector holds the same word of eight messages, which take their rounds together; a
 * lane whose message has come to its end gets the next one, so that lengths may differ. It is in the
 * tests that this gives what OpenSSL gives.
 */
#include "base/sha256_lanes.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define HAVE_LANES
#endif
#endif

#ifdef HAVE_LANES

#include <cpuid.h>

enum { LANES = 8 };

#define CPUID_SHA (1u << 29)	/* of EBX, leaf 7 */

typedef uint32_t words __attribute__((vector_size(4 * LANES)));
typedef unsigned char octets __attribute__((vector_size(4 * LANES)));

struct states { uint32_t word[8][LANES]; };

static const uint32_t first_state[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
	0x5be0cd19,
};

static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

/* Vectors are passed by pointers and macros alone: how they are passed by value depends on the
 * instructions that the function is compiled for. */
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define MIX(a, b, ...) __builtin_shufflevector((a), (b), __VA_ARGS__)

/* Half a block of each lane: eight words that are big-endian and stand one after the other become
 * eight vectors. */
static inline __attribute__((always_inline)) void load_half(words w[8],
		const unsigned char *const at[LANES], size_t off)
{
	words rows[8], t[8];
	octets o;

	for (int i = 0; i < 8; i++) {
		memcpy(&o, at[i] + off, sizeof(o));
		rows[i] = (words)MIX(o, o, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
				     19, 18, 17, 16, 23, 22, 21, 20, 27, 26, 25, 24, 31, 30, 29,
				     28);
	}
	for (int i = 0; i < 8; i += 2) {
		t[i] = MIX(rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		t[i + 1] = MIX(rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
	for (int i = 0; i < 8; i += 4) {
		rows[i] = MIX(t[i], t[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
		rows[i + 1] = MIX(t[i], t[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
		rows[i + 2] = MIX(t[i + 1], t[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
		rows[i + 3] = MIX(t[i + 1], t[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
	}
	for (int i = 0; i < 4; i++) {
		w[i] = MIX(rows[i], rows[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		w[i + 4] = MIX(rows[i], rows[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
}

#define ROUND(a, b, c, d, e, f, g, h, i) do { \
	(h) += (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((g) ^ ((e) & ((f) ^ (g)))) + \
	       constants[base + (i)] + w[i]; \
	(d) += (h); \
	(h) += (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + (((a) & (b)) | ((c) & ((a) | (b)))); \
} while (0)
#define EIGHT_ROUNDS(i) do { \
	ROUND(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], i); \
	ROUND(s[7], s[0], s[1], s[2], s[3], s[4], s[5], s[6], (i) + 1); \
	ROUND(s[6], s[7], s[0], s[1], s[2], s[3], s[4], s[5], (i) + 2); \
	ROUND(s[5], s[6], s[7], s[0], s[1], s[2], s[3], s[4], (i) + 3); \
	ROUND(s[4], s[5], s[6], s[7], s[0], s[1], s[2], s[3], (i) + 4); \
	ROUND(s[3], s[4], s[5], s[6], s[7], s[0], s[1], s[2], (i) + 5); \
	ROUND(s[2], s[3], s[4], s[5], s[6], s[7], s[0], s[1], (i) + 6); \
	ROUND(s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[0], (i) + 7); \
} while (0)

/* The words of the next sixteen rounds. */
static inline __attribute__((always_inline)) void next_words(words w[16])
{
	for (int i = 0; i < 16; i++) {
		words a = w[(i + 1) & 15], b = w[(i + 14) & 15];

		w[i] += (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + w[(i + 9) & 15] +
			(ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
	}
}

/* One block of each lane. */
static inline __attribute__((always_inline)) void compress(struct states *states,
		const unsigned char *const at[LANES])
{
	words w[16], s[8], before[8];

	memcpy(s, states, sizeof(s));
	load_half(w, at, 0);
	load_half(w + 8, at, 32);
	for (size_t base = 0; base < 64; base += 16) {
		if (base)
			next_words(w);
		EIGHT_ROUNDS(0);
		EIGHT_ROUNDS(8);
	}
	memcpy(before, states, sizeof(before));
	for (int i = 0; i < 8; i++)
		s[i] += before[i];
	memcpy(states, s, sizeof(s));
}

__attribute__((target("avx2")))
static void compress_avx2(struct states *states, const unsigned char *const at[LANES])
{
	compress(states, at);
}

__attribute__((target("avx2,avx512f,avx512vl")))	/* has rotations, and 32 registers */
static void compress_avx512(struct states *states, const unsigned char *const at[LANES])
{
	compress(states, at);
}

typedef void compress_fn(struct states *states, const unsigned char *const at[LANES]);

static compress_fn *compress_of(enum sha256_lanes_kind kind)
{
	return kind == SHA256_LANES_AVX512 ? compress_avx512 : compress_avx2;
}

bool sha256_lanes_can(enum sha256_lanes_kind kind)
{
	__builtin_cpu_init();
	return kind == SHA256_LANES_NONE ||
	       (__builtin_cpu_supports("avx2") &&
		(kind == SHA256_LANES_AVX2 || __builtin_cpu_supports("avx512vl")));
}

enum sha256_lanes_kind sha256_lanes_best(void)
{
	unsigned eax, ebx = 0, ecx, edx;

	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || ebx & CPUID_SHA)
		return SHA256_LANES_NONE;
	return sha256_lanes_can(SHA256_LANES_AVX512) ? SHA256_LANES_AVX512
	     : sha256_lanes_can(SHA256_LANES_AVX2) ? SHA256_LANES_AVX2 : SHA256_LANES_NONE;
}

static void set_lane(struct states *states, int lane, const uint32_t state[8])
{
	for (int i = 0; i < 8; i++)
		states->word[i][lane] = state[i];
}

static void get_lane(const struct states *states, int lane, uint32_t state[8])
{
	for (int i = 0; i < 8; i++)
		state[i] = states->word[i][lane];
}

void sha256_lanes_begin(enum sha256_lanes_kind kind, const unsigned char block[SHA256_BLOCK_BYTES],
			uint32_t state[8])
{
	const unsigned char *at[LANES];
	struct states states;

	for (int i = 0; i < LANES; i++) {
		at[i] = block;
		set_lane(&states, i, first_state);
	}
	compress_of(kind)(&states, at);
	get_lane(&states, 0, state);
}

/* ---- many messages ---------------------------------------------------------------------------- */

struct lane {
	bool busy;
	size_t which;				/* message */
	size_t blocks;				/* left, from where the lane is */
	size_t end_blocks;			/* to follow them: 0 when they are at work */
	unsigned char end[2 * SHA256_BLOCK_BYTES];	/* the message's last bytes, padded */
};

/* Fills what comes after the message's whole blocks. */
static void pad(struct lane *lane, struct str message)
{
	size_t rest = message.len % SHA256_BLOCK_BYTES;
	uint64_t bits = ((uint64_t)message.len + SHA256_BLOCK_BYTES) * 8;
	unsigned char *end;

	lane->end_blocks = rest + 9 <= SHA256_BLOCK_BYTES ? 1 : 2;
	memset(lane->end, 0, sizeof(lane->end));
	if (rest)
		memcpy(lane->end, message.ptr + message.len - rest, rest);
	lane->end[rest] = 0x80;
	end = lane->end + lane->end_blocks * SHA256_BLOCK_BYTES;
	for (int i = 0; i < 8; i++, bits >>= 8)
		*--end = (unsigned char)bits;
}

static void go_to_end(struct lane *lane, const unsigned char **at)
{
	lane->blocks = lane->end_blocks;
	lane->end_blocks = 0;
	*at = lane->end;
}

static void take_message(struct lane *lane, const unsigned char **at, size_t which,
			 struct str message)
{
	lane->busy = true;
	lane->which = which;
	lane->blocks = message.len / SHA256_BLOCK_BYTES;
	pad(lane, message);
	*at = (const unsigned char *)message.ptr;
	if (!lane->blocks)
		go_to_end(lane, at);
}

/* As many blocks of every lane as the busy one with the fewest has. */
static void run(struct lane lanes[LANES], const unsigned char *at[LANES], struct states *states,
		compress_fn *one_block)
{
	size_t n = SIZE_MAX, i;
	int k;

	for (k = 0; k < LANES; k++)
		if (lanes[k].busy && lanes[k].blocks < n)
			n = lanes[k].blocks;
	for (i = 0; i < n; i++) {
		one_block(states, at);
		for (k = 0; k < LANES; k++)
			if (lanes[k].busy)
				at[k] += SHA256_BLOCK_BYTES;
	}
	for (k = 0; k < LANES; k++)
		if (lanes[k].busy)
			lanes[k].blocks -= n;
}

void sha256_lanes(enum sha256_lanes_kind kind, const uint32_t begun[8],
		  const struct str *messages, size_t n, uint32_t (*out)[8])
{
	static const unsigned char idle[SHA256_BLOCK_BYTES];
	compress_fn *one_block = compress_of(kind);
	struct lane lanes[LANES] = { 0 };
	const unsigned char *at[LANES];
	struct states states = { 0 };
	size_t next = 0, done = 0;

	while (done < n) {
		for (int k = 0; k < LANES; k++) {
			struct lane *lane = &lanes[k];

			if (lane->busy && lane->blocks == 0 && lane->end_blocks) {
				go_to_end(lane, &at[k]);
			} else if (lane->busy && lane->blocks == 0) {
				get_lane(&states, k, out[lane->which]);
				lane->busy = false;
				done++;
			}
			if (lane->busy)
				continue;
			at[k] = idle;
			if (next < n) {
				set_lane(&states, k, begun);
				take_message(lane, &at[k], next, messages[next]);
				next++;
			}
		}
		if (done < n)
			run(lanes, at, &states, one_block);
	}
}

#else

bool sha256_lanes_can(enum sha256_lanes_kind kind)
{
	return kind == SHA256_LANES_NONE;
}

enum sha256_lanes_kind sha256_lanes_best(void)
{
	return SHA256_LANES_NONE;
}

void sha256_lanes_begin(enum sha256_lanes_kind kind, const unsigned char block[SHA256_BLOCK_BYTES],
			uint32_t state[8])
{
	(void)kind;
	(void)block;
	(void)state;
	abort();
}

void sha256_lanes(enum sha256_lanes_kind kind, const uint32_t begun[8],
		  const struct str *messages, size_t n, uint32_t (*out)[8])
{
	(void)kind;
	(void)begun;
	(void)messages;
	(void)n;
	(void)out;
	abort();
}

#endif
