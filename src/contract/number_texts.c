#include "contract/number_texts.h"

#include <stdlib.h>

#include "model/json.h"

const char **number_texts(struct arena *arena, struct str text, size_t *n)
{
	struct json_reader r;
	enum json_token token;
	const char **found = NULL, **out = NULL;
	size_t cap = 0;

	*n = 0;
	json_init(&r, text);
	while ((token = json_next(&r)) != JSON_END && token != JSON_BAD) {
		if (token != JSON_NUMBER)
			continue;
		found = mem_grow(found, &cap, *n + 1, sizeof(*found));
		found[(*n)++] = arena_strndup(arena, r.text.ptr, r.text.len);
	}
	if (token == JSON_END) {
		out = arena_alloc(arena, (*n + 1) * sizeof(*out));
		if (*n)
			memcpy(out, found, *n * sizeof(*out));
	}
	free(found);
	json_release(&r);
	return out;
}
