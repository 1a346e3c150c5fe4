/*
 * The first pass: two flows that know nothing of each other. On one side the rows of every entity
 * go through pipeline/flow.h, whose workers sum up the items; on the other, as many threads scan a
 * segment of the target each. Every unit of rows and every page of a scan is summed up by itself
 * and joins the table's sums as a whole when it has come to its end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pipeline/parallel.h"
#include "verify/refused.h"
#include "verify/verify_priv.h"

struct summing {			/* a worker of the flow's, of one thread */
	struct summer summer;
	bool asks;			/* the fetcher is begun */
	struct fetcher fetcher;
};

struct sides {
	struct verify *v;
	bool counting;			/* VERIFY_COUNT: no sums */
	bool indexes;			/* are to be verified */
	struct summing *workers;
	struct etl_err errs[2];		/* each of one thread */
};

/* ---- rows ----------------------------------------------------------------------------------- */

/* What a unit's rows come to. Guard: the work's mutex. */
struct unit_sum {
	uint64_t expected, rejected, rejects[REJECT_CODE_COUNT];
	struct sums *sums;		/* NULL while counting */
	struct index_sum entries[MAX_INDEXES];
	struct probes probes;
};

static int begin_unit(void *ctx, struct work *w, struct etl_err *err)
{
	struct sides *s = ctx;
	struct unit_sum *u = mem_zalloc(sizeof(*u));

	(void)err;
	if (!s->counting)
		u->sums = mem_zalloc(sizeof(*u->sums));
	w->user = u;
	return 0;
}

static int on_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	struct sides *s = ctx;
	struct unit_sum *u = w->user;

	(void)err;
	pthread_mutex_lock(&w->mutex);
	u->rejected++;
	u->rejects[rej->code]++;
	pthread_mutex_unlock(&w->mutex);
	verify_keep_reject(s->v, w, pk, rej);
	COUNTERS_ADD_TABLE(s->v->job->counters, w->table->index, rows_rejected, 1);
	return 0;
}

static int is_there(void *arg, const struct batch *b, size_t i, struct str item_json,
		    struct etl_err *err)
{
	(void)arg;
	(void)b;
	(void)i;
	(void)item_json;
	(void)err;
	return 0;
}

/* Which items were refused during the load and are not there? */
static int find_refused(struct sides *s, unsigned worker, const struct batch *b, bool *gone,
			struct etl_err *err)
{
	struct verify *v = s->v;
	struct summing *w = &s->workers[worker];
	size_t at[BATCH_GET_MAX_KEYS], asked[BATCH_GET_MAX_KEYS], n = 0, i;
	bool got[BATCH_GET_MAX_KEYS];
	int rc = 0;

	for (i = 0; i < b->n; i++) {
		gone[i] = false;
		if (refused_has(v->job->refused, v->table_index, b->items[i].hash))
			at[n++] = i;
	}
	if (n == 0)
		return 0;
	memcpy(asked, at, n * sizeof(*at));
	if (!w->asks)
		rc = fetcher_begin(&w->fetcher, &v->fetching, worker, err);
	if (rc < 0)
		return rc;
	w->asks = true;
	rc = fetch_items(&w->fetcher, b->work->table->def, b, at, n, got, is_there, NULL, err);
	for (i = 0; i < n && rc == 0; i++)
		gone[asked[i]] = !got[asked[i]];
	return rc;
}

/* Mutex held. */
static void enter_indexes(const struct sides *s, struct unit_sum *u, const struct batch *b,
			  size_t i, const struct item_sum *sum)
{
	const struct batch_item *item = &b->items[i];
	struct hash128 none = { 0, 0 };

	index_sums_add(u->entries, item->index_mask, s->counting ? none : sum->key);
	if (s->v->job->mode == VERIFY_FULL)
		probes_add(&u->probes, sum->key.lo, item->index_mask, batch_str(b, item->json));
}

