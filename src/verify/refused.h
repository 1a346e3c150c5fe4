/*
 * The items that DynamoDB itself refused during a load: their rows make an item, but it is rightly
 * not there. Known from the rejects files of the state directory.
 *
 * Filled by one thread before the verify begins; then many may look. Memory: 24 bytes a slot for
 * each such item.
 */
#ifndef VERIFY_REFUSED_H
#define VERIFY_REFUSED_H

#include <stdbool.h>
#include <stddef.h>
#include "base/digest.h"
#include "base/err.h"
#include "pipeline/table.h"

struct refused;

/* 'tables' is borrowed until refused_free. */
struct refused *refused_new(const struct load_table *tables, size_t ntables);
void refused_free(struct refused *r);		/* NULL is fine */

/*
 * Adds what the reject lines of 'path' with the code REFUSED say of the tables. No file is fine; a
 * line that is none (the last one of a load that goes on) is passed over: its item will be reported
 * as missing. -ETL_ESYSTEM if the file cannot be read.
 */
int refused_read(struct refused *r, const char *path, struct etl_err *err);

/* 'table': index into the tables; 'key': hash of the canonical key. */
bool refused_has(const struct refused *r, size_t table, struct hash128 key);
size_t refused_count(const struct refused *r, size_t table);

#endif
