#include "fakes/fake_world.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/key.h"
#include "transform/transform.h"

#define USER_ATTRS { \
	{ .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK }, \
	{ .name = "SK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_SK }, \
	{ .name = "name", .name_len = 4, .type = ATTR_S }, \
	{ .name = "score", .name_len = 5, .type = ATTR_N }, \
	{ .name = "email", .name_len = 5, .type = ATTR_S, .index_pk_mask = 1 }, \
}

static const struct shape_attr user_attrs[] = USER_ATTRS;
static const struct shape_attr thing_attrs[] = {
	{ .name = "id", .name_len = 2, .type = ATTR_N, .role = KEY_TABLE_PK },
	{ .name = "name", .name_len = 4, .type = ATTR_S },
	{ .name = "score", .name_len = 5, .type = ATTR_N },
};
static const struct shape_index by_email[] = {
	{ .name = "by_email", .pk_attr = 4, .sk_attr = -1 },
};
static const char *const id_name[] = { "id" }, *const ab_names[] = { "a", "b" };

#define USERS_SHAPE(e, order, npk, names) { \
	.table = "Users", .contract_table = "Users", .entity = e, .entity_order = order, \
	.nattrs = 5, .attrs = user_attrs, .npk_columns = npk, .pk_columns = names, \
	.pk_attr = 0, .sk_attr = 1, .nindexes = 1, .indexes = by_email }

static const struct item_shape shapes[W_ENTITIES] = {
	[W_USER] = USERS_SHAPE("User", 0, 1, id_name),
	[W_ORDER] = USERS_SHAPE("Order", 1, 2, ab_names),
	[W_NOTE] = USERS_SHAPE("Note", 2, 0, NULL),
	[W_THING] = { .table = "Things", .contract_table = "Things", .entity = "Thing",
		      .nattrs = 3, .attrs = thing_attrs, .npk_columns = 1, .pk_columns = id_name,
		      .pk_attr = 0, .sk_attr = -1 },
};

static struct cat_column int_id = { .name = "id", .kind = COL_INT };
static struct cat_column text_a = { .name = "a", .kind = COL_TEXT };
static struct cat_column text_b = { .name = "b", .kind = COL_TEXT };
static const struct cat_column *id_columns[] = { &int_id }, *ab_columns[] = { &text_a, &text_b };
static const struct cat_key id_key = { .name = "PRIMARY", .unique = true, .ncolumns = 1,
				       .columns = id_columns };
static const struct cat_key ab_key = { .name = "PRIMARY", .unique = true, .ncolumns = 2,
				       .columns = ab_columns };
static const struct cat_table cats[W_ENTITIES] = {
	[W_USER] = { .name = "users", .primary = &id_key, .rows_estimate = 100 },
	[W_ORDER] = { .name = "orders", .primary = &ab_key, .rows_estimate = 100 },
	[W_NOTE] = { .name = "notes", .rows_estimate = 10 },
	[W_THING] = { .name = "things", .primary = &id_key, .rows_estimate = 10 },
};

static const struct entity_source sources[W_ENTITIES] = {
	[W_USER] = { .shape = &shapes[W_USER], .table = &cats[W_USER], .view = "v_user",
		     .chunkable = true },
	[W_ORDER] = { .shape = &shapes[W_ORDER], .table = &cats[W_ORDER], .view = "v_order",
		      .chunkable = true },
	[W_NOTE] = { .shape = &shapes[W_NOTE], .table = &cats[W_NOTE], .view = "v_note" },
	[W_THING] = { .shape = &shapes[W_THING], .table = &cats[W_THING], .view = "v_thing",
		      .chunkable = true, .keys_proven_unique = true },
};

static const struct index_def email_index[] = {
	{ .name = "by_email", .keys = { .pk_name = "email", .pk_type = ATTR_S } },
};
static const struct table_def defs[2] = {
	{ .name = "Users", .contract_table = "Users", .nindexes = 1, .indexes = email_index,
	  .keys = { .pk_name = "PK", .pk_type = ATTR_S, .sk_name = "SK", .sk_type = ATTR_S } },
	{ .name = "Things", .contract_table = "Things",
	  .keys = { .pk_name = "id", .pk_type = ATTR_N } },
};

void world_user(struct world *w, const char *pk, const char *sk, const char *name,
		const char *score, const char *email, const char *id)
{
	fake_source_row(w->source, "v_user", 6,
			(const char *const[]){ pk, sk, name, score, email, id });
}

void world_order(struct world *w, const char *pk, const char *sk, const char *name,
		 const char *a, const char *b)
{
	fake_source_row(w->source, "v_order", 7,
			(const char *const[]){ pk, sk, name, "1.50", NULL, a, b });
}

void world_note(struct world *w, const char *pk, const char *sk, const char *name)
{
	fake_source_row(w->source, "v_note", 5,
			(const char *const[]){ pk, sk, name, "7", NULL });
}

static void add_users(struct world *w, int n)
{
	char pk[32], name[48], email[48], id[16];
	int i;

	for (i = 1; i <= n; i++) {
		snprintf(pk, sizeof(pk), "USER#%d", i);
		snprintf(name, sizeof(name), "name of \"%d\"", i);
		snprintf(email, sizeof(email), "%d@example.org", i);
		snprintf(id, sizeof(id), "%d", i);
		world_user(w, pk, "PROFILE", name, id, i % 7 ? email : NULL, id);
	}
}

