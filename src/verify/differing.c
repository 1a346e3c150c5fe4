/*
 * The second pass, where the sums of both sides differ. The rows are read again, from the same
 * snapshot; those whose items fall into a bucket that differs are compared. Where the keys in a
 * bucket differ, too, the rows' keys are collected meanwhile, and a scan of the target's keys names
 * what is not among them: as many at a time as VERIFY_MAX_KEYS allows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/value.h"
#include "pipeline/parallel.h"
#include "verify/examine.h"

struct pass {
	struct examine x;
	bool items[VERIFY_BUCKETS];	/* to be compared; set before start, as those below */
	bool keys[VERIFY_BUCKETS];	/* of these: to be searched for extra items */
	size_t nitems, nkeys;		/* how many of each */
};

static bool wants(const struct examine *x, unsigned entity, struct hash128 key)
{
	(void)entity;
	return ((const struct pass *)x->arg)->items[bucket_of(key)];
}

static bool remembers(const struct examine *x, struct hash128 key)
{
	return ((const struct pass *)x->arg)->keys[bucket_of(key)];
}

/* ---- extra items ---------------------------------------------------------------------------- */

struct piece_of { size_t off, len; };

struct search {				/* of one thread, for one segment */
	struct pass *pass;
	struct summer summer;
	struct buf json;		/* keys of the present page that no row explains */
	struct piece_of *found;
	size_t n, cap;
};

static void page_begins(void *arg)
{
	struct search *s = arg;

	s->n = 0;
	buf_reset(&s->json);
}

static int key_came(void *arg, struct str key_json, struct etl_err *err)
{
	struct search *s = arg;
	const struct pass *p = s->pass;
	struct item_sum sum;
	struct str bytes;
	int rc = canonical_item(s->summer.canonical, key_json, &bytes, err);

	if (rc == 0)
		rc = canonical_key(s->summer.canonical, &p->x.v->table->def->keys, &bytes, err);
	if (rc < 0)
		return rc;
	summer_key(&s->summer, bytes, &sum);
	if (!p->keys[bucket_of(sum.key)] || hashmap_get(&p->x.known, sum.key))
		return 0;
	s->found = mem_grow(s->found, &s->cap, s->n + 1, sizeof(*s->found));
	s->found[s->n++] = (struct piece_of){ s->json.len, key_json.len };
	buf_addstr(&s->json, key_json);
	return 0;
}

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

static int page_ends(void *arg, size_t n, struct str next, struct etl_err *err)
{
	struct search *s = arg;
	struct verify *v = s->pass->x.v;
	int rc = 0;
	size_t i;

	(void)n;
	(void)next;
	for (i = 0; i < s->n && rc == 0; i++)
		rc = add_extra(v, (struct str){ s->json.ptr + s->found[i].off, s->found[i].len },
			       err);
	pthread_mutex_lock(&v->mutex);
	v->table_result->items_extra += s->n;
	pthread_mutex_unlock(&v->mutex);
	return rc;
}

static const struct scan_ops scan_ops = {
	.begin = page_begins, .item = key_came, .end = page_ends,
};

static int search_segment(void *ctx, unsigned i, struct etl_err *err)
{
	struct pass *p = ctx;
	struct verify *v = p->x.v;
	struct counters apart = { 0 };		/* the items were counted by the first scan */
	struct search s = { .pass = p };
	struct fetcher f;
	int rc = fetcher_begin(&f, v->job->sink, &v->watch, &apart, v->job->stop, i, err);

	if (rc < 0)
		return rc;
	summer_begin(&s.summer, v->secret);
	rc = fetch_scan(&f, v->table->def, i, v->nworkers, true, (struct str){ "", 0 }, &scan_ops,
			&s, err);
	summer_end(&s.summer);
	buf_release(&s.json);
	free(s.found);
	fetcher_end(&f);
	COUNTERS_ADD(v->job->counters, requests, COUNTERS_GET(&apart, requests));
	return rc;
}

/* ---- passes --------------------------------------------------------------------------------- */

static int run_pass(struct pass *p, struct etl_err *err)
{
	struct verify *v = p->x.v;
	int rc;

	hashmap_clear(&p->x.known);
	rc = examine_run(&p->x, err);
	if (rc == 0 && p->nkeys)
		rc = parallel_run(&(struct parallel){ .n = v->nworkers, .run = search_segment,
						      .ctx = p, .stop = v->job->stop }, err);
	return rc;
}

static void begin_pass(struct pass *p)
{
	memset(p->items, 0, sizeof(p->items));
	memset(p->keys, 0, sizeof(p->keys));
	p->nitems = p->nkeys = 0;
}

/* All that differs goes into one pass, but for what its keys would take too much memory for. */
static int run_passes(struct pass *p, struct etl_err *err)
{
	const struct verify *v = p->x.v;
	uint64_t keys = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < VERIFY_BUCKETS && rc == 0; i++) {
		uint64_t n = v->expected->b[i].n;
		bool same_keys = sums_same_keys(v->expected, v->actual, i);

		if (sums_same_items(v->expected, v->actual, i))
			continue;
		if (!same_keys && p->nkeys && keys + n > VERIFY_MAX_KEYS) {
			rc = run_pass(p, err);
			begin_pass(p);
			keys = 0;
		}
		p->items[i] = true;
		p->nitems++;
		if (!same_keys) {
			p->keys[i] = true;
			p->nkeys++;
			keys += n;
		}
	}
	return rc == 0 && p->nitems ? run_pass(p, err) : rc;
}

int verify_differing(struct verify *v, struct etl_err *err)
{
	struct pass *p = mem_zalloc(sizeof(*p));
	int rc;

	p->x = (struct examine){ .v = v, .wants = wants, .remembers = remembers, .arg = p };
	rc = run_passes(p, err);
	hashmap_release(&p->x.known);
	free(p);
	return rc;
}
