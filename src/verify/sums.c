#include "verify/sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* They wait no longer when they are this much together. */
#define WAITING_BYTES (128u << 10)

void summer_begin(struct summer *s, const unsigned char secret[KEYED_HASH_SECRET_BYTES])
{
	uint64_t hash[4];

	*s = (struct summer){ .canonical = canonical_new(), .hash = keyed_hash_new(secret) };
	/* begins as neither a key nor an item does */
	keyed_hash(s->hash, "keys", 4, hash);
	s->keys_secret[0] = hash[0];
	s->keys_secret[1] = hash[1];
}

void summer_end(struct summer *s)
{
	canonical_free(s->canonical);
	keyed_hash_free(s->hash);
	buf_release(&s->bytes);
	free(s->made);
	*s = (struct summer){ 0 };
}

void summer_key(struct summer *s, struct str canonical_key, struct item_sum *out)
{
	*out = (struct item_sum){
		.key = hash128_keyed(s->keys_secret, canonical_key.ptr, canonical_key.len),
	};
}

static void hash_waiting(struct summer *s)
{
	struct str bytes[SUMMER_WAITING];
	uint64_t hashes[SUMMER_WAITING][4];
	struct item_sum *first = s->made + s->n - s->waiting;
	size_t off = 0, i;

	for (i = 0; i < s->waiting; i++) {
		bytes[i] = (struct str){ s->bytes.ptr + off, s->lengths[i] };
		off += s->lengths[i];
	}
	keyed_hash_many(s->hash, bytes, s->waiting, hashes);
	for (i = 0; i < s->waiting; i++)
		memcpy(first[i].item, hashes[i], sizeof(hashes[i]));
	s->waiting = 0;
	buf_reset_to(&s->bytes, 2 * WAITING_BYTES);
}

int summer_item(struct summer *s, const struct key_schema *keys, struct str item_json,
		struct etl_err *err)
{
	struct str item, key;
	int rc = canonical_item(s->canonical, item_json, &item, err);

	if (rc == 0)
		rc = canonical_key(s->canonical, keys, &key, err);
	if (rc < 0)
		return rc;
	s->made = mem_grow(s->made, &s->cap, s->n + 1, sizeof(*s->made));
	summer_key(s, key, &s->made[s->n++]);
	buf_addstr(&s->bytes, item);
	s->lengths[s->waiting++] = item.len;
	if (s->waiting == SUMMER_WAITING || s->bytes.len >= WAITING_BYTES)
		hash_waiting(s);
	return 0;
}

const struct item_sum *summer_made(struct summer *s, size_t *n)
{
	if (s->waiting)
		hash_waiting(s);
	*n = s->n;
	return s->made;
}

void summer_reset(struct summer *s)
{
	s->n = s->waiting = 0;
	buf_reset(&s->bytes);
}

void sums_add(struct sums *s, const struct item_sum *item)
{
	struct bucket *b = &s->b[bucket_of(item->key)];
	size_t i;

	b->n++;
	b->key[0] += item->key.hi;
	b->key[1] += item->key.lo;
	for (i = 0; i < 4; i++)
		b->item[i] += item->item[i];
}

void sums_add_all(struct sums *s, const struct sums *more)
{
	size_t i, k;

	for (i = 0; i < VERIFY_BUCKETS; i++) {
		struct bucket *b = &s->b[i];
		const struct bucket *m = &more->b[i];

		b->n += m->n;
		b->key[0] += m->key[0];
		b->key[1] += m->key[1];
		for (k = 0; k < 4; k++)
			b->item[k] += m->item[k];
	}
}

uint64_t sums_count(const struct sums *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < VERIFY_BUCKETS; i++)
		n += s->b[i].n;
	return n;
}

bool sums_same_keys(const struct sums *x, const struct sums *y, size_t bucket)
{
	const struct bucket *a = &x->b[bucket], *b = &y->b[bucket];

	return a->n == b->n && a->key[0] == b->key[0] && a->key[1] == b->key[1];
}

bool sums_same_items(const struct sums *x, const struct sums *y, size_t bucket)
{
	return sums_same_keys(x, y, bucket) &&
	       memcmp(x->b[bucket].item, y->b[bucket].item, sizeof(x->b[bucket].item)) == 0;
}
