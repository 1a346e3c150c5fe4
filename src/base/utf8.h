/* UTF-8 as DynamoDB wants it: shortest forms, no surrogates, nothing past U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_valid(const char *p, size_t len);	/* RFC 3629; fast on ASCII */
/* The character that 'len' > 0 bytes begin with, and how many of them it takes; a malformed byte is
 * U+FFFD. */
unsigned utf8_decode(const char *p, size_t len, size_t *taken);
size_t utf8_encode(unsigned cp, char out[4]);	/* bytes written; cp must be a scalar value */

#endif
