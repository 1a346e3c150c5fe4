/*
 * Numbers of the contract, exactly. jansson makes a double of 0.1 and of 12.50, and what it writes
 * again is another text; so the file is read a second time by a reader that keeps numbers as they
 * stand, and each value of the tree gets its text: both go through the file in its order, and
 * jansson keeps that of an object's keys.
 */
#include "contract/contract_priv.h"

#include <stdlib.h>

#include "contract/number_texts.h"

struct number {
	const json_t *value;
	const char *text;
};

struct walk {
	size_t n, at;
	const char **texts;
	struct number *numbers;
};

static bool assign(struct walk *w, json_t *v)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(v)) {
		json_object_foreach(v, key, member)
			if (!assign(w, member))
				return false;
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, member)
			if (!assign(w, member))
				return false;
	} else if (json_is_number(v)) {
		if (w->at == w->n)
			return false;
		w->numbers[w->at] = (struct number){ v, w->texts[w->at] };
		w->at++;
	}
	return true;
}

static int by_value(const void *a, const void *b)
{
	const struct number *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

bool read_numbers(struct reading *r, json_t *root, struct str text)
{
	struct walk w = { 0 };

	w.texts = number_texts(r->arena, text, &w.n);
	if (!w.texts)
		return false;
	w.numbers = arena_alloc(r->arena, (w.n + 1) * sizeof(*w.numbers));
	if (!assign(&w, root) || w.at != w.n)
		return false;
	qsort(w.numbers, w.n, sizeof(*w.numbers), by_value);
	r->numbers = w.numbers;
	r->nnumbers = w.n;
	return true;
}

const char *number_text(const struct reading *r, const json_t *v)
{
	const struct number key = { v, NULL };
	const struct number *hit = bsearch(&key, r->numbers, r->nnumbers, sizeof(key), by_value);

	return hit->text;	/* every number of the file is there: read_numbers saw to it */
}

void add_json(const struct reading *r, json_t *v, struct buf *out)
{
	const char *key, *sep = "";
	json_t *member;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		buf_addc(out, '{');
		json_object_foreach(v, key, member) {
			buf_adds(out, sep);
			buf_add_json(out, str_of(key));
			buf_addc(out, ':');
			add_json(r, member, out);
			sep = ",";
		}
		buf_addc(out, '}');
		break;
	case JSON_ARRAY:
		buf_addc(out, '[');
		json_array_foreach(v, i, member) {
			buf_adds(out, sep);
			add_json(r, member, out);
			sep = ",";
		}
		buf_addc(out, ']');
		break;
	case JSON_STRING:
		buf_add_json(out, (struct str){ json_string_value(v), json_string_length(v) });
		break;
	case JSON_INTEGER: case JSON_REAL:
		buf_adds(out, number_text(r, v));
		break;
	case JSON_TRUE:
		buf_adds(out, "true");
		break;
	case JSON_FALSE:
		buf_adds(out, "false");
		break;
	default:
		buf_adds(out, "null");
	}
}
