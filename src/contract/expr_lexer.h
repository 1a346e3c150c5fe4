/* The words of a fragment: what expr.c parses. */
#ifndef CONTRACT_EXPR_LEXER_H
#define CONTRACT_EXPR_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"

enum tok {
	T_END, T_WORD, T_QUOTED,	/* identifier, `identifier` */
	T_STRING, T_NUMBER, T_OP, T_BAD,
	T_HEX,			/* x'..' */
	T_HYBRID		/* 0x.., 0b.., b'..': a number where a number is wanted. On MariaDB
				   x'..' is none */
};

struct lexer {
	struct arena *arena;
	struct str in;
	size_t at;
	enum tok tok;
	size_t tok_at;
	struct str text;	/* decoded */
	unsigned depth;
	const char *why;	/* the first fault, of the arena */
};

/* The next word. Comments, ';', variables and NUL characters are faults; so is a quote that is not
 * closed. Literals are decoded into the arena. After a fault every word is T_BAD. */
void lex_next(struct lexer *lx);

/* Keeps the first fault. */
void lex_fault(struct lexer *lx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lex_unexpected(struct lexer *lx, const char *wanted);

/* Is the word this operator, this word of the language (in any case)? take: and on to the next;
 * expect: or a fault. */
bool lex_is_op(const struct lexer *lx, const char *op);
bool lex_is_word(const struct lexer *lx, const char *w);
bool lex_take_op(struct lexer *lx, const char *op);
bool lex_take_word(struct lexer *lx, const char *w);
bool lex_expect_op(struct lexer *lx, const char *op);
bool lex_expect_word(struct lexer *lx, const char *w);

#endif
