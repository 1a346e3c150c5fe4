/* What `etl check` found, for people. */
#include "cli/check.h"

#include <stdio.h>

#include "report/text.h"

static void put(struct buf *out)
{
	print_buf(out);
	fflush(stdout);
	buf_release(out);
}

static void add_text(struct buf *b, const char *text)
{
	buf_add_printable(b, str_of(text));
}

static void add_key(struct buf *b, const struct key_schema *keys)
{
	add_text(b, keys->pk_name);
	buf_addf(b, " %s", attr_type_name(keys->pk_type));
	if (keys->sk_name) {
		buf_adds(b, ", ");
		add_text(b, keys->sk_name);
		buf_addf(b, " %s", attr_type_name(keys->sk_type));
	}
}

static void add_head(struct buf *out, const struct session *s)
{
	const struct catalog *c = s->catalog;

	buf_adds(out, "contract  ");
	add_text(out, s->opt->contract);
	buf_addf(out, ", digest %.12s\nsource    ", s->contract->digest);
	add_text(out, session_source_text(s));
	buf_addf(out, ", %s ", c->flavour == SERVER_MARIADB ? "MariaDB" : "MySQL");
	add_text(out, c->version_text);
	buf_addc(out, '\n');
}

static void add_entity(struct buf *out, const struct plan_entity *e)
{
	size_t i;

	buf_adds(out, "  entity ");
	add_text(out, e->shape.entity);
	buf_adds(out, " from '");
	add_text(out, e->entity->source_table);
	buf_addf(out, "', %zu attributes%s\n", e->shape.nattrs,
		 e->source.chunkable ? "" : ", read by one reader: no primary key to cut it by");
	for (i = 0; i < e->nlookups; i++) {
		buf_adds(out, "    ");
		add_text(out, e->lookups[i].path);
		buf_adds(out, ": ");
		add_text(out, e->lookups[i].words);
		buf_addc(out, '\n');
	}
}

static void add_table(struct buf *out, const struct plan_table *t)
{
	static const char *const projections[] = { "everything", "its keys", "some attributes" };
	size_t i;

	buf_adds(out, "\ntable ");
	add_text(out, t->def.name);
	buf_adds(out, " (");
	add_key(out, &t->def.keys);
	buf_adds(out, ")\n");
	for (i = 0; i < t->def.nindexes; i++) {
		buf_adds(out, "  index ");
		add_text(out, t->def.indexes[i].name);
		buf_adds(out, " (");
		add_key(out, &t->def.indexes[i].keys);
		buf_addf(out, "), holds %s\n", projections[t->def.indexes[i].projection]);
	}
	buf_addf(out, "  keys %s", t->keys_proven_unique ? "are proven unique" : "are not proven "
		 "unique");
	if (t->keys_proof && *t->keys_proof) {
		buf_adds(out, ": ");
		add_text(out, t->keys_proof);
	}
	buf_addc(out, '\n');
	for (i = 0; i < t->nentities; i++)
		add_entity(out, &t->entities[i]);
}

void check_text_plan(const struct check *c)
{
	struct buf out = { 0 };
	size_t i;

	add_head(&out, c->s);
	for (i = 0; i < c->s->plan->ntables; i++)
		add_table(&out, &c->s->plan->tables[i]);
	put(&out);
}

static void add_cells(struct text_table *t, const char *table, const char *entity, uint64_t rows,
		      bool estimated, uint64_t items, uint64_t bytes, uint64_t units)
{
	struct buf cell = { 0 };

	text_table_text(t, table);
	text_table_text(t, entity);
	buf_adds(&cell, estimated ? "about " : "");
	text_add_count(&cell, rows);
	text_table_cell(t, buf_str(&cell));
	text_table_count(t, items);
	buf_reset(&cell);
	text_add_bytes(&cell, bytes);
	text_table_cell(t, buf_str(&cell));
	text_table_count(t, units);
	buf_release(&cell);
}

static void add_estimate(struct buf *out, const struct check *c)
{
	static const char *const heads[] = { "table", "entity", "rows", "items", "size",
					     "write units" };
	struct text_table t = { .ncolumns = 6, .right = 0x3c };
	struct check_totals sum = check_totals(c);
	size_t i, k;

	for (i = 0; i < 6; i++)
		text_table_text(&t, heads[i]);
	for (i = 0; i < c->s->plan->ntables; i++) {
		const struct plan_table *p = &c->s->plan->tables[i];

		for (k = 0; k < p->nentities; k++) {
			const struct survey_entity *e = &c->survey.tables[i].entities[k];

			add_cells(&t, p->def.name, p->entities[k].shape.entity, e->rows,
				  e->rows_estimated, survey_scaled(e, e->items),
				  survey_scaled(e, e->bytes), survey_scaled(e, e->units));
		}
	}
	add_cells(&t, "total", "", sum.rows, false, sum.items, sum.bytes, sum.units);
	text_table_write(&t, "  ", out);
	text_table_release(&t);
}

static void add_collisions(struct buf *out, const struct plan_table *p,
			   const struct survey_table *t)
{
	buf_adds(out, "  ");
	add_text(out, p->def.name);
	if (p->keys_proven_unique) {
		buf_adds(out, ": proven that no two rows have one key\n");
	} else if (!t->counted) {
		buf_adds(out, ": whether two rows have one key is unknown\n");
	} else if (!t->colliding_rows) {
		buf_adds(out, ": counted over all rows, no two have one key\n");
	} else {
		buf_adds(out, ": KEY_DUPLICATE, counted over all rows: ");
		text_add_plural(out, t->colliding_rows, "row");
		buf_adds(out, " would be rejected, whose ");
		text_add_plural(out, t->colliding_keys, "key");
		buf_adds(out, t->colliding_keys == 1 ? " another row has\n" : " other rows have\n");
	}
}

