/*
 * Batches: the items of one request, of one work unit, in one buffer; and the pool that owns all
 * there are, which is what bounds a run's memory.
 */
#ifndef PIPELINE_BATCH_H
#define PIPELINE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/digest.h"
#include "model/item.h"
#include "sink/sink.h"

/* About the bytes of a request; one item more may be larger. Far below BATCH_MAX_BYTES even so. */
#define BATCH_TARGET_BYTES (256u << 10)
/* What an empty batch keeps of its memory. */
#define BATCH_KEEP_BYTES (64u << 10)
/* Of all batches that wait or are at work: no more are begun while they hold this. */
#define BATCH_BUDGET_BYTES (12u << 20)
/* Of one item in a request besides its JSON: {"PutRequest":{"Item":...}}, */
#define BATCH_ITEM_OVERHEAD_BYTES 32

struct piece { size_t off, len; };	/* of the batch's buffer */

struct batch_item {
	struct piece json, key, key_json, pk;
	size_t size_bytes;
	uint32_t index_mask, sparse_mask;
	uint32_t write_units;
	uint16_t index_units[MAX_INDEXES];	/* of its entry there; where it has none, nothing */
	struct hash128 hash;		/* of the canonical key */
};

struct work;

struct batch {				/* one owner at a time */
	struct work *work;		/* holds it, see flow.h */
	size_t n;
	struct batch_item items[BATCH_GET_MAX_KEYS];
	struct buf data;
	size_t wire_bytes;
	size_t charged_bytes;		/* of the pool's budget */
};

static inline struct str batch_str(const struct batch *b, struct piece p)
{
	return (struct str){ p.len ? b->data.ptr + p.off : "", p.len };
}

/* Does another item of 'json_bytes' go in? An empty batch takes any. */
bool batch_has_room(const struct batch *b, size_t max_items, size_t json_bytes);
bool batch_has_key(const struct batch *b, struct hash128 hash);

/* Copies the item; 'pk' is the packed source primary key. With 'keys_only' the item's JSON stays
 * out. */
void batch_add(struct batch *b, const struct item *item, struct hash128 hash, struct str pk,
	       bool keys_only);

/* Empties it for the next use; gives back memory that one large item made it grow by. */
void batch_reset(struct batch *b);

struct batch_pool;

/* 'n' batches, and a budget for what they hold. */
struct batch_pool *batch_pool_new(size_t n, size_t budget_bytes);
/* Every batch must be home. NULL is fine. */
void batch_pool_free(struct batch_pool *p);
/* Waits until there is a free batch and something left of the budget. The batch is empty; NULL after
 * batch_pool_abandon. */
struct batch *batch_pool_get(struct batch_pool *p);
/* A batch is full: what it holds, and the copy that is made to send it, counts from now on until it
 * is put back. */
void batch_pool_charge(struct batch_pool *p, struct batch *b);
void batch_pool_put(struct batch_pool *p, struct batch *b);	/* resets it */
void batch_pool_abandon(struct batch_pool *p);			/* wakes all who wait */
size_t batch_pool_home(struct batch_pool *p);			/* how many are free */
unsigned batch_pool_waiting(struct batch_pool *p);		/* threads in batch_pool_get */

#endif
