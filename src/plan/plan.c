/* The whole: tables in the contract's order, their definitions, entities, views, proofs. */
#include "plan/plan_priv.h"

#include <stdlib.h>

#include "base/digest.h"
#include "base/suggest.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* The type of a key: that of the first entity's attribute of this name; S where none has one. */
static enum attr_type key_type(struct plan_ctx *p, const struct contract_table *t, const char *name)
{
	for (size_t i = 0; i < t->nentities; i++)
		for (size_t k = 0; k < t->entities[i].nattributes; k++) {
			const struct attribute *a = &t->entities[i].attributes[k];
			if (strcmp(a->name, name))
				continue;
			if (a->type != ATTR_S && a->type != ATTR_N && a->type != ATTR_B)
				diag_add(p->diags, DIAG_ERROR, P("%s.type", a->path),
					 "'%s' is a key: its type is S, N or B, not %s", name,
					 attr_type_name(a->type));
			return a->type;
		}
	return ATTR_S;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void make_indexes(struct plan_ctx *p, const struct contract_table *t, struct table_def *d)
{
	struct index_def *list = arena_alloc(p->arena, (t->ngsis + 1) * sizeof(*list));

	for (size_t i = 0; i < t->ngsis; i++) {
		const struct gsi *g = &t->gsis[i];
		struct index_def *x = &list[i];
		const char **inc = arena_alloc(p->arena, (g->nincluded + 1) * sizeof(*inc));
		size_t n = 0;
		x->name = g->name;
		x->keys.pk_name = g->pk;
		x->keys.pk_type = key_type(p, t, g->pk);
		x->keys.sk_name = g->sk;
		x->keys.sk_type = g->sk ? key_type(p, t, g->sk) : ATTR_S;
		x->projection = g->projection;
		/* keys are projected anyway, and naming them is an error for DynamoDB */
		for (size_t k = 0; k < g->nincluded; k++) {
			const char *a = g->included[k];
			bool skip = !strcmp(a, g->pk) || (g->sk && !strcmp(a, g->sk)) ||
				    !strcmp(a, t->pk) || (t->sk && !strcmp(a, t->sk));
			for (size_t j = 0; j < n; j++)
				skip |= !strcmp(inc[j], a);
			if (!skip)
				inc[n++] = a;
		}
		qsort(inc, n, sizeof(*inc), compare_names);
		x->included = inc;
		x->nincluded = n;
	}
	d->indexes = list;
	d->nindexes = t->ngsis;
}

static void make_def(struct plan_ctx *p, const struct contract_table *t, struct table_def *d)
{
	const char *prefix = p->options->table_prefix ? p->options->table_prefix : "";

	*d = (struct table_def){
		.name = P("%s%s", prefix, t->name), .contract_table = t->name, .json_path = t->path,
		.keys = { .pk_name = t->pk, .pk_type = key_type(p, t, t->pk), .sk_name = t->sk,
			  .sk_type = t->sk ? key_type(p, t, t->sk) : ATTR_S },
		.provisioned = t->provisioned, .read_capacity = t->read_capacity,
		.write_capacity = t->write_capacity, .warm_read_units = t->warm_read_units,
		.warm_write_units = t->warm_write_units, .table_class = t->table_class,
		.stream = t->stream, .ttl_attribute = t->ttl_attribute,
		.point_in_time_recovery = t->point_in_time_recovery,
		.deletion_protection = t->deletion_protection, .kms_key = t->kms_key,
		.ntags = t->ntags, .tags = t->tags,
	};
	make_indexes(p, t, d);
	if (strlen(d->name) > 255)
		diag_add(p->diags, DIAG_ERROR, P("%s.table", t->path),
			 "with its prefix the name is longer than 255 characters");
	if (t->ttl_attribute) {
		bool found = false;
		for (size_t i = 0; i < t->nentities; i++)
			for (size_t k = 0; k < t->entities[i].nattributes; k++)
				found |= !strcmp(t->entities[i].attributes[k].name, t->ttl_attribute) &&
					 t->entities[i].attributes[k].type == ATTR_N;
		if (!found)
			diag_add(p->diags, DIAG_WARNING, P("%s.ttl_attribute", t->path),
				 "'%s' is no attribute of type N: no item will expire",
				 t->ttl_attribute);
	}
}

/* A view's name that no other view of this plan has. */
static const char *view_name(struct plan_ctx *p, const struct plan *plan, const char *table,
			     const char *entity)
{
	const char *name = plan_view_name(p->arena, table, entity);

	for (size_t i = 0; i < plan->ntables; i++) {
		bool taken = plan->tables[i].view && !strcmp(plan->tables[i].view, name);
		for (size_t k = 0; k < plan->tables[i].nentities; k++)
			taken |= plan->tables[i].entities[k].source.view &&
				 !strcmp(plan->tables[i].entities[k].source.view, name);
		if (taken) {
			char hex[65];
			const char *key = P("%s/%s", table, entity ? entity : "");
			sha256_hex(key, strlen(key), hex);
			return plan_view_name(p->arena, table, P("%s_%.8s", entity ? entity : "", hex));
		}
	}
	return name;
}

static bool selected(const struct plan_options *o, const char *table)
{
	for (size_t i = 0; o->tables && i < o->ntables; i++)
		if (!strcmp(o->tables[i], table))
			return true;
	return !o->tables || !o->ntables;
}

static bool make_table(struct plan_ctx *p, struct plan *plan, const struct contract_table *t)
{
	struct plan_table *out = &plan->tables[plan->ntables++];
	struct key_column *pks = mem_array(t->nentities, sizeof(*pks));
	struct key_column *sks = mem_array(t->nentities, sizeof(*sks));
	const struct cat_table **sources = mem_array(t->nentities, sizeof(*sources));
	bool ok = true;

	out->table = t;
	make_def(p, t, &out->def);
	out->view = view_name(p, plan, t->name, NULL);
	out->entities = arena_alloc(p->arena, t->nentities * sizeof(*out->entities));
	for (size_t i = 0; i < t->nentities; i++) {
		struct plan_entity *e = &out->entities[i];
		ok &= make_entity(p, t, &out->def, &t->entities[i], (unsigned)i, e, &pks[i], &sks[i]);
		e->source.view = view_name(p, plan, t->name, t->entities[i].type);
		out->nentities++;
		sources[i] = e->source.table;
	}
	if (ok) {
		name_columns(p, out);
		write_views(p, out);
		prove_keys(p, out, pks, sks, sources);
		for (size_t i = 0; p->options->inline_views && i < t->nentities; i++) {
			out->entities[i].source.select_sql = out->entities[i].select_sql;
			out->entities[i].source.select_from = out->entities[i].select_from;
		}
	}
	free(pks);
	free(sks);
	free(sources);
	return ok;
}

static int check_selection(const struct contract *c, const struct plan_options *o,
			   struct etl_err *err)
{
	const char **names = mem_array(c->ntables + 1, sizeof(*names));
	int rc = 0;

