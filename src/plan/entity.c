/* One entity: the shape of its items, the SQL of each attribute, where its rows come from. */
#include "plan/plan_priv.h"

#include <stdlib.h>

#define P(...) arena_printf(p->arena, __VA_ARGS__)

struct columns {
	size_t n;
	struct shape_attr *attrs;
	const char **sql;
};

static void add_column(struct plan_ctx *p, struct columns *c, const char *name, enum attr_type type,
		       const char *sql)
{
	(void)p;
	c->attrs[c->n] = (struct shape_attr){ .name = name, .name_len = strlen(name), .type = type };
	c->sql[c->n++] = sql;
}

static int find_column(const struct columns *c, const char *name)
{
	for (size_t i = 0; name && i < c->n; i++)
		if (!strcmp(c->attrs[i].name, name))
			return (int)i;
	return -1;
}

/* A table's key: must be there, of the table's type. */
static bool table_key(struct entity_ctx *e, const char *name, enum attr_type type,
		      const struct template *t, struct key_column *key)
{
	struct plan_ctx *p = e->p;
	int rc = resolve_key(e, name, t, key);

	if (rc < 0)
		return false;
	if (rc == 0) {
		diag_add(p->diags, DIAG_ERROR, e->entity->path,
			 "nothing gives the key '%s' of table '%s': expected an attribute of that "
			 "name%s, or a column '%s' of table '%s'", name, e->table->name,
			 e->table->multi ? ", a template" : "", name, e->source->name);
		return false;
	}
	enum attr_type mine = key->from_attribute ?
			      e->entity->attributes[key->attribute].type : ATTR_S;
	if (mine != type) {
		diag_add(p->diags, DIAG_ERROR, key->from_attribute ?
			 e->entity->attributes[key->attribute].path : e->entity->path,
			 "the key '%s' is of type %s here and %s elsewhere", name,
			 attr_type_name(mine), attr_type_name(type));
		return false;
	}
	return true;
}

/* For the proof: the key's value in the form its type compares. */
static void comparable(struct plan_ctx *p, struct key_column *k, enum attr_type type)
{
	if (type == ATTR_N)
		k->value = sval_as_number(p, k->value);
	else if (type == ATTR_S || (k->value.kind != COL_BINARY && k->value.kind != COL_TEXT))
		k->value = sval_as_text(p, k->value);
}

static bool add_attributes(struct entity_ctx *e, struct columns *cols, bool *marked)
{
	struct plan_ctx *p = e->p;
	bool ok = true;

	for (size_t i = 0; i < e->entity->nattributes; i++) {
		const struct attribute *a = &e->entity->attributes[i];
		struct attr_value *v;
		if (!attribute_value(e, i, &v)) {
			ok = false;
			continue;
		}
		if (a->type == ATTR_N && v->value.kind == COL_TIME) {
			diag_add(p->diags, DIAG_ERROR, a->path,
				 "type N of a TIME has no meaning: use S");
			ok = false;
			continue;
		}
		if (a->type == ATTR_N && v->value.kind == COL_SPATIAL) {
			diag_add(p->diags, DIAG_ERROR, a->path, "type N of a geometry has no meaning");
			ok = false;
			continue;
		}
		const char *sql = v->json_text || v->separator ? sval_text_sql(p, v->value) :
				  sval_as_type(p, v->value, a->type);
		add_column(p, cols, a->name, a->type, sql);
		struct shape_attr *s = &cols->attrs[cols->n - 1];
		s->constructed_json = a->type == ATTR_S && v->value.kind == COL_JSON &&
				      v->value.constructed && v->value.embeds_json;
		s->static_json = v->json_text && (a->type == ATTR_S || a->type == ATTR_N ||
						  a->type == ATTR_B || a->type == ATTR_BOOL);
		s->separator = v->separator;
		s->set_column = (a->type == ATTR_SS || a->type == ATTR_NS || a->type == ATTR_BS) &&
				v->value.kind == COL_SET && !v->separator;
		*marked |= v->may_be_marked;
	}
	return ok;
}

