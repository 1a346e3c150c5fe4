/*
 * One table after another, all in one snapshot: sides.c streams both sides once, and where their
 * sums differ examine.c names what does.
 */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "pipeline/load.h"
#include "pipeline/parallel.h"
#include "pipeline/reject_line.h"
#include "pipeline/units.h"
#include "verify/verify_priv.h"

/* ---- rejects -------------------------------------------------------------------------------- */

/* A unit that was under way when a run was stopped is read again. */
static bool has_example(const struct verify_result *r, const char *line)
{
	size_t i;

	for (i = 0; i < r->nreject_examples; i++)
		if (strcmp(r->reject_examples[i], line) == 0)
			return true;
	return false;
}

void verify_keep_reject(struct verify *v, const struct work *w, struct str pk,
			const struct reject *rej)
{
	struct verify_result *r = v->result;
	struct buf line = { 0 };

	pthread_mutex_lock(&v->mutex);
	if (!reject_examples_enough(r->reject_example_codes, r->nreject_examples, rej->code)) {
		reject_line(&line, w->table->def, w->source, pk, rej->code,
			    buf_str(&rej->sentence), buf_str(&rej->item), buf_str(&rej->left_out));
		if (!has_example(r, buf_cstr(&line))) {
			r->reject_example_codes[r->nreject_examples] = rej->code;
			r->reject_examples[r->nreject_examples++] = buf_detach(&line);
		}
		buf_release(&line);
	}
	pthread_mutex_unlock(&v->mutex);
}

void verify_keep_refused(struct verify *v, const struct batch *b, size_t i)
{
	struct reject rej = { .code = REJECT_REFUSED };

	buf_adds(&rej.sentence, "DynamoDB refused this item during the load, and it is not there");
	buf_addstr(&rej.item, batch_str(b, b->items[i].key_json));
	verify_keep_reject(v, b->work, batch_str(b, b->items[i].pk), &rej);
	reject_release(&rej);
}

void verify_count_reject(struct verify *v, const struct work *w, struct str pk,
			 const struct reject *rej)
{
	struct verify_entity_result *e = &v->entities[w->unit->entity];

	pthread_mutex_lock(&v->mutex);
	e->rows_rejected++;
	e->rejects[rej->code]++;
	pthread_mutex_unlock(&v->mutex);
	COUNTERS_ADD_TABLE(v->job->counters, v->table->index, rows_rejected, 1);
	verify_keep_reject(v, w, pk, rej);
}

int verify_wrong(struct verify *v, enum finding_kind kind, struct str key_json,
		 struct str item_json, struct etl_err *err)
{
	const struct wrong wrong = { v->table_index, kind, key_json, item_json };

	return v->wrongs ? wrongs_add(v->wrongs, &wrong, err) : 0;
}

/* ---- a table -------------------------------------------------------------------------------- */

struct flow verify_flow(struct verify *v, struct counters *counters)
{
	const struct verify_job *job = v->job;

	return (struct flow){
		.tables = v->table, .ntables = 1, .duplicates = &v->duplicates,
		.readers = v->readers.list, .nreaders = v->readers.n, .nworkers = v->nworkers,
		.chunk_rows = job->chunk_rows ? job->chunk_rows : LOAD_DEFAULT_CHUNK_ROWS,
		.batch_items = BATCH_GET_MAX_KEYS, .watch = &v->watch, .rate = v->fetching.rate,
		.counters = counters,
		.stop = job->stop, .ctx = v,
	};
}

/* Every row is a reject or was expected. */
static int check_rows(struct verify *v, struct etl_err *err)
{
	size_t i;

	for (i = 0; i < v->table->nentities; i++) {
		const struct verify_entity_result *e = &v->entities[i];

		if (e->rows_read != e->items_expected + e->rows_rejected)
			return etl_err_set(err, ETL_EINTERNAL, "the sum of entity '%s' of table "
				"'%s' does not hold: %llu rows read, %llu rejected, %llu items "
				"expected", e->entity, e->table,
				(unsigned long long)e->rows_read,
				(unsigned long long)e->rows_rejected,
				(unsigned long long)e->items_expected);
		v->table_result->items_expected += e->items_expected;
	}
	return 0;
}

