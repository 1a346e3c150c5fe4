/* The base value of an attribute: its join's, its calculation's, or the source column. */
#include "plan/plan_priv.h"

#include <stdlib.h>

#define P(...) arena_printf(p->arena, __VA_ARGS__)

static const struct cat_column *source_column(struct entity_ctx *e, const char *name,
					      const char *path)
{
	const struct cat_column *c = cat_table_column(e->source, name, strlen(name));
	size_t qualifier = strlen(e->entity->source_table);

	if (!c && name_eq(e->p->catalog, e->entity->source_table,
			  arena_strndup(e->p->arena, name, qualifier < strlen(name) ? qualifier : 0)) &&
	    name[qualifier] == '.')
		c = cat_table_column(e->source, name + qualifier + 1, strlen(name) - qualifier - 1);
	if (!c)
		report_no_column(e->p, path, e->source, str_of(name));
	return c;
}

static bool value_of_column(struct entity_ctx *e, const struct attribute *a, const char *name,
			    struct sval *out)
{
	const struct cat_column *c = source_column(e, name, arena_printf(e->p->arena, "%s.source_column", a->path));

	if (!c)
		return false;
	*out = relation_column(e->p, &e->src, c);
	return true;
}

/* Has the table every column that the expression asks the alias for? */
static bool has_columns(const struct cat_table *t, const struct expr *x, const char *alias)
{
	if (x->kind == EXPR_COLUMN)
		return !x->qualifier.ptr || !str_is(x->qualifier, alias) ||
		       cat_table_column(t, x->name.ptr, x->name.len);
	for (size_t i = 0; i < x->nargs; i++)
		if (!has_columns(t, x->args[i], alias))
			return false;
	return true;
}

/* Does every column that the conditions ask the alias for stand in the table? */
static bool fits_alias(const struct cat_table *t, const struct hop *hop, const char *alias)
{
	for (size_t i = 0; i < hop->nconditions; i++)
		if (hop->conditions[i].expr && !has_columns(t, hop->conditions[i].expr, alias))
			return false;
	return true;
}

struct alias_choice {
	const char *alias;
	const struct hop *hop;
	bool fitting;				/* only tables that have the columns asked for */
	unsigned inside;			/* of something that names the alias: how deep */
	const struct cat_table *first, *second;	/* second: another one than the first */
};

static bool names_alias(const struct expr *x, const char *alias)
{
	if (x->kind == EXPR_COLUMN)
		return x->qualifier.ptr && str_is(x->qualifier, alias);
	for (size_t i = 0; i < x->nargs; i++)
		if (names_alias(x->args[i], alias))
			return true;
	return false;
}

static bool is_logical(const struct expr *x)
{
	return (x->kind == EXPR_BINARY || x->kind == EXPR_UNARY) &&
	       (!strcmp(x->op, "AND") || !strcmp(x->op, "OR") || !strcmp(x->op, "XOR") ||
		!strcmp(x->op, "NOT") || !strcmp(x->op, "!"));
}

/* The tables that foreign keys of source columns refer to which are compared with the alias. */
static void collect_targets(struct entity_ctx *e, const struct expr *x, struct alias_choice *ch)
{
	bool is_alias = x->kind == EXPR_COLUMN && x->qualifier.ptr && str_is(x->qualifier, ch->alias);
	const struct cat_column *c = x->kind != EXPR_COLUMN || is_alias ? NULL :
				     cat_table_column(e->source, x->name.ptr, x->name.len);

	for (size_t i = 0; c && i < e->source->nforeign_keys; i++) {
		const struct cat_foreign_key *fk = &e->source->foreign_keys[i];
		bool has = false;
		for (size_t k = 0; fk->target && k < fk->ncolumns; k++)
			has |= fk->columns[k] == c;
		if (!has || (ch->fitting && !fits_alias(fk->target, ch->hop, ch->alias)))
			continue;
		if (!ch->first)
			ch->first = fk->target;
		else if (ch->first != fk->target)
			ch->second = fk->target;
	}
	if (x->kind != EXPR_COLUMN && !is_logical(x) && !names_alias(x, ch->alias) && !ch->inside)
		return;
	ch->inside += !is_logical(x);
	for (size_t i = 0; i < x->nargs; i++)
		collect_targets(e, x->args[i], ch);
	ch->inside -= !is_logical(x);
}

