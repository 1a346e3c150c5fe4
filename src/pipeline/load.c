#include "pipeline/load.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "checkpoint/checkpoint.h"
#include "pipeline/flow.h"
#include "pipeline/inflight.h"
#include "pipeline/parallel.h"
#include "pipeline/picks.h"
#include "pipeline/readers.h"
#include "pipeline/reject_line.h"
#include "pipeline/units.h"
#include "pipeline/write.h"

struct load {
	const struct load_job *job;	/* set before start; also those below */
	struct load_result *result;
	unsigned nworkers;
	struct readers readers;
	struct duplicates **duplicates;
	struct retry_watch watch;
	struct inflight *inflight;
	struct rate *rate;
	struct skew **skews;		/* for each table; NULL where each key is one item's */
	struct worker *workers;
	struct regain regain;
	bool *split;			/* for each entity: more than one snapshot has seen it */

	pthread_mutex_t mutex;
	uint64_t rejects;		/* guard: mutex; of all runs. So are *result and those below */
	struct load_entity_result *done;	/* as result->entities, of done units only */
	bool given_up[REJECT_EXAMPLES_MAX];	/* result->examples[i] is of such a unit */
	const struct work *example_of[REJECT_EXAMPLES_MAX];	/* while it is under way */
};

struct tally {				/* of one unit; guard: its mutex */
	uint64_t rejects[REJECT_CODE_COUNT];
	uint64_t index_entries[MAX_INDEXES], index_sparse[MAX_INDEXES], index_units[MAX_INDEXES];
};

struct worker {				/* of one thread */
	struct load *load;
	struct writer writer;
	uint32_t refused;		/* of the present batch: bit i */
};

static struct tally *tally_of(const struct work *w) { return w->user; }

/* ---- rejects -------------------------------------------------------------------------------- */

static int too_many(struct load *l, struct etl_err *err)
{
	int rc;

	l->result->too_many_rejects = true;
	rc = etl_err_set(err, ETL_ESOURCE, "more rows were rejected than allowed (%llu)",
			 (unsigned long long)l->job->max_rejects);
	etl_err_hint(err, "look at the first rejects, mend the contract or the data, or raise "
		     "--max-rejects");
	return rc;
}

static int count_reject(struct load *l, struct work *w, enum reject_code code, struct str line,
			struct etl_err *err)
{
	struct load_result *r = l->result;
	int rc = 0;

	pthread_mutex_lock(&l->mutex);
	if (!reject_examples_enough(r->example_codes, r->nexamples, code)) {
		r->example_codes[r->nexamples] = code;
		l->example_of[r->nexamples] = w;
		l->given_up[r->nexamples] = false;
		r->examples[r->nexamples++] = mem_strndup(line.ptr, line.len);
	}
	l->rejects++;
	if (l->job->has_max_rejects && l->rejects > l->job->max_rejects)
		rc = too_many(l, err);
	pthread_mutex_unlock(&l->mutex);
	COUNTERS_ADD_TABLE(l->job->counters, w->table->index, rows_rejected, 1);
	return rc;
}

static int add_reject(struct load *l, struct work *w, struct str pk, enum reject_code code,
		      struct str sentence, struct str item_json, struct str left_out_json,
		      struct etl_err *err)
{
	struct reject_spool *spool = w->spool ? w->spool : l->job->rejects;
	struct buf line = { 0 };
	int rc = 0;

	reject_line(&line, w->table->def, w->source, pk, code, sentence, item_json,
		    left_out_json);
	if (spool)
		rc = reject_spool_add(spool, buf_str(&line), err);
	if (rc == 0) {
		pthread_mutex_lock(&w->mutex);
		w->counts.rows_rejected++;
		tally_of(w)->rejects[code]++;
		pthread_mutex_unlock(&w->mutex);
		rc = count_reject(l, w, code, buf_str(&line), err);
	}
	buf_release(&line);
	return rc;
}

static int on_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	return add_reject(ctx, w, pk, rej->code, buf_str(&rej->sentence), buf_str(&rej->item),
			  buf_str(&rej->left_out), err);
}

