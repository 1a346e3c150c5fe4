/* SHA-256 (OpenSSL's), a fast 128-bit hash for tables in memory, and a hash behind a secret. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

void sha256(const void *p, size_t n, unsigned char out[32]);
void sha256_hex(const void *p, size_t n, char out[65]);		/* NUL-terminated, lower case */
/* HMAC of RFC 2104 with SHA-256. */
void hmac_sha256(const void *key, size_t key_len, const void *p, size_t n, unsigned char out[32]);

struct hash128 { uint64_t hi, lo; };
/* Of this process only: keyed by chance when it is first called, so that hostile data cannot make
 * collisions, and not to be kept in a file. */
struct hash128 hash128(const void *p, size_t n);
/* The same with a key that the caller chooses: SipHash-2-4 with 128 bits. */
struct hash128 hash128_keyed(const uint64_t key[2], const void *p, size_t n);

/*
 * SHA-256 of a secret block and a message. To whoever does not know the secret the results are
 * random numbers, as long as no message is the beginning of another one (the cascade of Bellare,
 * Canetti and Krawczyk, 1996). Used by one thread.
 */
#define KEYED_HASH_SECRET_BYTES 64	/* a block of SHA-256: it is digested once, not each time */
struct keyed_hash;
struct keyed_hash *keyed_hash_new(const unsigned char secret[KEYED_HASH_SECRET_BYTES]);
void keyed_hash_free(struct keyed_hash *h);		/* NULL is fine */
void keyed_hash(struct keyed_hash *h, const void *p, size_t n, uint64_t out[4]);
/* The same of each of n messages, where the processor can do several of them side by side. */
void keyed_hash_many(struct keyed_hash *h, const struct str *messages, size_t n,
		     uint64_t (*out)[4]);

/* Bytes that nobody can guess, from the operating system. */
void random_bytes(void *p, size_t n);

#endif