/* What the alias of a self-join without 'target_table' stands for: the table that a foreign key of the
 * source column in the condition refers to; else the source table. NULL after reporting. */
static const struct cat_table *alias_table(struct entity_ctx *e, const struct hop *hop,
					   const char *alias)
{
	struct plan_ctx *p = e->p;
	struct alias_choice ch = { .alias = alias, .hop = hop, .fitting = true };

	for (int pass = 0; pass < 2 && !ch.first; pass++, ch.fitting = false)
		for (size_t i = 0; i < hop->nconditions; i++)
			if (hop->conditions[i].expr)
				collect_targets(e, hop->conditions[i].expr, &ch);
	if (!ch.second)
		return ch.first ? ch.first : e->source;
	diag_add(p->diags, DIAG_ERROR, P("%s.target_table", hop->path),
		 "missing: by foreign keys of the columns in the condition '%s' could be '%s' or '%s'",
		 alias, ch.first->name, ch.second->name);
	return NULL;
}

static struct scope select_scope(struct entity_ctx *e, const struct scope *before,
				 const struct relation *rel)
{
	struct scope s = scope_with_target(e->p, before, rel);

	scope_select(&s);
	return s;
}

/* The select_column of a lookup: an expression that is no bare column could have a value where
 * there is no row, COALESCE(x, 0) say; no row gives NULL. */
static bool select_value(struct entity_ctx *e, struct scope *s, const struct relation *rel,
			 const struct fragment *f, struct sval *out)
{
	struct plan_ctx *p = e->p;

	if (!render_fragment(p, s, f, out))
		return false;
	if (!out->column && rel->lookup && rel->lookup->present_sql) {
		out->sql = P("(CASE WHEN %s THEN %s END)", rel->lookup->present_sql,
			     sval_close(p, *out));
		out->tail = NULL;
		out->nullable = true;
		out->literal = false;
		out->parts = NULL;
		out->nparts = 0;
	}
	return true;
}

/* In what form branches of several kinds become one: a transformation reads text, or bytes. */
static enum attr_type wanted_type(const struct attribute *a)
{
	if (a->transformation)
		return a->transformation->type == TRANS_BASE64 ? ATTR_B : ATTR_S;
	return a->type;
}

static bool value_of_lookup(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct join *j = a->join;
	const struct hop *hop = &j->hops[0];
	const struct cat_table *target = NULL;
	struct relation *rel = arena_alloc(p->arena, sizeof(*rel));

	if (!hop->target_table && !j->alias)
		return false;
	if (hop->target_table) {
		if (!(target = find_table(p, hop->target_table, P("%s.target_table", hop->path))))
			return false;
	} else {
		if (!(target = alias_table(e, hop, j->alias)))
			return false;
		note_lookup(e, hop->path, NULL, false, false, "the alias '%s' stands for the table "
			    "'%s'", j->alias, target->name);
	}
	struct scope source = scope_source(e);
	bool ok = lookup_add(e, &source, hop, target, (struct target_names){ .alias = j->alias },
			     rel);
	struct scope s = select_scope(e, &source, rel);
	if (!select_value(e, &s, rel, &hop->select, out) || !ok)
		return false;
	if (j->null_value) {
		struct sval both[2] = { *out, sval_text(p, str_of(j->null_value)) };
		int kind = sval_unify(p, both, 2, wanted_type(a));
		*out = sval_make(P("COALESCE(%s, %s)", sval_close(p, both[0]),
				   sval_close(p, both[1])), kind);
	}
	return true;
}

static bool is_constant(const struct expr *x)
{
	if (!x || x->kind == EXPR_COLUMN)
		return false;
	for (size_t i = 0; i < x->nargs; i++)
		if (!is_constant(x->args[i]))
			return false;
	return true;
}

static bool is_table(const struct entity_ctx *e, struct str name, const char *table)
{
	return table && name_eq(e->p->catalog, arena_strndup(e->p->arena, name.ptr, name.len), table);
}

/* The first qualifier in the expression that is neither the source's table nor 'target', which may
 * be NULL. NULL: there is none. */
