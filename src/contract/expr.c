/*
 * A recursive-descent parser for the SQL expressions that contracts carry. Precedence, lowest
 * first, as https://dev.mysql.com/doc/refman/en/operator-precedence.html gives it:
 *
 *   OR ||  XOR  AND &&  NOT  comparison (= <=> <> IS LIKE REGEXP IN BETWEEN)  |  &  << >>
 *   - +  * / DIV MOD %  ^  unary - ~ BINARY  !  COLLATE  ->  primary
 *
 * `||` means OR here (the program's fixed sql_mode). "x" in double quotes is a string, as it is
 * for a server without ANSI_QUOTES. Everything is decoded once, here; plan/ quotes it anew.
 */
#include "contract/expr.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/mem.h"
#include "contract/expr_lexer.h"

#define MAX_DEPTH 200
#define MAX_IN_A_ROW 2000	/* a AND b AND c ... is a tree as deep as it is long */

static struct expr *node(struct lexer *lx, enum expr_kind kind, const char *op, size_t nargs)
{
	struct expr *e = arena_alloc(lx->arena, sizeof(*e));

	e->kind = kind;
	e->op = op;
	e->nargs = nargs;
	e->args = nargs ? arena_alloc(lx->arena, nargs * sizeof(*e->args)) : NULL;
	e->offset = lx->tok_at;
	return e;
}

static struct expr *node2(struct lexer *lx, enum expr_kind kind, const char *op, struct expr *a,
			  struct expr *b)
{
	struct expr *e = node(lx, kind, op, b ? 2 : 1);

	e->args[0] = a;
	if (b)
		e->args[1] = b;
	return a ? e : NULL;
}

static void push_arg(struct lexer *lx, struct expr *e, size_t *cap, struct expr *arg)
{
	if (e->nargs == *cap) {
		size_t ncap = *cap ? *cap * 2 : 4;
		struct expr **n = arena_alloc(lx->arena, ncap * sizeof(*n));
		if (e->nargs)
			memcpy(n, e->args, e->nargs * sizeof(*n));
		e->args = n;
		*cap = ncap;
	}
	e->args[e->nargs++] = arg;
}

static char *upper(struct lexer *lx, struct str s)
{
	char *u = arena_strndup(lx->arena, s.ptr, s.len);

	for (size_t i = 0; i < s.len; i++)
		u[i] = (char)toupper((unsigned char)u[i]);
	return u;
}

static struct expr *parse_or(struct lexer *lx);
static struct expr *parse_bit_or(struct lexer *lx);

static const char *const units[] = { "MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK",
				     "MONTH", "QUARTER", "YEAR" };

static const char *unit_word(struct lexer *lx)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (lex_is_word(lx, units[i]))
			return units[i];
	return NULL;
}

/* After INTERVAL. */
static struct expr *parse_interval(struct lexer *lx)
{
	struct expr *amount = parse_bit_or(lx);
	const char *u = unit_word(lx);

	if (!amount)
		return NULL;
	if (!u) {
		lex_unexpected(lx, "a unit (SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR)");
		return NULL;
	}
	lex_next(lx);
	return node2(lx, EXPR_INTERVAL, u, amount, NULL);
}

/* The type in CAST(x AS type): a name of a fixed list, with at most two numbers. */
static const char *parse_cast_type(struct lexer *lx)
{
	static const char *const types[] = { "CHAR", "BINARY", "SIGNED", "UNSIGNED", "DECIMAL",
					     "DATE", "TIME", "DATETIME", "DOUBLE", "FLOAT" };
	struct buf b = { 0 };
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (lex_is_word(lx, types[i]))
			name = types[i];
	if (!name) {
		lex_unexpected(lx, "a type (CHAR, BINARY, SIGNED, UNSIGNED, DECIMAL, DATE, TIME, "
			       "DATETIME, DOUBLE, FLOAT)");
		return NULL;
	}
	lex_next(lx);
	buf_adds(&b, name);
	if (lex_take_op(lx, "(")) {
		buf_addc(&b, '(');
		for (int k = 0; k < 2; k++) {
			if (lx->tok != T_NUMBER ||
			    strspn(lx->text.ptr, "0123456789") < lx->text.len) {
				lex_unexpected(lx, "a length");
				break;
			}
			buf_addstr(&b, lx->text);
			lex_next(lx);
			if (k == 0 && lex_take_op(lx, ","))
				buf_addc(&b, ',');
			else
				break;
		}
		lex_expect_op(lx, ")");
		buf_addc(&b, ')');
	}
	if (!strcmp(name, "SIGNED") || !strcmp(name, "UNSIGNED"))
		if (!lex_take_word(lx, "INTEGER"))
			lex_take_word(lx, "INT");
	const char *out = arena_strndup(lx->arena, b.ptr, b.len);
	buf_release(&b);
	return lx->tok == T_BAD ? NULL : out;
}

