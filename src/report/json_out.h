/* JSON text, a member a line, two blanks of indent a level; commas look after themselves. */
#ifndef REPORT_JSON_OUT_H
#define REPORT_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"

struct json_out {
	struct buf *out;	/* borrowed */
	unsigned depth;
	bool comma;		/* something stands before in this object or array */
};

/* 'key' NULL: an element of an array, or the whole text. */
void json_out_open(struct json_out *j, const char *key, char bracket);	/* '{' or '[' */
void json_out_close(struct json_out *j, char bracket);			/* '}' or ']' */
/* NULL: null. Bytes that are no UTF-8 become U+FFFD each, since JSON cannot hold them. */
void json_out_str(struct json_out *j, const char *key, const char *s);
void json_out_count(struct json_out *j, const char *key, uint64_t n);
void json_out_milli(struct json_out *j, const char *key, uint64_t thousandths);	/* 1.5 */
void json_out_bool(struct json_out *j, const char *key, bool b);
void json_out_raw(struct json_out *j, const char *key, const char *json);	/* JSON already */
/* Members (or elements) that another json_out of this depth wrote to 'text', which may be empty. */
void json_out_members(struct json_out *j, const struct buf *text);

#endif
