/*
 * The shape of an item: how one row of an entity's view becomes one item. Made by the plan,
 * read by the transform, the pipeline and verify; immutable.
 *
 * A row of an entity view holds, in this order: one column for each attribute (the final value as
 * text or bytes), then one column for each column of the source table's primary key.
 */
#ifndef MODEL_SHAPE_H
#define MODEL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include "model/type.h"

#define MAX_INDEXES 20		/* DynamoDB: global secondary indexes of a table */

enum key_role { KEY_NONE = 0, KEY_TABLE_PK = 1, KEY_TABLE_SK = 2 };

struct shape_attr {
	const char *name;		/* as the item has it, UTF-8 */
	size_t name_len;
	enum attr_type type;
	enum key_role role;		/* of the table's keys */
	unsigned index_pk_mask;		/* bit i: partition key of index i */
	unsigned index_sk_mask;		/* bit i: sort key of index i */
	unsigned index_part_mask;	/* bit i: index i holds parts of items, and this one */
	bool constructed_json;		/* S: the value is constructed JSON that embeds JSON
					   columns: to be made compact by the transform */
	bool static_json;		/* the column holds JSON of a contract's static value */
	const char *separator;		/* SS, NS, BS, L from `split` text: its separator; NULL: the
					   value is a JSON array */
	bool set_column;		/* SS, NS, BS from a MySQL SET column: members separated by ',' */
	bool marked;			/* the view may write one of the marks below */
};

/* Stand in a value that makes the row a reject, alone or as a part of it; never in an item. The
 * first for a zero or partial date under zero_dates=reject, and for what date-format can make no
 * date of; the second for what number-format or date-format can make no number of; the third for
 * what uuid can make no UUID of. */
#define ZERO_DATE_MARK "\001ZERO_DATE\001"
#define NOT_NUMBER_MARK "\001NOT_NUMBER\001"
#define NOT_UUID_MARK "\001NOT_UUID\001"

struct shape_index {
	const char *name;
	int pk_attr, sk_attr;		/* index into attrs; -1: this entity is not in the index
					   (pk_attr), or the index has no sort key (sk_attr) */
	bool has_sk;
	bool partial;			/* it does not hold whole items (KEYS_ONLY, INCLUDE) */
};

struct item_shape {
	const char *table;		/* DynamoDB table, prefix included */
	const char *contract_table;	/* as the contract names it */
	const char *entity;		/* entity_type; the table's name for single-entity tables */
	unsigned entity_order;		/* position in the contract's table, 0 first */
	size_t nattrs;
	const struct shape_attr *attrs;
	size_t npk_columns;		/* of the source's primary key; 0: none */
	const char *const *pk_columns;	/* their names */
	int pk_attr, sk_attr;		/* the table's keys; sk_attr -1: none */
	size_t nindexes;
	const struct shape_index *indexes;
	bool null_as_null;		/* defaults.nulls = "null"; never for keys */
	bool omit_empty;		/* defaults.empty_strings = "omit" */
};

#endif