static struct expr *parse_case(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_CASE, "CASE", 0);
	size_t cap = 0, whens = 0;

	if (!lex_is_word(lx, "WHEN")) {
		e->has_base = true;
		push_arg(lx, e, &cap, parse_or(lx));
	}
	while (lex_take_word(lx, "WHEN")) {
		push_arg(lx, e, &cap, parse_or(lx));
		lex_expect_word(lx, "THEN");
		push_arg(lx, e, &cap, parse_or(lx));
		whens++;
	}
	if (!whens)
		lex_unexpected(lx, "WHEN");
	if (lex_take_word(lx, "ELSE")) {
		e->has_else = true;
		push_arg(lx, e, &cap, parse_or(lx));
	}
	lex_expect_word(lx, "END");
	return e;
}

static struct expr *parse_trim(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_TRIM, NULL, 0);
	size_t cap = 0;
	struct expr *first = NULL;

	if (lex_take_word(lx, "BOTH"))
		e->op = "BOTH";
	else if (lex_take_word(lx, "LEADING"))
		e->op = "LEADING";
	else if (lex_take_word(lx, "TRAILING"))
		e->op = "TRAILING";
	if (!lex_is_word(lx, "FROM"))
		first = parse_or(lx);
	if (lex_take_word(lx, "FROM")) {
		push_arg(lx, e, &cap, parse_or(lx));
		if (first)
			push_arg(lx, e, &cap, first);
	} else {
		if (e->op)
			lex_unexpected(lx, "FROM");
		push_arg(lx, e, &cap, first);
	}
	lex_expect_op(lx, ")");
	return e;
}

/* After "name(". */
static struct expr *parse_call(struct lexer *lx, struct str name, size_t at)
{
	const char *fn = upper(lx, name);
	size_t cap = 0;
	struct expr *e;

	if (!strcmp(fn, "CAST")) {
		e = node(lx, EXPR_CAST, NULL, 1);
		e->args[0] = parse_or(lx);
		lex_expect_word(lx, "AS");
		e->op = parse_cast_type(lx);
		lex_expect_op(lx, ")");
	} else if (!strcmp(fn, "CONVERT")) {
		e = node(lx, EXPR_CAST, NULL, 1);
		e->args[0] = parse_or(lx);
		if (lex_take_word(lx, "USING")) {
			e->kind = EXPR_CONVERT;
			e->op = upper(lx, lx->text);
			if (lx->tok != T_WORD || strspn(e->op, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
						 < strlen(e->op))
				lex_unexpected(lx, "a character set");
			lex_next(lx);
		} else {
			lex_expect_op(lx, ",");
			e->op = parse_cast_type(lx);
		}
		lex_expect_op(lx, ")");
	} else if (!strcmp(fn, "EXTRACT")) {
		e = node(lx, EXPR_EXTRACT, NULL, 1);
		e->op = unit_word(lx);
		if (!e->op)
			lex_unexpected(lx, "a unit");
		lex_next(lx);
		lex_expect_word(lx, "FROM");
		e->args[0] = parse_or(lx);
		lex_expect_op(lx, ")");
	} else if (!strcmp(fn, "TRIM")) {
		e = parse_trim(lx);
	} else {
		e = node(lx, EXPR_CALL, fn, 0);
		if (lex_is_op(lx, "*") && !strcmp(fn, "COUNT")) {
			lex_next(lx);
			e->star = true;
		} else if (!lex_is_op(lx, ")")) {
			do {
				const char *u = unit_word(lx);
				if (u && e->nargs == 0 && (!strcmp(fn, "TIMESTAMPDIFF") ||
							   !strcmp(fn, "TIMESTAMPADD"))) {
					push_arg(lx, e, &cap, node(lx, EXPR_UNIT, u, 0));
					lex_next(lx);
				} else if (lex_take_word(lx, "INTERVAL")) {
					push_arg(lx, e, &cap, parse_interval(lx));
				} else {
					push_arg(lx, e, &cap, parse_or(lx));
				}
			} while (lx->tok != T_BAD && lex_take_op(lx, ","));
		}
		lex_expect_op(lx, ")");
	}
	e->offset = at;
	return e;
}

static struct expr *literal(struct lexer *lx, enum expr_kind kind, const char *op)
{
	struct expr *e = node(lx, kind, op, 0);