/* Sums of the two sides that do not go with what was counted would prove nothing. */
static int check_sums(struct verify *v, struct etl_err *err)
{
	const struct verify_table_result *t = v->table_result;
	uint64_t expected = sums_count(v->expected), actual = sums_count(v->actual);

	if (expected == t->items_expected && actual == t->items_scanned)
		return 0;
	return etl_err_set(err, ETL_EINTERNAL, "the sums of table '%s' are of %llu and %llu items "
			   "where %llu and %llu were counted", t->table,
			   (unsigned long long)expected, (unsigned long long)actual,
			   (unsigned long long)t->items_expected,
			   (unsigned long long)t->items_scanned);
}

static uint64_t buckets_that_differ(const struct verify *v)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < VERIFY_BUCKETS; i++)
		n += !sums_same_items(v->expected, v->actual, i);
	return n;
}

/* Of the items that were compared: all but those that differ are equal. Where whole buckets were,
 * that is every item. */
static bool judge_entities(struct verify *v)
{
	struct verify_table_result *t = v->table_result;
	bool all = true;
	size_t i;

	for (i = 0; i < v->table->nentities; i++) {
		struct verify_entity_result *e = &v->entities[i];
		uint64_t compared = v->job->mode == VERIFY_SAMPLE ? e->items_examined
								  : e->items_expected;

		uint64_t wrong = e->items_missing + e->items_different;

		/* of rows that are new since the first snapshot more may be wrong */
		e->items_equal = compared > wrong ? compared - wrong : 0;
		all = all && wrong == 0;
		t->rows_in_source += e->rows_in_source;
		if (e->rows_in_source > e->rows_rejected)
			t->items_possible += e->rows_in_source - e->rows_rejected;
		t->items_compared += compared;
		t->items_wrong += wrong;
	}
	return all;
}

void verify_judge_again(struct verify *v)
{
	struct verify_table_result *t = v->table_result;

	t->rows_in_source = t->items_possible = t->items_compared = t->items_wrong = 0;
	t->parity = judge_entities(v) && t->items_extra == 0;
}

static void judge_full(struct verify *v)
{
	struct verify_table_result *t = v->table_result;

	t->parity = judge_entities(v) && t->items_extra == 0;
	if (t->parity && t->buckets_different && !t->items_rechecked)
		log_warn("table '%s' changed while it was verified", t->table);
}

static int compare_sides(struct verify *v, struct etl_err *err)
{
	struct verify_table_result *t = v->table_result;
	int rc = check_sums(v, err);

	if (rc < 0)
		return rc;
	t->buckets_different = buckets_that_differ(v);
	if (v->job->mode == VERIFY_DIGEST) {
		t->parity = t->buckets_different == 0;
		return 0;
	}
	if (t->buckets_different) {
		struct findings_mark before = findings_now(v->findings);

		COUNTERS_SET(v->job->counters, phase, PHASE_EXTRA);
		rc = verify_differing(v, err);
		if (rc == 0 && v->job->recheck_ms)
			rc = verify_recheck(v, &before, err);
	}
	if (rc == 0)
		judge_full(v);
	return rc;
}

static int nothing_drawn(const struct verify_table_result *t, struct etl_err *err)
{
	int rc = etl_err_set(err, ETL_ESOURCE, "nothing of table '%s' was compared: none of the "
			     "rows that were drawn makes an item", t->table);

	etl_err_hint(err, "draw more of them, with --sample");
	return rc;
}

static int judge_table(struct verify *v, struct etl_err *err)
{
	struct verify_table_result *t = v->table_result;

	switch (v->job->mode) {
	case VERIFY_COUNT:
		t->parity = t->items_expected == t->items_scanned;
		return 0;
	case VERIFY_SAMPLE:
		t->parity = judge_entities(v);
		return t->items_compared || !t->items_possible ? 0 : nothing_drawn(t, err);
	case VERIFY_FULL: case VERIFY_DIGEST:
		break;
	}
	return compare_sides(v, err);
}

