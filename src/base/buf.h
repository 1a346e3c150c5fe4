/*
 * A growable byte buffer, and a borrowed piece of bytes. Neither is text in C's sense: lengths
 * count, NUL bytes are data. A zeroed struct buf is an empty one.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include "base/mem.h"

struct str {			/* borrowed bytes: who lent them says until when */
	const char *ptr;
	size_t len;
};
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

static inline struct str str_of(const char *s) { return (struct str){ s, s ? strlen(s) : 0 }; }
static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool str_is(struct str a, const char *s) { return str_eq(a, str_of(s)); }
bool str_ieq(struct str a, struct str b);	/* ASCII letters without regard to case */

struct buf {
	char *ptr;		/* owned; NULL while nothing was ever added */
	size_t len;
	size_t cap;
};

void buf_release(struct buf *b);		/* frees; the buffer is empty and usable after */
void buf_grow_slow(struct buf *b, size_t more_bytes);
static inline void buf_reserve(struct buf *b, size_t more_bytes)
{
	if (b->cap - b->len < more_bytes)
		buf_grow_slow(b, more_bytes);
}
static inline void buf_reset(struct buf *b) { b->len = 0; }	/* keeps the memory */
void buf_reset_to(struct buf *b, size_t keep_bytes);	/* unless it is more than this */
static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n)
		memcpy(b->ptr + b->len, p, n);
	b->len += n;
}
static inline void buf_addc(struct buf *b, char c)
{
	buf_reserve(b, 1);
	b->ptr[b->len++] = c;
}
static inline void buf_adds(struct buf *b, const char *s) { buf_add(b, s, strlen(s)); }
static inline void buf_addstr(struct buf *b, struct str s) { buf_add(b, s.ptr, s.len); }
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
static inline struct str buf_str(const struct buf *b) { return (struct str){ b->ptr, b->len }; }

/* The content as NUL-terminated text, borrowed until the next change; the NUL is not in len. */
const char *buf_cstr(struct buf *b);

/* Hands the content over as NUL-terminated text; caller frees with free(). */
char *buf_detach(struct buf *b);

/* Appends 's' as a JSON string with its quotes: of characters only '"', '\' and those below
 * U+0020 are escaped (\b \f \n \r \t, else \u00xx in lower case). Bytes pass as they are. */
void buf_add_json(struct buf *b, struct str s);

void buf_add_base64(struct buf *b, const void *p, size_t n);	/* standard alphabet, padded */
void buf_add_hex(struct buf *b, const void *p, size_t n);	/* lower case */

/* Decodes standard base64 with padding, appended to 'b'; false (b->len as before) if malformed. */
bool buf_add_unbase64(struct buf *b, struct str text);

/* Appends bytes made safe for a terminal: control characters and malformed UTF-8 as \xHH. */
void buf_add_printable(struct buf *b, struct str s);

#endif
