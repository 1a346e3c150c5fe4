#include "fakes/fake_sink_priv.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/clock.h"
#include "model/json.h"
#include "model/value.h"

struct fake_conn {
	struct sink_conn base;
	struct fake_sink *f;
	atomic_int busy;
	struct buf there;		/* lent by the last put */
};

static void violate(struct fake_sink *f, const char *what)
{
	if (!f->violation[0])
		snprintf(f->violation, sizeof(f->violation), "%s", what);
}

/* ---- faults ---------------------------------------------------------------------------------- */

struct plan {			/* what the scripts say about one call */
	bool fails, done_anyway, twice, twice_throttled;
	enum etl_errc code;
	uint64_t unprocessed;
	uint64_t slow_ms;
};

static void apply_fault(struct plan *p, const struct fault *fault)
{
	static const enum etl_errc codes[] = {
		[FAKE_THROTTLED] = ETL_ETHROTTLED, [FAKE_TRANSIENT] = ETL_ETRANSIENT,
		[FAKE_UNKNOWN_DONE] = ETL_EUNKNOWN, [FAKE_UNKNOWN_LOST] = ETL_EUNKNOWN,
		[FAKE_EXPIRED] = ETL_EEXPIRED, [FAKE_CREDENTIALS] = ETL_ECREDENTIALS,
		[FAKE_HOPELESS] = ETL_ESINK, [FAKE_ITEM] = ETL_EITEM,
		[FAKE_NOTFOUND] = ETL_ENOTFOUND,
	};

	if (fault->fault == FAKE_UNPROCESSED) {
		p->unprocessed = fault->arg;
		return;
	}
	if (fault->fault == FAKE_TWICE || fault->fault == FAKE_TWICE_THROTTLED) {
		p->twice = true;
		p->twice_throttled = fault->fault == FAKE_TWICE_THROTTLED;
		return;
	}
	p->fails = true;
	p->done_anyway = fault->fault == FAKE_UNKNOWN_DONE;
	p->code = codes[fault->fault];
}

/* Counts the call and finds what is scripted for it. */
static struct plan begin(struct fake_sink *f, enum fake_op op)
{
	struct plan p = { 0 };
	bool found = false;
	uint64_t call;

	pthread_mutex_lock(&f->mutex);
	call = ++f->calls[op];
	for (size_t i = 0; i < f->nfaults; i++) {
		const struct fault *fault = &f->faults[i];

		if (fault->op != op || call < fault->first ||
		    (fault->times && call - fault->first >= fault->times))
			continue;
		if (fault->fault == FAKE_SLOW) {
			p.slow_ms += fault->arg;
		} else if (!found) {
			found = true;
			apply_fault(&p, fault);
		}
	}
	pthread_mutex_unlock(&f->mutex);
	if (f->hook)
		f->hook(f->hook_arg, op, call);
	if (p.slow_ms)
		clock_real()->sleep_ms(clock_real(), (int64_t)p.slow_ms, NULL);
	return p;
}

static int fail(const struct plan *p, struct etl_err *err)
{
	return etl_err_set(err, p->code, "scripted failure: %s", etl_errclass(p->code)->name);
}

static void enter(struct fake_conn *c)
{
	if (atomic_exchange(&c->busy, 1)) {
		pthread_mutex_lock(&c->f->mutex);
		violate(c->f, "a connection was used by two threads at once");
		pthread_mutex_unlock(&c->f->mutex);
	}
}

static void leave(struct fake_conn *c)
{
	atomic_store(&c->busy, 0);
}

/* ---- write ----------------------------------------------------------------------------------- */

