/* The contract as JSON, and the explanation beside it. */
#include "draft/draft_priv.h"

#define INDENT "      "

static void add_member(struct buf *b, const char *key, const char *value)
{
	buf_adds(b, ", ");
	buf_add_json(b, str_of(key));
	buf_adds(b, ": ");
	if (value)
		buf_add_json(b, str_of(value));
	else
		buf_adds(b, "null");
}

/* "customers.id = orders.customer_id": the target's on the left, which also a table that refers to
 * itself is read by. */
static void add_condition(struct buf *b, const struct draft_entity *e,
			  const struct cat_foreign_key *fk, size_t i)
{
	struct buf sql = { 0 };

	add_sql_name(&sql, fk->target->name);
	buf_addc(&sql, '.');
	add_sql_name(&sql, fk->target_columns[i]);
	buf_adds(&sql, " = ");
	add_sql_name(&sql, e->source->name);
	buf_addc(&sql, '.');
	add_sql_name(&sql, fk->columns[i]->name);
	buf_add_json(b, buf_str(&sql));
	buf_release(&sql);
}

static void add_join(struct buf *b, const struct draft_entity *e, const struct draft_attr *a)
{
	struct buf sql = { 0 };
	size_t i;

	buf_adds(b, ",\n" INDENT "     \"join\": {\"type\": ");
	buf_adds(b, a->fk->ncolumns == 1 ? "\"foreign-key\"" : "\"multi-column\"");
	add_member(b, "target_table", a->fk->target->name);
	buf_adds(b, a->fk->ncolumns == 1 ? ", \"join_condition\": " : ", \"join_conditions\": [");
	for (i = 0; i < a->fk->ncolumns; i++) {
		buf_adds(b, i ? ", " : "");
		add_condition(b, e, a->fk, i);
	}
	buf_adds(b, a->fk->ncolumns == 1 ? "" : "]");
	add_sql_name(&sql, a->fk->target->name);
	buf_addc(&sql, '.');
	add_sql_name(&sql, a->text);
	add_member(b, "select_column", buf_cstr(&sql));
	buf_release(&sql);
	buf_adds(b, "},\n" INDENT "     \"denormalized\": true");
}

static void add_attribute(struct buf *b, const struct draft_entity *e, const struct draft_attr *a)
{
	size_t i;

	buf_adds(b, INDENT "    {\"name\": ");
	buf_add_json(b, str_of(a->name));
	add_member(b, "type", attr_type_name(a->type));
	add_member(b, "source_table", e->source->name);
	if (a->how == HOW_LOOKUP && a->fk->ncolumns > 1) {
		buf_adds(b, ", \"source_column\": [");
		for (i = 0; i < a->fk->ncolumns; i++) {
			buf_adds(b, i ? ", " : "");
			buf_add_json(b, str_of(a->fk->columns[i]->name));
		}
		buf_addc(b, ']');
	} else
		add_member(b, "source_column", a->column->name);
	switch (a->how) {
	case HOW_COLUMN:
		break;
	case HOW_LOOKUP:
		add_join(b, e, a);
		break;
	case HOW_STATIC:
		buf_adds(b, ",\n" INDENT "     \"transformation\": {\"type\": \"static\"");
		add_member(b, "value", a->text);
		buf_addc(b, '}');
		break;
	case HOW_HEX:
		buf_adds(b, ",\n" INDENT "     \"transformation\": {\"type\": \"hex\"}");
		break;
	case HOW_TEMPLATE:
		buf_adds(b, ",\n" INDENT "     \"transformation\": {\"type\": \"template\"");
		add_member(b, "template", a->text);
		buf_addc(b, '}');
		break;
	case HOW_SQL:
		buf_adds(b, ",\n" INDENT "     \"calculation\": {\"type\": \"case\", \"cases\": "
			 "[{\"when\": \"1 = 1\"");
		add_member(b, "then", a->text);
		buf_adds(b, "}]}");
		break;
	}
	if (a->why)
		add_member(b, "justification", a->why);
	buf_addc(b, '}');
}

static void add_attributes_of(struct buf *b, const struct draft_entity *e)
{
	size_t i;

	buf_adds(b, INDENT "  \"attributes\": [\n");
	for (i = 0; i < e->nattrs; i++) {
		buf_adds(b, i ? ",\n" : "");
		add_attribute(b, e, &e->attrs[i]);
	}
	buf_adds(b, "\n" INDENT "  ]");
}

static void add_indexes_of(struct buf *b, const struct draft_table *t)
{
	size_t i;

	buf_adds(b, ",\n      \"gsis\": [");
	for (i = 0; i < t->nindexes; i++) {
		buf_adds(b, i ? ",\n        {\"index_name\": " : "\n        {\"index_name\": ");
		buf_add_json(b, str_of(t->indexes[i].name));
		add_member(b, "pk", t->indexes[i].pk);
		add_member(b, "sk", t->indexes[i].sk);
		buf_adds(b, ", \"projection\": \"ALL\"}");
	}
	buf_adds(b, t->nindexes ? "\n      ],\n" : "],\n");
}

