/* The fake sink's tables, and what tests script and ask. */
#include "fakes/fake_sink_priv.h"

#include <stdio.h>
#include <stdlib.h>

size_t fake_hash(struct str key)
{
	size_t h = 14695981039346656037u;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.ptr[i]) * 1099511628211u;
	return h ^ h >> 29;
}

struct fake_table *fake_find_table(struct fake_sink *f, const char *name)
{
	for (size_t i = 0; i < f->ntables; i++)
		if (strcmp(f->tables[i].def.name, name) == 0)
			return &f->tables[i];
	return NULL;
}

struct entry *fake_find_entry(struct fake_table *t, struct str key)
{
	size_t at = t->nbuckets ? t->buckets[fake_hash(key) % t->nbuckets] : 0;

	while (at && !str_eq(buf_str(&t->entries[at - 1].key), key))
		at = t->entries[at - 1].next;
	return at ? &t->entries[at - 1] : NULL;
}

static void rehash(struct fake_table *t)
{
	free(t->buckets);
	t->nbuckets = t->cap * 2;
	t->buckets = mem_array(t->nbuckets, sizeof(*t->buckets));
	for (size_t i = 0; i < t->n; i++) {
		size_t *bucket = &t->buckets[fake_hash(buf_str(&t->entries[i].key)) % t->nbuckets];

		t->entries[i].next = *bucket;
		*bucket = i + 1;
	}
}

void fake_put_entry(struct fake_table *t, struct str key, struct str json)
{
	struct entry *e = fake_find_entry(t, key);

	if (!e) {
		size_t cap = t->cap;

		t->entries = mem_grow(t->entries, &t->cap, t->n + 1, sizeof(*t->entries));
		e = &t->entries[t->n++];
		memset(e, 0, sizeof(*e));
		buf_addstr(&e->key, key);
		if (t->cap != cap) {
			rehash(t);
		} else {
			size_t *bucket = &t->buckets[fake_hash(key) % t->nbuckets];

			e->next = *bucket;
			*bucket = t->n;
		}
	}
	if (!e->json.ptr)
		t->live++;
	buf_reset(&e->json);
	buf_addstr(&e->json, json);
}

