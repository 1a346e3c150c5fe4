#include "verify/repair.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "model/value.h"
#include "pipeline/duplicates.h"
#include "pipeline/parallel.h"
#include "verify/mend.h"
#include "verify/undo.h"
#include "verify/verify_priv.h"

#define GROUP_ITEMS BATCH_GET_MAX_KEYS	/* that share one sync of the undo file */

/* A value of the map of keys: where the wrong item stands, and whether a row makes its key. */
#define MET (UINT64_C(1) << 63)

struct repair {
	const struct repair_job *job;	/* set before start */
	struct verify *v;		/* likewise */
	struct rate *rate;
	struct undo_file *undo;		/* made by the first who needs it; guard: mutex */
	pthread_mutex_t mutex;
	struct hashmap keys;		/* of the present part; the slots' values: mutex */
	struct hand *hands;		/* each of one thread */
	uint64_t *unmet;		/* where extra items stand that are to be deleted */
	size_t nunmet, cap, next;	/* next: guard: mutex */
};

/* One thread's: what it is about to change, in one buffer. */
struct task { size_t key, key_len, seen, seen_len, wanted, wanted_len; };

struct hand {
	struct repair *repair;
	struct summer summer;
	struct mender mender;
	struct buf room, data, lines;
	struct task tasks[GROUP_ITEMS];
	size_t n;
};

/* ---- changes -------------------------------------------------------------------------------- */

static struct str piece(const struct hand *h, size_t at, size_t len)
{
	return (struct str){ len ? h->data.ptr + at : NULL, len };
}

static size_t keep(struct hand *h, struct str s)
{
	size_t at = h->data.len;

	buf_addstr(&h->data, s);
	return at;
}

static void add_task(struct hand *h, struct str key, struct str seen, struct str wanted)
{
	struct task *t = &h->tasks[h->n++];

	*t = (struct task){ .key_len = key.len, .seen_len = seen.len,
			    .wanted_len = wanted.len };
	t->key = keep(h, key);
	t->seen = keep(h, seen);
	t->wanted = keep(h, wanted);
}

static void forget_tasks(struct hand *h)
{
	h->n = 0;
	buf_reset_to(&h->data, BATCH_KEEP_BYTES);
	buf_reset_to(&h->lines, BATCH_KEEP_BYTES);
}

static int open_undo(struct repair *r, struct etl_err *err)
{
	const struct verify_job *job = r->job->verify;
	int rc = 0;

	pthread_mutex_lock(&r->mutex);
	if (!r->undo) {
		rc = undo_create(r->job->undo_path, job->sink->ops->identity(job->sink),
				 job->clock->utc_ms(job->clock), &r->undo, err);
		if (rc == 0)
			log_info("undo file: '%s'", r->job->undo_path);
		r->v->result->repair.has_undo |= rc == 0;
	}
	pthread_mutex_unlock(&r->mutex);
	return rc;
}

static void count(struct repair *r, const struct mending *what, enum mended how,
		  const struct etl_err *why)
{
	struct verify_table_result *t = r->v->table_result;
	struct repair_result *result = &r->v->result->repair;

	pthread_mutex_lock(&r->mutex);
	switch (how) {
	case MENDED:
		result->written += !what->seen.ptr;
		result->changed += what->seen.ptr && what->wanted.ptr;
		result->deleted += !what->wanted.ptr;
		t->items_scanned += !what->seen.ptr;
		t->items_scanned -= !what->wanted.ptr;
		break;
	case MENDED_ALREADY:
		result->already++;
		break;
	case MEND_CHANGED:
	case MEND_REFUSED:
		left_alone_add(&result->left_alone, r->v->table->def->name, what->key_json,
			       how == MEND_REFUSED ? why->msg : "it was changed since it was seen");
		break;
	}
	pthread_mutex_unlock(&r->mutex);
}

