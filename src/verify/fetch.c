#include "verify/fetch.h"

#include <string.h>

#include "model/key.h"

/* Strongly consistent: a unit for each begun 4 KB, of a page together. */
#define UNIT_BYTES 4096
#define PAGE_UNITS 256
#define LEAST_PAGE_UNITS 4	/* of less, what is rounded up would be too much */
#define QUERY_UNITS 1
#define FIRST_PAGE_ITEMS 4	/* as long as nobody knows what an item costs */

int fetcher_begin(struct fetcher *f, const struct fetching *shared, uint64_t seed,
		  struct etl_err *err)
{
	*f = (struct fetcher){ .shared = shared };
	retry_init(&f->retry, shared->watch, seed);
	return shared->sink->ops->open_conn(shared->sink, &f->conn, err);
}

void fetcher_end(struct fetcher *f)
{
	f->conn->ops->close_conn(f->conn);
}

static int stopped(struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped before everything was compared");
}

static bool may_read(const struct fetcher *f, double units)
{
	const struct fetching *s = f->shared;

	return s->rate ? rate_take(s->rate, 0, units, s->stop) : !stop_asked(s->stop);
}

/* A request that took 'units' was answered, or failed. */
static void was_read(const struct fetcher *f, double units)
{
	const struct fetching *s = f->shared;

	COUNTERS_ADD(s->counters, requests, 1);
	COUNTERS_ADD(s->counters, rcu_milli, f->conn->consumed_rcu * 1000 + 0.5);
	if (s->rate)
		rate_answered(s->rate, 0, units, f->conn->consumed_rcu, false);
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
	double units = 0;
	int rc;

	for (i = 0; i < n; i++) {
		const struct batch_item *item = &g->b->items[at[i]];

		keys[i] = batch_str(g->b, item->key_json);
		units += (double)(item->size_bytes / UNIT_BYTES + 1);
	}
	if (!may_read(f, units))
		return stopped(err);
	rc = f->conn->ops->get(f->conn, g->def, keys, n, unprocessed, item_came, g, err);
	was_read(f, units);
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

		rc = ask(f, &g, at, n, &why);
		if (rc >= 0) {
			if ((size_t)rc < n)
				retry_progress(&f->retry);
			n = (size_t)rc;
			COUNTERS_ADD(f->shared->counters, unprocessed, n);
			rc = n ? retry_wait(&f->retry, NULL, f->shared->stop, err) : 0;
		} else {
			rc = retry_wait(&f->retry, &why, f->shared->stop, err);
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

/* Under a limit of units: how many items the next page shall have, and what it will cost. */
static double limit_page(const struct fetcher *f, struct scan_part *part)
{
	double units = (double)f->shared->max_rcu / 4;

	if (!f->shared->rate)
		return 0;
	if (f->item_units <= 0) {
		part->limit = FIRST_PAGE_ITEMS;
		return 1;
	}
	if (units < LEAST_PAGE_UNITS)
		units = LEAST_PAGE_UNITS;
	if (units > PAGE_UNITS)
		units = PAGE_UNITS;
	part->limit = (unsigned)(units / f->item_units) + 1;
	return f->item_units * part->limit;
}

/* One page, again and again until it comes; 'start' moves on only with it. */
static int scan_page(struct fetcher *f, const struct table_def *def, struct scan_part part,
		     struct page *p, struct buf *start, struct etl_err *err)
{
	struct buf next = { 0 };
	int rc;

	for (;;) {
		struct etl_err why = { 0 };
		double units = limit_page(f, &part);

		if (!may_read(f, units)) {
			rc = stopped(err);
			break;
		}
		p->n = 0;
		p->ops->begin(p->arg);
		buf_reset(&next);
		buf_addstr(&next, buf_str(start));
		rc = f->conn->ops->scan(f->conn, def, &part, &next, item_scanned, p, &why);
		was_read(f, units);
		if (rc == 0) {
			if (p->n)
				f->item_units = f->conn->consumed_rcu / (double)p->n;
			retry_progress(&f->retry);
			buf_reset(start);
			buf_addstr(start, buf_str(&next));
			break;
		}
		rc = retry_wait(&f->retry, &why, f->shared->stop, err);
		if (rc < 0)
			break;
	}
	buf_release(&next);
	return rc;
}

int fetch_scan(struct fetcher *f, const struct table_def *def, const struct scan_part *part,
	       struct str start, const struct scan_ops *ops, void *arg, struct etl_err *err)
{
	struct page p = { .ops = ops, .arg = arg };
	struct buf next = { 0 };
	int rc;

	buf_addstr(&next, start);
	do {
		rc = scan_page(f, def, *part, &p, &next, err);
		if (rc == 0) {
			COUNTERS_ADD(f->shared->counters, items_scanned, p.n);
			rc = ops->end(arg, p.n, buf_str(&next), err);
		}
	} while (rc == 0 && next.len > 0);
	buf_release(&next);
	return rc;
}

/* ---- queries -------------------------------------------------------------------------------- */

int fetch_query(struct fetcher *f, const struct table_def *def, const struct query *query,
		struct buf *start_key, sink_item_fn *found, void *arg, struct etl_err *err)
{
	double units = f->shared->rate ? QUERY_UNITS : 0;
	int rc;

	do {
		struct etl_err why = { 0 };

		if (!may_read(f, units))
			return stopped(err);
		rc = f->conn->ops->query(f->conn, def, query, start_key, found, arg, &why);
		was_read(f, units);
		if (rc == 0)
			retry_progress(&f->retry);
		else if (retry_wait(&f->retry, &why, f->shared->stop, err) < 0)
			return -(int)err->code;
	} while (rc < 0);
	return 0;
}