	e->text = lx->text;
	lex_next(lx);
	return e;
}

/* Functions that may stand without parentheses. */
static bool is_bare_call(struct lexer *lx, struct str name)
{
	static const char *const names[] = { "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME",
					     "CURRENT_USER", "LOCALTIME", "LOCALTIMESTAMP",
					     "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP" };
	const char *word = upper(lx, name);

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], word))
			return true;
	return false;
}

static struct expr *parse_name(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_COLUMN, NULL, 0);
	bool quoted = lx->tok == T_QUOTED;
	struct str name = lx->text;

	lex_next(lx);
	if (!quoted && lex_is_op(lx, "(")) {
		lex_next(lx);
		return parse_call(lx, name, e->offset);
	}
	if (!quoted && !lex_is_op(lx, ".") && is_bare_call(lx, name)) {
		e->kind = EXPR_CALL;
		e->op = upper(lx, name);
		return e;
	}
	e->name = name;
	if (lex_take_op(lx, ".")) {
		if (lx->tok != T_WORD && lx->tok != T_QUOTED && lx->tok != T_NUMBER) {
			lex_unexpected(lx, "a column");
			return NULL;
		}
		e->qualifier = name;
		e->name = lx->text;
		lex_next(lx);
		if (lex_is_op(lx, "."))
			lex_fault(lx, "'%.*s' at character %zu names a database: only tables of the "
			      "contract's own can be named", (int)name.len, name.ptr, e->offset + 1);
		if (lex_is_op(lx, "("))
			lex_fault(lx, "a stored function at character %zu: only the server's own "
			      "functions can be called", e->offset + 1);
	}
	return e;
}

static struct expr *parse_primary(struct lexer *lx)
{
	/* words that neither server takes for a name */
	static const char *const refused[] = { "SELECT", "WITH", "UNION", "EXISTS", "INTO", "FROM",
					       "WHERE", "MATCH", "VALUES", "TABLE", "ALL", "OVER",
					       "THEN", "WHEN", "ELSE", "AND", "OR", "XOR", "LIKE",
					       "IN", "IS", "BETWEEN", "DIV", "AS", "USING", "ORDER",
					       "GROUP", "LIMIT", "HAVING", "DISTINCT" };