/* First the undo file, then the changes. */
static int do_tasks(struct hand *h, struct etl_err *err)
{
	struct repair *r = h->repair;
	const struct table_def *def = r->v->table->def;
	size_t i;
	int rc;

	if (h->n == 0)
		return 0;
	for (i = 0; i < h->n; i++) {
		const struct task *t = &h->tasks[i];

		undo_add_line(&h->lines, def->name, piece(h, t->key, t->key_len),
			      piece(h, t->seen, t->seen_len),
			      piece(h, t->wanted, t->wanted_len));
	}
	rc = open_undo(r, err);
	if (rc == 0)
		rc = undo_append(r->undo, buf_str(&h->lines), err);
	for (i = 0; i < h->n && rc == 0; i++) {
		const struct task *t = &h->tasks[i];
		const struct mending what = {
			def, piece(h, t->key, t->key_len), piece(h, t->seen, t->seen_len),
			piece(h, t->wanted, t->wanted_len),
		};
		struct etl_err why = { 0 };
		enum mended how;

		rc = mend(&h->mender, &what, &how, &why, err);
		if (rc == 0)
			count(r, &what, how, &why);
	}
	forget_tasks(h);
	return rc;
}

static int begin_hand(void *ctx, unsigned i, struct etl_err *err)
{
	struct repair *r = ctx;
	struct verify *v = r->v;
	struct hand *h = &r->hands[i];
	int rc = mender_begin(&h->mender, v->job->sink, &v->watch, r->rate, v->job->stop, i, err);

	if (rc < 0)
		return rc;
	h->repair = r;
	summer_begin(&h->summer, v->secret);
	return 0;
}

