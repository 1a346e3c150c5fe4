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
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"

#define MAX_DEPTH 200

enum tok {
	T_END, T_WORD, T_QUOTED,	/* identifier, `identifier` */
	T_STRING, T_NUMBER, T_HEX, T_OP, T_BAD
};

struct lexer {
	struct arena *arena;
	struct str in;
	size_t at;
	enum tok tok;
	size_t tok_at;
	struct str text;	/* decoded */
	unsigned depth;
	char *why;		/* the first fault */
};

static void fault(struct lexer *lx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct lexer *lx, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	if (lx->why)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	lx->why = buf_detach(&b);
	lx->tok = T_BAD;
}

static bool word_char(unsigned char c) { return isalnum(c) || c == '_' || c == '$' || c >= 0x80; }

/* Reads a quoted piece that begins at lx->at (the quote) into an arena string. */
static bool read_quoted(struct lexer *lx, char quote, bool backslash)
{
	struct buf out = { 0 };
	size_t i = lx->at + 1;

	for (;; i++) {
		if (i >= lx->in.len) {
			buf_release(&out);
			fault(lx, "a quote %c that begins at character %zu is not closed", quote,
			      lx->at + 1);
			return false;
		}
		char c = lx->in.ptr[i];
		if (c == quote) {
			if (i + 1 < lx->in.len && lx->in.ptr[i + 1] == quote) {
				buf_addc(&out, quote);
				i++;
				continue;
			}
			break;
		}
		if (backslash && c == '\\' && i + 1 < lx->in.len) {
			c = lx->in.ptr[++i];
			switch (c) {
			case '0': c = '\0'; break;
			case 'b': c = '\b'; break;
			case 'n': c = '\n'; break;
			case 'r': c = '\r'; break;
			case 't': c = '\t'; break;
			case 'Z': c = 26; break;
			case '%': case '_': buf_addc(&out, '\\'); break;	/* kept for LIKE */
			default: break;
			}
		}
		buf_addc(&out, c);
	}
	lx->text.len = out.len;
	lx->text.ptr = arena_strndup(lx->arena, out.len ? out.ptr : "", out.len);
	buf_release(&out);
	lx->at = i + 1;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_hex(struct lexer *lx, struct str digits, size_t at)
{
	size_t n = (digits.len + 1) / 2, odd = digits.len & 1;
	char *out = arena_alloc(lx->arena, n + 1);

	for (size_t i = 0; i < digits.len; i++) {
		int d = hex_digit(digits.ptr[i]);
		if (d < 0) {
			fault(lx, "not a hexadecimal literal at character %zu", at + 1);
			return false;
		}
		size_t k = (i + odd) / 2;
		out[k] = (char)((unsigned char)out[k] << 4 | d);
	}
	lx->text = (struct str){ out, n };
	return true;
}

static void lex_number(struct lexer *lx)
{
	size_t i = lx->at, digits = 0;
	const char *p = lx->in.ptr;

	while (i < lx->in.len && isdigit((unsigned char)p[i]))
		i++, digits++;
	if (i < lx->in.len && p[i] == '.') {
		i++;
		while (i < lx->in.len && isdigit((unsigned char)p[i]))
			i++, digits++;
	}
	if (digits && i < lx->in.len && (p[i] == 'e' || p[i] == 'E')) {
		size_t k = i + 1;
		if (k < lx->in.len && (p[k] == '+' || p[k] == '-'))
			k++;
		if (k < lx->in.len && isdigit((unsigned char)p[k])) {
			while (k < lx->in.len && isdigit((unsigned char)p[k]))
				k++;
			i = k;
		}
	}
	if (i < lx->in.len && word_char((unsigned char)p[i])) {
		/* an identifier may begin with a digit: 2fa_enabled */
		while (i < lx->in.len && word_char((unsigned char)p[i]))
			i++;
		lx->tok = T_WORD;
	} else {
		lx->tok = T_NUMBER;
	}
	lx->text = (struct str){ p + lx->at, i - lx->at };
	lx->at = i;
}

static void next(struct lexer *lx)
{
	static const char *const ops[] = { "->>", "<=>", "->", "<=", ">=", "<>", "!=", "<<", ">>",
					   "&&", "||", ":=" };
	const char *p = lx->in.ptr;

	if (lx->tok == T_BAD)
		return;
	while (lx->at < lx->in.len && isspace((unsigned char)p[lx->at]))
		lx->at++;
	lx->tok_at = lx->at;
	if (lx->at >= lx->in.len) {
		lx->tok = T_END;
		lx->text = (struct str){ "", 0 };
		return;
	}
	unsigned char c = (unsigned char)p[lx->at];
	unsigned char c2 = lx->at + 1 < lx->in.len ? (unsigned char)p[lx->at + 1] : 0;
	if (c == 0) {
		fault(lx, "a NUL character at character %zu", lx->at + 1);
	} else if (c == ';') {
		fault(lx, "';' at character %zu: a fragment holds one expression", lx->at + 1);
	} else if (c == '#' || (c == '/' && c2 == '*') ||
		   (c == '-' && c2 == '-' && (lx->at + 2 >= lx->in.len ||
					      isspace((unsigned char)p[lx->at + 2]) ||
					      iscntrl((unsigned char)p[lx->at + 2])))) {
		fault(lx, "a comment at character %zu: comments are not allowed here", lx->at + 1);
	} else if (c == '@') {
		fault(lx, "a variable at character %zu: variables are not allowed here",
		      lx->at + 1);
	} else if (c == '`') {
		if (read_quoted(lx, '`', false))
			lx->tok = T_QUOTED;
	} else if (c == '\'' || c == '"') {
		if (read_quoted(lx, (char)c, true))
			lx->tok = T_STRING;
	} else if ((c == 'x' || c == 'X') && c2 == '\'') {
		lx->at++;
		size_t from = lx->at;
		if (read_quoted(lx, '\'', false)) {
			if (lx->text.len & 1)
				fault(lx, "odd number of digits in x'...' at character %zu", from);
			else if (decode_hex(lx, lx->text, from))
				lx->tok = T_HEX;
		}
	} else if (c == '0' && c2 == 'x') {
		size_t i = lx->at + 2;
		while (i < lx->in.len && hex_digit(p[i]) >= 0)
			i++;
		if (i > lx->at + 2 && (i == lx->in.len || !word_char((unsigned char)p[i]))) {
			struct str d = { p + lx->at + 2, i - lx->at - 2 };
			if (decode_hex(lx, d, lx->at))
				lx->tok = T_HEX;
			lx->at = i;
		} else {
			lex_number(lx);
		}
	} else if (isdigit(c) || (c == '.' && isdigit(c2))) {
		lex_number(lx);
	} else if (word_char(c)) {
		size_t i = lx->at;
		while (i < lx->in.len && word_char((unsigned char)p[i]))
			i++;
		lx->text = (struct str){ p + lx->at, i - lx->at };
		lx->at = i;
		lx->tok = T_WORD;
	} else {
		lx->tok = T_OP;
		for (size_t k = 0; k < sizeof(ops) / sizeof(*ops); k++) {
			size_t n = strlen(ops[k]);
			if (lx->in.len - lx->at >= n && memcmp(p + lx->at, ops[k], n) == 0) {
				lx->text = (struct str){ ops[k], n };
				lx->at += n;
				return;
			}
		}
		if (!strchr("+-*/%=<>!~^&|(),.", c)) {
			fault(lx, "unexpected character at character %zu", lx->at + 1);
			return;
		}
		lx->text = (struct str){ p + lx->at, 1 };
		lx->at++;
	}
}

static bool is_op(const struct lexer *lx, const char *op)
{
	return lx->tok == T_OP && str_is(lx->text, op);
}

static bool is_word(const struct lexer *lx, const char *w)
{
	return lx->tok == T_WORD && str_ieq(lx->text, str_of(w));
}

static bool take_op(struct lexer *lx, const char *op)
{
	if (!is_op(lx, op))
		return false;
	next(lx);
	return true;
}

static bool take_word(struct lexer *lx, const char *w)
{
	if (!is_word(lx, w))
		return false;
	next(lx);
	return true;
}

static void unexpected(struct lexer *lx, const char *wanted)
{
	if (lx->tok == T_END)
		fault(lx, "the expression ends where %s was expected", wanted);
	else
		fault(lx, "'%.*s' at character %zu where %s was expected", (int)lx->text.len,
		      lx->text.ptr, lx->tok_at + 1, wanted);
}

static bool expect_op(struct lexer *lx, const char *op)
{
	char wanted[16];

	if (take_op(lx, op))
		return true;
	snprintf(wanted, sizeof(wanted), "'%s'", op);
	unexpected(lx, wanted);
	return false;
}

static bool expect_word(struct lexer *lx, const char *w)
{
	if (take_word(lx, w))
		return true;
	unexpected(lx, w);
	return false;
}

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
		if (is_word(lx, units[i]))
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
		unexpected(lx, "a unit (SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR)");
		return NULL;
	}
	next(lx);
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
		if (is_word(lx, types[i]))
			name = types[i];
	if (!name) {
		unexpected(lx, "a type (CHAR, BINARY, SIGNED, UNSIGNED, DECIMAL, DATE, TIME, "
			       "DATETIME, DOUBLE, FLOAT)");
		return NULL;
	}
	next(lx);
	buf_adds(&b, name);
	if (take_op(lx, "(")) {
		buf_addc(&b, '(');
		for (int k = 0; k < 2; k++) {
			if (lx->tok != T_NUMBER ||
			    strspn(lx->text.ptr, "0123456789") < lx->text.len) {
				unexpected(lx, "a length");
				break;
			}
			buf_addstr(&b, lx->text);
			next(lx);
			if (k == 0 && take_op(lx, ","))
				buf_addc(&b, ',');
			else
				break;
		}
		expect_op(lx, ")");
		buf_addc(&b, ')');
	}
	if (!strcmp(name, "SIGNED") || !strcmp(name, "UNSIGNED"))
		if (!take_word(lx, "INTEGER"))
			take_word(lx, "INT");
	const char *out = arena_strndup(lx->arena, b.ptr, b.len);
	buf_release(&b);
	return lx->tok == T_BAD ? NULL : out;
}