static int on_refused(void *arg, struct batch *b, size_t i, const struct etl_err *why,
		      struct etl_err *err)
{
	struct worker *worker = arg;
	const struct batch_item *item = &b->items[i];

	worker->refused |= UINT32_C(1) << i;
	return add_reject(worker->load, b->work, batch_str(b, item->pk), REJECT_REFUSED,
			  str_of(why->msg), batch_str(b, item->json), STR(""), err);
}

/* ---- units ---------------------------------------------------------------------------------- */

static int begin_unit(void *ctx, struct work *w, struct etl_err *err)
{
	struct load *l = ctx;

	(void)err;
	w->user = mem_zalloc(sizeof(struct tally));
	if (w->table->checkpoint)
		w->spool = reject_spool_new(l->job->state_dir);
	return 0;
}

static int check_unit(const struct load_entity_result *e, const struct work *w,
		      struct etl_err *err)
{
	const struct load_counts *c = &w->counts;

	if (c->rows_read == c->items_written + c->rows_skipped + c->rows_rejected)
		return 0;
	return etl_err_set(err, ETL_EINTERNAL, "unit %llu of entity '%s' of table '%s': %llu "
			   "rows were read, but %llu written, %llu skipped, %llu rejected",
			   (unsigned long long)w->unit->number, e->entity, e->table,
			   (unsigned long long)c->rows_read, (unsigned long long)c->items_written,
			   (unsigned long long)c->rows_skipped,
			   (unsigned long long)c->rows_rejected);
}

static void add_unit(struct load_entity_result *e, const struct work *w, bool done)
{
	const struct tally *t = tally_of(w);
	size_t i;

	load_counts_add(&e->counts, &w->counts);
	e->rows_gone += w->rows_gone;
	e->units += done;
	for (i = 0; t && i < REJECT_CODE_COUNT; i++)
		e->rejects[i] += t->rejects[i];
	for (i = 0; t && i < e->nindexes; i++) {
		e->index_entries[i] += t->index_entries[i];
		e->index_sparse[i] += t->index_sparse[i];
		e->index_units[i] += t->index_units[i];
	}
}

/* Nobody else holds the unit: its counts need no guard any more. Of a unit that was given up
 * half-way the result tells what became of it, as those items are in the target. */
static int end_unit(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	struct load *l = ctx;
	struct load_entity_result *e = &l->result->entities[w->flat];
	size_t i;
	int rc = 0;

	w->counts.rows_read = w->rows_read;
	if (done)
		rc = check_unit(e, w, err);
	if (rc == 0 && done && w->table->checkpoint)
		rc = checkpoint_unit_done(w->table->checkpoint, w->unit->entity, w->unit->number,
					  &w->counts, w->spool, err);
	done = done && rc == 0;
	pthread_mutex_lock(&l->mutex);
	add_unit(e, w, done);
	if (done)
		add_unit(&l->done[w->flat], w, true);
	for (i = 0; i < l->result->nexamples; i++) {
		if (l->example_of[i] != w)
			continue;
		l->example_of[i] = NULL;
		l->given_up[i] = !done;
	}
	pthread_mutex_unlock(&l->mutex);
	reject_spool_free(w->spool);
	w->spool = NULL;
	free(w->user);
	w->user = NULL;
	return rc;
}

/* ---- workers -------------------------------------------------------------------------------- */

static int begin_worker(void *ctx, unsigned i, struct etl_err *err)
{
	struct load *l = ctx;
	struct worker *worker = &l->workers[i];
	struct sink *sink = l->job->sink;
	int rc;

	worker->load = l;
	worker->writer = (struct writer){
		.inflight = l->inflight, .rate = l->rate, .counters = l->job->counters,
		.stop = l->job->stop, .condition = l->job->condition, .refused = on_refused,
		.arg = worker,
	};
	retry_init(&worker->writer.retry, &l->watch,
		   (uint64_t)l->job->clock->utc_ms(l->job->clock) * LOAD_MAX_THREADS + i);
	rc = sink->ops->open_conn(sink, &worker->writer.conn, err);
	return rc;
}

