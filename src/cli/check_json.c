/* What `etl check` found, as one JSON document. */
#include "cli/check.h"

#include <stdio.h>

static void add_finding(struct json_out *j, enum check_level level, const char *code,
			const char *path, const char *text)
{
	static const char *const names[] = { "error", "warning", "reject" };

	json_out_open(j, NULL, '{');
	json_out_str(j, "level", names[level]);
	json_out_str(j, "code", code);
	json_out_str(j, "path", path);
	json_out_str(j, "text", text);
	json_out_close(j, '}');
}

static void add_findings(struct json_out *j, const struct check *c)
{
	const struct diags *d = &c->s->diags;
	size_t i;

	json_out_open(j, "findings", '[');
	for (i = 0; i < d->n; i++) {
		bool error = d->list[i].level == DIAG_ERROR || c->s->opt->strict;

		if (d->list[i].level != DIAG_NOTE)
			add_finding(j, error ? CHECK_ERROR : CHECK_WARNING, "contract",
				    d->list[i].path, d->list[i].text);
	}
	for (i = 0; i < c->nfindings; i++)
		add_finding(j, c->findings[i].level, c->findings[i].code, c->findings[i].path,
			    c->findings[i].text);
	json_out_close(j, ']');
	json_out_open(j, "notes", '[');
	for (i = 0; i < d->n; i++) {
		if (d->list[i].level != DIAG_NOTE)
			continue;
		json_out_open(j, NULL, '{');
		json_out_str(j, "path", d->list[i].path);
		json_out_str(j, "text", d->list[i].text);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

static void add_lookups(struct json_out *j, const struct plan_entity *e)
{
	size_t i;

	json_out_open(j, "lookups", '[');
	for (i = 0; i < e->nlookups; i++) {
		const struct plan_lookup *l = &e->lookups[i];

		json_out_open(j, NULL, '{');
		json_out_str(j, "path", l->path);
		json_out_str(j, "meaning", l->words);
		json_out_str(j, "target_table", l->target ? l->target->name : NULL);
		json_out_bool(j, "may_match_many", l->may_match_many);
		json_out_bool(j, "index_missing", l->no_index);
		if (l->no_index)
			json_out_count(j, "estimated_rows_searched", check_search_rows(e, l));
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

static void add_rows(struct json_out *j, const struct plan_entity *p,
		     const struct survey_entity *e)
{
	size_t i;
	int code;

	json_out_str(j, "rows_error", e->err.code ? e->err.msg : NULL);
	json_out_count(j, "rows", e->rows);
	json_out_bool(j, "rows_estimated", e->rows_estimated);
	json_out_count(j, "rows_looked_at", e->looked_at);
	json_out_bool(j, "all_rows_looked_at", e->all);
	json_out_count(j, "estimated_items", survey_scaled(e, e->items));
	json_out_count(j, "estimated_bytes", survey_scaled(e, e->bytes));
	json_out_count(j, "estimated_write_units", survey_scaled(e, e->units));
	json_out_open(j, "rejects_of_rows_looked_at", '{');
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++)
		if (e->rejects[code])
			json_out_count(j, reject_code_name((enum reject_code)code),
				       e->rejects[code]);
	json_out_close(j, '}');
	json_out_open(j, "first_rejects", '{');
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++)
		if (e->rejects[code])
			json_out_str(j, reject_code_name((enum reject_code)code),
				     e->examples[code]);
	json_out_close(j, '}');
	json_out_open(j, "empty_attributes", '[');
	for (i = 0; e->items && i < p->shape.nattrs; i++)
		if (!e->filled[i])
			json_out_str(j, NULL, p->shape.attrs[i].name);
	json_out_close(j, ']');
}

static void add_key(struct json_out *j, const struct key_schema *keys)
{
	json_out_str(j, "pk", keys->pk_name);
	json_out_str(j, "pk_type", attr_type_name(keys->pk_type));
	json_out_str(j, "sk", keys->sk_name);
	if (keys->sk_name)
		json_out_str(j, "sk_type", attr_type_name(keys->sk_type));
}

static void add_indexes(struct json_out *j, const struct table_def *def)
{
	static const char *const projections[] = { "ALL", "KEYS_ONLY", "INCLUDE" };
	size_t i;

	json_out_open(j, "indexes", '[');
	for (i = 0; i < def->nindexes; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "index", def->indexes[i].name);
		add_key(j, &def->indexes[i].keys);
		json_out_str(j, "projection", projections[def->indexes[i].projection]);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

static void add_table(struct json_out *j, const struct check *c, size_t i)
{
	const struct plan_table *p = &c->s->plan->tables[i];
	size_t k;

	json_out_open(j, NULL, '{');
	json_out_str(j, "table", p->def.name);
	json_out_str(j, "path", p->def.json_path);
	add_key(j, &p->def.keys);
	add_indexes(j, &p->def);
	json_out_bool(j, "keys_proven_unique", p->keys_proven_unique);
	json_out_str(j, "keys_proof", p->keys_proof);
	if (c->surveyed && c->survey.tables[i].counted) {
		json_out_count(j, "colliding_rows", c->survey.tables[i].colliding_rows);
		json_out_count(j, "colliding_keys", c->survey.tables[i].colliding_keys);
	}
	json_out_str(j, "target", check_target_name(c->targets ? c->targets[i] : TARGET_UNKNOWN));
	json_out_open(j, "entities", '[');
	for (k = 0; k < p->nentities; k++) {
		const struct plan_entity *e = &p->entities[k];

		json_out_open(j, NULL, '{');
		json_out_str(j, "entity", e->shape.entity);
		json_out_str(j, "path", e->entity->path);
		json_out_str(j, "source_table", e->entity->source_table);
		json_out_count(j, "attributes", e->shape.nattrs);
		json_out_bool(j, "read_in_ranges", e->source.chunkable);
		add_lookups(j, e);
		if (c->surveyed)
			add_rows(j, e, &c->survey.tables[i].entities[k]);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_close(j, '}');
}

static void add_total(struct json_out *j, const struct check *c)
{
	struct check_totals sum = check_totals(c);

	json_out_open(j, "total", '{');
	json_out_count(j, "rows", sum.rows);
	json_out_count(j, "rows_looked_at", sum.looked_at);
	json_out_bool(j, "all_rows_looked_at", sum.all);
	json_out_count(j, "rejects_of_rows_looked_at", sum.rejects);
	json_out_count(j, "estimated_items", sum.items);
	json_out_count(j, "estimated_bytes", sum.bytes);
	json_out_count(j, "estimated_write_units", sum.units);
	json_out_close(j, '}');
}

static void add_rights(struct json_out *j, const struct check *c)
{
	size_t i;

	json_out_open(j, "rights", '[');
	for (i = 0; i < c->nrights; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "right", c->rights[i].right);
		json_out_str(j, "state", check_right_name(c->rights[i].state));
		json_out_str(j, "text", c->rights[i].text);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

void check_json(const struct check *c, const struct etl_err *err)
{
	struct buf out = { 0 };
	struct json_out j = { .out = &out };
	const struct session *s = c->s;
	size_t i;

	json_out_open(&j, NULL, '{');
	json_out_str(&j, "contract", s->opt->contract);
	json_out_str(&j, "contract_digest", s->contract ? s->contract->digest : NULL);
	json_out_str(&j, "source", session_source_text(s));
	json_out_str(&j, "server", s->catalog ? s->catalog->version_text : NULL);
	json_out_str(&j, "target", session_target_text(s));
	json_out_count(&j, "errors", c->nerrors);
	json_out_count(&j, "warnings", c->nwarnings);
	json_out_str(&j, "failure", err->code ? err->msg : NULL);
	add_findings(&j, c);
	json_out_open(&j, "tables", '[');
	for (i = 0; c->planned && i < s->plan->ntables; i++)
		add_table(&j, c, i);
	json_out_close(&j, ']');
	if (c->surveyed)
		add_total(&j, c);
	if (c->quoted)
		quote_json(&c->quote, &j, "quote");
	add_rights(&j, c);
	json_out_close(&j, '}');
	print_json(&out);
	buf_release(&out);
}
