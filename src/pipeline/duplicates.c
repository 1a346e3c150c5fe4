/*
 * 'keys' maps the hash of an item key to the number of its claim: who has the key so far, and by
 * how many rows it is wanted. 'losers' maps the hash of entity and primary key to the claim that
 * the row lost. A row of an earlier entity that comes later takes the claim over, and who had it
 * becomes a loser of the same claim.
 */
#include "pipeline/duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/row.h"
#include "pipeline/reject_line.h"
#include "transform/transform.h"

struct claim {
	unsigned entity;	/* who has the key */
	bool contested;		/* another row wants it */
	struct hash128 row;	/* of entity and primary key; unused without primary key */
	size_t pk_off, pk_len;	/* in 'pks'; empty without primary key */
};

struct loser {			/* for duplicates_each_loser */
	unsigned entity;
	uint64_t claim;
	size_t pk_off, pk_len;	/* in 'pks' */
};

struct duplicates {
	const struct load_table *table;
	struct hashmap keys;
	struct hashmap losers;
	struct claim *claims;
	size_t nclaims, cap_claims;
	struct buf pks;
	bool keep_losers;	/* in 'kept' */
	struct loser *kept;
	size_t nkept, cap_kept;
	uint64_t nlosers;	/* rows that lose their key */
};

struct finder {
	struct duplicates *d;
	const struct stop *stop;
	struct transform *transform;
	struct item item;
	struct reject reject;
	struct buf pk, scratch;
};

static struct hash128 row_hash(unsigned entity, struct str pk, struct buf *scratch)
{
	char number[4] = { (char)(entity >> 24), (char)(entity >> 16), (char)(entity >> 8),
			   (char)entity };

	buf_reset(scratch);
	buf_add(scratch, number, sizeof(number));
	buf_addstr(scratch, pk);
	return hash128(scratch->ptr, scratch->len);
}

static void take(struct duplicates *d, struct claim *c, unsigned entity, struct str pk,
		 struct hash128 row)
{
	c->entity = entity;
	c->row = row;
	c->pk_off = d->pks.len;
	c->pk_len = pk.len;
	buf_addstr(&d->pks, pk);
}

static struct str claim_pk(const struct duplicates *d, const struct claim *c)
{
	return (struct str){ c->pk_len ? d->pks.ptr + c->pk_off : NULL, c->pk_len };
}

static bool has_pk(const struct duplicates *d, unsigned entity)
{
	return d->table->entities[entity]->shape->npk_columns > 0;
}

static void keep(struct duplicates *d, unsigned entity, struct str pk, uint64_t claim)
{
	d->kept = mem_grow(d->kept, &d->cap_kept, d->nkept + 1, sizeof(*d->kept));
	d->kept[d->nkept++] = (struct loser){ entity, claim, d->pks.len, pk.len };
	buf_addstr(&d->pks, pk);
}

static void lose(struct duplicates *d, unsigned entity, struct str pk, struct hash128 row,
		 uint64_t claim)
{
	if (d->keep_losers)
		keep(d, entity, pk, claim);
	d->nlosers++;
	if (has_pk(d, entity))
		hashmap_add(&d->losers, row, claim, NULL);
}

static void want(struct duplicates *d, unsigned entity, struct str pk, struct hash128 key,
		 struct hash128 row)
{
	bool is_new;
	uint64_t number = *hashmap_add(&d->keys, key, d->nclaims, &is_new);
	struct claim *c;

	if (is_new) {
		d->claims = mem_grow(d->claims, &d->cap_claims, d->nclaims + 1, sizeof(*d->claims));
		c = &d->claims[d->nclaims++];
		*c = (struct claim){ 0 };
		take(d, c, entity, pk, row);
		return;
	}
	c = &d->claims[number];
	if (c->entity == entity && has_pk(d, entity) && c->row.hi == row.hi &&
	    c->row.lo == row.lo)
		return;		/* the same row once more */
	c->contested = true;
	if (entity < c->entity) {
		struct buf was = { 0 };		/* a copy, for its buffer may move */

		buf_addstr(&was, claim_pk(d, c));
		lose(d, c->entity, buf_str(&was), c->row, number);
		buf_release(&was);
		take(d, c, entity, pk, row);
	} else {
		lose(d, entity, pk, row, number);
	}
}

