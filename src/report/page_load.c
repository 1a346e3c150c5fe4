/* What a load did. */
#include "report/page_priv.h"

static void count_cells(struct buf *b, const json_t *counts, uint64_t most)
{
	const struct bar_part parts[] = {
		{ "ok", json_in_count(counts, "items_written") },
		{ "bad", json_in_count(counts, "rows_rejected") },
		{ "soft", json_in_count(counts, "rows_skipped") },
	};

	page_cell_count(b, json_in_count(counts, "rows_read"));
	page_cell_count(b, parts[0].n);
	page_cell_count(b, parts[1].n);
	page_cell_count(b, parts[2].n);
	page_cell_bytes(b, json_in_count(counts, "bytes"));
	if (most)
		page_cell_bar(b, parts, 3, most);
	else
		page_cell_empty(b);
	page_row_end(b);
}

void page_load_tables(struct page *p, const json_t *load)
{
	const char *heads[] = { "Table", "Entity", "#Rows read",
				json_in_true(load, "dry_run") ? "#Items" : "#Written", "#Rejects",
				"#Skipped", "#Size", "|", NULL };
	const json_t *entities = json_object_get(load, "entities"), *e;
	uint64_t most = 0;
	size_t i;

	json_array_foreach(entities, i, e)
		if (json_in_count(e, "rows_read") > most)
			most = json_in_count(e, "rows_read");
	page_section(p, "load", "Load");
	page_table_begin(&p->body, "What was loaded", heads);
	json_array_foreach(entities, i, e) {
		page_row_begin(&p->body);
		page_cell_head(&p->body, json_in_str(e, "table"));
		page_cell_text(&p->body, json_in_str(e, "entity"));
		count_cells(&p->body, e, most);
	}
	buf_adds(&p->body, "</tbody><tfoot>");
	page_row_begin(&p->body);
	page_cell_head(&p->body, STR("Total"));
	page_cell_empty(&p->body);
	count_cells(&p->body, json_object_get(load, "total"), 0);
	buf_adds(&p->body, "</tfoot></table></div>\n");
	if (!json_in_true(load, "complete"))
		buf_adds(&p->body, "<p>This load is not complete.</p>\n");
}

static void indexes(struct page *p, const json_t *load)
{
	static const char *const heads[] = { "Index", "Table", "Entity", "#Entries", "#Left out",
					     "#Write units", NULL };
	const json_t *e, *index;
	uint64_t all = 0;
	size_t i, k;

	json_array_foreach(json_object_get(load, "entities"), i, e)
		json_array_foreach(json_object_get(e, "indexes"), k, index)
			all += json_in_count(index, "items") + json_in_count(index, "left_out");
	if (!all)
		return;
	buf_adds(&p->body, "<h3>Index entries</h3>\n");
	page_table_begin(&p->body, "Index entries", heads);
	json_array_foreach(json_object_get(load, "entities"), i, e) {
		json_array_foreach(json_object_get(e, "indexes"), k, index) {
			if (!json_in_count(index, "items") && !json_in_count(index, "left_out"))
				continue;	/* another entity's index */
			page_row_begin(&p->body);
			page_cell_head(&p->body, json_in_str(index, "index"));
			page_cell_text(&p->body, json_in_str(e, "table"));
			page_cell_text(&p->body, json_in_str(e, "entity"));
			page_cell_count(&p->body, json_in_count(index, "items"));
			page_cell_count(&p->body, json_in_count(index, "left_out"));
			page_cell_count(&p->body, json_in_count(index, "write_units_by_size"));
			page_row_end(&p->body);
		}
	}
	page_table_end(&p->body);
	buf_adds(&p->body, "<p class=note>An item whose index key is NULL or empty is left out of "
		 "that index.</p>\n");
}

static void add_money(struct buf *out, const json_t *object, const char *member,
		      const char *currency)
{
	const json_t *money = json_object_get(object, member);

	if (!json_is_number(money))
		buf_adds(out, "unknown");
	else
		buf_addf(out, "%.*f %s", json_number_value(money) < 1 ? 4 : 2,
			 json_number_value(money), currency);
}

static void money_fact(struct buf *b, const char *name, const json_t *object, const char *member,
		       const json_t *currency_of)
{
	struct buf money = { 0 };
	const char *currency = json_string_value(json_object_get(currency_of, "currency"));

	add_money(&money, object, member, currency ? currency : "");
	page_fact(b, name, buf_str(&money));
	buf_release(&money);
}

static void percent_fact(struct buf *b, const char *name, const json_t *object)
{
	const json_t *percent = json_object_get(object, "difference_percent");
	struct buf text = { 0 };

	if (!json_is_number(percent))
		return;
	buf_addf(&text, "%+.1f %%", json_number_value(percent));
	page_fact(b, name, buf_str(&text));
	buf_release(&text);
}

static void seconds_fact(struct buf *b, const char *name, const json_t *object)
{
	struct buf text = { 0 };

	text_add_duration(&text, json_in_ms(object, "seconds"));
	page_fact(b, name, buf_str(&text));
	buf_release(&text);
}

