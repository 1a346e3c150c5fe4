/*
 * Sums of items: a set of items of any size in constant memory, so that two sets can be compared
 * and the place where they differ is known to one part in VERIFY_BUCKETS.
 *
 * An item stands for itself by two hashes: that of its canonical key, whose first bits choose the
 * bucket, and that of its canonical bytes (verify/canonical.h). The first is SipHash and finds where
 * to look; the second, by which equal sums prove something, is SHA-256. A bucket holds how many
 * items it has, and the sums of both hashes, each 64 bits of them by themselves modulo 2^64. Equal
 * keys in both sets show in the first sum, equal items in the second; no set but the same one has
 * both.
 *
 * Why this proves something. Sums of plain hashes can be forged by whoever may choose values:
 * among enough items there is a set with any wanted sum, and Wagner's generalised birthday attack
 * (2002) finds it quickly unless sums are thousands of bits wide, which is what LtHash does and
 * what costs 64 digests for each item. But here both sides are summed by one run and its sums mean
 * nothing to any other, so the hashes are behind a secret that is drawn when the run begins, when
 * both sides hold already what they hold: MSet-Add-Hash of Clarke et al. (2003). To whoever chose
 * the items their hashes are independent random numbers. Take an item that is in one set only:
 * whatever the others sum up to, its 256 bits are the ones that make the sums equal with a
 * probability of 2^-256. A key is in each set once (keys of rows that lose it are rejects), so
 * nothing cancels out but an item and itself.
 *
 * A run that goes on where a killed one was has the same secret, from the state directory; it is
 * gone when the verify has ended.
 */
#ifndef VERIFY_SUMS_H
#define VERIFY_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "model/key.h"
#include "verify/canonical.h"
#include "verify/verify.h"

struct item_sum {		/* what one item adds */
	struct hash128 key;
	uint64_t item[4];
};

/* One thread's means to make them; borrows the secret for the call. Items are hashed several at a
 * time, for which their bytes are kept until enough have come. */
#define SUMMER_WAITING 64
struct summer {
	struct canonical *canonical;
	struct keyed_hash *hash;
	uint64_t keys_secret[2];	/* made of the secret */
	struct item_sum *made;		/* the last 'waiting' without 'item' */
	size_t n, cap, waiting;
	struct buf bytes;		/* of those */
	size_t lengths[SUMMER_WAITING];
};
void summer_begin(struct summer *s, const unsigned char secret[KEYED_HASH_SECRET_BYTES]);
void summer_end(struct summer *s);	/* a zeroed one is fine */

/* One item more. -ETL_ESINK if the text is no item or lacks a key attribute; it is left out then. */
int summer_item(struct summer *s, const struct key_schema *keys, struct str item_json,
		struct etl_err *err);
/* What the items since summer_reset add, in their order; lent until one more comes. */
const struct item_sum *summer_made(struct summer *s, size_t *n);
void summer_reset(struct summer *s);
/* By the canonical key alone; 'item' becomes zero. */
void summer_key(struct summer *s, struct str canonical_key, struct item_sum *out);

struct bucket {
	uint64_t n, key[2], item[4];
};

struct sums {			/* zeroed: of no item. Guarded by whoever has it */
	struct bucket b[VERIFY_BUCKETS];
};

static inline size_t bucket_of(struct hash128 key)
{
	return key.hi % VERIFY_BUCKETS;
}

void sums_add(struct sums *s, const struct item_sum *item);
void sums_add_all(struct sums *s, const struct sums *more);
uint64_t sums_count(const struct sums *s);
bool sums_same_items(const struct sums *x, const struct sums *y, size_t bucket);
bool sums_same_keys(const struct sums *x, const struct sums *y, size_t bucket);

#endif
