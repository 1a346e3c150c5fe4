/* What a report has and no section is for: shown by its names and values. */
#include "report/page_priv.h"

#include <ctype.h>

/* "consumed_read_units" -> "Consumed read units" */
static char *title_of(struct arena *arena, const char *member)
{
	char *title = arena_strdup(arena, member), *p;

	for (p = title; *p; p++)
		if (*p == '_')
			*p = ' ';
	*title = (char)toupper((unsigned char)*title);
	return title;
}

static void add_value(struct buf *out, const json_t *value)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0)
		text_add_count(out, (uint64_t)json_integer_value(value));
	else if (json_is_string(value))
		buf_addstr(out, json_in_text(value));
	else if (value && !json_is_null(value))
		json_in_dump(out, value);
}

static void add_cell(struct buf *b, const char *name, const json_t *value)
{
	struct buf text = { 0 };

	add_value(&text, value);
	if (strcmp(name, "parity") == 0 && json_is_boolean(value))
		page_cell_tone(b, json_is_true(value) ? TONE_OK : TONE_BAD,
			       json_is_true(value) ? "parity" : "differs");
	else if (json_is_integer(value) && json_integer_value(value) >= 0)
		page_cell_count(b, (uint64_t)json_integer_value(value));
	else
		page_cell_text(b, buf_str(&text));
	buf_release(&text);
}

/* Columns are those of the first element; another may lack some. */
static void add_table(struct buf *b, struct arena *arena, const char *title, json_t *list)
{
	const char *heads[TEXT_TABLE_COLUMNS + 1] = { NULL }, *names[TEXT_TABLE_COLUMNS], *name;
	json_t *value, *row;
	size_t n = 0, i, k;

	json_object_foreach(json_array_get(list, 0), name, value) {
		if (n == TEXT_TABLE_COLUMNS)
			break;
		heads[n] = arena_printf(arena, "%s%s", json_is_integer(value) ? "#" : "",
					title_of(arena, name));
		names[n++] = name;
	}
	page_table_begin(b, title, heads);
	json_array_foreach(list, k, row) {
		page_row_begin(b);
		for (i = 0; i < n; i++)
			add_cell(b, names[i], json_object_get(row, names[i]));
		page_row_end(b);
	}
	page_table_end(b);
}

static void add_fact(struct buf *b, struct arena *arena, const char *name, const json_t *value)
{
	struct buf text = { 0 };

	if (!json_is_array(value) || json_array_size(value))
		add_value(&text, value);
	if (text.len)
		page_fact(b, title_of(arena, name), buf_str(&text));
	buf_release(&text);
}

static bool is_list(const json_t *value)
{
	return json_is_object(json_array_get(value, 0));
}

void page_unknown_sections(struct page *p, json_t *report)
{
	struct arena *arena = arena_new();
	json_t *value, *member;
	const char *name, *key;

	json_object_foreach(report, name, value) {
		if (page_knows(name) || (!is_list(value) && !json_is_object(value)))
			continue;
		page_section(p, name, title_of(arena, name));
		if (is_list(value)) {
			add_table(&p->body, arena, name, value);
			continue;
		}
		page_facts_begin(&p->body);
		json_object_foreach(value, key, member)
			if (!is_list(member))
				add_fact(&p->body, arena, key, member);
		page_facts_end(&p->body);
		json_object_foreach(value, key, member) {
			if (!is_list(member))
				continue;
			buf_addf(&p->body, "<h3>%s</h3>\n", title_of(arena, key));
			add_table(&p->body, arena, key, member);
		}
	}
	arena_free(arena);
}

void page_unknown_facts(struct buf *b, json_t *report)
{
	struct arena *arena = arena_new();
	json_t *value;
	const char *name;

	json_object_foreach(report, name, value)
		if (!page_knows(name) && !json_is_object(value) && !is_list(value))
			add_fact(b, arena, name, value);
	arena_free(arena);
}
