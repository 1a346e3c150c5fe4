/*
 * A small world for tests of the pipeline and of verify: two tables, four entities, a source that
 * holds their rows and a sink that takes their items.
 *
 *	table Users (PK S, SK S, index by email):
 *		User   integer primary key; every 7th without email
 *		Order  composite text primary key
 *		Note   no primary key
 *	table Things (id N):
 *		Thing  integer primary key
 *
 * Every entity has the same attributes: PK, SK, name, score, email (Things: id, name, score).
 */
#ifndef TESTS_FAKES_FAKE_WORLD_H
#define TESTS_FAKES_FAKE_WORLD_H

#include "base/stop.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_sink.h"
#include "fakes/fake_source.h"
#include "pipeline/counters.h"
#include "pipeline/table.h"

enum { W_USER, W_ORDER, W_NOTE, W_THING, W_ENTITIES };

struct world {
	struct fake_source *source;
	struct fake_sink *sink;
	struct fake_clock clock;
	struct stop stop;
	struct counters counters;
	struct load_table tables[2];
	const struct entity_source *entities[W_ENTITIES];
	const struct table_def *defs[2];
};

/* Fills the world with that many rows of each entity. */
void world_init(struct world *w, int users, int orders, int notes, int things);
void world_release(struct world *w);

/* Forgets stop and counters, as a new process would. */
void world_again(struct world *w);

/* Adds one row; NULL for SQL NULL. In order of the primary key. */
void world_user(struct world *w, const char *pk, const char *sk, const char *name,
		const char *score, const char *email, const char *id);
void world_order(struct world *w, const char *pk, const char *sk, const char *name,
		 const char *a, const char *b);
void world_note(struct world *w, const char *pk, const char *sk, const char *name);

/* The canonical key of a string pair in table Users. */
struct buf world_key(const char *pk, const char *sk);

/*
 * Does the sink hold exactly what the rows make, by the transform and the rule of duplicates told
 * in the plainest way (row by row, first come first served)? NULL, or what differs, in words.
 */
const char *world_differs(struct world *w);

/* Rows of all entities that make an item, and that do not. */
void world_expect(struct world *w, uint64_t *items, uint64_t *rejects);

#endif
