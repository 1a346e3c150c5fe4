/*
 * Threads 0 to nreaders - 1 read, the rest work. The queue has room for every batch there is, so
 * pushing never waits: readers wait for a free batch, workers first at the gate and then for a full
 * one. A worker begins (opens its connection) when it is first let in.
 */
#include "pipeline/flow.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/queue.h"
#include "model/row.h"
#include "pipeline/gate.h"
#include "pipeline/load.h"
#include "pipeline/parallel.h"
#include "pipeline/picks.h"
#include "pipeline/rate.h"
#include "pipeline/reject_line.h"
#include "pipeline/units.h"
#include "transform/transform.h"

struct run {
	const struct flow *flow;	/* set before start; also those below */
	struct units *units;
	struct batch_pool *pool;
	struct queue *full;
	struct gate *gate;
	size_t nbatches;
	atomic_uint readers_left;
	atomic_uint_fast64_t begun, done;	/* units */
	atomic_uint busy;		/* workers that have a batch */
	int64_t looked_ms;		/* tick only: the last one */
	struct rate_waits waited;	/* tick only: as it was then */
};

struct reading {			/* one reader's own */
	struct run *run;
	struct source_reader *reader;
	struct transform *transform;
	struct item item;
	struct reject reject;
	struct buf pk;
	struct batch *batch;		/* being filled, or NULL */
	uint64_t rows_untold;		/* not in the counters yet */
};

/* ---- units ---------------------------------------------------------------------------------- */

static struct work *work_new(const struct flow *flow, const struct unit_next *next)
{
	struct work *w = mem_zalloc(sizeof(*w));

	w->unit = next->unit;
	w->rows = next->rows;
	w->table = &flow->tables[next->table];
	w->source = w->table->entities[next->entity];
	w->duplicates = flow->duplicates ? flow->duplicates[next->table] : NULL;
	w->table_index = next->table;
	w->flat = next->flat;
	atomic_init(&w->holds, 1);
	atomic_init(&w->given_up, false);
	pthread_mutex_init(&w->mutex, NULL);
	return w;
}

static void work_free(struct work *w)
{
	hashmap_release(&w->arrived);
	hashmap_release(&w->wanted);
	pthread_mutex_destroy(&w->mutex);
	unit_free(w->unit);
	free(w);
}

/* Of an entity that is a single unit all rows were told as they were read. */
static void forget_statistics(const struct flow *flow, const struct work *w)
{
	uint64_t rows = w->source->table ? w->source->table->rows_estimate : 0;

	COUNTERS_ADD_TABLE(flow->counters, w->table->index, entities_told, 1);
	COUNTERS_ADD_TABLE(flow->counters, w->table->index, rows_estimate, 0 - rows);
	COUNTERS_ADD_TABLE(flow->counters, w->table->index, rows_by_statistics, 0 - rows);
}

static void tell_unit_done(const struct flow *flow, const struct work *w)
{
	bool ranges = w->source->chunkable;
	struct table_counters *t;

	if (flow->picks)
		return;
	if (!ranges)
		forget_statistics(flow, w);
	if (w->table->index >= flow->counters->ntables)
		return;
	t = &flow->counters->tables[w->table->index];
	COUNTERS_ADD(t, rows_gone_through, ranges ? w->unit->rows_estimate : w->rows_read);
	COUNTERS_ADD(t, units_out, -1);
}

/* Lets go of a unit; the last to do so ends it. */
static int work_release(struct run *run, struct work *w, struct etl_err *err)
{
	const struct flow *flow = run->flow;
	bool done;
	int rc;

	if (atomic_fetch_sub(&w->holds, 1) != 1)
		return 0;
	done = w->read_to_end && !atomic_load(&w->given_up);
	rc = flow->ops->end_unit(flow->ctx, w, done, err);
	if (rc == 0 && done) {
		atomic_fetch_add(&run->done, 1);
		COUNTERS_ADD(flow->counters, units_done, 1);
		tell_unit_done(flow, w);
	}
	work_free(w);
	return rc;
}

/* ---- readers -------------------------------------------------------------------------------- */

static void tell_rows(struct reading *r, const struct work *w)
{
	struct counters *c = r->run->flow->counters;

	COUNTERS_ADD_TABLE(c, w->table->index, rows_read, r->rows_untold);
	if (!w->source->chunkable && !r->run->flow->picks) {
		COUNTERS_ADD_TABLE(c, w->table->index, rows_estimate, r->rows_untold);
		COUNTERS_ADD_TABLE(c, w->table->index, rows_before, r->rows_untold);
	}
	r->rows_untold = 0;
}

