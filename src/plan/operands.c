/*
 * What a fragment's operators and functions are given, where the servers would bend a value, end the
 * statement or not agree: FLOAT, integers beyond 64 bits, text that is no JSON.
 */
#include "plan/plan_priv.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

const char *join_args(struct plan_ctx *p, const struct sval *args, size_t n)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", sval_close(p, args[i]));
	const char *out = arena_strndup(p->arena, b.len ? b.ptr : "", b.len);
	buf_release(&b);
	return out;
}

/*
 * Operands of kind FLOAT. The servers do not agree on when an expression over a FLOAT is one itself,
 * and its text has six digits only; so it goes in as a DOUBLE, or where text is asked for as text of
 * its own. 'same': an operator that gives back one of its operands, which all being FLOAT stay so.
 */
void settle_floats(struct plan_ctx *p, struct sval *args, size_t n, bool same, bool text)
{
	bool any = false, all = true;

	for (size_t i = 0; i < n; i++) {
		any |= args[i].kind == COL_FLOAT;
		all &= args[i].kind == COL_FLOAT || args[i].kind == SVAL_NULL;
		text |= same && !sval_is_number(args[i].kind) && args[i].kind != SVAL_NULL;
	}
	if (!any || (same && all))
		return;
	for (size_t i = 0; i < n; i++) {
		if (args[i].kind != COL_FLOAT)
			continue;
		if (text) {
			args[i] = sval_as_text(p, args[i]);
		} else {
			args[i] = sval_make(P("(%s + 0e0)", sval_close(p, args[i])), COL_DOUBLE);
		}
	}
}

/*
 * BIT beside other kinds in an operator that gives back one of its operands: MySQL gives its bytes, in
 * CASE and IF even beside numbers. It goes in as the number it is, and so does b'0' beside it.
 */
void settle_bits(struct plan_ctx *p, struct sval *args, size_t n)
{
	bool any = false, all = true;

	for (size_t i = 0; i < n; i++) {
		bool number = !strncmp(args[i].sql, "0x", 2);
		any |= args[i].kind == COL_BIT;
		all &= args[i].kind == COL_BIT || args[i].kind == SVAL_NULL;
		if (args[i].kind == COL_BINARY && !number)
			return;
	}
	for (size_t i = 0; any && !all && i < n; i++)
		if (args[i].kind == COL_BIT || args[i].kind == COL_BINARY)
			args[i] = sval_make(P("(%s + 0)", sval_close(p, args[i])), COL_INT);
}

void settle_scale(struct plan_ctx *p, struct sval *v, const struct sval *args, size_t n)
{
	bool differ = false;

	if (p->mariadb || v->kind != COL_DECIMAL || !v->scale_plus_1)
		return;
	for (size_t i = 0; i < n; i++)
		differ |= args[i].kind != SVAL_NULL && sval_scale(&args[i]) + 1 != (int)v->scale_plus_1;
	if (differ)
		v->sql = P("ROUND(%s, %u)", v->sql, v->scale_plus_1 - 1);
}

int arithmetic_kind(const char *op, int a, int b)
{
	bool exact_a = a == COL_INT || a == COL_BIT || a == COL_YEAR;
	bool exact_b = b == COL_INT || b == COL_BIT || b == COL_YEAR;

	if (!strcmp(op, "DIV"))
		return COL_INT;
	if (!strcmp(op, "&") || !strcmp(op, "|") || !strcmp(op, "^") || !strcmp(op, "<<") ||
	    !strcmp(op, ">>"))
		return COL_INT;
	if (exact_a && exact_b)
		return strcmp(op, "/") ? COL_INT : COL_DECIMAL;
	if ((exact_a || a == COL_DECIMAL) && (exact_b || b == COL_DECIMAL))
		return COL_DECIMAL;
	if ((sval_is_temporal(a) || a == COL_TIME) && (sval_is_temporal(b) || b == COL_TIME))
		return COL_DECIMAL;
	return COL_DOUBLE;
}

/* Text as the document of a JSON function: what is no JSON is NULL. MySQL would end the statement,
 * MariaDB warn. */
const char *json_document(struct plan_ctx *p, struct sval v)
{
	const char *x = sval_close(p, v);

	return v.kind == COL_TEXT && !v.literal ?
	       P("(CASE WHEN JSON_VALID(%s) THEN %s END)", x, x) : x;
}

/* Is it an integer of at most 32 bits for sure? */
static bool is_small(const struct sval *v)
{
	if (v->kind == COL_YEAR)
		return true;
	if (v->literal)
		return v->kind == COL_INT && strlen(v->sql) < 10;
	return v->kind == COL_INT && v->column && strcmp(v->column->data_type, "bigint");
}

/*
 * An operand of + - * between integers. The servers compute in 64 bits, unsigned as soon as one of
 * them is, and end the statement where that does not hold the result, be it 3 - 5; as DECIMAL they
 * compute exactly. No need for that where no result can be beyond.
 */
const char *exact_operand(struct plan_ctx *p, const char *op, const struct sval *a,
				 const struct sval *b)
{
	bool of_integers = arithmetic_kind(op, a->kind, b->kind) == COL_INT;
	bool ua = a->kind == COL_YEAR || (a->column && a->column->is_unsigned);
	bool ub = b->kind == COL_YEAR || (b->column && b->column->is_unsigned);
	bool safe = is_small(a) && is_small(b) &&
		    (*op == '-' ? !ua && !ub : (ua || a->literal) == (ub || b->literal) || (!ua && !ub));

	if (!of_integers || safe || !strchr("+-*", *op) || op[1])
		return sval_close(p, *a);
	return P("CAST(%s AS DECIMAL(65,0))", sval_close(p, *a));
}