static int sum_batch(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct sides *s = ctx;
	struct work *w = b->work;
	struct counters *counters = s->v->job->counters;
	struct unit_sum *u = w->user;
	struct summer *summer = &s->workers[worker].summer;
	const struct item_sum *sums;
	bool gone[BATCH_GET_MAX_KEYS] = { false };
	uint64_t bytes = 0, refused = 0;
	size_t i, n;
	int rc = 0;

	summer_reset(summer);
	if (refused_count(s->v->job->refused, s->v->table_index))
		rc = find_refused(s, worker, b, gone, err);
	for (i = 0; i < b->n && rc == 0; i++) {
		bytes += b->items[i].size_bytes;
		if (!s->counting && !gone[i])
			rc = summer_item(summer, &w->table->def->keys,
					 batch_str(b, b->items[i].json), err);
	}
	if (rc < 0)
		return rc;
	sums = summer_made(summer, &n);
	pthread_mutex_lock(&w->mutex);
	for (i = 0; i < b->n; i++) {
		refused += gone[i];
		if (gone[i])
			continue;
		if (s->indexes)
			enter_indexes(s, u, b, i, sums);
		if (!s->counting)
			sums_add(u->sums, sums++);
	}
	u->expected += b->n - refused;
	u->rejected += refused;
	u->rejects[REJECT_REFUSED] += refused;
	pthread_mutex_unlock(&w->mutex);
	for (i = 0; i < b->n && refused; i++)
		if (gone[i])
			verify_keep_refused(s->v, b, i);
	COUNTERS_ADD_TABLE(counters, w->table->index, items_written, b->n - refused);
	COUNTERS_ADD_TABLE(counters, w->table->index, rows_rejected, refused);
	COUNTERS_ADD_TABLE(counters, w->table->index, bytes, bytes);
	return 0;
}

static int join_unit(struct verify *v, const struct work *w, const struct unit_sum *u,
		     struct etl_err *err)
{
	struct verify_entity_result *e = &v->entities[w->unit->entity];
	size_t i;
	int rc;

	pthread_mutex_lock(&v->mutex);
	e->rows_read += w->rows_read;
	e->items_expected += u->expected;
	e->rows_rejected += u->rejected;
	for (i = 0; i < REJECT_CODE_COUNT; i++)
		e->rejects[i] += u->rejects[i];
	if (u->sums)
		sums_add_all(v->expected, u->sums);
	for (i = 0; i < MAX_INDEXES; i++)
		index_sum_add(&v->index_sums[i], &u->entries[i]);
	probes_add_all(&v->probes[w->unit->entity], &u->probes);
	rc = resume_unit_done(v, w, err);
	pthread_mutex_unlock(&v->mutex);
	resume_save(v, false);
	return rc;
}

static int end_unit(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	struct sides *s = ctx;
	struct unit_sum *u = w->user;
	int rc = done ? join_unit(s->v, w, u, err) : 0;

	free(u->sums);
	probes_release(&u->probes);
	free(u);
	return rc;
}

static int begin_worker(void *ctx, unsigned i, struct etl_err *err)
{
	struct sides *s = ctx;

	(void)err;
	summer_begin(&s->workers[i].summer, s->v->secret);
	return 0;
}

static void end_worker(void *ctx, unsigned i)
{
	struct sides *s = ctx;

	summer_end(&s->workers[i].summer);
	if (s->workers[i].asks)
		fetcher_end(&s->workers[i].fetcher);
}

static const struct flow_ops ops = {
	.begin_unit = begin_unit, .reject = on_reject, .begin_worker = begin_worker,
	.end_worker = end_worker, .batch = sum_batch, .end_unit = end_unit,
};

static int read_rows(struct sides *s, struct etl_err *err)
{
	struct flow flow = verify_flow(s->v, s->v->job->counters);
	struct load_table table = *s->v->table;

	table.checkpoint = s->v->units;
	flow.tables = &table;
	flow.use_checkpoint = table.checkpoint != NULL;
	flow.ops = &ops;
	flow.ctx = s;
	flow.keys_only = s->counting;
	flow.computes = true;
	return flow_run(&flow, err);
}

