/* A quote in words, and as JSON. */
#include "report/quote.h"

#include <stdio.h>

#include "report/text.h"

static const char *pace_name(enum quote_pace pace)
{
	switch (pace) {
	case PACE_WARM: return "warm-throughput";
	case PACE_PROVISIONED: return "provisioned";
	case PACE_MAX_WCU: return "max-wcu";
	case PACE_NEW_TABLE: break;
	}
	return "new-on-demand";
}

static const char *pace_words(enum quote_pace pace)
{
	switch (pace) {
	case PACE_WARM: return "its warm throughput";
	case PACE_PROVISIONED: return "its write capacity";
	case PACE_MAX_WCU: return "--max-wcu, indexes included";
	case PACE_NEW_TABLE: break;
	}
	return "what a new table on demand takes at once";
}

void quote_add_money(struct buf *out, double money, const char *currency)
{
	if (money < 0)
		buf_adds(out, "unknown");
	else
		buf_addf(out, "%.*f %s", money < 1 ? 4 : 2, money, currency);
}

static void money_cell(struct text_table *t, double money, const char *currency)
{
	struct buf cell = { 0 };

	quote_add_money(&cell, money, currency);
	text_table_cell(t, buf_str(&cell));
	buf_release(&cell);
}

static void duration_cell(struct text_table *t, int64_t ms)
{
	struct buf cell = { 0 };

	text_add_duration(&cell, ms);
	text_table_cell(t, buf_str(&cell));
	buf_release(&cell);
}

static uint64_t units_of_indexes(const struct quote_table *t)
{
	uint64_t units = 0;
	size_t i;

	for (i = 0; i < t->def->nindexes; i++)
		units += t->index_units[i];
	return units;
}

static void table_text(const struct quote *q, struct buf *out)
{
	static const char *const heads[] = { "table", "class and mode", "write units", "indexes'",
					     "on demand", "provisioned", "time" };
	struct text_table t = { .ncolumns = 7, .right = 0x7c };
	const char *currency = q->prices->currency;
	uint64_t indexes = 0;
	size_t i;

	for (i = 0; i < 7; i++)
		text_table_text(&t, heads[i]);
	for (i = 0; i < q->ntables; i++) {
		const struct quote_table *one = &q->tables[i];
		struct buf mode = { 0 };

		buf_addf(&mode, "%s, %s", one->infrequent_access ? "infrequent access" : "standard",
			 one->provisioned ? "provisioned" : "on demand");
		text_table_text(&t, one->def->name);
		text_table_cell(&t, buf_str(&mode));
		text_table_count(&t, one->units);
		text_table_count(&t, units_of_indexes(one));
		money_cell(&t, one->on_demand, currency);
		money_cell(&t, one->at_capacity, currency);
		duration_cell(&t, one->duration_ms);
		indexes += units_of_indexes(one);
		buf_release(&mode);
	}
	text_table_text(&t, "total");
	text_table_text(&t, "");
	text_table_count(&t, q->units);
	text_table_count(&t, indexes);
	money_cell(&t, q->on_demand, currency);
	money_cell(&t, q->at_capacity, currency);
	duration_cell(&t, q->duration_ms);
	text_table_write(&t, "  ", out);
	text_table_release(&t);
}

static void paces_text(const struct quote *q, struct buf *out)
{
	size_t i;

	for (i = 0; i < q->ntables; i++) {
		const struct quote_table *t = &q->tables[i];

		buf_adds(out, "  ");
		buf_add_printable(out, str_of(t->def->name));
		buf_adds(out, ": ");
		text_add_count(out, t->units_per_s);
		buf_addf(out, " units/s, %s; provisioned: ", pace_words(t->pace));
		text_add_count(out, t->capacity);
		buf_adds(out, " units/s for ");
		text_add_plural(out, t->hours, "begun hour");
		buf_addc(out, '\n');
	}
}

static bool seen_class(const struct quote *q, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (q->tables[k].infrequent_access == q->tables[i].infrequent_access)
			return true;
	return false;
}

