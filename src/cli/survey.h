/*
 * What the rows of the planned entities come to, for `etl check`: the first rows of each, or all,
 * are read through the plan's own SELECTs and made items. No view is needed and none is made.
 */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include "cli/session.h"
#include "model/reject.h"
#include "model/shape.h"

#define SURVEY_SAMPLE_ROWS 500
/* Larger tables are not counted, the server's statistics must do. */
#define SURVEY_COUNT_UP_TO_ROWS 1000000

struct survey_entity {
	uint64_t looked_at;		/* rows */
	bool all;			/* there are no others */
	uint64_t rows;			/* of the entity */
	bool rows_estimated;		/* by the server's statistics */
	uint64_t items, bytes, units;	/* of the rows looked at; units: write units in all */
	uint64_t index_entries[MAX_INDEXES], index_units[MAX_INDEXES];	/* likewise */
	uint64_t rejects[REJECT_CODE_COUNT];
	const char *examples[REJECT_CODE_COUNT];	/* the first one's sentence; or NULL */
	bool *filled;			/* for each attribute of the shape: some row did */
	struct etl_err err;		/* set: its rows could not be read */
	const char *err_path;		/* the part of the contract to blame for that; NULL: none */
};

struct survey_table {
	struct survey_entity *entities;	/* as the plan's */
	bool counted;			/* whether keys collide was counted; else it is proven
					   that none do, or 'err' says why it is unknown */
	uint64_t colliding_rows, colliding_keys;
	struct etl_err err;
};

struct survey {
	struct arena *arena;
	struct survey_table *tables;	/* as the plan's */
};

/*
 * Reads at most 'rows' rows of each entity (0: all) and counts the keys that collide, where it is
 * not proven that none can. What is wrong with one entity stands in its 'err' and does not keep
 * the others from being read. Negative: lost server, stop. 'out' ends with survey_release in any
 * case.
 */
int survey_take(struct session *s, int64_t rows, struct survey *out, struct etl_err *err);
void survey_release(struct survey *v);

uint64_t survey_rejects(const struct survey_entity *e);		/* of the rows looked at */

/* A number of the rows looked at, scaled to all rows. */
uint64_t survey_scaled(const struct survey_entity *e, uint64_t n);

#endif
