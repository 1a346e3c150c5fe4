/*
 * Joins that cannot multiply or drop a row. Each lookup becomes a LEFT JOIN of at most one row:
 *
 *   on a unique key of the target, where the condition ties every column of one;
 *   else on the primary key of the lowest matching row, which a subselect picks;
 *   else, for a target without a key and where the server takes no more joins, a subselect for
 *   each column that is used.
 *
 * Equal lookups of an entity are joined once. A lookup of the source row itself (the workshop's
 * `users.id = users.id`) needs no join at all.
 */
#include "plan/plan_priv.h"

#include <stdlib.h>

#include "base/suggest.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* Both servers join at most 61 tables; source, and what reads a view, are among them. */
#define MAX_JOINED 50

const struct cat_table *find_table(struct plan_ctx *p, const char *name, const char *path)
{
	const struct catalog *c = p->catalog;
	const struct cat_table *t = name ? catalog_table(c, name, strlen(name)) : NULL;

	if (t || !name)
		return t;
	const char **names = mem_array(c->ntables + 1, sizeof(*names));
	for (size_t i = 0; i < c->ntables; i++)
		names[i] = c->tables[i].name;
	const char *near = suggest(name, names, c->ntables);
	diag_add(p->diags, DIAG_ERROR, path, "'%s' is no table of database '%s'%s%s%s%s", name,
		 c->database, unseen(p), near ? ", did you mean '" : "", near ? near : "",
		 near ? "'?" : "");
	free(names);
	return NULL;
}

void note_lookup(struct entity_ctx *e, const char *path, const struct cat_table *target, bool many,
		 bool no_index, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	e->notes = mem_grow(e->notes, &e->notes_cap, e->nnotes + 1, sizeof(*e->notes));
	e->notes[e->nnotes++] = (struct plan_lookup){
		path, arena_strndup(e->p->arena, b.ptr, b.len), many, no_index, target, NULL };
	buf_release(&b);
}

const char *conditions_sql(struct plan_ctx *p, struct scope *s, const struct hop *hop)
{
	struct buf b = { 0 };
	bool ok = true;

	for (size_t i = 0; i < hop->nconditions; i++) {
		struct sval v;
		s->side = SIDE_NONE;
		if (!hop->conditions[i].expr ||
		    !render_expr(p, s, hop->conditions[i].expr, hop->conditions[i].path, &v)) {
			ok = false;
			continue;
		}
		buf_addf(&b, "%s%s", b.len ? " AND " : "", sval_close(p, v));
	}
	const char *out = ok && b.len ? arena_strndup(p->arena, b.ptr, b.len) : NULL;
	buf_release(&b);
	return out;
}

/* Does the fragment speak of the target's row? Names resolve: it was rendered before. */
static bool speaks_of_target(struct plan_ctx *p, struct scope *s, const struct expr *e)
{
	const struct relation *rel = NULL;

	if (e->kind == EXPR_COLUMN)
		return scope_resolve(p, s, e->qualifier, e->name, "", &rel) && rel == s->target;
	for (size_t i = 0; i < e->nargs; i++)
		if (speaks_of_target(p, s, e->args[i]))
			return true;
	return false;
}

struct equality {
	const struct cat_column *target;
	struct sval other;
	const struct relation *row;		/* other is a bare column of it, or NULL */
	const struct cat_column *source;	/* other is a bare column of the source row */
};

struct equalities {
	size_t n;
	struct equality list[32];
};

static void add_equality(struct plan_ctx *p, struct scope *s, const struct expr *col,
			 enum side col_side, const struct expr *other, enum side other_side,
			 struct equalities *out)
{
	const struct relation *rel = NULL;
	enum side save = s->side;

	if (col->kind != EXPR_COLUMN || out->n == 32)
		return;
	s->side = col_side;
	const struct cat_column *c = scope_resolve(p, s, col->qualifier, col->name, "", &rel);
	s->side = other_side;
	if (c && rel == s->target && !speaks_of_target(p, s, other)) {
		struct equality *q = &out->list[out->n++];
		*q = (struct equality){ .target = c };
		render_expr(p, s, other, "", &q->other);
		if (other->kind == EXPR_COLUMN) {
			const struct cat_column *o = scope_resolve(p, s, other->qualifier,
								   other->name, "", &rel);
			q->row = rel;
			q->source = rel->is_source ? o : NULL;
		}
	}
	s->side = save;
}

