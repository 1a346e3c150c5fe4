/* A load that was made, held against what it should have cost. */
#include "report/quote.h"

#include <stdio.h>

#include "report/text.h"

static double percent(double actual, double expected)
{
	return (actual - expected) * 100 / expected;
}

/* ", the same" or ", 2.3 % more": of what came against what was said. */
static void add_difference(struct buf *out, uint64_t actual_milli, uint64_t units)
{
	double by = percent((double)actual_milli / 1000, (double)units);

	if (actual_milli == units * 1000)
		buf_adds(out, "the same");
	else
		buf_addf(out, "%.1f %% %s", by < 0 ? -by : by, by < 0 ? "less" : "more");
}

void quote_compared_text(const struct quote *q, const struct quote_past *past, int64_t took_ms,
			 struct buf *out)
{
	uint64_t actual_milli = q->consumed_milli ? q->consumed_milli : q->units * 1000;

	if (!q->units)
		return;
	buf_adds(out, "write units: ");
	text_add_count(out, q->units);
	buf_adds(out, " by the sizes of items and index entries; DynamoDB ");
	if (q->consumed_milli) {
		buf_adds(out, "counted ");
		text_add_count(out, (q->consumed_milli + 999) / 1000);
		buf_adds(out, ", ");
		add_difference(out, q->consumed_milli, q->units);
		if (q->consumed_on_demand >= 0) {
			buf_adds(out, "; on demand ");
			quote_add_money(out, q->consumed_on_demand, q->prices->currency);
		}
	} else {
		buf_adds(out, "told no number");
	}
	buf_addc(out, '\n');
	if (!past)
		return;
	buf_adds(out, "quoted by 'etl ");
	buf_add_printable(out, str_of(past->by));
	buf_adds(out, "' at ");
	buf_add_printable(out, str_of(past->at));
	buf_adds(out, past->estimate ? ", an estimate: " : ": ");
	text_add_count(out, past->units);
	buf_adds(out, " write units, this is ");
	if (past->units)
		add_difference(out, actual_milli, past->units);
	else
		buf_adds(out, "more");
	buf_adds(out, "; time ");
	text_add_duration(out, past->duration_ms);
	buf_adds(out, ", it took ");
	text_add_duration(out, took_ms);
	if (past->on_demand >= 0) {
		buf_adds(out, "; on demand ");
		quote_add_money(out, past->on_demand, past->currency);
	}
	buf_addc(out, '\n');
}

static void difference_json(struct json_out *j, uint64_t actual_milli, uint64_t units)
{
	char text[64];

	if (!units) {
		json_out_raw(j, "difference_percent", "null");
		return;
	}
	snprintf(text, sizeof(text), "%.3f", percent((double)actual_milli / 1000, (double)units));
	json_out_raw(j, "difference_percent", text);
}

void quote_compared_json(const struct quote *q, const struct quote_past *past, struct json_out *j,
			 const char *key)
{
	json_out_open(j, key, '{');
	json_out_str(j, "region", q->region);
	json_out_str(j, "prices", q->prices->source);
	json_out_str(j, "currency", q->prices->currency);
	json_out_count(j, "write_units_by_size", q->units);
	if (q->consumed_milli) {
		json_out_milli(j, "write_units", q->consumed_milli);
		difference_json(j, q->consumed_milli, q->units);
	} else {
		json_out_raw(j, "write_units", "null");
		json_out_raw(j, "difference_percent", "null");
	}
	quote_money_json(j, "on_demand", q->consumed_milli ? q->consumed_on_demand : q->on_demand);
	if (!past) {
		json_out_raw(j, "quote", "null");
	} else {
		json_out_open(j, "quote", '{');
		json_out_str(j, "by", past->by);
		json_out_str(j, "at", past->at);
		json_out_bool(j, "estimate", past->estimate);
		json_out_count(j, "write_units", past->units);
		difference_json(j, q->consumed_milli ? q->consumed_milli : q->units * 1000,
				past->units);
		json_out_milli(j, "seconds", (uint64_t)past->duration_ms);
		quote_money_json(j, "on_demand", past->on_demand);
		json_out_str(j, "currency", past->currency);
		json_out_close(j, '}');
	}
	json_out_close(j, '}');
}