static const char *other_name(const struct entity_ctx *e, const struct expr *x, const char *target)
{
	const char *name = NULL;

	if (!x)
		return NULL;
	if (x->kind == EXPR_COLUMN && x->qualifier.ptr &&
	    !is_table(e, x->qualifier, e->entity->source_table) &&
	    !is_table(e, x->qualifier, target))
		return arena_strndup(e->p->arena, x->qualifier.ptr, x->qualifier.len);
	for (size_t i = 0; i < x->nargs && !name; i++)
		name = other_name(e, x->args[i], target);
	return name;
}

/* The row that a conditional join looks up, and the scope of its select_column and else_value. A
 * name in the join condition that is no table's tells source and target apart as an alias does. */
static bool conditional_target(struct entity_ctx *e, const struct hop *hop, struct relation *rel,
			       struct scope *select)
{
	struct plan_ctx *p = e->p;
	struct scope source = scope_source(e);
	struct target_names names = { .any = true };

	if (!hop->target_table || !hop->nconditions) {
		diag_add(p->diags, DIAG_ERROR, hop->path, "expected 'target_table' and "
			 "'join_condition': a column of the target is used");
		return false;
	}
	for (size_t i = 0; i < hop->nconditions && !names.alias; i++)
		names.alias = other_name(e, hop->conditions[i].expr, hop->target_table);
	const struct cat_table *target = find_table(p, hop->target_table,
						    P("%s.target_table", hop->path));
	if (!target || !lookup_add(e, &source, hop, target, names, rel))
		return false;
	*select = select_scope(e, &source, rel);
	return true;
}

/* Is a row of the target needed? */
static bool needs_target(struct entity_ctx *e, const struct join *j, bool constant)
{
	const struct hop *hop = &j->hops[0];

	if (!constant || other_name(e, j->condition.expr, NULL))
		return true;
	return j->else_kind == ELSE_COLUMN &&
	       (other_name(e, j->else_column.expr, NULL) ||
		(hop->target_table && name_eq(e->p->catalog, hop->target_table,
					      e->entity->source_table)));
}

static bool value_of_conditional(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct join *j = a->join;
	const struct hop *hop = &j->hops[0];
	struct scope select = scope_source(e), when = select;
	struct relation *rel = arena_alloc(p->arena, sizeof(*rel));
	struct sval cond, both[2];
	struct str q, n;
	bool constant = is_constant(hop->select.expr) &&
			!fragment_is_name(p, &select, &hop->select, &q, &n);

	if (!j->condition.expr)
		return false;
	if (needs_target(e, j, constant)) {
		if (!conditional_target(e, hop, rel, &select))
			return false;
		when = select;
		when.unqualified_target = when.qualified_target = false;
	}
	if (!render_expr(p, &when, j->condition.expr, j->condition.path, &cond))
		return false;
	if (constant ? !render_fragment(p, &select, &hop->select, &both[0]) :
		       !select_value(e, &select, rel, &hop->select, &both[0]))
		return false;
	if (j->else_kind == ELSE_COLUMN) {
		if (!render_fragment(p, &select, &j->else_column, &both[1]))
			return false;
	} else {
		both[1] = j->else_text ? sval_text(p, str_of(j->else_text)) : sval_null();
	}
	int kind = sval_unify(p, both, 2, wanted_type(a));
	struct sval v = sval_make(P("(CASE WHEN %s THEN %s ELSE %s END)", sval_close(p, cond),
				    sval_close(p, both[0]), sval_close(p, both[1])), kind);
	v.fsp = both[0].fsp;
	v.utc = both[0].utc;
	v.may_be_zero = both[0].may_be_zero || both[1].may_be_zero;
	*out = v;
	return true;
}

static bool value_of_chain(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct join *j = a->join;
	struct scope s = scope_source(e);
	struct buf parts = { 0 }, any = { 0 };
	bool ok = true, binary = false;

	for (size_t i = 0; ok && i < j->nhops; i++) {
		const struct hop *hop = &j->hops[i];
		const struct cat_table *target = find_table(p, hop->target_table,
							    P("%s.target_table", hop->path));
		struct relation *rel = arena_alloc(p->arena, sizeof(*rel));
		struct sval v;
		if (!target || !lookup_add(e, &s, hop, target, (struct target_names){ 0 }, rel)) {
			ok = false;
			break;
		}
		struct scope sel = select_scope(e, &s, rel);
		if (hop->select.text) {
			ok &= select_value(e, &sel, rel, &hop->select, &v);
			if (ok && j->separator) {
				const char *t = sval_close(p, sval_as_part(p, v));
				p->may_be_cut |= sval_is_large(&v);
				binary |= v.kind == COL_BINARY;
				buf_addf(&parts, ", %s", t);
				buf_addf(&any, "%s%s", any.len ? ", " : "", t);
			} else if (ok && i + 1 == j->nhops) {
				*out = v;
			}
		}
		s = scope_with(p, &s, rel);
	}
	if (ok && j->separator) {
		const char *sep = sql_text(p->arena, str_of(j->separator));
		*out = sval_make(P("(CASE WHEN COALESCE(%s) IS NULL THEN NULL ELSE CONCAT_WS(%s%s) "
				   "END)", buf_cstr(&any), sep, buf_cstr(&parts)),
				 binary ? COL_BINARY : COL_TEXT);
	}
	buf_release(&parts);
	buf_release(&any);
	return ok;
}

