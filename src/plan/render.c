/*
 * Fragment -> SQL value. Every node is written anew: identifiers resolved and quoted, literals
 * quoted, operators from the parser's own list, functions from the list in functions.c. Nothing
 * of the contract's text reaches the server as it stands.
 */
#include "plan/plan_priv.h"

#include <stdlib.h>

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* What characters the text of a column can hold. */
static unsigned alphabet_of(const struct cat_column *c)
{
	switch (c->kind) {
	case COL_INT: case COL_BIT: case COL_YEAR: return ALPHA_DIGITS | ALPHA_MINUS;
	case COL_DECIMAL: return ALPHA_DIGITS | ALPHA_MINUS | ALPHA_POINT;
	case COL_DATE: return ALPHA_DIGITS | ALPHA_MINUS;
	case COL_TIME: case COL_DATETIME: case COL_TIMESTAMP:
		return ALPHA_DIGITS | ALPHA_MINUS | ALPHA_POINT | ALPHA_DATE;
	default: return ALPHA_ANY;
	}
}

static const struct cat_key *single_unique(const struct cat_table *t, const struct cat_column *c)
{
	for (size_t i = 0; i < t->nkeys; i++)
		if (t->keys[i].unique && !t->keys[i].prefixed && t->keys[i].ncolumns == 1 &&
		    t->keys[i].columns[0] == c)
			return &t->keys[i];
	return NULL;
}

struct sval relation_column(struct plan_ctx *p, const struct relation *rel,
			    const struct cat_column *col)
{
	const struct lookup *l = rel->lookup;
	struct sval v;

	if (l && l->mode == LOOKUP_SCALAR) {
		v = sval_of_column(p, l->scalar_alias, col, true);
		v.tail = l->scalar_tail;
		return v;
	}
	v = sval_of_column(p, rel->alias, col, rel->nullable);
	/* What the value tells about the source row: itself, or the columns that chose its row. */
	struct key_part *part = arena_alloc(p->arena, sizeof(*part));
	part->alphabet = alphabet_of(col);
	if (rel->is_source || (l && l->mode == LOOKUP_ROW)) {
		part->determined = arena_alloc(p->arena, sizeof(*part->determined));
		part->determined[0] = col;
		part->ndetermined = 1;
	} else if (l && l->mode == LOOKUP_JOIN && l->ntied && single_unique(l->table, col)) {
		part->determined = l->tied;
		part->ndetermined = l->ntied;
	}
	v.parts = part;
	v.nparts = 1;
	return v;
}

static bool is_comparison(const char *op)
{
	return !strcmp(op, "=") || !strcmp(op, "<=>") || !strcmp(op, "<") || !strcmp(op, "<=") ||
	       !strcmp(op, ">") || !strcmp(op, ">=") || !strcmp(op, "<>");
}

static bool render_binary(struct plan_ctx *p, struct scope *s, const struct expr *e,
			  const char *path, struct sval *out)
{
	struct sval a, b;
	enum side side = s->side;
	bool cmp = is_comparison(e->op);

	if (cmp && s->self && side == SIDE_NONE)
		s->side = SIDE_LEFT;
	bool ok = render_expr(p, s, e->args[0], path, &a);
	if (cmp && s->self && side == SIDE_NONE)
		s->side = SIDE_RIGHT;
	if (e->args[1]->kind == EXPR_INTERVAL) {
		const struct expr *iv = e->args[1];
		ok &= render_expr(p, s, iv->args[0], path, &b);
		s->side = side;
		if (!ok)
			return false;
		if (!sval_is_temporal(a.kind) && a.kind != COL_TIME && a.kind != COL_TEXT) {
			diag_add(p->diags, DIAG_ERROR, path, "INTERVAL is added to a date, not to a "
							     "number");
			return false;
		}
		b = time_interval(p, &b, iv->op);
		*out = sval_make(P("(%s %s %s)", sval_close(p, a), e->op, b.sql), COL_TEXT);
		time_shift(out, &a, &b);
		return true;
	}
	ok &= render_expr(p, s, e->args[1], path, &b);
	s->side = side;
	if (!ok)
		return false;
	if (cmp) {
		warn_of_conversion(p, path, &a, &b);
	} else {
		struct sval both[2] = { a, b };
		settle_floats(p, both, 2, false, false);
		a = both[0];
		b = both[1];
	}
	const char *y = sval_close(p, b);
	if (!strcmp(e->op, "->")) {
		*out = sval_make(P("JSON_EXTRACT(%s, %s)", json_document(p, a), y), COL_JSON);
	} else if (!strcmp(e->op, "->>")) {
		*out = sval_make(P("JSON_UNQUOTE(JSON_EXTRACT(%s, %s))", json_document(p, a), y),
				 COL_TEXT);
		out->charset = "utf8mb4";
	} else {
		bool logical = cmp || !strcmp(e->op, "AND") || !strcmp(e->op, "OR") ||
			       !strcmp(e->op, "XOR");
		*out = logical ? sval_make(P("(%s %s %s)", sval_close(p, a), e->op, y), COL_INT) :
				 arithmetic(p, e->op, &a, &b);
	}
	return true;
}

