/*
 * The second pass, where the sums of both sides differ. The rows are read again, from the same
 * snapshot; those whose items fall into a bucket that differs are asked for and compared attribute
 * by attribute. Where the keys in a bucket differ, too, the rows' keys are collected meanwhile, and
 * a scan of the target's keys names what is not among them: as many at a time as VERIFY_MAX_KEYS
 * allows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/value.h"
#include "pipeline/parallel.h"
#include "pipeline/reject_line.h"
#include "verify/compare.h"
#include "verify/verify_priv.h"

struct examine {
	struct verify *v;
	struct counters *apart;		/* the run's own tell of each row and item once */
	bool items[VERIFY_BUCKETS];	/* to be compared; set before start */
	bool keys[VERIFY_BUCKETS];	/* of these: to be searched for extra items */
	size_t nitems, nkeys;		/* how many of each */
	struct examiner *workers;
	pthread_mutex_t mutex;
	struct hashmap known;		/* guard: mutex while rows are read; then only looked at */
};

struct tally { uint64_t seen, asked, missing, different, attributes; };

struct examiner {			/* of one thread */
	struct examine *x;
	struct summer summer;
	struct fetcher fetcher;
	struct tally tally;		/* of the present batch */
	struct buf source_key, expected, actual;
};

/* ---- rows ----------------------------------------------------------------------------------- */

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

static int unit_over(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	(void)ctx;
	(void)w;
	(void)done;
	(void)err;
	return 0;
}

static int begin_worker(void *ctx, unsigned i, struct etl_err *err)
{
	struct examine *x = ctx;
	struct verify *v = x->v;
	struct examiner *w = &x->workers[i];
	int rc = fetcher_begin(&w->fetcher, v->job->sink, &v->watch, v->job->counters,
			       v->job->stop, i, err);

	if (rc < 0)
		return rc;
	w->x = x;
	summer_begin(&w->summer, v->secret);
	return 0;
}

static void end_worker(void *ctx, unsigned i)
{
	struct examiner *w = &((struct examine *)ctx)->workers[i];

	fetcher_end(&w->fetcher);
	summer_end(&w->summer);
	buf_release(&w->source_key);
	buf_release(&w->expected);
	buf_release(&w->actual);
}

/* ---- items ---------------------------------------------------------------------------------- */

static void begin_finding(struct examiner *w, const struct batch *b, size_t i,
			  enum finding_kind kind, struct finding_parts *parts)
{
	const struct work *work = b->work;

	buf_reset(&w->source_key);
	source_key_json(&w->source_key, work->source, batch_str(b, b->items[i].pk));
	*parts = (struct finding_parts){
		.kind = kind, .table = work->table->def->name,
		.entity = work->source->shape->entity,
		.key_json = batch_str(b, b->items[i].key_json),
		.source_key_json = buf_str(&w->source_key),
	};
}

struct differing {
	struct examiner *w;
	struct finding_parts parts;
};

static struct str value_text(struct buf *out, const struct value *v)
{
	if (!v)
		return (struct str){ NULL, 0 };
	buf_reset(out);
	value_add_json(out, v);
	return buf_str(out);
}

static void attribute_differs(void *arg, struct str attribute, enum finding_how how,
			      const struct value *expected, const struct value *actual)
{
	struct differing *d = arg;

	d->parts.how = how;
	d->parts.attribute = attribute;
	d->parts.expected = value_text(&d->w->expected, expected);
	d->parts.actual = value_text(&d->w->actual, actual);
	findings_add(d->w->x->v->findings, &d->parts);
}

static int item_found(void *arg, const struct batch *b, size_t i, struct str item_json,
		      struct etl_err *err)
{
	struct examiner *w = arg;
	struct differing d = { .w = w };
	struct arena *arena = arena_new();
	struct value expected, actual;
	size_t n;
	int rc;

	rc = value_from_item_json(arena, batch_str(b, b->items[i].json), &expected, err);
	if (rc == 0)
		rc = value_from_item_json(arena, item_json, &actual, err);
	if (rc == 0) {
		begin_finding(w, b, i, FINDING_DIFFERENT, &d.parts);
		n = compare_items(&expected, &actual, attribute_differs, &d);
		w->tally.attributes += n;
		w->tally.different += n > 0;
	}
	arena_free(arena);
	return rc;
}

static void item_missing(struct examiner *w, const struct batch *b, size_t i)
{
	struct finding_parts parts;

	begin_finding(w, b, i, FINDING_MISSING, &parts);
	w->tally.missing++;
	findings_add(w->x->v->findings, &parts);
}

/* Which items of the batch are to be looked at; the keys of those that are go to 'known'. */
static size_t choose(struct examiner *w, const struct batch *b, size_t *at)
{
	struct examine *x = w->x;
	struct item_sum sum;
	size_t i, n = 0;

	for (i = 0; i < b->n; i++) {
		size_t bucket;

		summer_key(&w->summer, batch_str(b, b->items[i].key), &sum);
		bucket = bucket_of(sum.key);
		if (x->items[bucket])
			at[n++] = i;
		if (x->keys[bucket]) {
			pthread_mutex_lock(&x->mutex);
			hashmap_add(&x->known, sum.key, 0, NULL);
			pthread_mutex_unlock(&x->mutex);
		}
	}
	return n;
}

