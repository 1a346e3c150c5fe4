/*
 * Which rows of a table lose their key to another row: of the rows with one key the first by entity
 * order, then by source primary key, makes the item, every other one is a reject KEY_DUPLICATE.
 * Load and verify ask the same question here, so that they give the same answer.
 *
 * Found before anything is read, from the source's candidates, by the exact keys that the transform
 * makes of them; a row that is a reject for another reason takes no part. Which row of an entity is
 * first is told by the order in which the source gives the candidates: see source.h.
 *
 * An entity without primary key has nothing that names its rows: there the first row that arrives
 * has the key, unless an earlier entity has it. Such an entity is one unit, so that "arrives" is a
 * matter of one reader.
 *
 * Memory: 24 bytes a slot for each key and each loser among the candidates, and the packed primary
 * key of each winner.
 */
#ifndef PIPELINE_DUPLICATES_H
#define PIPELINE_DUPLICATES_H

#include <stdbool.h>
#include "base/err.h"
#include "base/stop.h"
#include "pipeline/hashmap.h"
#include "pipeline/table.h"
#include "source/source.h"

struct duplicates;

/* Asks 'r' for the candidates of 'table'. *out NULL: no row loses its key. Else the caller frees;
 * immutable, so many threads may look. */
int duplicates_find(struct source_reader *r, const struct load_table *table,
		    const struct stop *stop, struct duplicates **out, struct etl_err *err);

/* How many rows lose their key, and how many keys they want. */
void duplicates_count(const struct duplicates *d, uint64_t *rows, uint64_t *keys);

/* The same, for duplicates_each_loser: keeps the losers' packed primary keys, too. */
int duplicates_find_losers(struct source_reader *r, const struct load_table *table,
			   const struct stop *stop, struct duplicates **out, struct etl_err *err);
void duplicates_free(struct duplicates *d);		/* NULL is fine */

/*
 * Does a row that makes an item lose its key? 'pk': its packed primary key, empty without one;
 * 'key': hash of its canonical item key; 'arrived': empty at the begin of each unit, of the one
 * reader. If so and 'sentence' is not NULL, it is appended there, naming the row that has the key.
 */
bool duplicates_loses(const struct duplicates *d, unsigned entity, struct str pk,
		      struct hash128 key, struct hashmap *arrived, struct buf *sentence);

/* Gives 'each' every row that loses its key, with the row that has it. Packed primary keys, empty
 * for a row without. 'each' ends it by a negative error, which is returned. */
int duplicates_each_loser(const struct duplicates *d,
			  int (*each)(void *arg, unsigned entity, struct str pk, unsigned winner,
				      struct str winner_pk, struct etl_err *err),
			  void *arg, struct etl_err *err);

#endif
