#include "contract/contract_priv.h"

#include <stdlib.h>

#include "base/suggest.h"

const char *path_key(struct reading *r, const char *path, const char *key)
{
	return *path ? arena_printf(r->arena, "%s.%s", path, key) : arena_strdup(r->arena, key);
}

const char *path_index(struct reading *r, const char *path, size_t i)
{
	return arena_printf(r->arena, "%s[%zu]", path, i);
}

static const char *type_words(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "text";
	case JSON_INTEGER: case JSON_REAL: return "a number";
	case JSON_TRUE: case JSON_FALSE: return "true or false";
	default: return "null";
	}
}

static void wrong_type(struct reading *r, const char *path, const char *wanted, const json_t *v)
{
	diag_add(r->diags, DIAG_ERROR, path, "expected %s, found %s", wanted, type_words(v));
}

bool want_object(struct reading *r, json_t *v, const char *path, const char *what)
{
	if (json_is_object(v))
		return true;
	diag_add(r->diags, DIAG_ERROR, path, "expected an object (%s), found %s", what,
		 v ? type_words(v) : "nothing");
	return false;
}

void check_keys(struct reading *r, json_t *obj, const char *path, const char *const *known)
{
	const char *key;
	json_t *value;
	size_t nknown = 0;

	while (known[nknown])
		nknown++;
	json_object_foreach(obj, key, value) {
		bool found = false;
		for (size_t i = 0; i < nknown; i++)
			found |= !strcmp(known[i], key);
		/* "$schema" and "_comment" are for editors and people */
		if (found || key[0] == '$' || key[0] == '_')
			continue;
		const char *near = suggest(key, known, nknown);
		diag_add(r->diags, r->diags->strict ? DIAG_ERROR : DIAG_WARNING,
			 path_key(r, path, key), "unknown key%s%s%s", near ? ", did you mean '" : "",
			 near ? near : "", near ? "'?" : "");
	}
}

static const char *checked_text(struct reading *r, json_t *v, const char *path)
{
	size_t len = json_string_length(v);

	if (memchr(json_string_value(v), '\0', len)) {
		diag_add(r->diags, DIAG_ERROR, path, "text with a NUL character");
		return NULL;
	}
	return arena_strndup(r->arena, json_string_value(v), len);
}

const char *get_text(struct reading *r, json_t *obj, const char *path, const char *key,
		     bool required)
{
	json_t *v = json_object_get(obj, key);
	const char *at = path_key(r, path, key);

	if (!v || json_is_null(v)) {
		if (required)
			diag_add(r->diags, DIAG_ERROR, at, "missing: expected text");
		return NULL;
	}
	if (!json_is_string(v)) {
		wrong_type(r, at, "text", v);
		return NULL;
	}
	const char *text = checked_text(r, v, at);
	if (text && !*text && required) {
		diag_add(r->diags, DIAG_ERROR, at, "empty: expected text");
		return NULL;
	}
	return text;
}

const char *get_scalar(struct reading *r, json_t *obj, const char *path, const char *key)
{
	json_t *v = json_object_get(obj, key);
	const char *at = path_key(r, path, key);

	if (!v || json_is_null(v))
		return NULL;
	if (json_is_string(v))
		return checked_text(r, v, at);
	if (json_is_object(v) || json_is_array(v)) {
		wrong_type(r, at, "text or a number", v);
		return NULL;
	}
	return json_is_number(v) ? number_text(r, v) : json_is_true(v) ? "true" : "false";
}

bool get_bool(struct reading *r, json_t *obj, const char *path, const char *key, bool fallback)
{
	json_t *v = json_object_get(obj, key);

	if (!v || json_is_null(v))
		return fallback;
	if (!json_is_boolean(v)) {
		wrong_type(r, path_key(r, path, key), "true or false", v);
		return fallback;
	}
	return json_is_true(v);
}

int64_t get_int(struct reading *r, json_t *obj, const char *path, const char *key, int64_t min,
		int64_t fallback)
{
	json_t *v = json_object_get(obj, key);
	const char *at = path_key(r, path, key);

	if (!v || json_is_null(v))
		return fallback;
	int64_t n = -1;
	if (json_is_integer(v))
		n = json_integer_value(v);
	else if (json_is_real(v) && json_real_value(v) >= 0 && json_real_value(v) < 1e15 &&
		 (double)(int64_t)json_real_value(v) == json_real_value(v))
		n = (int64_t)json_real_value(v);
	else if (!json_is_real(v)) {
		wrong_type(r, at, "a whole number", v);
		return fallback;
	}
	if (n < min) {
		diag_add(r->diags, DIAG_ERROR, at, "expected a whole number from %lld",
			 (long long)min);
		return fallback;
	}
	return n;
}