static int stopped(struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped before everything was read");
}

static void give_back(struct reading *r)
{
	if (r->batch)
		batch_pool_put(r->run->pool, r->batch);
	r->batch = NULL;
}

static int flush(struct reading *r, struct work *w, struct etl_err *err)
{
	struct batch *b = r->batch;

	tell_rows(r, w);
	if (!b || b->n == 0)
		return 0;
	b->work = w;
	batch_pool_charge(r->run->pool, b);
	atomic_fetch_add(&w->holds, 1);
	if (!queue_push(r->run->full, b)) {
		atomic_fetch_sub(&w->holds, 1);		/* the reader's own is still there */
		return stopped(err);
	}
	r->batch = NULL;
	return 0;
}

static int add_item(struct reading *r, struct work *w, struct hash128 hash, struct etl_err *err)
{
	const struct flow *flow = r->run->flow;
	size_t json_bytes = flow->keys_only ? 0 : r->item.json.len;
	int rc;

	if (r->batch && (!batch_has_room(r->batch, flow->batch_items, json_bytes) ||
			 batch_has_key(r->batch, hash))) {
		rc = flush(r, w, err);
		if (rc < 0)
			return rc;
	}
	if (!r->batch)
		r->batch = batch_pool_get(r->run->pool);
	if (!r->batch)
		return stopped(err);
	batch_add(r->batch, &r->item, hash, buf_str(&r->pk), flow->keys_only);
	return 0;
}

/* 1: the row was asked for; 0: it was not; negative: it came twice. */
static int is_wanted(struct reading *r, struct work *w, struct etl_err *err)
{
	uint64_t *came;

	if (w->rows.len == 0)
		return 1;
	came = hashmap_get(&w->wanted, hash128(r->pk.ptr, r->pk.len));
	if (came && (*came)++)
		return etl_err_set(err, ETL_EINTERNAL, "view '%s' gave a row twice",
				   w->source->view);
	return came != NULL;
}

static int take_row(struct reading *r, struct work *w, const struct row *row, struct etl_err *err)
{
	const struct flow *flow = r->run->flow;
	struct hash128 hash;
	int rc = row_pack_pk(w->source, row, &r->pk, err);

	if (rc == 0)
		rc = is_wanted(r, w, err);
	if (rc <= 0)
		return rc;
	w->rows_read++;
	r->rows_untold++;
	if (!transform_row(r->transform, w->source->shape, row, &r->item, &r->reject))
		return flow->ops->reject(flow->ctx, w, buf_str(&r->pk), &r->reject, err);
	hash = hash128(r->item.key.ptr, r->item.key.len);
	reject_reset(&r->reject);
	if (duplicates_loses(w->duplicates, w->unit->entity, buf_str(&r->pk), hash, &w->arrived,
			     &r->reject.sentence)) {
		r->reject.code = REJECT_KEY_DUPLICATE;
		buf_addstr(&r->reject.item, buf_str(&r->item.json));
		return flow->ops->reject(flow->ctx, w, buf_str(&r->pk), &r->reject, err);
	}
	return add_item(r, w, hash, err);
}

static int read_rows(struct reading *r, struct work *w, struct etl_err *err)
{
	const struct flow *flow = r->run->flow;
	struct row row;
	int rc;

	for (;;) {
		if (stop_asked(flow->stop))
			return stopped(err);
		rc = r->reader->ops->next(r->reader, &row, err);
		if (rc <= 0)
			return rc;
		rc = take_row(r, w, &row, err);
		if (rc < 0)
			return rc;
	}
}

/* The view is asked for single rows. */
static int begin_rows(struct reading *r, struct work *w, struct etl_err *err)
{
	struct str pks[PICKS_UNIT_ROWS];
	int n = unit_unpack_pk(w->rows, pks, PICKS_UNIT_ROWS), i;

	for (i = 0; i < n; i++)
		hashmap_add(&w->wanted, hash128(pks[i].ptr, pks[i].len), 0, NULL);
	return r->reader->ops->begin_rows(r->reader, w->source, pks, n < 0 ? 0 : (size_t)n, err);
}

static int read_unit(struct reading *r, struct work *w, struct etl_err *err)
{
	const struct flow *flow = r->run->flow;
	int rc = 0;

	if (flow->ops->begin_unit)
		rc = flow->ops->begin_unit(flow->ctx, w, err);
	if (rc == 0)
		rc = w->rows.len ? begin_rows(r, w, err)
				 : r->reader->ops->begin(r->reader, w->source, w->unit, err);
	if (rc == 0) {
		rc = read_rows(r, w, err);
		r->reader->ops->end(r->reader);
	}
	if (rc == 0)
		rc = flush(r, w, err);
	tell_rows(r, w);
	if (w->rows.len)
		w->rows_gone = w->wanted.n - w->rows_read;
	w->read_to_end = rc == 0;
	return rc;
}

