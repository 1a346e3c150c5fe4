#include "pipeline/batch.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

bool batch_has_room(const struct batch *b, size_t max_items, size_t json_bytes)
{
	if (b->n == 0)
		return true;
	return b->n < max_items &&
	       b->wire_bytes + json_bytes + BATCH_ITEM_OVERHEAD_BYTES <= BATCH_TARGET_BYTES;
}

bool batch_has_key(const struct batch *b, struct hash128 hash)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->items[i].hash.lo == hash.lo && b->items[i].hash.hi == hash.hi)
			return true;
	return false;
}

static struct piece keep(struct batch *b, struct str s)
{
	struct piece p = { b->data.len, s.len };

	buf_addstr(&b->data, s);
	return p;
}

void batch_add(struct batch *b, const struct item *item, struct hash128 hash, struct str pk,
	       bool keys_only)
{
	struct batch_item *bi = &b->items[b->n++];
	struct str json = keys_only ? (struct str){ "", 0 } : buf_str(&item->json);
	unsigned i;

	bi->json = keep(b, json);
	bi->key = keep(b, buf_str(&item->key));
	bi->key_json = keep(b, buf_str(&item->key_json));
	bi->pk = keep(b, pk);
	bi->size_bytes = item->size_bytes;
	bi->index_mask = item->index_mask;
	bi->sparse_mask = item->sparse_mask;
	bi->write_units = item->write_units;
	for (i = 0; item->index_mask >> i; i++)
		bi->index_units[i] = (uint16_t)item_write_units(item->index_bytes[i]);
	bi->hash = hash;
	b->wire_bytes += json.len + BATCH_ITEM_OVERHEAD_BYTES;
}

void batch_reset(struct batch *b)
{
	b->work = NULL;
	b->n = 0;
	b->wire_bytes = 0;
	buf_reset_to(&b->data, BATCH_KEEP_BYTES);
}

struct batch_pool {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	size_t total, budget_bytes;	/* set before start */
	struct batch *all;		/* set before start */
	size_t nfree;			/* guard: mutex; also those below */
	struct batch **free;
	size_t used_bytes;
	unsigned waiting;
	bool abandoned;
};

struct batch_pool *batch_pool_new(size_t n, size_t budget_bytes)
{
	struct batch_pool *p = mem_zalloc(sizeof(*p));
	size_t i;

	pthread_mutex_init(&p->mutex, NULL);
	pthread_cond_init(&p->some, NULL);
	p->total = n;
	p->budget_bytes = budget_bytes;
	p->all = mem_array(n, sizeof(*p->all));
	p->free = mem_array(n, sizeof(*p->free));
	for (i = 0; i < n; i++)
		p->free[p->nfree++] = &p->all[n - 1 - i];
	return p;
}

void batch_pool_free(struct batch_pool *p)
{
	size_t i;

	if (!p)
		return;
	assert(p->nfree == p->total && p->used_bytes == 0);
	for (i = 0; i < p->total; i++)
		buf_release(&p->all[i].data);
	pthread_cond_destroy(&p->some);
	pthread_mutex_destroy(&p->mutex);
	free(p->free);
	free(p->all);
	free(p);
}

/* The batch used last is given first: its memory is warm, and few are touched where few suffice. */
struct batch *batch_pool_get(struct batch_pool *p)
{
	struct batch *b = NULL;

	pthread_mutex_lock(&p->mutex);
	p->waiting++;
	while ((p->nfree == 0 || p->used_bytes >= p->budget_bytes) && !p->abandoned)
		pthread_cond_wait(&p->some, &p->mutex);
	p->waiting--;
	if (!p->abandoned)
		b = p->free[--p->nfree];
	pthread_mutex_unlock(&p->mutex);
	return b;
}

void batch_pool_charge(struct batch_pool *p, struct batch *b)
{
	b->charged_bytes = b->data.cap + b->wire_bytes;
	pthread_mutex_lock(&p->mutex);
	p->used_bytes += b->charged_bytes;
	pthread_mutex_unlock(&p->mutex);
}

void batch_pool_put(struct batch_pool *p, struct batch *b)
{
	batch_reset(b);
	pthread_mutex_lock(&p->mutex);
	assert(p->nfree < p->total);
	p->free[p->nfree++] = b;
	p->used_bytes -= b->charged_bytes;
	b->charged_bytes = 0;
	pthread_cond_broadcast(&p->some);	/* the budget may do for several */
	pthread_mutex_unlock(&p->mutex);
}

void batch_pool_abandon(struct batch_pool *p)
{
	pthread_mutex_lock(&p->mutex);
	p->abandoned = true;
	pthread_cond_broadcast(&p->some);
	pthread_mutex_unlock(&p->mutex);
}

size_t batch_pool_home(struct batch_pool *p)
{
	size_t n;

	pthread_mutex_lock(&p->mutex);
	n = p->nfree;
	pthread_mutex_unlock(&p->mutex);
	return n;
}

unsigned batch_pool_waiting(struct batch_pool *p)
{
	unsigned n;

	pthread_mutex_lock(&p->mutex);
	n = p->waiting;
	pthread_mutex_unlock(&p->mutex);
	return n;
}