static void count_batch(struct verify *v, const struct batch *b, const struct tally *t)
{
	struct verify_entity_result *e = &v->entities[b->work->unit->entity];

	pthread_mutex_lock(&v->mutex);
	e->items_examined += t->asked;
	e->items_missing += t->missing;
	e->items_different += t->different;
	e->attributes_different += t->attributes;
	pthread_mutex_unlock(&v->mutex);
}

static int examine_batch(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct examine *x = ctx;
	struct examiner *w = &x->workers[worker];
	size_t at[BATCH_GET_MAX_KEYS], asked[BATCH_GET_MAX_KEYS], n, i;
	bool got[BATCH_GET_MAX_KEYS];
	int rc;

	n = choose(w, b, at);
	if (n == 0)
		return 0;
	memcpy(asked, at, n * sizeof(*at));
	w->tally = (struct tally){ .asked = n };
	rc = fetch_items(&w->fetcher, b->work->table->def, b, at, n, got, item_found, w, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < n; i++)
		if (!got[asked[i]])
			item_missing(w, b, asked[i]);
	count_batch(x->v, b, &w->tally);
	return 0;
}

static const struct flow_ops ops = {
	.reject = no_reject, .begin_worker = begin_worker, .end_worker = end_worker,
	.batch = examine_batch, .end_unit = unit_over,
};

/* ---- extra items ---------------------------------------------------------------------------- */

struct piece_of { size_t off, len; };

struct search {				/* of one thread, for one segment */
	struct examine *x;
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
	const struct examine *x = s->x;
	struct item_sum sum;
	struct str bytes;
	int rc = canonical_item(s->summer.canonical, key_json, &bytes, err);

	if (rc == 0)
		rc = canonical_key(s->summer.canonical, &x->v->table->def->keys, &bytes, err);
	if (rc < 0)
		return rc;
	summer_key(&s->summer, bytes, &sum);
	if (!x->keys[bucket_of(sum.key)] || hashmap_get(&x->known, sum.key))
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
	struct verify *v = s->x->v;
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
	struct examine *x = ctx;
	struct verify *v = x->v;
	struct search s = { .x = x };
	struct fetcher f;
	int rc = fetcher_begin(&f, v->job->sink, &v->watch, x->apart, v->job->stop, i, err);

	if (rc < 0)
		return rc;
	summer_begin(&s.summer, v->secret);
	rc = fetch_scan(&f, v->table->def, i, v->nworkers, true, (struct str){ "", 0 }, &scan_ops,
			&s, err);
	summer_end(&s.summer);
	buf_release(&s.json);
	free(s.found);
	fetcher_end(&f);
	return rc;
}

/* ---- passes --------------------------------------------------------------------------------- */

static int run_pass(struct examine *x, struct etl_err *err)
{
	struct verify *v = x->v;
	struct flow flow = verify_flow(v, x->apart);
	int rc;

	flow.ops = &ops;
	flow.ctx = x;
	hashmap_clear(&x->known);
	rc = flow_run(&flow, err);
	if (rc == 0 && x->nkeys)
		rc = parallel_run(&(struct parallel){ .n = v->nworkers, .run = search_segment,
						      .ctx = x, .stop = v->job->stop }, err);
	return rc;
}

static void begin_pass(struct examine *x)
{
	memset(x->items, 0, sizeof(x->items));
	memset(x->keys, 0, sizeof(x->keys));
	x->nitems = x->nkeys = 0;
}

/* All that differs goes into one pass, but for what its keys would take too much memory for. */
static int run_passes(struct examine *x, struct etl_err *err)
{
	struct verify *v = x->v;
	uint64_t keys = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < VERIFY_BUCKETS && rc == 0; i++) {
		uint64_t n = v->expected->b[i].n;
		bool same_keys = sums_same_keys(v->expected, v->actual, i);

		if (sums_same_items(v->expected, v->actual, i))
			continue;
		if (!same_keys && x->nkeys && keys + n > VERIFY_MAX_KEYS) {
			rc = run_pass(x, err);
			begin_pass(x);
			keys = 0;
		}
		x->items[i] = true;
		x->nitems++;
		if (!same_keys) {
			x->keys[i] = true;
			x->nkeys++;
			keys += n;
		}
	}
	return rc == 0 && x->nitems ? run_pass(x, err) : rc;
}

int verify_examine(struct verify *v, struct etl_err *err)
{
	struct examine *x = mem_zalloc(sizeof(*x));
	int rc;

	x->v = v;
	x->apart = mem_zalloc(sizeof(*x->apart));
	x->workers = mem_array(v->nworkers, sizeof(*x->workers));
	pthread_mutex_init(&x->mutex, NULL);
	rc = run_passes(x, err);
	hashmap_release(&x->known);
	pthread_mutex_destroy(&x->mutex);
	free(x->workers);
	free(x->apart);
	free(x);
	return rc;
}