static bool render_case(struct plan_ctx *p, struct scope *s, const struct expr *e, const char *path,
			struct sval *out)
{
	struct sval *args = mem_array(e->nargs, sizeof(*args));
	struct sval *branches = mem_array(e->nargs, sizeof(*branches));
	size_t nb = 0, i = 0;
	struct buf b = { 0 };
	bool ok = true;

	for (size_t k = 0; k < e->nargs; k++)
		ok &= render_expr(p, s, e->args[k], path, &args[k]);
	if (ok) {
		for (size_t k = e->has_base ? 2 : 1; k < e->nargs; k += 2)
			branches[nb++] = args[k];
		if (e->has_else)
			branches[nb++] = args[e->nargs - 1];
		settle_bits(p, branches, nb);
		settle_floats(p, branches, nb, true, false);
		size_t then = 0;
		buf_adds(&b, "(CASE");
		if (e->has_base)
			buf_addf(&b, " %s", sval_close(p, args[i++]));
		for (; i + 1 < e->nargs; i += 2)
			buf_addf(&b, " WHEN %s THEN %s", sval_close(p, args[i]),
				 sval_close(p, branches[then++]));
		if (e->has_else)
			buf_addf(&b, " ELSE %s", sval_close(p, branches[then]));
		buf_adds(&b, " END)");
		*out = function_result(function_find("COALESCE"),
				       arena_strndup(p->arena, b.ptr, b.len), branches, nb);
		settle_scale(p, out, branches, nb);
	}
	free(branches);
	buf_release(&b);
	free(args);
	return ok;
}

static bool render_call(struct plan_ctx *p, struct scope *s, const struct expr *e, const char *path,
			struct sval *out)
{
	const struct function *f = function_find(e->op);

	if (!f) {
		const char *near = function_nearest(e->op);
		if (function_refused(e->op))
			diag_add(p->diags, DIAG_ERROR, path,
				 "the function '%s' is not allowed here: its value does not come "
				 "from the row", e->op);
		else if (!strcmp(e->op, "SUM") || !strcmp(e->op, "COUNT") || !strcmp(e->op, "AVG") ||
			 !strcmp(e->op, "MIN") || !strcmp(e->op, "MAX") ||
			 !strcmp(e->op, "GROUP_CONCAT"))
			diag_add(p->diags, DIAG_ERROR, path,
				 "'%s' stands over many rows: use a calculation of type 'aggregate'",
				 e->op);
		else
			diag_add(p->diags, DIAG_ERROR, path, "'%s' is no function known here%s%s%s",
				 e->op, near ? ", did you mean '" : "", near ? near : "",
				 near ? "'?" : "");
		return false;
	}
	if (e->nargs < f->min_args || e->nargs > f->max_args) {
		bool range = f->min_args != f->max_args;
		diag_add(p->diags, DIAG_ERROR, path, "'%s' takes %d%s%s argument%s, found %zu", f->name,
			 f->min_args, range ? " to " : "",
			 range ? P("%d", f->max_args) : "", f->max_args == 1 ? "" : "s", e->nargs);
		return false;
	}
	if (f->changes)
		diag_add(p->diags, DIAG_WARNING, path,
			 "'%s' gives another value at another time: load and verify may differ",
			 f->name);
	struct sval *args = mem_array(e->nargs + 1, sizeof(*args));
	bool ok = true;
	for (size_t i = 0; i < e->nargs; i++) {
		if (e->args[i]->kind == EXPR_UNIT) {
			args[i] = sval_make(e->args[i]->op, SVAL_NULL);
		} else if (e->args[i]->kind == EXPR_INTERVAL) {
			struct sval amount;
			ok &= render_expr(p, s, e->args[i]->args[0], path, &amount);
			if (ok)
				args[i] = time_interval(p, &amount, e->args[i]->op);
		} else {
			ok &= render_expr(p, s, e->args[i], path, &args[i]);
		}
	}
	if (ok) {
		bool picks_second = !strcmp(f->name, "IF");
		struct sval *given = args + picks_second;
		size_t n = e->nargs - picks_second;
		if (function_gives_operand(f))
			settle_bits(p, given, n);
		settle_floats(p, given, n, function_gives_operand(f), function_reads_text(f));
		*out = function_result(f, call_sql(p, f, args, e->nargs), args, e->nargs);
		if (picks_second)
			settle_scale(p, out, given, n);
	}
	free(args);
	return ok;
}

