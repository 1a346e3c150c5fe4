/*
 * Where the keys that the target gave on being asked and the keys that the scan gave do not sum up
 * the same, the scan saw something else: those buckets are looked at key by key, as many at a time
 * as VERIFY_MAX_KEYS allows. The rows' keys are collected first, so that one more scan can name
 * what is not among them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/value.h"
#include "verify/verify_priv.h"

struct pass {
	struct verify *v;
	bool selected[VERIFY_BUCKETS];	/* set before start */
	size_t nselected;
	pthread_mutex_t mutex;
	struct hashmap known;		/* guard: mutex while rows are read; then only looked at */
	uint64_t extra;			/* guard: mutex */
};

static int no_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	(void)ctx;
	(void)w;
	(void)pk;
	(void)rej;
	(void)err;
	return 0;
}

static int collect(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct pass *p = ctx;
	size_t i;

	(void)worker;
	(void)err;
	pthread_mutex_lock(&p->mutex);
	for (i = 0; i < b->n; i++)
		if (p->selected[bucket_of(b->items[i].hash)])
			hashmap_add(&p->known, b->items[i].hash, 0, NULL);
	pthread_mutex_unlock(&p->mutex);
	return 0;
}

static int unit_over(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	(void)ctx;
	(void)w;
	(void)done;
	(void)err;
	return 0;
}

static const struct flow_ops collect_ops = {
	.reject = no_reject, .batch = collect, .end_unit = unit_over,
};

/* The key in canonical order, however the target gave it. */
static int add_extra(struct verify *v, struct str key_json, struct etl_err *err)
{
	struct arena *arena = arena_new();
	struct buf text = { 0 };
	struct value key;
	int rc = value_from_item_json(arena, key_json, &key, err);
	size_t i;

	if (rc == 0) {
		buf_addc(&text, '{');
		for (i = 0; i < key.n; i++) {
			if (i)
				buf_addc(&text, ',');
			buf_add_json(&text, key.names[i]);
			buf_addc(&text, ':');
			value_add_json(&text, &key.members[i]);
		}
		buf_addc(&text, '}');
		findings_add(v->findings, &(struct finding_parts){
			.kind = FINDING_EXTRA, .table = v->table->def->name,
			.key_json = buf_str(&text) });
	}
	buf_release(&text);
	arena_free(arena);
	return rc;
}

static int is_extra(void *arg, struct hash128 hash, struct str key_json, struct etl_err *err)
{
	struct pass *p = arg;

	if (!p->selected[bucket_of(hash)] || hashmap_get(&p->known, hash))
		return 0;
	pthread_mutex_lock(&p->mutex);
	p->extra++;
	pthread_mutex_unlock(&p->mutex);
	return add_extra(p->v, key_json, err);
}

/* Counters of the run tell of each row and item once: passes like this one count apart. */
static int run_pass(struct pass *p, struct etl_err *err)
{
	struct verify *v = p->v;
	struct counters *apart = mem_zalloc(sizeof(*apart));
	struct flow flow = verify_flow(v, apart);
	int rc;

	flow.keys_only = true;
	flow.ops = &collect_ops;
	flow.ctx = p;
	hashmap_clear(&p->known);
	rc = flow_run(&flow, err);
	if (rc == 0)
		rc = verify_scan(v, apart, is_extra, p, err);
	free(apart);
	return rc;
}

int verify_extra(struct verify *v, struct etl_err *err)
{
	struct pass *p = mem_zalloc(sizeof(*p));
	size_t i, ndiffer = 0;
	uint64_t keys = 0;
	int rc = 0;

	p->v = v;
	pthread_mutex_init(&p->mutex, NULL);
	for (i = 0; i < VERIFY_BUCKETS && rc == 0; i++) {
		uint64_t n = atomic_load(&v->expected->b[i].n);

		if (bucket_equal(v->matched, v->scanned, i))
			continue;
		if (p->nselected && keys + n > VERIFY_MAX_KEYS) {
			rc = run_pass(p, err);
			memset(p->selected, 0, sizeof(p->selected));
			p->nselected = 0;
			keys = 0;
		}
		p->selected[i] = true;
		p->nselected++;
		keys += n;
		ndiffer++;
	}
	if (rc == 0 && p->nselected)
		rc = run_pass(p, err);
	if (rc == 0 && ndiffer && p->extra == 0)
		log_warn("table '%s' changed while it was verified", v->table->def->name);
	v->table_result->items_extra = p->extra;
	hashmap_release(&p->known);
	pthread_mutex_destroy(&p->mutex);
	free(p);
	return rc;
}
