/*
 * An item, encoded once: the bytes that go into a request.
 * Size rules: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
#ifndef MODEL_ITEM_H
#define MODEL_ITEM_H

#include <stdint.h>
#include "base/buf.h"
#include "model/shape.h"

#define ITEM_MAX_BYTES 409600
#define KEY_PK_MAX_BYTES 2048
#define KEY_SK_MAX_BYTES 1024
#define ITEM_MAX_NESTING 31		/* lists and maps inside each other */

struct item {
	struct buf json;	/* DynamoDB JSON object: {"PK":{"S":"a"},"n":{"N":"1"}} */
	struct buf key;		/* canonical bytes, see key.h: equal exactly if DynamoDB's are */
	struct buf key_json;	/* DynamoDB JSON object of the key attributes only */
	size_t size_bytes;	/* as DynamoDB counts */
	uint32_t index_mask;	/* bit i: the item enters index i */
	uint32_t sparse_mask;	/* bit i: out of index i by a NULL or empty key */
	uint32_t index_bytes[MAX_INDEXES];	/* of its entry there, as DynamoDB counts; 0: none */
	uint32_t write_units;	/* what writing it costs where it is not there yet: for itself and
				   each entry that it makes in an index */
};

/* Write units of an item, or of an entry in an index: one for each begun KB. */
static inline uint32_t item_write_units(size_t bytes)
{
	return bytes ? (uint32_t)((bytes + 1023) / 1024) : 1;
}

void item_reset(struct item *it);
void item_release(struct item *it);

#endif
