#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"

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

void sha256(const void *p, size_t n, unsigned char out[32])
{
	unsigned int len = 0;

	if (!EVP_Digest(n ? p : "", n, out, &len, EVP_sha256(), NULL) || len != 32)
		no_sha256();
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

struct hash128 hash128(const void *p, size_t n)
{
	unsigned char raw[32];

	sha256(p, n, raw);
	return (struct hash128){ .hi = big_endian64(raw), .lo = big_endian64(raw + 8) };
}

/* The state after the secret is copied for each message. */
struct keyed_hash { EVP_MD *md; EVP_MD_CTX *begun, *now; };

struct keyed_hash *keyed_hash_new(const unsigned char secret[KEYED_HASH_SECRET_BYTES])
{
	struct keyed_hash *h = mem_zalloc(sizeof(*h));

	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->begun = EVP_MD_CTX_new();
	h->now = EVP_MD_CTX_new();
	if (!h->md || !h->begun || !h->now || !EVP_DigestInit_ex(h->begun, h->md, NULL) ||
	    !EVP_DigestUpdate(h->begun, secret, KEYED_HASH_SECRET_BYTES))
		no_sha256();
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
