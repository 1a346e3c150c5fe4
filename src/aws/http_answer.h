/*
 * An HTTP/1.1 answer, read from the bytes as they come: pure, no I/O. Strict where a mistake could
 * make half an answer look whole: what has a length must have all of it, what has pieces its last
 * one; two lengths that differ, an unknown coding or a line that is no header break it.
 * RFC 9112, sections 4 to 7.
 */
#ifndef AWS_HTTP_ANSWER_H
#define AWS_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

#define HTTP_MAX_ANSWER_BYTES (64u << 20)
#define HTTP_MAX_HEAD_BYTES (64u << 10)

struct http_answer {
	long status;
	bool has_crc;
	uint32_t crc32;		/* X-Amz-Crc32: of the body's bytes as they came */
	char date[64];		/* the Date header, "" if none */
	char error_type[128];	/* x-amzn-ErrorType, "" if none */
	char request_id[80];	/* x-amzn-RequestId, "" if none */
	struct buf body;
};

void http_answer_release(struct http_answer *a);
void http_answer_reset(struct http_answer *a);	/* for the next call; keeps the body's memory */

/* Takes what of a header's line, without its end, the answer is to know. */
void http_answer_note(struct http_answer *a, struct str line);

enum http_progress {
	HTTP_MORE,		/* not whole yet */
	HTTP_DONE,		/* whole */
	HTTP_BROKEN		/* never will be: 'why' says it */
};

struct http_reader {
	struct http_answer *answer;	/* borrowed */
	const char *why;		/* static text, after HTTP_BROKEN */
	bool keep_alive;		/* after HTTP_DONE: another call may follow on this
					   connection */
	/* Private: */
	unsigned char state;
	bool chunked, has_length, old;
	uint64_t length, left;		/* of the body; of the part being read */
	size_t head_bytes;
	struct buf line;
};

/* Sets up for the next answer, which replaces what 'answer' held; zero the reader before its first
 * use, and release it after its last. */
void http_reader_start(struct http_reader *r, struct http_answer *answer);
void http_reader_release(struct http_reader *r);

/* Takes bytes as they came. Not to be called again after HTTP_DONE or HTTP_BROKEN. */
enum http_progress http_reader_take(struct http_reader *r, const char *bytes, size_t n);

/* The peer closed: the end of an answer that has no other, else HTTP_BROKEN. */
enum http_progress http_reader_end(struct http_reader *r);

/* Has a byte of the answer come? */
bool http_reader_began(const struct http_reader *r);

#endif
