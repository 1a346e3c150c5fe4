/* What a name means: section 2 of the contract's rules. */
#include "plan/plan_priv.h"

#include <stdlib.h>

#include "base/suggest.h"

struct scope scope_source(const struct entity_ctx *e)
{
	struct scope none = { .source = &e->src };

	return scope_with(e->p, &none, &e->src);
}

struct scope scope_with(const struct plan_ctx *p, const struct scope *earlier,
			const struct relation *rel)
{
	struct scope s = *earlier;
	const struct relation **list = arena_alloc(p->arena, (s.n + 1) * sizeof(*list));

	if (s.n)
		memcpy(list, s.relations, s.n * sizeof(*list));
	list[s.n++] = rel;
	s.relations = list;
	return s;
}

struct scope scope_with_target(const struct plan_ctx *p, const struct scope *earlier,
			       const struct relation *target)
{
	struct scope s = scope_with(p, earlier, target);

	s.target = target;
	s.self = false;
	if (!target->other_name)
		for (size_t i = 0; i < earlier->n; i++)
			s.self |= name_eq(p->catalog, s.relations[i]->name, target->name);
	s.unqualified_either = true;
	s.qualified_target = true;
	return s;
}

void scope_select(struct scope *s)
{
	s->unqualified_either = s->self = false;
	s->unqualified_target = true;
	s->side = SIDE_NONE;
}

static bool named(const struct plan_ctx *p, const struct relation *r, struct str q)
{
	char *name = mem_strndup(q.ptr, q.len);
	bool hit = (r->other_name && name_eq(p->catalog, r->other_name, name)) ||
		   name_eq(p->catalog, r->name, name);

	free(name);
	return hit;
}

/* The relation a qualifier names; NULL if none. */
static const struct relation *find_relation(const struct plan_ctx *p, const struct scope *s,
					    struct str q)
{
	const struct relation *latest = NULL;

	for (size_t i = 0; i < s->n; i++) {
		const struct relation *r = s->relations[i];
		if (r == s->target || !named(p, r, q))
			continue;
		latest = r;		/* in a chain: the hop just before */
	}
	if (!s->target)
		return latest;
	if (s->target->other_name) {
		/* with an alias the alias is the target, the table's name whoever else has it */
		if (str_is(q, s->target->other_name))
			return s->target;
		if (!latest && named(p, s->target, q))
			return s->target;
	}
	if (s->target->other_name || !named(p, s->target, q))
		return latest ? latest : s->target->any_name ? s->target : NULL;
	if (!latest)
		return s->target;
	if (s->side == SIDE_LEFT)
		return s->target;
	if (s->side == SIDE_RIGHT)
		return latest;
	return s->qualified_target ? s->target : latest;
}

const char *unseen(const struct plan_ctx *p)
{
	return p->catalog->in_part ? ", or the account may not read it" : "";
}

void report_no_column(const struct plan_ctx *p, const char *path, const struct cat_table *t,
		      struct str name)
{
	const char **names = mem_array(t->ncolumns, sizeof(*names));
	char *word = mem_strndup(name.ptr, name.len);

	for (size_t i = 0; i < t->ncolumns; i++)
		names[i] = t->columns[i].name;
	const char *near = suggest(word, names, t->ncolumns);
	diag_add(p->diags, DIAG_ERROR, path, "'%s' is no column of table '%s'%s%s%s%s", word, t->name,
		 unseen(p), near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
	free(word);
	free(names);
}

static void report_no_table(const struct plan_ctx *p, const struct scope *s, struct str q,
			    const char *path)
{
	const struct relation *t = s->target;
	const char *second = !t ? NULL : t->other_name ? t->other_name :
			     name_eq(p->catalog, t->name, s->source->name) ? NULL : t->name;

	diag_add(p->diags, DIAG_ERROR, path, "'%.*s' names no table here: expected '%s'%s%s%s",
		 (int)q.len, q.ptr, s->source->name, second ? " or '" : "", second ? second : "",
		 second ? "'" : "");
}

const struct cat_column *scope_resolve(const struct plan_ctx *p, const struct scope *s,
				       struct str q, struct str name, const char *path,
				       const struct relation **rel)
{
	const struct relation *r = NULL;
	const struct cat_column *c = NULL;

	if (q.ptr) {
		r = find_relation(p, s, q);
		if (!r) {
			report_no_table(p, s, q, path);
			return NULL;
		}
	} else if (s->unqualified_either && s->target) {
		if (s->self) {
			r = s->side == SIDE_RIGHT ? s->source : s->target;
		} else {
			bool in_source = cat_table_column(s->source->table, name.ptr, name.len);
			bool in_target = cat_table_column(s->target->table, name.ptr, name.len);
			if (in_source && in_target) {
				diag_add(p->diags, DIAG_ERROR, path,
					 "'%.*s' is a column of '%s' and of '%s': say which", (int)name.len,
					 name.ptr, s->source->name, s->target->other_name ?
					 s->target->other_name : s->target->name);
				return NULL;
			}
			r = in_source ? s->source : s->target;
		}
	} else {
		r = s->unqualified_target && s->target ? s->target : s->source;
	}
	c = cat_table_column(r->table, name.ptr, name.len);
	if (!c) {
		report_no_column(p, path, r->table, name);
		return NULL;
	}
	*rel = r;
	return c;
}

bool scope_bare_name(const struct plan_ctx *p, const struct scope *s, const char *text,
		     struct str *q, struct str *name)
{
	const struct relation *def = s->unqualified_target && s->target ? s->target : s->source;
	size_t len = strlen(text);

	*q = (struct str){ NULL, 0 };
	*name = (struct str){ text, len };
	if (cat_table_column(def->table, text, len))
		return true;
	for (const char *dot = strchr(text, '.'); dot; dot = strchr(dot + 1, '.')) {
		struct str qualifier = { text, (size_t)(dot - text) };
		const struct relation *r = find_relation(p, s, qualifier);
		size_t rest = len - (size_t)(dot - text) - 1;
		if (r && cat_table_column(r->table, dot + 1, rest)) {
			*q = qualifier;
			*name = (struct str){ dot + 1, rest };
			return true;
		}
	}
	return false;
}
