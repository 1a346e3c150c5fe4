/*
 * A sample: N rows of a table, drawn at random by the source, so many of each entity as its rows
 * are part of the table's. Where single rows cannot be found by their primary key, the entity is
 * read whole and each of its items is chosen with the same chance, by its hash behind the run's
 * secret.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/picks.h"
#include "verify/examine.h"

struct drawn {				/* of one entity */
	uint64_t rows, share;		/* how many there are, and are to be drawn */
	bool by_chance;			/* all rows are read */
	uint64_t below;			/* then an item is chosen if its hash is less */
};

struct sample {
	struct verify *v;
	struct drawn *entities;
	struct picks *picks;
	const struct entity_source *drawing;	/* the entity that rows are drawn from */
	struct buf pks;			/* what was drawn, packed and packed once more */
	bool all_findable;
};

static bool wants_all(const struct examine *x, unsigned entity, struct hash128 key)
{
	(void)x;
	(void)entity;
	(void)key;
	return true;
}

static bool wants_by_chance(const struct examine *x, unsigned entity, struct hash128 key)
{
	const struct sample *s = x->arg;

	/* the high half chooses buckets elsewhere; here either would do */
	return key.lo <= s->entities[entity].below;
}

static int count_rows(struct sample *s, uint64_t *total, struct etl_err *err)
{
	const struct load_table *t = s->v->table;
	struct source_reader *r = s->v->readers.list[0];
	unsigned i;
	int rc = 0;

	*total = 0;
	for (i = 0; i < t->nentities && rc == 0; i++) {
		rc = r->ops->count(r, t->entities[i], &s->entities[i].rows, err);
		*total += s->entities[i].rows;
		s->v->entities[i].rows_in_source = s->entities[i].rows;
	}
	return rc;
}

/* No entity that has rows goes without. */
static void share_out(struct sample *s, uint64_t total)
{
	uint64_t wanted = s->v->job->sample_rows ? s->v->job->sample_rows
						 : VERIFY_DEFAULT_SAMPLE;
	size_t i;

	for (i = 0; i < s->v->table->nentities; i++) {
		struct drawn *d = &s->entities[i];

		if (wanted >= total)
			d->share = d->rows;
		else
			d->share = (uint64_t)((double)wanted * (double)d->rows / (double)total + 0.5);
		if (d->share == 0 && d->rows)
			d->share = 1;
	}
}

static int row_drawn(void *arg, struct str pk, struct etl_err *err)
{
	struct sample *s = arg;

	(void)err;
	s->all_findable = s->all_findable &&
			  s->v->job->source->ops->row_findable(s->drawing, pk);
	unit_pack_pk(&s->pks, &pk, 1);
	return 0;
}

/* So many at least that a sample without any has a chance of less than one in a billion. */
#define BY_CHANCE_MIN 20

static void choose_by_chance(struct drawn *d)
{
	uint64_t share = d->share < BY_CHANCE_MIN ? BY_CHANCE_MIN : d->share;
	double part = (double)share / (double)d->rows;

	d->by_chance = true;
	d->below = part >= 1 ? UINT64_MAX : (uint64_t)(part * 18446744073709551616.0);
}

static void pick(struct sample *s, unsigned entity)
{
	struct str rest = buf_str(&s->pks), pk;

	/* one packed key at a time: its four bytes of length, and it */
	while (rest.len) {
		const unsigned char *b = (const unsigned char *)rest.ptr;
		size_t len = 4 + ((size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 |
				  b[3]);

		if (unit_unpack_pk((struct str){ rest.ptr, len }, &pk, 1) == 1)
			picks_add(s->picks, 0, entity, pk);
		rest.ptr += len;
		rest.len -= len;
	}
}

static int draw_from(struct sample *s, unsigned entity, struct etl_err *err)
{
	struct source_reader *r = s->v->readers.list[0];
	struct drawn *d = &s->entities[entity];
	int rc = 0;

	s->drawing = s->v->table->entities[entity];
	s->all_findable = s->drawing->shape->npk_columns > 0;
	buf_reset(&s->pks);
	if (s->all_findable)
		rc = r->ops->draw(r, s->drawing, d->share, row_drawn, s, err);
	if (rc == 0 && s->all_findable)
		pick(s, entity);
	else
		choose_by_chance(d);
	return rc;
}

static int draw(struct sample *s, struct etl_err *err)
{
	unsigned i;
	int rc = 0;

	for (i = 0; i < s->v->table->nentities && rc == 0; i++)
		if (s->entities[i].share)
			rc = draw_from(s, i, err);
	return rc;
}

static int examine_drawn(struct sample *s, struct etl_err *err)
{
	struct examine x = { .v = s->v, .picks = s->picks, .wants = wants_all, .arg = s,
			     .counts_rows = true, .queries = s->v->job->indexes };
	size_t n = s->v->table->nentities, i;
	bool *skip = mem_array(n + 1, sizeof(*skip)), some = false;
	int rc = examine_run(&x, err);

	for (i = 0; i < n; i++) {
		skip[i] = !s->entities[i].by_chance;
		some |= !skip[i];
	}
	if (rc == 0 && some) {
		x.picks = NULL;
		x.skip = skip;
		x.wants = wants_by_chance;
		rc = examine_run(&x, err);
	}
	free(skip);
	return rc;
}

int verify_sample(struct verify *v, struct etl_err *err)
{
	struct sample s = { .v = v };
	uint64_t total;
	int rc;

	s.entities = mem_array(v->table->nentities + 1, sizeof(*s.entities));
	s.picks = picks_new(v->table, 1);
	rc = count_rows(&s, &total, err);
	if (rc == 0) {
		share_out(&s, total);
		rc = draw(&s, err);
	}
	if (rc == 0)
		rc = examine_drawn(&s, err);
	picks_free(s.picks);
	buf_release(&s.pks);
	free(s.entities);
	return rc;
}
