/*
 * The statements. An entity's view holds a column for each attribute, then the source's primary
 * key as bare columns, so that a range of it reaches the key's index, and last a column named after
 * the digest of all that, by which a reader knows the view from another run's. The table's view
 * shows the items of all entities; there numbers are text, or UNION would give them one another's
 * decimals. Both views hold their digest in their stored definition, so that one that is there
 * already need not be made again.
 */
#include "plan/plan_priv.h"

#include <ctype.h>

#include "base/digest.h"
#include "base/utf8.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

#define COLUMN_MAX_CHARS 64

static bool continuation(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

static size_t char_count(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !continuation(*s);
	return n;
}

/* May the server take the two for one column name? It ignores case and accents: any character
 * beyond ASCII is taken to be equal to any other. */
static bool may_collide(const char *a, const char *b)
{
	while (*a && *b) {
		bool x = (unsigned char)*a >= 0x80, y = (unsigned char)*b >= 0x80;
		if (!x && !y && tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		do a++; while (*a && continuation(*a));
		do b++; while (*b && continuation(*b));
	}
	return !*a && !*b;
}

/* A name that a view column can have: at most 64 characters, none beyond the basic plane, no
 * space at the end. */
static bool usable(const char *s)
{
	size_t len = strlen(s);

	if (!len || char_count(s) > COLUMN_MAX_CHARS || isspace((unsigned char)s[len - 1]))
		return false;
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c >= 0xf0)
			return false;
	return true;
}

static const char *hashed_name(struct plan_ctx *p, const char *name)
{
	char hex[65];
	struct buf b = { 0 };
	size_t chars = 0;

	sha256_hex(name, strlen(name), hex);
	for (const char *c = name; *c && chars < 50; c++) {
		if ((unsigned char)*c >= 0xf0 || isspace((unsigned char)*c)) {
			buf_addc(&b, '_');
			chars++;
			while (continuation(c[1]))
				c++;
			continue;
		}
		chars += !continuation(*c);
		buf_addc(&b, *c);
		while (continuation(c[1]))
			buf_addc(&b, *++c);
	}
	buf_addf(&b, "~%.8s", hex);
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

struct name_map {
	size_t n;
	const char **attr, **column;
};

static const char *column_of(struct plan_ctx *p, struct name_map *m, const char *attr)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->attr[i], attr))
			return m->column[i];
	bool plain = usable(attr) && strncmp(attr, "__pk_", 5) && strncmp(attr, "__plan_", 7);
	for (size_t i = 0; plain && i < m->n; i++)
		plain = !may_collide(m->column[i], attr);
	m->attr[m->n] = attr;
	m->column[m->n] = plain ? attr : hashed_name(p, attr);
	return m->column[m->n++];
}

void name_columns(struct plan_ctx *p, struct plan_table *t)
{
	size_t max = 0;
	struct name_map m = { 0 };

	for (size_t i = 0; i < t->nentities; i++)
		max += t->entities[i].shape.nattrs;
	m.attr = arena_alloc(p->arena, (max + 1) * sizeof(*m.attr));
	m.column = arena_alloc(p->arena, (max + 1) * sizeof(*m.column));
	for (size_t i = 0; i < t->nentities; i++) {
		struct plan_entity *e = &t->entities[i];
		const char **names = arena_alloc(p->arena, (e->shape.nattrs + 1) * sizeof(*names));
		const char **pks = arena_alloc(p->arena, (e->shape.npk_columns + 1) * sizeof(*pks));
		for (size_t k = 0; k < e->shape.nattrs; k++)
			names[k] = column_of(p, &m, e->shape.attrs[k].name);
		for (size_t k = 0; k < e->shape.npk_columns; k++)
			pks[k] = P("__pk_%zu", k + 1);
		e->source.view_columns = names;
		e->source.pk_view_columns = pks;
	}
}

/* Comment text of one line: the contract's words may hold anything. */
static void add_comment(struct buf *b, const char *label, const char *text)
{
	buf_addf(b, "-- %s", label);
	buf_add_printable(b, str_of(text));
	buf_addc(b, '\n');
}

/* A UNION is never merged: the server would warn if asked to. */
static void begin_view(struct plan_ctx *p, struct buf *b, const char *view, const char *what,
		       bool merge)
{
	add_comment(b, "", what);
	add_comment(b, "contract: ", p->contract->file);
	add_comment(b, "sha256: ", p->contract->digest);
	buf_adds(b, "-- read by hand: SET SESSION group_concat_max_len = 1073741824, "
		    "time_zone = '+00:00' first\n");
	buf_addf(b, "CREATE OR REPLACE%s SQL SECURITY INVOKER VIEW %s AS\n",
		 merge ? " ALGORITHM = MERGE" : "", sql_ident(p->arena, str_of(view)));
}

static bool names(struct plan_ctx *p, const char *sql, const char *name)
{
	return strstr(sql, sql_ident(p->arena, str_of(name))) != NULL;
}

/* The same SQL over a column of another type gives other values. Every name that stands in it is
 * taken for a name of each table that does: too much makes a digest change too soon, no more. */
static void digest_entity(struct plan_ctx *p, struct plan_entity *e)
{
	struct buf b = { 0 };

	buf_adds(&b, e->select_sql);
	for (size_t i = 0; i < p->catalog->ntables; i++) {
		const struct cat_table *t = &p->catalog->tables[i];
		if (!names(p, e->select_sql, t->name))
			continue;
		for (size_t k = 0; k < t->ncolumns; k++) {
			const struct cat_column *c = &t->columns[k];
			if (names(p, e->select_sql, c->name))
				buf_addf(&b, "\n%s.%s %s %s", t->name, c->name, c->column_type,
					 c->collation ? c->collation : "");
		}
	}
	sha256_hex(b.ptr, b.len, e->view_digest);
	buf_release(&b);
}