static bool value_of_aggregate(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	static const char *const names[] = { "SUM", "COUNT", "AVG", "MIN", "MAX" };
	struct plan_ctx *p = e->p;
	const struct calculation *c = a->calculation;
	const struct hop *hop = &c->target;
	const struct cat_table *target = find_table(p, hop->target_table,
						    P("%s.target_table", hop->path));
	struct sval v = sval_make("*", COL_INT);

	if (!target)
		return false;
	struct relation rel = { .name = hop->target_table, .table = target,
				.alias = sql_alias(p->arena, target->name, ++e->naliases) };
	struct scope source = scope_source(e);
	struct scope s = scope_with_target(p, &source, &rel);
	const char *where = conditions_sql(p, &s, hop);
	struct tie tie = where ? find_tie(p, &s, hop) : (struct tie){ 0 };
	scope_select(&s);
	if (!(hop->select.expr && hop->select.expr->star) &&
	    !render_fragment(p, &s, &hop->select, &v))
		return false;
	if (!where)
		return false;
	bool temporal = sval_is_temporal(v.kind) || v.kind == COL_TIME;
	if ((c->op == AGG_SUM || c->op == AGG_AVG) && temporal) {
		diag_add(p->diags, DIAG_ERROR, hop->select.path,
			 "%s of a date or time has no meaning", names[c->op]);
		return false;
	}
	if (v.kind == COL_BIT || v.kind == COL_YEAR)
		v = sval_as_number(p, v);
	*out = v;
	out->sql = P("%s(%s)", names[c->op], sval_close(p, v));
	if (c->op == AGG_AVG && p->mariadb && sval_scale(&v) + 4 > SCALE_MAX)	/* up to 38 there */
		out->sql = P("ROUND(%s, %d)", out->sql, SCALE_MAX);
	out->tail = P("FROM %s AS %s%s WHERE %s", sql_ident(p->arena, str_of(target->name)),
		      rel.alias, tie.force, where);
	out->column = NULL;
	out->parts = NULL;
	out->nparts = 0;
	out->zerofill = false;
	out->nullable = c->op != AGG_COUNT;
	if (c->op == AGG_COUNT)
		*out = (struct sval){ .sql = out->sql, .tail = out->tail, .kind = COL_INT };
	else if (c->op == AGG_SUM || c->op == AGG_AVG)
		out->kind = v.kind == COL_INT || v.kind == COL_DECIMAL ? COL_DECIMAL : COL_DOUBLE;
	else if (v.kind == COL_ENUM || v.kind == COL_SET)
		out->kind = COL_TEXT;
	note_lookup(e, hop->path, target, false, !tie.indexed, "%s of the rows of '%s' where %s",
		    names[c->op], target->name, where);
	return true;
}