static void end_worker(void *ctx, unsigned i)
{
	struct load *l = ctx;
	struct sink_conn *conn = l->workers[i].writer.conn;

	conn->ops->close_conn(conn);
}

/* Counts what was dealt with, also of a batch that was given up half-way: written items are in the
 * target, whatever becomes of the unit. */
static void count_batch(struct load *l, struct batch *b, const struct writer *w)
{
	size_t nindexes = l->result->entities[b->work->flat].nindexes, i, x;
	struct counters *counters = l->job->counters;
	size_t table = b->work->table->index;
	struct skew *skew = l->skews[table];
	struct tally *t = tally_of(b->work);
	struct load_counts c = {
		.wcu_milli = w->wcu_milli,
		.items_replaced = (uint64_t)__builtin_popcount(w->replaced),
		.rows_skipped = (uint64_t)__builtin_popcount(w->skipped),
		.rows_same = (uint64_t)__builtin_popcount(w->same),
	};

	pthread_mutex_lock(&b->work->mutex);
	for (i = 0; i < b->n; i++) {
		const struct batch_item *item = &b->items[i];

		if (!(w->written & UINT32_C(1) << i))
			continue;
		c.items_written++;
		c.bytes += item->size_bytes;
		c.write_units += item->write_units;
		if (skew)
			skew_add(skew, batch_str(b, item->key), item_write_units(item->size_bytes));
		c.sparse += (uint64_t)__builtin_popcount(item->sparse_mask);
		for (x = 0; x < nindexes; x++) {
			t->index_sparse[x] += item->sparse_mask >> x & 1;
			if (!(item->index_mask >> x & 1))
				continue;
			t->index_entries[x]++;
			t->index_units[x] += item->index_units[x];
		}
	}
	load_counts_add(&b->work->counts, &c);
	pthread_mutex_unlock(&b->work->mutex);
	COUNTERS_ADD_TABLE(counters, table, items_written, c.items_written);
	COUNTERS_ADD_TABLE(counters, table, rows_skipped, c.rows_skipped);
	COUNTERS_ADD_TABLE(counters, table, bytes, c.bytes);
	COUNTERS_ADD_TABLE(counters, table, wcu_milli, c.wcu_milli);
}

static int on_batch(void *ctx, unsigned i, struct batch *b, struct etl_err *err)
{
	struct load *l = ctx;
	struct worker *worker = &l->workers[i];
	struct writer *writer = &worker->writer;
	uint32_t all = (UINT32_C(1) << b->n) - 1;
	int rc;

	worker->refused = 0;
	writer->begun_before = b->work->unit->begun_before;
	rc = write_batch(writer, b->work->table->def, b->work->table_index, b, err);
	count_batch(l, b, writer);
	if (rc == 0 && (writer->written | writer->skipped | worker->refused) != all)
		rc = etl_err_set(err, ETL_EINTERNAL, "a batch ended with items that were neither "
				 "written nor skipped nor refused");
	return rc;
}

static const struct flow_ops load_ops = {
	.begin_unit = begin_unit, .reject = on_reject, .begin_worker = begin_worker,
	.end_worker = end_worker, .batch = on_batch, .end_unit = end_unit,
};

/* ---- before --------------------------------------------------------------------------------- */

static void init_entity(struct load_entity_result *e, const struct load_table *t, unsigned i)
{
	const struct item_shape *shape = t->entities[i]->shape;
	size_t x;

	e->table = t->def->name;
	e->entity = shape->entity;
	e->nindexes = shape->nindexes < MAX_INDEXES ? shape->nindexes : MAX_INDEXES;
	for (x = 0; x < e->nindexes; x++)
		e->index_names[x] = shape->indexes[x].name;
	if (t->checkpoint) {
		struct checkpoint_entity done = { 0 };

		checkpoint_entity(t->checkpoint, i, &done);
		e->resumed = e->counts = done.counts;
		e->units = e->units_resumed = done.ndone;
		buf_release(&done.last_high);
	}
}

/* Journals are finished together at the end of a load: one that is finished is of a load that
 * came to its end. */
