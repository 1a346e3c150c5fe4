/*
 * Row -> item: the one place where an item is made, for load, verify, explain and whatever comes.
 * Pure: no I/O, no threads, no clock. The view's columns hold final values as text or bytes; here
 * they become DynamoDB's types, and every limit of keys, numbers, names, nesting and size is
 * judged. See the contract's rules on keys (section 4) and types (section 5).
 */
#ifndef TRANSFORM_TRANSFORM_H
#define TRANSFORM_TRANSFORM_H

#include "model/item.h"
#include "model/reject.h"
#include "model/row.h"
#include "model/shape.h"

struct transform;	/* scratch memory of one thread */

struct transform *transform_new(void);
void transform_free(struct transform *t);

/*
 * Makes 'out' (reset first) from the first shape->nattrs fields of 'row'. Returns true for an
 * item. False for a reject: 'rej' (reset first) says why, with the item as far as it got; 'out'
 * is then not to be used. Of several faults one is reported: KEY_* of the partition key, KEY_* of
 * the sort key, INDEX_KEY_SIZE, the first other one in order of attributes, ITEM_SIZE, in this
 * order. The reject's item lacks the faulty attributes and those over 64 KiB;
 * 'left_out' names them.
 */
bool transform_row(struct transform *t, const struct item_shape *shape, const struct row *row,
		   struct item *out, struct reject *rej);

#endif