/* Index keys that no attribute gives are made; roles and types of all are set. */
static bool add_index_keys(struct entity_ctx *e, const struct table_def *def, struct columns *cols,
			   struct shape_index *indexes)
{
	struct plan_ctx *p = e->p;
	bool ok = true;

	for (size_t i = 0; i < e->table->ngsis; i++) {
		const struct gsi *g = &e->table->gsis[i];
		const struct index_def *d = &def->indexes[i];
		const char *names[2] = { g->pk, g->sk };
		enum attr_type types[2] = { d->keys.pk_type, d->keys.sk_type };
		int at[2] = { -1, -1 };
		for (int k = 0; k < 2 && names[k]; k++) {
			struct key_column key;
			at[k] = find_column(cols, names[k]);
			if (at[k] < 0) {
				int rc = resolve_key(e, names[k], NULL, &key);
				if (rc < 0)
					ok = false;
				if (rc <= 0 || key.from_attribute)
					continue;
				at[k] = (int)cols->n;
				add_column(p, cols, names[k], ATTR_S, sval_text_sql(p, key.value));
			}
			struct shape_attr *s = &cols->attrs[at[k]];
			if (s->type != types[k]) {
				diag_add(p->diags, DIAG_ERROR, e->entity->path,
					 "the key '%s' of index '%s' is of type %s here and %s "
					 "elsewhere", names[k], g->name, attr_type_name(s->type),
					 attr_type_name(types[k]));
				ok = false;
			}
			if (k == 0)
				s->index_pk_mask |= 1u << i;
			else
				s->index_sk_mask |= 1u << i;
		}
		bool in = at[0] >= 0 && (!g->sk || at[1] >= 0);
		indexes[i] = (struct shape_index){ .name = g->name, .pk_attr = in ? at[0] : -1,
						   .sk_attr = in && g->sk ? at[1] : -1,
						   .has_sk = g->sk != NULL };
		if (!in && !e->table->multi)
			diag_add(p->diags, DIAG_WARNING, g->path,
				 "no item enters this index: nothing gives its key '%s'",
				 at[0] < 0 ? g->pk : g->sk);
	}
	return ok;
}

/* Of an index that does not hold whole items: the table's keys, its own, what it includes. */
static bool is_projected(const struct table_def *def, const struct index_def *index,
			 const char *name)
{
	const char *keys[] = { def->keys.pk_name, def->keys.sk_name, index->keys.pk_name,
			       index->keys.sk_name };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i] && strcmp(keys[i], name) == 0)
			return true;
	for (size_t i = 0; index->projection == PROJECT_INCLUDE && i < index->nincluded; i++)
		if (strcmp(index->included[i], name) == 0)
			return true;
	return false;
}

static void note_projections(const struct table_def *def, struct columns *cols,
			     struct shape_index *indexes)
{
	for (size_t i = 0; i < def->nindexes; i++) {
		indexes[i].partial = def->indexes[i].projection != PROJECT_ALL;
		for (size_t k = 0; indexes[i].partial && k < cols->n; k++)
			if (is_projected(def, &def->indexes[i], cols->attrs[k].name))
				cols->attrs[k].index_part_mask |= 1u << i;
	}
}

