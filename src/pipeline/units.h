/*
 * The planner: cuts entities into work units while a run goes on, so that nothing waits for the
 * whole to be planned. Entities come in order, table by table. With a checkpoint, the units that an
 * earlier run planned and did not finish come first, each new one is in the journal before it is
 * handed out, and planning goes on where it ended. An entity that cannot be read in ranges is one
 * unit.
 *
 * Rows that stand together in the source often share a partition key in the target, or fall into one
 * partition of it. So that not all readers are there at a time, ranges are cut ahead, one more with
 * each that is handed out until UNITS_AHEAD wait, and of those that wait the next is the one farthest
 * from those handed out last.
 *
 * Thread-safe by one mutex, which is held while a reader asks the server for the next bound.
 */
#ifndef PIPELINE_UNITS_H
#define PIPELINE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "model/unit.h"
#include "pipeline/counters.h"
#include "pipeline/table.h"
#include "source/source.h"

#define UNITS_AHEAD 64			/* planned and not handed out: not more than that */
#define UNITS_APART 4			/* from as many that were handed out last */

struct units;

/* 'tables' and 'counters' are borrowed until units_free. 'use_checkpoint' false: the tables'
 * checkpoints are not looked at. Where work is resumed, adds to counters->rows_resumed,
 * units_planned and units_done; planning corrects counters->rows_estimate, by the
 * place of each bound among the keys, and at the end of an entity by what was counted. */
struct units *units_new(const struct load_table *tables, size_t ntables, uint64_t chunk_rows,
			bool use_checkpoint, struct counters *counters);
void units_free(struct units *u);	/* NULL is fine */

/* No units of those entities, counted over all tables, that 'skip' (borrowed until units_free) has
 * true for. To be called before the first unit is asked for. */
void units_skip(struct units *u, const bool *skip);

/* Adds the server's estimates of all entities' rows to counters->rows_estimate, and what goes with it,
 * before anything is planned: once for a run, or again for tables that have counters of their own and begin anew. */
void units_estimate(const struct load_table *tables, size_t ntables, struct counters *counters);

struct unit_next {
	size_t table;			/* index into tables */
	unsigned entity;		/* index into the table's entities; also unit->entity */
	size_t flat;			/* the entity's index over all tables */
	struct unit *unit;		/* the caller's: unit_free */
	struct str rows;		/* empty: the unit's range; else these rows of it: their
					   packed primary keys, each packed once more */
};

/* The next unit, planned with the help of 'r', which must not be reading. 1: got one; 0: there is
 * none left; negative: error. */
int units_next(struct units *u, struct source_reader *r, struct unit_next *out,
	       struct etl_err *err);

#endif
