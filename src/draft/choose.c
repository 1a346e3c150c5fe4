/* Keys, types, labels and names that a catalogue suggests. */
#include "draft/draft_priv.h"

#include <stdio.h>
#include <strings.h>

/* DynamoDB keeps 38 digits of a number. */
#define MAX_DIGITS 38
#define NAME_MAX_BYTES 200	/* leaves room for a --table-prefix within DynamoDB's 255 */

size_t key_of(const struct cat_table *t, const struct cat_column *const **columns)
{
	const struct cat_key *best = t->primary;
	size_t i, k;

	for (i = 0; i < t->nkeys && !t->primary; i++) {
		const struct cat_key *key = &t->keys[i];
		bool fits = key->unique && !key->prefixed;

		for (k = 0; fits && k < key->ncolumns; k++)
			fits = !key->columns[k]->nullable;
		if (fits && (!best || key->ncolumns < best->ncolumns))
			best = key;
	}
	*columns = best ? (const struct cat_column *const *)best->columns : NULL;
	return best ? best->ncolumns : 0;
}

bool is_key_column(const struct cat_table *t, const struct cat_column *c)
{
	const struct cat_column *const *key;
	size_t i, k, n = key_of(t, &key);

	for (i = 0; i < n; i++)
		if (key[i] == c)
			return true;
	for (i = 0; i < t->nforeign_keys; i++)
		for (k = 0; k < t->foreign_keys[i].ncolumns; k++)
			if (t->foreign_keys[i].columns[k] == c)
				return true;
	return false;
}

static enum draft_seen seen_of(const struct drafting *d, const struct cat_table *t,
			       const struct cat_column *c)
{
	return d->facts->seen[t - d->facts->catalog->tables][c - t->columns];
}

enum attr_type type_of(const struct drafting *d, const struct cat_table *t,
		       const struct cat_column *c, bool as_key)
{
	enum draft_seen seen = seen_of(d, t, c);

	switch (c->kind) {
	case COL_INT:
		return !as_key && c->tinyint1 && seen != SEEN_OTHER ? ATTR_BOOL : ATTR_N;
	case COL_DECIMAL:
		return c->precision <= MAX_DIGITS ? ATTR_N : ATTR_S;
	case COL_FLOAT: case COL_DOUBLE:
		return seen == SEEN_OTHER ? ATTR_S : ATTR_N;
	case COL_BIT:
		return !as_key && c->precision == 1 ? ATTR_BOOL : ATTR_N;
	case COL_YEAR:
		return ATTR_N;
	case COL_BINARY:
		return ATTR_B;
	case COL_SET:
		return as_key ? ATTR_S : ATTR_SS;
	case COL_JSON:
		if (as_key || seen == SEEN_OTHER)
			return ATTR_S;
		return seen == SEEN_ARRAYS ? ATTR_L : ATTR_M;
	case COL_DATE: case COL_TIME: case COL_DATETIME: case COL_TIMESTAMP: case COL_TEXT:
	case COL_ENUM: case COL_SPATIAL:
		break;
	}
	return ATTR_S;
}

bool refers_to_one_row(const struct drafting *d, const struct cat_foreign_key *fk)
{
	const struct cat_table *t = fk->target;
	bool chosen = false, unique = false;
	size_t i, k, m;

	for (i = 0; i < d->facts->catalog->ntables; i++)
		chosen |= &d->facts->catalog->tables[i] == t;
	if (!chosen)
		return false;
	for (i = 0; i < t->nkeys && !unique; i++) {
		const struct cat_key *key = &t->keys[i];
		size_t found = 0;

		for (k = 0; k < key->ncolumns; k++)
			for (m = 0; m < fk->ncolumns; m++)
				found += strcasecmp(key->columns[k]->name,
						    fk->target_columns[m]) == 0;
		unique = key->unique && !key->prefixed && found == key->ncolumns;
	}
	return unique;
}

