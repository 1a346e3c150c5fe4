#include "aws/http_answer.h"

#include <stdlib.h>

enum state {
	STATUS_LINE, HEADER, BODY, BODY_TO_THE_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, OVER
};

void http_answer_release(struct http_answer *a)
{
	buf_release(&a->body);
	*a = (struct http_answer){ 0 };
}

void http_answer_reset(struct http_answer *a)
{
	struct buf body = a->body;

	*a = (struct http_answer){ .body = body };
	buf_reset(&a->body);
}

void http_reader_start(struct http_reader *r, struct http_answer *answer)
{
	struct buf line = r->line;

	*r = (struct http_reader){ .answer = answer, .line = line };
	buf_reset(&r->line);
	http_answer_reset(answer);
}

void http_reader_release(struct http_reader *r)
{
	buf_release(&r->line);
}

bool http_reader_began(const struct http_reader *r)
{
	return r->head_bytes > 0;
}

static enum http_progress broken(struct http_reader *r, const char *why)
{
	r->why = why;
	r->state = OVER;
	r->keep_alive = false;
	return HTTP_BROKEN;
}

static enum http_progress done(struct http_reader *r)
{
	r->state = OVER;
	return HTTP_DONE;
}

/* ---- head ------------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The value of the header of this name, blanks around it taken off. */
static bool header_is(struct str line, const char *name, struct str *value)
{
	size_t n = strlen(name);

	if (line.len <= n || line.ptr[n] != ':' ||
	    !str_ieq((struct str){ line.ptr, n }, str_of(name)))
		return false;
	line.ptr += n + 1;
	line.len -= n + 1;
	while (line.len && is_blank(line.ptr[0])) {
		line.ptr++;
		line.len--;
	}
	while (line.len && is_blank(line.ptr[line.len - 1]))
		line.len--;
	*value = line;
	return true;
}

static void keep(char *out, size_t cap, struct str value)
{
	size_t n = value.len < cap - 1 ? value.len : cap - 1;

	memcpy(out, value.ptr, n);
	out[n] = '\0';
}

/* A number of digits alone, 'base' 10 or 16. False also where it does not fit. */
static bool read_number(struct str text, unsigned base, uint64_t *out)
{
	*out = 0;
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
			       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
			       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10 : 16;

		if (digit >= base || *out > (UINT64_MAX >> 8) / base)
			return false;
		*out = *out * base + digit;
	}
	return true;
}

/* HTTP/1.1 200 OK */
static enum http_progress status_line(struct http_reader *r, struct str line)
{
	uint64_t status;

	if (line.len < 12 || memcmp(line.ptr, "HTTP/1.", 7) != 0 ||
	    (line.ptr[7] != '0' && line.ptr[7] != '1') || line.ptr[8] != ' ' ||
	    (line.len > 12 && line.ptr[12] != ' ') ||
	    !read_number((struct str){ line.ptr + 9, 3 }, 10, &status) || status < 100)
		return broken(r, "it is no HTTP");
	r->answer->status = (long)status;
	r->old = line.ptr[7] == '0';
	r->keep_alive = !r->old;
	r->state = HEADER;
	return HTTP_MORE;
}

void http_answer_note(struct http_answer *a, struct str line)
{
	struct str value;
	uint64_t number;

	if (header_is(line, "X-Amz-Crc32", &value)) {
		if (read_number(value, 10, &number) && number <= UINT32_MAX) {
			a->has_crc = true;
			a->crc32 = (uint32_t)number;
		}
	} else if (header_is(line, "Date", &value)) {
		keep(a->date, sizeof(a->date), value);
	} else if (header_is(line, "x-amzn-ErrorType", &value)) {
		keep(a->error_type, sizeof(a->error_type), value);
	} else if (header_is(line, "x-amzn-RequestId", &value)) {
		keep(a->request_id, sizeof(a->request_id), value);
	}
}

static enum http_progress header(struct http_reader *r, struct str line)
{
	struct str value;
	uint64_t number;

	if (!memchr(line.ptr, ':', line.len) || is_blank(line.ptr[0]))
		return broken(r, "a line of its head is no header");
	if (header_is(line, "Content-Length", &value)) {
		if (!read_number(value, 10, &number) || (r->has_length && number != r->length))
			return broken(r, "its length is no number, or two");
		r->length = number;
		r->has_length = true;
	} else if (header_is(line, "Transfer-Encoding", &value)) {
		if (r->chunked || !str_ieq(value, STR("chunked")))
			return broken(r, "its transfer coding is not known");
		r->chunked = true;
	} else if (header_is(line, "Connection", &value)) {
		if (str_ieq(value, STR("close")))
			r->keep_alive = false;
		else if (r->old && str_ieq(value, STR("keep-alive")))
			r->keep_alive = true;
	} else {
		http_answer_note(r->answer, line);
	}
	return HTTP_MORE;
}