static void collect(struct plan_ctx *p, struct scope *s, const struct expr *e,
		    struct equalities *out)
{
	if (e->kind != EXPR_BINARY)
		return;
	if (!strcmp(e->op, "AND")) {
		collect(p, s, e->args[0], out);
		collect(p, s, e->args[1], out);
	} else if (!strcmp(e->op, "=")) {
		enum side left = s->self ? SIDE_LEFT : SIDE_NONE;
		enum side right = s->self ? SIDE_RIGHT : SIDE_NONE;
		add_equality(p, s, e->args[0], left, e->args[1], right, out);
		add_equality(p, s, e->args[1], right, e->args[0], left, out);
	}
}

/* Is "column = other" decided in the column's own domain, so that at most one value of a unique
 * column can be equal? (A text column compared with a number is not: '1' and '01' are both 1.) */
static bool same_domain(const struct cat_column *c, const struct sval *o)
{
	switch (c->kind) {
	case COL_INT: case COL_YEAR: case COL_BIT:
		return o->kind == COL_INT || o->kind == COL_DECIMAL || o->kind == COL_BIT ||
		       o->kind == COL_YEAR;
	case COL_DECIMAL:
		return o->kind == COL_INT || o->kind == COL_DECIMAL;
	case COL_TEXT: case COL_ENUM:
		if (o->kind != COL_TEXT && o->kind != COL_ENUM)
			return false;
		return o->literal ||
		       (o->collation && c->collation && !strcmp(o->collation, c->collation));
	case COL_BINARY: case COL_DATE: case COL_DATETIME: case COL_TIMESTAMP: case COL_TIME:
		return o->kind == (int)c->kind;
	default:
		return false;
	}
}

/* How many leading columns of the key are tied; 0 unless one of them is tied to another row. */
static size_t leading_ties(const struct cat_key *key, const struct equalities *eq)
{
	size_t n = 0;
	bool row = false;

	for (; n < key->ncolumns; n++) {
		bool tied = false;
		for (size_t i = 0; i < eq->n; i++)
			if (eq->list[i].target == key->columns[n] &&
			    same_domain(key->columns[n], &eq->list[i].other)) {
				tied = true;
				row |= !eq->list[i].other.literal;
			}
		if (!tied)
			break;
	}
	return row ? n : 0;
}

static const char *force_index(struct plan_ctx *p, const struct cat_table *t,
			       const struct equalities *eq)
{
	const struct cat_key *best = NULL;
	size_t most = 0;

	for (size_t k = 0; k < t->nkeys; k++) {
		size_t n = t->keys[k].prefixed || t->keys[k].passed_over ? 0 :
			   leading_ties(&t->keys[k], eq);
		if (n > most || (n && n == most && &t->keys[k] == t->primary)) {
			most = n;
			best = &t->keys[k];
		}
	}
	return best ? P(" FORCE INDEX (%s)", sql_ident(p->arena, str_of(best->name))) : "";
}

struct tie find_tie(struct plan_ctx *p, struct scope *s, const struct hop *hop)
{
	struct tie tie = { 0 };
	struct equalities eq = { 0 };
	const struct cat_table *t = s->target->table;

	for (size_t i = 0; i < hop->nconditions; i++)
		collect(p, s, hop->conditions[i].expr, &eq);
	tie.force = t->is_view ? "" : force_index(p, t, &eq);
	tie.source = arena_alloc(p->arena, (eq.n + 1) * sizeof(*tie.source));
	for (size_t i = 0; i < eq.n; i++)
		if (eq.list[i].source && same_domain(eq.list[i].target, &eq.list[i].other))
			tie.source[tie.nsource++] = eq.list[i].source;
	for (size_t k = 0; k < t->nkeys; k++) {
		const struct cat_key *key = &t->keys[k];
		size_t tied = 0, own = 0;
		for (size_t c = 0; c < key->ncolumns; c++) {
			bool t1 = false, o1 = false;
			for (size_t i = 0; i < eq.n; i++) {
				if (eq.list[i].target != key->columns[c])
					continue;
				tie.indexed |= c == 0 && !key->passed_over;
				t1 |= same_domain(key->columns[c], &eq.list[i].other);
				o1 |= eq.list[i].source == key->columns[c];
			}
			tied += t1;
			own += o1;
		}
		if (!key->unique || key->prefixed || tied < key->ncolumns)
			continue;
		if (!tie.unique || key == t->primary)
			tie.key = key;
		tie.unique = true;
		if (key == t->primary && own == key->ncolumns && eq.n == key->ncolumns &&
		    t == s->source->table)
			tie.own_row = true;
	}
	return tie;
}

