#include "verify/queries.h"

#include <string.h>

#include "base/mem.h"
#include "model/value.h"
#include "verify/verify_priv.h"

/* ---- items to ask for ----------------------------------------------------------------------- */

void probes_add(struct probes *p, uint64_t hash, uint32_t index_mask, struct str item_json)
{
	struct probe *most = &p->list[0];
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->list[i].hash > most->hash)
			most = &p->list[i];
	if (p->n < PROBES)
		most = &p->list[p->n++];
	else if (hash >= most->hash)
		return;
	most->hash = hash;
	most->mask = index_mask;
	buf_reset(&most->json);
	buf_addstr(&most->json, item_json);
}

void probes_add_all(struct probes *p, const struct probes *more)
{
	size_t i;

	for (i = 0; i < more->n; i++)
		probes_add(p, more->list[i].hash, more->list[i].mask,
			   buf_str(&more->list[i].json));
}

void probes_release(struct probes *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		buf_release(&p->list[i].json);
	p->n = 0;
}

/* ---- one query ------------------------------------------------------------------------------ */

struct asking {
	const struct table_def *def;
	const struct index_def *index;	/* NULL: the table itself */
	const struct query *query;
	const struct value *item;	/* as the row makes it */
	bool found;
	const char *wrong;		/* NULL, or what is wrong */
};

static const struct value *attribute(const struct value *item, struct str name)
{
	size_t i;

	for (i = 0; i < item->n; i++)
		if (str_eq(item->names[i], name))
			return &item->members[i];
	return NULL;
}

static bool same_attribute(const struct value *a, const struct value *b, struct str name)
{
	const struct value *x = attribute(a, name), *y = attribute(b, name);

	return x && y ? value_equal(x, y) : x == y;
}

static struct str pk_of(const struct key_schema *keys)
{
	return str_of(keys->pk_name);
}

/* Empty where there is none: no attribute has that name. */
static struct str sk_of(const struct key_schema *keys)
{
	return str_of(keys->sk_name);
}

static bool same_key(const struct value *a, const struct value *b, const struct key_schema *keys)
{
	return same_attribute(a, b, pk_of(keys)) && same_attribute(a, b, sk_of(keys));
}

static bool is_key_of(const struct key_schema *keys, struct str name)
{
	return str_is(name, keys->pk_name) || (keys->sk_name && str_is(name, keys->sk_name));
}

static bool projects(const struct asking *a, struct str name)
{
	size_t i;

	if (!a->index || a->index->projection == PROJECT_ALL || is_key_of(&a->def->keys, name) ||
	    is_key_of(&a->index->keys, name))
		return true;
	for (i = 0; i < a->index->nincluded; i++)
		if (str_is(name, a->index->included[i]))
			return true;
	return false;
}

/* Are all attributes that stand there in the item, and all of the item's that shall be there? */
static bool same_entry(const struct asking *a, const struct value *entry)
{
	size_t i, wanted = 0;

	for (i = 0; i < a->item->n; i++) {
		if (!projects(a, a->item->names[i]))
			continue;
		wanted++;
		if (!same_attribute(a->item, entry, a->item->names[i]))
			return false;
	}
	return wanted == entry->n;
}

static bool begins(const struct value *v, const struct value *like, size_t n)
{
	return v && v->type == like->type && v->bytes.len >= n &&
	       memcmp(v->bytes.ptr, like->bytes.ptr, n) == 0;
}

static int entry_came(void *arg, struct str json, struct etl_err *err)
{
	struct asking *a = arg;
	const struct query *q = a->query;
	struct arena *arena = arena_new();
	struct value entry;
	int rc = value_from_item_json(arena, json, &entry, err);

	if (rc == 0 && (!same_attribute(a->item, &entry, pk_of(q->keys)) ||
			(q->sort == QUERY_SORT_IS &&
			 !same_attribute(a->item, &entry, sk_of(q->keys))) ||
			(q->sort == QUERY_SORT_BEGINS &&
			 !begins(attribute(&entry, sk_of(q->keys)),
				 attribute(a->item, sk_of(q->keys)), q->begin_bytes))))
		a->wrong = "the answer holds an item of another key";
	if (rc == 0 && same_key(a->item, &entry, &a->def->keys)) {
		a->found = true;
		if (!same_entry(a, &entry))
			a->wrong = "the answer has it with other attributes";
	}
	arena_free(arena);
	return rc;
}

/* 1: answered as it should be; 0: not, a->wrong says how; 2: there are too many pages to tell. */
static int ask_once(struct fetcher *f, struct asking *a, struct etl_err *err)
{
	struct buf next = { 0 };
	unsigned pages = 0;
	int rc;

	a->found = false;
	a->wrong = NULL;
	do {
		rc = fetch_query(f, a->def, a->query, &next, entry_came, a, err);
		pages++;
	} while (rc == 0 && !a->found && !a->wrong && next.len && pages < QUERY_MAX_PAGES);
	if (rc == 0 && !a->found && !a->wrong && next.len)
		rc = 2;
	else if (rc == 0 && !a->wrong && !a->found)
		a->wrong = "the answer does not hold it";
	buf_release(&next);
	return rc ? rc : !a->wrong;
}

