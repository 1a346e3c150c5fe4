/* The words of a fragment. Everything is decoded once, here; plan/ quotes it anew. */
#include "contract/expr_lexer.h"

#include <ctype.h>
#include <stdio.h>

#include "base/mem.h"

void lex_fault(struct lexer *lx, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	if (lx->why)
		return;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	lx->why = arena_strndup(lx->arena, b.ptr, b.len);
	buf_release(&b);
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
			lex_fault(lx, "a quote %c that begins at character %zu is not closed", quote,
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
			lex_fault(lx, "not a hexadecimal literal at character %zu", at + 1);
			return false;
		}
		size_t k = (i + odd) / 2;
		out[k] = (char)((unsigned char)out[k] << 4 | d);
	}
	lx->text = (struct str){ out, n };
	return true;
}

/* b'101' and 0b101: to the server the same as the bytes in hexadecimal. */
static void decode_bits(struct lexer *lx, struct str bits, size_t at)
{
	size_t n = (bits.len + 7) / 8;
	char *out = arena_alloc(lx->arena, n + 1);

	for (size_t i = 0; i < bits.len; i++) {
		size_t from_right = bits.len - 1 - i;
		if (bits.ptr[i] != '0' && bits.ptr[i] != '1') {
			lex_fault(lx, "not a bit literal at character %zu", at + 1);
			return;
		}
		if (bits.ptr[i] == '1')
			out[n - 1 - from_right / 8] |= (char)(1 << from_right % 8);
	}
	lx->text = (struct str){ out, n };
	lx->tok = T_HYBRID;
}

/* A '.' right behind a name: t.2fa is a column and no number. */
static bool ends_qualifier(const struct lexer *lx)
{
	size_t i = lx->at + 1;

	if (lx->at == 0 || !(word_char((unsigned char)lx->in.ptr[lx->at - 1]) ||
			     lx->in.ptr[lx->at - 1] == '`') ||
	    (lx->tok != T_WORD && lx->tok != T_QUOTED))
		return false;
	while (i < lx->in.len && isdigit((unsigned char)lx->in.ptr[i]))
		i++;
	return i < lx->in.len && word_char((unsigned char)lx->in.ptr[i]);
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

void lex_next(struct lexer *lx)
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
		lex_fault(lx, "a NUL character at character %zu", lx->at + 1);
	} else if (c == ';') {
		lex_fault(lx, "';' at character %zu: a fragment holds one expression", lx->at + 1);
	} else if (c == '#' || (c == '/' && c2 == '*') ||
		   (c == '-' && c2 == '-' && (lx->at + 2 >= lx->in.len ||
					      isspace((unsigned char)p[lx->at + 2]) ||
					      iscntrl((unsigned char)p[lx->at + 2])))) {
		lex_fault(lx, "a comment at character %zu: comments are not allowed here", lx->at + 1);
	} else if (c == '@') {
		lex_fault(lx, "a variable at character %zu: variables are not allowed here",
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
				lex_fault(lx, "odd number of digits in x'...' at character %zu", from);
			else if (decode_hex(lx, lx->text, from))
				lx->tok = T_HEX;
		}
	} else if ((c == 'b' || c == 'B') && c2 == '\'') {
		size_t from = lx->at++;
		if (read_quoted(lx, '\'', false))
			decode_bits(lx, lx->text, from);
	} else if (c == '0' && c2 == 'b' && lx->at + 2 < lx->in.len &&
		   (p[lx->at + 2] == '0' || p[lx->at + 2] == '1')) {
		size_t i = lx->at + 2;
		while (i < lx->in.len && (p[i] == '0' || p[i] == '1'))
			i++;
		if (i == lx->in.len || !word_char((unsigned char)p[i])) {
			decode_bits(lx, (struct str){ p + lx->at + 2, i - lx->at - 2 }, lx->at);
			lx->at = i;
		} else {
			lex_number(lx);
		}
	} else if (c == '0' && c2 == 'x') {
		size_t i = lx->at + 2;
		while (i < lx->in.len && hex_digit(p[i]) >= 0)
			i++;
		if (i > lx->at + 2 && (i == lx->in.len || !word_char((unsigned char)p[i]))) {
			struct str d = { p + lx->at + 2, i - lx->at - 2 };
			if (decode_hex(lx, d, lx->at))
				lx->tok = T_HYBRID;
			lx->at = i;
		} else {
			lex_number(lx);
		}
	} else if (isdigit(c) || (c == '.' && isdigit(c2) && !ends_qualifier(lx))) {
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
			lex_fault(lx, "unexpected character at character %zu", lx->at + 1);
			return;
		}
		lx->text = (struct str){ p + lx->at, 1 };
		lx->at++;
	}
}

bool lex_is_op(const struct lexer *lx, const char *op)
{
	return lx->tok == T_OP && str_is(lx->text, op);
}

bool lex_is_word(const struct lexer *lx, const char *w)
{
	return lx->tok == T_WORD && str_ieq(lx->text, str_of(w));
}

bool lex_take_op(struct lexer *lx, const char *op)
{
	if (!lex_is_op(lx, op))
		return false;
	lex_next(lx);
	return true;
}

bool lex_take_word(struct lexer *lx, const char *w)
{
	if (!lex_is_word(lx, w))
		return false;
	lex_next(lx);
	return true;
}

void lex_unexpected(struct lexer *lx, const char *wanted)
{
	if (lx->tok == T_END)
		lex_fault(lx, "the expression ends where %s was expected", wanted);
	else
		lex_fault(lx, "'%.*s' at character %zu where %s was expected", (int)lx->text.len,
		      lx->text.ptr, lx->tok_at + 1, wanted);
}

bool lex_expect_op(struct lexer *lx, const char *op)
{
	char wanted[16];

	if (lex_take_op(lx, op))
		return true;
	snprintf(wanted, sizeof(wanted), "'%s'", op);
	lex_unexpected(lx, wanted);
	return false;
}

bool lex_expect_word(struct lexer *lx, const char *w)
{
	if (lex_take_word(lx, w))
		return true;
	lex_unexpected(lx, w);
	return false;
}
