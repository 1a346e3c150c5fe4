/*
 * A DynamoDB table for each table of the source. Its key is the row's: one column is the partition
 * key, a second one the sort key, more than two make "b#c". A foreign key becomes an index, unless
 * the table's own key begins with it, and the lookup of the parent's name.
 */
#include "draft/draft_priv.h"

#include <stdlib.h>
#include <strings.h>

void note(struct buf *notes, const char *fmt, ...)
{
	va_list ap;

	buf_adds(notes, "- ");
	va_start(ap, fmt);
	buf_vaddf(notes, fmt, ap);
	va_end(ap);
	buf_addc(notes, '\n');
}

struct draft_attr *add_attr(struct draft_entity *e, struct draft_attr a)
{
	e->attrs = mem_grow(e->attrs, &e->attrs_cap, e->nattrs + 1, sizeof(*e->attrs));
	e->attrs[e->nattrs] = a;
	return &e->attrs[e->nattrs++];
}

static void note_type(const struct drafting *d, struct draft_entity *e,
		      const struct cat_column *c, enum attr_type type)
{
	enum draft_seen seen = d->facts->seen[e->source - d->facts->catalog->tables]
					     [c - e->source->columns];

	if (c->kind == COL_JSON && type != ATTR_S)
		note(&e->notes, "`%s` is JSON and becomes %s (%s). A document of another kind is "
		     "rejected; `\"type\": \"S\"` keeps the text of any.", c->name,
		     type == ATTR_M ? "a map" : "a list", seen == SEEN_NOTHING ?
		     "there is no row to tell by" : "as all rows that were looked at are");
	else if (c->kind == COL_JSON)
		note(&e->notes, "`%s` is JSON of several kinds, so it stays text.", c->name);
	else if (type == ATTR_BOOL && c->tinyint1)
		note(&e->notes, "`%s` is `tinyint(1)`, taken for a truth value (%s). Where it may "
		     "hold other numbers, make it `\"type\": \"N\"`.", c->name,
		     seen == SEEN_NOTHING ? "there is no row to tell by" :
		     "all rows that were looked at hold 0 or 1");
	else if (c->tinyint1 && seen == SEEN_OTHER)
		note(&e->notes, "`%s` is `tinyint(1)`, but holds other numbers than 0 and 1: N.",
		     c->name);
	else if (type == ATTR_S && (c->kind == COL_DECIMAL || c->kind == COL_DOUBLE ||
				    c->kind == COL_FLOAT))
		note(&e->notes, "`%s` holds numbers that DynamoDB's N cannot (38 digits, up to "
		     "9.99E+125): its text is kept.", c->name);
	else if (c->kind == COL_SPATIAL)
		note(&e->notes, "`%s` is a geometry: its WKT text, without the SRID.", c->name);
	else if (c->kind == COL_BINARY && (strcasecmp(c->data_type, "mediumblob") == 0 ||
					   strcasecmp(c->data_type, "longblob") == 0))
		note(&e->notes, "`%s` may be larger than an item (400 KB): such rows are rejected. "
		     "Large objects belong in S3, with their address in the item.", c->name);
}

/* Rows without a key are told apart by all they hold. QUOTE writes NULL without quotes, so no two
 * different rows make one text. */
static const char *add_row_digest(struct drafting *d, struct draft_entity *e)
{
	const struct cat_table *t = e->source;
	const char *name = free_attr_name(d, e, "row_sha256");
	struct buf sql = { 0 };
	size_t i;

	buf_adds(&sql, "SHA2(CONCAT(");
	for (i = 0; i < t->ncolumns; i++) {
		const struct cat_column *c = &t->columns[i];

		buf_adds(&sql, i ? ", ',', QUOTE(" : "QUOTE(");
		/* as text, to which bytes are none */
		if (c->kind == COL_SPATIAL)
			buf_adds(&sql, "ST_ASTEXT(");
		else if (c->kind == COL_BINARY || c->kind == COL_BIT)
			buf_adds(&sql, "HEX(");
		add_sql_name(&sql, c->name);
		/* the server shows six digits of a FLOAT only */
		buf_adds(&sql, c->kind == COL_SPATIAL || c->kind == COL_BINARY ||
			 c->kind == COL_BIT ? "))" : c->kind == COL_FLOAT ? " * 1E0)" : ")");
	}
	buf_adds(&sql, "), 256)");
	add_attr(e, (struct draft_attr){
		.name = name, .type = ATTR_S, .column = &t->columns[0], .how = HOW_SQL,
		.text = arena_strdup(d->arena, buf_cstr(&sql)),
		.why = "the table has no key: rows are told apart by all they hold",
	});
	buf_release(&sql);
	note(&e->notes, "**The table has no primary key** and no unique key without NULLs. Its items "
	     "are keyed by a digest of the whole row, `%s`; rows that are equal in every column "
	     "are rejected (`KEY_DUPLICATE`). Better: give the table a key.", name);
	return name;
}