/* A key by which one row of the table is told: the primary key, or a unique one without NULLs. */
static const struct cat_key *row_key(const struct cat_table *t)
{
	if (t->primary && !t->primary->prefixed)
		return t->primary;
	for (size_t i = 0; i < t->nkeys; i++) {
		bool ok = t->keys[i].unique && !t->keys[i].prefixed;
		for (size_t c = 0; ok && c < t->keys[i].ncolumns; c++)
			ok = !t->keys[i].columns[c]->nullable;
		if (ok)
			return &t->keys[i];
	}
	return NULL;
}

const char *row_order(struct plan_ctx *p, const char *alias, const struct cat_table *t)
{
	const struct cat_key *key = row_key(t);
	size_t n = key ? key->ncolumns : t->ncolumns;
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct cat_column *c = key ? key->columns[i] : &t->columns[i];
		const char *x = P("%s.%s", alias, sql_ident(p->arena, str_of(c->name)));
		if (c->nullable)	/* see order_sql() in json.c */
			buf_addf(&b, "%s%s IS NOT NULL, %s", i ? ", " : "", x, x);
		else
			buf_addf(&b, "%s%s", i ? ", " : "", x);
		/* two rows may differ and be equal to the collation */
		if (!key && (c->kind == COL_TEXT || c->kind == COL_JSON))
			buf_addf(&b, ", CAST(%s AS BINARY)", c->kind == COL_TEXT ? x :
				 P("CAST(%s AS CHAR)", x));
	}
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

bool row_ordered_by(struct plan_ctx *p, const char *alias, const struct cat_table *t, const char *x)
{
	const struct cat_key *key = row_key(t);

	return key && key->ncolumns == 1 && !key->columns[0]->nullable &&
	       strcmp(x, P("%s.%s", alias,
			   sql_ident(p->arena, str_of(key->columns[0]->name)))) == 0;
}

