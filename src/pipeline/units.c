#include "pipeline/units.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "checkpoint/checkpoint.h"
#include "pipeline/key_place.h"

struct units {
	const struct load_table *tables;	/* set before start; also those below */
	size_t ntables;
	uint64_t chunk_rows;
	bool use_checkpoint;
	const bool *skip;		/* NULL: none */
	struct counters *counters;

	pthread_mutex_t mutex;
	size_t table, flat;		/* guard: mutex; also those below */
	unsigned entity;
	bool entered;			/* the fields below are of this entity */
	bool planned;			/* no new unit will be cut from it */
	bool pending_over;		/* what earlier runs left was handed out */
	uint64_t cursor;		/* of checkpoint_next_pending */
	uint64_t nunits;		/* planned so far: the next unit's number */
	bool has_last;
	struct buf last_high;		/* where the next unit begins */
	bool counting;			/* planned_rows is the whole entity's */
	uint64_t planned_rows;		/* until last_high; those that earlier runs planned, too */
	uint64_t estimate;		/* of the entity's rows, as it was told last */
	bool told;			/* by more than the server's statistics */
	bool ends_known;
	struct buf first_key, last_key;	/* of the table; empty: not known */
	struct unit *waiting[UNITS_AHEAD];	/* of this entity, in no order */
	size_t nwaiting;
	uint64_t nout;			/* handed out of this entity */
	uint64_t lately[UNITS_APART];	/* their numbers, the last ones in a ring */
};

static struct table_counters *shares_of(struct counters *c, const struct load_table *t)
{
	return t->index < c->ntables ? &c->tables[t->index] : NULL;
}

static uint64_t estimate_of(const struct entity_source *e)
{
	return e->table ? e->table->rows_estimate : 0;
}

/* What was told before gives way; modulo 2^64. */
static void forget_estimate(struct counters *c, struct table_counters *share, size_t at)
{
	COUNTERS_ADD_TABLE(c, at, entities, 0 - COUNTERS_GET(share, entities));
	COUNTERS_ADD_TABLE(c, at, entities_begun, 0 - COUNTERS_GET(share, entities_begun));
	COUNTERS_ADD_TABLE(c, at, entities_told, 0 - COUNTERS_GET(share, entities_told));
	COUNTERS_ADD_TABLE(c, at, rows_estimate, 0 - COUNTERS_GET(share, rows_estimate));
	COUNTERS_ADD_TABLE(c, at, rows_by_statistics, 0 - COUNTERS_GET(share, rows_by_statistics));
	COUNTERS_ADD_TABLE(c, at, rows_before, 0 - COUNTERS_GET(share, rows_before));
}

void units_estimate(const struct load_table *tables, size_t ntables, struct counters *counters)
{
	size_t t, i;

	for (t = 0; t < ntables; t++) {
		struct table_counters *share = shares_of(counters, &tables[t]);
		size_t at = tables[t].index;

		if (share)
			forget_estimate(counters, share, at);
		COUNTERS_ADD_TABLE(counters, at, entities, tables[t].nentities);
		for (i = 0; i < tables[t].nentities; i++) {
			uint64_t rows = estimate_of(tables[t].entities[i]);

			COUNTERS_ADD_TABLE(counters, at, rows_estimate, rows);
			COUNTERS_ADD_TABLE(counters, at, rows_by_statistics, rows);
		}
	}
}

static void sum_resumed(struct units *u)
{
	size_t t;
	unsigned i;

	for (t = 0; t < u->ntables; t++) {
		const struct load_table *table = &u->tables[t];

		for (i = 0; table->checkpoint && i < table->nentities; i++) {
			struct checkpoint_entity e = { 0 };

			checkpoint_entity(table->checkpoint, i, &e);
			COUNTERS_ADD_TABLE(u->counters, table->index, rows_resumed, e.counts.rows_read);
			COUNTERS_ADD(u->counters, units_planned, e.nunits);
			COUNTERS_ADD(u->counters, units_done, e.ndone);
			buf_release(&e.last_high);
		}
	}
}

struct units *units_new(const struct load_table *tables, size_t ntables, uint64_t chunk_rows,
			bool use_checkpoint, struct counters *counters)
{
	struct units *u = mem_zalloc(sizeof(*u));

	u->tables = tables;
	u->ntables = ntables;
	u->chunk_rows = chunk_rows ? chunk_rows : 1;
	u->use_checkpoint = use_checkpoint;
	u->counters = counters;
	pthread_mutex_init(&u->mutex, NULL);
	if (use_checkpoint)
		sum_resumed(u);
	return u;
}

void units_free(struct units *u)
{
	if (!u)
		return;
	while (u->nwaiting)
		unit_free(u->waiting[--u->nwaiting]);
	buf_release(&u->last_high);
	buf_release(&u->first_key);
	buf_release(&u->last_key);
	pthread_mutex_destroy(&u->mutex);
	free(u);
}

void units_skip(struct units *u, const bool *skip)
{
	u->skip = skip;
}

