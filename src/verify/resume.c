/*
 * What is kept is a moment of the verify, copied under its mutex. Then one thread at a time writes
 * that down, without the mutex.
 */
#include "verify/resume.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "checkpoint/kept.h"
#include "verify/verify_priv.h"

struct resume {
	struct kept *kept;		/* NULL: nothing is kept any more */
	size_t ntables;
	struct checkpoint_identity *ids;
	struct buf settings;		/* their write_mode */
	bool warned;			/* that it cannot be written */
};

/* ---- to bytes and back: numbers of 64 bits, the least byte first, and counted bytes ---------- */

static void put(struct buf *out, uint64_t n)
{
	unsigned char b[8];
	size_t i;

	for (i = 0; i < 8; i++)
		b[i] = (unsigned char)(n >> 8 * i);
	buf_add(out, b, 8);
}

static void put_bytes(struct buf *out, struct str s)
{
	put(out, s.len);
	buf_addstr(out, s);
}

struct taking {
	struct str rest;
	bool bad;			/* something was not there: nothing taken is of use */
};

static uint64_t take(struct taking *t)
{
	uint64_t n = 0;
	size_t i;

	if (t->rest.len < 8) {
		t->bad = true;
		return 0;
	}
	for (i = 0; i < 8; i++)
		n |= (uint64_t)(unsigned char)t->rest.ptr[i] << 8 * i;
	t->rest.ptr += 8;
	t->rest.len -= 8;
	return n;
}

static struct str take_bytes(struct taking *t)
{
	uint64_t n = take(t);
	struct str s = { t->rest.ptr, (size_t)n };

	if (n > t->rest.len) {
		t->bad = true;
		return (struct str){ NULL, 0 };
	}
	t->rest.ptr += n;
	t->rest.len -= (size_t)n;
	return s;
}

/* A number that is the same in every verify of these settings. */
static void take_same(struct taking *t, uint64_t n)
{
	t->bad |= take(t) != n;
}

/* ---- a moment of the first pass -------------------------------------------------------------- */

/* Of each bucket that has items its number, from 1, and its sums; then 0. */
static void put_sums(struct buf *out, const struct sums *s)
{
	size_t i, k;

	for (i = 0; i < VERIFY_BUCKETS; i++) {
		const struct bucket *b = &s->b[i];

		if (b->n == 0)
			continue;
		put(out, i + 1);
		put(out, b->n);
		put(out, b->key[0]);
		put(out, b->key[1]);
		for (k = 0; k < 4; k++)
			put(out, b->item[k]);
	}
	put(out, 0);
}

static void take_sums(struct taking *t, struct sums *s)
{
	uint64_t number;
	size_t k;

	while ((number = take(t)) > 0 && !t->bad) {
		struct bucket *b = &s->b[(number - 1) % VERIFY_BUCKETS];

		t->bad |= number > VERIFY_BUCKETS || b->n > 0;
		b->n = take(t);
		b->key[0] = take(t);
		b->key[1] = take(t);
		for (k = 0; k < 4; k++)
			b->item[k] = take(t);
	}
}

static void put_entity(struct buf *out, const struct verify_entity_result *e,
		       const struct probes *probes)
{
	size_t i;

	put(out, e->rows_read);
	put(out, e->items_expected);
	put(out, e->rows_rejected);
	put(out, REJECT_CODE_COUNT);
	for (i = 0; i < REJECT_CODE_COUNT; i++)
		put(out, e->rejects[i]);
	put(out, probes->n);
	for (i = 0; i < probes->n; i++) {
		put(out, probes->list[i].hash);
		put(out, probes->list[i].mask);
		put_bytes(out, buf_str(&probes->list[i].json));
	}
}

static void take_entity(struct taking *t, struct verify_entity_result *e, struct probes *probes)
{
	uint64_t n, i;

	e->rows_read = take(t);
	e->items_expected = take(t);
	e->rows_rejected = take(t);
	take_same(t, REJECT_CODE_COUNT);
	for (i = 0; i < REJECT_CODE_COUNT; i++)
		e->rejects[i] = take(t);
	n = take(t);
	for (i = 0; i < n && !t->bad; i++) {
		uint64_t hash = take(t), mask = take(t);

		probes_add(probes, hash, (uint32_t)mask, take_bytes(t));
	}
}

static void put_examples(struct buf *out, const struct verify *v)
{
	const struct verify_result *r = v->result;
	size_t i;

	put(out, r->nreject_examples - v->examples_before);
	for (i = v->examples_before; i < r->nreject_examples; i++) {
		put(out, (uint64_t)r->reject_example_codes[i]);
		put_bytes(out, str_of(r->reject_examples[i]));
	}
}

