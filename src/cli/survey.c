#include "cli/survey.h"

#include "base/log.h"
#include "cli/answer.h"
#include "cli/blame.h"
#include "cli/sample.h"
#include "model/json.h"
#include "pipeline/duplicates.h"

struct looking {
	struct survey *survey;
	const struct plan_table *table;
	const struct plan_entity *entity;
	struct survey_entity *e;
	const struct session *session;
	size_t nempty;			/* attributes that no row filled yet */
	struct json_reader json;
};

static void fill_attribute(struct looking *l, struct str name, bool null)
{
	const struct item_shape *shape = &l->entity->shape;
	size_t i;

	for (i = 0; i < shape->nattrs; i++) {
		const struct shape_attr *a = &shape->attrs[i];

		if (l->e->filled[i] || !str_eq(name, (struct str){ a->name, a->name_len }) ||
		    (null && a->type != ATTR_NULL))
			continue;
		l->e->filled[i] = true;
		l->nempty--;
	}
}

/* Which attributes does the item have? Of its JSON the names and types on the first level. */
static void look_at_attributes(struct looking *l, const struct item *item)
{
	struct json_reader *r = &l->json;
	struct buf name = { 0 };
	enum json_token t;

	json_restart(r, buf_str(&item->json));
	if (json_next(r) != JSON_OBJECT)
		return;
	while (json_next(r) == JSON_KEY) {
		buf_reset(&name);
		buf_addstr(&name, r->text);
		if (json_next(r) != JSON_OBJECT || json_next(r) != JSON_KEY)
			break;
		fill_attribute(l, buf_str(&name), str_is(r->text, "NULL"));
		t = json_next(r);
		if (json_skip(r, t) != 0 || json_next(r) != JSON_OBJECT_END)
			break;
	}
	buf_release(&name);
}

static void add_units(struct survey_entity *e, const struct item *item)
{
	unsigned i;

	e->units += item->write_units;
	for (i = 0; item->index_mask >> i; i++) {
		if (!(item->index_mask >> i & 1))
			continue;
		e->index_entries[i]++;
		e->index_units[i] += item_write_units(item->index_bytes[i]);
	}
}

