/*
 * What a load or a verify works on: one DynamoDB table and the entities that fill it. Whoever
 * holds the plan fills these in; the pipeline knows neither plan nor contract.
 */
#ifndef PIPELINE_TABLE_H
#define PIPELINE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include "model/tabledef.h"
#include "model/unit.h"

struct checkpoint;

struct load_table {			/* everything borrowed while the run lasts */
	const struct table_def *def;
	size_t nentities;
	const struct entity_source *const *entities;	/* in the contract's order */
	bool keys_proven_unique;	/* no two rows of the table can have one key: the search for
					   duplicates is left out */
	size_t index;			/* of its counters in counters->tables */
	struct checkpoint *checkpoint;	/* of a load: opened, its entities in the same order; NULL:
					   nothing is remembered (--dry-run). Verify ignores it */
};

#endif