static void write_entity_view(struct plan_ctx *p, struct plan_entity *e)
{
	struct buf b = { 0 }, select = { 0 };
	const char *sep = "SELECT\n  ";

	for (size_t i = 0; i < e->shape.nattrs; i++, sep = ",\n  ")
		buf_addf(&select, "%s%s AS %s", sep, e->column_sql[i],
			 sql_ident(p->arena, str_of(e->source.view_columns[i])));
	for (size_t i = 0; i < e->shape.npk_columns; i++, sep = ",\n  ")
		buf_addf(&select, "%s`src`.%s AS %s", sep,
			 sql_ident(p->arena, str_of(e->shape.pk_columns[i])),
			 sql_ident(p->arena, str_of(e->source.pk_view_columns[i])));
	size_t columns = select.len;
	buf_addf(&select, "\n%s", e->from_sql);
	e->select_sql = arena_strndup(p->arena, select.ptr, select.len);
	/* as from_sql ends */
	e->select_from = arena_strndup(p->arena, select.ptr, select.len - (e->source.where_sql ?
				       strlen("\nWHERE ") + strlen(e->source.where_sql) : 0));
	digest_entity(p, e);
	e->source.plan_column = P("__plan_%.16s", e->view_digest);
	begin_view(p, &b, e->source.view, P("items of entity '%s' of DynamoDB table '%s'",
					     e->shape.entity, e->shape.table), true);
	buf_addf(&b, "%.*s,\n  1 AS `%s`%s", (int)columns, select.ptr, e->source.plan_column,
		 select.ptr + columns);
	e->view_sql = arena_strndup(p->arena, b.ptr, b.len);
	e->view_marker = e->source.plan_column;
	buf_release(&b);
	buf_release(&select);
}

/* Column of an attribute in one branch of the table's view. */
static void add_branch_column(struct plan_ctx *p, struct buf *b, const struct plan_entity *e,
			      const char *attr, const char *column, bool convert)
{
	const char *c = sql_ident(p->arena, str_of(column));

	for (size_t i = 0; i < e->shape.nattrs; i++) {
		if (strcmp(e->shape.attrs[i].name, attr))
			continue;
		enum attr_type type = e->shape.attrs[i].type;
		if (!convert || type == ATTR_B)
			buf_addf(b, "%s AS %s", c, c);
		else
			buf_addf(b, "CONVERT(%s USING utf8mb4) COLLATE utf8mb4_bin AS %s", c, c);
		return;
	}
	buf_addf(b, "NULL AS %s", c);
}

/* A column would be seen by whoever looks at the items: the digest is the alias of what the view is
 * made of. 'marks': where each entity's view is named. */
static const char *mark_table_view(struct plan_ctx *p, struct plan_table *t, const struct buf *b,
				   const size_t *marks)
{
	struct buf out = { 0 }, all = { 0 };
	char digest[65];
	size_t from = 0;

	buf_addstr(&all, buf_str(b));
	for (size_t i = 0; i < t->nentities; i++)
		buf_addf(&all, "\n%s", t->entities[i].view_digest);
	sha256_hex(all.ptr, all.len, digest);
	t->view_marker = P("plan_%.16s", digest);
	for (size_t i = 0; i < t->nentities; i++) {
		buf_addf(&out, "%.*s AS `%s`", (int)(marks[i] - from), b->ptr + from,
			 t->view_marker);
		from = marks[i];
	}
	const char *sql = arena_strndup(p->arena, out.ptr, out.len);
	buf_release(&out);
	buf_release(&all);
	return sql;
}

void write_views(struct plan_ctx *p, struct plan_table *t)
{
	struct buf b = { 0 };
	size_t max = 0, n = 0;
	size_t *marks = arena_alloc(p->arena, (t->nentities + 1) * sizeof(*marks));

	for (size_t i = 0; i < t->nentities; i++) {
		write_entity_view(p, &t->entities[i]);
		max += t->entities[i].shape.nattrs;
	}
	const char **attrs = arena_alloc(p->arena, (max + 1) * sizeof(*attrs));
	const char **columns = arena_alloc(p->arena, (max + 1) * sizeof(*columns));
	for (size_t i = 0; i < t->nentities; i++)
		for (size_t k = 0; k < t->entities[i].shape.nattrs; k++) {
			const char *name = t->entities[i].shape.attrs[k].name;
			bool seen = false;
			for (size_t j = 0; j < n; j++)
				seen |= !strcmp(attrs[j], name);
			if (seen)
				continue;
			attrs[n] = name;
			columns[n++] = t->entities[i].source.view_columns[k];
		}
	begin_view(p, &b, t->view, P("items of DynamoDB table '%s'", t->def.name),
		   t->nentities == 1);
	for (size_t i = 0; i < t->nentities; i++) {
		buf_adds(&b, i ? "\nUNION ALL\nSELECT\n  " : "SELECT\n  ");
		for (size_t k = 0; k < n; k++) {
			if (k)
				buf_adds(&b, ",\n  ");
			add_branch_column(p, &b, &t->entities[i], attrs[k], columns[k],
					  t->nentities > 1);
		}
		buf_addf(&b, "\nFROM %s", sql_ident(p->arena, str_of(t->entities[i].source.view)));
		marks[i] = b.len;
	}
	t->view_sql = mark_table_view(p, t, &b, marks);
	buf_release(&b);
}
