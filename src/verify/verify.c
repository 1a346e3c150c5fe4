/*
 * One table after another, all in one snapshot. First the flow of pipeline/flow.h with workers that
 * fetch and compare (full) or only count; then the scan of the target; then, where the sums of keys
 * differ, extra.c.
 */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/value.h"
#include "pipeline/load.h"
#include "pipeline/parallel.h"
#include "pipeline/reject_line.h"
#include "pipeline/units.h"
#include "verify/compare.h"
#include "verify/verify_priv.h"

struct tally {
	uint64_t expected, equal, missing, different, attributes, bytes;
};

struct verify_worker {			/* of one thread */
	struct verify *v;
	struct fetcher fetcher;
	struct tally tally;		/* of the present batch */
	struct buf source_key, expected, actual;
};

/* ---- rows ----------------------------------------------------------------------------------- */

static int on_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	struct verify *v = ctx;
	struct verify_result *r = v->result;
	struct verify_entity_result *e = &v->entities[w->unit->entity];

	(void)err;
	pthread_mutex_lock(&v->mutex);
	e->rows_rejected++;
	e->rejects[rej->code]++;
	if (r->nreject_examples < VERIFY_MAX_REJECT_EXAMPLES) {
		struct buf line = { 0 };

		reject_line(&line, w->table->def, w->source, pk, rej->code,
			    buf_str(&rej->sentence), buf_str(&rej->item), buf_str(&rej->left_out));
		r->reject_examples[r->nreject_examples++] = buf_detach(&line);
	}
	pthread_mutex_unlock(&v->mutex);
	COUNTERS_ADD(v->job->counters, rows_rejected, 1);
	return 0;
}

static int end_unit(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	struct verify *v = ctx;

	(void)done;
	(void)err;
	pthread_mutex_lock(&v->mutex);
	v->entities[w->unit->entity].rows_read += w->rows_read;
	pthread_mutex_unlock(&v->mutex);
	return 0;
}

static void count_batch(struct verify *v, const struct batch *b, const struct tally *t)
{
	struct verify_entity_result *e = &v->entities[b->work->unit->entity];

	pthread_mutex_lock(&v->mutex);
	e->items_expected += t->expected;
	e->items_equal += t->equal;
	e->items_missing += t->missing;
	e->items_different += t->different;
	e->attributes_different += t->attributes;
	pthread_mutex_unlock(&v->mutex);
	COUNTERS_ADD(v->job->counters, items_written, t->expected);
	COUNTERS_ADD(v->job->counters, bytes, t->bytes);
}

/* ---- count ---------------------------------------------------------------------------------- */

static int count_only(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	(void)worker;
	(void)err;
	count_batch(ctx, b, &(struct tally){ .expected = b->n });
	return 0;
}

static const struct flow_ops count_ops = {
	.reject = on_reject, .batch = count_only, .end_unit = end_unit,
};

/* ---- full ----------------------------------------------------------------------------------- */

static int begin_worker(void *ctx, unsigned i, struct etl_err *err)
{
	struct verify *v = ctx;
	struct verify_worker *w = &v->workers[i];

	w->v = v;
	return fetcher_begin(&w->fetcher, v->job->sink, &v->watch, v->job->counters, v->job->stop,
			     i, err);
}

static void end_worker(void *ctx, unsigned i)
{
	struct verify *v = ctx;
	struct verify_worker *w = &v->workers[i];

	fetcher_end(&w->fetcher);
	buf_release(&w->source_key);
	buf_release(&w->expected);
	buf_release(&w->actual);
}

static void begin_finding(struct verify_worker *w, const struct batch *b, size_t i,
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
	struct verify_worker *w;
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
	findings_add(d->w->v->findings, &d->parts);
}

static int item_found(void *arg, const struct batch *b, size_t i, struct str item_json,
		      struct etl_err *err)
{
	struct verify_worker *w = arg;
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
		w->tally.equal += n == 0;
		buckets_add(w->v->matched, b->items[i].hash);
	}
	arena_free(arena);
	return rc;
}

static void item_missing(struct verify_worker *w, const struct batch *b, size_t i)
{
	struct finding_parts parts;

	begin_finding(w, b, i, FINDING_MISSING, &parts);
	w->tally.missing++;
	findings_add(w->v->findings, &parts);
}

static int compare_batch(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct verify *v = ctx;
	struct verify_worker *w = &v->workers[worker];
	bool got[BATCH_GET_MAX_KEYS];
	size_t i;
	int rc;

	w->tally = (struct tally){ .expected = b->n };
	rc = fetch_batch(&w->fetcher, b->work->table->def, b, got, item_found, w, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < b->n; i++) {
		buckets_add(v->expected, b->items[i].hash);
		w->tally.bytes += b->items[i].size_bytes;
		if (!got[i])
			item_missing(w, b, i);
	}
	count_batch(v, b, &w->tally);
	return 0;
}

