/*
 * What `etl check` found out, gathered by cmd_check.c, told by check_text.c and check_json.c.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/session.h"
#include "cli/survey.h"
#include "report/json_out.h"
#include "report/quote.h"

/* Besides those of the contract and the plan, which are session.diags. */
enum check_level { CHECK_ERROR, CHECK_WARNING, CHECK_REJECT };
struct check_finding {
	enum check_level level;	/* rejects to expect are no fault of the contract */
	const char *code;	/* "lookup-many"; part of the JSON, not renamed */
	const char *path;	/* of the contract, "" where it is not its matter */
	const char *text;
};

struct check_right {
	enum right_state state;
	const char *right, *text;
};

enum check_target {
	TARGET_UNKNOWN,		/* not reached */
	TARGET_EQUAL, TARGET_MISSING, TARGET_INCOMPLETE, TARGET_DIFFERS
};

struct check {
	struct session *s;
	struct arena *arena;
	size_t nfindings, findings_cap;
	struct check_finding *findings;
	size_t nrights, rights_cap;
	struct check_right *rights;
	bool planned, surveyed;
	struct survey survey;
	enum check_target *targets;	/* of the plan's tables; NULL: not asked */
	int64_t *target_items;		/* as the service tells, hours old */
	bool quoted;
	struct quote quote;
	size_t nerrors, nwarnings;	/* of all findings and diagnostics, at the end */
};

const char *check_target_name(enum check_target t);
const char *check_right_name(enum right_state state);

/* "up to 1,200 x 45,000 = 54,000,000 rows": rows looked through for want of an index. */
void check_add_search(struct buf *b, const struct plan_entity *e, const struct plan_lookup *l);
uint64_t check_search_rows(const struct plan_entity *e, const struct plan_lookup *l);

/* Sums over all entities, scaled to all rows. */
struct check_totals { uint64_t rows, items, bytes, units, looked_at, rejects; bool all; };
struct check_totals check_totals(const struct check *c);

/* The parts of the text on stdout, in their order. */
void check_text_plan(const struct check *c);
void check_text_survey(const struct check *c);
void check_text_rights(const struct check *c);
void check_text_target(const struct check *c);
void check_text_quote(const struct check *c);
void check_text_end(const struct check *c);

/* The whole as one JSON document on stdout, as far as it got; 'err' is why it got no further. */
void check_json(const struct check *c, const struct etl_err *err);

#endif
