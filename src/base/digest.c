#include "base/digest.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/sha256_lanes.h"

/* Fails only where memory, OpenSSL's own set-up or the kernel does; a wrong digest must not go
 * on. */
static _Noreturn void give_up(const char *line)
{
	ssize_t w = write(STDERR_FILENO, line, strlen(line));

	(void)w;
	_exit(1);
}

static _Noreturn void no_sha256(void)
{
	give_up("etl: error: OpenSSL cannot compute SHA-256\n");
}

/* Looked up once: OpenSSL's own look-up costs more than the digest of a short text. */
static EVP_MD *sha256_md;		/* made once, read-only after */
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void find_sha256(void)
{
	sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256_md)
		no_sha256();
}

void sha256(const void *p, size_t n, unsigned char out[32])
{
	unsigned int len = 0;

	pthread_once(&sha256_once, find_sha256);
	if (!EVP_Digest(n ? p : "", n, out, &len, sha256_md, NULL) || len != 32)
		no_sha256();
}

void hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, unsigned char out[32])
{
	unsigned char inner[SHA256_BLOCK_BYTES + 448], outer[SHA256_BLOCK_BYTES + 32], *in = inner;

	if (n > sizeof(inner) - SHA256_BLOCK_BYTES)
		in = mem_alloc(SHA256_BLOCK_BYTES + n);
	memset(in, 0, SHA256_BLOCK_BYTES);
	if (key_len > SHA256_BLOCK_BYTES)
		sha256(key, key_len, in);
	else if (key_len)
		memcpy(in, key, key_len);
	for (size_t i = 0; i < SHA256_BLOCK_BYTES; i++) {
		outer[i] = in[i] ^ 0x5c;
		in[i] ^= 0x36;
	}
	if (n)
		memcpy(in + SHA256_BLOCK_BYTES, p, n);
	sha256(in, SHA256_BLOCK_BYTES + n, outer + SHA256_BLOCK_BYTES);
	sha256(outer, sizeof(outer), out);
	OPENSSL_cleanse(in, SHA256_BLOCK_BYTES + n);
	OPENSSL_cleanse(outer, sizeof(outer));
	if (in != inner)
		free(in);
}

void sha256_hex(const void *p, size_t n, char out[65])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[32];
	size_t i;

	sha256(p, n, raw);
	for (i = 0; i < 32; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[64] = '\0';
}

static uint64_t big_endian64(const unsigned char *p)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

/* The state after the secret is copied for each message. */
struct keyed_hash {
	EVP_MD *md;
	EVP_MD_CTX *begun, *now;
	enum sha256_lanes_kind lanes;	/* several at once */
	uint32_t begun_words[8];	/* for them: the same state */
};

struct keyed_hash *keyed_hash_new(const unsigned char secret[KEYED_HASH_SECRET_BYTES])
{
	struct keyed_hash *h = mem_zalloc(sizeof(*h));

	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->begun = EVP_MD_CTX_new();
	h->now = EVP_MD_CTX_new();
	if (!h->md || !h->begun || !h->now || !EVP_DigestInit_ex(h->begun, h->md, NULL) ||
	    !EVP_DigestUpdate(h->begun, secret, KEYED_HASH_SECRET_BYTES))
		no_sha256();
	h->lanes = sha256_lanes_best();
	if (h->lanes)
		sha256_lanes_begin(h->lanes, secret, h->begun_words);
	return h;
}

void keyed_hash_free(struct keyed_hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->now);
	EVP_MD_CTX_free(h->begun);
	EVP_MD_free(h->md);
	free(h);
}

void keyed_hash(struct keyed_hash *h, const void *p, size_t n, uint64_t out[4])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	size_t i;

	if (!EVP_MD_CTX_copy_ex(h->now, h->begun) || !EVP_DigestUpdate(h->now, n ? p : "", n) ||
	    !EVP_DigestFinal_ex(h->now, raw, &len) || len != 32)
		no_sha256();
	for (i = 0; i < 4; i++)
		out[i] = big_endian64(raw + 8 * i);
}

void keyed_hash_many(struct keyed_hash *h, const struct str *messages, size_t n,
		     uint64_t (*out)[4])
{
	enum { FEW = 3, ROUND = 64 };
	uint32_t words[ROUND][8];
	size_t i, k, some;

	if (!h->lanes || n < FEW) {
		for (i = 0; i < n; i++)
			keyed_hash(h, messages[i].ptr, messages[i].len, out[i]);
		return;
	}
	for (; n > 0; messages += some, out += some, n -= some) {
		some = n < ROUND ? n : ROUND;
		sha256_lanes(h->lanes, h->begun_words, messages, some, words);
		for (i = 0; i < some; i++)
			for (k = 0; k < 4; k++)
				out[i][k] = (uint64_t)words[i][2 * k] << 32 | words[i][2 * k + 1];
	}
}

void random_bytes(void *p, size_t n)
{
	unsigned char *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			give_up("etl: error: the system gives no random numbers\n");
		at += got;
		n -= (size_t)got;
	}
}

/*
 * SipHash (Aumasson, Bernstein: https://www.aumasson.jp/siphash/siphash.pdf), which takes a tenth of
 * SHA-256's time for something as short as a key.
 */
#define ROTATE(x, bits) ((x) << (bits) | (x) >> (64 - (bits)))

struct sip { uint64_t v0, v1, v2, v3; };

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = ROTATE(s->v1, 13) ^ s->v0;
	s->v0 = ROTATE(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = ROTATE(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = ROTATE(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = ROTATE(s->v1, 17) ^ s->v2;
	s->v2 = ROTATE(s->v2, 32);
}

static inline void sip_take(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

static inline uint64_t sip_finish(struct sip *s)
{
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* Up to eight bytes, the first the lowest, whatever the machine's order. */
static inline uint64_t little_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static inline uint64_t eight_bytes(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

struct hash128 hash128_keyed(const uint64_t key[2], const void *data, size_t n)
{
	const unsigned char *p = data;
	struct sip s = {
		key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f83),
		key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573),
	};
	struct hash128 h;
	size_t left = n;

	for (; left >= 8; left -= 8, p += 8)
		sip_take(&s, eight_bytes(p));
	sip_take(&s, (uint64_t)n << 56 | little_endian(p, left));
	s.v2 ^= 0xee;
	h.lo = sip_finish(&s);
	s.v1 ^= 0xdd;
	h.hi = sip_finish(&s);
	return h;
}

static uint64_t chance[2];		/* made once, read-only after */
static pthread_once_t chance_once = PTHREAD_ONCE_INIT;

static void make_chance(void)
{
	random_bytes(chance, sizeof(chance));
}

struct hash128 hash128(const void *p, size_t n)
{
	pthread_once(&chance_once, make_chance);
	return hash128_keyed(chance, p, n);
}
