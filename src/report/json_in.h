/* Members of a report that was read back. Absent members are empty, 0 and false. */
#ifndef REPORT_JSON_IN_H
#define REPORT_JSON_IN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "base/buf.h"

static inline struct str json_in_text(const json_t *text)
{
	return (struct str){ json_string_value(text), json_string_length(text) };
}

static inline struct str json_in_str(const json_t *object, const char *key)
{
	return json_in_text(json_object_get(object, key));	/* ptr NULL: none */
}

static inline uint64_t json_in_count(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static inline double json_in_number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static inline int64_t json_in_ms(const json_t *object, const char *key)	/* of seconds */
{
	return (int64_t)(json_in_number(object, key) * 1000 + 0.5);
}

static inline bool json_in_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static inline bool json_in_is(const json_t *object, const char *key, const char *word)
{
	return str_is(json_in_str(object, key), word);
}

/* Of an index, or a table with its Queries, in a verify's report: is anything wrong with it? */
static inline bool index_differs(const json_t *index)
{
	return json_is_false(json_object_get(index, "same")) ||
	       json_in_count(json_object_get(index, "queries"), "wrong") > 0;
}

/* The value as JSON text in one line. */
static inline void json_in_dump(struct buf *out, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (text)
		buf_adds(out, text);
	free(text);
}

#endif
