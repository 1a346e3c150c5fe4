#include "cli/blame.h"

#include <string.h>

static int pass_over(void *arg, const struct row *row, const char *const *names,
		     struct etl_err *err)
{
	(void)arg;
	(void)row;
	(void)names;
	(void)err;
	return 0;
}

bool blame_possible(const struct etl_err *err)
{
	return err->code == ETL_ESOURCE && !strstr(err->msg, "denied");
}

/* Does the server refuse the statement? */
static bool refused(struct source_reader *reader, struct buf *sql, int64_t rows,
		    struct etl_err *why)
{
	if (rows)
		buf_addf(sql, "\nLIMIT %lld", (long long)(rows < 0 ? 0 : rows));
	etl_err_clear(why);
	if (reader->ops->query(reader, buf_cstr(sql), pass_over, NULL, why) == 0)
		return false;
	return blame_possible(why);
}

static const char *blame_where(struct source_reader *reader, const struct plan_entity *e,
			       int64_t rows, struct buf *sql, struct etl_err *why)
{
	if (!e->source.where_sql)
		return NULL;
	buf_addf(sql, "SELECT %s %s", e->source.where_sql, e->source_sql);
	return refused(reader, sql, rows, why) ? e->entity->where.path : NULL;
}

/* The joins stand on one another in their order: the first is tried alone, then two, ... */
static const char *blame_joins(struct source_reader *reader, const struct plan_entity *e,
			       int64_t rows, struct buf *sql, struct etl_err *why)
{
	struct buf from = { 0 };
	const char *path = NULL;
	size_t i;

	buf_adds(&from, e->source_sql);
	for (i = 0; i < e->nlookups && !path; i++) {
		if (!e->lookups[i].join_sql)
			continue;
		buf_adds(&from, e->lookups[i].join_sql);
		buf_reset(sql);
		buf_addf(sql, "SELECT 1 %s", buf_cstr(&from));
		if (refused(reader, sql, rows, why))
			path = e->lookups[i].path;
	}
	buf_release(&from);
	return path;
}

static const char *attribute_path(const struct plan_entity *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->entity->nattributes; i++)
		if (strcmp(e->entity->attributes[i].name, name) == 0)
			return e->entity->attributes[i].path;
	return e->entity->path;		/* a key made by a template or of columns */
}

const char *blame_entity(struct source_reader *reader, const struct plan_entity *e, int64_t rows,
			 struct etl_err *why)
{
	struct buf sql = { 0 };
	const char *path = blame_where(reader, e, rows, &sql, why);
	size_t i;

	if (!path)
		path = blame_joins(reader, e, rows, &sql, why);
	for (i = 0; i < e->shape.nattrs && !path; i++) {
		buf_reset(&sql);
		buf_addf(&sql, "SELECT %s %s", e->column_sql[i], e->from_sql);
		if (refused(reader, &sql, rows, why))
			path = attribute_path(e, e->shape.attrs[i].name);
	}
	buf_release(&sql);
	if (path) {
		/* "cannot run a query: " is true, and no help */
		char *cause = strstr(why->msg, ": ");
		if (cause)
			memmove(why->msg, cause + 2, strlen(cause + 2) + 1);
	}
	return path;
}

void blame_views(struct session *s, struct etl_err *err)
{
	struct source_reader *reader = NULL;
	struct snapshot_info info;
	struct etl_err why = { 0 };
	const char *path = NULL;
	size_t i, k;

	if (!blame_possible(err) ||
	    s->source->ops->open_readers(s->source, 1, &reader, &info, &why))
		return;
	for (i = 0; i < s->plan->ntables && !path; i++)
		for (k = 0; k < s->plan->tables[i].nentities && !path; k++)
			path = blame_entity(reader, &s->plan->tables[i].entities[k], -1, &why);
	if (path) {
		etl_err_clear(err);
		etl_err_set(err, ETL_ECONTRACT, "%s: %s: the server refuses this: %s",
			    s->contract->file, path, why.msg);
		if (*why.hint)
			etl_err_hint(err, "%s", why.hint);
	}
	reader->ops->close_reader(reader);
}