/* ---- items ---------------------------------------------------------------------------------- */

struct segment {			/* one thread's */
	struct sides *s;
	struct segment_place *place;	/* guard: the verify's mutex */
	struct summer summer;		/* of the page */
};

static void page_begins(void *arg)
{
	struct segment *g = arg;

	summer_reset(&g->summer);
}

static int item_came(void *arg, struct str item_json, struct etl_err *err)
{
	struct segment *g = arg;

	if (g->s->counting)
		return 0;
	return summer_item(&g->summer, &g->s->v->table->def->keys, item_json, err);
}

static int page_ends(void *arg, size_t n, struct str next, struct etl_err *err)
{
	struct segment *g = arg;
	struct verify *v = g->s->v;
	struct counters *counters = v->job->counters;
	size_t made, i;
	const struct item_sum *sums = summer_made(&g->summer, &made);

	(void)err;
	pthread_mutex_lock(&v->mutex);
	v->table_result->items_scanned += n;
	for (i = 0; i < made; i++)
		sums_add(v->actual, &sums[i]);
	buf_reset(&g->place->next);
	buf_addstr(&g->place->next, next);
	g->place->done = next.len == 0;
	pthread_mutex_unlock(&v->mutex);
	resume_save(v, false);
	if (v->table->index < counters->ntables)
		COUNTERS_ADD(&counters->tables[v->table->index], items_scanned, n);
	return 0;
}

static const struct scan_ops scan_ops = {
	.begin = page_begins, .item = item_came, .end = page_ends,
};

static int scan_segment(void *ctx, unsigned i, struct etl_err *err)
{
	struct sides *s = ctx;
	struct verify *v = s->v;
	struct segment g = { .s = s, .place = &v->segments[i] };
	struct fetcher f;
	int rc;

	if (g.place->done)
		return 0;
	rc = fetcher_begin(&f, &v->fetching, i, err);
	if (rc < 0)
		return rc;
	summer_begin(&g.summer, v->secret);
	rc = fetch_scan(&f, v->table->def,
			&(struct scan_part){ i, v->nworkers, s->counting, 0, NULL },
			buf_str(&g.place->next), &scan_ops, &g, err);
	summer_end(&g.summer);
	fetcher_end(&f);
	return rc;
}

/* ---- both ----------------------------------------------------------------------------------- */

/* A side that fails asks the other to stop; what the other then says must not come first, so each
 * keeps its own. */
static int run_side(void *ctx, unsigned i, struct etl_err *err)
{
	struct sides *s = ctx;
	struct verify *v = s->v;
	int rc = i ? parallel_run(&(struct parallel){ .n = v->nworkers, .run = scan_segment,
						      .ctx = s, .stop = v->job->stop },
				  &s->errs[1])
		   : read_rows(s, &s->errs[0]);

	(void)err;
	if (rc < 0)
		stop_ask(v->job->stop);
	return 0;
}

int verify_sides(struct verify *v, struct etl_err *err)
{
	struct sides s = { .v = v, .counting = v->job->mode == VERIFY_COUNT,
			   .indexes = v->job->indexes };
	const struct etl_err *rows = &s.errs[0], *items = &s.errs[1];
	int rc;

	s.workers = mem_array(v->nworkers, sizeof(*s.workers));
	rc = parallel_run(&(struct parallel){ .n = 2, .run = run_side, .ctx = &s,
					      .stop = v->job->stop }, err);
	free(s.workers);
	resume_save(v, true);
	if (rc < 0)
		return rc;
	if (rows->code == ETL_OK || (rows->code == ETL_ESTOPPED && items->code != ETL_OK))
		return etl_err_copy(err, items);
	return etl_err_copy(err, rows);
}