static bool value_of_case(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct calculation *c = a->calculation;
	struct scope s = scope_source(e);
	struct sval *then = mem_array(c->nwhens + 1, sizeof(*then));
	struct sval *when = mem_array(c->nwhens + 1, sizeof(*when));
	struct buf b = { 0 };
	size_t n = 0;
	bool ok = c->nwhens > 0;

	for (size_t i = 0; i < c->nwhens; i++) {
		ok &= c->whens[i].when.expr != NULL &&
		      render_expr(p, &s, c->whens[i].when.expr, c->whens[i].when.path, &when[i]);
		ok &= render_fragment(p, &s, &c->whens[i].then, &then[n++]);
	}
	if (c->has_else)
		ok &= render_fragment(p, &s, &c->otherwise, &then[n++]);
	if (ok) {
		int kind = sval_unify(p, then, n, wanted_type(a));
		bool zero = false;
		buf_adds(&b, "(CASE");
		for (size_t i = 0; i < c->nwhens; i++)
			buf_addf(&b, " WHEN %s THEN %s", sval_close(p, when[i]),
				 sval_close(p, then[i]));
		if (c->has_else)
			buf_addf(&b, " ELSE %s", sval_close(p, then[n - 1]));
		buf_adds(&b, " END)");
		for (size_t i = 0; i < n; i++)
			zero |= then[i].may_be_zero;
		*out = sval_make(arena_strndup(p->arena, b.ptr, b.len), kind);
		out->fsp = then[0].fsp;
		out->utc = then[0].utc;
		out->may_be_zero = zero;
	}
	buf_release(&b);
	free(then);
	free(when);
	return ok;
}

/* The columns that a calculation names, or the attribute's source_column. */
static size_t calc_columns(const struct attribute *a, const char *const **list)
{
	const struct calculation *c = a->calculation;

	*list = (const char *const *)(c->ncolumns ? c->columns : a->columns);
	return c->ncolumns ? c->ncolumns : a->ncolumns;
}

static bool value_of_concat(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const char *const *cols;
	size_t n = calc_columns(a, &cols);
	struct buf b = { 0 };
	bool whole = !a->transformation && (a->type == ATTR_S || a->type == ATTR_B);
	bool ok = true, binary = false, small = true;

	if (!n) {
		diag_add(p->diags, DIAG_ERROR, P("%s.columns", a->calculation->path),
			 "missing: expected the columns to join");
		return false;
	}
	buf_addf(&b, "CONCAT_WS(%s", sql_text(p->arena, str_of(a->calculation->separator)));
	for (size_t i = 0; i < n; i++) {
		struct sval v;
		if (value_of_column(e, a, cols[i], &v)) {
			buf_addf(&b, ", %s",
				 sval_close(p, sval_as_part(p, whole ? sval_capped(p, v) : v)));
			p->may_be_cut |= sval_is_large(&v);
			small &= !sval_is_large(&v);
			binary |= v.kind == COL_BINARY;
		} else {
			ok = false;
		}
	}
	buf_addc(&b, ')');
	if (ok) {
		*out = sval_make(arena_strndup(p->arena, b.ptr, b.len), binary ? COL_BINARY : COL_TEXT);
		out->charset = "utf8mb4";
		out->small = small;
	}
	buf_release(&b);
	return ok;
}

/* Of anything but seconds the servers round an interval to whole units. */
static bool whole_interval(struct entity_ctx *e, const struct calculation *c,
			   const struct sval *amount)
{
	double n = amount->literal ? strtod(amount->sql, NULL) : 0.5;
	bool whole = n < 1e15 && n == (double)(long long)n;

	if (whole || !strcmp(c->unit, "SECOND") || !sval_is_number(amount->kind) ||
	    !time_digits(amount))
		return true;
	diag_add(e->p->diags, amount->literal ? DIAG_ERROR : DIAG_WARNING, c->interval.path,
		 "the servers round a fraction of a %s away: give '%s' in a smaller unit", c->unit,
		 c->interval.text);
	return !amount->literal;
}

static bool value_of_date_math(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct calculation *c = a->calculation;
	const char *const *cols;
	size_t n = calc_columns(a, &cols), want = c->date_op == DATE_DIFF ? 2 : 1;
	struct sval v[2];

	if (!c->unit)
		return false;
	if (n != want) {
		diag_add(p->diags, DIAG_ERROR, P("%s.columns", c->path),
			 "expected %zu column%s, found %zu", want, want == 1 ? "" : "s", n);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!value_of_column(e, a, cols[i], &v[i]))
			return false;
		if (!sval_is_temporal(v[i].kind) && v[i].kind != COL_TEXT) {
			diag_add(p->diags, DIAG_ERROR, c->path, "'%s' is no date", cols[i]);
			return false;
		}
		v[i] = sval_as_utc(p, v[i]);
	}
	if (c->date_op == DATE_DIFF) {
		*out = sval_make(P("TIMESTAMPDIFF(%s, %s, %s)", c->unit, sval_close(p, v[0]),
				   sval_close(p, v[1])), COL_INT);
		return true;
	}
	struct scope s = scope_source(e);
	struct sval amount;
	if (!render_fragment(p, &s, &c->interval, &amount))
		return false;
	if (!whole_interval(e, c, &amount))
		return false;
	struct sval interval = time_interval(p, &amount, c->unit);
	*out = sval_make(P("(%s %c %s)", sval_close(p, v[0]), c->date_op == DATE_ADD ? '+' : '-',
			   interval.sql), COL_DATETIME);
	time_shift(out, &v[0], &interval);
	if (v[0].kind == COL_TEXT) {
		out->sql = P("CAST(%s AS DATETIME(6))", out->sql);
		out->kind = COL_DATETIME;
		out->fsp = FSP_OF_VALUE;
	} else if (v[0].kind == COL_TIMESTAMP) {
		out->kind = COL_TIMESTAMP;
	}
	out->utc = v[0].utc;
	return true;
}

