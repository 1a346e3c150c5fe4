/* What the files of this folder share. */
#ifndef DRAFT_DRAFT_PRIV_H
#define DRAFT_DRAFT_PRIV_H

#include "draft/draft.h"
#include "model/type.h"

/* DynamoDB's quota of indexes a table, and so the contract's. */
#define MAX_GSIS 20

enum how {
	HOW_COLUMN,	/* the column's value */
	HOW_LOOKUP,	/* column 'text' of the row that 'fk' refers to */
	HOW_STATIC,	/* 'text' */
	HOW_HEX,	/* the column's bytes in hex digits */
	HOW_TEMPLATE,	/* 'text' is its template */
	HOW_SQL		/* 'text' is an SQL expression */
};

struct draft_attr {
	const char *name;
	enum attr_type type;
	const struct cat_column *column;	/* HOW_LOOKUP: the first of the foreign key */
	enum how how;
	const struct cat_foreign_key *fk;
	const char *text;
	const char *why;			/* NULL: it says itself */
};

struct draft_index { const char *name, *pk, *sk; };

struct draft_entity {
	const struct cat_table *source;
	const char *name;			/* entity_type, or the table's name */
	const char *pk_template, *sk_template;	/* single-table design; else NULL */
	size_t nattrs, attrs_cap;
	struct draft_attr *attrs;
	struct buf notes;			/* lines of Markdown */
};

struct draft_table {
	const char *name, *pk, *sk;		/* sk NULL: none */
	bool multi;
	size_t nindexes;
	struct draft_index indexes[MAX_GSIS];
	size_t nentities;
	struct draft_entity *entities;
	struct buf notes;
};

struct drafting {
	const struct draft_facts *facts;
	const struct draft_options *options;
	struct arena *arena;
	size_t nchosen;
	const struct cat_table **chosen;	/* in the order of their names */
	size_t ntables;
	struct draft_table *tables;
};

/* ---- choose.c: what the catalogue suggests ------------------------------------------------- */

/* The columns that name a row: the primary key, else the shortest unique key without NULLs; 0 if
 * there is none. */
size_t key_of(const struct cat_table *t, const struct cat_column *const **columns);

/* The DynamoDB type of a column's values, none of which it bends. 'as_key': S, N or B. */
enum attr_type type_of(const struct drafting *d, const struct cat_table *t,
		       const struct cat_column *c, bool as_key);

/* Is the column part of the table's key or of a foreign key? */
bool is_key_column(const struct cat_table *t, const struct cat_column *c);

/* Does the key refer to the rows of a chosen table by a unique key? */
bool refers_to_one_row(const struct drafting *d, const struct cat_foreign_key *fk);

/* The column by which people know a row of 't', or NULL. */
const struct cat_column *label_of(const struct cat_table *t);

/* The name for the looked-up label: "customer_name" for customer_id and name. In d->arena. */
const char *lookup_name(struct drafting *d, const struct cat_foreign_key *fk,
			const struct cat_column *label);

/* 'text' as a name of DynamoDB's: letters, digits, '_', '.', '-', at least three. In d->arena. */
const char *plain_name(struct drafting *d, const char *text);

/* 'name', with a number behind it if one of the entity's attributes or columns is called so. */
const char *free_attr_name(struct drafting *d, const struct draft_entity *e, const char *name);

void add_ident(struct buf *b, const char *name);	/* in backticks */
void add_sql_name(struct buf *b, const char *name);	/* in backticks where it needs them */

/* ---- draft.c: what both designs share ------------------------------------------------------ */

void note(struct buf *notes, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The entity's attributes but for those of keys: columns, then lookups. Where the table has no key,
 * also the attribute that stands for one, whose name is returned; else NULL. */
const char *add_attributes(struct drafting *d, struct draft_entity *e);
struct draft_attr *add_attr(struct draft_entity *e, struct draft_attr a);

/* Appends "{a}#{b}" for columns of the entity, each as text that tells it; an attribute is added
 * where the column's own will not do. */
void add_placeholders(struct drafting *d, struct draft_entity *e,
		      const struct cat_column *const *columns, size_t n, struct buf *out);

/* The key attribute "a#b" of several columns, made by that name alone; NULL where the columns'
 * names or types forbid it. In d->arena. */
const char *joined_key(struct drafting *d, const struct draft_entity *e,
		       const struct cat_column *const *columns, size_t n);

void add_index(struct drafting *d, struct draft_table *t, const char *pk, const char *sk);

/* ---- single.c ------------------------------------------------------------------------------ */

void draft_single_table(struct drafting *d);

/* ---- draft_out.c --------------------------------------------------------------------------- */

void write_contract(const struct drafting *d, struct buf *out);
void write_readme(const struct drafting *d, struct buf *out);

#endif