static struct expr *parse_case(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_CASE, "CASE", 0);
	size_t cap = 0, whens = 0;

	if (!is_word(lx, "WHEN")) {
		e->has_base = true;
		push_arg(lx, e, &cap, parse_or(lx));
	}
	while (take_word(lx, "WHEN")) {
		push_arg(lx, e, &cap, parse_or(lx));
		expect_word(lx, "THEN");
		push_arg(lx, e, &cap, parse_or(lx));
		whens++;
	}
	if (!whens)
		unexpected(lx, "WHEN");
	if (take_word(lx, "ELSE")) {
		e->has_else = true;
		push_arg(lx, e, &cap, parse_or(lx));
	}
	expect_word(lx, "END");
	return e;
}

static struct expr *parse_trim(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_TRIM, NULL, 0);
	size_t cap = 0;
	struct expr *first = NULL;

	if (take_word(lx, "BOTH"))
		e->op = "BOTH";
	else if (take_word(lx, "LEADING"))
		e->op = "LEADING";
	else if (take_word(lx, "TRAILING"))
		e->op = "TRAILING";
	if (!is_word(lx, "FROM"))
		first = parse_or(lx);
	if (take_word(lx, "FROM")) {
		push_arg(lx, e, &cap, parse_or(lx));
		if (first)
			push_arg(lx, e, &cap, first);
	} else {
		if (e->op)
			unexpected(lx, "FROM");
		push_arg(lx, e, &cap, first);
	}
	expect_op(lx, ")");
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
		expect_word(lx, "AS");
		e->op = parse_cast_type(lx);
		expect_op(lx, ")");
	} else if (!strcmp(fn, "CONVERT")) {
		e = node(lx, EXPR_CAST, NULL, 1);
		e->args[0] = parse_or(lx);
		if (take_word(lx, "USING")) {
			e->kind = EXPR_CONVERT;
			e->op = upper(lx, lx->text);
			if (lx->tok != T_WORD || strspn(e->op, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
						 < strlen(e->op))
				unexpected(lx, "a character set");
			next(lx);
		} else {
			expect_op(lx, ",");
			e->op = parse_cast_type(lx);
		}
		expect_op(lx, ")");
	} else if (!strcmp(fn, "EXTRACT")) {
		e = node(lx, EXPR_EXTRACT, NULL, 1);
		e->op = unit_word(lx);
		if (!e->op)
			unexpected(lx, "a unit");
		next(lx);
		expect_word(lx, "FROM");
		e->args[0] = parse_or(lx);
		expect_op(lx, ")");
	} else if (!strcmp(fn, "TRIM")) {
		e = parse_trim(lx);
	} else {
		e = node(lx, EXPR_CALL, fn, 0);
		if (is_op(lx, "*") && !strcmp(fn, "COUNT")) {
			next(lx);
			e->star = true;
		} else if (!is_op(lx, ")")) {
			do {
				const char *u = unit_word(lx);
				if (u && e->nargs == 0 && (!strcmp(fn, "TIMESTAMPDIFF") ||
							   !strcmp(fn, "TIMESTAMPADD"))) {
					push_arg(lx, e, &cap, node(lx, EXPR_UNIT, u, 0));
					next(lx);
				} else if (take_word(lx, "INTERVAL")) {
					push_arg(lx, e, &cap, parse_interval(lx));
				} else {
					push_arg(lx, e, &cap, parse_or(lx));
				}
			} while (lx->tok != T_BAD && take_op(lx, ","));
		}
		expect_op(lx, ")");
	}
	e->offset = at;
	return e;
}