static void cost(struct page *p, const json_t *cost)
{
	const json_t *past = json_object_get(cost, "quote");
	struct buf *b = &p->body;

	page_section(p, "cost", "Cost");
	page_facts_begin(b);
	page_fact_count(b, "Write units by the sizes of items",
			json_in_count(cost, "write_units_by_size"));
	if (json_is_number(json_object_get(cost, "write_units"))) {
		page_fact_count(b, "Write units as DynamoDB counted",
				(uint64_t)(json_in_number(cost, "write_units") + 0.999));
		percent_fact(b, "Difference", cost);
	}
	money_fact(b, "On demand", cost, "on_demand", cost);
	page_fact(b, "Prices", json_in_str(cost, "prices"));
	page_facts_end(b);
	if (!json_is_object(past))
		return;
	buf_adds(b, "<h3>Quoted before</h3>\n");
	page_facts_begin(b);
	page_fact(b, "By", json_in_str(past, "by"));
	page_fact(b, "At", json_in_str(past, "at"));
	page_fact_count(b, json_in_true(past, "estimate") ? "Write units, an estimate" : "Write units",
			json_in_count(past, "write_units"));
	percent_fact(b, "This load against it", past);
	seconds_fact(b, "Time", past);
	money_fact(b, "On demand", past, "on_demand", past);
	page_facts_end(b);
}

static void quote(struct page *p, const json_t *quote)
{
	static const char *const heads[] = { "Table", "#Items", "#Write units", "#Units a second",
					     "#Time", "#On demand", "#Provisioned", NULL };
	const char *currency = json_string_value(json_object_get(quote, "currency"));
	struct buf *b = &p->body, cell = { 0 };
	const json_t *t;
	size_t i;

	page_section(p, "quote", "Quote");
	page_table_begin(b, "What the load would cost", heads);
	json_array_foreach(json_object_get(quote, "tables"), i, t) {
		page_row_begin(b);
		page_cell_head(b, json_in_str(t, "table"));
		page_cell_count(b, json_in_count(t, "items"));
		page_cell_count(b, json_in_count(t, "write_units"));
		page_cell_count(b, json_in_count(t, "units_per_second"));
		buf_adds(b, "<td class=n>");
		text_add_duration(b, json_in_ms(t, "seconds"));
		buf_adds(b, "</td><td class=n>");
		buf_reset(&cell);
		add_money(&cell, t, "on_demand", currency ? currency : "");
		page_text(b, buf_str(&cell));
		buf_adds(b, "</td><td class=n>");
		buf_reset(&cell);
		add_money(&cell, t, "provisioned", currency ? currency : "");
		page_text(b, buf_str(&cell));
		buf_adds(b, "</td>");
		page_row_end(b);
	}
	page_table_end(b);
	buf_release(&cell);
	buf_adds(b, "<p class=note>Into tables that hold none of these items. Prices: ");
	page_text(b, json_in_str(quote, "prices"));
	buf_adds(b, "</p>\n");
}

static void limits(struct buf *b, const json_t *load)
{
	static const struct {
		const char *member, *words;
	} limits[] = {
		{ "source", "waiting for the source" }, { "target", "waiting for DynamoDB" },
		{ "throttled", "throttled" }, { "rate", "held to --max-wcu" },
		{ "processor", "this machine" },
	};
	size_t n = sizeof(limits) / sizeof(limits[0]);
	const json_t *seconds = json_object_get(load, "limited_seconds");
	struct buf text = { 0 };
	double all = 0;
	size_t i;

	for (i = 0; i < n; i++)
		all += json_in_number(seconds, limits[i].member);
	for (i = 0; i < n && all > 0; i++) {
		int percent = (int)(json_in_number(seconds, limits[i].member) * 100 / all + 0.5);

		if (percent)
			buf_addf(&text, "%s%s %d %%", text.len ? ", " : "", limits[i].words, percent);
	}
	if (text.len)
		page_fact(b, "Limited by", buf_str(&text));
	buf_release(&text);
}

void page_load_rest(struct page *p, json_t *load)
{
	struct buf *b = &p->body;
	const json_t *words;
	size_t i;

	if (json_is_object(json_object_get(load, "quote")))
		quote(p, json_object_get(load, "quote"));
	if (json_is_object(json_object_get(load, "cost")))
		cost(p, json_object_get(load, "cost"));
	page_section(p, "load-details", "How the load went");
	page_facts_begin(b);
	page_fact(b, "Write mode", json_in_str(load, "write_mode"));
	seconds_fact(b, "Time", load);
	limits(b, load);
	page_fact_count(b, "Connections to MySQL", json_in_count(load, "readers"));
	page_fact_count(b, "Requests in flight, at most", json_in_count(load, "workers"));
	page_fact_count(b, "Requests", json_in_count(load, "requests"));
	page_fact_count(b, "Sent again", json_in_count(load, "retries"));
	page_fact_count(b, "Throttled", json_in_count(load, "throttles"));
	if (json_in_count(load, "losses"))
		page_fact_count(b, "Times the source was lost", json_in_count(load, "losses"));
	if (json_in_true(load, "resumed"))
		page_fact(b, "Earlier runs", STR("their finished work was used"));
	json_array_foreach(json_object_get(load, "reject_files"), i, words)
		page_fact(b, "Rejects", json_in_text(words));
	if (json_array_size(json_object_get(load, "snapshots")) > 1)
		json_array_foreach(json_object_get(load, "snapshots"), i, words)
			page_fact(b, "Snapshot", json_in_text(words));
	page_unknown_facts(b, load);
	page_facts_end(b);
	indexes(p, load);
}
