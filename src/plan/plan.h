/*
 * The plan: contract + catalogue -> view SQL, item shapes, table definitions, work. Pure: reads
 * no server, writes nothing. Everything lives in one arena and borrows from the contract and the
 * catalogue, which must outlive it.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "contract/contract.h"
#include "contract/diag.h"
#include "model/catalog.h"
#include "model/shape.h"
#include "model/tabledef.h"
#include "model/unit.h"

struct plan_options {
	const char *table_prefix;	/* "" or --table-prefix, before each DynamoDB table's name */
	const char *const *tables;	/* --table: only these (contract names); NULL: all */
	size_t ntables;
	bool inline_views;		/* entities are read by their views' SELECTs */
};

struct plan_lookup {			/* the resolved meaning of one join, for `etl check` */
	const char *path;
	const char *words;		/* "row of 'users' where users.id = orders.user_id (unique key PRIMARY)" */
	bool may_match_many;
	bool no_index;			/* the condition has no index to use on the target */
	const struct cat_table *target;	/* NULL where no rows are searched */
	const char *join_sql;		/* "\nLEFT JOIN ... ON ...", what it adds to the entity's FROM;
					   NULL: nothing, or nothing new */
};

struct plan_entity {
	const struct entity *entity;
	struct item_shape shape;
	struct entity_source source;	/* .shape points to the above */
	const char *view_sql;		/* the whole CREATE OR REPLACE VIEW statement, its header
					   comment first */
	const char *select_sql;		/* the SELECT inside it */
	char view_digest[65];		/* SHA-256 of select_sql and of the types of the columns
					   it names, for the checkpoint */
	const char *view_marker;	/* stands in the view's stored definition and in no other's */
	const char **column_sql;	/* for each attribute of the shape its expression */
	const char *source_sql;		/* FROM `orders` AS `src`, with which from_sql begins */
	const char *select_from;	/* select_sql up to where its WHERE would begin */
	const char *from_sql;		/* FROM ... WHERE ... */
	size_t nlookups;
	struct plan_lookup *lookups;
};

struct plan_table {
	const struct contract_table *table;
	struct table_def def;
	const char *view;		/* ddb_<table>_view */
	const char *view_sql;
	const char *view_marker;	/* as an entity's */
	size_t nentities;
	struct plan_entity *entities;
	bool keys_proven_unique;	/* no two rows of the table can have one key */
	const char *keys_proof;		/* one line: why, or what could not be proven */
};

struct plan {
	struct arena *arena;
	const struct contract *contract;
	const struct catalog *catalog;
	size_t ntables;
	struct plan_table *tables;
};

/* Makes the plan; faults go to 'diags'. 0 and *out (freed by plan_free), or a negative error
 * when there are errors among the diags, when reading the contract found some, or when --table
 * names an unknown table. */
int plan_make(const struct contract *contract, const struct catalog *catalog,
	      const struct plan_options *options, struct diags *diags, struct plan **out,
	      struct etl_err *err);

void plan_free(struct plan *p);

/* The name of a view, "ddb_<table>_view" or "ddb_<table>__<entity>_view" in lower case, cut and
 * hashed over 64 characters. 'entity' may be NULL. In 'arena'. */
const char *plan_view_name(struct arena *arena, const char *table, const char *entity);

#endif