static bool indexes_right(const struct verify_table_result *t, enum verify_mode mode)
{
	bool right = t->queries.wrong == 0;
	size_t i;

	for (i = 0; i < t->nindexes; i++)
		right = right && t->indexes[i].queries.wrong == 0 &&
			(mode == VERIFY_SAMPLE || t->indexes[i].same);
	return right;
}

static int look_at_indexes(struct verify *v, struct etl_err *err)
{
	struct verify_table_result *t = v->table_result;
	enum verify_mode mode = v->job->mode;
	int rc = mode == VERIFY_SAMPLE ? 0 : verify_indexes(v, err);

	if (rc == 0 && mode == VERIFY_FULL)
		rc = verify_queries(v, err);
	t->parity = t->parity && indexes_right(t, mode);
	return rc;
}

static void forget_probes(struct verify *v)
{
	size_t i;

	for (i = 0; v->probes && i < v->table->nentities; i++)
		probes_release(&v->probes[i]);
	free(v->probes);
	v->probes = NULL;
}

static int begin_sums(struct verify *v, struct etl_err *err)
{
	unsigned i;

	memset(v->expected, 0, sizeof(*v->expected));
	memset(v->actual, 0, sizeof(*v->actual));
	memset(v->index_sums, 0, sizeof(v->index_sums));
	v->probes = mem_array(v->table->nentities + 1, sizeof(*v->probes));
	for (i = 0; i < v->nworkers; i++) {
		buf_reset(&v->segments[i].next);
		v->segments[i].done = false;
	}
	return resume_table(v, err);
}

static int verify_table_once(struct verify *v, struct etl_err *err)
{
	struct counters *counters = v->job->counters;
	int rc = begin_sums(v, err);

	hashmap_clear(&v->suspects);
	hashmap_clear(&v->seen);
	v->too_many_suspects = false;
	counters_table_is(counters, v->table->index, TABLE_MOVES);
	COUNTERS_SET(counters, phase, PHASE_DUPLICATES);
	if (rc == 0)
		rc = duplicates_find(v->readers.list[0], v->table, v->job->stop, &v->duplicates,
				     err);
	if (rc == 0) {
		COUNTERS_SET(counters, phase, PHASE_MOVING);
		rc = v->job->mode == VERIFY_SAMPLE ? verify_sample(v, err) : verify_sides(v, err);
	}
	if (rc == 0)
		rc = check_rows(v, err);
	if (rc == 0)
		rc = judge_table(v, err);
	if (rc == 0 && v->job->indexes)
		rc = look_at_indexes(v, err);
	resume_table_end(v);
	forget_probes(v);
	duplicates_free(v->duplicates);
	v->duplicates = NULL;
	return rc;
}

/* ---- all tables ----------------------------------------------------------------------------- */

static void init_table(struct verify_table_result *t, const struct table_def *def)
{
	size_t i;

	*t = (struct verify_table_result){ .table = def->name, .nindexes = def->nindexes };
	t->indexes = mem_array(t->nindexes + 1, sizeof(*t->indexes));
	for (i = 0; i < t->nindexes; i++)
		t->indexes[i].index = def->indexes[i].name;
}

static void init_result(struct verify *v)
{
	const struct verify_job *job = v->job;
	struct verify_result *r = v->result;
	struct verify_entity_result *e;
	size_t t, i;

	r->mode = job->mode;
	r->indexes = job->indexes;
	r->ntables = job->ntables;
	for (t = 0; t < job->ntables; t++)
		r->nentities += job->tables[t].nentities;
	r->tables = mem_array(r->ntables ? r->ntables : 1, sizeof(*r->tables));
	e = r->entities = mem_array(r->nentities ? r->nentities : 1, sizeof(*r->entities));
	for (t = 0; t < job->ntables; t++) {
		const struct load_table *table = &job->tables[t];

		init_table(&r->tables[t], table->def);
		for (i = 0; i < table->nentities; i++, e++) {
			e->table = table->def->name;
			e->entity = table->entities[i]->shape->entity;
		}
	}
}

/* The table begins anew: nothing that was found of it counts. A repair keeps what the verify before
 * it has counted, and finds nothing itself before it comes to its end. */
