/*
 * Items that no row explains: a scan of the target's keys, held against those that the rows have.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "model/value.h"
#include "pipeline/parallel.h"
#include "verify/examine.h"

struct extra { size_t off, len; struct hash128 key; };	/* of 'json' */

struct search {				/* of one thread, for one segment */
	struct examine *x;
	struct summer summer;
	struct buf json;		/* of the present page what no row explains */
	struct extra *found;
	size_t n, cap;
};

static void page_begins(void *arg)
{
	struct search *s = arg;

	s->n = 0;
	buf_reset(&s->json);
}

static int key_came(void *arg, struct str json, struct etl_err *err)
{
	struct search *s = arg;
	const struct examine *x = s->x;
	struct item_sum sum;
	int rc = key_scan_sum(x->v, &s->summer, json, &sum, err);

	if (rc < 0)
		return rc;
	if (!x->remembers(x, sum.key) || hashmap_get(&x->known, sum.key))
		return 0;
	/* by its key's hash, which no difference of a row's item has */
	if (!verify_counts(x->v, sum.key))
		return 0;
	s->found = mem_grow(s->found, &s->cap, s->n + 1, sizeof(*s->found));
	s->found[s->n++] = (struct extra){ s->json.len, json.len, sum.key };
	buf_addstr(&s->json, json);
	return 0;
}

static bool is_key(const struct key_schema *keys, struct str name)
{
	return str_is(name, keys->pk_name) || (keys->sk_name && str_is(name, keys->sk_name));
}

/* The key in canonical order, however the target gave it, alone or in an item. */
static void add_key(struct buf *text, const struct key_schema *keys, const struct value *item)
{
	size_t i;

	buf_addc(text, '{');
	for (i = 0; i < item->n; i++) {
		if (!is_key(keys, item->names[i]))
			continue;
		if (text->len > 1)
			buf_addc(text, ',');
		buf_add_json(text, item->names[i]);
		buf_addc(text, ':');
		value_add_json(text, &item->members[i]);
	}
	buf_addc(text, '}');
}

static int add_extra(struct verify *v, struct str json, struct etl_err *err)
{
	struct arena *arena = arena_new();
	struct buf text = { 0 };
	struct value item;
	int rc = value_from_item_json(arena, json, &item, err);

	if (rc == 0) {
		add_key(&text, &v->table->def->keys, &item);
		findings_add(v->findings, &(struct finding_parts){
			.kind = FINDING_EXTRA, .table = v->table->def->name,
			.key_json = buf_str(&text) });
		rc = verify_wrong(v, FINDING_EXTRA, buf_str(&text),
				  v->job->reads_extra ? json : (struct str){ 0 }, err);
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
	for (i = 0; i < s->n && rc == 0; i++) {
		rc = add_extra(v, (struct str){ s->json.ptr + s->found[i].off, s->found[i].len },
			       err);
		verify_suspect(v, s->found[i].key);
	}
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
	int rc;

	summer_begin(&s.summer, v->secret);
	rc = key_scan_segment(v, &(struct scan_part){ i, v->nworkers, !v->job->reads_extra, 0, NULL },
			      &scan_ops, &s, err);
	summer_end(&s.summer);
	buf_release(&s.json);
	free(s.found);
	return rc;
}

int examine_extra(struct examine *x, struct etl_err *err)
{
	return parallel_run(&(struct parallel){ .n = x->v->nworkers, .run = search_segment,
						.ctx = x, .stop = x->v->job->stop }, err);
}