static void take_examples(struct taking *t, struct verify *v)
{
	struct verify_result *r = v->result;
	uint64_t n = take(t), i;

	for (i = 0; i < n && !t->bad; i++) {
		uint64_t code = take(t);
		struct str line = take_bytes(t);

		if (t->bad || code >= REJECT_CODE_COUNT ||
		    reject_examples_enough(r->reject_example_codes, r->nreject_examples,
					   (enum reject_code)code))
			continue;
		r->reject_example_codes[r->nreject_examples] = (enum reject_code)code;
		r->reject_examples[r->nreject_examples++] = mem_strndup(line.ptr, line.len);
	}
}

/* v->mutex is held. */
static void put_all(const struct verify *v, struct buf *out)
{
	struct buf units = { 0 };
	size_t i;

	checkpoint_image(v->units, &units);
	put_bytes(out, buf_str(&units));
	put(out, v->table_result->items_scanned);
	for (i = 0; i < v->table->nentities; i++)
		put_entity(out, &v->entities[i], &v->probes[i]);
	for (i = 0; i < v->nworkers; i++) {
		put(out, v->segments[i].done);
		put_bytes(out, buf_str(&v->segments[i].next));
	}
	for (i = 0; i < MAX_INDEXES; i++) {
		put(out, v->index_sums[i].n);
		put(out, v->index_sums[i].key[0]);
		put(out, v->index_sums[i].key[1]);
	}
	put_sums(out, v->expected);
	put_sums(out, v->actual);
	put_examples(out, v);
	buf_release(&units);
}

/* Behind the units. False: 'v' is spoilt. */
static bool take_all(struct verify *v, struct taking *t)
{
	size_t i;

	v->table_result->items_scanned = v->table_result->items_resumed = take(t);
	for (i = 0; i < v->table->nentities; i++) {
		take_entity(t, &v->entities[i], &v->probes[i]);
		v->table_result->rows_resumed += v->entities[i].rows_read;
	}
	for (i = 0; i < v->nworkers; i++) {
		v->segments[i].done = take(t) != 0;
		buf_addstr(&v->segments[i].next, take_bytes(t));
	}
	for (i = 0; i < MAX_INDEXES; i++) {
		v->index_sums[i].n = take(t);
		v->index_sums[i].key[0] = take(t);
		v->index_sums[i].key[1] = take(t);
	}
	take_sums(t, v->expected);
	take_sums(t, v->actual);
	take_examples(t, v);
	return !t->bad && t->rest.len == 0;
}

/* ---- of a verify ----------------------------------------------------------------------------- */

/* Appends to 'why' what is against going on with it. */
static void look_at(const struct resume *r, const struct verify_job *job, size_t table,
		    struct str content, struct buf *why)
{
	struct taking t = { content, false };
	struct checkpoint *units;

	if (!checkpoint_from_image(job->tables[table].def->name, &r->ids[table], take_bytes(&t),
				   &units, why))
		checkpoint_close(units, NULL);
}

/* Appends to 'why' what is against going on. True: there is something to go on with. */
static bool look(const struct resume *r, const struct verify_job *job, struct buf *why)
{
	int64_t newest_utc_ms = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < r->ntables && !why->len; i++) {
		struct buf content = { 0 };
		int64_t saved_utc_ms;

		if (kept_load(r->kept, job->tables[i].def->name, &content, &saved_utc_ms)) {
			any = true;
			if (saved_utc_ms > newest_utc_ms)
				newest_utc_ms = saved_utc_ms;
			look_at(r, job, i, buf_str(&content), why);
		}
		buf_release(&content);
	}
	if (any && !why->len && job->clock->utc_ms(job->clock) - newest_utc_ms > RESUME_MAX_AGE_MS)
		buf_addf(why, "it was stopped more than %d hours ago",
			 (int)(RESUME_MAX_AGE_MS / 3600000));
	return any;
}

static void make_ids(struct resume *r, const struct verify_job *job,
		     const struct checkpoint_identity *ids)
{
	size_t i;

	buf_addf(&r->settings, "%s, %u workers%s, etl " ETL_VERSION, verify_mode_name(job->mode),
		 flow_workers(job->workers ? job->workers : VERIFY_DEFAULT_WORKERS),
		 job->indexes ? ", indexes" : "");
	r->ntables = job->ntables;
	r->ids = mem_array(r->ntables + 1, sizeof(*r->ids));
	for (i = 0; i < r->ntables; i++) {
		r->ids[i] = ids[i];
		r->ids[i].write_mode = buf_cstr(&r->settings);
	}
}