static struct expr *literal(struct lexer *lx, enum expr_kind kind, const char *op)
{
	struct expr *e = node(lx, kind, op, 0);

	e->text = lx->text;
	next(lx);
	return e;
}

static struct expr *parse_name(struct lexer *lx)
{
	struct expr *e = node(lx, EXPR_COLUMN, NULL, 0);
	bool quoted = lx->tok == T_QUOTED;
	struct str name = lx->text;

	next(lx);
	if (!quoted && is_op(lx, "(")) {
		next(lx);
		return parse_call(lx, name, e->offset);
	}
	e->name = name;
	if (take_op(lx, ".")) {
		if (lx->tok != T_WORD && lx->tok != T_QUOTED && lx->tok != T_NUMBER) {
			unexpected(lx, "a column");
			return NULL;
		}
		e->qualifier = name;
		e->name = lx->text;
		next(lx);
		if (is_op(lx, "."))
			fault(lx, "'%.*s' at character %zu names a database: only tables of the "
			      "contract's own can be named", (int)name.len, name.ptr, e->offset + 1);
		if (is_op(lx, "("))
			fault(lx, "a stored function at character %zu: only the server's own "
			      "functions can be called", e->offset + 1);
	}
	return e;
}

static struct expr *parse_primary(struct lexer *lx)
{
	static const char *const refused[] = { "SELECT", "WITH", "UNION", "EXISTS", "INTO", "FROM",
					       "WHERE", "MATCH", "ROW", "VALUES", "TABLE", "ALL",
					       "ANY", "SOME", "OVER", "THEN", "WHEN", "ELSE",
					       "END", "AND", "OR", "XOR", "LIKE", "IN", "IS",
					       "BETWEEN", "DIV", "AS", "USING", "ORDER", "GROUP",
					       "LIMIT", "HAVING", "DISTINCT" };

