/*
 * The rows of a load that tries only some again: those that a rejects file names, by entity and
 * primary key. Filled by one thread before the load begins; then handed out in units of up to
 * PICKS_UNIT_ROWS rows of one entity, to any thread.
 *
 * Memory: each packed primary key with 4 bytes, and 24 bytes a slot of a hash table for each.
 */
#ifndef PIPELINE_PICKS_H
#define PIPELINE_PICKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "pipeline/duplicates.h"
#include "pipeline/table.h"
#include "pipeline/units.h"

#define PICKS_UNIT_ROWS 100

struct picks;

/* 'tables' is borrowed until picks_free. */
struct picks *picks_new(const struct load_table *tables, size_t ntables);
void picks_free(struct picks *p);		/* NULL is fine */

/*
 * Adds the rows that the reject lines of 'path' name. A line of a table in 'others' (DynamoDB's
 * names) is passed over and counted in *passed_over. Every line is looked at before anything else
 * happens: one that is no reject line, names a table or entity that is not there, or a row that
 * 'source' cannot find by its primary key, is -ETL_EUSAGE with the number of the line.
 */
int picks_read(struct picks *p, const struct source *source, const char *path,
	       const char *const *others, size_t nothers, uint64_t *passed_over, struct etl_err *err);

/* Adds a row; 'pk' is packed. False if it was there. */
bool picks_add(struct picks *p, size_t table, unsigned entity, struct str pk);
bool picks_has(const struct picks *p, size_t table, unsigned entity, struct str pk);

uint64_t picks_of_entity(const struct picks *p, size_t table, unsigned entity);
uint64_t picks_of_table(const struct picks *p, size_t table);
uint64_t picks_total(const struct picks *p);

/*
 * Looks for duplicate keys in the tables that rows are picked of; 'out' has room for each table. A
 * row that is tried again may take a key that another row's item has had so far: that row is added,
 * so that it becomes the reject that it now is. -ETL_ESOURCE if it has no primary key.
 */
int picks_find_duplicates(struct picks *p, struct source_reader *r, const struct stop *stop,
			  struct duplicates **out, struct etl_err *err);

/* The next unit; out->rows, which is lent until picks_free, tells which rows. 1, or 0: none left.
 * Thread-safe. */
int picks_next(struct picks *p, struct unit_next *out);

#endif