struct resume *resume_open(const struct verify_job *job, const struct resume_settings *settings)
{
	struct kept *kept = kept_open(settings->dir, job->clock, settings->locked);
	struct etl_err err = { 0 };
	struct buf why = { 0 };
	struct resume *r;
	bool any;

	if (!kept)
		return NULL;
	r = mem_zalloc(sizeof(*r));
	r->kept = kept;
	make_ids(r, job, settings->ids);
	any = !settings->restart && look(r, job, &why);
	if (any && why.len)
		log_warn("the verify that was not finished is begun anew: %s", buf_cstr(&why));
	if ((!any || why.len) && kept_begin_anew(kept, &err)) {
		log_warn("this verify cannot be gone on with if it is stopped: %s", err.msg);
		resume_close(r);
		r = NULL;
	}
	buf_release(&why);
	return r;
}

void resume_close(struct resume *r)
{
	if (!r)
		return;
	kept_close(r->kept);
	free(r->ids);
	buf_release(&r->settings);
	free(r);
}

void resume_finished(struct verify *v)
{
	struct resume *r = v->job->resume;

	if (!r || !r->kept)
		return;
	kept_end(r->kept);
	kept_close(r->kept);
	r->kept = NULL;
}

/* ---- of a table ------------------------------------------------------------------------------ */

static void say_resumed(struct verify *v)
{
	struct verify_result *result = v->result;
	const struct verify_table_result *t = v->table_result;

	if (!t->rows_resumed && !t->items_resumed)
		return;
	result->resumed = true;
	result->resumed_since_utc_ms = kept_since_utc_ms(v->job->resume->kept);
	log_info("table '%s': going on behind %llu rows and %llu items that were read before",
		 t->table, (unsigned long long)t->rows_resumed,
		 (unsigned long long)t->items_resumed);
}

int resume_table(struct verify *v, struct etl_err *err)
{
	struct resume *r = v->job->resume;
	const struct checkpoint_identity *id;
	struct buf content = { 0 }, why = { 0 };
	const char *name = v->table->def->name;
	struct taking t = { { NULL, 0 }, false };
	int64_t saved_utc_ms;
	int rc = 0;

	if (!r || !r->kept)
		return 0;
	id = &r->ids[v->table_index];
	memcpy(v->secret, kept_secret(r->kept), sizeof(v->secret));
	v->saved_ms = v->job->clock->now_ms(v->job->clock);
	if (!kept_load(r->kept, name, &content, &saved_utc_ms)) {
		v->units = checkpoint_in_memory(name, id);
	} else {
		t.rest = buf_str(&content);
		if (!checkpoint_from_image(name, id, take_bytes(&t), &v->units, &why) &&
		    take_all(v, &t))
			say_resumed(v);
		else	/* its digest is right and it was looked at: this is of our own making */
			rc = etl_err_set(err, ETL_EINTERNAL, "what was kept of table '%s' makes "
					 "no sense%s%s", name, why.len ? ": " : "",
					 buf_cstr(&why));
	}
	buf_release(&content);
	buf_release(&why);
	return rc;
}

void resume_table_end(struct verify *v)
{
	checkpoint_close(v->units, NULL);
	v->units = NULL;
}

int resume_unit_done(struct verify *v, const struct work *w, struct etl_err *err)
{
	/* what became of the rows stands with the sums */
	const struct load_counts rows = { .rows_read = w->rows_read,
					  .items_written = w->rows_read };

	return v->units ? checkpoint_unit_done(v->units, w->unit->entity, w->unit->number, &rows,
					       NULL, err) : 0;
}

static bool begin_save(struct verify *v, bool now, struct buf *out)
{
	int64_t now_ms = v->job->clock->now_ms(v->job->clock);
	bool save;

	pthread_mutex_lock(&v->mutex);
	save = !v->saving && (now || now_ms - v->saved_ms >= RESUME_SAVE_MS);
	if (save) {
		v->saving = true;
		v->saved_ms = now_ms;
		put_all(v, out);
	}
	pthread_mutex_unlock(&v->mutex);
	return save;
}

void resume_save(struct verify *v, bool now)
{
	struct resume *r = v->job->resume;
	struct etl_err err = { 0 };
	struct buf content = { 0 };

	if (!v->units || !begin_save(v, now, &content))
		return;
	if (kept_save(r->kept, v->table->def->name, buf_str(&content), &err) < 0 && !r->warned) {
		log_warn("%s; if this verify is stopped, what it has done since is read again",
			 err.msg);
		r->warned = true;
	}
	buf_release(&content);
	pthread_mutex_lock(&v->mutex);
	v->saving = false;
	pthread_mutex_unlock(&v->mutex);
}
