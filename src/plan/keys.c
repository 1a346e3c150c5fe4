/*
 * Key attributes of the table and its indexes (section 4 of the contract's rules): the entity's
 * attribute of that name; the templates, for the table's keys; `a#b`; the source column.
 */
#include "plan/plan_priv.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* `a#b#c` as the template {a}#{b}#{c}; false if a name is empty or unknown. */
static bool composite(struct entity_ctx *e, const char *name, struct template *t)
{
	struct plan_ctx *p = e->p;
	size_t n = 1;

	for (const char *c = name; *c; c++)
		n += *c == '#';
	if (n < 2)
		return false;
	*t = (struct template){ .path = e->entity->path, .text = name };
	t->parts = arena_alloc(p->arena, 2 * n * sizeof(*t->parts));
	for (const char *c = name;; ) {
		const char *end = strchr(c, '#');
		struct str part = { c, end ? (size_t)(end - c) : strlen(c) };
		bool known = cat_table_column(e->source, part.ptr, part.len) != NULL;
		for (size_t i = 0; i < e->entity->nattributes; i++)
			known |= str_is(part, e->entity->attributes[i].name);
		if (!known)
			return false;
		t->parts[t->nparts++] = (struct template_part){ true, part };
		if (!end)
			return true;
		t->parts[t->nparts++] = (struct template_part){ false, STR("#") };
		c = end + 1;
	}
}

int resolve_key(struct entity_ctx *e, const char *name, const struct template *t,
		struct key_column *out)
{
	struct plan_ctx *p = e->p;
	struct template comp;

	*out = (struct key_column){ .name = name };
	for (size_t i = 0; i < e->entity->nattributes; i++) {
		struct attr_value *v;
		if (strcmp(e->entity->attributes[i].name, name))
			continue;
		if (!attribute_value(e, i, &v))
			return -1;
		out->from_attribute = true;
		out->attribute = i;
		out->value = v->value;
		return 1;
	}
	if (t && t->text)
		return value_of_template(e, t, SIZE_MAX, NULL, &out->value) ? 1 : -1;
	if (composite(e, name, &comp))
		return value_of_template(e, &comp, SIZE_MAX, NULL, &out->value) ? 1 : -1;
	const struct cat_column *c = cat_table_column(e->source, name, strlen(name));
	if (!c)
		return 0;
	out->value = sval_as_text(p, relation_column(p, &e->src, c));
	return 1;
}
