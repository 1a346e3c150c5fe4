/* SHA-256 (OpenSSL's) and a fast 128-bit hash for tables in memory. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

void sha256(const void *p, size_t n, unsigned char out[32]);
void sha256_hex(const void *p, size_t n, char out[65]);		/* NUL-terminated, lower case */

struct hash128 { uint64_t hi, lo; };
/* First 128 bits of SHA-256: collisions cannot be made by hostile data. */
struct hash128 hash128(const void *p, size_t n);

#endif