static void add_others(struct world *w, int orders, int notes, int things)
{
	char pk[32], sk[32], a[16], b[16];
	int i;

	for (i = 1; i <= orders; i++) {
		snprintf(pk, sizeof(pk), "USER#%d", i % 97);
		snprintf(sk, sizeof(sk), "ORDER#%06d", i);
		snprintf(a, sizeof(a), "a%03d", i / 50);
		snprintf(b, sizeof(b), "b%02d", i % 50);
		world_order(w, pk, sk, "an order", a, b);
	}
	for (i = 1; i <= notes; i++) {
		snprintf(pk, sizeof(pk), "NOTE#%d", i);
		world_note(w, pk, "-", "a note");
	}
	for (i = 1; i <= things; i++) {
		snprintf(pk, sizeof(pk), "%d", i);
		fake_source_row(w->source, "v_thing", 4,
				(const char *const[]){ pk, "a thing", "-0.5", pk });
	}
}

void world_init(struct world *w, int users, int orders, int notes, int things)
{
	size_t i;

	*w = (struct world){ 0 };
	w->source = fake_source_new();
	w->sink = fake_sink_new();
	fake_clock_init(&w->clock, 1000000);
	for (i = 0; i < W_ENTITIES; i++)
		w->entities[i] = &sources[i];
	for (i = 0; i < 2; i++) {
		w->defs[i] = &defs[i];
		fake_sink_add_table(w->sink, &defs[i]);
		w->tables[i].def = &defs[i];
	}
	w->tables[0].nentities = 3;
	w->tables[0].entities = w->entities;
	w->tables[1].nentities = 1;
	w->tables[1].entities = &w->entities[W_THING];
	w->tables[1].keys_proven_unique = true;
	add_users(w, users);
	add_others(w, orders, notes, things);
}

void world_release(struct world *w)
{
	fake_source_free(w->source);
	fake_sink_free(w->sink);
}

void world_again(struct world *w)
{
	w->stop = (struct stop){ 0 };
	w->counters = (struct counters){ 0 };
}

struct buf world_key(const char *pk, const char *sk)
{
	struct buf key = { 0 };

	key_add_part(&key, ATTR_S, str_of(pk));
	key_add_part(&key, ATTR_S, str_of(sk));
	return key;
}

/* ---- what is right -------------------------------------------------------------------------- */

struct told {			/* an item that the rows make */
	struct buf key, json;
};

struct telling {
	struct told *told;
	size_t n, cap;
	uint64_t rejects;
};

static bool known(const struct telling *t, size_t from, const struct buf *key)
{
	size_t i;

	for (i = from; i < t->n; i++)
		if (str_eq(buf_str(&t->told[i].key), buf_str(key)))
			return true;
	return false;
}

static void tell_entity(struct world *w, const struct entity_source *e, size_t from,
			struct transform *transform, struct telling *t)
{
	struct source *s = fake_source_source(w->source);
	struct source_reader *r;
	struct snapshot_info info;
	struct unit whole = { 0 };
	struct item item = { 0 };
	struct reject rej = { 0 };
	struct row row;
	int rc = s->ops->open_readers(s, 1, &r, &info, NULL);

	assert(rc == 0);
	rc = r->ops->begin(r, e, &whole, NULL);
	assert(rc == 0);
	while (r->ops->next(r, &row, NULL) > 0) {
		struct told *it;

		if (!transform_row(transform, e->shape, &row, &item, &rej) ||
		    known(t, from, &item.key)) {
			t->rejects++;
			continue;
		}
		t->told = mem_grow(t->told, &t->cap, t->n + 1, sizeof(*t->told));
		it = &t->told[t->n++];
		*it = (struct told){ 0 };
		buf_addstr(&it->key, buf_str(&item.key));
		buf_addstr(&it->json, buf_str(&item.json));
	}
	r->ops->end(r);
	r->ops->close_reader(r);
	item_release(&item);
	reject_release(&rej);
}

static void tell(struct world *w, size_t table, struct telling *t)
{
	struct transform *transform = transform_new();
	size_t from = t->n, i;

	for (i = 0; i < w->tables[table].nentities; i++)
		tell_entity(w, w->tables[table].entities[i], from, transform, t);
	transform_free(transform);
}

static void untell(struct telling *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		buf_release(&t->told[i].key);
		buf_release(&t->told[i].json);
	}
	free(t->told);
}

const char *world_differs(struct world *w)
{
	static char words[512];
	const char *wrong = NULL;
	size_t table, i;

	fake_source_clear_faults(w->source);
	fake_source_hook(w->source, NULL, NULL);
	for (table = 0; table < 2 && !wrong; table++) {
		struct telling t = { 0 };
		const char *name = w->defs[table]->name;

		tell(w, table, &t);
		for (i = 0; i < t.n && !wrong; i++) {
			struct buf json = { 0 };

			if (!fake_sink_item(w->sink, name, buf_str(&t.told[i].key), &json) ||
			    !str_eq(buf_str(&json), buf_str(&t.told[i].json))) {
				snprintf(words, sizeof(words), "%s: %s is %s", name,
					 buf_cstr(&t.told[i].json),
					 json.len ? buf_cstr(&json) : "missing");
				wrong = words;
			}
			buf_release(&json);
		}
		if (!wrong && fake_sink_count(w->sink, name) != t.n) {
			snprintf(words, sizeof(words), "%s: %zu items instead of %zu", name,
				 fake_sink_count(w->sink, name), t.n);
			wrong = words;
		}
		untell(&t);
	}
	return wrong;
}

void world_expect(struct world *w, uint64_t *items, uint64_t *rejects)
{
	struct telling t = { 0 };

	fake_source_clear_faults(w->source);
	fake_source_hook(w->source, NULL, NULL);
	tell(w, 0, &t);
	*items = t.n;
	untell(&t);
	*rejects = t.rejects;
	t = (struct telling){ 0 };
	tell(w, 1, &t);
	*items += t.n;
	*rejects += t.rejects;
	untell(&t);
}