static void check_puts(struct fake_sink *f, const struct table_def *table, const struct put *puts,
		       size_t n)
{
	struct buf key = { 0 };
	size_t bytes = 0;

	if (n < 1 || n > BATCH_MAX_ITEMS)
		violate(f, "a write of no item or of more than 25");
	for (size_t i = 0; i < n; i++) {
		struct etl_err why = { 0 };

		bytes += puts[i].item_json.len;
		buf_reset(&key);
		if (key_from_item_json(&table->keys, puts[i].item_json, &key, &why) != 0 ||
		    !str_eq(buf_str(&key), puts[i].key))
			violate(f, "a put whose key is not its item's");
		for (size_t j = 0; j < i; j++)
			if (str_eq(puts[i].key, puts[j].key))
				violate(f, "a key stands twice in one write");
		for (size_t w = 0; w < f->nflying; w++)
			for (size_t j = 0; j < f->flying[w]->n; j++)
				if (strcmp(f->flying[w]->table, table->name) == 0 &&
				    str_eq(puts[i].key, f->flying[w]->puts[j].key))
					violate(f, "a key is in two writes at one time");
	}
	if (bytes > BATCH_MAX_BYTES)
		violate(f, "a write of more than 16 MB");
	buf_release(&key);
}

static bool stays_undone(struct fake_sink *f, const struct plan *p, const struct put *puts,
			 size_t i)
{
	if (p->unprocessed & UINT64_C(1) << i)
		return true;
	for (size_t r = 0; r < f->nreluctant; r++) {
		if (f->reluctant[r].times && str_eq(buf_str(&f->reluctant[r].key), puts[i].key)) {
			f->reluctant[r].times--;
			return true;
		}
	}
	return false;
}

static bool poisoned(const struct fake_sink *f, const struct put *puts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < f->npoison; k++)
			if (str_eq(buf_str(&f->poison[k].key), puts[i].key))
				return true;
	return false;
}

static int do_write(struct fake_sink *f, const struct plan *p, const struct table_def *table,
		    const struct put *puts, size_t n, struct write_result *result,
		    struct etl_err *err)
{
	struct fake_table *t = fake_find_table(f, table->name);

	if (p->fails && !p->done_anyway)
		return fail(p, err);
	if (!t)
		return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", table->name);
	if (poisoned(f, puts, n))
		return etl_err_set(err, ETL_EITEM, "an item of the batch is refused");
	for (size_t i = 0; i < n; i++) {
		if (stays_undone(f, p, puts, i)) {
			result->unprocessed |= 1u << i;
			continue;
		}
		fake_put_entry(t, puts[i].key, puts[i].item_json);
		f->applied++;
		result->consumed_wcu += (double)((puts[i].size_bytes + 1023) / 1024);
	}
	if (!p->fails)
		return 0;
	*result = (struct write_result){ 0 };
	return fail(p, err);
}

static void take_off(struct fake_sink *f, const struct table_def *table, struct inflight *mine)
{
	pthread_mutex_lock(&f->mutex);
	check_puts(f, table, mine->puts, mine->n);
	f->flying = mem_grow(f->flying, &f->flying_cap, f->nflying + 1, sizeof(*f->flying));
	f->flying[f->nflying++] = mine;
	if (f->nflying > f->max_inflight)
		f->max_inflight = (unsigned)f->nflying;
	pthread_mutex_unlock(&f->mutex);
}

static void land(struct fake_sink *f, const struct inflight *mine)	/* under the mutex */
{
	for (size_t i = 0; i < f->nflying; i++) {
		if (f->flying[i] == mine) {
			f->flying[i] = f->flying[--f->nflying];
			break;
		}
	}
}

static int fake_write(struct sink_conn *conn, const struct table_def *table,
		      const struct put *puts, size_t n, struct write_result *result,
		      struct etl_err *err)
{
	struct fake_conn *c = (struct fake_conn *)conn;
	struct fake_sink *f = c->f;
	struct inflight mine = { table->name, puts, n };
	struct plan p;
	int rc;

	enter(c);
	*result = (struct write_result){ 0 };
	take_off(f, table, &mine);
	p = begin(f, FAKE_WRITE);
	pthread_mutex_lock(&f->mutex);
	rc = do_write(f, &p, table, puts, n, result, err);
	land(f, &mine);
	pthread_mutex_unlock(&f->mutex);
	leave(c);
	return rc;
}

/* ---- put under a condition ------------------------------------------------------------------- */

/* Canonical numbers of one sign: "12.5" */
static int compare_magnitudes(struct str a, struct str b)
{
	size_t a_whole = 0, b_whole = 0, n = a.len < b.len ? a.len : b.len;
	int d;

	while (a_whole < a.len && a.ptr[a_whole] != '.')
		a_whole++;
	while (b_whole < b.len && b.ptr[b_whole] != '.')
		b_whole++;
	if (a_whole != b_whole)
		return a_whole < b_whole ? -1 : 1;
	d = memcmp(a.ptr, b.ptr, n);
	return d ? d : (a.len > b.len) - (a.len < b.len);
}