static int begin_journals(const struct load_job *job, struct load_result *result,
			  struct etl_err *err)
{
	size_t t;
	int rc = 0;

	for (t = 0; t < job->ntables && rc == 0; t++) {
		struct checkpoint *cp = job->tables[t].checkpoint;

		if (!cp)
			continue;
		if (checkpoint_finished(cp))
			rc = checkpoint_begin_anew(cp, err);
		else if (checkpoint_resumed(cp))
			result->resumed = true;
	}
	return rc;
}

static void init_result(struct load *l)
{
	struct load_result *r = l->result;
	size_t t, at = 0;
	unsigned i;

	for (t = 0; t < l->job->ntables; t++)
		r->nentities += l->job->tables[t].nentities;
	r->entities = mem_array(r->nentities ? r->nentities : 1, sizeof(*r->entities));
	for (t = 0; t < l->job->ntables; t++)
		for (i = 0; i < l->job->tables[t].nentities; i++)
			init_entity(&r->entities[at++], &l->job->tables[t], i);
	for (at = 0; at < r->nentities; at++)
		l->rejects += r->entities[at].resumed.rows_rejected;
	l->done = mem_array(r->nentities ? r->nentities : 1, sizeof(*l->done));
	memcpy(l->done, r->entities, r->nentities * sizeof(*l->done));
	l->split = mem_array(r->nentities ? r->nentities : 1, sizeof(*l->split));
}

static bool has_snapshot(const struct load_result *r, const char *words)
{
	size_t i;

	for (i = 0; i < r->nsnapshots; i++)
		if (strcmp(r->snapshots[i], words) == 0)
			return true;
	return false;
}

static void add_snapshot(struct load_result *r, const char *words)
{
	r->snapshots = mem_realloc(r->snapshots, (r->nsnapshots + 1) * sizeof(*r->snapshots));
	r->snapshots[r->nsnapshots++] = mem_strdup(words);
}

/* Those of earlier runs; the tables of one run have the same ones. */
static void recall_snapshots(struct load *l)
{
	size_t t, i;

	for (t = 0; t < l->job->ntables; t++) {
		struct checkpoint *cp = l->job->tables[t].checkpoint;

		for (i = 0; cp && i < checkpoint_nnotes(cp); i++)
			if (!has_snapshot(l->result, checkpoint_note_at(cp, i)))
				add_snapshot(l->result, checkpoint_note_at(cp, i));
	}
}

static void describe_snapshot(const struct snapshot_info *s, struct buf *out)
{
	buf_addf(out, "snapshot of %s, %s", s->taken_at_utc, s->method);
	if (s->binlog_file[0])
		buf_addf(out, ", binlog %s:%llu", s->binlog_file,
			 (unsigned long long)s->binlog_position);
	if (s->gtid[0])
		buf_addf(out, ", gtid %s", s->gtid);
}

static int note_snapshot(struct load *l, struct etl_err *err)
{
	struct load_result *r = l->result;
	struct buf text = { 0 };
	size_t t;
	int rc = 0;

	describe_snapshot(&r->snapshot, &text);
	log_debug("%s", buf_cstr(&text));
	for (t = 0; t < l->job->ntables && rc == 0; t++)
		if (l->job->tables[t].checkpoint)
			rc = checkpoint_note(l->job->tables[t].checkpoint, buf_cstr(&text), err);
	add_snapshot(r, buf_cstr(&text));
	buf_release(&text);
	return rc;
}

/* ---- after ---------------------------------------------------------------------------------- */

/* What the journal says is done cannot be trusted after all: the next run begins anew. */
static int distrust(struct load *l, size_t t, int rc)
{
	struct checkpoint *cp = l->job->tables[t].checkpoint;
	struct etl_err ignored = { 0 };

	if (cp && checkpoint_begin_anew(cp, &ignored) < 0)
		log_warn("the journal could not be thrown away: %s", ignored.msg);
	return rc;
}

/* Did the view give each row of the source table once? Only where one snapshot saw all of it. */
static int check_count(struct load *l, size_t t, unsigned i, struct load_entity_result *e,
		       struct etl_err *err)
{
	struct source_reader *r = l->readers.list[0];
	uint64_t rows = 0;
	int rc;