/* The ON condition of LOOKUP_PICK: each key column equals that of the lowest matching row. */
static const char *pick_sql(struct entity_ctx *e, const struct scope *earlier,
			    const struct hop *hop, const struct relation *rel,
			    const struct cat_key *key, const char *force)
{
	struct plan_ctx *p = e->p;
	struct relation inner = *rel;
	struct buf b = { 0 };

	inner.alias = sql_alias(p->arena, rel->table->name, ++e->naliases);
	inner.lookup = NULL;
	struct scope s = scope_with_target(p, earlier, &inner);
	const char *where = conditions_sql(p, &s, hop);
	for (size_t i = 0; i < key->ncolumns; i++) {
		const char *c = sql_ident(p->arena, str_of(key->columns[i]->name));
		buf_addf(&b, "%s%s.%s = (SELECT %s.%s FROM %s AS %s%s WHERE %s ORDER BY %s LIMIT 1)",
			 i ? " AND " : "", rel->alias, c, inner.alias, c,
			 sql_ident(p->arena, str_of(rel->table->name)), inner.alias, force, where,
			 row_order(p, inner.alias, rel->table));
	}
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

static const char *join_sql(struct plan_ctx *p, const struct lookup *l, const char *on)
{
	return P("\nLEFT JOIN %s AS %s\n  ON %s", sql_ident(p->arena, str_of(l->table->name)), l->alias,
		 on);
}

/*
 * The tail of LOOKUP_SCALAR. A hop that hangs on another such hop is joined with it inside the one
 * subselect where that other has one row at most and an equality ties the two, so that no row of the
 * one is no row of the other: subselects inside each other are evaluated again and again, twice as
 * often with each level.
 */
static void make_scalar(struct plan_ctx *p, const struct scope *earlier, const struct hop *hop,
			const struct relation *rel, const char *force, struct lookup *l)
{
	struct scope s = scope_with_target(p, earlier, rel);
	const struct relation **list = arena_alloc(p->arena, s.n * sizeof(*list));
	const struct lookup *dep = NULL;
	struct equalities eq = { 0 };

	for (size_t c = 0; c < hop->nconditions; c++)
		collect(p, &s, hop->conditions[c].expr, &eq);
	memcpy(list, s.relations, s.n * sizeof(*list));
	for (size_t i = 0; i < s.n && !dep; i++) {
		const struct lookup *other = list[i]->lookup;
		bool tied = false;
		if (!other || other == l || other->mode != LOOKUP_SCALAR || !other->unique)
			continue;
		for (size_t k = 0; k < eq.n; k++)
			tied |= eq.list[k].row == list[i];
		if (!tied)
			continue;
		struct relation *plain = arena_alloc(p->arena, sizeof(*plain));
		*plain = *list[i];
		plain->alias = other->scalar_alias;
		plain->lookup = NULL;
		list[i] = plain;
		dep = other;
	}
	s.relations = list;
	const char *on = conditions_sql(p, &s, hop);
	l->scalar_alias = l->alias;
	l->scalar_from = P("%s%s%s AS %s%s", dep ? dep->scalar_from : "", dep ? ", " : "",
			   sql_ident(p->arena, str_of(rel->table->name)), l->alias, force);
	l->scalar_where = dep ? P("%s AND %s", dep->scalar_where, on) : on;
	l->scalar_tail = P("FROM %s WHERE %s ORDER BY %s LIMIT 1", l->scalar_from, l->scalar_where,
			   row_order(p, l->alias, rel->table));
	l->present_sql = P("(SELECT 1 %s) IS NOT NULL", l->scalar_tail);
}

static struct lookup *find_same(struct entity_ctx *e, const char *identity)
{
	for (struct lookup *l = e->lookups; l; l = l->next)
		if (!strcmp(l->identity, identity))
			return l;
	return NULL;
}

bool lookup_add(struct entity_ctx *e, const struct scope *earlier, const struct hop *hop,
		const struct cat_table *target, struct target_names names, struct relation *rel)
{
	struct plan_ctx *p = e->p;

	*rel = (struct relation){ .name = hop->target_table ? hop->target_table : target->name,
				  .other_name = names.alias, .any_name = names.any,
				  .table = target, .alias = "target", .nullable = true };
	struct scope s = scope_with_target(p, earlier, rel);
	const char *on = conditions_sql(p, &s, hop);
	if (!on)
		return false;
	struct tie tie = find_tie(p, &s, hop);
	const char *identity = P("%s WHERE %s", sql_ident(p->arena, str_of(target->name)), on);
	struct lookup *l = find_same(e, identity);
	bool fresh = !l;
	if (!l) {
		const struct cat_key *key = row_key(target);
		l = arena_alloc(p->arena, sizeof(*l));
		l->identity = identity;
		l->table = target;
		l->unique = tie.unique;
		if (tie.own_row) {
			l->mode = LOOKUP_ROW;
			l->alias = e->src.alias;
		} else {
			l->alias = sql_alias(p->arena, target->name, ++e->naliases);
			l->mode = !key || e->njoined == MAX_JOINED ? LOOKUP_SCALAR :
				  tie.unique ? LOOKUP_JOIN : LOOKUP_PICK;
			e->njoined += l->mode != LOOKUP_SCALAR;
			l->tied = tie.source;
			l->ntied = tie.nsource;
		}
		rel->alias = l->alias;
		if (l->mode == LOOKUP_JOIN || l->mode == LOOKUP_PICK)
			/* the column is tied by an equality, or in a key without NULLs */
			l->present_sql = P("%s.%s IS NOT NULL", l->alias, sql_ident(p->arena,
				str_of((tie.unique ? tie.key : key)->columns[0]->name)));
		if (l->mode == LOOKUP_JOIN) {
			s = scope_with_target(p, earlier, rel);
			l->join_sql = join_sql(p, l, conditions_sql(p, &s, hop));
		} else if (l->mode == LOOKUP_PICK) {
			l->join_sql = join_sql(p, l, pick_sql(e, earlier, hop, rel, key, tie.force));
		} else if (l->mode == LOOKUP_SCALAR) {
			make_scalar(p, earlier, hop, rel, tie.force, l);
		}
		*e->lookups_end = l;
		e->lookups_end = &l->next;
	}
	rel->alias = l->alias;
	rel->lookup = l;
	rel->nullable = l->mode != LOOKUP_ROW;
	if (tie.own_row)
		note_lookup(e, hop->path, NULL, false, false, "the source row itself");
	else if (tie.unique)
		note_lookup(e, hop->path, target, false, false, "the one row of '%s' where %s "
			    "(unique by key '%s')", target->name, on, tie.key->name);
	else
		note_lookup(e, hop->path, target, true, !tie.indexed, "of the rows of '%s' where "
			    "%s, the lowest by %s", target->name, on,
			    row_order(p, "target", target));
	if (fresh)
		e->notes[e->nnotes - 1].join_sql = l->join_sql;
	return true;
}