	switch (lx->tok) {
	case T_STRING:
		return literal(lx, EXPR_STRING, NULL);
	case T_NUMBER:
		return literal(lx, EXPR_NUMBER, NULL);
	case T_HEX:
		return literal(lx, EXPR_HEX, NULL);
	case T_HYBRID:
		return literal(lx, EXPR_HEX, "0x");
	case T_QUOTED:
		return parse_name(lx);
	case T_WORD:
		break;
	case T_OP:
		if (lex_take_op(lx, "(")) {
			struct expr *e = parse_or(lx);
			lex_expect_op(lx, ")");
			return e;
		}
		if (lex_is_op(lx, "*"))
			lex_fault(lx, "'*' at character %zu where a value was expected",
			      lx->tok_at + 1);
		/* fall through */
	default:
		lex_unexpected(lx, "a value");
		return NULL;
	}
	/* before a '.' any word is a name; by itself it may be a word of the language */
	if (lx->at < lx->in.len && lx->in.ptr[lx->at] == '.')
		return parse_name(lx);
	if (lex_is_word(lx, "SELECT") || lex_is_word(lx, "EXISTS") || lex_is_word(lx, "WITH")) {
		lex_fault(lx, "a subselect at character %zu: subselects are not allowed here",
		      lx->tok_at + 1);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (lex_is_word(lx, refused[i])) {
			lex_unexpected(lx, "a value");
			return NULL;
		}
	if (lex_is_word(lx, "NULL"))
		return literal(lx, EXPR_NULL, NULL);
	if (lex_is_word(lx, "TRUE"))
		return literal(lx, EXPR_TRUE, NULL);
	if (lex_is_word(lx, "FALSE"))
		return literal(lx, EXPR_FALSE, NULL);
	if (lex_take_word(lx, "CASE"))
		return parse_case(lx);
	if (lex_is_word(lx, "DATE") || lex_is_word(lx, "TIME") || lex_is_word(lx, "TIMESTAMP")) {
		struct lexer save = *lx;
		const char *kw = upper(lx, lx->text);
		lex_next(lx);
		if (lx->tok == T_STRING)
			return literal(lx, EXPR_TEMPORAL, kw);
		*lx = save;
	}
	return parse_name(lx);
}

static struct expr *parse_postfix(struct lexer *lx)
{
	struct expr *e = parse_primary(lx);

	for (size_t n = 0;; n++) {
		if (n == MAX_IN_A_ROW)
			lex_fault(lx, "more than %d operators in a row", MAX_IN_A_ROW);
		if (lex_is_op(lx, "->") || lex_is_op(lx, "->>")) {
			const char *op = lex_is_op(lx, "->") ? "->" : "->>";
			lex_next(lx);
			if (lx->tok != T_STRING) {
				lex_unexpected(lx, "a JSON path in quotes");
				return NULL;
			}
			e = node2(lx, EXPR_BINARY, op, e, literal(lx, EXPR_STRING, NULL));
		} else if (lex_take_word(lx, "COLLATE")) {
			const char *cs = upper(lx, lx->text);
			if (lx->tok != T_WORD || strspn(cs, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
						 < strlen(cs)) {
				lex_unexpected(lx, "a collation");
				return NULL;
			}
			lex_next(lx);
			e = node2(lx, EXPR_COLLATE, cs, e, NULL);
		} else {
			return e;
		}
	}
}

static struct expr *parse_unary(struct lexer *lx)
{
	static const char *const ops[] = { "-", "+", "~", "!" };
	struct expr *e = NULL;

	if (++lx->depth > MAX_DEPTH) {
		lex_fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (lex_take_op(lx, ops[i])) {
			e = node2(lx, EXPR_UNARY, ops[i], parse_unary(lx), NULL);
			lx->depth--;
			return e;
		}
	if (lex_is_word(lx, "BINARY")) {
		lex_next(lx);
		e = node2(lx, EXPR_UNARY, "BINARY", parse_unary(lx), NULL);
	} else {
		e = parse_postfix(lx);
	}
	lx->depth--;
	return e;
}

/* One level of left-associative binary operators. */
static struct expr *parse_level(struct lexer *lx, const char *const *ops,
				struct expr *(*operand)(struct lexer *))
{
	struct expr *e = operand(lx);