static int compare_numbers(struct str a, struct str b)
{
	bool a_minus = a.ptr[0] == '-', b_minus = b.ptr[0] == '-';

	if (a_minus != b_minus)
		return a_minus ? -1 : 1;
	return a_minus ? compare_magnitudes((struct str){ b.ptr + 1, b.len - 1 },
					    (struct str){ a.ptr + 1, a.len - 1 })
		       : compare_magnitudes(a, b);
}

static const struct value *find_value(const struct value *item, const char *name)
{
	for (size_t i = 0; i < item->n; i++)
		if (str_is(item->names[i], name))
			return &item->members[i];
	return NULL;
}

/* Is the version of the item that is there less than that of the new one? */
static bool is_older(struct str there_json, struct str new_json, const char *attribute)
{
	struct arena *arena = arena_new();
	struct value there = { 0 }, new = { 0 };
	const struct value *a, *b;
	bool older = false;
	size_t n;
	int d;

	value_from_item_json(arena, there_json, &there, NULL);
	value_from_item_json(arena, new_json, &new, NULL);
	a = find_value(&there, attribute);
	b = find_value(&new, attribute);
	if (a && b && a->type == b->type && a->type == ATTR_N) {
		older = compare_numbers(a->bytes, b->bytes) < 0;
	} else if (a && b && a->type == b->type && (a->type == ATTR_S || a->type == ATTR_B)) {
		n = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
		d = n ? memcmp(a->bytes.ptr, b->bytes.ptr, n) : 0;
		older = d < 0 || (d == 0 && a->bytes.len < b->bytes.len);
	}
	arena_free(arena);
	return older;
}

static int do_put(struct fake_conn *c, const struct plan *p, const struct table_def *table,
		  const struct put *put, const struct put_condition *condition,
		  struct put_result *result, struct etl_err *err)
{
	struct fake_sink *f = c->f;
	struct fake_table *t = fake_find_table(f, table->name);
	struct entry *e;
	bool is_there;

	*result = (struct put_result){ 0 };
	if (p->fails && !p->done_anyway)
		return fail(p, err);
	if (!t)
		return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", table->name);
	if (poisoned(f, put, 1))
		return etl_err_set(err, ETL_EITEM, "the item is refused");
	e = fake_find_entry(t, put->key);
	is_there = e && e->json.ptr;
	if (is_there && (condition->mode != WRITE_NEWER ||
			 !is_older(buf_str(&e->json), put->item_json,
				   condition->version_attribute))) {
		buf_reset(&c->there);
		buf_addstr(&c->there, buf_str(&e->json));
		result->held = true;
		result->there = buf_str(&c->there);
	} else {
		fake_put_entry(t, put->key, put->item_json);
		f->applied++;
		result->replaced = is_there;
		result->consumed_wcu = (double)((put->size_bytes + 1023) / 1024);
	}
	if (!p->fails)
		return 0;
	*result = (struct put_result){ 0 };
	return fail(p, err);
}

static int fake_put(struct sink_conn *conn, const struct table_def *table, const struct put *put,
		    const struct put_condition *condition, struct put_result *result,
		    struct etl_err *err)
{
	struct fake_conn *c = (struct fake_conn *)conn;
	struct fake_sink *f = c->f;
	struct inflight mine = { table->name, put, 1 };
	struct plan p;
	int rc;

	enter(c);
	take_off(f, table, &mine);
	p = begin(f, FAKE_PUT);
	pthread_mutex_lock(&f->mutex);
	if (condition->mode == WRITE_OVERWRITE ||
	    (condition->mode == WRITE_NEWER) != (condition->version_attribute != NULL))
		violate(f, "a put whose condition says nothing");
	rc = do_put(c, &p, table, put, condition, result, err);
	if (p.twice) {
		p.fails = p.twice_throttled;
		p.code = ETL_ETHROTTLED;
		rc = do_put(c, &p, table, put, condition, result, err);
		result->maybe_twice = true;
	}
	land(f, &mine);
	pthread_mutex_unlock(&f->mutex);
	leave(c);
	return rc;
}