static const struct flow_ops full_ops = {
	.reject = on_reject, .begin_worker = begin_worker, .end_worker = end_worker,
	.batch = compare_batch, .end_unit = end_unit,
};

/* ---- scan ----------------------------------------------------------------------------------- */

struct scan {
	struct verify *v;
	struct counters *counters;
	int (*key)(void *arg, struct hash128 hash, struct str key_json, struct etl_err *err);
	void *arg;
};

static int scan_segment(void *ctx, unsigned i, struct etl_err *err)
{
	struct scan *s = ctx;
	struct verify *v = s->v;
	struct fetcher f;
	int rc = fetcher_begin(&f, v->job->sink, &v->watch, s->counters, v->job->stop, i, err);

	if (rc < 0)
		return rc;
	rc = fetch_scan(&f, v->table->def, i, v->nworkers, s->key, s->arg, err);
	fetcher_end(&f);
	return rc;
}

int verify_scan(struct verify *v, struct counters *counters,
		int (*key)(void *arg, struct hash128 hash, struct str key_json,
			   struct etl_err *err),
		void *arg, struct etl_err *err)
{
	struct scan s = { v, counters, key, arg };

	return parallel_run(&(struct parallel){ .n = v->nworkers, .run = scan_segment, .ctx = &s,
						.stop = v->job->stop }, err);
}

static int key_scanned(void *arg, struct hash128 hash, struct str key_json, struct etl_err *err)
{
	struct verify *v = arg;

	(void)key_json;
	(void)err;
	buckets_add(v->scanned, hash);
	return 0;
}

/* ---- a table -------------------------------------------------------------------------------- */

struct flow verify_flow(struct verify *v, struct counters *counters)
{
	const struct verify_job *job = v->job;

	return (struct flow){
		.tables = v->table, .ntables = 1, .duplicates = &v->duplicates,
		.readers = v->readers, .nreaders = v->nreaders, .nworkers = v->nworkers,
		.chunk_rows = job->chunk_rows ? job->chunk_rows : LOAD_DEFAULT_CHUNK_ROWS,
		.batch_items = BATCH_GET_MAX_KEYS, .watch = &v->watch, .counters = counters,
		.stop = job->stop, .ctx = v,
	};
}

/* Every row is a reject or was expected, and every expected item was judged. */
static int check_sums(struct verify *v, struct etl_err *err)
{
	size_t i;

	for (i = 0; i < v->table->nentities; i++) {
		const struct verify_entity_result *e = &v->entities[i];
		bool holds = e->rows_read == e->items_expected + e->rows_rejected;

		if (v->job->mode == VERIFY_FULL)
			holds = holds && e->items_expected == e->items_equal + e->items_missing +
							      e->items_different;
		if (!holds)
			return etl_err_set(err, ETL_EINTERNAL, "the sum of entity '%s' of table "
				"'%s' does not hold: %llu rows read, %llu rejected, %llu items "
				"expected, %llu equal, %llu missing, %llu different", e->entity,
				e->table,
				(unsigned long long)e->rows_read,
				(unsigned long long)e->rows_rejected,
				(unsigned long long)e->items_expected,
				(unsigned long long)e->items_equal,
				(unsigned long long)e->items_missing,
				(unsigned long long)e->items_different);
	}
	return 0;
}

static void judge(struct verify *v)
{
	struct verify_table_result *t = v->table_result;
	bool all = true;
	size_t i;

	t->items_scanned = buckets_count(v->scanned);
	for (i = 0; i < v->table->nentities; i++) {
		const struct verify_entity_result *e = &v->entities[i];

		t->items_expected += e->items_expected;
		all = all && e->items_missing == 0 && e->items_different == 0;
	}
	if (v->job->mode == VERIFY_COUNT)
		t->parity = t->items_expected == t->items_scanned;
	else
		t->parity = all && t->items_extra == 0;
}

static int verify_table(struct verify *v, struct etl_err *err)
{
	struct counters *counters = v->job->counters;
	struct flow flow = verify_flow(v, counters);
	bool full = v->job->mode == VERIFY_FULL;
	int rc;

	memset(v->expected, 0, sizeof(*v->expected));
	memset(v->matched, 0, sizeof(*v->matched));
	memset(v->scanned, 0, sizeof(*v->scanned));
	COUNTERS_SET(counters, phase, PHASE_DUPLICATES);
	rc = duplicates_find(v->readers[0], v->table, v->job->stop, &v->duplicates, err);
	if (rc == 0) {
		COUNTERS_SET(counters, phase, PHASE_MOVING);
		flow.duplicates = &v->duplicates;
		flow.keys_only = !full;
		flow.ops = full ? &full_ops : &count_ops;
		rc = flow_run(&flow, err);
	}
	if (rc == 0)
		rc = check_sums(v, err);
	if (rc == 0) {
		COUNTERS_SET(counters, phase, PHASE_EXTRA);
		rc = verify_scan(v, counters, key_scanned, v, err);
	}
	if (rc == 0 && full)
		rc = verify_extra(v, err);
	if (rc == 0)
		judge(v);
	duplicates_free(v->duplicates);
	v->duplicates = NULL;
	return rc;
}