static int read_all(struct reading *r, struct etl_err *err)
{
	struct run *run = r->run;
	struct picks *picks = run->flow->picks;
	struct unit_next next = { 0 };
	int rc;

	for (;;) {
		struct work *w;
		int rc_end;

		if (stop_asked(run->flow->stop))
			return stopped(err);
		rc = picks ? picks_next(picks, &next)
			   : units_next(run->units, r->reader, &next, err);
		if (rc <= 0)
			return rc;
		atomic_fetch_add(&run->begun, 1);
		w = work_new(run->flow, &next);
		rc = read_unit(r, w, err);
		give_back(r);
		rc_end = work_release(run, w, err);
		if (rc < 0)
			return rc;
		if (rc_end < 0)
			return rc_end;
	}
}

static int run_reader(struct run *run, unsigned i, struct etl_err *err)
{
	struct reading r = { .run = run, .reader = run->flow->readers[i] };
	int rc;

	r.transform = transform_new();
	rc = read_all(&r, err);
	transform_free(r.transform);
	item_release(&r.item);
	reject_release(&r.reject);
	buf_release(&r.pk);
	/* After a failure the queue stays open until it is abandoned: closing means "finish". */
	if (rc == 0 && atomic_fetch_sub(&run->readers_left, 1) == 1)
		queue_close(run->full);
	return rc;
}

/* ---- workers -------------------------------------------------------------------------------- */

static void count_busy(struct run *run)
{
	struct counters *c = run->flow->counters;
	uint_fast64_t busy = atomic_fetch_add(&run->busy, 1) + 1, most;

	for (most = COUNTERS_GET(c, workers_busy_most); busy > most;)
		if (atomic_compare_exchange_weak(&c->workers_busy_most, &most, busy))
			break;
}

static void tell_gate(struct run *run)
{
	struct clock *clock = run->flow->watch->clock;

	gate_done(run->gate, clock->now_ms(clock), queue_len(run->full) > 0);
}

static int deal_with(struct run *run, unsigned worker, struct batch *b, struct etl_err *err)
{
	const struct flow *flow = run->flow;
	struct work *w = b->work;
	int rc, rc_end;

	count_busy(run);
	rc = flow->ops->batch(flow->ctx, worker, b, err);
	atomic_fetch_sub(&run->busy, 1);
	if (rc < 0)
		atomic_store(&w->given_up, true);
	else
		tell_gate(run);
	batch_pool_put(run->pool, b);
	rc_end = work_release(run, w, err);
	return rc < 0 ? rc : rc_end;
}

static int run_worker(struct run *run, unsigned worker, struct etl_err *err)
{
	const struct flow *flow = run->flow;
	struct batch *b;
	bool begun = false;
	int rc = 0;

	while (rc == 0 && gate_enter(run->gate, worker)) {
		if (!begun && flow->ops->begin_worker)
			rc = flow->ops->begin_worker(flow->ctx, worker, err);
		begun = rc == 0;
		b = begun ? queue_pop(run->full) : NULL;
		if (!b)
			break;
		rc = deal_with(run, worker, b, err);
	}
	/* Nothing will come any more, or all is given up: those at the gate leave, too. */
	gate_end(run->gate);
	if (begun && flow->ops->end_worker)
		flow->ops->end_worker(flow->ctx, worker);
	if (rc == 0 && stop_asked(flow->stop) && atomic_load(&run->readers_left) > 0)
		return stopped(err);
	return rc;
}

/* ---- coordination --------------------------------------------------------------------------- */

static int run_thread(void *ctx, unsigned i, struct etl_err *err)
{
	struct run *run = ctx;

	if (i < run->flow->nreaders)
		return run_reader(run, i, err);
	return run_worker(run, i - run->flow->nreaders, err);
}

/* What most requests since the last look had to wait for, or wait for now. */
static enum run_limit limit_now(struct run *run)
{
	struct rate_waits w = { 0 }, before = run->waited;
	uint64_t requests, by_run, by_table;

	if (run->flow->rate)
		w = rate_waits(run->flow->rate);
	run->waited = w;
	if (!batch_pool_waiting(run->pool) && atomic_load(&run->readers_left) > 0)
		return LIMIT_SOURCE;
	by_run = w.by_run - before.by_run + w.by_run_now;
	by_table = w.by_table - before.by_table + w.by_table_now +
		   atomic_load(&run->flow->watch->throttled_now);
	requests = w.requests - before.requests + w.by_run_now + w.by_table_now;
	if (by_run && 2 * by_run >= requests)
		return LIMIT_RATE;
	if (by_table && 2 * by_table >= requests)
		return LIMIT_THROTTLED;
	return run->flow->computes ? LIMIT_PROCESSOR : LIMIT_TARGET;
}