static void forget_table(struct verify *v)
{
	struct verify_result *r = v->result;
	struct counters *c = v->job->counters;
	uint64_t expected = 0, rejected = 0, rows = 0, resumed = 0, scanned = 0;
	size_t i;

	findings_forget(v->findings, &v->before);
	if (r->repaired)
		return;
	for (i = 0; i < v->table->nentities; i++)
		v->entities[i] = (struct verify_entity_result){
			.table = v->entities[i].table, .entity = v->entities[i].entity,
		};
	verify_table_result_release(v->table_result);
	init_table(v->table_result, v->table->def);
	if (v->wrongs)
		wrongs_forget(v->wrongs, &v->wrongs_before);
	while (r->nreject_examples > v->examples_before)
		free(r->reject_examples[--r->nreject_examples]);
	for (i = 0; i < r->nentities; i++) {
		expected += r->entities[i].items_expected;
		rejected += r->entities[i].rows_rejected;
		rows += r->entities[i].rows_read;
	}
	for (i = 0; i < r->ntables; i++) {
		scanned += r->tables[i].items_scanned - r->tables[i].items_resumed;
		resumed += r->tables[i].rows_resumed;
	}
	COUNTERS_SET(c, rows_read, rows - resumed);
	COUNTERS_SET(c, rows_resumed, resumed);
	COUNTERS_SET(c, items_written, expected);
	COUNTERS_SET(c, rows_rejected, rejected);
	COUNTERS_SET(c, items_scanned, scanned);
	counters_table_forget(c, v->table->index);
	if (c->ntables)
		units_estimate(v->table, 1, c);
}

static int open_readers(struct verify *v, struct etl_err *err)
{
	struct verify_result *r = v->result;
	int rc;

	COUNTERS_SET(v->job->counters, phase, PHASE_STARTING);
	rc = readers_open(&v->readers, v->job->source, &r->snapshot, err);
	if (rc == 0)
		r->readers = v->readers.n;
	return rc;
}

/* Indexes follow the rows of another moment than their snapshot's, if those are written meanwhile:
 * what differs has to do so once more, in a new one. */