static bool valid_temporal(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789-: .T", s.ptr[i]))
			return false;
	return s.len > 0;
}

static int cast_kind(const char *type)
{
	static const struct { const char *name; int kind; } kinds[] = {
		{ "CHAR", COL_TEXT }, { "BINARY", COL_BINARY }, { "SIGNED", COL_INT },
		{ "UNSIGNED", COL_INT }, { "DECIMAL", COL_DECIMAL }, { "DATETIME", COL_DATETIME },
		{ "DATE", COL_DATE }, { "TIME", COL_TIME }, { "DOUBLE", COL_DOUBLE },
		{ "FLOAT", COL_FLOAT } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(kinds[i].name, type, strlen(kinds[i].name)))
			return kinds[i].kind;
	return COL_TEXT;
}

/* Operators whose arguments just stand in a row. */
static bool render_list(struct plan_ctx *p, struct scope *s, const struct expr *e, const char *path,
			struct sval *out)
{
	struct sval *a = mem_array(e->nargs + 1, sizeof(*a));
	bool ok = true;

	for (size_t i = 0; i < e->nargs; i++)
		ok &= render_expr(p, s, e->args[i], path, &a[i]);
	const char *x = ok ? sval_close(p, a[0]) : NULL;
	*out = sval_make(NULL, COL_INT);
	if (!ok) {
		free(a);
		return false;
	}
	out->small = !sval_is_large(&a[0]);
	switch (e->kind) {
	case EXPR_UNARY:
		out->sql = !strcmp(e->op, "BINARY") ? P("CAST(%s AS BINARY)", x) :
			   !strcmp(e->op, "-") ? P("(- %s)", exact_operand(p, "-", &a[0], &a[0])) :
			   P("(%s %s)", e->op, x);
		out->kind = !strcmp(e->op, "BINARY") ? COL_BINARY :
			    !strcmp(e->op, "-") ? arithmetic_kind("-", COL_INT, a[0].kind) :
			    !strcmp(e->op, "+") ? a[0].kind : COL_INT;
		out->scale_plus_1 = (unsigned)(sval_scale(&a[0]) + 1);
		break;
	case EXPR_IS:
		out->sql = P("(%s %s %s)", x, e->op, e->text.ptr);
		break;
	case EXPR_IN:
		out->sql = P("(%s %s (%s))", x, e->op, join_args(p, a + 1, e->nargs - 1));
		break;
	case EXPR_BETWEEN:
		out->sql = P("(%s %s %s AND %s)", x, e->op, sval_close(p, a[1]),
			     sval_close(p, a[2]));
		break;
	case EXPR_LIKE:
		out->sql = e->nargs == 3 ?
			   P("(%s %s %s ESCAPE %s)", x, e->op, sval_close(p, a[1]),
			     sval_close(p, a[2])) :
			   P("(%s %s %s)", x, e->op, sval_close(p, a[1]));
		break;
	case EXPR_CAST:
		/* Of a CAST the session has the collation, and MySQL refuses to compare it with a column
		 * of another; of CONCAT the column has it. Its FLOAT has six digits, too. */
		if (!strcmp(e->op, "CHAR") && (sval_is_number(a[0].kind) || sval_is_temporal(a[0].kind))) {
			settle_floats(p, a, 1, false, true);
			out->sql = P("CONCAT(%s)", sval_close(p, a[0]));
		} else {
			out->sql = P("CAST(%s AS %s)", x, e->op);
		}
		out->kind = cast_kind(e->op);
		if (strchr(e->op, '(') && (out->kind == COL_DATETIME || out->kind == COL_TIME))
			out->fsp = (unsigned)(strchr(e->op, '(')[1] - '0') % 7;
		out->may_be_zero = sval_is_temporal(out->kind);
		if (out->kind == COL_DECIMAL)
			out->scale_plus_1 = (unsigned)strtoul(strchr(e->op, ',') ?
							      strchr(e->op, ',') + 1 : "0", NULL, 10) + 1;
		break;
	case EXPR_CONVERT:
		out->sql = P("CONVERT(%s USING %s)", x, e->op);
		out->kind = COL_TEXT;
		break;
	case EXPR_EXTRACT:
		out->sql = P("EXTRACT(%s FROM %s)", e->op, x);
		break;
	case EXPR_TRIM:
		out->kind = a[0].kind == COL_BINARY ? COL_BINARY : COL_TEXT;
		if (e->nargs == 2)
			out->sql = P("TRIM(%s %s FROM %s)", e->op ? e->op : "BOTH",
				     sval_close(p, a[1]), x);
		else
			out->sql = e->op ? P("TRIM(%s FROM %s)", e->op, x) : P("TRIM(%s)", x);
		break;
	default:	/* EXPR_COLLATE */
		*out = a[0];
		out->sql = P("(%s COLLATE %s)", x, e->op);
		out->tail = NULL;
		out->column = NULL;
		out->parts = NULL;
		out->nparts = 0;
		break;
	}
	free(a);
	return true;
}

