#include "cli/sample.h"

#include "transform/transform.h"

struct sampling {
	const struct plan_entity *entity;
	struct transform *transform;
	struct item item;
	struct reject reject;
	sample_fn *found;
	void *arg;
};

static int take_row(void *arg, const struct row *row, const char *const *names,
		    struct etl_err *err)
{
	struct sampling *s = arg;
	const struct item_shape *shape = &s->entity->shape;

	(void)names;
	if (row->nfields < shape->nattrs)
		return etl_err_set(err, ETL_EINTERNAL,
				   "the view of '%s' has %zu columns instead of %zu",
				   shape->entity, row->nfields, shape->nattrs);
	if (transform_row(s->transform, shape, row, &s->item, &s->reject))
		return s->found(s->arg, &s->item, NULL, err);
	return s->found(s->arg, NULL, &s->reject, err);
}

int sample_rows(struct source_reader *reader, const struct plan_entity *entity, const char *sql,
		int64_t rows, sample_fn *found, void *arg, struct etl_err *err)
{
	struct sampling s = {
		.entity = entity, .transform = transform_new(), .found = found, .arg = arg,
	};
	struct buf query = { 0 };
	int rc;

	buf_adds(&query, sql);
	if (rows)
		buf_addf(&query, "\nLIMIT %lld", (long long)rows);
	rc = reader->ops->query(reader, buf_cstr(&query), take_row, &s, err);
	buf_release(&query);
	item_release(&s.item);
	reject_release(&s.reject);
	transform_free(s.transform);
	return rc;
}