static int look(void *arg, const struct item *item, const struct reject *rej, struct etl_err *err)
{
	struct looking *l = arg;
	struct survey_entity *e = l->e;

	if (stop_asked(l->session->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while looking at rows");
	e->looked_at++;
	if (item) {
		e->items++;
		e->bytes += item->size_bytes;
		add_units(e, item);
		if (l->nempty)
			look_at_attributes(l, item);
		return 0;
	}
	if (!e->rejects[rej->code]++)
		e->examples[rej->code] = arena_strndup(l->survey->arena, rej->sentence.ptr,
						       rej->sentence.len);
	return 0;
}

/* An error that is this entity's own; another one ends the survey. */
static bool is_local(const struct etl_err *err)
{
	return err->code == ETL_ESOURCE;
}

static int look_at_entity(struct looking *l, struct source_reader *reader, int64_t rows,
			  struct etl_err *err)
{
	struct survey_entity *e = l->e;
	size_t nattrs = l->entity->shape.nattrs;
	int rc;

	e->filled = arena_alloc(l->survey->arena, (nattrs + 1) * sizeof(*e->filled));
	l->nempty = nattrs;
	answer_doing(l->session, "looking at rows of entity '%s' of table '%s'",
		     l->entity->shape.entity, l->table->def.name);
	if (!rows)
		log_info("reading all rows of entity '%s' of table '%s'", l->entity->shape.entity,
			 l->table->def.name);
	rc = sample_rows(reader, l->entity, l->entity->select_sql, rows, look, l, err);
	if (rc)
		return rc;
	e->all = !rows || e->looked_at < (uint64_t)rows;
	e->rows = e->looked_at;
	if (e->all)
		return 0;
	e->rows = l->entity->source.table->rows_estimate;
	e->rows_estimated = true;
	if (e->rows <= SURVEY_COUNT_UP_TO_ROWS) {
		e->rows_estimated = false;
		rc = reader->ops->count(reader, &l->entity->source, &e->rows, err);
	}
	if (e->rows < e->looked_at)
		e->rows = e->looked_at;
	return rc;
}

/* The question of load and verify, asked of the plan's SELECTs instead of the views. */
static int count_collisions(struct looking *l, struct source_reader *reader,
			    struct survey_table *t, struct etl_err *err)
{
	const struct plan_table *pt = l->table;
	struct arena *a = l->survey->arena;
	struct entity_source *sources = arena_alloc(a, pt->nentities * sizeof(*sources));
	const struct entity_source **list = arena_alloc(a, pt->nentities * sizeof(*list));
	struct load_table table = {
		.def = &pt->def, .nentities = pt->nentities, .entities = list,
		.keys_proven_unique = pt->keys_proven_unique,
	};
	struct duplicates *d = NULL;
	size_t i;
	int rc;

	for (i = 0; i < pt->nentities; i++) {
		sources[i] = pt->entities[i].source;
		sources[i].select_sql = pt->entities[i].select_sql;
		list[i] = &sources[i];
	}
	answer_doing(l->session, "looking for rows of table '%s' that share a key", pt->def.name);
	rc = duplicates_find(reader, &table, l->session->stop, &d, err);
	if (d)
		duplicates_count(d, &t->colliding_rows, &t->colliding_keys);
	duplicates_free(d);
	t->counted = !rc;
	return rc;
}

/* The rows cannot be read: for which attribute's sake? */
static void blame_rows(struct looking *l, struct source_reader *reader, int64_t rows)
{
	struct etl_err why = { 0 };
	const char *path = blame_entity(reader, l->entity, rows, &why);

	if (!path)
		return;
	l->e->err_path = path;
	etl_err_clear(&l->e->err);
	etl_err_set(&l->e->err, ETL_ESOURCE, "the server refuses this: %s%s%s", why.msg,
		    *why.hint ? "; " : "", why.hint);
}

static int look_at_table(struct looking *l, struct source_reader *reader, int64_t rows,
			 struct survey_table *t, struct etl_err *err)
{
	size_t k;
	int rc = 0;

	t->entities = arena_alloc(l->survey->arena, l->table->nentities * sizeof(*t->entities));
	for (k = 0; k < l->table->nentities && !rc; k++) {
		l->entity = &l->table->entities[k];
		l->e = &t->entities[k];
		if (look_at_entity(l, reader, rows, &l->e->err) && !is_local(&l->e->err))
			rc = etl_err_copy(err, &l->e->err);
		else if (blame_possible(&l->e->err))
			blame_rows(l, reader, rows);
		if (l->e->err.code && !t->err.code)
			etl_err_copy(&t->err, &l->e->err);
	}
	if (rc || t->err.code || l->table->keys_proven_unique)
		return rc;
	if (count_collisions(l, reader, t, &t->err) && !is_local(&t->err))
		rc = etl_err_copy(err, &t->err);
	return rc;
}

int survey_take(struct session *s, int64_t rows, struct survey *out, struct etl_err *err)
{
	struct looking l = { .survey = out, .session = s };
	struct source_reader *reader = NULL;
	struct snapshot_info info;
	size_t i;
	int rc;

	out->arena = arena_new();
	out->tables = arena_alloc(out->arena, s->plan->ntables * sizeof(*out->tables));
	rc = s->source->ops->open_readers(s->source, 1, &reader, &info, err);
	if (rc)
		return rc;
	json_init(&l.json, STR(""));
	for (i = 0; i < s->plan->ntables && !rc; i++) {
		l.table = &s->plan->tables[i];
		rc = look_at_table(&l, reader, rows, &out->tables[i], err);
	}
	json_release(&l.json);
	reader->ops->close_reader(reader);
	return rc;
}

void survey_release(struct survey *v)
{
	arena_free(v->arena);
	*v = (struct survey){ 0 };
}

uint64_t survey_rejects(const struct survey_entity *e)
{
	uint64_t n = 0;
	int code;

	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++)
		n += e->rejects[code];
	return n;
}

uint64_t survey_scaled(const struct survey_entity *e, uint64_t n)
{
	if (e->all || !e->looked_at)
		return n;
	/* a forecast: doubles will do */
	return (uint64_t)((double)n * ((double)e->rows / (double)e->looked_at) + 0.5);
}