bool value_of_base(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	if (a->join)
		switch (a->join->type) {
		case JOIN_JSON: return value_of_construction(e, a, out);
		case JOIN_CHAIN: return value_of_chain(e, a, out);
		case JOIN_CONDITIONAL: return value_of_conditional(e, a, out);
		default: return value_of_lookup(e, a, out);
		}
	if (a->calculation)
		switch (a->calculation->type) {
		case CALC_AGGREGATE: return value_of_aggregate(e, a, out);
		case CALC_CASE: return value_of_case(e, a, out);
		case CALC_CONCAT: return value_of_concat(e, a, out);
		default: return value_of_date_math(e, a, out);
		}
	return value_of_column(e, a, a->columns[0], out);
}

/* Does the transformation stand on a base value? */
static bool uses_base(const struct attribute *a)
{
	const struct transformation *t = a->transformation;

	if (!t)
		return true;
	if (t->type == TRANS_STATIC)
		return false;
	if (t->type != TRANS_TEMPLATE)
		return true;
	for (size_t i = 0; i < t->tmpl.nparts; i++)
		if (t->tmpl.parts[i].placeholder && !t->tmpl.parts[i].text.len)
			return true;
	return false;
}

static bool make_value(struct entity_ctx *e, size_t i, struct attr_value *v)
{
	struct plan_ctx *p = e->p;
	const struct attribute *a = &e->entity->attributes[i];
	struct sval base = sval_null();
	bool based = uses_base(a);

	if (a->faulty) {	/* reported when the contract was read: what else is wrong is, too */
		if (based && !a->baseless && (a->join || a->calculation || a->ncolumns == 1))
			value_of_base(e, a, &base);
		return false;
	}
	if (a->source_table && !a->join &&
	    !name_eq(p->catalog, a->source_table, e->entity->source_table)) {
		diag_add(p->diags, DIAG_ERROR, P("%s.source_table", a->path),
			 "'%s' is not the entity's table '%s', and there is no join to it",
			 a->source_table, e->entity->source_table);
		return false;
	}
	if (based && !a->join && !a->calculation && !a->ncolumns && a->type != ATTR_NULL) {
		diag_add(p->diags, DIAG_ERROR, P("%s.source_column", a->path),
			 "missing: expected a column, a join or a calculation");
		return false;
	}
	if (a->columns_array && a->ncolumns > 1 && !a->join && !a->calculation &&
	    !(a->transformation && a->transformation->type == TRANS_TEMPLATE)) {
		diag_add(p->diags, DIAG_ERROR, P("%s.source_column", a->path),
			 "several columns need a join, a calculation or a template that uses them");
		return false;
	}
	if (a->type == ATTR_NULL && !a->transformation) {
		v->value = sval_null();
		return true;
	}
	if (based && !value_of_base(e, a, &base))
		return false;
	if (a->transformation)
		return apply_transformation(e, a, base, based, v);
	v->value = base;
	return true;
}

bool attribute_value(struct entity_ctx *e, size_t i, struct attr_value **out)
{
	struct attr_value *v = &e->values[i];

	*out = v;
	if (v->state == 1) {
		diag_add(e->p->diags, DIAG_ERROR, e->entity->attributes[i].path,
			 "'%s' needs its own value: placeholders form a circle",
			 e->entity->attributes[i].name);
		return false;
	}
	if (v->state == 0) {
		v->state = 1;
		v->state = make_value(e, i, v) ? 2 : 3;
	}
	return v->state == 2;
}
