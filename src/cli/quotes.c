#include "cli/quotes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/work.h"

#define QUOTE_NAME "last-quote.json"
#define QUOTE_MAX_BYTES ((size_t)16 << 20)

int quotes_read_prices(struct session *s, struct etl_err *err)
{
	if (!s->opt->prices || s->prices)
		return 0;
	return prices_read(s->opt->prices, &s->prices, err);
}

struct quote quotes_new(struct session *s, const char *by)
{
	struct etl_err ignored = { 0 };	/* the quote says that there is no region */

	if (!s->region)
		s->region = session_find_region(s, &ignored);
	return (struct quote){
		.by = by, .at_utc_ms = s->start_utc_ms, .contract_digest = s->contract->digest,
		.region = s->region, .prices = s->prices ? s->prices : prices_builtin(),
		.max_wcu = s->opt->max_wcu == OPTION_UNSET ? 0 : (uint64_t)s->opt->max_wcu,
	};
}

static void keep(const struct session *s, const struct buf *json, struct etl_err *err)
{
	if (!file_mkdirs(s->opt->state_dir, err))
		work_save(s, QUOTE_NAME, json, err);
}

void quotes_keep(const struct session *s, const struct quote *q)
{
	struct buf json = { 0 };
	struct json_out j = { .out = &json };
	struct etl_err why = { 0 };

	quote_json(q, &j, NULL);
	keep(s, &json, &why);
	if (why.code)
		log_warn("the quote is not kept for the load to compare: %s", why.msg);
	buf_release(&json);
}

static const char *text(struct arena *arena, const json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return arena_strdup(arena, s ? s : "");
}

static const json_t *find_table(const json_t *quote, const char *contract_table)
{
	const json_t *list = json_object_get(quote, "tables");
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(t, "contract_table"));

		if (name && strcmp(name, contract_table) == 0)
			return t;
	}
	return NULL;
}

/* Adds up what the quote says of the tables; false: it does not speak of all. */
static bool add_tables(const json_t *quote, const struct load_table *tables, size_t ntables,
		       struct quote_past *out)
{
	size_t i;

	for (i = 0; i < ntables; i++) {
		const json_t *t = find_table(quote, tables[i].def->contract_table);
		const json_t *money = json_object_get(t, "on_demand");
		const json_t *units = json_object_get(t, "write_units");

		if (!json_is_integer(units) || json_integer_value(units) < 0)
			return false;
		out->units += (uint64_t)json_integer_value(units);
		out->duration_ms += (int64_t)(json_number_value(json_object_get(t, "seconds")) *
					      1000 + 0.5);
		if (out->on_demand >= 0)
			out->on_demand = json_is_number(money)
				       ? out->on_demand + json_number_value(money) : PRICE_UNKNOWN;
	}
	return true;
}

bool quotes_last(const struct session *s, const struct load_table *tables, size_t ntables,
		 struct arena *arena, struct quote_past *out)
{
	struct buf path = { 0 }, content = { 0 };
	struct etl_err ignored = { 0 };	/* no quote is no fault */
	json_t *quote = NULL;
	const char *digest;
	bool found = false;

	*out = (struct quote_past){ 0 };
	buf_addf(&path, "%s/%s", s->opt->state_dir, QUOTE_NAME);
	if (!file_read(buf_cstr(&path), QUOTE_MAX_BYTES, &content, &ignored))
		quote = json_loadb(content.len ? content.ptr : "", content.len, 0, NULL);
	digest = json_string_value(json_object_get(quote, "contract_digest"));
	if (digest && strcmp(digest, s->contract->digest) == 0 &&
	    add_tables(quote, tables, ntables, out)) {
		out->by = text(arena, quote, "by");
		out->at = text(arena, quote, "at");
		out->currency = text(arena, quote, "currency");
		out->estimate = json_is_true(json_object_get(quote, "estimate"));
		found = true;
	}
	json_decref(quote);
	buf_release(&content);
	buf_release(&path);
	return found;
}
