/*
 * Writing the items of one batch under a condition (--write-mode if-absent and newer): one request
 * for each item, because only PutItem takes a condition.
 *
 * A condition that does not hold may be the work of one's own first attempt, whose answer was lost,
 * or which HTTP sent again unseen, or which an earlier, killed run of the load made. So an item of
 * which that can be true counts as written if what is there is the item itself; else as skipped.
 */
#ifndef PIPELINE_PUT_H
#define PIPELINE_PUT_H

#include "pipeline/write.h"

/* As write_batch, which calls it with the keys claimed. */
int put_batch(struct writer *w, const struct table_def *def, size_t table_index, struct batch *b,
	      struct etl_err *err);

#endif
