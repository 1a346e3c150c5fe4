/* What a verify found of indexes and by Queries. */
#include "report/page_priv.h"

static void query_cells(struct buf *b, const json_t *queries)
{
	page_cell_count(b, json_in_count(queries, "asked"));
	page_cell_count(b, json_in_count(queries, "wrong"));
	page_cell_count(b, json_in_count(queries, "undecided"));
}

static void add_row(struct buf *b, const json_t *verify, const json_t *table, const json_t *index)
{
	const json_t *queries = json_object_get(index ? index : table, "queries");
	bool scanned = json_object_get(index, "same") != NULL;

	page_row_begin(b);
	page_cell_head(b, json_in_str(table, "table"));
	page_cell_text(b, index ? json_in_str(index, "index") : STR("the table itself"));
	if (index_differs(index ? index : table))
		page_cell_tone(b, TONE_BAD, "differs");
	else if (!json_in_true(verify, "complete"))
		page_cell_tone(b, TONE_NOTE, "not proven");
	else if (scanned)
		page_cell_tone(b, TONE_OK, "same");
	else
		page_cell_tone(b, TONE_NOTE, "none found");
	if (scanned) {
		page_cell_count(b, json_in_count(index, "entries_expected"));
		page_cell_count(b, json_in_count(index, "entries_found"));
	} else {
		page_cell_empty(b);
		page_cell_empty(b);
	}
	query_cells(b, queries);
	page_row_end(b);
}

static void add_example(struct buf *b, const json_t *table, const json_t *index)
{
	const json_t *queries = json_object_get(index ? index : table, "queries");
	const json_t *example = json_object_get(queries, "example");
	struct buf key = { 0 }, shorter = { 0 };

	if (!example)
		return;
	json_in_dump(&key, example);
	text_add_shortened(&shorter, buf_str(&key), 400);
	buf_adds(b, "<p>A Query of ");
	page_text(b, json_in_str(table, "table"));
	if (index) {
		buf_addc(b, ' ');
		page_text(b, json_in_str(index, "index"));
	}
	buf_adds(b, " for <code>");
	page_text(b, buf_str(&shorter));
	buf_adds(b, "</code>: ");
	page_text(b, json_in_str(queries, "why"));
	buf_adds(b, "</p>\n");
	buf_release(&key);
	buf_release(&shorter);
}

void page_verify_indexes(struct page *p, const json_t *verify)
{
	static const char *const heads[] = { "Table", "Index", "Verdict", "#Expected", "#Found",
					     "#Queries", "#Wrong", "#Undecided", NULL };
	const json_t *tables = json_object_get(verify, "tables"), *t, *index;
	struct buf *b = &p->body;
	size_t i, k;

	if (!json_object_get(json_array_get(tables, 0), "indexes"))
		return;
	page_section(p, "indexes", "Indexes");
	page_table_begin(b, "Entries of indexes, and Queries", heads);
	json_array_foreach(tables, i, t) {
		if (json_object_get(t, "queries"))
			add_row(b, verify, t, NULL);
		json_array_foreach(json_object_get(t, "indexes"), k, index)
			add_row(b, verify, t, index);
	}
	page_table_end(b);
	json_array_foreach(tables, i, t) {
		add_example(b, t, NULL);
		json_array_foreach(json_object_get(t, "indexes"), k, index)
			add_example(b, t, index);
	}
}
