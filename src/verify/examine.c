/*
 * Reads rows once more and asks the target for the items of those that are chosen. What is missing
 * or differs becomes findings, each with the row that it is about.
 */
#include "verify/examine.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/value.h"
#include "pipeline/reject_line.h"
#include "verify/cause.h"
#include "verify/compare.h"
#include "verify/refused.h"

struct run {
	struct examine *x;
	struct examiner *workers;	/* each of one thread */
	pthread_mutex_t mutex;		/* for x->known while the flow runs */
};

struct tally { uint64_t asked, refused, missing, different, attributes; };

struct examiner {			/* of one thread */
	struct run *run;
	struct summer summer;
	struct fetcher fetcher;
	struct tally tally;		/* of the present batch */
	bool equal[BATCH_GET_MAX_KEYS];	/* likewise: these items */
	struct buf source_key, expected, actual, difference;
};

/* ---- rows ----------------------------------------------------------------------------------- */

static int on_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	const struct run *run = ctx;

	(void)err;
	if (run->x->counts_rows)
		verify_count_reject(run->x->v, w, pk, rej);
	return 0;
}

static int end_unit(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	const struct run *run = ctx;
	struct verify *v = run->x->v;

	if (done && w->rows_gone)
		return etl_err_set(err, ETL_EINTERNAL, "%llu rows of '%s' were drawn and cannot be "
				   "read", (unsigned long long)w->rows_gone, w->source->view);
	if (!done || !run->x->counts_rows)
		return 0;
	pthread_mutex_lock(&v->mutex);
	v->entities[w->unit->entity].rows_read += w->rows_read;
	pthread_mutex_unlock(&v->mutex);
	return 0;
}

static int begin_worker(void *ctx, unsigned i, struct etl_err *err)
{
	struct run *run = ctx;
	struct verify *v = run->x->v;
	struct examiner *w = &run->workers[i];
	int rc = fetcher_begin(&w->fetcher, &v->fetching, i, err);

	if (rc < 0)
		return rc;
	w->run = run;
	summer_begin(&w->summer, v->secret);
	return 0;
}

static void end_worker(void *ctx, unsigned i)
{
	struct examiner *w = &((struct run *)ctx)->workers[i];

	fetcher_end(&w->fetcher);
	summer_end(&w->summer);
	buf_release(&w->source_key);
	buf_release(&w->expected);
	buf_release(&w->actual);
	buf_release(&w->difference);
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

/* The difference between these values, or of an item that is missing, in one hash. */
static struct hash128 hash_difference(struct examiner *w, struct str key, struct str attribute,
				      struct str expected, struct str actual)
{
	const struct str parts[] = { key, attribute, expected, actual };
	struct item_sum sum;
	size_t i;

	buf_reset(&w->difference);
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		buf_addf(&w->difference, "%zu ", parts[i].len);
		buf_addstr(&w->difference, parts[i]);
	}
	summer_key(&w->summer, buf_str(&w->difference), &sum);
	return sum.key;
}

struct differing {
	struct examiner *w;
	struct str key;
	size_t n;			/* that count */
	enum finding_cause item_cause;	/* of all its attributes */
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
	struct verify *v = d->w->run->x->v;

	d->parts.how = how;
	d->parts.cause = d->item_cause != CAUSE_UNKNOWN ? d->item_cause
							: cause_of(expected, actual);
	d->parts.attribute = attribute;
	d->parts.expected = value_text(&d->w->expected, expected);
	d->parts.actual = value_text(&d->w->actual, actual);
	if (!verify_counts(v, hash_difference(d->w, d->key, attribute, d->parts.expected,
					      d->parts.actual)))
		return;
	d->n++;
	findings_add(v->findings, &d->parts);
}

static void suspect(struct examiner *w, const struct batch *b, size_t i)
{
	struct item_sum sum;

	summer_key(&w->summer, batch_str(b, b->items[i].key), &sum);
	verify_suspect(w->run->x->v, sum.key);
}

static int item_found(void *arg, const struct batch *b, size_t i, struct str item_json,
		      struct etl_err *err)
{
	struct examiner *w = arg;
	struct differing d = { .w = w, .key = batch_str(b, b->items[i].key) };
	struct arena *arena = arena_new();
	struct value expected, actual;
	size_t n;
	int rc;

	rc = value_from_item_json(arena, batch_str(b, b->items[i].json), &expected, err);
	if (rc == 0)
		rc = value_from_item_json(arena, item_json, &actual, err);
	if (rc == 0) {
		const char *version = w->run->x->v->job->version_attribute;

		begin_finding(w, b, i, FINDING_DIFFERENT, &d.parts);
		if (version)
			d.item_cause = cause_of_version(&expected, &actual, str_of(version));
		n = compare_items(&expected, &actual, attribute_differs, &d);
		w->tally.attributes += d.n;
		w->tally.different += d.n > 0;
		w->equal[i] = n == 0;
		if (d.n > 0) {
			suspect(w, b, i);
			rc = verify_wrong(w->run->x->v, FINDING_DIFFERENT,
					  batch_str(b, b->items[i].key_json), item_json, err);
		}
	}
	arena_free(arena);
	return rc;
}