static void tell_limit(struct run *run)
{
	struct clock *clock = run->flow->watch->clock;
	int64_t now_ms = clock->now_ms(clock), passed_ms = now_ms - run->looked_ms;
	enum run_limit limit = limit_now(run);

	run->looked_ms = now_ms;
	COUNTERS_SET(run->flow->counters, limit, limit);
	COUNTERS_ADD(run->flow->counters, limit_ms[limit], passed_ms);
}

static void tick(void *ctx)
{
	struct run *run = ctx;

	if (stop_asked(run->flow->stop)) {
		queue_abandon(run->full);
		batch_pool_abandon(run->pool);
	}
	COUNTERS_SET(run->flow->counters, workers, gate_width(run->gate));
	tell_limit(run);
}

/* All threads are gone: what was never popped comes home. */
static int bring_home(struct run *run, struct etl_err *err)
{
	struct batch *b;
	int rc = 0;

	while ((b = queue_try_pop(run->full))) {
		struct work *w = b->work;
		int rc_end;

		atomic_store(&w->given_up, true);
		batch_pool_put(run->pool, b);
		rc_end = work_release(run, w, err);
		if (rc == 0)
			rc = rc_end;
	}
	assert(batch_pool_home(run->pool) == run->nbatches);
	return rc;
}

int flow_run(const struct flow *flow, struct etl_err *err)
{
	struct clock *clock = flow->watch->clock;
	struct run run = { .flow = flow, .looked_ms = clock->now_ms(clock) };
	struct parallel parallel = {
		.n = flow->nreaders + flow->nworkers, .run = run_thread, .tick = tick,
		.ctx = &run, .stop = flow->stop,
	};
	int rc, rc_home;

	assert(flow->nreaders > 0 && flow->nworkers > 0);
	assert(flow->batch_items > 0 && flow->batch_items <= BATCH_GET_MAX_KEYS);
	run.nbatches = (size_t)flow->nreaders + 2 * (size_t)flow->nworkers;
	run.pool = batch_pool_new(run.nbatches, BATCH_BUDGET_BYTES);
	run.gate = gate_new(flow->nworkers, flow->adapts);
	run.full = queue_new(run.nbatches);
	run.units = units_new(flow->tables, flow->ntables, flow->chunk_rows, flow->use_checkpoint,
			      flow->counters);
	units_skip(run.units, flow->skip);
	atomic_init(&run.readers_left, flow->nreaders);
	atomic_init(&run.begun, 0);
	atomic_init(&run.done, 0);
	atomic_init(&run.busy, 0);
	rc = parallel_run(&parallel, err);
	rc_home = bring_home(&run, err);
	if (rc == 0)
		rc = rc_home;
	if (rc == 0 && atomic_load(&run.begun) != atomic_load(&run.done))
		rc = etl_err_set(err, stop_asked(flow->stop) ? ETL_ESTOPPED : ETL_EINTERNAL,
				 "%llu of %llu work units were left undone",
				 (unsigned long long)(run.begun - run.done),
				 (unsigned long long)run.begun);
	units_free(run.units);
	gate_free(run.gate);
	queue_free(run.full);
	batch_pool_free(run.pool);
	return rc;
}

/* ---- before the flow ------------------------------------------------------------------------ */

static unsigned bounded(unsigned n)
{
	return n < LOAD_MAX_THREADS ? n : LOAD_MAX_THREADS;
}

unsigned flow_readers(unsigned wanted)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted)
		return bounded(wanted);
	return n < 1 ? 1 : n > 4 ? 4 : (unsigned)n;
}

unsigned flow_workers(unsigned wanted)
{
	return bounded(wanted ? wanted : LOAD_MAX_WIDTH);
}

int flow_find_duplicates(struct source_reader *r, const struct load_table *tables, size_t ntables,
			 const struct stop *stop, struct duplicates **out, struct etl_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < ntables; i++)
		out[i] = NULL;
	for (i = 0; i < ntables && rc == 0; i++)
		rc = duplicates_find(r, &tables[i], stop, &out[i], err);
	return rc;
}

void flow_free_duplicates(struct duplicates **d, size_t ntables)
{
	size_t i;

	for (i = 0; i < ntables; i++)
		duplicates_free(d[i]);
}