/* ---- all tables ----------------------------------------------------------------------------- */

static void init_result(struct verify *v)
{
	const struct verify_job *job = v->job;
	struct verify_result *r = v->result;
	struct verify_entity_result *e;
	size_t t, i;

	r->mode = job->mode;
	r->ntables = job->ntables;
	for (t = 0; t < job->ntables; t++)
		r->nentities += job->tables[t].nentities;
	r->tables = mem_array(r->ntables ? r->ntables : 1, sizeof(*r->tables));
	e = r->entities = mem_array(r->nentities ? r->nentities : 1, sizeof(*r->entities));
	for (t = 0; t < job->ntables; t++) {
		const struct load_table *table = &job->tables[t];

		r->tables[t].table = table->def->name;
		for (i = 0; i < table->nentities; i++, e++) {
			e->table = table->def->name;
			e->entity = table->entities[i]->shape->entity;
		}
	}
}

static int verify_tables(struct verify *v, struct etl_err *err)
{
	const struct verify_job *job = v->job;
	struct verify_entity_result *e = v->result->entities;
	size_t t;
	int rc = 0;

	for (t = 0; t < job->ntables && rc == 0; t++) {
		v->table = &job->tables[t];
		v->table_result = &v->result->tables[t];
		v->entities = e;
		rc = verify_table(v, err);
		e += v->table->nentities;
	}
	return rc;
}

static int judge_all(struct verify *v, struct etl_err *err)
{
	struct verify_result *r = v->result;
	uint64_t compared = 0;
	size_t t;
	int rc;

	r->parity = true;
	for (t = 0; t < r->ntables; t++) {
		compared += r->tables[t].items_expected + r->tables[t].items_scanned;
		r->parity = r->parity && r->tables[t].parity;
	}
	if (compared > 0 || v->job->allow_empty)
		return 0;
	r->parity = false;
	rc = etl_err_set(err, ETL_ESOURCE, "nothing was compared: no row makes an item and no "
			 "table holds one");
	etl_err_hint(err, "if that is right, say --allow-empty");
	return rc;
}

static int run(struct verify *v, struct etl_err *err)
{
	const struct verify_job *job = v->job;
	int rc;

	COUNTERS_SET(job->counters, phase, PHASE_STARTING);
	init_result(v);
	units_estimate(job->tables, job->ntables, job->counters);
	rc = flow_open_readers(job->source, &v->nreaders, v->readers, &v->result->snapshot, err);
	if (rc < 0)
		return rc;
	rc = verify_tables(v, err);
	flow_close_readers(v->nreaders, v->readers);
	COUNTERS_SET(job->counters, phase, PHASE_FINISHING);
	return rc < 0 ? rc : judge_all(v, err);
}

static int coordinate(void *ctx, unsigned i, struct etl_err *err)
{
	(void)i;
	return run(ctx, err);
}

static void tick(void *ctx)
{
	const struct verify_job *job = ((struct verify *)ctx)->job;

	if (job->tick)
		job->tick(job->tick_arg);
}

int verify_run(const struct verify_job *job, struct verify_result *result, struct etl_err *err)
{
	struct verify v = { .job = job, .result = result };
	int64_t start_ms = job->clock->now_ms(job->clock);
	int rc;

	*result = (struct verify_result){ 0 };
	v.nreaders = flow_readers(job->readers);
	v.nworkers = flow_workers(job->workers);
	v.readers = mem_array(v.nreaders, sizeof(struct source_reader *));
	v.workers = mem_array(v.nworkers, sizeof(*v.workers));
	v.findings = findings_new(job->max_findings, job->counters);
	v.expected = mem_zalloc(sizeof(*v.expected));
	v.matched = mem_zalloc(sizeof(*v.matched));
	v.scanned = mem_zalloc(sizeof(*v.scanned));
	pthread_mutex_init(&v.mutex, NULL);
	retry_watch_init(&v.watch, &job->retry, job->clock, job->counters);

	rc = parallel_run(&(struct parallel){ .n = 1, .run = coordinate, .tick = tick,
					      .tick_ms = LOAD_TICK_MS, .ctx = &v,
					      .stop = job->stop }, err);
	findings_take(v.findings, result);
	result->requests = COUNTERS_GET(job->counters, requests);
	result->retries = COUNTERS_GET(job->counters, retries);
	result->throttles = COUNTERS_GET(job->counters, throttles);
	result->readers = v.nreaders;
	result->workers = v.nworkers;
	result->duration_ms = job->clock->now_ms(job->clock) - start_ms;
	pthread_mutex_destroy(&v.mutex);
	findings_free(v.findings);
	free(v.expected);
	free(v.matched);
	free(v.scanned);
	free(v.workers);
	free(v.readers);
	return rc;
}