static int item_missing(struct examiner *w, const struct batch *b, size_t i, struct etl_err *err)
{
	const struct str none = { "", 0 };
	struct finding_parts parts;

	if (!verify_counts(w->run->x->v, hash_difference(w, batch_str(b, b->items[i].key), none,
							 none, none)))
		return 0;
	suspect(w, b, i);
	begin_finding(w, b, i, FINDING_MISSING, &parts);
	w->tally.missing++;
	findings_add(w->run->x->v->findings, &parts);
	return verify_wrong(w->run->x->v, FINDING_MISSING, batch_str(b, b->items[i].key_json),
			    (struct str){ 0 }, err);
}

static int not_there(struct examiner *w, const struct batch *b, size_t i, struct etl_err *err)
{
	struct verify *v = w->run->x->v;

	if (!refused_has(v->job->refused, v->table_index, b->items[i].hash))
		return item_missing(w, b, i, err);
	w->tally.refused++;
	if (w->run->x->counts_rows)
		verify_keep_refused(v, b, i);
	return 0;
}

/* Which items of the batch are to be compared. */
static size_t choose(struct examiner *w, const struct batch *b, size_t *at)
{
	struct examine *x = w->run->x;
	struct item_sum sum;
	size_t i, n = 0;

	for (i = 0; i < b->n; i++) {
		summer_key(&w->summer, batch_str(b, b->items[i].key), &sum);
		if (x->wants(x, b->work->unit->entity, sum.key))
			at[n++] = i;
		if (x->remembers && x->remembers(x, sum.key)) {
			pthread_mutex_lock(&w->run->mutex);
			hashmap_add(&x->known, sum.key, 0, NULL);
			pthread_mutex_unlock(&w->run->mutex);
		}
	}
	return n;
}

static void count_batch(const struct examine *x, const struct batch *b, const struct tally *t)
{
	struct verify *v = x->v;
	struct verify_entity_result *e = &v->entities[b->work->unit->entity];

	pthread_mutex_lock(&v->mutex);
	if (x->counts_rows) {
		e->items_expected += b->n - t->refused;
		e->rows_rejected += t->refused;
		e->rejects[REJECT_REFUSED] += t->refused;
	}
	e->items_examined += t->asked - t->refused;
	e->items_missing += t->missing;
	e->items_different += t->different;
	e->attributes_different += t->attributes;
	pthread_mutex_unlock(&v->mutex);
}

static int examine_batch(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct run *run = ctx;
	struct examiner *w = &run->workers[worker];
	size_t at[BATCH_GET_MAX_KEYS], asked[BATCH_GET_MAX_KEYS], n, i;
	bool got[BATCH_GET_MAX_KEYS];
	int rc;

	memset(w->equal, 0, sizeof(w->equal));
	n = choose(w, b, at);
	memcpy(asked, at, n * sizeof(*at));
	w->tally = (struct tally){ .asked = n };
	rc = fetch_items(&w->fetcher, b->work->table->def, b, at, n, got, item_found, w, err);
	for (i = 0; i < n && rc == 0; i++)
		if (!got[asked[i]])
			rc = not_there(w, b, asked[i], err);
	/* not while the answer is read: it is the connection's */
	for (i = 0; i < b->n && rc == 0 && run->x->queries; i++)
		if (w->equal[i])
			rc = verify_query_item(run->x->v, &w->fetcher, b->items[i].index_mask,
					       batch_str(b, b->items[i].json), err);
	if (rc == 0)
		count_batch(run->x, b, &w->tally);
	return rc;
}

static const struct flow_ops ops = {
	.reject = on_reject, .begin_worker = begin_worker, .end_worker = end_worker,
	.batch = examine_batch, .end_unit = end_unit,
};

int examine_run(struct examine *x, struct etl_err *err)
{
	struct verify *v = x->v;
	/* the run's own counters tell of each row once */
	struct counters *apart = x->counts_rows ? NULL : mem_zalloc(sizeof(*apart));
	struct flow flow = verify_flow(v, apart ? apart : v->job->counters);
	struct run run = { .x = x };
	int rc;

	run.workers = mem_array(v->nworkers, sizeof(*run.workers));
	pthread_mutex_init(&run.mutex, NULL);
	flow.ops = &ops;
	flow.ctx = &run;
	flow.picks = x->picks;
	flow.skip = x->skip;
	rc = flow_run(&flow, err);
	pthread_mutex_destroy(&run.mutex);
	free(run.workers);
	free(apart);
	return rc;
}
