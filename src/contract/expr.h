/*
 * Fragments: the SQL expressions that contracts carry, parsed as far as identifiers, literals,
 * operators, calls and CASE. One fragment holds one expression; `;`, comments, subselects and
 * user variables are refused here, unknown names later (plan/), when the catalogue is known.
 *
 * A tree is immutable and lives in the contract's arena. Nothing of the fragment's text reaches
 * the server as it stands: plan/ writes every node anew, quoted.
 */
#ifndef CONTRACT_EXPR_H
#define CONTRACT_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"

enum expr_kind {
	EXPR_COLUMN,	/* [qualifier.]name */
	EXPR_NUMBER,	/* text: as it stands, checked to be a number */
	EXPR_STRING,	/* text: the decoded bytes */
	EXPR_HEX,	/* text: the bytes of x'..'; op "0x" for 0x.., 0b.. and b'..' */
	EXPR_NULL, EXPR_TRUE, EXPR_FALSE,
	EXPR_TEMPORAL,	/* DATE '..', TIME '..', TIMESTAMP '..': op is the keyword, text the value */
	EXPR_UNARY,	/* op args[0]: "-", "+", "NOT", "!", "~", "BINARY" */
	EXPR_BINARY,	/* args[0] op args[1]: op in upper case, "=", "AND", "LIKE", "DIV", "->>"... */
	EXPR_IS,	/* args[0] IS [NOT] text: op "IS"/"IS NOT", text NULL|TRUE|FALSE|UNKNOWN */
	EXPR_IN,	/* args[0] [NOT] IN (args[1..]): op "IN"/"NOT IN" */
	EXPR_BETWEEN,	/* args[0] [NOT] BETWEEN args[1] AND args[2] */
	EXPR_LIKE,	/* args[0] [NOT] LIKE/REGEXP/RLIKE args[1] [ESCAPE args[2]] */
	EXPR_CASE,	/* CASE: args is when, then, when, then, ... [else]; has_else, has_base (args[0]) */
	EXPR_CALL,	/* op: the function in upper case; args; star for COUNT(*) */
	EXPR_CAST,	/* CAST(args[0] AS op), op the checked type text; CONVERT(x USING cs): kind below */
	EXPR_CONVERT,	/* CONVERT(args[0] USING op) */
	EXPR_INTERVAL,	/* INTERVAL args[0] op: only as an operand of + and - and in DATE_ADD/SUB */
	EXPR_EXTRACT,	/* EXTRACT(op FROM args[0]) */
	EXPR_TRIM,	/* TRIM([op] [args[1]] FROM args[0]): op BOTH|LEADING|TRAILING */
	EXPR_UNIT,	/* a bare unit word as an argument: TIMESTAMPDIFF(SECOND, ..): op */
	EXPR_COLLATE	/* args[0] COLLATE op */
};

struct expr {
	enum expr_kind kind;
	const char *op;			/* see the kind */
	struct str qualifier;		/* COLUMN: decoded; ptr NULL: none */
	struct str name;		/* COLUMN: decoded */
	struct str text;		/* literals */
	bool has_base, has_else, star;
	size_t nargs;
	struct expr **args;
	size_t offset;			/* in the fragment, for messages */
};

/* Where a fragment came from, and what it means. */
struct fragment {
	const char *text;		/* as the contract has it */
	const char *path;		/* its JSON path */
	struct expr *expr;		/* NULL: did not parse */
	const char *why;		/* why not. Reported here, but for fragments that may be the bare
					   name of a column (select_column: "unit price"): plan/ tries
					   the name first and reports if there is none */
};

/*
 * Parses one expression. NULL and a sentence in 'why' (of the arena) on failure;
 * 'bare' allows a lone "*" (a CALL-less EXPR_COLUMN named "*"), for COUNT.
 */
struct expr *expr_parse(struct arena *a, struct str text, bool bare_star,
			const char **why);

/* One term of an order_by list: "a DESC, b". The same refusals. */
struct order_term {
	struct expr *expr;
	bool descending;
};
struct order_term *expr_parse_order(struct arena *a, struct str text, size_t *n,
				    const char **why);

#endif
