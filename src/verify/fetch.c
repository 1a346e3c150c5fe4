#include "verify/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/key.h"

int fetcher_begin(struct fetcher *f, struct sink *sink, struct retry_watch *watch,
		  struct counters *counters, const struct stop *stop, uint64_t seed,
		  struct etl_err *err)
{
	*f = (struct fetcher){ .counters = counters, .stop = stop };
	retry_init(&f->retry, watch, seed);
	return sink->ops->open_conn(sink, &f->conn, err);
}

void fetcher_end(struct fetcher *f)
{
	f->conn->ops->close_conn(f->conn);
}

static int stopped(struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped before everything was compared");
}

/* ---- items by key --------------------------------------------------------------------------- */

struct getting {
	const struct table_def *def;
	const struct batch *b;
	bool *got;
	int (*found)(void *arg, const struct batch *b, size_t i, struct str item_json,
		     struct etl_err *err);
	void *arg;
	struct buf key;
};

/* A request whose answer broke off half-way is asked again: items may come twice. */
static int item_came(void *arg, struct str item_json, struct etl_err *err)
{
	struct getting *g = arg;
	struct hash128 hash;
	size_t i;
	int rc;

	buf_reset(&g->key);
	rc = key_from_item_json(&g->def->keys, item_json, &g->key, err);
	if (rc < 0)
		return rc;
	hash = hash128(g->key.ptr, g->key.len);
	for (i = 0; i < g->b->n; i++) {
		const struct hash128 *h = &g->b->items[i].hash;

		if (h->hi != hash.hi || h->lo != hash.lo)
			continue;
		if (g->got[i])
			return 0;
		g->got[i] = true;
		return g->found(g->arg, g->b, i, item_json, err);
	}
	return etl_err_set(err, ETL_EINTERNAL, "table '%s' gave an item that was not asked for",
			   g->def->name);
}

/* Asks for items at[0..n) once; keeps in at[] those to be asked again, returns how many. */
static int ask(struct fetcher *f, struct getting *g, size_t *at, size_t n, struct etl_err *err)
{
	struct str keys[BATCH_GET_MAX_KEYS];
	bool unprocessed[BATCH_GET_MAX_KEYS] = { false };
	size_t left = 0, i;
	int rc;

	for (i = 0; i < n; i++)
		keys[i] = batch_str(g->b, g->b->items[at[i]].key_json);
	COUNTERS_ADD(f->counters, requests, 1);
	rc = f->conn->ops->get(f->conn, g->def, keys, n, unprocessed, item_came, g, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < n; i++)
		if (unprocessed[i] && !g->got[at[i]])
			at[left++] = at[i];
	return (int)left;
}

int fetch_batch(struct fetcher *f, const struct table_def *def, const struct batch *b, bool *got,
		int (*found)(void *arg, const struct batch *b, size_t i, struct str item_json,
			     struct etl_err *err),
		void *arg, struct etl_err *err)
{
	struct getting g = { .def = def, .b = b, .got = got, .found = found, .arg = arg };
	size_t at[BATCH_GET_MAX_KEYS], n = b->n, i;
	int rc = 0;

	for (i = 0; i < n; i++) {
		at[i] = i;
		got[i] = false;
	}
	while (n > 0 && rc == 0) {
		struct etl_err why = { 0 };

		if (stop_asked(f->stop)) {
			rc = stopped(err);
			break;
		}
		rc = ask(f, &g, at, n, &why);
		if (rc >= 0) {
			if ((size_t)rc < n)
				retry_progress(&f->retry);
			n = (size_t)rc;
			COUNTERS_ADD(f->counters, unprocessed, n);
			rc = n ? retry_wait(&f->retry, NULL, f->stop, err) : 0;
		} else {
			rc = retry_wait(&f->retry, &why, f->stop, err);
		}
	}
	buf_release(&g.key);
	return rc;
}

/* ---- all keys ------------------------------------------------------------------------------- */

struct seen { struct hash128 hash; size_t off, len; };

struct page {			/* kept until it is known to be whole */
	const struct table_def *def;
	struct seen *seen;
	size_t n, cap;
	struct buf json, key;
};

static int key_came(void *arg, struct str item_json, struct etl_err *err)
{
	struct page *p = arg;
	struct seen *s;
	int rc;

	buf_reset(&p->key);
	rc = key_from_item_json(&p->def->keys, item_json, &p->key, err);
	if (rc < 0)
		return rc;
	p->seen = mem_grow(p->seen, &p->cap, p->n + 1, sizeof(*p->seen));
	s = &p->seen[p->n++];
	s->hash = hash128(p->key.ptr, p->key.len);
	s->off = p->json.len;
	s->len = item_json.len;
	buf_addstr(&p->json, item_json);
	return 0;
}

/* One page, again and again until it comes; 'start' moves on only with it. */
static int scan_page(struct fetcher *f, struct page *p, unsigned segment, unsigned segments,
		     struct buf *start, struct etl_err *err)
{
	struct buf next = { 0 };
	int rc;

	for (;;) {
		struct etl_err why = { 0 };

		if (stop_asked(f->stop)) {
			rc = stopped(err);
			break;
		}
		p->n = 0;
		buf_reset(&p->json);
		buf_reset(&next);
		buf_addstr(&next, buf_str(start));
		COUNTERS_ADD(f->counters, requests, 1);
		rc = f->conn->ops->scan(f->conn, p->def, segment, segments, true, &next, key_came,
					p, &why);
		if (rc == 0) {
			retry_progress(&f->retry);
			buf_reset(start);
			buf_addstr(start, buf_str(&next));
			break;
		}
		rc = retry_wait(&f->retry, &why, f->stop, err);
		if (rc < 0)
			break;
	}
	buf_release(&next);
	return rc;
}

int fetch_scan(struct fetcher *f, const struct table_def *def, unsigned segment,
	       unsigned segments,
	       int (*key)(void *arg, struct hash128 hash, struct str key_json,
			  struct etl_err *err),
	       void *arg, struct etl_err *err)
{
	struct page p = { .def = def };
	struct buf start = { 0 };
	size_t i;
	int rc;

	do {
		rc = scan_page(f, &p, segment, segments, &start, err);
		if (rc == 0)
			COUNTERS_ADD(f->counters, items_scanned, p.n);
		for (i = 0; rc == 0 && i < p.n; i++)
			rc = key(arg, p.seen[i].hash,
				 (struct str){ p.json.ptr + p.seen[i].off, p.seen[i].len }, err);
	} while (rc == 0 && start.len > 0);
	free(p.seen);
	buf_release(&p.json);
	buf_release(&p.key);
	buf_release(&start);
	return rc;
}
