/*
 * Which rows of a table lose their key to another row: of the rows with one key the first by entity
 * order, then by source primary key, makes the item, every other one is a reject KEY_DUPLICATE.
 * Load and verify ask the same question here, so that they give the same answer.
 *
 * Found before anything is read, from the source's candidates, by the exact keys that the transform
 * makes of them; a row that is a reject for another reason takes no part. Needs of the source that
 * among the candidates with one key the rows of one entity come in order of the primary key, unless
 * that is made of integers, which are compared here.
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
void duplicates_free(struct duplicates *d);		/* NULL is fine */

/*
 * Does a row that makes an item lose its key? 'pk': its packed primary key, empty without one;
 * 'key': hash of its canonical item key; 'arrived': empty at the begin of each unit, of the one
 * reader. If so and 'sentence' is not NULL, it is appended there, naming the row that has the key.
 */
bool duplicates_loses(const struct duplicates *d, unsigned entity, struct str pk,
		      struct hash128 key, struct hashmap *arrived, struct buf *sentence);

#endif