bool render_expr(struct plan_ctx *p, struct scope *s, const struct expr *e, const char *path,
		 struct sval *out)
{
	const struct relation *rel;
	const struct cat_column *col;

	switch (e->kind) {
	case EXPR_COLUMN:
		if (!(col = scope_resolve(p, s, e->qualifier, e->name, path, &rel)))
			return false;
		*out = relation_column(p, rel, col);
		return true;
	case EXPR_NUMBER: {
		bool dot = memchr(e->text.ptr, '.', e->text.len);
		bool exp = memchr(e->text.ptr, 'e', e->text.len) ||
			   memchr(e->text.ptr, 'E', e->text.len);
		*out = sval_make(arena_strndup(p->arena, e->text.ptr, e->text.len),
				 exp ? COL_DOUBLE : dot || e->text.len > 18 ? COL_DECIMAL : COL_INT);
		out->nullable = false;
		out->literal = true;
		return true;
	}
	case EXPR_STRING:
		*out = sval_text(p, e->text);
		return true;
	case EXPR_HEX: {
		struct buf b = { 0 };
		bool number = e->op && e->text.len;
		buf_adds(&b, number ? "0x" : "x'");
		buf_add_hex(&b, e->text.ptr, e->text.len);
		buf_adds(&b, number ? "" : "'");
		*out = sval_make(arena_strndup(p->arena, b.ptr, b.len), COL_BINARY);
		buf_release(&b);
		return true;
	}
	case EXPR_NULL:
		*out = sval_null();
		return true;
	case EXPR_TRUE:
	case EXPR_FALSE:
		*out = sval_make(e->kind == EXPR_TRUE ? "TRUE" : "FALSE", COL_INT);
		out->nullable = false;
		return true;
	case EXPR_TEMPORAL:
		if (!valid_temporal(e->text)) {
			diag_add(p->diags, DIAG_ERROR, path, "'%.*s' is no %s", (int)e->text.len,
				 e->text.ptr, e->op);
			return false;
		}
		*out = time_literal(p, e->op, e->text);
		return true;
	case EXPR_BINARY:
		return render_binary(p, s, e, path, out);
	case EXPR_CASE:
		return render_case(p, s, e, path, out);
	case EXPR_CALL:
		return render_call(p, s, e, path, out);
	case EXPR_INTERVAL:
	case EXPR_UNIT:
		diag_add(p->diags, DIAG_ERROR, path, "INTERVAL stands after + or - only");
		return false;
	default:
		return render_list(p, s, e, path, out);
	}
}

/* A column may be called `null` or `1`; without quotes the fragment is the literal. */
static bool is_literal(const struct expr *e)
{
	return e->kind == EXPR_UNARY ? is_literal(e->args[0]) :
	       e->kind == EXPR_NUMBER || e->kind == EXPR_STRING || e->kind == EXPR_HEX ||
	       e->kind == EXPR_NULL || e->kind == EXPR_TRUE || e->kind == EXPR_FALSE;
}

bool fragment_is_name(const struct plan_ctx *p, const struct scope *s, const struct fragment *f,
		      struct str *qualifier, struct str *name)
{
	return f->text && !(f->expr && is_literal(f->expr)) &&
	       scope_bare_name(p, s, f->text, qualifier, name);
}

bool render_fragment(struct plan_ctx *p, struct scope *s, const struct fragment *f,
		     struct sval *out)
{
	struct str q, name;
	const struct relation *rel;

	if (!f->text)
		return false;
	if (fragment_is_name(p, s, f, &q, &name)) {
		const struct cat_column *col = scope_resolve(p, s, q, name, f->path, &rel);
		if (!col)
			return false;
		*out = relation_column(p, rel, col);
		return true;
	}
	if (!f->expr) {
		diag_add(p->diags, DIAG_ERROR, f->path, "'%s' is no column of table '%s', and no "
			 "expression: %s", f->text,
			 s->unqualified_target && s->target ? s->target->name : s->source->name,
			 f->why ? f->why : "");
		return false;
	}
	return render_expr(p, s, f->expr, f->path, out);
}
