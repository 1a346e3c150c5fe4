/* What some rows tell that the catalogue does not. */
#include "draft/draft_priv.h"

#include <stdlib.h>

/* A deeper document is no M and no L: DynamoDB nests 32 levels, and the attribute counts. */
#define MAX_DEPTH 31

struct draft_facts *draft_facts_new(const struct catalog *c)
{
	struct draft_facts *f = mem_zalloc(sizeof(*f));
	size_t i;

	f->catalog = c;
	f->seen = mem_array(c->ntables + 1, sizeof(*f->seen));
	for (i = 0; i < c->ntables; i++)
		f->seen[i] = mem_array(c->tables[i].ncolumns + 1, sizeof(*f->seen[i]));
	return f;
}

void draft_facts_free(struct draft_facts *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->catalog->ntables; i++)
		free(f->seen[i]);
	free(f->seen);
	free(f);
}

static bool is_asked(const struct cat_column *c)
{
	return c->tinyint1 || c->kind == COL_JSON || c->kind == COL_FLOAT || c->kind == COL_DOUBLE;
}

static void add_ask(struct buf *sql, const char *before, const char *column, const char *after)
{
	buf_adds(sql, before);
	add_ident(sql, column);
	buf_adds(sql, after);
}

/* Each column gives three numbers: the values, and those of the first and of the second kind. */
static void add_questions(struct buf *sql, const struct cat_column *c)
{
	add_ask(sql, "COUNT(", c->name, "), ");
	if (c->kind == COL_JSON) {
		add_ask(sql, "SUM(JSON_TYPE(", c->name, ") = 'OBJECT'");
		add_ask(sql, " AND JSON_DEPTH(", c->name, ") <= ");
		buf_addf(sql, "%d), ", MAX_DEPTH);
		add_ask(sql, "SUM(JSON_TYPE(", c->name, ") = 'ARRAY'");
		add_ask(sql, " AND JSON_DEPTH(", c->name, ") <= ");
		buf_addf(sql, "%d)", MAX_DEPTH);
	} else if (c->tinyint1) {
		add_ask(sql, "SUM(", c->name, " IN (0, 1)), 0");
	} else {
		add_ask(sql, "SUM(", c->name, " = 0");
		add_ask(sql, " OR (ABS(", c->name, ") >= 1e-130");
		add_ask(sql, " AND ABS(", c->name, ") < 1e126)), 0");
	}
}

bool draft_question(const struct cat_table *t, struct buf *sql)
{
	size_t i, n = 0;

	buf_reset(sql);
	buf_adds(sql, "SELECT ");
	for (i = 0; i < t->ncolumns; i++)
		if (is_asked(&t->columns[i])) {
			buf_adds(sql, n++ ? ", " : "");
			add_questions(sql, &t->columns[i]);
		}
	if (!n)
		return false;
	buf_adds(sql, " FROM (SELECT ");
	for (i = 0, n = 0; i < t->ncolumns; i++)
		if (is_asked(&t->columns[i]))
			add_ask(sql, n++ ? ", " : "", t->columns[i].name, "");
	add_ask(sql, " FROM ", t->name, "");
	buf_addf(sql, " LIMIT %d) AS some_rows", DRAFT_LOOK_ROWS);
	return true;
}

static unsigned long number(const struct field *f)
{
	char text[32] = "";

	if (!f->ptr || f->len >= sizeof(text))
		return 0;
	memcpy(text, f->ptr, f->len);
	return strtoul(text, NULL, 10);
}

void draft_answer(struct draft_facts *f, const struct cat_table *t, const struct row *row)
{
	enum draft_seen *seen = f->seen[t - f->catalog->tables];
	size_t i, at = 0;

	for (i = 0; i < t->ncolumns && at + 3 <= row->nfields; i++) {
		const struct cat_column *c = &t->columns[i];
		unsigned long values, first, second;

		if (!is_asked(c))
			continue;
		values = number(&row->fields[at]);
		first = number(&row->fields[at + 1]);
		second = number(&row->fields[at + 2]);
		at += 3;
		if (!values)
			seen[i] = SEEN_NOTHING;
		else if (first == values)
			seen[i] = c->kind == COL_JSON ? SEEN_OBJECTS : SEEN_TRUTHS;
		else
			seen[i] = second == values ? SEEN_ARRAYS : SEEN_OTHER;
	}
}
