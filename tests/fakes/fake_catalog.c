#include "fakes/fake_catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TABLES 20
#define MAX_COLUMNS 60
#define MAX_KEYS 20

struct pending_fk {
	struct cat_table *table;
	const struct cat_column *column;
	char target[64], target_column[64];
};

struct maker {
	struct catalog *c;
	struct cat_table *t;
	struct pending_fk fks[50];
	size_t nfks;
};

static void die(const char *what, const char *line)
{
	fprintf(stderr, "fake_catalog: %s in '%s'\n", what, line);
	abort();
}

static const struct { const char *name; enum col_kind kind; } kinds[] = {
	{ "tinyint", COL_INT }, { "smallint", COL_INT }, { "mediumint", COL_INT }, { "int", COL_INT },
	{ "bigint", COL_INT }, { "decimal", COL_DECIMAL }, { "float", COL_FLOAT },
	{ "double", COL_DOUBLE }, { "bit", COL_BIT }, { "year", COL_YEAR },
	{ "datetime", COL_DATETIME }, { "date", COL_DATE }, { "timestamp", COL_TIMESTAMP },
	{ "time", COL_TIME }, { "varchar", COL_TEXT }, { "char", COL_TEXT }, { "text", COL_TEXT },
	{ "mediumtext", COL_TEXT }, { "longtext", COL_TEXT },
	{ "varbinary", COL_BINARY }, { "binary", COL_BINARY }, { "blob", COL_BINARY },
	{ "enum", COL_ENUM }, { "set", COL_SET }, { "json", COL_JSON },
	{ "geometry", COL_SPATIAL },
	{ "point", COL_SPATIAL }, { "multipoint", COL_SPATIAL } };

static struct cat_column *column(struct maker *m, const char *name)
{
	return (struct cat_column *)cat_table_column(m->t, name, strlen(name));
}

static void add_key(struct maker *m, const char *name, bool unique, const char *const *names,
		    size_t n)
{
	struct cat_key *k = &m->t->keys[m->t->nkeys++];

	k->name = arena_strdup(m->c->arena, name);
	k->unique = unique;
	k->ncolumns = n;
	k->columns = arena_alloc(m->c->arena, n * sizeof(*k->columns));
	for (size_t i = 0; i < n; i++)
		if (!(k->columns[i] = column(m, names[i])))
			die("unknown column", names[i]);
	if (!strcmp(name, "PRIMARY"))
		m->t->primary = k;
}

static void set_type(struct maker *m, struct cat_column *c, const char *type)
{
	size_t n = strcspn(type, "("), k = 0, all = sizeof(kinds) / sizeof(*kinds);
	const char *args = type[n] ? type + n + 1 : "";

	while (k < all && (strlen(kinds[k].name) != n || strncmp(kinds[k].name, type, n)))
		k++;
	if (k == all)
		die("unknown type", type);
	c->kind = kinds[k].kind;
	c->column_type = arena_strdup(m->c->arena, type);
	c->data_type = arena_strndup(m->c->arena, type, n);
	c->tinyint1 = !strcmp(type, "tinyint(1)");
	if (c->kind == COL_DECIMAL)
		sscanf(args, "%u,%u", &c->precision, &c->scale);
	else if (c->kind == COL_TIME || c->kind == COL_DATETIME || c->kind == COL_TIMESTAMP)
		c->fsp = (unsigned)atoi(args);
	else if (c->kind == COL_BIT)
		c->precision = *args ? (unsigned)atoi(args) : 1;
	if (c->kind == COL_TEXT || c->kind == COL_ENUM || c->kind == COL_SET) {
		c->charset = "utf8mb4";
		c->collation = "utf8mb4_general_ci";
	}
}

/* The next word of *line, backticks removed; NULL at the end. */
static char *word(char **line)
{
	char *p = *line + strspn(*line, " \t"), *end;

	if (!*p)
		return NULL;
	if (*p == '`') {
		char *to = ++p;
		for (end = p; *end && (*end != '`' || end[1] == '`'); end++)
			*to++ = *end == '`' ? *end++ : *end;
		*line = *end ? end + 1 : end;
		*to = '\0';
		return p;
	}
	end = p + strcspn(p, " \t");
	*line = *end ? end + 1 : end;
	*end = '\0';
	return p;
}