	for (size_t n = 0;; n++) {
		const char *hit = NULL;
		if (n == MAX_IN_A_ROW) {
			lex_fault(lx, "more than %d operators in a row", MAX_IN_A_ROW);
			return NULL;
		}
		for (size_t i = 0; ops[i]; i++)
			if (lex_is_op(lx, ops[i]) || lex_is_word(lx, ops[i]))
				hit = ops[i];
		if (!hit)
			return e;
		lex_next(lx);
		if (!strcmp(hit, "&&"))
			hit = "AND";
		else if (!strcmp(hit, "||"))
			hit = "OR";
		else if (!strcmp(hit, "%"))
			hit = "MOD";
		else if (!strcmp(hit, "!="))
			hit = "<>";
		struct expr *right;
		if ((!strcmp(hit, "+") || !strcmp(hit, "-")) && lex_take_word(lx, "INTERVAL"))
			right = parse_interval(lx);
		else
			right = operand(lx);
		if (!right)
			return NULL;
		e = node2(lx, EXPR_BINARY, hit, e, right);
	}
}

static struct expr *parse_xor_bits(struct lexer *lx)
{
	static const char *const ops[] = { "^", NULL };
	return parse_level(lx, ops, parse_unary);
}

static struct expr *parse_product(struct lexer *lx)
{
	static const char *const ops[] = { "*", "/", "DIV", "MOD", "%", NULL };
	return parse_level(lx, ops, parse_xor_bits);
}

static struct expr *parse_sum(struct lexer *lx)
{
	static const char *const ops[] = { "+", "-", NULL };
	return parse_level(lx, ops, parse_product);
}

static struct expr *parse_shift(struct lexer *lx)
{
	static const char *const ops[] = { "<<", ">>", NULL };
	return parse_level(lx, ops, parse_sum);
}

static struct expr *parse_bit_and(struct lexer *lx)
{
	static const char *const ops[] = { "&", NULL };
	return parse_level(lx, ops, parse_shift);
}

static struct expr *parse_bit_or(struct lexer *lx)
{
	static const char *const ops[] = { "|", NULL };
	return parse_level(lx, ops, parse_bit_and);
}

static struct expr *parse_in(struct lexer *lx, struct expr *left, bool negated)
{
	struct expr *e = node(lx, EXPR_IN, negated ? "NOT IN" : "IN", 0);
	size_t cap = 0;

	push_arg(lx, e, &cap, left);
	if (!lex_expect_op(lx, "("))
		return NULL;
	do
		push_arg(lx, e, &cap, parse_or(lx));
	while (lx->tok != T_BAD && lex_take_op(lx, ","));
	lex_expect_op(lx, ")");
	return e;
}

static struct expr *parse_comparison(struct lexer *lx)
{
	static const char *const cmp[] = { "=", "<=>", "<>", "!=", "<", "<=", ">", ">=", NULL };
	struct expr *e = parse_bit_or(lx);

	for (size_t n = 0;; n++) {
		if (n == MAX_IN_A_ROW)
			lex_fault(lx, "more than %d operators in a row", MAX_IN_A_ROW);
		if (!e || lx->tok == T_BAD)
			return NULL;
		const char *hit = NULL;
		for (size_t i = 0; cmp[i]; i++)
			if (lex_is_op(lx, cmp[i]))
				hit = cmp[i];
		if (hit) {
			lex_next(lx);
			struct expr *right = parse_bit_or(lx);
			if (!right)
				return NULL;
			e = node2(lx, EXPR_BINARY, !strcmp(hit, "!=") ? "<>" : hit, e, right);
			continue;
		}
		if (lex_take_word(lx, "IS")) {
			struct expr *is = node(lx, EXPR_IS, "IS", 1);
			if (lex_take_word(lx, "NOT"))
				is->op = "IS NOT";
			is->args[0] = e;
			is->text = (struct str){ upper(lx, lx->text), lx->text.len };
			if (!lex_is_word(lx, "NULL") && !lex_is_word(lx, "TRUE") && !lex_is_word(lx, "FALSE") &&
			    !lex_is_word(lx, "UNKNOWN")) {
				lex_unexpected(lx, "NULL, TRUE, FALSE or UNKNOWN");
				return NULL;
			}
			lex_next(lx);
			e = is;
			continue;
		}
		bool negated = false;
		if (lex_is_word(lx, "NOT")) {
			struct lexer save = *lx;
			lex_next(lx);
			if (!lex_is_word(lx, "IN") && !lex_is_word(lx, "BETWEEN") && !lex_is_word(lx, "LIKE") &&
			    !lex_is_word(lx, "REGEXP") && !lex_is_word(lx, "RLIKE")) {
				*lx = save;
				return e;
			}
			negated = true;
		}
		if (lex_take_word(lx, "IN")) {
			e = parse_in(lx, e, negated);
		} else if (lex_take_word(lx, "BETWEEN")) {
			struct expr *b = node(lx, EXPR_BETWEEN, negated ? "NOT BETWEEN" : "BETWEEN",
					      3);
			b->args[0] = e;
			b->args[1] = parse_bit_or(lx);
			lex_expect_word(lx, "AND");
			b->args[2] = parse_bit_or(lx);
			e = b;
		} else if (lex_is_word(lx, "LIKE") || lex_is_word(lx, "REGEXP") || lex_is_word(lx, "RLIKE")) {
			bool like = lex_is_word(lx, "LIKE");
			lex_next(lx);
			struct expr *l = node(lx, EXPR_LIKE, like ? (negated ? "NOT LIKE" : "LIKE") :
					      (negated ? "NOT REGEXP" : "REGEXP"), 2);
			l->args[0] = e;
			l->args[1] = parse_bit_or(lx);
			if (like && lex_take_word(lx, "ESCAPE")) {
				struct expr *esc = parse_primary(lx);
				size_t cap = 2;
				push_arg(lx, l, &cap, esc);
			}
			e = l;
		} else {
			return e;
		}
	}
}

static struct expr *parse_not(struct lexer *lx)
{
	struct expr *e;

