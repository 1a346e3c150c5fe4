#include "report/quote.h"

#include <stdlib.h>
#include <string.h>

#define MS_PER_HOUR (3600 * INT64_C(1000))

void quote_settings(struct quote_table *t, const struct table_def *def)
{
	t->provisioned = def->provisioned;
	t->infrequent_access = def->table_class &&
			       strcmp(def->table_class, "STANDARD_INFREQUENT_ACCESS") == 0;
	t->write_capacity = def->write_capacity;
	t->warm_write_units = def->warm_write_units;
}

void quote_from_load(struct quote *q, const struct load_result *result,
		     const struct load_table *tables, size_t ntables)
{
	size_t i, k, x, at = 0;

	q->ntables = ntables;
	q->tables = mem_array(ntables ? ntables : 1, sizeof(*q->tables));
	for (i = 0; i < ntables; i++) {
		struct quote_table *t = &q->tables[i];

		t->def = tables[i].def;
		quote_settings(t, t->def);
		for (k = 0; k < tables[i].nentities && at < result->nentities; k++, at++) {
			const struct load_entity_result *e = &result->entities[at];

			t->items += e->counts.items_written;
			t->bytes += e->counts.bytes;
			t->units += e->counts.write_units;
			t->consumed_milli += e->counts.wcu_milli;
			for (x = 0; x < e->nindexes; x++)
				t->index_units[x] += e->index_units[x];
		}
	}
}

static int64_t ms_at(uint64_t units, uint64_t per_s)
{
	return (int64_t)((double)units * 1000 / (double)per_s + 0.5);
}

static uint64_t own_units(const struct quote_table *t)
{
	uint64_t units = t->units;
	size_t i;

	for (i = 0; i < MAX_INDEXES; i++)
		units -= t->index_units[i] < units ? t->index_units[i] : units;
	return units;
}

static void reckon_pace(struct quote_table *t, uint64_t max_wcu)
{
	bool bound = t->provisioned && t->write_capacity > 0;

	t->units_per_s = QUOTE_NEW_TABLE_UNITS_PER_S;
	t->pace = PACE_NEW_TABLE;
	if (bound) {
		t->units_per_s = (uint64_t)t->write_capacity;
		t->pace = PACE_PROVISIONED;
	} else if (t->warm_write_units > 0) {
		t->units_per_s = (uint64_t)t->warm_write_units;
		t->pace = PACE_WARM;
	}
	t->duration_ms = ms_at(own_units(t), t->units_per_s);
	/* What is provisioned no option raises. */
	if (max_wcu && (!bound || ms_at(t->units, max_wcu) > t->duration_ms)) {
		t->units_per_s = max_wcu;
		t->pace = PACE_MAX_WCU;
		t->duration_ms = ms_at(t->units, max_wcu);
	}
}

static void reckon_capacity(struct quote_table *t)
{
	t->hours = (uint64_t)((t->duration_ms + MS_PER_HOUR - 1) / MS_PER_HOUR);
	if (!t->units)
		t->capacity = 0;
	else if (t->provisioned && t->write_capacity > 0)
		t->capacity = (uint64_t)t->write_capacity * (1 + t->def->nindexes);
	else if (t->duration_ms < 1000)
		t->capacity = t->units;
	else
		t->capacity = (t->units * 1000 + (uint64_t)t->duration_ms - 1) /
			      (uint64_t)t->duration_ms;
}

static double money_on_demand(const struct price *price, double units)
{
	if (units <= 0)
		return 0;
	if (!price || price->million_requests < 0)
		return PRICE_UNKNOWN;
	return units / 1e6 * price->million_requests;
}

static double money_at_capacity(const struct quote_table *t)
{
	if (!t->capacity)
		return 0;
	if (!t->price || t->price->capacity_hour < 0)
		return PRICE_UNKNOWN;
	return (double)t->capacity * (double)t->hours * t->price->capacity_hour;
}

static void add_money(double *sum, double money)
{
	*sum = *sum < 0 || money < 0 ? PRICE_UNKNOWN : *sum + money;
}

void quote_reckon(struct quote *q)
{
	size_t i;

	q->items = q->bytes = q->units = q->consumed_milli = 0;
	q->duration_ms = 0;
	q->on_demand = q->at_capacity = q->consumed_on_demand = 0;
	for (i = 0; i < q->ntables; i++) {
		struct quote_table *t = &q->tables[i];

		reckon_pace(t, q->max_wcu);
		reckon_capacity(t);
		t->price = prices_find(q->prices, q->region, t->infrequent_access);
		t->on_demand = money_on_demand(t->price, (double)t->units);
		t->at_capacity = money_at_capacity(t);
		q->items += t->items;
		q->bytes += t->bytes;
		q->units += t->units;
		q->consumed_milli += t->consumed_milli;
		q->duration_ms += t->duration_ms;
		add_money(&q->on_demand, t->on_demand);
		add_money(&q->at_capacity, t->at_capacity);
		add_money(&q->consumed_on_demand,
			  money_on_demand(t->price, (double)t->consumed_milli / 1000));
	}
}

void quote_release(struct quote *q)
{
	free(q->tables);
	q->tables = NULL;
	q->ntables = 0;
}