	if (e->units_resumed || l->split[e - l->result->entities] || l->job->picks)
		return 0;
	rc = r->ops->count(r, l->job->tables[t].entities[i], &rows, err);
	if (rc < 0)
		return rc;
	if (rows != e->counts.rows_read) {
		rc = etl_err_set(err, ETL_EINTERNAL, "entity '%s' of table '%s': the source counts "
				 "%llu rows, but %llu were read", e->entity, e->table,
				 (unsigned long long)rows, (unsigned long long)e->counts.rows_read);
		return distrust(l, t, rc);
	}
	e->counted = true;
	return 0;
}

static bool all_picked(const struct load *l, size_t t, unsigned i,
		       const struct load_entity_result *e)
{
	return !l->job->picks ||
	       picks_of_entity(l->job->picks, t, i) == e->counts.rows_read + e->rows_gone;
}

static int check_sum(struct load *l, size_t t, unsigned i, const struct load_entity_result *e,
		     struct etl_err *err)
{
	const struct load_counts *c = &e->counts;
	uint64_t rejects = 0;
	unsigned code;

	for (code = 0; code < REJECT_CODE_COUNT; code++)
		rejects += e->rejects[code];
	if (c->rows_read == c->items_written + c->rows_skipped + c->rows_rejected &&
	    rejects == c->rows_rejected - e->resumed.rows_rejected && all_picked(l, t, i, e))
		return 0;
	return distrust(l, t, etl_err_set(err, ETL_EINTERNAL, "the sum of entity '%s' of table "
		"'%s' does not hold: %llu rows read, %llu items written, %llu rows skipped, %llu "
		"rejected", e->entity, e->table, (unsigned long long)c->rows_read,
		(unsigned long long)c->items_written, (unsigned long long)c->rows_skipped,
		(unsigned long long)c->rows_rejected));
}