/* Of each table class that is there, where its prices are from, or that there are none. */
static void prices_text(const struct quote *q, struct buf *out)
{
	size_t i;

	if (!q->region) {
		buf_adds(out, "  no region is known, so no price is: --region names it\n");
		return;
	}
	for (i = 0; i < q->ntables; i++) {
		const struct quote_table *t = &q->tables[i];

		if (seen_class(q, i))
			continue;
		buf_addf(out, "  %s of %s, class %s", t->price ? "list prices" : "no price",
			 q->region, t->infrequent_access ? "infrequent access" : "standard");
		if (!t->price) {
			buf_adds(out, ", is known: --prices gives it\n");
			continue;
		}
		if (*t->price->date) {
			buf_adds(out, ", as of ");
			buf_add_printable(out, str_of(t->price->date));
		}
		buf_adds(out, ", from ");
		buf_add_printable(out, str_of(q->prices->source));
		if (t->price->million_requests < 0 || t->price->capacity_hour < 0)
			buf_addf(out, "; %s is not known: --prices gives it",
				 t->price->million_requests < 0 ? "that on demand"
								 : "that of capacity");
		buf_addc(out, '\n');
	}
}

void quote_text(const struct quote *q, struct buf *out)
{
	buf_addf(out, "the writes of a load into tables without these items%s:\n",
		 q->estimate ? ", an estimate" : "");
	table_text(q, out);
	paces_text(q, out);
	prices_text(q, out);
}

void quote_money_json(struct json_out *j, const char *key, double money)
{
	char text[64];

	if (money < 0) {
		json_out_raw(j, key, "null");
		return;
	}
	snprintf(text, sizeof(text), "%.6f", money);
	json_out_raw(j, key, text);
}

static void table_json(const struct quote_table *t, struct json_out *j)
{
	size_t i;

	json_out_open(j, NULL, '{');
	json_out_str(j, "table", t->def->name);
	json_out_str(j, "contract_table", t->def->contract_table);
	json_out_str(j, "table_class", t->infrequent_access ? "STANDARD_INFREQUENT_ACCESS"
							    : "STANDARD");
	json_out_str(j, "billing_mode", t->provisioned ? "PROVISIONED" : "PAY_PER_REQUEST");
	json_out_count(j, "items", t->items);
	json_out_count(j, "bytes", t->bytes);
	json_out_count(j, "write_units", t->units);
	json_out_open(j, "indexes", '[');
	for (i = 0; i < t->def->nindexes; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "index", t->def->indexes[i].name);
		json_out_count(j, "write_units", t->index_units[i]);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_count(j, "units_per_second", t->units_per_s);
	json_out_str(j, "units_per_second_by", pace_name(t->pace));
	json_out_milli(j, "seconds", (uint64_t)t->duration_ms);
	quote_money_json(j, "on_demand", t->on_demand);
	quote_money_json(j, "provisioned", t->at_capacity);
	json_out_count(j, "provisioned_capacity", t->capacity);
	json_out_count(j, "provisioned_hours", t->hours);
	json_out_str(j, "prices_as_of", t->price && *t->price->date ? t->price->date : NULL);
	json_out_close(j, '}');
}

void quote_json(const struct quote *q, struct json_out *j, const char *key)
{
	struct buf at = { 0 };
	size_t i;

	text_add_utc(&at, q->at_utc_ms);
	json_out_open(j, key, '{');
	json_out_str(j, "by", q->by);
	json_out_str(j, "at", buf_cstr(&at));
	json_out_str(j, "contract_digest", q->contract_digest);
	json_out_bool(j, "estimate", q->estimate);
	json_out_str(j, "region", q->region);
	json_out_str(j, "prices", q->prices->source);
	json_out_str(j, "currency", q->prices->currency);
	json_out_count(j, "items", q->items);
	json_out_count(j, "bytes", q->bytes);
	json_out_count(j, "write_units", q->units);
	json_out_milli(j, "seconds", (uint64_t)q->duration_ms);
	quote_money_json(j, "on_demand", q->on_demand);
	quote_money_json(j, "provisioned", q->at_capacity);
	json_out_open(j, "tables", '[');
	for (i = 0; i < q->ntables; i++)
		table_json(&q->tables[i], j);
	json_out_close(j, ']');
	json_out_close(j, '}');
	buf_release(&at);
}