int get_choice(struct reading *r, json_t *obj, const char *path, const char *key,
	       const char *const *names, int fallback)
{
	const char *text = get_text(r, obj, path, key, fallback < 0);
	struct buf list = { 0 };
	size_t n = 0;

	if (!text)
		return fallback;
	for (; names[n]; n++) {
		if (!strcmp(names[n], text)) {
			buf_release(&list);
			return (int)n;
		}
		buf_addf(&list, "%s%s", n ? ", " : "", names[n]);
	}
	const char *near = suggest(text, names, n);
	diag_add(r->diags, DIAG_ERROR, path_key(r, path, key),
		 "'%s' is none of %s%s%s%s", text, buf_cstr(&list), near ? "; did you mean '" : "",
		 near ? near : "", near ? "'?" : "");
	buf_release(&list);
	return -1;
}

const char **get_texts(struct reading *r, json_t *obj, const char *path, const char *key, size_t *n,
		       bool *was_array)
{
	json_t *v = json_object_get(obj, key);
	const char *at = path_key(r, path, key);

	*n = 0;
	if (was_array)
		*was_array = false;
	if (!v || json_is_null(v))
		return NULL;
	if (json_is_string(v)) {
		const char **one = arena_alloc(r->arena, sizeof(*one));
		*one = checked_text(r, v, at);
		*n = *one ? 1 : 0;
		return one;
	}
	if (!json_is_array(v)) {
		wrong_type(r, at, "text or a list of texts", v);
		return NULL;
	}
	if (was_array)
		*was_array = true;
	const char **list = arena_alloc(r->arena, (json_array_size(v) + 1) * sizeof(*list));
	size_t i;
	json_t *e;
	json_array_foreach(v, i, e) {
		if (!json_is_string(e))
			wrong_type(r, path_index(r, at, i), "text", e);
		else if ((list[*n] = checked_text(r, e, path_index(r, at, i))))
			++*n;
	}
	return list;
}

const char **get_list(struct reading *r, json_t *obj, const char *path, const char *key, size_t *n)
{
	if (json_is_string(json_object_get(obj, key)))
		wrong_type(r, path_key(r, path, key), "a list of texts", json_object_get(obj, key));
	return get_texts(r, obj, path, key, n, NULL);
}

struct fragment make_fragment(struct reading *r, const char *text, const char *path,
			      bool may_be_name, bool bare_star)
{
	struct fragment f = { .text = text, .path = path };
	const char *why = NULL;

	if (!text)
		return f;
	f.expr = expr_parse(r->arena, str_of(text), bare_star, &why);
	if (!f.expr) {
		f.why = why;
		if (!may_be_name)
			diag_add(r->diags, DIAG_ERROR, path, "'%s': %s", text, why);
	}
	return f;
}

struct template make_template(struct reading *r, const char *text, const char *path)
{
	struct template t = { .path = path, .text = text };
	size_t max = 1;

	if (!text)
		return t;
	for (const char *p = text; *p; p++)
		max += *p == '{' ? 2 : 0;
	t.parts = arena_alloc(r->arena, max * sizeof(*t.parts));
	const char *p = text;
	while (*p) {
		const char *open = strchr(p, '{');
		const char *close = open ? strchr(open, '}') : NULL;
		/* of {"a":{b} the placeholder is {b} */
		while (close && memchr(open + 1, '{', (size_t)(close - open - 1)))
			open = (const char *)memchr(open + 1, '{', (size_t)(close - open - 1));
		if (!close) {
			t.parts[t.nparts++] = (struct template_part){ false, str_of(p) };
			break;
		}
		if (open > p)
			t.parts[t.nparts++] = (struct template_part){
				false, { p, (size_t)(open - p) } };
		t.parts[t.nparts++] = (struct template_part){
			true, { open + 1, (size_t)(close - open - 1) } };
		p = close + 1;
	}
	return t;
}
