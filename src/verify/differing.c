/*
 * The second pass, where the sums of both sides differ. The rows are read again, from the same
 * snapshot; those whose items fall into a bucket that differs are compared. Where the keys in a
 * bucket differ, too, the rows' keys are collected meanwhile, and a scan of the target's keys names
 * what is not among them: as many at a time as VERIFY_MAX_KEYS allows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "verify/examine.h"

struct pass {
	struct examine x;
	bool items[VERIFY_BUCKETS];	/* to be compared; set before start, as those below */
	bool keys[VERIFY_BUCKETS];	/* of these: to be searched for extra items */
	size_t nitems, nkeys;		/* how many of each */
};

static bool wants(const struct examine *x, unsigned entity, struct hash128 key)
{
	(void)entity;
	return ((const struct pass *)x->arg)->items[bucket_of(key)];
}

static bool remembers(const struct examine *x, struct hash128 key)
{
	return ((const struct pass *)x->arg)->keys[bucket_of(key)];
}

static int run_pass(struct pass *p, struct etl_err *err)
{
	int rc;

	hashmap_clear(&p->x.known);
	rc = examine_run(&p->x, err);
	return rc == 0 && p->nkeys ? examine_extra(&p->x, err) : rc;
}

static void begin_pass(struct pass *p)
{
	memset(p->items, 0, sizeof(p->items));
	memset(p->keys, 0, sizeof(p->keys));
	p->nitems = p->nkeys = 0;
}

/* All that differs goes into one pass, but for what its keys would take too much memory for. */
static int run_passes(struct pass *p, struct etl_err *err)
{
	const struct verify *v = p->x.v;
	uint64_t keys = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < VERIFY_BUCKETS && rc == 0; i++) {
		uint64_t n = v->expected->b[i].n;
		bool same_keys = sums_same_keys(v->expected, v->actual, i);

		if (sums_same_items(v->expected, v->actual, i))
			continue;
		if (!same_keys && p->nkeys && keys + n > VERIFY_MAX_KEYS) {
			rc = run_pass(p, err);
			begin_pass(p);
			keys = 0;
		}
		p->items[i] = true;
		p->nitems++;
		if (!same_keys) {
			p->keys[i] = true;
			p->nkeys++;
			keys += n;
		}
	}
	return rc == 0 && p->nitems ? run_pass(p, err) : rc;
}

int verify_differing(struct verify *v, struct etl_err *err)
{
	struct pass *p = mem_zalloc(sizeof(*p));
	int rc;

	p->x = (struct examine){ .v = v, .wants = wants, .remembers = remembers, .arg = p };
	rc = run_passes(p, err);
	hashmap_release(&p->x.known);
	free(p);
	return rc;
}
