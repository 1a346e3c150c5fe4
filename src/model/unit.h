/*
 * Work units. An entity is read through its view in half-open ranges (low, high] of the source
 * table's primary key; a unit is one such range.
 */
#ifndef MODEL_UNIT_H
#define MODEL_UNIT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "model/catalog.h"
#include "model/shape.h"

/* What a source needs to know to read one entity. Made by the plan; immutable. */
struct entity_source {
	const struct item_shape *shape;
	const struct cat_table *table;		/* the source table */
	const char *view;			/* name of the entity's view */
	const char *select_sql;			/* stands for the view where there shall be none:
						   a SELECT of its columns; NULL: read the view */
	const char *select_from;		/* the same up to where its WHERE would begin */
	const char *plan_column;		/* a column of the view, constant, whose name tells the
						   view's SELECT from any other: a view that lacks
						   it was replaced; NULL: not looked at */
	const char *const *view_columns;	/* for each attribute its column in the view */
	const char *const *pk_view_columns;	/* for each primary key column its column there */
	const char *where_sql;			/* the contract's `where`; it calls the source
						   table `src`; NULL: none */
	bool may_be_cut;			/* the server may have to cut what the view makes, and
						   what is left may make an item */
	bool chunkable;				/* its primary key can be read in ranges */
	bool keys_proven_unique;		/* no two rows of it can have the same item key */
};

/* The values of one primary key: as the server gives them as text, one for each column. */
struct pk_value {
	size_t n;
	struct str *values;
};

struct unit {
	unsigned entity;	/* index into the plan's entities */
	uint64_t number;	/* from 0 within the entity, in order of the primary key */
	bool has_low, has_high;	/* absent: unbounded. Both absent: the whole entity */
	struct buf low, high;	/* pk_value packed by unit_pack_pk */
	uint64_t rows_estimate;
	bool begun_before;	/* an earlier run of the load may have written a part of it */
};

/* Packs primary key values: for each a 4-byte big-endian length, then its bytes. */
void unit_pack_pk(struct buf *out, const struct str *values, size_t n);
/* Unpacks into values[0..max); they borrow from 'packed'. Number of values, or -1 if damaged. */
int unit_unpack_pk(struct str packed, struct str *values, size_t max);

void unit_free(struct unit *u);		/* heap object and its buffers; NULL is fine */

#endif