static void add_rejects(struct buf *out, const struct plan_table *p, const struct plan_entity *pe,
			const struct survey_entity *e)
{
	int code;

	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++) {
		if (!e->rejects[code])
			continue;
		buf_adds(out, "  ");
		add_text(out, p->def.name);
		buf_addc(out, ' ');
		add_text(out, pe->shape.entity);
		buf_addf(out, ": %s, ", reject_code_name((enum reject_code)code));
		text_add_count(out, e->rejects[code]);
		buf_adds(out, " of ");
		text_add_plural(out, e->looked_at, "row");
		buf_adds(out, " looked at would be rejected; the first: ");
		text_add_shortened(out, str_of(e->examples[code]), 300);
		buf_addc(out, '\n');
	}
}

void check_text_survey(const struct check *c)
{
	struct check_totals sum = check_totals(c);
	struct buf out = { 0 };
	size_t i, k;

	if (sum.all)
		buf_adds(&out, "\nby all rows:\n");
	else
		buf_addf(&out, "\nan estimate, by the first %lld rows of each entity at most "
			 "(--all looks at all):\n",
			 (long long)(c->s->opt->sample != OPTION_UNSET ? c->s->opt->sample
								       : SURVEY_SAMPLE_ROWS));
	add_estimate(&out, c);
	buf_adds(&out, "\nrejects to expect:\n");
	for (i = 0; i < c->s->plan->ntables; i++) {
		const struct plan_table *p = &c->s->plan->tables[i];

		for (k = 0; k < p->nentities; k++)
			add_rejects(&out, p, &p->entities[k], &c->survey.tables[i].entities[k]);
		add_collisions(&out, p, &c->survey.tables[i]);
	}
	buf_adds(&out, "  ");
	if (sum.rejects)
		text_add_plural(&out, sum.rejects, "row");
	else
		buf_adds(&out, "no row");
	buf_adds(&out, " of ");
	text_add_plural(&out, sum.looked_at, "row");
	buf_adds(&out, " looked at would be rejected, duplicate keys of all rows included\n");
	put(&out);
}

void check_text_rights(const struct check *c)
{
	struct buf out = { 0 };
	size_t i;

	buf_adds(&out, "\nrights at the source:\n");
	for (i = 0; i < c->nrights; i++) {
		buf_addf(&out, "  %s %s: ", c->rights[i].right,
			 c->rights[i].state == RIGHT_THERE ? "is there" :
			 c->rights[i].state == RIGHT_MISSING ? "is missing" : "unknown");
		add_text(&out, c->rights[i].text);
		buf_addc(&out, '\n');
	}
	put(&out);
}

void check_text_target(const struct check *c)
{
	static const char *const words[] = {
		[TARGET_UNKNOWN] = "could not be looked at",
		[TARGET_EQUAL] = "is there, as the contract says",
		[TARGET_MISSING] = "is not there; 'etl create-tables' makes it",
		[TARGET_INCOMPLETE] = "is there, but not complete",
		[TARGET_DIFFERS] = "is there, and another than the contract's",
	};
	struct buf out = { 0 };
	size_t i;

	buf_adds(&out, "\ntarget    ");
	add_text(&out, session_target_text(c->s));
	buf_addc(&out, '\n');
	for (i = 0; i < c->s->plan->ntables; i++) {
		buf_adds(&out, "  table ");
		add_text(&out, c->s->plan->tables[i].def.name);
		buf_addf(&out, " %s", words[c->targets[i]]);
		if (c->target_items[i] > 0) {
			buf_adds(&out, "; it holds about ");
			text_add_plural(&out, (uint64_t)c->target_items[i], "item");
			buf_adds(&out, " (DynamoDB's count is up to six hours old)");
		}
		buf_addc(&out, '\n');
	}
	put(&out);
}

void check_text_quote(const struct check *c)
{
	struct buf out = { 0 };

	buf_addc(&out, '\n');
	quote_text(&c->quote, &out);
	put(&out);
}

void check_text_end(const struct check *c)
{
	struct check_totals sum = check_totals(c);
	struct buf out = { 0 };
	size_t i, n = 0;

	for (i = 0; i < c->nfindings; i++) {
		const struct check_finding *f = &c->findings[i];

		if (f->level == CHECK_REJECT)	/* told before, with the rows */
			continue;
		buf_addf(&out, "%s  %s: ", n++ ? "" : "\nfindings:\n",
			 f->level == CHECK_ERROR ? "error" : "warning");
		add_text(&out, f->path);
		buf_adds(&out, *f->path ? ": " : "");
		add_text(&out, f->text);
		buf_addc(&out, '\n');
	}
	buf_adds(&out, "\nin all ");
	text_add_plural(&out, c->nerrors, "error");
	buf_adds(&out, ", ");
	text_add_plural(&out, c->nwarnings, "warning");
	if (c->surveyed) {
		buf_adds(&out, ", ");
		text_add_plural(&out, sum.rejects, "reject");
		buf_adds(&out, sum.all ? " to expect" : " to expect of the rows looked at");
	}
	buf_addc(&out, '\n');
	put(&out);
}