static enum http_progress head_done(struct http_reader *r)
{
	long status = r->answer->status;

	if (status == 101)
		return broken(r, "it changes to another protocol");
	if (status < 200) {	/* "go on"; the answer itself is still to come */
		size_t head_bytes = r->head_bytes;

		http_reader_start(r, r->answer);
		r->head_bytes = head_bytes;
		return HTTP_MORE;
	}
	if (status == 204 || status == 304)
		return done(r);
	if (r->chunked) {
		r->state = CHUNK_SIZE;
		if (r->has_length)
			r->keep_alive = false;
		return HTTP_MORE;
	}
	if (!r->has_length) {
		r->keep_alive = false;
		r->state = BODY_TO_THE_END;
		return HTTP_MORE;
	}
	if (r->length > HTTP_MAX_ANSWER_BYTES)
		return broken(r, "it is too long");
	r->left = r->length;
	r->state = BODY;
	buf_reserve(&r->answer->body, (size_t)r->left + 1);
	return r->left ? HTTP_MORE : done(r);
}

/* ---- body ------------------------------------------------------------------------------------ */

/* "1a" or "1a;name=value" */
static enum http_progress chunk_size(struct http_reader *r, struct str line)
{
	const char *end = line.len ? memchr(line.ptr, ';', line.len) : NULL;

	if (end)
		line.len = (size_t)(end - line.ptr);
	while (line.len && is_blank(line.ptr[line.len - 1]))
		line.len--;
	if (!read_number(line, 16, &r->left))
		return broken(r, "the length of a piece is no number");
	if (r->left > HTTP_MAX_ANSWER_BYTES - r->answer->body.len)
		return broken(r, "it is too long");
	r->state = r->left ? CHUNK : TRAILER;
	return HTTP_MORE;
}

static enum http_progress one_line(struct http_reader *r, struct str line)
{
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	switch (r->state) {
	case STATUS_LINE: return status_line(r, line);
	case HEADER: return line.len ? header(r, line) : head_done(r);
	case CHUNK_SIZE: return chunk_size(r, line);
	case CHUNK_END:
		if (line.len)
			return broken(r, "a piece is longer than its length");
		r->state = CHUNK_SIZE;
		return HTTP_MORE;
	default: return line.len ? HTTP_MORE : done(r);	/* of the trailer */
	}
}

/* Takes what belongs to the line being read; *n becomes how much that was. */
static enum http_progress take_line(struct http_reader *r, const char *bytes, size_t *n)
{
	const char *end = memchr(bytes, '\n', *n);
	struct str line = { bytes, end ? (size_t)(end - bytes) : *n };
	enum http_progress rc;

	*n = line.len + (end != NULL);
	r->head_bytes += *n;
	if (r->head_bytes > HTTP_MAX_HEAD_BYTES && r->state <= HEADER)
		return broken(r, "its head is too long");
	if (r->line.len + line.len > HTTP_MAX_HEAD_BYTES)
		return broken(r, "a line of it is too long");
	if (!end || r->line.len) {
		buf_addstr(&r->line, line);
		line = buf_str(&r->line);
	}
	if (!end)
		return HTTP_MORE;
	rc = one_line(r, line);
	buf_reset(&r->line);
	return rc;
}

static enum http_progress take_body(struct http_reader *r, const char *bytes, size_t *n)
{
	if (r->state == BODY_TO_THE_END) {
		if (*n > HTTP_MAX_ANSWER_BYTES - r->answer->body.len)
			return broken(r, "it is too long");
		buf_add(&r->answer->body, bytes, *n);
		return HTTP_MORE;
	}
	if (*n > r->left)
		*n = (size_t)r->left;
	buf_add(&r->answer->body, bytes, *n);
	r->left -= *n;
	if (r->left)
		return HTTP_MORE;
	if (r->state == BODY)
		return done(r);
	r->state = CHUNK_END;
	return HTTP_MORE;
}

enum http_progress http_reader_take(struct http_reader *r, const char *bytes, size_t n)
{
	enum http_progress rc = HTTP_MORE;

	while (n && rc == HTTP_MORE) {
		size_t took = n;
		bool body = r->state == BODY || r->state == BODY_TO_THE_END || r->state == CHUNK;

		rc = body ? take_body(r, bytes, &took) : take_line(r, bytes, &took);
		bytes += took;
		n -= took;
	}
	if (n)		/* more than was asked for */
		r->keep_alive = false;
	return rc;
}

enum http_progress http_reader_end(struct http_reader *r)
{
	r->keep_alive = false;
	return r->state == BODY_TO_THE_END ? done(r) : broken(r, "the connection was closed");
}
