/*
 * A first contract, drafted from what the source's catalogue says: pure, like plan/, which is then
 * asked whether it takes it. What the catalogue does not tell (does a tinyint(1) hold truth values
 * only, is every document of a JSON column an object?) the caller may look up in some rows.
 */
#ifndef DRAFT_DRAFT_H
#define DRAFT_DRAFT_H

#include "base/buf.h"
#include "base/err.h"
#include "model/catalog.h"
#include "model/row.h"

/* How many rows of a table are looked at. */
#define DRAFT_LOOK_ROWS 10000

enum draft_seen {
	SEEN_NOTHING,	/* no row, or nobody looked */
	SEEN_TRUTHS,	/* of a tinyint(1): 0 and 1 */
	SEEN_OBJECTS,	/* of a JSON column: nothing but objects that an item can hold */
	SEEN_ARRAYS,
	SEEN_OTHER	/* anything else: also a number beyond what DynamoDB can hold */
};

/* What was seen, by table and column of the catalogue; zeroed by draft_facts_new. */
struct draft_facts {
	const struct catalog *catalog;
	enum draft_seen **seen;
};

struct draft_facts *draft_facts_new(const struct catalog *c);
void draft_facts_free(struct draft_facts *f);

/* The query over some rows of 't' whose one row draft_answer takes; false: there is nothing to ask.
 * 'sql' is reset first. */
bool draft_question(const struct cat_table *t, struct buf *sql);
void draft_answer(struct draft_facts *f, const struct cat_table *t, const struct row *row);

struct draft_options {
	bool single_table;		/* all entities in one DynamoDB table */
	const char *const *tables;	/* of the source; 0: all. Names that are none are an error */
	size_t ntables;
	const char *contract_file;	/* as the explanation names it */
};

struct draft {
	struct buf contract;		/* the JSON text */
	struct buf readme;		/* what was chosen and why, in Markdown */
	size_t ntables, nentities;	/* of the contract */
};

/* 0, or a negative error: a table that is not there, or no table at all. The caller ends 'out' with
 * draft_release in any case. */
int draft_make(const struct draft_facts *facts, const struct draft_options *options,
	       struct draft *out, struct etl_err *err);
void draft_release(struct draft *d);

#endif
