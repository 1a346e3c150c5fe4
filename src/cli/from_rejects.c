#include "cli/from_rejects.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"

/* The contract's tables that --table leaves out: their lines wait for another run. */
static const char *const *left_out(const struct session *s, struct arena *a, size_t *n)
{
	const struct contract *c = s->contract;
	const char **names = arena_alloc(a, (c->ntables + 1) * sizeof(*names));
	size_t i, k;

	*n = 0;
	for (i = 0; i < c->ntables; i++) {
		bool planned = false;

		for (k = 0; k < s->plan->ntables; k++)
			planned |= s->plan->tables[k].table == &c->tables[i];
		if (!planned)
			names[(*n)++] = arena_printf(a, "%s%s", s->opt->table_prefix,
						     c->tables[i].name);
	}
	return names;
}

int from_rejects_open(struct from_rejects *f, struct session *s, struct etl_err *err)
{
	const char *file = s->opt->from_rejects;
	const char *const *others;
	uint64_t passed_over = 0;
	size_t nothers;
	int rc;

	memset(f, 0, sizeof(*f));
	work_init(&f->work, s);
	f->picks = picks_new(f->work.tables, f->work.ntables);
	f->spool = reject_spool_new(s->state ? state_dir(s->state) : s->opt->state_dir);
	f->path = arena_printf(f->work.arena, "%s/from-rejects.rejects", s->opt->state_dir);
	others = left_out(s, f->work.arena, &nothers);
	rc = picks_read(f->picks, s->source, file, others, nothers, &passed_over, err);
	if (rc)
		return rc;
	if (passed_over)
		log_warn("%llu reject%s of tables that --table leaves out %s passed over",
			 (unsigned long long)passed_over, passed_over == 1 ? "" : "s",
			 passed_over == 1 ? "was" : "were");
	if (picks_total(f->picks) == 0 && !s->opt->allow_empty) {
		rc = etl_err_set(err, ETL_ESOURCE, "'%s' holds no reject to try again", file);
		etl_err_hint(err, "if that is right, say --allow-empty");
	}
	return rc;
}

void from_rejects_close(struct from_rejects *f)
{
	picks_free(f->picks);
	reject_spool_free(f->spool);
	if (f->work.arena)
		work_release(&f->work);
	memset(f, 0, sizeof(*f));
}

int from_rejects_save(struct from_rejects *f, const struct session *s, struct etl_err *err)
{
	int rc = reject_spool_save(f->spool, f->path, err);

	return rc || !s->opt->rejects ? rc : reject_spool_save(f->spool, s->opt->rejects, err);
}
