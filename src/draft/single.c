/*
 * All entities in one DynamoDB table. A row's own partition is ENTITY#<key>; where a foreign key
 * without NULLs says whose it is, it lies in its parent's, so that one query gives a parent's
 * children. Foreign keys that are not followed so become indexes.
 */
#include "draft/draft_priv.h"

#include <strings.h>

/* A partition with more children than this on average grows hot: the parent is rather a code. */
#define CHILDREN_MAX 100

/* The name, upper case; unique among the entities before. */
static const char *entity_name(struct drafting *d, const struct draft_table *t, size_t i)
{
	const char *plain = plain_name(d, t->entities[i].source->name);
	char *name = arena_strdup(d->arena, plain);
	const char *tried = name;
	size_t k;
	char *p;

	for (p = name; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	for (k = 0; k < i; k++)
		if (strcmp(t->entities[k].name, tried) == 0)
			tried = arena_printf(d->arena, "%s-%zu", name, i + 1);
	return tried;
}

/* A name that no column and no attribute of any entity has. */
static const char *free_name(struct drafting *d, const struct draft_table *t, const char *name)
{
	const char *tried = name;
	unsigned n;
	size_t i;

	for (n = 2, i = 0; i < t->nentities; i++) {
		if (strcmp(free_attr_name(d, &t->entities[i], tried), tried) == 0)
			continue;
		tried = arena_printf(d->arena, "%s_%u", name, n++);
		i = (size_t)-1;		/* all over again */
	}
	return tried;
}

/* The position of a foreign key's column that refers to 'key'; -1: none does. */
static int position_of(const struct cat_foreign_key *fk, const struct cat_column *key)
{
	for (size_t i = 0; i < fk->ncolumns; i++)
		if (strcasecmp(fk->target_columns[i], key->name) == 0)
			return (int)i;
	return -1;
}

static bool is_of(const struct cat_foreign_key *fk, const struct cat_column *c)
{
	for (size_t i = 0; i < fk->ncolumns; i++)
		if (fk->columns[i] == c)
			return true;
	return false;
}

/* Can the rows lie in the partition of the rows that the key refers to? */
static bool can_own(const struct drafting *d, const struct cat_table *t,
		    const struct cat_foreign_key *fk)
{
	const struct cat_column *const *key;
	size_t i, n;
	bool chosen = false;

	for (i = 0; i < d->nchosen; i++)
		chosen |= d->chosen[i] == fk->target;
	if (!chosen || fk->target == t)
		return false;
	n = key_of(fk->target, &key);
	for (i = 0; i < fk->ncolumns; i++)
		if (fk->columns[i]->nullable)
			return false;
	for (i = 0; i < n; i++)
		if (position_of(fk, key[i]) < 0)
			return false;
	return n && n == fk->ncolumns;
}

/* A key of which the row's own begins with says whose it is; else the one with the most parents,
 * unless there are so few of them that they are codes rather than owners. */
static const struct cat_foreign_key *owner_of(const struct drafting *d, const struct cat_table *t)
{
	const struct cat_foreign_key *best = NULL;
	const struct cat_column *const *key;
	size_t i, n = key_of(t, &key);

	for (i = 0; i < t->nforeign_keys; i++) {
		const struct cat_foreign_key *fk = &t->foreign_keys[i];

		if (!can_own(d, t, fk))
			continue;
		if (n && is_of(fk, key[0]))
			return fk;
		if (t->rows_estimate / CHILDREN_MAX > fk->target->rows_estimate)
			continue;
		if (!best || fk->target->rows_estimate > best->target->rows_estimate)
			best = fk;
	}
	return best;
}

static const char *entity_of(const struct draft_table *t, const struct cat_table *source)
{
	for (size_t i = 0; i < t->nentities; i++)
		if (t->entities[i].source == source)
			return t->entities[i].name;
	return NULL;
}

static void add_own_key(struct drafting *d, struct draft_entity *e, const char *digest,
			const struct cat_foreign_key *owner, struct buf *out)
{
	const struct cat_column *const *key, **rest;
	size_t i, n = key_of(e->source, &key), nrest = 0;

	if (digest) {
		buf_addf(out, "#{%s}", digest);
		return;
	}
	rest = arena_alloc(d->arena, n * sizeof(*rest));
	for (i = 0; i < n; i++)
		if (!owner || !is_of(owner, key[i]))
			rest[nrest++] = key[i];
	if (nrest) {
		buf_addc(out, '#');
		add_placeholders(d, e, rest, nrest, out);
	}
}

static void make_keys(struct drafting *d, const struct draft_table *t, struct draft_entity *e,
		      const char *digest, const struct cat_foreign_key *owner)
{
	struct buf pk = { 0 }, sk = { 0 };

	if (owner) {
		const struct cat_column *const *key, **columns;
		size_t i, n = key_of(owner->target, &key);

		columns = arena_alloc(d->arena, n * sizeof(*columns));
		for (i = 0; i < n; i++)
			columns[i] = owner->columns[position_of(owner, key[i])];
		buf_addf(&pk, "%s#", entity_of(t, owner->target));
		add_placeholders(d, e, columns, n, &pk);
		buf_adds(&sk, e->name);
		add_own_key(d, e, digest, owner, &sk);
		note(&e->notes, "Lies in the partition of its `%s`, by the foreign key `%s`.",
		     owner->target->name, owner->name);
	} else {
		buf_adds(&pk, e->name);
		add_own_key(d, e, digest, NULL, &pk);
		buf_adds(&sk, "#META");
	}
	e->pk_template = arena_strdup(d->arena, buf_cstr(&pk));
	e->sk_template = arena_strdup(d->arena, buf_cstr(&sk));
	buf_release(&pk);
	buf_release(&sk);
}

/* An index key is of one type in all entities that have it. Where columns of one name differ they
 * become text; where that cannot be, there is no index. */
static bool agree_on(struct draft_table *t, const char *name)
{
	enum attr_type type = ATTR_TYPE_COUNT;
	bool differ = false, bytes = false;
	size_t i, k;

	for (i = 0; i < t->nentities; i++)
		for (k = 0; k < t->entities[i].nattrs; k++) {
			const struct draft_attr *a = &t->entities[i].attrs[k];

			if (strcasecmp(a->name, name) != 0)
				continue;
			if (strcmp(a->name, name) != 0)
				return false;
			differ |= type != ATTR_TYPE_COUNT && a->type != type;
			differ |= a->type != ATTR_S && a->type != ATTR_N && a->type != ATTR_B;
			bytes |= a->type == ATTR_B;
			type = a->type;
		}
	if (differ && bytes)
		return false;
	for (i = 0; i < t->nentities && differ; i++)
		for (k = 0; k < t->entities[i].nattrs; k++)
			if (strcmp(t->entities[i].attrs[k].name, name) == 0)
				t->entities[i].attrs[k].type = ATTR_S;
	return true;
}

static void add_indexes(struct drafting *d, struct draft_table *t,
			const struct cat_foreign_key *const *owners)
{
	size_t i, k;

	for (i = 0; i < t->nentities; i++) {
		struct draft_entity *e = &t->entities[i];

		for (k = 0; k < e->source->nforeign_keys; k++) {
			const struct cat_foreign_key *fk = &e->source->foreign_keys[k];
			const char *pk = fk->ncolumns == 1 ? fk->columns[0]->name :
				joined_key(d, e, (const struct cat_column *const *)fk->columns,
					   fk->ncolumns);

			if (fk == owners[i] || !pk)
				continue;
			if (fk->ncolumns == 1 && !agree_on(t, pk))
				note(&e->notes, "No index by `%s`: columns of that name differ too "
				     "much.", pk);
			else
				add_index(d, t, pk, t->sk);
		}
	}
	if (t->nindexes)
		note(&t->notes, "Each foreign key that no partition follows has an index, which "
		     "holds whole items and so doubles what a write costs: leave out those that no "
		     "access pattern needs.");
}

void draft_single_table(struct drafting *d)
{
	struct draft_table *t = &d->tables[d->ntables++];
	const struct cat_foreign_key **owners;
	const char **digests, *kind;
	size_t i;

	t->multi = true;
	t->name = plain_name(d, d->facts->catalog->database);
	t->nentities = d->nchosen;
	t->entities = arena_alloc(d->arena, d->nchosen * sizeof(*t->entities));
	owners = arena_alloc(d->arena, d->nchosen * sizeof(*owners));
	digests = arena_alloc(d->arena, d->nchosen * sizeof(*digests));
	for (i = 0; i < t->nentities; i++) {
		t->entities[i].source = d->chosen[i];
		t->entities[i].name = entity_name(d, t, i);
		digests[i] = add_attributes(d, &t->entities[i]);
		owners[i] = owner_of(d, d->chosen[i]);
	}
	t->pk = free_name(d, t, "PK");
	t->sk = free_name(d, t, "SK");
	kind = free_name(d, t, "entity");
	for (i = 0; i < t->nentities; i++) {
		struct draft_entity *e = &t->entities[i];

		make_keys(d, t, e, digests[i], owners[i]);
		add_attr(e, (struct draft_attr){
			.name = kind, .type = ATTR_S, .column = &e->source->columns[0],
			.how = HOW_STATIC, .text = e->name,
			.why = "tells the kinds of items apart",
		});
	}
	add_indexes(d, t, owners);
}
