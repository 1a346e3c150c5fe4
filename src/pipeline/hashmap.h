/* A table in memory from 128-bit hashes to numbers; 24 bytes a slot, at most 3/4 full. One thread
 * at a time, or many that only look. A zeroed struct is an empty one. */
#ifndef PIPELINE_HASHMAP_H
#define PIPELINE_HASHMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/digest.h"

struct hashmap_slot { struct hash128 hash; uint64_t value; };

struct hashmap {
	struct hashmap_slot *slots;	/* a hash of zero: free */
	size_t capacity;		/* 0 or a power of two */
	size_t n;
};

/* The value's place; NULL if 'hash' is not there. Valid until the next add. */
uint64_t *hashmap_get(const struct hashmap *m, struct hash128 hash);

/* The value's place, made with 'value' if it was not there; *added tells (may be NULL). */
uint64_t *hashmap_add(struct hashmap *m, struct hash128 hash, uint64_t value, bool *added);

void hashmap_clear(struct hashmap *m);		/* empties, keeps the memory */
void hashmap_release(struct hashmap *m);

#endif