static struct verify_query_result *result_of(struct verify *v, const struct asking *a)
{
	struct verify_table_result *t = v->table_result;

	return a->index ? &t->indexes[a->index - a->def->indexes].queries : &t->queries;
}

static void note(struct verify *v, const struct asking *a, int how)
{
	struct verify_query_result *r = result_of(v, a);
	struct buf text = { 0 };

	pthread_mutex_lock(&v->mutex);
	r->asked++;
	r->undecided += how == 2;
	r->wrong += how == 0;
	if (how == 0 && !r->example) {
		buf_adds(&text, "{");
		buf_add_json(&text, str_of(a->def->keys.pk_name));
		buf_addc(&text, ':');
		value_add_json(&text, attribute(a->item, pk_of(&a->def->keys)));
		if (a->def->keys.sk_name) {
			buf_addc(&text, ',');
			buf_add_json(&text, str_of(a->def->keys.sk_name));
			buf_addc(&text, ':');
			value_add_json(&text, attribute(a->item, sk_of(&a->def->keys)));
		}
		buf_addc(&text, '}');
		r->example = buf_detach(&text);
		r->example_why = a->wrong;
	}
	pthread_mutex_unlock(&v->mutex);
}

static int ask(struct verify *v, struct fetcher *f, struct asking *a, struct etl_err *err)
{
	struct clock *clock = v->job->clock;
	unsigned tries = a->index ? QUERY_TRIES : 1, i;
	int rc = 0;

	pthread_mutex_lock(&v->mutex);
	if (result_of(v, a)->wrong >= QUERY_PATIENCE)
		tries = 1;
	pthread_mutex_unlock(&v->mutex);
	for (i = 0; i < tries && rc == 0; i++) {
		if (i)
			clock->sleep_ms(clock, QUERY_WAIT_MS, v->job->stop);
		rc = ask_once(f, a, err);
	}
	if (rc < 0)
		return rc;
	note(v, a, rc);
	return 0;
}

/* ---- all queries of an item ----------------------------------------------------------------- */

static struct str value_text(struct buf *out, const struct value *v)
{
	value_add_json(out, v);
	return buf_str(out);
}

/* The first half of a text, in whole characters. */
static size_t half_of(struct str text)
{
	size_t n = text.len / 2;

	while (n > 0 && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static int ask_all(struct verify *v, struct fetcher *f, struct asking *a, struct etl_err *err)
{
	const struct key_schema *keys = a->index ? &a->index->keys : &a->def->keys;
	const struct value *pk = attribute(a->item, pk_of(keys));
	const struct value *sk = attribute(a->item, sk_of(keys));
	struct query q = { .index = a->index ? a->index->name : NULL, .keys = keys };
	struct buf pk_json = { 0 }, sk_json = { 0 };
	int rc;

	q.pk_json = value_text(&pk_json, pk);
	a->query = &q;
	rc = ask(v, f, a, err);
	if (rc == 0 && sk) {
		q.sort = QUERY_SORT_IS;
		q.sk_json = value_text(&sk_json, sk);
		rc = ask(v, f, a, err);
	}
	if (rc == 0 && sk && sk->type == ATTR_S && half_of(sk->bytes) > 0) {
		struct value half = *sk;

		half.bytes.len = q.begin_bytes = half_of(sk->bytes);
		buf_reset(&sk_json);
		q.sort = QUERY_SORT_BEGINS;
		q.sk_json = value_text(&sk_json, &half);
		rc = ask(v, f, a, err);
	}
	buf_release(&pk_json);
	buf_release(&sk_json);
	return rc;
}

int verify_query_item(struct verify *v, struct fetcher *f, uint32_t index_mask,
		      struct str item_json, struct etl_err *err)
{
	const struct table_def *def = v->table->def;
	struct asking a = { .def = def };
	struct arena *arena = arena_new();
	struct value item;
	size_t i;
	int rc = value_from_item_json(arena, item_json, &item, err);

	a.item = &item;
	if (rc == 0)
		rc = ask_all(v, f, &a, err);
	for (i = 0; i < def->nindexes && rc == 0; i++) {
		a.index = &def->indexes[i];
		if (index_mask & UINT32_C(1) << i)
			rc = ask_all(v, f, &a, err);
	}
	arena_free(arena);
	return rc;
}

int verify_queries(struct verify *v, struct etl_err *err)
{
	struct fetcher f;
	size_t e, i;
	int rc = fetcher_begin(&f, &v->fetching, 0, err);

	if (rc < 0)
		return rc;
	for (e = 0; e < v->table->nentities && rc == 0; e++)
		for (i = 0; i < v->probes[e].n && rc == 0; i++)
			rc = verify_query_item(v, &f, v->probes[e].list[i].mask,
					       buf_str(&v->probes[e].list[i].json), err);
	fetcher_end(&f);
	return rc;
}