static void add_lookups(struct drafting *d, struct draft_entity *e)
{
	size_t i;

	for (i = 0; i < e->source->nforeign_keys; i++) {
		const struct cat_foreign_key *fk = &e->source->foreign_keys[i];
		const struct cat_column *label;
		const char *name;

		if (!refers_to_one_row(d, fk))
			continue;
		label = label_of(fk->target);
		if (!label)
			continue;
		name = free_attr_name(d, e, lookup_name(d, fk, label));
		add_attr(e, (struct draft_attr){
			.name = name, .type = ATTR_S, .column = fk->columns[0], .how = HOW_LOOKUP,
			.fk = fk, .text = label->name,
			.why = arena_printf(d->arena, "%s of %s, so that showing it takes no second "
					    "read", label->name, fk->target->name),
		});
		note(&e->notes, "`%s` is copied from `%s.%s` by the foreign key `%s`. A copy does "
		     "not follow later changes: leave it out where that matters.", name,
		     fk->target->name, label->name, fk->name);
	}
}

const char *add_attributes(struct drafting *d, struct draft_entity *e)
{
	const struct cat_table *t = e->source;
	const struct cat_column *const *key;
	const char *digest = NULL;
	size_t i;

	for (i = 0; i < t->ncolumns; i++) {
		const struct cat_column *c = &t->columns[i];
		enum attr_type type = type_of(d, t, c, is_key_column(t, c));

		add_attr(e, (struct draft_attr){ .name = c->name, .type = type, .column = c });
		note_type(d, e, c, type);
	}
	if (!key_of(t, &key))
		digest = add_row_digest(d, e);
	else if (!t->primary)
		note(&e->notes, "The table has no primary key; a unique key stands in for it.");
	add_lookups(d, e);
	return digest;
}

static const struct draft_attr *attr_of(const struct draft_entity *e, const struct cat_column *c)
{
	return &e->attrs[c - e->source->columns];
}

static const char *text_attr(struct drafting *d, struct draft_entity *e,
			     const struct cat_column *c)
{
	bool bytes = attr_of(e, c)->type == ATTR_B;
	enum how how = bytes ? HOW_HEX : HOW_COLUMN;
	size_t i;

	if (!bytes && !strpbrk(c->name, "{}"))
		return c->name;
	for (i = e->source->ncolumns; i < e->nattrs; i++)
		if (e->attrs[i].column == c && e->attrs[i].how == how)
			return e->attrs[i].name;
	return add_attr(e, (struct draft_attr){
		.name = free_attr_name(d, e, plain_name(d, arena_printf(d->arena, bytes ?
								"%s_hex" : "%s_text", c->name))),
		.type = ATTR_S, .column = c, .how = how,
		.why = "for the key, which is text",
	})->name;
}

void add_placeholders(struct drafting *d, struct draft_entity *e,
		      const struct cat_column *const *columns, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_addf(out, "%s{%s}", i ? "#" : "", text_attr(d, e, columns[i]));
}

const char *joined_key(struct drafting *d, const struct draft_entity *e,
		       const struct cat_column *const *columns, size_t n)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (attr_of(e, columns[i])->type == ATTR_B || strchr(columns[i]->name, '#'))
			return NULL;
		name = i ? arena_printf(d->arena, "%s#%s", name, columns[i]->name)
			 : columns[i]->name;
	}
	return strlen(name) <= 255 && strcmp(free_attr_name(d, e, name), name) == 0 ? name : NULL;
}

void add_index(struct drafting *d, struct draft_table *t, const char *pk, const char *sk)
{
	const char *name = plain_name(d, arena_printf(d->arena, "by_%s", pk));
	size_t i;

	for (i = 0; i < t->nindexes; i++) {
		if (strcmp(t->indexes[i].pk, pk) == 0)
			return;
		if (strcmp(t->indexes[i].name, name) == 0)
			name = arena_printf(d->arena, "%s_%zu", name, t->nindexes);
	}
	if (t->nindexes == MAX_GSIS) {
		note(&t->notes, "No index by `%s`: a table has %d at most.", pk, MAX_GSIS);
		return;
	}
	t->indexes[t->nindexes++] = (struct draft_index){ name, pk, sk };
}

/* Is the table's key asked by these columns anyhow? */
static bool begins_with(const struct cat_column *const *key, size_t n,
			const struct cat_foreign_key *fk)
{
	size_t i;

	for (i = 0; i < fk->ncolumns && i < n; i++)
		if (key[i] != fk->columns[i])
			return false;
	return fk->ncolumns <= n;
}

