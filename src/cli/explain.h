/*
 * One item from all sides: what `etl explain` gathers (explain_find.c, cmd_explain.c) and tells
 * (explain_text.c, explain_json.c).
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/session.h"
#include "model/item.h"
#include "model/reject.h"
#include "model/value.h"
#include "verify/compare.h"

#define EXPLAIN_MAX_ROWS 10

/* The key that was asked for. */
struct explain_key {
	struct buf parts[2];	/* partition, sort: S as UTF-8, N canonical, B raw */
	struct buf canonical;	/* as model/key.h has it */
	struct buf json;	/* DynamoDB JSON of the key attributes */
	bool has_sk;
};

/*
 * Reads "PK" or "PK,SK" by the table's key types: the first comma that no backslash stands before
 * divides; '\,' is a comma and '\\' a backslash. Without a sort key a comma is one of the key. N in
 * decimal, B as base64 or as 0x and hex digits. 0, or ETL_EUSAGE. 'out' is to be released.
 */
int explain_key_parse(const char *text, const struct key_schema *keys, struct explain_key *out,
		      struct etl_err *err);
void explain_key_release(struct explain_key *k);

/* Columns whose bytes are no text, whatever they look like. */
bool explain_is_binary(const struct cat_column *c);

struct explain_row {
	const struct plan_entity *entity;
	struct str *source;	/* of each column of the source table; ptr NULL: NULL */
	struct str *view;	/* of each attribute */
	bool made;		/* an item; else a reject */
	bool duplicate;		/* an item, but an earlier row has its key: KEY_DUPLICATE */
	struct item item;
	struct reject reject;
};

enum explain_target {
	EXPLAIN_NOT_ASKED, EXPLAIN_NO_TABLE, EXPLAIN_IMPOSSIBLE,	/* no key can be so long */
	EXPLAIN_ABSENT, EXPLAIN_HELD
};

struct explain_difference {
	struct str name;
	enum finding_how how;
	const struct value *expected, *actual;	/* NULL: not there */
};

struct explain {
	struct session *s;
	struct arena *arena;
	const struct plan_table *table;
	struct explain_key key;
	size_t nrows;
	struct explain_row rows[EXPLAIN_MAX_ROWS];
	bool more_rows;				/* than those */
	const struct explain_row *winner;	/* the one whose item it is; NULL: none */
	enum explain_target target;
	struct buf held;			/* the item that is there */
	size_t ndifferences, differences_cap;
	struct explain_difference *differences;	/* between the winner's item and that one */
};

/* Finds the rows of all entities that make the key: in order of entities, then of the source's
 * primary key. */
int explain_find(struct explain *x, struct etl_err *err);

void explain_text(const struct explain *x, struct buf *out);
void explain_json(const struct explain *x, const struct etl_err *err, struct buf *out);

#endif
