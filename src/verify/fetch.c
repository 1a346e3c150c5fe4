#include "verify/fetch.h"

#include <string.h>

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

int fetch_items(struct fetcher *f, const struct table_def *def, const struct batch *b, size_t *at,
		size_t n, bool *got,
		int (*found)(void *arg, const struct batch *b, size_t i, struct str item_json,
			     struct etl_err *err),
		void *arg, struct etl_err *err)
{
	struct getting g = { .def = def, .b = b, .got = got, .found = found, .arg = arg };
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		got[at[i]] = false;
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

/* ---- scans ---------------------------------------------------------------------------------- */

struct page {
	const struct scan_ops *ops;
	void *arg;
	size_t n;
};

static int item_scanned(void *arg, struct str item_json, struct etl_err *err)
{
	struct page *p = arg;

	p->n++;
	return p->ops->item(p->arg, item_json, err);
}

/* One page, again and again until it comes; 'start' moves on only with it. */
static int scan_page(struct fetcher *f, const struct table_def *def, unsigned segment,
		     unsigned segments, bool keys_only, struct page *p, struct buf *start,
		     struct etl_err *err)
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
		p->ops->begin(p->arg);
		buf_reset(&next);
		buf_addstr(&next, buf_str(start));
		COUNTERS_ADD(f->counters, requests, 1);
		rc = f->conn->ops->scan(f->conn, def, segment, segments, keys_only, &next,
					item_scanned, p, &why);
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
	       unsigned segments, bool keys_only, struct str start, const struct scan_ops *ops,
	       void *arg, struct etl_err *err)
{
	struct page p = { .ops = ops, .arg = arg };
	struct buf next = { 0 };
	int rc;

	buf_addstr(&next, start);
	do {
		rc = scan_page(f, def, segment, segments, keys_only, &p, &next, err);
		if (rc == 0) {
			COUNTERS_ADD(f->counters, items_scanned, p.n);
			rc = ops->end(arg, p.n, buf_str(&next), err);
		}
	} while (rc == 0 && next.len > 0);
	buf_release(&next);
	return rc;
}
