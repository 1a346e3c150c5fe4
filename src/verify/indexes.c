#include "verify/indexes.h"

#include "pipeline/parallel.h"
#include "verify/verify_priv.h"

struct scanning {
	struct verify *v;
	const struct index_def *index;
	struct index_sum found;		/* guard: v->mutex */
};

struct index_page {			/* one thread's */
	struct scanning *s;
	struct summer summer;
	struct index_sum page;
};

static void page_begins(void *arg)
{
	((struct index_page *)arg)->page = (struct index_sum){ 0 };
}

static int entry_came(void *arg, struct str key_json, struct etl_err *err)
{
	struct index_page *p = arg;
	const struct verify *v = p->s->v;
	struct item_sum sum = { 0 };
	int rc = v->job->mode == VERIFY_COUNT
		? 0 : key_scan_sum(v, &p->summer, key_json, &sum, err);

	if (rc == 0)
		index_sums_add(&p->page, 1, sum.key);
	return rc;
}

static int page_ends(void *arg, size_t n, struct str next, struct etl_err *err)
{
	struct index_page *p = arg;
	struct verify *v = p->s->v;

	(void)n;
	(void)next;
	(void)err;
	pthread_mutex_lock(&v->mutex);
	index_sum_add(&p->s->found, &p->page);
	pthread_mutex_unlock(&v->mutex);
	return 0;
}

static const struct scan_ops scan_ops = {
	.begin = page_begins, .item = entry_came, .end = page_ends,
};

static int scan_segment(void *ctx, unsigned i, struct etl_err *err)
{
	struct scanning *s = ctx;
	struct verify *v = s->v;
	struct index_page p = { .s = s };
	int rc;

	summer_begin(&p.summer, v->secret);
	rc = key_scan_segment(v, &(struct scan_part){ i, v->nworkers, true, 0, s->index->name },
			      &scan_ops, &p, err);
	summer_end(&p.summer);
	return rc;
}

static bool same_sums(const struct verify *v, const struct index_sum *a,
		      const struct index_sum *b)
{
	return a->n == b->n && (v->job->mode == VERIFY_COUNT ||
				(a->key[0] == b->key[0] && a->key[1] == b->key[1]));
}

static int verify_index(struct verify *v, size_t i, struct etl_err *err)
{
	struct verify_index_result *r = &v->table_result->indexes[i];
	struct scanning s = { .v = v, .index = &v->table->def->indexes[i] };
	struct clock *clock = v->job->clock;
	int tries, rc = 0;

	r->entries_expected = v->index_sums[i].n;
	for (tries = 0; tries < INDEX_TRIES && rc == 0 && !r->same; tries++) {
		if (tries > 0)
			clock->sleep_ms(clock, INDEX_WAIT_MS, v->job->stop);
		s.found = (struct index_sum){ 0 };
		rc = parallel_run(&(struct parallel){ .n = v->nworkers, .run = scan_segment,
						      .ctx = &s, .stop = v->job->stop }, err);
		r->entries_found = s.found.n;
		r->same = rc == 0 && same_sums(v, &s.found, &v->index_sums[i]);
	}
	return rc;
}

int verify_indexes(struct verify *v, struct etl_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < v->table->def->nindexes && rc == 0; i++)
		rc = verify_index(v, i, err);
	return rc;
}
