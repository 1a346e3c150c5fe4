#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

static unsigned char ascii_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

bool str_ieq(struct str a, struct str b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (ascii_lower((unsigned char)a.ptr[i]) != ascii_lower((unsigned char)b.ptr[i]))
			return false;
	return true;
}

void buf_release(struct buf *b)
{
	free(b->ptr);
	b->ptr = NULL;
	b->len = b->cap = 0;
}

void buf_reset_to(struct buf *b, size_t keep_bytes)
{
	if (b->cap > keep_bytes)
		buf_release(b);
	b->len = 0;
}

void buf_grow_slow(struct buf *b, size_t more_bytes)
{
	if (more_bytes > SIZE_MAX - b->len)
		mem_alloc(SIZE_MAX);	/* ends the process as any allocation too large does */
	b->ptr = mem_grow(b->ptr, &b->cap, b->len + more_bytes, 1);
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	buf_reserve(b, 64);
	va_copy(again, ap);
	n = vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, ap);
	if (n >= 0 && (size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n + 1);
		n = vsnprintf(b->ptr + b->len, b->cap - b->len, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->len += (size_t)n;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

const char *buf_cstr(struct buf *b)
{
	buf_reserve(b, 1);
	b->ptr[b->len] = '\0';
	return b->ptr;
}

char *buf_detach(struct buf *b)
{
	char *p;

	buf_cstr(b);
	p = b->ptr;
	b->ptr = NULL;
	b->len = b->cap = 0;
	return p;
}

static const char hex_digits[] = "0123456789abcdef";

void buf_add_json(struct buf *b, struct str s)
{
	size_t i, from = 0;

	buf_reserve(b, s.len + 2);
	buf_addc(b, '"');
	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		char esc[6] = "\\u00";
		size_t n = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		switch (c) {
		case '"':
		case '\\': esc[1] = (char)c; break;
		case '\b': esc[1] = 'b'; break;
		case '\f': esc[1] = 'f'; break;
		case '\n': esc[1] = 'n'; break;
		case '\r': esc[1] = 'r'; break;
		case '\t': esc[1] = 't'; break;
		default:
			esc[4] = hex_digits[c >> 4];
			esc[5] = hex_digits[c & 15];
			n = 6;
		}
		buf_add(b, s.ptr + from, i - from);
		buf_add(b, esc, n);
		from = i + 1;
	}
	if (s.len > from)
		buf_add(b, s.ptr + from, s.len - from);
	buf_addc(b, '"');
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void buf_add_base64(struct buf *b, const void *p, size_t n)
{
	const unsigned char *in = p;
	char *out;
	size_t i;

	if (n == 0)
		return;
	buf_reserve(b, n / 3 * 4 + 4);
	out = b->ptr + b->len;
	for (i = 0; i + 3 <= n; i += 3) {
		*out++ = base64_digits[in[i] >> 2];
		*out++ = base64_digits[(in[i] & 3) << 4 | in[i + 1] >> 4];
		*out++ = base64_digits[(in[i + 1] & 15) << 2 | in[i + 2] >> 6];
		*out++ = base64_digits[in[i + 2] & 63];
	}
	if (n - i == 1) {
		*out++ = base64_digits[in[i] >> 2];
		*out++ = base64_digits[(in[i] & 3) << 4];
		*out++ = '=';
		*out++ = '=';
	} else if (n - i == 2) {
		*out++ = base64_digits[in[i] >> 2];
		*out++ = base64_digits[(in[i] & 3) << 4 | in[i + 1] >> 4];
		*out++ = base64_digits[(in[i + 1] & 15) << 2];
		*out++ = '=';
	}
	b->len = (size_t)(out - b->ptr);
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool buf_add_unbase64(struct buf *b, struct str text)
{
	size_t before = b->len, i, pad = 0;

	if (text.len % 4)
		return false;
	if (text.len && text.ptr[text.len - 1] == '=')
		pad = text.ptr[text.len - 2] == '=' ? 2 : 1;
	buf_reserve(b, text.len / 4 * 3);
	for (i = 0; i < text.len; i += 4) {
		size_t have = i + 4 == text.len ? 4 - pad : 4, k;
		unsigned long bits = 0;

		for (k = 0; k < 4; k++) {
			int v = k < have ? base64_value(text.ptr[i + k]) : 0;

			if (v < 0)
				goto malformed;
			bits = bits << 6 | (unsigned long)v;
		}
		/* Bits beyond the last byte must be zero: one value has one text. */
		if ((have == 2 && bits & 0xffff) || (have == 3 && bits & 0xff))
			goto malformed;
		buf_addc(b, (char)(bits >> 16 & 255));
		if (have > 2)
			buf_addc(b, (char)(bits >> 8 & 255));
		if (have > 3)
			buf_addc(b, (char)(bits & 255));
	}
	return true;
malformed:
	b->len = before;
	return false;
}

void buf_add_hex(struct buf *b, const void *p, size_t n)
{
	const unsigned char *in = p;
	size_t i;

	if (n > SIZE_MAX / 2)
		mem_alloc(SIZE_MAX);
	buf_reserve(b, n * 2);
	for (i = 0; i < n; i++) {
		b->ptr[b->len++] = hex_digits[in[i] >> 4];
		b->ptr[b->len++] = hex_digits[in[i] & 15];
	}
}

/* Bytes of the UTF-8 sequence that begins at p and may go to a terminal; 0: show it as \xHH. */
static size_t printable_len(const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;
	size_t n;

	if (c < 0x80)
		return c >= 0x20 && c != 0x7f;
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (n > left || !utf8_valid(p, n))
		return 0;
	/* U+0080 to U+009F are controls too: U+009B begins a terminal's escape sequence. */
	if (c == 0xc2 && (unsigned char)p[1] < 0xa0)
		return 0;
	/* U+2028, U+2029 and U+202A to U+202E, U+2066 to U+2069: break a line or turn it round. */
	if (c == 0xe2 && (unsigned char)p[1] == 0x80 && (unsigned char)p[2] >= 0xa8 &&
	    (unsigned char)p[2] <= 0xae)
		return 0;
	if (c == 0xe2 && (unsigned char)p[1] == 0x81 && (unsigned char)p[2] >= 0xa6 &&
	    (unsigned char)p[2] <= 0xa9)
		return 0;
	return n;
}

void buf_add_printable(struct buf *b, struct str s)
{
	size_t i = 0;

	buf_reserve(b, s.len);
	while (i < s.len) {
		size_t n = printable_len(s.ptr + i, s.len - i);

		if (n) {
			buf_add(b, s.ptr + i, n);
			i += n;
		} else {
			unsigned char c = (unsigned char)s.ptr[i++];

			buf_adds(b, "\\x");
			buf_addc(b, hex_digits[c >> 4]);
			buf_addc(b, hex_digits[c & 15]);
		}
	}
}