/* ---- reads ----------------------------------------------------------------------------------- */

struct copies {			/* items to give once the lock is gone */
	struct buf *items;
	size_t n, cap;
};

static void copies_add(struct copies *c, struct str json)
{
	c->items = mem_grow(c->items, &c->cap, c->n + 1, sizeof(*c->items));
	c->items[c->n] = (struct buf){ 0 };
	buf_addstr(&c->items[c->n++], json);
}

static int copies_give(struct copies *c, int rc, sink_item_fn *found, void *arg,
		       struct etl_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!rc)
			rc = found(arg, buf_str(&c->items[i]), err);
		buf_release(&c->items[i]);
	}
	free(c->items);
	return rc;
}

static int do_get(struct fake_sink *f, const struct plan *p, const struct table_def *table,
		  const struct str *keys_json, size_t n, bool *unprocessed, struct copies *out,
		  struct etl_err *err)
{
	struct fake_table *t = fake_find_table(f, table->name);
	struct buf key = { 0 };
	int rc = 0;

	if (p->fails)
		return fail(p, err);
	if (!t)
		return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", table->name);
	if (n < 1 || n > BATCH_GET_MAX_KEYS)
		violate(f, "a read of no key or of more than 100");
	for (size_t i = 0; i < n && !rc; i++) {
		struct entry *e;

		unprocessed[i] = i < 64 ? p->unprocessed >> i & 1 : p->unprocessed == UINT64_MAX;
		buf_reset(&key);
		rc = key_from_item_json(&table->keys, keys_json[i], &key, err);
		e = rc ? NULL : fake_find_entry(t, buf_str(&key));
		if (e && e->json.ptr && !unprocessed[i])
			copies_add(out, buf_str(&e->json));
	}
	buf_release(&key);
	return rc;
}

static int fake_get(struct sink_conn *conn, const struct table_def *table,
		    const struct str *keys_json, size_t n, bool *unprocessed, sink_item_fn *found,
		    void *arg, struct etl_err *err)
{
	struct fake_conn *c = (struct fake_conn *)conn;
	struct copies out = { 0 };
	struct plan p;
	int rc;

	enter(c);
	p = begin(c->f, FAKE_GET);
	memset(unprocessed, 0, n * sizeof(*unprocessed));
	pthread_mutex_lock(&c->f->mutex);
	rc = do_get(c->f, &p, table, keys_json, n, unprocessed, &out, err);
	pthread_mutex_unlock(&c->f->mutex);
	rc = copies_give(&out, rc, found, arg, err);
	leave(c);
	return rc;
}

/* Only the key attributes of an item. */
static void add_keys_only(struct copies *out, const struct key_schema *keys, struct str json)
{
	struct json_reader r;
	struct buf item = { 0 };

	buf_addc(&item, '{');
	json_init(&r, json);
	json_next(&r);
	while (json_next(&r) == JSON_KEY) {
		bool is_key = str_is(r.text, keys->pk_name) ||
			      (keys->sk_name && str_is(r.text, keys->sk_name));
		const char *from;

		if (is_key && item.len > 1)
			buf_addc(&item, ',');
		if (is_key) {
			buf_add_json(&item, r.text);
			buf_addc(&item, ':');
		}
		from = r.at;
		if (json_skip(&r, json_next(&r)) != 0)
			break;
		if (is_key)
			buf_add(&item, from, (size_t)(r.at - from));
	}
	buf_addc(&item, '}');
	copies_add(out, buf_str(&item));
	json_release(&r);
	buf_release(&item);
}

/* The start key is our own: {"at":{"N":"17"}}, the entry to go on with. */
static int do_scan(struct fake_sink *f, const struct plan *p, const struct table_def *table,
		   const struct scan_part *part, struct buf *start_key,
		   struct copies *out, struct etl_err *err)
{
	struct fake_table *t = fake_find_table(f, table->name);
	size_t at = 0, most = f->page_items;

