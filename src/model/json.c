#include "model/json.h"

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include "base/utf8.h"

/* What may come next. A key takes its colon along, so there is no state between the two. */
enum { WANT_VALUE, WANT_VALUE_OR_END, WANT_KEY_OR_END, WANT_MORE, WANT_NOTHING };
enum { IN_OBJECT, IN_ARRAY };

#define BYTES_OF(c) (0x0101010101010101ull * (unsigned char)(c))

/* Eight bytes, the first the lowest, whatever the machine's order. */
static inline uint64_t load_eight(const char *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

/* The high bit of each of the eight bytes that is none of plain ASCII. A borrow may also mark bytes
 * above such a one, never below: the lowest mark is right, and no mark means that there is none. */
static inline uint64_t marks(uint64_t w)
{
	uint64_t quote = w ^ BYTES_OF('"'), slash = w ^ BYTES_OF('\\');
	uint64_t hit = w | ((w - BYTES_OF(0x20)) & ~w) | ((quote - BYTES_OF(1)) & ~quote) |
		       ((slash - BYTES_OF(1)) & ~slash);

	return hit & BYTES_OF(0x80);
}

static inline size_t first_mark(uint64_t marked)
{
	return (size_t)__builtin_ctzll(marked) >> 3;
}

/* Length of the UTF-8 sequence that begins at p with a byte >= 0x80; 0 if it is malformed.
 * Table 3-7 of the Unicode standard: only the second byte's range depends on the first. */
static size_t sequence_length(const char *at, const char *end)
{
	const unsigned char *p = (const unsigned char *)at;
	size_t left = (size_t)(end - at), n;
	unsigned char low = 0x80, high = 0xbf;

	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		n = 3;
		if (p[0] == 0xe0)
			low = 0xa0;
		else if (p[0] == 0xed)
			high = 0x9f;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		if (p[0] == 0xf0)
			low = 0x90;
		else if (p[0] == 0xf4)
			high = 0x8f;
	} else {
		return 0;
	}
	if (left < n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Sixteen bytes at once, by whatever vectors the machine has. */
typedef signed char sixteen __attribute__((vector_size(16)));
typedef uint64_t two_words __attribute__((vector_size(16)));

/* Each byte of the result that is not zero stands for one that is none of plain ASCII: signed, those
 * from 0x80 on are less than a blank, too. */
static inline sixteen marked_of(sixteen v)
{
	return (v < ' ') | (v == '"') | (v == '\\');
}

static inline sixteen load_sixteen(const char *p)
{
	sixteen v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The first byte of [p, end) that is none of plain ASCII. */
static inline const char *plain_ascii(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		unsigned marked = (unsigned)_mm_movemask_epi8((__m128i)marked_of(load_sixteen(p)));

		if (marked)
			return p + __builtin_ctz(marked);
	}
#endif
	for (; end - p >= 8; p += 8) {
		uint64_t marked = marks(load_eight(p));

		if (marked)
			return p + first_mark(marked);
	}
	while (p < end && (unsigned char)*p < 0x80 && (unsigned char)*p >= 0x20 && *p != '"' &&
	       *p != '\\')
		p++;
	return p;
}

const char *json_plain_run(const char *p, const char *end)
{
	for (;;) {
		size_t n;

		p = plain_ascii(p, end);
		if (p == end || (unsigned char)*p < 0x80)
			return p;
		n = sequence_length(p, end);
		if (n == 0)
			return p;
		p += n;
	}
}

/* Writes what stands for a control character; at most six bytes. */
static char *add_escape(char *out, char c)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = '\\';
	switch (c) {
	case '\b': *out++ = 'b'; return out;
	case '\f': *out++ = 'f'; return out;
	case '\n': *out++ = 'n'; return out;
	case '\r': *out++ = 'r'; return out;
	case '\t': *out++ = 't'; return out;
	}
	memcpy(out, "u00", 3);
	out[3] = digits[(unsigned char)c >> 4];
	out[4] = digits[c & 15];
	return out + 5;
}

/* Room in 'b' for 'more' bytes from 'out' on, which is its end; gives where 'out' is then. */
static inline char *room(struct buf *b, char *out, size_t more)
{
	b->len = (size_t)(out - b->ptr);
	buf_reserve(b, more);
	return b->ptr + b->len;
}

static inline bool none(sixteen marked)
{
	two_words w = (two_words)marked;

	return (w[0] | w[1]) == 0;
}

static inline uint64_t load_four(const char *p)
{
	uint32_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

/* Is all of it plain ASCII? The last step of a length looks at some bytes again. */
static inline bool all_plain(const char *p, size_t n)
{
	sixteen marked;

	if (n >= 16) {
		marked = marked_of(load_sixteen(p + n - 16));
		for (size_t i = 0; i + 16 < n; i += 16)
			marked |= marked_of(load_sixteen(p + i));
		return none(marked);
	}
	if (n >= 8)
		return (marks(load_eight(p)) | marks(load_eight(p + n - 8))) == 0;
	if (n >= 4)
		return marks(load_four(p) | load_four(p + n - 4) << 32) == 0;
	while (n--)
		if ((signed char)p[n] < ' ' || p[n] == '"' || p[n] == '\\')
			return false;
	return true;
}

/*
 * Copies and looks in one pass. There is always room for the rest as it is and one step more: a
 * step takes up to eight bytes as they are, of which those behind a mark are written over, then one
 * escape of six or one sequence of four bytes.
 */
static bool add_marked_text(struct buf *b, struct str s)
{
	enum { STEP = 16 };
	size_t before = b->len, n;
	const char *p = s.ptr, *end = p + s.len;
	char *out;

	buf_reserve(b, s.len + STEP);
	out = b->ptr + b->len;
	*out++ = '"';
	while (p < end) {
		if (end - p >= 8) {
			uint64_t marked = marks(load_eight(p));

			memcpy(out, p, 8);
			n = marked ? first_mark(marked) : 8;
			p += n;
			out += n;
			if (!marked)
				continue;
		} else if ((unsigned char)*p < 0x80 && (unsigned char)*p >= 0x20 && *p != '"' &&
			   *p != '\\') {
			*out++ = *p++;
			continue;
		}
		if (*p == '"' || *p == '\\') {
			*out++ = '\\';
			*out++ = *p++;
			out = room(b, out, (size_t)(end - p) + STEP);
			continue;
		}
		if ((unsigned char)*p < 0x80) {
			out = add_escape(out, *p++);
			out = room(b, out, (size_t)(end - p) + STEP);
			continue;
		}
		n = sequence_length(p, end);
		if (n == 0) {
			b->len = before;
			return false;
		}
		memcpy(out, p, n);
		p += n;
		out += n;
	}
	*out++ = '"';
	b->len = (size_t)(out - b->ptr);
	return true;
}

/* Most texts are plain, which is quickly known and leaves only to copy them. */
bool json_add_text(struct buf *b, struct str s)
{
	const char *p = s.len ? s.ptr : "";
	char *out;

	if (!all_plain(p, s.len))
		return add_marked_text(b, s);
	buf_reserve(b, s.len + 2);
	out = b->ptr + b->len;
	out[0] = '"';
	memcpy(out + 1, p, s.len);
	out[s.len + 1] = '"';
	b->len += s.len + 2;
	return true;
}

void json_init(struct json_reader *r, struct str input)
{
	r->scratch = (struct buf){ 0 };
	json_restart(r, input);
}

void json_restart(struct json_reader *r, struct str input)
{
	r->start = r->at = input.len ? input.ptr : "";
	r->end = r->start + input.len;
	r->text = (struct str){ NULL, 0 };
	r->escaped = false;
	r->why = JSON_FINE;
	r->depth = 0;
	r->expect = WANT_VALUE;
}

void json_release(struct json_reader *r)
{
	buf_release(&r->scratch);
	r->text = (struct str){ NULL, 0 };
}

static enum json_token bad(struct json_reader *r, enum json_why why)
{
	r->why = why;
	r->text = (struct str){ NULL, 0 };
	return JSON_BAD;
}

static void skip_space(struct json_reader *r)
{
	while (r->at < r->end &&
	       (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
		r->at++;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits at 'p' as a number, or -1. */
static int hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* Reads \uXXXX (r->at is behind the 'u') and, of a pair, its second half. */
static bool unicode_escape(struct json_reader *r)
{
	char utf8[4];
	int unit = hex4(r->at, r->end), low;
	unsigned cp;

	if (unit < 0) {
		bad(r, JSON_SYNTAX);
		return false;
	}
	r->at += 4;
	cp = (unsigned)unit;
	if (unit >= 0xd800 && unit <= 0xdfff) {
		if (unit >= 0xdc00 || r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u') {
			bad(r, JSON_LONE_SURROGATE);
			return false;
		}
		low = hex4(r->at + 2, r->end);
		if (low < 0xdc00 || low > 0xdfff) {
			bad(r, low < 0 ? JSON_SYNTAX : JSON_LONE_SURROGATE);
			return false;
		}
		r->at += 6;
		cp = 0x10000 + (((unsigned)unit & 0x3ff) << 10) + ((unsigned)low & 0x3ff);
	}
	buf_add(&r->scratch, utf8, utf8_encode(cp, utf8));
	return true;
}

static bool escape(struct json_reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	r->at++;
	if (r->at == r->end || *r->at == '\0') {
		bad(r, JSON_SYNTAX);
		return false;
	}
	if (*r->at == 'u') {
		r->at++;
		return unicode_escape(r);
	}
	found = strchr(from, *r->at);
	if (!found) {
		bad(r, JSON_SYNTAX);
		return false;
	}
	buf_addc(&r->scratch, to[found - from]);
	r->at++;
	return true;
}

/* r->at is on the opening quote. The common string has no escape and is lent from the input. */
static bool string(struct json_reader *r)
{
	const char *from = ++r->at;

	r->escaped = false;
	buf_reset(&r->scratch);
	for (;;) {
		const char *stop = json_plain_run(r->at, r->end);

		if (r->escaped)
			buf_add(&r->scratch, r->at, (size_t)(stop - r->at));
		r->at = stop;
		if (stop == r->end || (unsigned char)*stop < 0x20) {
			bad(r, JSON_SYNTAX);
			return false;
		}
		if ((unsigned char)*stop >= 0x80) {
			bad(r, JSON_BAD_UTF8);
			return false;
		}
		if (*stop == '"')
			break;
		if (!r->escaped) {
			buf_add(&r->scratch, from, (size_t)(stop - from));
			r->escaped = true;
		}
		if (!escape(r))
			return false;
	}
	if (r->escaped)
		r->text = buf_str(&r->scratch);
	else
		r->text = (struct str){ from, (size_t)(r->at - from) };
	r->at++;
	return true;
}

static const char *digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* Where the number that begins at p ends; NULL: it is none. */
static const char *number_end(const char *p, const char *end)
{
	const char *from;

	if (p < end && *p == '-')
		p++;
	from = p;
	p = digits(p, end);
	if (p == from || (*from == '0' && p > from + 1))
		return NULL;
	if (p < end && *p == '.') {
		from = ++p;
		p = digits(p, end);
		if (p == from)
			return NULL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		p = digits(p, end);
		if (p == from)
			return NULL;
	}
	return p;
}

static enum json_token number(struct json_reader *r)
{
	const char *p = number_end(r->at, r->end);

	if (!p)
		return bad(r, JSON_SYNTAX);
	r->text = (struct str){ r->at, (size_t)(p - r->at) };
	r->at = p;
	return JSON_NUMBER;
}

static void value_done(struct json_reader *r)
{
	r->expect = r->depth ? WANT_MORE : WANT_NOTHING;
}

static enum json_token word(struct json_reader *r, struct str w, enum json_token token)
{
	if ((size_t)(r->end - r->at) < w.len || memcmp(r->at, w.ptr, w.len) != 0)
		return bad(r, JSON_SYNTAX);
	r->at += w.len;
	value_done(r);
	return token;
}

static enum json_token open_container(struct json_reader *r, unsigned char kind)
{
	if (r->depth == JSON_MAX_DEPTH)
		return bad(r, JSON_TOO_DEEP);
	r->at++;
	r->stack[r->depth++] = kind;
	r->expect = kind == IN_OBJECT ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
	return kind == IN_OBJECT ? JSON_OBJECT : JSON_ARRAY;
}

static enum json_token close_container(struct json_reader *r)
{
	unsigned char kind = r->stack[--r->depth];

	r->at++;
	value_done(r);
	return kind == IN_OBJECT ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token value(struct json_reader *r)
{
	enum json_token token;

	switch (*r->at) {
	case '{': return open_container(r, IN_OBJECT);
	case '[': return open_container(r, IN_ARRAY);
	case 't': return word(r, STR("true"), JSON_TRUE);
	case 'f': return word(r, STR("false"), JSON_FALSE);
	case 'n': return word(r, STR("null"), JSON_NULL);
	case '"': token = string(r) ? JSON_STRING : JSON_BAD; break;
	default: token = number(r);
	}
	if (token != JSON_BAD)
		value_done(r);
	return token;
}

static enum json_token key(struct json_reader *r)
{
	if (*r->at != '"')
		return bad(r, JSON_SYNTAX);
	if (!string(r))
		return JSON_BAD;
	skip_space(r);
	if (r->at == r->end || *r->at != ':')
		return bad(r, JSON_SYNTAX);
	r->at++;
	r->expect = WANT_VALUE;
	return JSON_KEY;
}

enum json_token json_next(struct json_reader *r)
{
	if (r->why != JSON_FINE)
		return JSON_BAD;
	r->text = (struct str){ NULL, 0 };
	skip_space(r);
	if (r->expect == WANT_NOTHING)
		return r->at == r->end ? JSON_END : bad(r, JSON_SYNTAX);
	if (r->at == r->end)
		return bad(r, JSON_SYNTAX);
	if (r->expect == WANT_MORE) {
		unsigned char kind = r->stack[r->depth - 1];

		if (*r->at == (kind == IN_OBJECT ? '}' : ']'))
			return close_container(r);
		if (*r->at != ',')
			return bad(r, JSON_SYNTAX);
		r->at++;
		skip_space(r);
		if (r->at == r->end)
			return bad(r, JSON_SYNTAX);
		return kind == IN_OBJECT ? key(r) : value(r);
	}
	if ((r->expect == WANT_KEY_OR_END && *r->at == '}') ||
	    (r->expect == WANT_VALUE_OR_END && *r->at == ']'))
		return close_container(r);
	return r->expect == WANT_KEY_OR_END ? key(r) : value(r);
}

/* ---- skipping ------------------------------------------------------------------------------- */

#define SKIP_DEPTH 64

/* Behind the string whose content begins at p; NULL: it is none, or has \u escapes, which take more
 * to judge. */
static const char *skip_string(const char *p, const char *end)
{
	for (;;) {
		p = json_plain_run(p, end);
		if (p < end && *p == '"')
			return p + 1;
		if (end - p < 2 || *p != '\\' || p[1] == '\0' || !strchr("\"\\/bfnrt", p[1]))
			return NULL;
		p += 2;
	}
}

static const char *skip_word(const char *p, const char *end, struct str w)
{
	return (size_t)(end - p) >= w.len && memcmp(p, w.ptr, w.len) == 0 ? p + w.len : NULL;
}

/* A value that is no container. */
static const char *skip_scalar(const char *p, const char *end)
{
	switch (*p) {
	case '"': return skip_string(p + 1, end);
	case 't': return skip_word(p, end, STR("true"));
	case 'f': return skip_word(p, end, STR("false"));
	case 'n': return skip_word(p, end, STR("null"));
	default: return number_end(p, end);
	}
}

/*
 * Behind the container whose bracket stands before p, of JSON as services write it: without a blank.
 * NULL: it is no JSON, or not such, or with too much inside each other. What is skipped so is read
 * as strictly as the reader does.
 */
static const char *skip_compact(const char *p, const char *end, bool object)
{
	uint64_t objects = object;	/* a bit for each open container, the lowest the innermost */
	unsigned depth = 1;
	bool first = true;

	while (depth > 0) {
		char close = objects & 1 ? '}' : ']';

		if (p == end)
			return NULL;
		if (*p == close) {
			p++;
			objects >>= 1;
			depth--;
			first = false;
			continue;
		}
		if (!first && *p++ != ',')
			return NULL;
		if (objects & 1) {
			if (p == end || *p != '"')
				return NULL;
			p = skip_string(p + 1, end);
			if (!p || p == end || *p++ != ':')
				return NULL;
		}
		if (p == end)
			return NULL;
		first = *p == '{' || *p == '[';
		if (!first) {
			p = skip_scalar(p, end);
			if (!p)
				return NULL;
			continue;
		}
		if (depth == SKIP_DEPTH)
			return NULL;
		objects = objects << 1 | (*p++ == '{');
		depth++;
	}
	return p;
}

int json_skip(struct json_reader *r, enum json_token first)
{
	unsigned depth = r->depth;
	enum json_token token = first;
	const char *behind = NULL;

	if (first != JSON_OBJECT && first != JSON_ARRAY)
		return token == JSON_BAD ? -1 : 0;
	if (depth + SKIP_DEPTH <= JSON_MAX_DEPTH)
		behind = skip_compact(r->at, r->end, first == JSON_OBJECT);
	if (behind) {
		r->at = behind - 1;
		close_container(r);
		r->text = (struct str){ NULL, 0 };
		return 0;
	}
	while (r->depth >= depth && token != JSON_BAD)
		token = json_next(r);
	return token == JSON_BAD ? -1 : 0;
}