/* "name" of "customers": 3; "customer_name": 2; ...; 0: no label. */
static int label_rank(const struct cat_table *t, const struct cat_column *c)
{
	static const char *const names[] = {
		"code", "short_name", "first_name", "last_name", "full_name", "display_name",
		"label", "title", "name", NULL
	};
	size_t n = strlen(c->name), table = strlen(t->name);
	int i;

	if (c->kind != COL_TEXT || c->max_chars > 255)
		return 0;
	for (i = 0; names[i]; i++)
		if (strcasecmp(c->name, names[i]) == 0)
			return i + 2;
	/* country.country, categories.category_name */
	if (strcasecmp(c->name, t->name) == 0 ||
	    (table == n + 1 && strncasecmp(c->name, t->name, n) == 0))
		return i + 2;
	return n > 5 && strcasecmp(c->name + n - 5, "_name") == 0 ? 1 : 0;
}

const struct cat_column *label_of(const struct cat_table *t)
{
	const struct cat_column *best = NULL;
	int best_rank = 0;
	size_t i;

	for (i = 0; i < t->ncolumns; i++) {
		int rank = label_rank(t, &t->columns[i]);

		if (rank > best_rank) {
			best = &t->columns[i];
			best_rank = rank;
		}
	}
	return best;
}

const char *lookup_name(struct drafting *d, const struct cat_foreign_key *fk,
			const struct cat_column *label)
{
	const char *column = fk->columns[fk->ncolumns - 1]->name;
	size_t n = strlen(column);

	if (n > 3 && (strcasecmp(column + n - 3, "_id") == 0 ||
		      strcasecmp(column + n - 3, "_no") == 0))
		n -= 3;
	else if (n > 2 && strcmp(column + n - 2, "Id") == 0)
		n -= 2;
	/* country_id and country.country make "country" */
	if (n == strlen(label->name) && strncasecmp(column, label->name, n) == 0)
		return n == strlen(column) ? arena_printf(d->arena, "%s_text", column)
					   : arena_strndup(d->arena, column, n);
	return strncasecmp(label->name, column, n) == 0 && label->name[n] == '_'
		? arena_strdup(d->arena, label->name)
		: arena_printf(d->arena, "%.*s_%s", (int)n, column, label->name);
}

const char *plain_name(struct drafting *d, const char *text)
{
	struct buf b = { 0 };
	const char *name;

	for (; *text && b.len < NAME_MAX_BYTES; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';

		/* of a character of several bytes the first stands for all */
		if (plain)
			buf_addc(&b, (char)c);
		else if ((c & 0xc0) != 0x80)
			buf_addc(&b, '_');
	}
	while (b.len < 3)
		buf_addc(&b, '_');
	name = arena_strndup(d->arena, b.ptr, b.len);
	buf_release(&b);
	return name;
}

static bool is_taken(const struct draft_entity *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->nattrs; i++)
		if (strcasecmp(e->attrs[i].name, name) == 0)
			return true;
	for (i = 0; i < e->source->ncolumns; i++)
		if (strcasecmp(e->source->columns[i].name, name) == 0)
			return true;
	return false;
}

const char *free_attr_name(struct drafting *d, const struct draft_entity *e, const char *name)
{
	const char *tried = name;
	unsigned n;

	for (n = 2; is_taken(e, tried); n++)
		tried = arena_printf(d->arena, "%s_%u", name, n);
	return tried;
}

void add_ident(struct buf *b, const char *name)
{
	buf_addc(b, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_addc(b, '`');
		buf_addc(b, *name);
	}
	buf_addc(b, '`');
}

void add_sql_name(struct buf *b, const char *name)
{
	/* what the language of fragments, or SQL in its place, takes for something else */
	static const char *const words[] = {
		"all", "and", "as", "asc", "between", "binary", "by", "case", "cast", "collate",
		"convert", "current_date", "current_time", "current_timestamp", "date", "desc",
		"distinct", "div", "else", "end", "escape", "exists", "false", "from", "if", "in",
		"interval", "is", "like", "limit", "mod", "not", "null", "on", "or", "order",
		"regexp", "rlike", "select", "sounds", "then", "time", "timestamp", "true",
		"unknown", "when", "where", "xor", NULL
	};
	bool plain = !(*name >= '0' && *name <= '9') && *name;
	const char *p;
	size_t i;

	for (p = name; *p; p++)
		plain = plain && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
				  (*p >= '0' && *p <= '9') || *p == '_');
	for (i = 0; words[i]; i++)
		plain = plain && strcasecmp(name, words[i]) != 0;
	if (plain) {
		buf_adds(b, name);
		return;
	}
	add_ident(b, name);
}