	if (part->limit && part->limit < most)
		most = part->limit;
	if (p->fails)
		return fail(p, err);
	if (!t)
		return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", table->name);
	if (part->segments < 1 || part->segment >= part->segments)
		violate(f, "a scan of a segment that is not there");
	if (start_key->len)
		at = strtoull(buf_cstr(start_key) + strlen("{\"at\":{\"N\":\""), NULL, 10);
	for (; at < t->n && out->n < most; at++) {
		struct entry *e = &t->entries[at];

		if (!e->json.ptr || fake_hash(buf_str(&e->key)) % part->segments != part->segment)
			continue;
		if (part->keys_only)
			add_keys_only(out, &table->keys, buf_str(&e->json));
		else
			copies_add(out, buf_str(&e->json));
	}
	buf_reset(start_key);
	if (at < t->n)
		buf_addf(start_key, "{\"at\":{\"N\":\"%zu\"}}", at);
	return 0;
}

static int fake_scan(struct sink_conn *conn, const struct table_def *table,
		     const struct scan_part *part, struct buf *start_key, sink_item_fn *found,
		     void *arg, struct etl_err *err)
{
	struct fake_conn *c = (struct fake_conn *)conn;
	struct copies out = { 0 };
	struct plan p;
	int rc;

	enter(c);
	p = begin(c->f, FAKE_SCAN);
	pthread_mutex_lock(&c->f->mutex);
	rc = do_scan(c->f, &p, table, part, start_key, &out, err);
	pthread_mutex_unlock(&c->f->mutex);
	rc = copies_give(&out, rc, found, arg, err);
	leave(c);
	return rc;
}

/* ---- tables by the driver's operations ------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct index_def *)a)->name, ((const struct index_def *)b)->name);
}

static int fake_describe(struct sink_conn *conn, const char *table, struct table_state *out,
			 struct etl_err *err)
{
	struct fake_sink *f = ((struct fake_conn *)conn)->f;
	struct plan p = begin(f, FAKE_DESCRIBE);
	struct fake_table *t;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	if (p.fails) {
		rc = fail(&p, err);
	} else if (!t) {
		rc = etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", table);
	} else {
		out->arena = arena_new();
		fake_copy_def(out->arena, &t->def, &out->def, NULL);
		qsort((void *)out->def.indexes, out->def.nindexes, sizeof(struct index_def),
		      by_name);
		out->def.ttl_attribute = NULL;
		out->def.point_in_time_recovery = false;
		out->item_count = (int64_t)t->live;
		out->id = arena_printf(out->arena, "table-%u", t->id);
		out->status = t->polls_left ? "CREATING" : t->index_polls_left ? "UPDATING"
									      : "ACTIVE";
		out->nbackfilling = t->index_polls_left ? 1 : 0;
		out->active = !t->polls_left && !t->index_polls_left;
		if (t->polls_left)
			t->polls_left--;
		else if (t->index_polls_left)
			t->index_polls_left--;
	}
	pthread_mutex_unlock(&f->mutex);
	return rc;
}

static int fake_create(struct sink_conn *conn, const struct table_def *def, struct etl_err *err)
{
	struct fake_sink *f = ((struct fake_conn *)conn)->f;
	struct plan p = begin(f, FAKE_CREATE);
	int rc = 0;

	pthread_mutex_lock(&f->mutex);
	if (p.fails && !p.done_anyway) {
		rc = fail(&p, err);
	} else if (fake_find_table(f, def->name)) {
		rc = etl_err_set(err, ETL_ETRANSIENT, "table '%s' is in use", def->name);
	} else {
		struct table_def plain = *def;

		plain.ttl_attribute = NULL;
		plain.point_in_time_recovery = false;
		fake_add_table(f, &plain, f->creating_polls);
		if (p.fails)
			rc = fail(&p, err);
	}
	pthread_mutex_unlock(&f->mutex);
	return rc;
}

static int fake_create_index(struct sink_conn *conn, const struct table_def *def,
			     const struct index_def *index, struct etl_err *err)
{
	struct fake_sink *f = ((struct fake_conn *)conn)->f;
	struct plan p = begin(f, FAKE_CREATE_INDEX);
	struct fake_table *t;
	int rc = 0;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, def->name);
	if (p.fails && !p.done_anyway) {
		rc = fail(&p, err);
	} else if (!t) {
		rc = etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there", def->name);
	} else if (t->polls_left || t->index_polls_left) {
		rc = etl_err_set(err, ETL_ETRANSIENT, "table '%s' is in use", def->name);
	} else {
		struct table_def old = t->def;

		fake_copy_def(t->arena, &old, &t->def, index);
		t->index_polls_left = f->creating_polls;
		if (p.fails)
			rc = fail(&p, err);
	}
	pthread_mutex_unlock(&f->mutex);
	return rc;
}

static int fake_configure(struct sink_conn *conn, const struct table_def *def,
			  struct etl_err *err)
{
	struct fake_sink *f = ((struct fake_conn *)conn)->f;
	struct plan p = begin(f, FAKE_CONFIGURE);
	struct fake_table *t;
	int rc = 0;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, def->name);
	if (p.fails && !p.done_anyway) {
		rc = fail(&p, err);
	} else if (!t || t->polls_left || t->index_polls_left) {
		rc = etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not ACTIVE", def->name);
	} else {
		if (def->ttl_attribute)
			t->def.ttl_attribute = fake_copy_text(t->arena, def->ttl_attribute);
		if (def->point_in_time_recovery)
			t->def.point_in_time_recovery = true;
		if (p.fails)
			rc = fail(&p, err);
	}
	pthread_mutex_unlock(&f->mutex);
	return rc;
}

/* ---- the driver ------------------------------------------------------------------------------ */