	switch (lx->tok) {
	case T_STRING:
		return literal(lx, EXPR_STRING, NULL);
	case T_NUMBER:
		return literal(lx, EXPR_NUMBER, NULL);
	case T_HEX:
		return literal(lx, EXPR_HEX, NULL);
	case T_QUOTED:
		return parse_name(lx);
	case T_WORD:
		break;
	case T_OP:
		if (take_op(lx, "(")) {
			struct expr *e = parse_or(lx);
			expect_op(lx, ")");
			return e;
		}
		if (is_op(lx, "*"))
			fault(lx, "'*' at character %zu where a value was expected",
			      lx->tok_at + 1);
		/* fall through */
	default:
		unexpected(lx, "a value");
		return NULL;
	}
	/* A reserved word before a '.' is a qualifier all the same, as it is for the server after
	 * one; by itself it is a word of the language. */
	if (is_word(lx, "SELECT") || is_word(lx, "EXISTS") || is_word(lx, "WITH")) {
		fault(lx, "a subselect at character %zu: subselects are not allowed here",
		      lx->tok_at + 1);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (is_word(lx, refused[i])) {
			unexpected(lx, "a value");
			return NULL;
		}
	if (is_word(lx, "NULL"))
		return literal(lx, EXPR_NULL, NULL);
	if (is_word(lx, "TRUE"))
		return literal(lx, EXPR_TRUE, NULL);
	if (is_word(lx, "FALSE"))
		return literal(lx, EXPR_FALSE, NULL);
	if (take_word(lx, "CASE"))
		return parse_case(lx);
	if (is_word(lx, "DATE") || is_word(lx, "TIME") || is_word(lx, "TIMESTAMP")) {
		struct lexer save = *lx;
		const char *kw = upper(lx, lx->text);
		next(lx);
		if (lx->tok == T_STRING)
			return literal(lx, EXPR_TEMPORAL, kw);
		*lx = save;
	}
	return parse_name(lx);
}

static struct expr *parse_postfix(struct lexer *lx)
{
	struct expr *e = parse_primary(lx);