static void end_hand(void *ctx, unsigned i)
{
	struct hand *h = &((struct repair *)ctx)->hands[i];

	mender_end(&h->mender);
	summer_end(&h->summer);
	buf_release(&h->room);
	buf_release(&h->data);
	buf_release(&h->lines);
	h->n = 0;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static int on_reject(void *ctx, struct work *w, struct str pk, const struct reject *rej,
		     struct etl_err *err)
{
	(void)ctx;
	(void)w;
	(void)pk;
	(void)rej;
	(void)err;
	return 0;
}

/* Where the wrong item of this key stands; false: it was right. */
static bool find_wrong(struct repair *r, struct hash128 key, uint64_t *at)
{
	uint64_t *value;

	pthread_mutex_lock(&r->mutex);
	value = hashmap_get(&r->keys, key);
	if (value) {
		*at = *value & ~MET;
		*value |= MET;
	}
	pthread_mutex_unlock(&r->mutex);
	return value != NULL;
}

static int equal_items(struct str a_json, struct str b_json, bool *equal, struct etl_err *err)
{
	struct arena *arena = arena_new();
	struct value a, b;
	int rc = value_from_item_json(arena, a_json, &a, err);

	if (rc == 0)
		rc = value_from_item_json(arena, b_json, &b, err);
	*equal = rc == 0 && value_equal(&a, &b);
	arena_free(arena);
	return rc;
}

static int choose(struct hand *h, const struct batch *b, size_t i, uint64_t at,
		  struct etl_err *err)
{
	struct repair *r = h->repair;
	struct str wanted = batch_str(b, b->items[i].json);
	struct wrong wrong;
	bool equal = false;
	int rc = wrongs_read(r->job->verify->wrongs, &at, &h->room, &wrong, err);

	if (rc < 0)
		return rc;
	/* extra, and not read: a row makes it by now */
	if (wrong.kind == FINDING_EXTRA && !wrong.item_json.ptr)
		return 0;
	if (wrong.item_json.ptr) {
		rc = equal_items(wrong.item_json, wanted, &equal, err);
		if (rc < 0)
			return rc;
	}
	if (equal) {
		pthread_mutex_lock(&r->mutex);
		r->v->result->repair.already++;
		pthread_mutex_unlock(&r->mutex);
	} else {
		add_task(h, wrong.key_json, wrong.item_json, wanted);
	}
	return 0;
}

static int mend_batch(void *ctx, unsigned worker, struct batch *b, struct etl_err *err)
{
	struct repair *r = ctx;
	struct hand *h = &r->hands[worker];
	struct item_sum sum;
	uint64_t at;
	size_t i;
	int rc = 0;

	forget_tasks(h);
	for (i = 0; i < b->n && rc == 0; i++) {
		summer_key(&h->summer, batch_str(b, b->items[i].key), &sum);
		if (find_wrong(r, sum.key, &at))
			rc = choose(h, b, i, at, err);
	}
	return rc < 0 ? rc : do_tasks(h, err);
}

static int end_unit(void *ctx, struct work *w, bool done, struct etl_err *err)
{
	(void)ctx;
	(void)w;
	(void)done;
	(void)err;
	return 0;
}

static const struct flow_ops ops = {
	.reject = on_reject, .begin_worker = begin_hand, .end_worker = end_hand,
	.batch = mend_batch, .end_unit = end_unit,
};

static int mend_rows(struct repair *r, struct etl_err *err)
{
	struct counters *apart = mem_zalloc(sizeof(*apart));
	struct flow flow = verify_flow(r->v, apart);
	int rc;

	flow.ops = &ops;
	flow.ctx = r;
	rc = flow_run(&flow, err);
	free(apart);
	return rc;
}

/* ---- items of no row ------------------------------------------------------------------------ */

static int find_unmet(struct repair *r, struct etl_err *err)
{
	struct buf room = { 0 };
	struct wrong wrong;
	size_t i;
	int rc = 1;

	r->nunmet = r->next = 0;
	for (i = 0; i < r->keys.capacity && rc > 0; i++) {
		const struct hashmap_slot *slot = &r->keys.slots[i];
		uint64_t at = slot->value;

		if ((!slot->hash.hi && !slot->hash.lo) || at & MET)
			continue;
		rc = wrongs_read(r->job->verify->wrongs, &at, &room, &wrong, err);
		if (rc <= 0 || wrong.kind != FINDING_EXTRA || !wrong.item_json.ptr)
			continue;
		r->unmet = mem_grow(r->unmet, &r->cap, r->nunmet + 1, sizeof(*r->unmet));
		r->unmet[r->nunmet++] = slot->value;
	}
	buf_release(&room);
	return rc < 0 ? rc : 0;
}

static bool next_unmet(struct repair *r, uint64_t *at)
{
	bool some;

	pthread_mutex_lock(&r->mutex);
	some = r->next < r->nunmet;
	if (some)
		*at = r->unmet[r->next++];
	pthread_mutex_unlock(&r->mutex);
	return some;
}

static int delete_group(struct hand *h, struct etl_err *err)
{
	struct wrong wrong;
	uint64_t at;
	int rc = 0;

	forget_tasks(h);
	while (h->n < BATCH_MAX_ITEMS && next_unmet(h->repair, &at)) {
		rc = wrongs_read(h->repair->job->verify->wrongs, &at, &h->room, &wrong, err);
		if (rc < 0)
			return rc;
		add_task(h, wrong.key_json, wrong.item_json, (struct str){ 0 });
	}
	rc = h->n ? 1 : 0;
	return rc && do_tasks(h, err) < 0 ? -(int)err->code : rc;
}

static int delete_unmet(void *ctx, unsigned i, struct etl_err *err)
{
	struct repair *r = ctx;
	int rc = begin_hand(r, i, err);

	if (rc < 0)
		return rc;
	while ((rc = delete_group(&r->hands[i], err)) > 0)
		;
	end_hand(r, i);
	return rc;
}

/* ---- tables --------------------------------------------------------------------------------- */

/* The next keys of the table that are wrong, and where they stand; *at moves on. */
static int gather(struct verify *v, struct wrongs *wrongs, uint64_t *at, struct hashmap *keys,
		  struct etl_err *err)
{
	const struct key_schema *schema = &v->table->def->keys;
	struct buf room = { 0 }, key = { 0 };
	struct summer summer;
	struct item_sum sum;
	struct wrong wrong;
	uint64_t from = *at;
	int rc = 0;

	hashmap_clear(keys);
	summer_begin(&summer, v->secret);
	while (keys->n < VERIFY_MAX_KEYS &&
	       (rc = wrongs_read(wrongs, at, &room, &wrong, err)) > 0) {
		if (wrong.table == v->table_index) {
			buf_reset(&key);
			rc = key_from_item_json(schema, wrong.key_json, &key, err);
			if (rc < 0)
				break;
			summer_key(&summer, buf_str(&key), &sum);
			hashmap_add(keys, sum.key, from, NULL);
		}
		from = *at;
	}
	summer_end(&summer);
	buf_release(&room);
	buf_release(&key);
	return rc < 0 ? rc : 0;
}

static int find_duplicates(struct verify *v, struct etl_err *err)
{
	return duplicates_find(v->readers.list[0], v->table, v->job->stop, &v->duplicates, err);
}

static int repair_part(struct repair *r, struct etl_err *err)
{
	struct verify *v = r->v;
	int rc = mend_rows(r, err);

	if (rc == 0 && r->job->delete_extra)
		rc = find_unmet(r, err);
	if (rc == 0 && r->nunmet)
		rc = parallel_run(&(struct parallel){ .n = v->nworkers, .run = delete_unmet,
						      .ctx = r, .stop = v->job->stop }, err);
	return rc;
}

static int repair_table(struct verify *v, void *arg, struct etl_err *err)
{
	struct repair *r = arg;
	uint64_t at = 0;
	int rc;

	r->v = v;
	rc = find_duplicates(v, err);
	do {
		if (rc == 0)
			rc = gather(v, r->job->verify->wrongs, &at, &r->keys, err);
		if (rc == 0 && r->keys.n)
			rc = repair_part(r, err);
	} while (rc == 0 && r->keys.n);
	duplicates_free(v->duplicates);
	v->duplicates = NULL;
	return rc;
}

static int verify_table_again(struct verify *v, void *arg, struct etl_err *err)
{
	struct repair *r = arg;
	uint64_t at = 0;
	int rc = find_duplicates(v, err);

	verify_forget_differences(v);
	do {
		if (rc == 0)
			rc = gather(v, r->job->verify->wrongs, &at, &v->suspects, err);
		if (rc == 0 && v->suspects.n)
			rc = verify_suspects(v, err);
	} while (rc == 0 && v->suspects.n);
	duplicates_free(v->duplicates);
	v->duplicates = NULL;
	if (rc == 0)
		verify_judge_again(v);
	return rc;
}

static int run(struct verify *v, void *arg, struct etl_err *err)
{
	int rc = verify_each_table(v, repair_table, arg, err);

	COUNTERS_SET(v->job->counters, differences, 0);
	/* what is verified again is read in a snapshot that is younger than the changes */
	if (rc == 0)
		rc = verify_each_table(v, verify_table_again, arg, err);
	return rc < 0 ? rc : verify_judge_all(v, err);
}

int repair_run(const struct repair_job *job, struct verify_result *result, struct etl_err *err)
{
	struct repair r = { .job = job };
	int rc;

	result->repaired = true;
	result->repair = (struct repair_result){ .undo_path = job->undo_path };
	r.hands = mem_array(flow_workers(job->verify->workers ? job->verify->workers
							      : VERIFY_DEFAULT_WORKERS),
			    sizeof(*r.hands));
	r.rate = rate_new(job->verify->clock, 1, job->max_wcu);
	pthread_mutex_init(&r.mutex, NULL);
	rc = verify_with(job->verify, result, run, &r, err);
	pthread_mutex_destroy(&r.mutex);
	undo_close(r.undo);
	rate_free(r.rate);
	hashmap_release(&r.keys);
	free(r.hands);
	free(r.unmet);
	return rc;
}