static int fake_open_conn(struct sink *s, struct sink_conn **out, struct etl_err *err)
{
	struct fake_sink *f = (struct fake_sink *)s;
	struct plan p = begin(f, FAKE_OPEN_CONN);
	struct fake_conn *c;

	if (p.fails)
		return fail(&p, err);
	c = mem_zalloc(sizeof(*c));
	c->base.ops = s->ops;
	c->f = f;
	pthread_mutex_lock(&f->mutex);
	f->open_conns++;
	pthread_mutex_unlock(&f->mutex);
	*out = &c->base;
	return 0;
}

static void fake_close_conn(struct sink_conn *conn)
{
	struct fake_sink *f = ((struct fake_conn *)conn)->f;

	pthread_mutex_lock(&f->mutex);
	if (--f->open_conns < 0)
		violate(f, "a connection was closed twice");
	pthread_mutex_unlock(&f->mutex);
	buf_release(&((struct fake_conn *)conn)->there);
	free(conn);
}

static const char *fake_identity(struct sink *s)
{
	(void)s;
	return "fake";
}

static void fake_close(struct sink *s)
{
	fake_sink_free((struct fake_sink *)s);
}

static const struct sink_ops ops = {
	.open_conn = fake_open_conn,
	.close_conn = fake_close_conn,
	.write = fake_write,
	.put = fake_put,
	.get = fake_get,
	.scan = fake_scan,
	.describe = fake_describe,
	.create = fake_create,
	.create_index = fake_create_index,
	.configure = fake_configure,
	.identity = fake_identity,
	.close = fake_close,
};

struct fake_sink *fake_sink_new(void)
{
	struct fake_sink *f = mem_zalloc(sizeof(*f));

	f->base.ops = &ops;
	f->page_items = 100;
	pthread_mutex_init(&f->mutex, NULL);
	return f;
}

static void free_rules(struct key_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_release(&rules[i].key);
	free(rules);
}

void fake_sink_free(struct fake_sink *f)
{
	if (!f)
		return;
	if (f->open_conns) {
		fprintf(stderr, "fake sink: %d connections are still open\n", f->open_conns);
		abort();
	}
	for (size_t i = 0; i < f->ntables; i++) {
		struct fake_table *t = &f->tables[i];

		for (size_t e = 0; e < t->n; e++) {
			buf_release(&t->entries[e].key);
			buf_release(&t->entries[e].json);
		}
		free(t->entries);
		free(t->buckets);
		arena_free(t->arena);
	}
	free_rules(f->poison, f->npoison);
	free_rules(f->reluctant, f->nreluctant);
	free(f->tables);
	free(f->faults);
	free(f->flying);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

struct sink *fake_sink_sink(struct fake_sink *f)
{
	return &f->base;
}