const char *fake_copy_text(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static void copy_index(struct arena *a, const struct index_def *from, struct index_def *to)
{
	const char **list = arena_alloc(a, (from->nincluded + 1) * sizeof(*list));

	*to = *from;
	to->name = fake_copy_text(a, from->name);
	to->keys.pk_name = fake_copy_text(a, from->keys.pk_name);
	to->keys.sk_name = fake_copy_text(a, from->keys.sk_name);
	for (size_t i = 0; i < from->nincluded; i++)
		list[i] = fake_copy_text(a, from->included[i]);
	to->included = list;
}

void fake_copy_def(struct arena *a, const struct table_def *from, struct table_def *to,
		     const struct index_def *extra)
{
	struct index_def *list = arena_alloc(a, (from->nindexes + 1) * sizeof(*list));
	struct tag *tags = arena_alloc(a, (from->ntags + 1) * sizeof(*tags));

	*to = *from;
	to->name = fake_copy_text(a, from->name);
	to->contract_table = fake_copy_text(a, from->contract_table);
	to->json_path = fake_copy_text(a, from->json_path);
	to->keys.pk_name = fake_copy_text(a, from->keys.pk_name);
	to->keys.sk_name = fake_copy_text(a, from->keys.sk_name);
	for (size_t i = 0; i < from->nindexes; i++)
		copy_index(a, &from->indexes[i], &list[i]);
	if (extra)
		copy_index(a, extra, &list[to->nindexes++]);
	to->indexes = list;
	to->table_class = fake_copy_text(a, from->table_class);
	to->stream = fake_copy_text(a, from->stream);
	to->ttl_attribute = fake_copy_text(a, from->ttl_attribute);
	to->kms_key = fake_copy_text(a, from->kms_key);
	for (size_t i = 0; i < from->ntags; i++)
		tags[i] = (struct tag){ fake_copy_text(a, from->tags[i].key),
					fake_copy_text(a, from->tags[i].value) };
	to->tags = tags;
}

void fake_add_table(struct fake_sink *f, const struct table_def *def, unsigned polls)
{
	struct fake_table *t;

	f->tables = mem_grow(f->tables, &f->tables_cap, f->ntables + 1, sizeof(*f->tables));
	t = &f->tables[f->ntables++];
	memset(t, 0, sizeof(*t));
	t->arena = arena_new();
	t->polls_left = polls;
	t->id = ++f->last_id;
	fake_copy_def(t->arena, def, &t->def, NULL);
}

/* ---- scripts and questions ------------------------------------------------------------------- */

void fake_sink_fault(struct fake_sink *f, enum fake_op op, uint64_t first, uint64_t times,
		     enum fake_fault fault, uint64_t arg)
{
	pthread_mutex_lock(&f->mutex);
	f->faults = mem_grow(f->faults, &f->faults_cap, f->nfaults + 1, sizeof(*f->faults));
	f->faults[f->nfaults++] = (struct fault){ op, first, times, fault, arg };
	pthread_mutex_unlock(&f->mutex);
}

void fake_sink_fault_next(struct fake_sink *f, enum fake_op op, uint64_t times,
			  enum fake_fault fault, uint64_t arg)
{
	fake_sink_fault(f, op, fake_sink_calls(f, op) + 1, times, fault, arg);
}

static void add_rule(struct fake_sink *f, struct key_rule **rules, size_t *n, size_t *cap,
		     struct str key, uint64_t times)
{
	pthread_mutex_lock(&f->mutex);
	*rules = mem_grow(*rules, cap, *n + 1, sizeof(**rules));
	(*rules)[*n] = (struct key_rule){ .times = times };
	buf_addstr(&(*rules)[(*n)++].key, key);
	pthread_mutex_unlock(&f->mutex);
}

void fake_sink_poison(struct fake_sink *f, struct str canonical_key)
{
	add_rule(f, &f->poison, &f->npoison, &f->poison_cap, canonical_key, 0);
}

void fake_sink_reluctant(struct fake_sink *f, struct str canonical_key, uint64_t times)
{
	add_rule(f, &f->reluctant, &f->nreluctant, &f->reluctant_cap, canonical_key, times);
}

void fake_sink_hook(struct fake_sink *f, void (*hook)(void *arg, enum fake_op op, uint64_t call),
		    void *arg)
{
	f->hook = hook;
	f->hook_arg = arg;
}

void fake_sink_add_table(struct fake_sink *f, const struct table_def *def)
{
	pthread_mutex_lock(&f->mutex);
	fake_add_table(f, def, 0);
	pthread_mutex_unlock(&f->mutex);
}

void fake_sink_creating_polls(struct fake_sink *f, unsigned polls)
{
	pthread_mutex_lock(&f->mutex);
	f->creating_polls = polls;
	pthread_mutex_unlock(&f->mutex);
}

const char *fake_sink_ttl(struct fake_sink *f, const char *table)
{
	struct fake_table *t;
	const char *ttl;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	ttl = t ? t->def.ttl_attribute : NULL;
	pthread_mutex_unlock(&f->mutex);
	return ttl;
}

void fake_sink_put(struct fake_sink *f, const char *table, struct str key, struct str item_json)
{
	struct fake_table *t;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	if (!t) {
		fprintf(stderr, "fake sink: no table '%s'\n", table);
		abort();
	}
	fake_put_entry(t, key, item_json);
	pthread_mutex_unlock(&f->mutex);
}

bool fake_sink_item(struct fake_sink *f, const char *table, struct str key, struct buf *out)
{
	struct fake_table *t;
	struct entry *e;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	e = t ? fake_find_entry(t, key) : NULL;
	if (e && !e->json.ptr)
		e = NULL;
	if (e)
		buf_addstr(out, buf_str(&e->json));
	pthread_mutex_unlock(&f->mutex);
	return e != NULL;
}

bool fake_sink_remove(struct fake_sink *f, const char *table, struct str key)
{
	struct fake_table *t;
	struct entry *e;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	e = t ? fake_find_entry(t, key) : NULL;
	if (e && !e->json.ptr)
		e = NULL;
	if (e) {
		buf_release(&e->json);
		t->live--;
	}
	pthread_mutex_unlock(&f->mutex);
	return e != NULL;
}

size_t fake_sink_count(struct fake_sink *f, const char *table)
{
	struct fake_table *t;
	size_t n;

	pthread_mutex_lock(&f->mutex);
	t = fake_find_table(f, table);
	n = t ? t->live : 0;
	pthread_mutex_unlock(&f->mutex);
	return n;
}

void fake_sink_page_items(struct fake_sink *f, size_t n)
{
	pthread_mutex_lock(&f->mutex);
	f->page_items = n;
	pthread_mutex_unlock(&f->mutex);
}

uint64_t fake_sink_calls(struct fake_sink *f, enum fake_op op)
{
	uint64_t n;

	pthread_mutex_lock(&f->mutex);
	n = f->calls[op];
	pthread_mutex_unlock(&f->mutex);
	return n;
}

uint64_t fake_sink_applied(struct fake_sink *f)
{
	uint64_t n;

	pthread_mutex_lock(&f->mutex);
	n = f->applied;
	pthread_mutex_unlock(&f->mutex);
	return n;
}

unsigned fake_sink_max_inflight(struct fake_sink *f)
{
	unsigned n;

	pthread_mutex_lock(&f->mutex);
	n = f->max_inflight;
	pthread_mutex_unlock(&f->mutex);
	return n;
}

const char *fake_sink_violation(struct fake_sink *f)
{
	const char *v;

	pthread_mutex_lock(&f->mutex);
	v = f->violation[0] ? f->violation : NULL;
	pthread_mutex_unlock(&f->mutex);
	return v;
}