static void add_indexes(struct drafting *d, struct draft_table *t)
{
	const struct draft_entity *e = &t->entities[0];
	const struct cat_column *const *key;
	size_t i, n = key_of(e->source, &key);

	for (i = 0; i < e->source->nforeign_keys; i++) {
		const struct cat_foreign_key *fk = &e->source->foreign_keys[i];
		const char *pk = fk->ncolumns == 1 ? fk->columns[0]->name :
			joined_key(d, e, (const struct cat_column *const *)fk->columns,
				   fk->ncolumns);

		if (pk && !begins_with(key, n, fk))
			add_index(d, t, pk, strcmp(pk, t->pk) ? t->pk : t->sk);
	}
	if (t->nindexes)
		note(&t->notes, "Each foreign key that the table's key does not begin with has an "
		     "index, which holds whole items and so doubles what a write costs: leave out "
		     "those that no access pattern needs.");
}

static void draft_table(struct drafting *d, const struct cat_table *source)
{
	struct draft_table *t = &d->tables[d->ntables++];
	const struct cat_column *const *key;
	struct draft_entity *e;
	const char *digest, *name = plain_name(d, source->name);
	size_t i, n = key_of(source, &key);

	/* view names are in lower case, so names that differ in case only would be one */
	for (i = 0; i + 1 < d->ntables; i++)
		if (strcasecmp(d->tables[i].name, name) == 0)
			name = arena_printf(d->arena, "%s-%zu", name, d->ntables);
	t->name = name;
	t->nentities = 1;
	t->entities = e = arena_alloc(d->arena, sizeof(*e));
	e->source = source;
	e->name = name;
	digest = add_attributes(d, e);
	t->pk = digest ? digest : key[0]->name;
	if (n == 2)
		t->sk = key[1]->name;
	if (n > 2)
		t->sk = joined_key(d, e, key + 1, n - 1);
	if (n > 2 && !t->sk) {
		struct buf text = { 0 };

		add_placeholders(d, e, key + 1, n - 1, &text);
		t->sk = free_attr_name(d, e, "sort_key");
		add_attr(e, (struct draft_attr){
			.name = t->sk, .type = ATTR_S, .column = key[1], .how = HOW_TEMPLATE,
			.text = arena_strdup(d->arena, buf_cstr(&text)),
			.why = "the rest of the primary key",
		});
		buf_release(&text);
	}
	add_indexes(d, t);
}

static int choose_tables(struct drafting *d, struct etl_err *err)
{
	const struct catalog *c = d->facts->catalog;
	const struct draft_options *o = d->options;
	size_t i, k;

	d->chosen = arena_alloc(d->arena, (c->ntables + 1) * sizeof(*d->chosen));
	for (k = 0; k < o->ntables; k++) {
		const struct cat_table *t = catalog_table(c, o->tables[k], strlen(o->tables[k]));

		if (!t)
			return etl_err_set(err, ETL_EUSAGE, "'--table': there is no table '%s' in "
					   "database '%s'", o->tables[k], c->database);
		if (t->is_view)
			return etl_err_set(err, ETL_EUSAGE, "'--table': '%s' is a view; a contract "
					   "for it is written by hand", o->tables[k]);
	}
	for (i = 0; i < c->ntables; i++) {
		bool chosen = !o->ntables && !c->tables[i].is_view;

		for (k = 0; k < o->ntables; k++)
			chosen |= catalog_table(c, o->tables[k], strlen(o->tables[k])) ==
				  &c->tables[i];
		if (chosen && c->tables[i].ncolumns)
			d->chosen[d->nchosen++] = &c->tables[i];
	}
	if (d->nchosen)
		return 0;
	etl_err_set(err, ETL_ESOURCE, "database '%s' has no table that this account can see",
		    c->database);
	etl_err_hint(err, "is it the right database, and has the account SELECT on it?");
	return -ETL_ESOURCE;
}

int draft_make(const struct draft_facts *facts, const struct draft_options *options,
	       struct draft *out, struct etl_err *err)
{
	struct drafting d = { .facts = facts, .options = options, .arena = arena_new() };
	size_t i, k;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = choose_tables(&d, err);
	d.tables = arena_alloc(d.arena, (d.nchosen + 1) * sizeof(*d.tables));
	if (!rc && options->single_table)
		draft_single_table(&d);
	for (i = 0; i < d.nchosen && !rc && !options->single_table; i++)
		draft_table(&d, d.chosen[i]);
	if (!rc) {
		write_contract(&d, &out->contract);
		write_readme(&d, &out->readme);
		out->ntables = d.ntables;
		out->nentities = d.nchosen;
	}
	for (i = 0; i < d.ntables; i++) {
		for (k = 0; k < d.tables[i].nentities; k++) {
			free(d.tables[i].entities[k].attrs);
			buf_release(&d.tables[i].entities[k].notes);
		}
		buf_release(&d.tables[i].notes);
	}
	arena_free(d.arena);
	return rc;
}

void draft_release(struct draft *d)
{
	buf_release(&d->contract);
	buf_release(&d->readme);
}