	if (!lex_is_word(lx, "NOT"))
		return parse_comparison(lx);
	if (++lx->depth > MAX_DEPTH) {
		lex_fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	lex_next(lx);
	e = node2(lx, EXPR_UNARY, "NOT", parse_not(lx), NULL);
	lx->depth--;
	return e;
}

static struct expr *parse_and(struct lexer *lx)
{
	static const char *const ops[] = { "AND", "&&", NULL };
	return parse_level(lx, ops, parse_not);
}

static struct expr *parse_xor(struct lexer *lx)
{
	static const char *const ops[] = { "XOR", NULL };
	return parse_level(lx, ops, parse_and);
}

static struct expr *parse_or(struct lexer *lx)
{
	static const char *const ops[] = { "OR", "||", NULL };
	struct expr *e;

	if (++lx->depth > MAX_DEPTH) {
		lex_fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	e = parse_level(lx, ops, parse_xor);
	lx->depth--;
	return lx->tok == T_BAD ? NULL : e;
}

static struct expr *finish(struct lexer *lx, struct expr *e, const char **why)
{
	if (lx->tok != T_BAD && lx->tok != T_END)
		lex_unexpected(lx, "the end");
	if (lx->why) {
		*why = lx->why;
		return NULL;
	}
	if (!e)
		*why = "not an expression";
	return e;
}

struct expr *expr_parse(struct arena *a, struct str text, bool bare_star, const char **why)
{
	struct lexer lx = { .arena = a, .in = text, .tok = T_END };
	struct expr *e;

	*why = NULL;
	lex_next(&lx);
	if (bare_star && lex_is_op(&lx, "*")) {
		e = node(&lx, EXPR_COLUMN, NULL, 0);
		e->name = STR("*");
		e->star = true;
		lex_next(&lx);
	} else {
		e = parse_or(&lx);
	}
	return finish(&lx, e, why);
}

struct order_term *expr_parse_order(struct arena *a, struct str text, size_t *n,
				    const char **why)
{
	struct lexer lx = { .arena = a, .in = text, .tok = T_END };
	struct order_term *terms = NULL;
	size_t cap = 0;
	struct expr *e = NULL;

	*why = NULL;
	*n = 0;
	lex_next(&lx);
	do {
		e = parse_or(&lx);
		terms = mem_grow(terms, &cap, *n + 1, sizeof(*terms));
		terms[*n].expr = e;
		terms[*n].descending = lex_take_word(&lx, "DESC");
		if (!terms[*n].descending)
			lex_take_word(&lx, "ASC");
		(*n)++;
	} while (lx.tok != T_BAD && lex_take_op(&lx, ","));
	struct order_term *out = NULL;
	if (finish(&lx, e, why)) {
		out = arena_alloc(a, *n * sizeof(*out));
		memcpy(out, terms, *n * sizeof(*out));
	} else {
		*n = 0;
	}
	free(terms);
	return out;
}