static int verify_table(struct verify *v, void *arg, struct etl_err *err)
{
	const struct verify_job *job = v->job;
	int rc = verify_table_once(v, err);

	(void)arg;
	if (rc < 0 || !job->indexes || !job->recheck_ms ||
	    indexes_right(v->table_result, job->mode))
		return rc;
	job->clock->sleep_ms(job->clock, job->recheck_ms, job->stop);
	if (stop_asked(job->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped before the indexes were looked at "
				   "again");
	resume_finished(v);		/* what was summed up is of the first reading */
	forget_table(v);
	readers_close(&v->readers);
	rc = open_readers(v, err);
	return rc < 0 ? rc : verify_table_once(v, err);
}

int verify_each_table(struct verify *v,
		      int (*one)(struct verify *v, void *arg, struct etl_err *err), void *arg,
		      struct etl_err *err)
{
	const struct verify_job *job = v->job;
	struct verify_entity_result *e = v->result->entities;
	size_t t = 0;
	int rc = 0;

	while (t < job->ntables) {
		v->table_index = t;
		v->table = &job->tables[t];
		v->table_result = &v->result->tables[t];
		v->entities = e;
		v->before = findings_now(v->findings);
		v->examples_before = v->result->nreject_examples;
		if (v->wrongs)
			v->wrongs_before = wrongs_now(v->wrongs);
		rc = v->readers.n ? 0 : open_readers(v, err);
		if (rc == 0)
			rc = one(v, arg, err);
		if (rc == 0) {
			counters_table_is(job->counters, v->table->index, TABLE_DONE);
			e += v->table->nentities;
			t++;
			continue;
		}
		readers_close(&v->readers);
		rc = regain_source(&v->regain, t, err);
		if (rc < 0)
			break;
		v->result->losses++;
		forget_table(v);
	}
	readers_close(&v->readers);
	return rc;
}

int verify_judge_all(struct verify *v, struct etl_err *err)
{
	struct verify_result *r = v->result;
	uint64_t compared = 0;
	size_t t;
	int rc;

	r->parity = true;
	for (t = 0; t < r->ntables; t++) {
		compared += r->mode == VERIFY_SAMPLE ? r->tables[t].items_compared
			    : r->tables[t].items_expected + r->tables[t].items_scanned;
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

static int run(struct verify *v, void *arg, struct etl_err *err)
{
	const struct verify_job *job = v->job;
	int rc;

	(void)arg;
	v->wrongs = job->wrongs;
	init_result(v);
	job->counters->more_than_rows = true;
	units_estimate(job->tables, job->ntables, job->counters);
	rc = verify_each_table(v, verify_table, NULL, err);
	COUNTERS_SET(job->counters, phase, PHASE_FINISHING);
	if (rc == 0 || rc == -ETL_EINTERNAL)
		resume_finished(v);
	return rc < 0 ? rc : verify_judge_all(v, err);
}

struct running {
	struct verify *v;
	int (*run)(struct verify *v, void *arg, struct etl_err *err);
	void *arg;
};

static int coordinate(void *ctx, unsigned i, struct etl_err *err)
{
	const struct running *r = ctx;

	(void)i;
	return r->run(r->v, r->arg, err);
}

static void tick(void *ctx)
{
	struct verify *v = ((const struct running *)ctx)->v;

	readers_push(&v->readers, v->job->clock, v->job->stop);
	if (v->job->tick)
		v->job->tick(v->job->tick_arg);
}

int verify_with(const struct verify_job *job, struct verify_result *result,
		int (*run_it)(struct verify *v, void *arg, struct etl_err *err), void *arg,
		struct etl_err *err)
{
	struct verify v = { .job = job, .result = result };
	struct running running = { &v, run_it, arg };
	int64_t start_ms = job->clock->now_ms(job->clock);
	unsigned i;
	int rc;

	readers_init(&v.readers, flow_readers(job->readers));
	v.nworkers = flow_workers(job->workers ? job->workers : VERIFY_DEFAULT_WORKERS);
	v.findings = findings_new(job->max_findings, job->counters);
	v.expected = mem_zalloc(sizeof(*v.expected));
	v.actual = mem_zalloc(sizeof(*v.actual));
	v.segments = mem_array(v.nworkers, sizeof(*v.segments));
	random_bytes(v.secret, sizeof(v.secret));
	pthread_mutex_init(&v.mutex, NULL);
	retry_watch_init(&v.watch, &job->retry, job->clock, job->counters);
	v.fetching = (struct fetching){
		.sink = job->sink, .watch = &v.watch, .counters = job->counters,
		.stop = job->stop, .max_rcu = job->max_rcu,
		.rate = job->max_rcu ? rate_new(job->clock, 1, job->max_rcu) : NULL,
	};
	regain_init(&v.regain, &job->look, job->clock, job->stop, v.watch.policy.stall_ms);

	rc = parallel_run(&(struct parallel){ .n = 1, .run = coordinate, .tick = tick,
					      .tick_ms = LOAD_TICK_MS, .ctx = &running,
					      .stop = job->stop }, err);
	findings_take(v.findings, result);
	result->requests = COUNTERS_GET(job->counters, requests);
	result->retries = COUNTERS_GET(job->counters, retries);
	result->throttles = COUNTERS_GET(job->counters, throttles);
	result->rcu_milli = COUNTERS_GET(job->counters, rcu_milli);
	result->workers = v.nworkers;
	result->duration_ms += job->clock->now_ms(job->clock) - start_ms;
	pthread_mutex_destroy(&v.mutex);
	findings_free(v.findings);
	free(v.expected);
	free(v.actual);
	for (i = 0; i < v.nworkers; i++)
		buf_release(&v.segments[i].next);
	free(v.segments);
	rate_free(v.fetching.rate);
	hashmap_release(&v.suspects);
	hashmap_release(&v.seen);
	readers_release(&v.readers);
	return rc;
}

int verify_run(const struct verify_job *job, struct verify_result *result, struct etl_err *err)
{
	*result = (struct verify_result){ 0 };
	return verify_with(job, result, run, NULL, err);
}