static const struct load_table *table_now(const struct units *u)
{
	return &u->tables[u->table];
}

static const struct entity_source *entity_now(const struct units *u)
{
	return table_now(u)->entities[u->entity];
}

static struct checkpoint *checkpoint_now(const struct units *u)
{
	return u->use_checkpoint ? table_now(u)->checkpoint : NULL;
}

/* All rows that are told of by now are behind the entity that begins. */
#define MOVE_ROWS_BEFORE(c)						\
	COUNTERS_ADD(c, rows_before, COUNTERS_GET(c, rows_estimate) -	\
		     COUNTERS_GET(c, rows_by_statistics) - COUNTERS_GET(c, rows_before))

static void enter(struct units *u)
{
	struct table_counters *share = shares_of(u->counters, table_now(u));
	struct checkpoint *cp = checkpoint_now(u);

	u->entered = true;
	u->planned = u->pending_over = false;
	u->cursor = u->nunits = u->planned_rows = u->nout = 0;
	u->has_last = false;
	u->counting = true;
	u->estimate = estimate_of(entity_now(u));
	u->told = false;
	u->ends_known = false;
	buf_reset(&u->first_key);
	buf_reset(&u->last_key);
	buf_reset(&u->last_high);
	counters_table_is(u->counters, table_now(u)->index, TABLE_MOVES);
	COUNTERS_ADD_TABLE(u->counters, table_now(u)->index, entities_begun, 1);
	MOVE_ROWS_BEFORE(u->counters);
	if (share)
		MOVE_ROWS_BEFORE(share);
	if (cp) {
		struct checkpoint_entity e = { 0 };

		checkpoint_entity(cp, u->entity, &e);
		u->planned = e.planned;
		u->nunits = e.nunits;
		u->has_last = e.has_last_high;
		u->counting = e.nunits == 0;
		u->planned_rows = e.counts.rows_read;
		buf_addstr(&u->last_high, buf_str(&e.last_high));
		buf_release(&e.last_high);
	}
}

/* What was told before gives way; modulo 2^64. */
static void tell_estimate(struct units *u, uint64_t rows)
{
	size_t at = table_now(u)->index;

	COUNTERS_ADD_TABLE(u->counters, at, rows_estimate, rows - u->estimate);
	if (!u->told) {
		COUNTERS_ADD_TABLE(u->counters, at, entities_told, 1);
		COUNTERS_ADD_TABLE(u->counters, at, rows_by_statistics, 0 - u->estimate);
	}
	u->estimate = rows;
	u->told = true;
}

/* All of the entity's units were handed out. The rows of one that is a single unit are told while it
 * is read, unless that was done in an earlier run. */
static void leave(struct units *u)
{
	if (!u->told && (entity_now(u)->chunkable || u->nout == 0))
		tell_estimate(u, u->planned_rows);
}

/* As many rows as there were until here, for the part of the keys until here, make so many for all
 * of them: nearer to the truth than the server's statistics, which may be of last year. */
static void tell_by_place(struct units *u)
{
	const struct cat_table *t = entity_now(u)->table;
	double place;

	if (!u->has_last || !t || !t->primary)
		return;
	place = key_place(t->primary, buf_str(&u->first_key), buf_str(&u->last_key),
			  buf_str(&u->last_high));
	if (place > 0 && place <= 1)
		tell_estimate(u, (uint64_t)((double)u->planned_rows / place));
}

static int finish_planning(struct units *u, struct etl_err *err)
{
	struct checkpoint *cp = checkpoint_now(u);

	u->planned = true;
	if (u->counting)
		tell_estimate(u, u->planned_rows);
	return cp ? checkpoint_entity_planned(cp, u->entity, err) : 0;
}

static int bound(struct units *u, struct source_reader *r, struct unit *unit, struct etl_err *err)
{
	const struct entity_source *e = entity_now(u);
	struct str low = { NULL, 0 };
	int rc;

	if (u->has_last)
		low = buf_str(&u->last_high);
	if (!u->ends_known && r->ops->key_ends) {
		rc = r->ops->key_ends(r, e, &u->first_key, &u->last_key, err);
		if (rc < 0)
			return rc;
	}
	u->ends_known = true;
	rc = r->ops->next_bound(r, e, low, u->chunk_rows, &unit->has_high, &unit->high,
				&unit->rows_estimate, err);
	if (rc < 0)
		return rc;
	if (unit->has_high && u->has_last && str_eq(buf_str(&unit->high), low))
		return etl_err_set(err, ETL_EINTERNAL,
				   "planning entity '%s' of table '%s' does not get past a key",
				   e->shape->entity, table_now(u)->def->name);
	return 0;
}