static int found(void *arg, size_t entity, const struct row *row, struct etl_err *err)
{
	struct finder *f = arg;
	const struct entity_source *e;
	struct hash128 hash;
	int rc;

	if (stop_asked(f->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while looking for duplicate keys");
	if (entity >= f->d->table->nentities)
		return etl_err_set(err, ETL_EINTERNAL, "a candidate of entity %zu of %zu", entity,
				   f->d->table->nentities);
	e = f->d->table->entities[entity];
	rc = row_pack_pk(e, row, &f->pk, err);
	if (rc < 0)
		return rc;
	if (!transform_row(f->transform, e->shape, row, &f->item, &f->reject))
		return 0;
	hash = row_hash((unsigned)entity, buf_str(&f->pk), &f->scratch);
	want(f->d, (unsigned)entity, buf_str(&f->pk), hash128(f->item.key.ptr, f->item.key.len),
	     hash);
	return 0;
}

static int find(struct source_reader *r, const struct load_table *table, bool keep_losers,
		const struct stop *stop, struct duplicates **out, struct etl_err *err)
{
	struct finder f = { .stop = stop };
	int rc;

	*out = NULL;
	if (table->keys_proven_unique)
		return 0;
	f.d = mem_zalloc(sizeof(*f.d));
	f.d->table = table;
	f.d->keep_losers = keep_losers;
	f.transform = transform_new();
	rc = r->ops->duplicate_candidates(r, table->entities, table->nentities, found, &f, err);
	transform_free(f.transform);
	item_release(&f.item);
	reject_release(&f.reject);
	buf_release(&f.pk);
	buf_release(&f.scratch);
	if (rc == 0 && f.d->nlosers)
		*out = f.d;
	else
		duplicates_free(f.d);
	return rc < 0 ? rc : 0;
}

void duplicates_count(const struct duplicates *d, uint64_t *rows, uint64_t *keys)
{
	size_t i;

	*rows = d->nlosers;
	*keys = 0;
	for (i = 0; i < d->nclaims; i++)
		*keys += d->claims[i].contested;
}

int duplicates_find(struct source_reader *r, const struct load_table *table,
		    const struct stop *stop, struct duplicates **out, struct etl_err *err)
{
	return find(r, table, false, stop, out, err);
}

int duplicates_find_losers(struct source_reader *r, const struct load_table *table,
			   const struct stop *stop, struct duplicates **out, struct etl_err *err)
{
	return find(r, table, true, stop, out, err);
}

int duplicates_each_loser(const struct duplicates *d,
			  int (*each)(void *arg, unsigned entity, struct str pk, unsigned winner,
				      struct str winner_pk, struct etl_err *err),
			  void *arg, struct etl_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < d->nkept && rc == 0; i++) {
		const struct loser *l = &d->kept[i];
		const struct claim *c = &d->claims[l->claim];

		rc = each(arg, l->entity, (struct str){ d->pks.ptr + l->pk_off, l->pk_len },
			  c->entity, claim_pk(d, c), err);
	}
	return rc;
}

void duplicates_free(struct duplicates *d)
{
	if (!d)
		return;
	hashmap_release(&d->keys);
	hashmap_release(&d->losers);
	free(d->claims);
	free(d->kept);
	buf_release(&d->pks);
	free(d);
}

static void say(const struct duplicates *d, const struct claim *c, unsigned loser, struct buf *out)
{
	const struct entity_source *winner = d->table->entities[c->entity];

	if (!out)
		return;
	buf_adds(out, "another row has this key: entity '");
	buf_adds(out, winner->shape->entity);
	buf_addc(out, '\'');
	if (c->pk_len) {
		buf_adds(out, ", source key ");
		source_key_json(out, winner, claim_pk(d, c));
	}
	/* why "source_key" names no row */
	if (!has_pk(d, c->entity))
		buf_adds(out, ", whose table has no primary key");
	if (loser != c->entity && !has_pk(d, loser))
		buf_adds(out, "; this row's table has no primary key");
}

bool duplicates_loses(const struct duplicates *d, unsigned entity, struct str pk,
		      struct hash128 key, struct hashmap *arrived, struct buf *sentence)
{
	const uint64_t *number;
	const struct claim *c;

	if (!d)
		return false;
	if (has_pk(d, entity)) {
		struct buf scratch = { 0 };
		struct hash128 row = row_hash(entity, pk, &scratch);

		buf_release(&scratch);
		number = hashmap_get(&d->losers, row);
		if (!number)
			return false;
		c = &d->claims[*number];
	} else {
		bool is_new;

		number = hashmap_get(&d->keys, key);
		if (!number)
			return false;
		c = &d->claims[*number];
		if (!c->contested)
			return false;
		if (c->entity == entity) {
			hashmap_add(arrived, key, 0, &is_new);
			if (is_new)
				return false;
		}
	}
	say(d, c, entity, sentence);
	return true;
}