int sval_scale(const struct sval *v)
{
	if (v->kind == COL_INT || v->kind == COL_BIT || v->kind == COL_YEAR)
		return 0;
	if (v->kind != COL_DECIMAL)
		return -1;
	if (v->literal) {
		const char *point = strchr(v->sql, '.');
		return point ? (int)strlen(point + 1) : 0;
	}
	return v->column ? (int)v->column->scale : (int)v->scale_plus_1 - 1;
}

/*
 * A quotient or product has its digits after the point, MySQL's 30 at most. MariaDB computes on with
 * more digits of a quotient than it has: (2 / 3) * 3 is 2.0000 there and 2.0001 on MySQL, which goes by
 * what 2 / 3 is, 0.6667; and it has up to 38.
 */
static void settle_digits(struct plan_ctx *p, struct sval *v, int scale, bool quotient)
{
	v->scale_plus_1 = (unsigned)(scale > SCALE_MAX ? SCALE_MAX : scale) + 1;
	if (p->mariadb && (quotient || scale > SCALE_MAX))
		v->sql = P("ROUND(%s, %u)", v->sql, v->scale_plus_1 - 1);
}

struct sval arithmetic(struct plan_ctx *p, const char *op, const struct sval *a, const struct sval *b)
{
	const char *x = exact_operand(p, op, a, b);
	struct sval v = sval_make(P("(%s %s %s)", x, op, sval_close(p, *b)),
				  arithmetic_kind(op, a->kind, b->kind));
	int sa = sval_scale(a), sb = sval_scale(b);

	if (v.kind == COL_INT && strcmp(x, sval_close(p, *a)))
		v.kind = COL_DECIMAL;		/* of a cast operand */
	if (v.kind != COL_DECIMAL || sa < 0 || sb < 0)
		return v;
	if (!strcmp(op, "/") || !strcmp(op, "*"))
		settle_digits(p, &v, *op == '/' ? sa + 4 : sa + sb, *op == '/');
	else
		v.scale_plus_1 = (unsigned)(sa > sb ? sa : sb) + 1;
	return v;
}

static bool is_text_column(const struct sval *v)
{
	return v->kind == COL_TEXT && v->column;
}

void warn_of_conversion(struct plan_ctx *p, const char *path, const struct sval *a,
			const struct sval *b)
{
	const struct sval *text = is_text_column(a) ? a : b, *number = text == a ? b : a;

	if (!is_text_column(text) || !sval_is_number(number->kind) || !*path)
		return;
	const char *says = P("the text column '%s' is compared with a number: '07' and '7 x' equal 7, "
			     "and no index of '%s' helps; CAST(... AS CHAR) around the number compares "
			     "as text", text->column->name, text->column->name);
	for (size_t i = 0; i < p->diags->n; i++)	/* a condition is written more than once */
		if (!strcmp(p->diags->list[i].path, path) && !strcmp(p->diags->list[i].text, says))
			return;
	diag_add(p->diags, DIAG_WARNING, path, "%s", says);
}

const char *call_sql(struct plan_ctx *p, const struct function *f, struct sval *args, size_t n)
{
	bool all = !strcmp(f->name, "JSON_MERGE_PATCH"), two = !strcmp(f->name, "JSON_CONTAINS");

	p->may_be_cut |= function_may_be_cut(f, args, n);
	if (!strcmp(f->name, "ST_ASTEXT")) {
		struct sval shape = args[0];
		shape.sql = sval_close(p, shape);
		return spatial_text(p, shape);
	}
	if (!strcmp(f->name, "JSON_UNQUOTE") && args[0].kind == COL_TEXT) {
		const char *x = sval_close(p, args[0]);
		return P("(CASE WHEN %s LIKE '\"%%' AND NOT JSON_VALID(%s) THEN %s ELSE "
			 "JSON_UNQUOTE(%s) END)", x, x, x, x);
	}
	if (!strcmp(f->name, "REGEXP_SUBSTR") && p->mariadb)	/* '' where nothing matches */
		return P("(CASE WHEN %s REGEXP %s THEN REGEXP_SUBSTR(%s) END)", sval_close(p, args[0]),
			 sval_close(p, args[1]), join_args(p, args, n));
	if (!strcmp(f->name, "TIME_TO_SEC") && p->mariadb)	/* with a fraction, unlike MySQL's */
		return P("TRUNCATE(TIME_TO_SEC(%s), 0)", join_args(p, args, n));
	if (function_reads_json(f))
		for (size_t i = 0; i < n && (i == 0 || all || (two && i == 1)); i++)
			args[i] = sval_make(json_document(p, args[i]), COL_JSON);
	if (!strcmp(f->name, "JSON_VALUE")) {
		/* MySQL's gives NULL for more than 512 characters and the text of an object, MariaDB's 1
		 * for true */
		const char *x = P("JSON_EXTRACT(%s)", join_args(p, args, n));
		return P("(CASE WHEN JSON_TYPE(%s) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN "
			 "JSON_UNQUOTE(%s) END)", x, x);
	}
	return P("%s(%s)", f->name, join_args(p, args, n));
}
