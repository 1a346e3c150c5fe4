/*
 * json-construction: text made by CONCAT and GROUP_CONCAT, because neither server's JSON functions
 * give exact numbers, chosen key order and ordered arrays together. GROUP_CONCAT is cut at
 * group_concat_max_len; the source sets that to its maximum and takes the server's warning for an
 * error.
 */
#include "plan/plan_priv.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* CONCAT('{"a":', ..., ',"b":', ..., '}') */
static const char *object_sql(struct plan_ctx *p, struct scope *s, const struct join *j,
			      enum json_form form, bool *embeds)
{
	struct buf b = { 0 }, lit = { 0 };
	size_t nlarge = 0;	/* one alone is capped far below the server's limit */
	bool ok = true;

	buf_adds(&b, "CONCAT(");
	for (size_t i = 0; i < j->nkeys; i++) {
		struct sval v;
		if (!render_fragment(p, s, &j->keys[i].value, &v)) {
			ok = false;
			continue;
		}
		nlarge += sval_is_large(&v);
		p->may_be_cut |= nlarge > 1 || (nlarge && v.kind == COL_JSON);
		v = sval_as_json(p, v, form);
		*embeds |= v.embeds_json;
		buf_reset(&lit);
		buf_addc(&lit, i ? ',' : '{');
		buf_add_json(&lit, str_of(j->keys[i].key));
		buf_addc(&lit, ':');
		buf_addf(&b, "%s%s, %s", i ? ", " : "", sql_text(p->arena, buf_str(&lit)),
			 sval_close(p, v));
	}
	buf_adds(&b, ", '}')");
	const char *out = ok ? arena_strndup(p->arena, b.ptr, b.len) : NULL;
	buf_release(&b);
	buf_release(&lit);
	return out;
}

/* The terms of order_by, then the target's primary key, unless they hold it. */
static const char *order_sql(struct plan_ctx *p, struct scope *s, const struct join *j,
			     const struct relation *t)
{
	struct buf b = { 0 };
	bool ok = true, told = false;

	for (size_t i = 0; i < j->norder; i++) {
		struct sval v;
		if (!render_expr(p, s, j->order[i].expr, j->order_path, &v)) {
			ok = false;
			continue;
		}
		const char *x = sval_close(p, v), *way = j->order[i].descending ? " DESC" : "";
		/* GROUP_CONCAT takes NULL for 0 or ''; elsewhere NULL comes before all */
		if (v.nullable)
			buf_addf(&b, "%s%s IS NOT NULL%s", b.len ? ", " : "", x, way);
		buf_addf(&b, "%s%s%s", b.len ? ", " : "", x, way);
		told = told || row_ordered_by(p, t->alias, t->table, x);
	}
	if (!told)
		buf_addf(&b, "%s%s", b.len ? ", " : "", row_order(p, t->alias, t->table));
	const char *out = ok ? arena_strndup(p->arena, b.ptr, b.len) : NULL;
	buf_release(&b);
	return out;
}

static const char *array_sql(struct plan_ctx *p, const struct join *j, const char *object,
			     const char *order, const char *from)
{
	if (j->limit == 0)
		return "'[]'";
	if (j->limit < 0)
		return P("(SELECT CONCAT('[', IFNULL(GROUP_CONCAT(%s ORDER BY %s SEPARATOR ','), ''), "
			 "']') %s)", object, order, from);
	if (p->mariadb)
		return P("(SELECT CONCAT('[', IFNULL(GROUP_CONCAT(%s ORDER BY %s SEPARATOR ',' "
			 "LIMIT %lld), ''), ']') %s)", object, order, (long long)j->limit, from);
	/* MySQL has no LIMIT inside GROUP_CONCAT; its derived tables may look outside (8.0.14) */
	return P("(SELECT CONCAT('[', IFNULL(GROUP_CONCAT(d.o ORDER BY d.n SEPARATOR ','), ''), ']') "
		 "FROM (SELECT %s AS o, ROW_NUMBER() OVER (ORDER BY %s) AS n %s ORDER BY n "
		 "LIMIT %lld) AS d)", object, order, from, (long long)j->limit);
}

/* What becomes of the text: a document again, an attribute's text, or a part of something else. */
static enum json_form wanted_form(const struct entity_ctx *e, const struct attribute *a)
{
	if (a->transformation && a->transformation->type != TRANS_JSON_PARSE)
		return JSON_FORM_EXACT;
	if (a->type == ATTR_S)
		return is_placeholder(e, a) ? JSON_FORM_EXACT : JSON_FORM_TEXT;
	return a->type == ATTR_B ? JSON_FORM_EXACT : JSON_FORM_VALUE;
}

bool value_of_construction(struct entity_ctx *e, const struct attribute *a, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct join *j = a->join;
	enum json_form form = wanted_form(e, a);
	const struct hop *hop = &j->hops[0];
	const struct cat_table *target = find_table(p, hop->target_table,
						    P("%s.target_table", hop->path));
	bool embeds = false;

	if (!target)
		return false;
	struct relation rel = { .name = hop->target_table, .table = target,
				.alias = sql_alias(p->arena, target->name, ++e->naliases) };
	struct scope source = scope_source(e);
	struct scope s = scope_with_target(p, &source, &rel);
	const char *where = conditions_sql(p, &s, hop);
	struct tie tie = where ? find_tie(p, &s, hop) : (struct tie){ 0 };
	if (!j->array && tie.own_row) {
		rel.alias = e->src.alias;
		rel.is_source = true;
	}
	scope_select(&s);
	const char *object = object_sql(p, &s, j, form, &embeds);
	const char *order = order_sql(p, &s, j, &rel);
	if (!object || !order || !where)
		return false;
	const char *from = P("FROM %s AS %s%s WHERE %s", sql_ident(p->arena, str_of(target->name)),
			     rel.alias, tie.force, where);
	const char *sql;
	if (j->array)
		sql = array_sql(p, j, object, order, from);
	else if (tie.own_row)
		sql = object;
	else
		sql = P("(SELECT %s %s ORDER BY %s LIMIT 1)", object, from, order);
	*out = sval_make(sql, COL_JSON);
	out->constructed = true;
	out->embeds_json = embeds;
	out->nullable = !j->array && !tie.own_row;
	if (!j->array && tie.own_row)
		note_lookup(e, hop->path, NULL, false, false, "an object of the source row itself");
	else
		note_lookup(e, hop->path, target, !j->array && !tie.unique, !tie.indexed,
			    "%s of the rows of '%s' where %s, ordered by %s",
			    j->array ? "an array" : "the object of the first", target->name, where,
			    order);
	return true;
}