static const char *from_clause(struct entity_ctx *e, const char *source, const char *where)
{
	struct plan_ctx *p = e->p;
	struct buf b = { 0 };

	buf_adds(&b, source);
	for (const struct lookup *l = e->lookups; l; l = l->next)
		if (l->join_sql)
			buf_adds(&b, l->join_sql);
	if (where)
		buf_addf(&b, "\nWHERE %s", where);
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

static void describe_source(struct entity_ctx *e, struct plan_entity *out, const char *where)
{
	struct plan_ctx *p = e->p;
	const struct cat_key *pk = e->source->primary;
	struct item_shape *s = &out->shape;

	s->npk_columns = pk ? pk->ncolumns : 0;
	if (pk) {
		const char **names = arena_alloc(p->arena, pk->ncolumns * sizeof(*names));
		for (size_t i = 0; i < pk->ncolumns; i++)
			names[i] = pk->columns[i]->name;
		s->pk_columns = names;
	}
	out->source.shape = s;
	out->source.table = e->source;
	out->source.where_sql = where;
	out->source.chunkable = pk && !pk->prefixed && !e->source->is_view;
}

bool make_entity(struct plan_ctx *p, const struct contract_table *t, const struct table_def *def,
		 const struct entity *ent, unsigned order, struct plan_entity *out,
		 struct key_column *pk, struct key_column *sk)
{
	struct entity_ctx e = { .p = p, .table = t, .entity = ent };
	struct columns cols;
	size_t max = ent->nattributes + 2 + 2 * t->ngsis;
	bool marked = false, ok;
	const char *where = NULL;

	out->entity = ent;
	p->may_be_cut = false;
	if (!ent->source_table ||
	    !(e.source = find_table(p, ent->source_table, P("%s.source_table", ent->path))))
		return false;
	e.src = (struct relation){ .name = ent->source_table, .table = e.source, .alias = "`src`",
				   .is_source = true };
	e.lookups_end = &e.lookups;
	e.values = arena_alloc(p->arena, (ent->nattributes + 1) * sizeof(*e.values));
	cols = (struct columns){ 0, arena_alloc(p->arena, max * sizeof(*cols.attrs)),
				 arena_alloc(p->arena, max * sizeof(*cols.sql)) };

	ok = table_key(&e, t->pk, def->keys.pk_type, &ent->pk_template, pk);
	if (ok && !pk->from_attribute)
		add_column(p, &cols, t->pk, ATTR_S, sval_text_sql(p, pk->value));
	*sk = (struct key_column){ 0 };
	if (t->sk) {
		bool sk_ok = table_key(&e, t->sk, def->keys.sk_type, &ent->sk_template, sk);
		if (sk_ok && !sk->from_attribute)
			add_column(p, &cols, t->sk, ATTR_S, sval_text_sql(p, sk->value));
		ok &= sk_ok;
	}
	ok &= add_attributes(&e, &cols, &marked);
	struct shape_index *indexes = arena_alloc(p->arena, (t->ngsis + 1) * sizeof(*indexes));
	if (ok)
		ok = add_index_keys(&e, def, &cols, indexes);
	if (ent->where.text) {
		struct scope s = scope_source(&e);
		struct sval v;
		if (ent->where.expr && render_expr(p, &s, ent->where.expr, ent->where.path, &v))
			where = sval_close(p, v);
		else
			ok = false;
	}
	out->nlookups = e.nnotes;
	out->lookups = arena_alloc(p->arena, (e.nnotes + 1) * sizeof(*out->lookups));
	if (e.nnotes)
		memcpy(out->lookups, e.notes, e.nnotes * sizeof(*out->lookups));
	free(e.notes);
	if (!ok)
		return false;
	comparable(p, pk, def->keys.pk_type);
	if (t->sk)
		comparable(p, sk, def->keys.sk_type);
	note_projections(def, &cols, indexes);
	for (size_t i = 0; i < cols.n; i++)
		cols.attrs[i].marked = marked || p->zeros == ZERO_REJECT;
	struct item_shape *s = &out->shape;
	*s = (struct item_shape){
		.table = def->name, .contract_table = t->name, .entity = ent->type,
		.entity_order = order, .nattrs = cols.n, .attrs = cols.attrs,
		.nindexes = t->ngsis, .indexes = indexes,
		.null_as_null = p->contract->defaults.null_as_null,
		.omit_empty = p->contract->defaults.omit_empty,
	};
	s->pk_attr = find_column(&cols, t->pk);
	s->sk_attr = find_column(&cols, t->sk);
	cols.attrs[s->pk_attr].role = KEY_TABLE_PK;
	if (s->sk_attr >= 0)
		cols.attrs[s->sk_attr].role = KEY_TABLE_SK;
	out->column_sql = cols.sql;
	out->source_sql = P("FROM %s AS %s", sql_ident(p->arena, str_of(e.source->name)), e.src.alias);
	out->from_sql = from_clause(&e, out->source_sql, where);
	describe_source(&e, out, where);
	out->source.may_be_cut = p->may_be_cut;
	return true;
}