/* Cuts the next unit and writes it to the journal before anyone can read it. */
static int cut(struct units *u, struct source_reader *r, struct unit **out, struct etl_err *err)
{
	struct unit *unit = mem_zalloc(sizeof(*unit));
	struct checkpoint *cp = checkpoint_now(u);
	int rc = 0;

	unit->entity = u->entity;
	unit->number = u->nunits;
	unit->has_low = u->has_last;
	buf_addstr(&unit->low, buf_str(&u->last_high));
	if (entity_now(u)->chunkable)
		rc = bound(u, r, unit, err);
	else
		u->counting = false;
	if (rc == 0 && cp)
		rc = checkpoint_plan_unit(cp, unit, err);
	if (rc < 0) {
		unit_free(unit);
		return rc;
	}
	u->nunits++;
	u->planned_rows += unit->rows_estimate;
	u->has_last = unit->has_high;
	buf_reset(&u->last_high);
	buf_addstr(&u->last_high, buf_str(&unit->high));
	COUNTERS_ADD(u->counters, units_planned, 1);
	tell_by_place(u);
	if (!unit->has_high)
		rc = finish_planning(u, err);
	if (rc < 0) {
		unit_free(unit);
		return rc;
	}
	*out = unit;
	return 1;
}

/* 1: one more unit of the entity; 0: it has no more. */
static int plan_one(struct units *u, struct source_reader *r, struct unit **out,
			  struct etl_err *err)
{
	struct checkpoint *cp = checkpoint_now(u);

	if (cp && !u->pending_over) {
		*out = checkpoint_next_pending(cp, u->entity, &u->cursor);
		if (*out) {
			u->planned_rows += (*out)->rows_estimate;
			return 1;
		}
		/* From here on the journal's pending units are those that this run cuts. */
		u->pending_over = true;
	}
	/* A journal torn between the last unit and the word that it was the last. */
	if (!u->planned && u->nunits > 0 && !u->has_last) {
		int rc = finish_planning(u, err);

		if (rc < 0)
			return rc;
	}
	return u->planned ? 0 : cut(u, r, out, err);
}

/* How far a unit is from the nearest of those handed out last. */
static uint64_t distance(const struct units *u, const struct unit *unit)
{
	uint64_t least = UINT64_MAX, n = u->nout < UNITS_APART ? u->nout : UNITS_APART, i;

	for (i = 0; i < n; i++) {
		uint64_t a = u->lately[i], b = unit->number, d = a > b ? a - b : b - a;

		if (d < least)
			least = d;
	}
	return least;
}

/* Of those that wait; of several equally far the first in order. */
static struct unit *take_farthest(struct units *u)
{
	uint64_t far = distance(u, u->waiting[0]);
	struct unit *unit;
	size_t best = 0, i;

	for (i = 1; i < u->nwaiting; i++) {
		uint64_t d = distance(u, u->waiting[i]);

		if (d < far || (d == far && u->waiting[i]->number > u->waiting[best]->number))
			continue;
		far = d;
		best = i;
	}
	unit = u->waiting[best];
	u->waiting[best] = u->waiting[--u->nwaiting];
	u->lately[u->nout++ % UNITS_APART] = unit->number;
	return unit;
}

/* 1: a unit of the entity; 0: it has no more. */
static int next_of_entity(struct units *u, struct source_reader *r, struct unit **out,
			  struct etl_err *err)
{
	struct checkpoint *cp = checkpoint_now(u);
	size_t ahead;
	int rc = 1;

	if (!u->entered)
		enter(u);
	ahead = u->nout < UNITS_AHEAD ? (size_t)u->nout + 1 : UNITS_AHEAD;
	while (rc > 0 && u->nwaiting < ahead) {
		rc = plan_one(u, r, &u->waiting[u->nwaiting], err);
		u->nwaiting += rc > 0;
	}
	if (rc < 0 || u->nwaiting == 0)
		return rc;
	*out = take_farthest(u);
	rc = cp && !(*out)->begun_before ?
	     checkpoint_unit_begun(cp, u->entity, (*out)->number, err) : 0;
	if (rc < 0) {
		unit_free(*out);
		*out = NULL;
	}
	return rc < 0 ? rc : 1;
}

int units_next(struct units *u, struct source_reader *r, struct unit_next *out,
	       struct etl_err *err)
{
	struct unit *unit = NULL;
	int rc = 0;

	pthread_mutex_lock(&u->mutex);
	while (u->table < u->ntables) {
		if (u->entity < table_now(u)->nentities) {
			rc = u->skip && u->skip[u->flat] ? 0 : next_of_entity(u, r, &unit, err);
			if (rc != 0)
				break;
			if (u->entered)
				leave(u);
			u->entity++;
			u->flat++;
		} else {
			counters_table_is(u->counters, table_now(u)->index, TABLE_HANDED_OUT);
			u->table++;
			u->entity = 0;
		}
		u->entered = false;
	}
	if (rc > 0 && shares_of(u->counters, table_now(u)))
		COUNTERS_ADD(shares_of(u->counters, table_now(u)), units_out, 1);
	if (rc > 0)
		*out = (struct unit_next){ .table = u->table, .entity = u->entity,
					   .flat = u->flat, .unit = unit };
	pthread_mutex_unlock(&u->mutex);
	return rc;
}