	for (size_t i = 0; i < c->ntables; i++)
		names[i] = c->tables[i].name;
	for (size_t i = 0; o->tables && i < o->ntables && !rc; i++) {
		bool found = false;
		for (size_t k = 0; k < c->ntables; k++)
			found |= !strcmp(names[k], o->tables[i]);
		if (found)
			continue;
		const char *near = suggest(o->tables[i], names, c->ntables);
		rc = etl_err_set(err, ETL_EUSAGE, "the contract has no table '%s'", o->tables[i]);
		if (near)
			etl_err_hint(err, "did you mean '%s'?", near);
	}
	free(names);
	return rc;
}

int plan_make(const struct contract *contract, const struct catalog *catalog,
	      const struct plan_options *options, struct diags *diags, struct plan **out,
	      struct etl_err *err)
{
	size_t before = diags->nerrors;
	int rc = check_selection(contract, options, err);

	*out = NULL;
	if (rc < 0)
		return rc;
	struct plan *plan = mem_zalloc(sizeof(*plan));
	plan->arena = arena_new();
	plan->contract = contract;
	plan->catalog = catalog;
	plan->tables = arena_alloc(plan->arena, contract->ntables * sizeof(*plan->tables));
	struct plan_ctx p = { .arena = plan->arena, .contract = contract, .catalog = catalog,
			      .options = options, .diags = diags,
			      .mariadb = catalog->flavour == SERVER_MARIADB,
			      .dates = contract->defaults.datetime_format,
			      .zeros = contract->defaults.zero_dates };
	for (size_t i = 0; i < contract->ntables; i++)
		if (selected(options, contract->tables[i].name) && contract->tables[i].pk)
			make_table(&p, plan, &contract->tables[i]);
	if (diags->nerrors > before || contract->nerrors) {
		size_t n = diags->nerrors - before + contract->nerrors;
		plan_free(plan);
		return etl_err_set(err, ETL_ECONTRACT, "the contract '%s' has %zu error%s",
				   contract->file, n, n == 1 ? "" : "s");
	}
	*out = plan;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	arena_free(p->arena);
	free(p);
}
