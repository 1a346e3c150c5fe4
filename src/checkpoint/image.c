/* A checkpoint's progress as the fewest records that tell it. */
#include "base/mem.h"
#include "checkpoint/journal_priv.h"

#include <stdlib.h>

static void add_header(const struct progress *p, struct buf *out)
{
	struct checkpoint_entity_id *entities = mem_array(p->nentities + 1, sizeof(*entities));
	const struct checkpoint_identity id = {
		p->contract_digest, p->source, p->source_words, p->target, p->write_mode,
		p->table_id, p->nentities, entities
	};
	size_t i;

	for (i = 0; i < p->nentities; i++)
		entities[i] = (struct checkpoint_entity_id){ p->entities[i].name,
							     p->entities[i].view_digest };
	record_header(out, 0, &id);
	free(entities);
}

/* Of done units that follow each other only the last one's high bound is still known, and the only
 * one that matters. The first of such units has the counts of all. Returns the next number. */
static uint64_t add_units(const struct progress_entity *e, unsigned entity, uint64_t seq,
			  struct buf *out)
{
	const struct load_counts none = { 0 };
	bool has_low = false, counted = false;
	struct str low = { NULL, 0 };
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < e->nunits; i++, number++) {
		const struct progress_unit *u = &e->units[i];

		while (u->done && i + 1 < e->nunits && e->units[i + 1].done)
			u = &e->units[++i];
		record_plan(out, seq++, entity, number, has_low, low, u->has_high,
			    (struct str){ u->high, u->high_len }, u->rows_estimate);
		if (u->done) {
			record_unit_begun(out, seq++, entity, number);
			record_unit_done(out, seq++, entity, number, counted ? &none : &e->counts,
					 0);
			counted = true;
		}
		has_low = u->has_high;
		low = (struct str){ u->high, u->high_len };
	}
	return seq;
}

void progress_image(const struct progress *p, struct buf *out)
{
	uint64_t seq = 1;
	unsigned i;

	add_header(p, out);
	for (i = 0; i < p->nentities; i++) {
		seq = add_units(&p->entities[i], i, seq, out);
		if (p->entities[i].planned)
			record_planned(out, seq++, i);
	}
}