static void add_column(struct maker *m, char *name, char *rest)
{
	struct arena *a = m->c->arena;
	struct cat_column *c = &m->t->columns[m->t->ncolumns++];
	const char *names[1] = { c->name = arena_strdup(a, name) };
	char *w = word(&rest);

	if (!w)
		die("no type", name);
	set_type(m, c, w);
	while ((w = word(&rest))) {
		if (!strcmp(w, "pk"))
			add_key(m, "PRIMARY", true, names, 1);
		else if (!strcmp(w, "unique"))
			add_key(m, name, true, names, 1);
		else if (!strcmp(w, "index"))
			add_key(m, name, false, names, 1);
		else if (!strcmp(w, "null"))
			c->nullable = true;
		else if (!strcmp(w, "unsigned"))
			c->is_unsigned = true;
		else if (!strcmp(w, "zerofill"))
			c->zerofill = true;
		else if (!strcmp(w, "charset"))
			c->charset = arena_strdup(a, word(&rest));
		else if (!strcmp(w, "collate"))
			c->collation = arena_strdup(a, word(&rest));
		else if (!strcmp(w, "fk")) {
			struct pending_fk *f = &m->fks[m->nfks++];
			f->table = m->t;
			f->column = c;
			if (sscanf(word(&rest), "%63[^.].%63s", f->target, f->target_column) != 2)
				die("fk wants table.column", name);
			add_key(m, name, false, names, 1);
		} else {
			die("unknown word", w);
		}
	}
}

static void add_line(struct maker *m, char *line)
{
	struct arena *a = m->c->arena;
	char *first = word(&line);
	const char *names[8];
	size_t n = 0;

	if (!first || *first == '#')
		return;
	if (!strcmp(first, "table")) {
		m->t = &m->c->tables[m->c->ntables++];
		m->t->name = arena_strdup(a, word(&line));
		m->t->columns = arena_alloc(a, MAX_COLUMNS * sizeof(*m->t->columns));
		m->t->keys = arena_alloc(a, MAX_KEYS * sizeof(*m->t->keys));
		m->t->rows_estimate = 1000;
		return;
	}
	bool pk = !strcmp(first, "pk"), unique = !strcmp(first, "unique");
	if (!pk && !unique && strcmp(first, "key")) {
		add_column(m, first, line);
		return;
	}
	for (char *w; n < 8 && (w = word(&line)); n++)
		names[n] = w;
	add_key(m, pk ? "PRIMARY" : names[0], pk || unique, names, n);
}

struct catalog *fake_catalog(const char *text, enum server_flavour flavour)
{
	struct maker m = { .c = mem_zalloc(sizeof(*m.c)) };
	char *copy = mem_strdup(text), *save = copy;

	m.c->arena = arena_new();
	m.c->flavour = flavour;
	m.c->version = flavour == SERVER_MARIADB ? 101106 : 90704;
	m.c->version_text = "fake";
	m.c->server_id_text = "fake";
	m.c->database = "shop";
	m.c->tables = arena_alloc(m.c->arena, MAX_TABLES * sizeof(*m.c->tables));
	for (char *line; (line = strsep(&copy, "\n"));)
		add_line(&m, line);
	free(save);
	for (size_t i = 0; i < m.nfks; i++) {
		struct pending_fk *f = &m.fks[i];
		struct cat_foreign_key *list = arena_alloc(m.c->arena,
			(f->table->nforeign_keys + 1) * sizeof(*list));
		if (f->table->nforeign_keys)
			memcpy(list, f->table->foreign_keys, f->table->nforeign_keys * sizeof(*list));
		struct cat_foreign_key *fk = &list[f->table->nforeign_keys++];
		fk->name = "fk";
		fk->ncolumns = 1;
		fk->columns = arena_alloc(m.c->arena, sizeof(*fk->columns));
		fk->columns[0] = f->column;
		fk->target = catalog_table(m.c, f->target, strlen(f->target));
		const char **names = arena_alloc(m.c->arena, sizeof(*names));
		names[0] = arena_strdup(m.c->arena, f->target_column);
		fk->target_columns = names;
		f->table->foreign_keys = list;
	}
	return m.c;
}
