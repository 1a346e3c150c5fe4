/* What a load will come to, foretold from the first rows of each entity. */
#ifndef CLI_ESTIMATE_H
#define CLI_ESTIMATE_H

#include "cli/session.h"

#define ESTIMATE_SAMPLE_ROWS 500
/* Larger tables are not counted, the server's statistics must do. */
#define ESTIMATE_COUNT_UP_TO_ROWS 1000000

/* Write units of one item with its index entries: each begun KB is one; an index that holds only
 * some attributes is counted as one unit (keys) or as the whole item (others). Pure. */
uint64_t estimate_item_units(const struct table_def *def, uint64_t size_bytes,
			     uint32_t index_mask);

/* Prints items, bytes, write units, money and time. */
int estimate_print(struct session *s, struct etl_err *err);

#endif
