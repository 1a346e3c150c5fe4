/* Open addressing with linear probing. The hashes are good ones, so their low bits are the slot. */
#include "pipeline/hashmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Zero marks a free slot; a hash that is zero (it will not come) stands as another. */
static struct hash128 mended(struct hash128 hash)
{
	if (hash.hi == 0 && hash.lo == 0)
		hash.lo = 1;
	return hash;
}

static struct hashmap_slot *find(const struct hashmap *m, struct hash128 hash)
{
	size_t mask = m->capacity - 1, i = hash.lo & mask;

	for (;; i = (i + 1) & mask) {
		struct hashmap_slot *s = &m->slots[i];

		if (s->hash.hi == 0 && s->hash.lo == 0)
			return s;
		if (s->hash.hi == hash.hi && s->hash.lo == hash.lo)
			return s;
	}
}

uint64_t *hashmap_get(const struct hashmap *m, struct hash128 hash)
{
	struct hashmap_slot *s;

	if (m->n == 0)
		return NULL;
	s = find(m, mended(hash));
	return s->hash.hi || s->hash.lo ? &s->value : NULL;
}

static void grow(struct hashmap *m)
{
	struct hashmap old = *m;
	size_t i;

	m->capacity = old.capacity ? old.capacity * 2 : 64;
	m->slots = mem_array(m->capacity, sizeof(*m->slots));
	for (i = 0; i < old.capacity; i++) {
		const struct hashmap_slot *s = &old.slots[i];

		if (s->hash.hi || s->hash.lo)
			*find(m, s->hash) = *s;
	}
	free(old.slots);
}

uint64_t *hashmap_add(struct hashmap *m, struct hash128 hash, uint64_t value, bool *added)
{
	struct hashmap_slot *s;
	bool is_new;

	if (m->capacity == 0 || m->n >= m->capacity / 4 * 3)
		grow(m);
	hash = mended(hash);
	s = find(m, hash);
	is_new = !s->hash.hi && !s->hash.lo;
	if (is_new) {
		s->hash = hash;
		s->value = value;
		m->n++;
	}
	if (added)
		*added = is_new;
	return &s->value;
}

void hashmap_clear(struct hashmap *m)
{
	if (m->n)
		memset(m->slots, 0, m->capacity * sizeof(*m->slots));
	m->n = 0;
}

void hashmap_release(struct hashmap *m)
{
	free(m->slots);
	*m = (struct hashmap){ 0 };
}
