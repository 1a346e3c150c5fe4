/*
 * Rows' items held against the target's, attribute by attribute: those of the rows that are chosen,
 * by whatever rule. Reads rows through pipeline/flow.h and fetches the items (strongly consistent).
 */
#ifndef VERIFY_EXAMINE_H
#define VERIFY_EXAMINE_H

#include "verify/verify_priv.h"

struct examine {			/* set by the user before it is run */
	struct verify *v;
	struct picks *picks;		/* NULL: all rows are read; else only these */
	const bool *skip;		/* NULL, or for each entity: its rows are not read */
	/* Shall the item of this key, made by a row of 'entity', be compared? Any thread. */
	bool (*wants)(const struct examine *x, unsigned entity, struct hash128 key);
	/* NULL, or: shall its key go to 'known'? Any thread. */
	bool (*remembers)(const struct examine *x, struct hash128 key);
	void *arg;
	bool queries;			/* asks the table and its indexes for what is equal */
	bool counts_rows;		/* adds to the entities' rows_read, rows_rejected,
					   items_expected; else the first pass has done so */
	struct hashmap known;		/* filled by examine_run, the caller's to release */
};

/* Adds what it finds to v->findings and to the entities' counts. */
int examine_run(struct examine *x, struct etl_err *err);

/* After it: scans the target for items whose keys it should remember and does not know. Adds them
 * to v->findings and to the table's items_extra. */
int examine_extra(struct examine *x, struct etl_err *err);

#endif