static void add_table(struct buf *b, const struct draft_table *t)
{
	size_t i;

	buf_adds(b, "    {\n      \"table\": ");
	buf_add_json(b, str_of(t->name));
	buf_adds(b, ",\n      \"type\": ");
	buf_adds(b, t->multi ? "\"multi-entity\"" : "\"single-entity\"");
	if (!t->multi)
		add_member(b, "source_table", t->entities[0].source->name);
	add_member(b, "pk", t->pk);
	add_member(b, "sk", t->sk);
	add_indexes_of(b, t);
	if (!t->multi) {
		add_attributes_of(b, &t->entities[0]);
		buf_adds(b, "\n    }");
		return;
	}
	buf_adds(b, "      \"entities\": [\n");
	for (i = 0; i < t->nentities; i++) {
		const struct draft_entity *e = &t->entities[i];

		buf_adds(b, i ? ",\n" INDENT "{\n" INDENT "  \"entity_type\": "
			      : INDENT "{\n" INDENT "  \"entity_type\": ");
		buf_add_json(b, str_of(e->name));
		add_member(b, "source_table", e->source->name);
		buf_adds(b, ",\n" INDENT "  \"pk_template\": ");
		buf_add_json(b, str_of(e->pk_template));
		add_member(b, "sk_template", e->sk_template);
		buf_adds(b, ",\n");
		add_attributes_of(b, e);
		buf_adds(b, "\n" INDENT "}");
	}
	buf_adds(b, "\n      ]\n    }");
}

void write_contract(const struct drafting *d, struct buf *out)
{
	size_t i;

	buf_adds(out, "{\n  \"_about\": ");
	buf_add_json(out, str_of(arena_printf(d->arena, "drafted by 'etl init' from database '%s'; "
					      "the README beside it says what was chosen and why",
					      d->facts->catalog->database)));
	buf_adds(out, ",\n  \"defaults\": {\"datetime_format\": \"iso8601\", \"nulls\": \"omit\", "
		 "\"empty_strings\": \"keep\", \"zero_dates\": \"keep\"},\n  \"tables\": [\n");
	for (i = 0; i < d->ntables; i++) {
		buf_adds(out, i ? ",\n" : "");
		add_table(out, &d->tables[i]);
	}
	buf_adds(out, "\n  ]\n}\n");
}

/* A name in Markdown's code marks; what would end them is left out. */
static const char *code(const struct drafting *d, const char *name)
{
	char *copy = arena_printf(d->arena, "`%s`", name), *p;

	for (p = copy + 1; *p && p[1]; p++)
		if (*p == '`' || (unsigned char)*p < ' ')
			*p = '\'';
	return copy;
}

static void describe_table(const struct drafting *d, const struct draft_table *t, struct buf *out)
{
	size_t i;

	buf_addf(out, "\n## %s\n\n", t->name);
	if (!t->multi)
		note(out, "From the table %s.", code(d, t->entities[0].source->name));
	note(out, "Partition key %s%s%s.", code(d, t->pk), t->sk ? ", sort key " : ", no sort key",
	     t->sk ? code(d, t->sk) : "");
	for (i = 0; i < t->nindexes; i++)
		note(out, "Index %s: partition key %s%s%s.", code(d, t->indexes[i].name),
		     code(d, t->indexes[i].pk), t->indexes[i].sk ? ", sort key " : "",
		     t->indexes[i].sk ? code(d, t->indexes[i].sk) : "");
	buf_addstr(out, buf_str(&t->notes));
	for (i = 0; i < t->nentities; i++) {
		const struct draft_entity *e = &t->entities[i];

		if (t->multi) {
			buf_addf(out, "\n### %s\n\n", e->name);
			note(out, "From the table %s.", code(d, e->source->name));
			note(out, "Key %s, %s.", code(d, e->pk_template), code(d, e->sk_template));
		}
		buf_addstr(out, buf_str(&e->notes));
	}
}

void write_readme(const struct drafting *d, struct buf *out)
{
	const struct catalog *c = d->facts->catalog;
	size_t i, k, views = 0;

	for (i = 0; i < c->ntables; i++)
		views += c->tables[i].is_view;
	buf_addf(out, "# The contract `%s`, and why it is so\n\n"
		 "Drafted by `etl init` from database %s (%s %s): %zu table%s of the source, %zu in "
		 "DynamoDB.\n\n```\n"
		 "etl check              what it means, what it costs, what is in doubt; changes nothing\n"
		 "etl views --sample 3   items as they will land\n"
		 "etl run                the migration, with its proof at the end\n```\n\n"
		 "It is a beginning: it moves every row and every column without loss. A design for "
		 "DynamoDB\nbegins with the questions that the application asks; keys, indexes and "
		 "copied attributes are\nchanged to answer them.\n\n",
		 d->options->contract_file, code(d, c->database),
		 c->flavour == SERVER_MARIADB ? "MariaDB" : "MySQL", c->version_text, d->nchosen,
		 d->nchosen == 1 ? "" : "s", d->ntables);
	buf_adds(out, "What holds for all of it:\n\n");
	note(out, "Numbers are N with all their digits; dates and times are ISO 8601 text, TIMESTAMP "
	     "in UTC; BLOB and BINARY are B; SET is SS; an empty set is left out, and so is NULL.");
	note(out, "`\"zero_dates\": \"keep\"` keeps 0000-00-00 as text, so that nothing is lost; "
	     "`\"null\"` leaves such dates out.");
	note(out, "Generated columns are data like any other.");
	if (views)
		note(out, "Views of the source are not moved (%zu).", views);
	for (i = 0, k = 0; i < c->ntables; i++)
		k += !c->tables[i].is_view;
	if (k > d->nchosen)
		note(out, "Tables that were not asked for: %zu.", k - d->nchosen);
	for (i = 0; i < d->ntables; i++)
		describe_table(d, &d->tables[i], out);
	/* names of the schema are anything; the file is read on terminals */
	for (i = 0; i < out->len; i++) {
		unsigned char byte = (unsigned char)out->ptr[i];

		if (i && (unsigned char)out->ptr[i - 1] == 0xc2 && byte >= 0x80 && byte <= 0x9f)
			out->ptr[i - 1] = out->ptr[i] = '?';
		else if (byte != '\n' && (byte < ' ' || byte == 0x7f))
			out->ptr[i] = '?';
	}
}