static int check_all(struct load *l, struct etl_err *err)
{
	struct load_entity_result *e = l->result->entities;
	size_t t;
	unsigned i;
	int rc = 0;

	for (t = 0; t < l->job->ntables; t++) {
		for (i = 0; i < l->job->tables[t].nentities; i++, e++) {
			rc = check_sum(l, t, i, e, err);
			if (rc == 0)
				rc = check_count(l, t, i, e, err);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static int finish_journals(struct load *l, struct etl_err *err)
{
	size_t t;
	unsigned i;
	int rc = 0;

	for (t = 0; t < l->job->ntables && rc == 0; t++) {
		const struct load_table *table = &l->job->tables[t];

		for (i = 0; table->checkpoint && i < table->nentities && rc == 0; i++) {
			struct checkpoint_entity e = { 0 };

			checkpoint_entity(table->checkpoint, i, &e);
			if (!e.done)
				rc = checkpoint_entity_done(table->checkpoint, i, err);
			buf_release(&e.last_high);
		}
	}
	for (t = 0; t < l->job->ntables && rc == 0; t++)
		if (l->job->tables[t].checkpoint)
			rc = checkpoint_finish(l->job->tables[t].checkpoint, err);
	return rc;
}

/* ---- the load ------------------------------------------------------------------------------- */

static int move(struct load *l, struct etl_err *err)
{
	const struct load_job *job = l->job;
	struct counters *counters = job->counters;
	struct flow flow = {
		.tables = job->tables, .ntables = job->ntables, .duplicates = l->duplicates,
		.readers = l->readers.list, .nreaders = l->readers.n, .nworkers = l->nworkers,
		.adapts = job->workers == 0,
		.chunk_rows = job->chunk_rows ? job->chunk_rows : LOAD_DEFAULT_CHUNK_ROWS,
		.use_checkpoint = true, .picks = job->picks, .watch = &l->watch, .rate = l->rate,
		/* one request each anyway, and so all workers share what is there to do */
		.batch_items = job->condition.mode == WRITE_OVERWRITE ? BATCH_MAX_ITEMS : 1,
		.counters = counters, .stop = job->stop, .ops = &load_ops, .ctx = l,
	};
	int rc;

	rc = note_snapshot(l, err);
	if (rc < 0)
		return rc;
	COUNTERS_SET(counters, phase, PHASE_DUPLICATES);
	rc = job->picks ? picks_find_duplicates(job->picks, l->readers.list[0], job->stop,
						l->duplicates, err)
			: flow_find_duplicates(l->readers.list[0], job->tables, job->ntables, job->stop,
					       l->duplicates, err);
	if (rc < 0)
		return rc;
	if (job->picks)
		COUNTERS_SET(counters, rows_estimate, picks_total(job->picks));
	COUNTERS_SET(counters, phase, PHASE_MOVING);
	rc = flow_run(&flow, err);
	if (rc < 0)
		return rc;
	COUNTERS_SET(counters, phase, PHASE_FINISHING);
	rc = check_all(l, err);
	return rc < 0 ? rc : finish_journals(l, err);
}

/* In one snapshot, to the end or until something fails. */
static int go(struct load *l, struct etl_err *err)
{
	int rc;

	COUNTERS_SET(l->job->counters, phase, PHASE_STARTING);
	rc = readers_open(&l->readers, l->job->source, &l->result->snapshot, err);
	if (rc < 0)
		return rc;
	l->result->readers = l->readers.n;
	rc = move(l, err);
	readers_close(&l->readers);
	return rc;
}

/* Units that were given up are read again: what was counted of them goes, but for what it cost. */
static void forget_given_up(struct load *l)
{
	struct load_result *r = l->result;
	struct counters *c = l->job->counters;
	size_t i, kept = 0;

	l->rejects = 0;
	for (i = 0; i < r->nentities; i++) {
		l->done[i].counts.wcu_milli = r->entities[i].counts.wcu_milli;
		r->entities[i] = l->done[i];
		l->rejects += l->done[i].counts.rows_rejected;
		l->split[i] = l->done[i].units > 0;
	}
	for (i = 0; i < r->nexamples; i++) {
		if (l->given_up[i]) {
			free(r->examples[i]);
			continue;
		}
		r->example_codes[kept] = r->example_codes[i];
		r->examples[kept++] = r->examples[i];
	}
	r->nexamples = kept;
	memset(l->given_up, 0, sizeof(l->given_up));
	/* what is done is now resumed from the journal, this run's share too */
	counters_forget(c);
	for (i = 0; i < l->job->ntables; i++)
		counters_table_forget(c, l->job->tables[i].index);
	if (c->ntables && !l->job->picks)
		units_estimate(l->job->tables, l->job->ntables, c);
	flow_free_duplicates(l->duplicates, l->job->ntables);
	for (i = 0; i < l->job->ntables; i++)
		l->duplicates[i] = NULL;
}

static uint64_t units_done(const struct load *l)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < l->result->nentities; i++)
		n += l->done[i].units;
	return n;
}

static int run(struct load *l, struct etl_err *err)
{
	const struct load_job *job = l->job;
	int rc;

	rc = begin_journals(job, l->result, err);
	if (rc < 0)
		return rc;
	init_result(l);
	recall_snapshots(l);
	if (!job->picks)
		units_estimate(job->tables, job->ntables, job->counters);
	while ((rc = go(l, err)) < 0) {
		rc = regain_source(&l->regain, units_done(l), err);
		if (rc < 0)
			break;
		l->result->losses++;
		forget_given_up(l);
	}
	return rc;
}

static int coordinate(void *ctx, unsigned i, struct etl_err *err)
{
	(void)i;
	return run(ctx, err);
}

static void tick(void *ctx)
{
	struct load *l = ctx;

	readers_push(&l->readers, l->job->clock, l->job->stop);
	if (l->job->tick)
		l->job->tick(l->job->tick_arg);
}

static void find_heavy_keys(struct load *l)
{
	struct load_result *r = l->result;
	size_t t, i, n;

	for (t = 0; t < l->job->ntables; t++) {
		struct skew_key keys[LOAD_HEAVY_KEYS];
		uint64_t all;

		if (!l->skews[t])
			continue;
		n = skew_heaviest(l->skews[t], LOAD_HEAVY_UNITS, keys,
				  LOAD_HEAVY_KEYS - r->nheavy, &all);
		for (i = 0; i < n && keys[i].units >= all / LOAD_HEAVY_SHARE; i++)
			r->heavy[r->nheavy++] = (struct load_heavy_key){
				l->job->tables[t].def->name, keys[i], all };
	}
}

static void sum_up(struct load *l)
{
	struct load_result *r = l->result;
	size_t i;

	for (i = 0; i < r->nentities; i++) {
		load_counts_add(&r->counts, &r->entities[i].counts);
		r->rows_gone += r->entities[i].rows_gone;
	}
	if (l->job->picks)
		r->rows_picked = picks_total(l->job->picks);
	r->requests = COUNTERS_GET(l->job->counters, requests);
	r->retries = COUNTERS_GET(l->job->counters, retries);
	r->throttles = COUNTERS_GET(l->job->counters, throttles);
	r->unprocessed = COUNTERS_GET(l->job->counters, unprocessed);
	for (i = 0; i < LIMIT_COUNT; i++)
		r->limit_ms[i] = COUNTERS_GET(l->job->counters, limit_ms[i]);
	r->workers = (unsigned)COUNTERS_GET(l->job->counters, workers_busy_most);
	find_heavy_keys(l);
}

int load_run(const struct load_job *job, struct load_result *result, struct etl_err *err)
{
	struct load l = { .job = job, .result = result };
	int64_t start_ms = job->clock->now_ms(job->clock);
	size_t t;
	int rc;

	*result = (struct load_result){ 0 };
	readers_init(&l.readers, flow_readers(job->readers));
	l.nworkers = flow_workers(job->workers);
	l.workers = mem_array(l.nworkers, sizeof(*l.workers));
	l.duplicates = mem_array(job->ntables ? job->ntables : 1, sizeof(struct duplicates *));
	l.inflight = inflight_new();
	l.rate = rate_new(job->clock, job->ntables, job->max_wcu);
	l.skews = mem_array(job->ntables ? job->ntables : 1, sizeof(*l.skews));
	for (t = 0; t < job->ntables; t++)
		l.skews[t] = job->tables[t].def->keys.sk_name ? skew_new() : NULL;
	pthread_mutex_init(&l.mutex, NULL);
	retry_watch_init(&l.watch, &job->retry, job->clock, job->counters);
	regain_init(&l.regain, &job->look, job->clock, job->stop, l.watch.policy.stall_ms);

	rc = parallel_run(&(struct parallel){ .n = 1, .run = coordinate, .tick = tick,
					      .tick_ms = LOAD_TICK_MS, .ctx = &l,
					      .stop = job->stop }, err);
	if (rc < 0 && etl_errclass(rc)->retryable && job->ntables && job->tables[0].checkpoint)
		etl_err_hint(err, "what was finished is remembered: the same command goes on from "
			     "there");
	sum_up(&l);
	result->complete = rc == 0;
	if (rc == 0 && result->counts.rows_read + result->rows_gone == 0 &&
	    !job->allow_empty) {
		rc = etl_err_set(err, ETL_ESOURCE, "no row was found in any table");
		etl_err_hint(err, "if that is right, say --allow-empty");
	}
	result->duration_ms = job->clock->now_ms(job->clock) - start_ms;
	pthread_mutex_destroy(&l.mutex);
	inflight_free(l.inflight);
	rate_free(l.rate);
	for (t = 0; t < job->ntables; t++)
		skew_free(l.skews[t]);
	free(l.skews);
	flow_free_duplicates(l.duplicates, job->ntables);
	free(l.duplicates);
	free(l.workers);
	free(l.done);
	free(l.split);
	readers_release(&l.readers);
	return rc;
}

void load_result_release(struct load_result *r)
{
	size_t i;

	for (i = 0; i < r->nexamples; i++)
		free(r->examples[i]);
	for (i = 0; i < r->nsnapshots; i++)
		free(r->snapshots[i]);
	free(r->snapshots);
	free(r->entities);
	*r = (struct load_result){ 0 };
}
