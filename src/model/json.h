/*
 * A JSON reader that bends nothing: numbers stay text, strings come decoded with their bytes, the
 * caller sees one token at a time. RFC 8259 strictly; input need not be NUL-terminated and is
 * borrowed until the reader is done. Used for values (columns with JSON) and for DynamoDB's
 * answers; the contract itself is read with jansson.
 */
#ifndef MODEL_JSON_H
#define MODEL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"

enum json_token {
	JSON_END,		/* of the text, after exactly one value */
	JSON_OBJECT, JSON_OBJECT_END, JSON_ARRAY, JSON_ARRAY_END,
	JSON_KEY,		/* text: the key, decoded */
	JSON_STRING,		/* text: the value, decoded */
	JSON_NUMBER,		/* text: as it stands */
	JSON_TRUE, JSON_FALSE, JSON_NULL,
	JSON_BAD		/* not JSON; 'why' says it; stays so */
};

enum json_why { JSON_FINE, JSON_SYNTAX, JSON_BAD_UTF8, JSON_LONE_SURROGATE, JSON_TOO_DEEP };

#define JSON_MAX_DEPTH 512	/* of the reader; the item's own limit is lower */

struct json_reader {
	const char *at, *end, *start;
	struct str text;	/* of the last token; valid until the next */
	bool escaped;		/* the string or key held escapes: 'text' is not what stands in
				   the input. Else its bytes are JSON string content as they are */
	enum json_why why;
	unsigned depth;
	struct buf scratch;	/* decoded strings that hold escapes */
	unsigned char stack[JSON_MAX_DEPTH];	/* private: what is open and expected */
	unsigned char expect;
};

/* Sets up a reader, whatever it held: it need not be zeroed. Ends with json_release. */
void json_init(struct json_reader *r, struct str input);
/* The same for a reader that was set up before and not released; keeps its memory. */
void json_restart(struct json_reader *r, struct str input);
void json_release(struct json_reader *r);
enum json_token json_next(struct json_reader *r);

/* Reads past the value that begins with the token just got. 0, or -1 on JSON_BAD. */
int json_skip(struct json_reader *r, enum json_token first);

/* The first byte in [p, end) that cannot stand in a JSON string as it is: '"', '\\', one below
 * U+0020, or (then it is >= 0x80) the begin of malformed UTF-8. 'end' if there is none. */
const char *json_plain_run(const char *p, const char *end);

/* As buf_add_json, and checks the UTF-8 on the way: false (b->len as before) if it is malformed. */
bool json_add_text(struct buf *b, struct str s);

#endif