	for (;;) {
		if (is_op(lx, "->") || is_op(lx, "->>")) {
			const char *op = is_op(lx, "->") ? "->" : "->>";
			next(lx);
			if (lx->tok != T_STRING) {
				unexpected(lx, "a JSON path in quotes");
				return NULL;
			}
			e = node2(lx, EXPR_BINARY, op, e, literal(lx, EXPR_STRING, NULL));
		} else if (take_word(lx, "COLLATE")) {
			const char *cs = upper(lx, lx->text);
			if (lx->tok != T_WORD || strspn(cs, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
						 < strlen(cs)) {
				unexpected(lx, "a collation");
				return NULL;
			}
			next(lx);
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
		fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (take_op(lx, ops[i])) {
			e = node2(lx, EXPR_UNARY, ops[i], parse_unary(lx), NULL);
			lx->depth--;
			return e;
		}
	if (is_word(lx, "BINARY")) {
		next(lx);
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

	for (;;) {
		const char *hit = NULL;
		for (size_t i = 0; ops[i]; i++)
			if (is_op(lx, ops[i]) || is_word(lx, ops[i]))
				hit = ops[i];
		if (!hit)
			return e;
		next(lx);
		if (!strcmp(hit, "&&"))
			hit = "AND";
		else if (!strcmp(hit, "||"))
			hit = "OR";
		else if (!strcmp(hit, "%"))
			hit = "MOD";
		else if (!strcmp(hit, "!="))
			hit = "<>";
		struct expr *right;
		if ((!strcmp(hit, "+") || !strcmp(hit, "-")) && take_word(lx, "INTERVAL"))
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
	if (!expect_op(lx, "("))
		return NULL;
	do
		push_arg(lx, e, &cap, parse_or(lx));
	while (lx->tok != T_BAD && take_op(lx, ","));
	expect_op(lx, ")");
	return e;
}

static struct expr *parse_comparison(struct lexer *lx)
{
	static const char *const cmp[] = { "=", "<=>", "<>", "!=", "<", "<=", ">", ">=", NULL };
	struct expr *e = parse_bit_or(lx);

	for (;;) {
		if (!e || lx->tok == T_BAD)
			return NULL;
		const char *hit = NULL;
		for (size_t i = 0; cmp[i]; i++)
			if (is_op(lx, cmp[i]))
				hit = cmp[i];
		if (hit) {
			next(lx);
			struct expr *right = parse_bit_or(lx);
			if (!right)
				return NULL;
			e = node2(lx, EXPR_BINARY, !strcmp(hit, "!=") ? "<>" : hit, e, right);
			continue;
		}
		if (take_word(lx, "IS")) {
			struct expr *is = node(lx, EXPR_IS, "IS", 1);
			if (take_word(lx, "NOT"))
				is->op = "IS NOT";
			is->args[0] = e;
			is->text = (struct str){ upper(lx, lx->text), lx->text.len };
			if (!is_word(lx, "NULL") && !is_word(lx, "TRUE") && !is_word(lx, "FALSE") &&
			    !is_word(lx, "UNKNOWN")) {
				unexpected(lx, "NULL, TRUE, FALSE or UNKNOWN");
				return NULL;
			}
			next(lx);
			e = is;
			continue;
		}
		bool negated = false;
		if (is_word(lx, "NOT")) {
			struct lexer save = *lx;
			next(lx);
			if (!is_word(lx, "IN") && !is_word(lx, "BETWEEN") && !is_word(lx, "LIKE") &&
			    !is_word(lx, "REGEXP") && !is_word(lx, "RLIKE")) {
				*lx = save;
				return e;
			}
			negated = true;
		}
		if (take_word(lx, "IN")) {
			e = parse_in(lx, e, negated);
		} else if (take_word(lx, "BETWEEN")) {
			struct expr *b = node(lx, EXPR_BETWEEN, negated ? "NOT BETWEEN" : "BETWEEN",
					      3);
			b->args[0] = e;
			b->args[1] = parse_bit_or(lx);
			expect_word(lx, "AND");
			b->args[2] = parse_bit_or(lx);
			e = b;
		} else if (is_word(lx, "LIKE") || is_word(lx, "REGEXP") || is_word(lx, "RLIKE")) {
			bool like = is_word(lx, "LIKE");
			next(lx);
			struct expr *l = node(lx, EXPR_LIKE, like ? (negated ? "NOT LIKE" : "LIKE") :
					      (negated ? "NOT REGEXP" : "REGEXP"), 2);
			l->args[0] = e;
			l->args[1] = parse_bit_or(lx);
			if (like && take_word(lx, "ESCAPE")) {
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

	if (!is_word(lx, "NOT"))
		return parse_comparison(lx);
	if (++lx->depth > MAX_DEPTH) {
		fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	next(lx);
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
		fault(lx, "the expression is nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	e = parse_level(lx, ops, parse_xor);
	lx->depth--;
	return lx->tok == T_BAD ? NULL : e;
}

static struct expr *finish(struct lexer *lx, struct expr *e, char **why)
{
	if (lx->tok != T_BAD && lx->tok != T_END)
		unexpected(lx, "the end");
	if (lx->why) {
		*why = lx->why;
		return NULL;
	}
	if (!e)
		*why = mem_strdup("not an expression");
	return e;
}

struct expr *expr_parse(struct arena *a, struct str text, bool bare_star, char **why)
{
	struct lexer lx = { .arena = a, .in = text, .tok = T_END };
	struct expr *e;

	*why = NULL;
	next(&lx);
	if (bare_star && is_op(&lx, "*")) {
		e = node(&lx, EXPR_COLUMN, NULL, 0);
		e->name = STR("*");
		e->star = true;
		next(&lx);
	} else {
		e = parse_or(&lx);
	}
	return finish(&lx, e, why);
}

struct order_term *expr_parse_order(struct arena *a, struct str text, size_t *n, char **why)
{
	struct lexer lx = { .arena = a, .in = text, .tok = T_END };
	struct order_term *terms = NULL;
	size_t cap = 0;
	struct expr *e = NULL;

	*why = NULL;
	*n = 0;
	next(&lx);
	do {
		e = parse_or(&lx);
		terms = mem_grow(terms, &cap, *n + 1, sizeof(*terms));
		terms[*n].expr = e;
		terms[*n].descending = take_word(&lx, "DESC");
		if (!terms[*n].descending)
			take_word(&lx, "ASC");
		(*n)++;
	} while (lx.tok != T_BAD && take_op(&lx, ","));
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
