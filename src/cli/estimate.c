#include "cli/estimate.h"

#include <stdio.h>

#include "cli/sample.h"
#include "report/text.h"

/* On-demand writes in us-east-1; prices differ by region and change. */
#define DOLLARS_PER_MILLION_UNITS 0.625
/* What a new on-demand table takes at once. */
#define NEW_TABLE_UNITS_PER_S 4000

struct sums {
	const struct table_def *def;
	uint64_t rows, items, bytes, units;
	uint64_t rejects[REJECT_CODE_COUNT];
};

uint64_t estimate_item_units(const struct table_def *def, uint64_t size_bytes,
			     uint32_t index_mask)
{
	uint64_t whole = (size_bytes + 1023) / 1024, units = whole;
	size_t i;

	for (i = 0; i < def->nindexes; i++)
		if (index_mask & 1u << i)
			units += def->indexes[i].projection == PROJECT_KEYS_ONLY ? 1 : whole;
	return units;
}

static int add_row(void *arg, const struct item *item, const struct reject *rej,
		   struct etl_err *err)
{
	struct sums *sums = arg;

	(void)err;
	sums->rows++;
	if (!item) {
		sums->rejects[rej->code]++;
		return 0;
	}
	sums->items++;
	sums->bytes += item->size_bytes;
	sums->units += estimate_item_units(sums->def, item->size_bytes, item->index_mask);
	return 0;
}

/* From the sample to all rows; doubles will do for a forecast. */
static void scale(struct sums *sums, uint64_t rows)
{
	double factor = sums->rows ? (double)rows / (double)sums->rows : 0;

	sums->items = (uint64_t)((double)sums->items * factor + 0.5);
	sums->bytes = (uint64_t)((double)sums->bytes * factor + 0.5);
	sums->units = (uint64_t)((double)sums->units * factor + 0.5);
	sums->rows = rows;
}

static void add_cells(struct text_table *t, const char *table, const char *entity,
		      const struct sums *sums)
{
	struct buf size = { 0 };

	text_table_text(t, table);
	text_table_text(t, entity);
	text_table_count(t, sums->rows);
	text_table_count(t, sums->items);
	text_add_bytes(&size, sums->bytes);
	text_table_cell(t, buf_str(&size));
	text_table_count(t, sums->units);
	buf_release(&size);
}

static int estimate_entity(struct source_reader *reader, const struct plan_table *t,
			   const struct plan_entity *e, struct sums *sums, struct buf *notes,
			   struct etl_err *err)
{
	uint64_t rows = e->source.table->rows_estimate;
	uint64_t sampled;
	int code, rc;

	*sums = (struct sums){ .def = &t->def };
	rc = sample_rows(reader, e, e->select_sql, ESTIMATE_SAMPLE_ROWS, add_row, sums, err);
	if (rc)
		return rc;
	sampled = sums->rows;
	if (sampled < ESTIMATE_SAMPLE_ROWS)
		rows = sampled;
	else if (rows <= ESTIMATE_COUNT_UP_TO_ROWS)
		rc = reader->ops->count(reader, &e->source, &rows, err);
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++) {
		if (!sums->rejects[code])
			continue;
		buf_addf(notes, "  %s ", t->def.name);
		buf_add_printable(notes, str_of(e->shape.entity));
		buf_addf(notes, ": %llu of %llu rows looked at would be rejected: %s\n",
			 (unsigned long long)sums->rejects[code], (unsigned long long)sampled,
			 reject_code_name((enum reject_code)code));
	}
	scale(sums, rows);
	return rc;
}

static void add_total(struct buf *out, const struct sums *total)
{
	buf_addf(out, "about $%.2f by on-demand writes at $%.3f a million units (us-east-1; look up "
		 "your region's price)\nabout ",
		 (double)total->units * DOLLARS_PER_MILLION_UNITS / 1e6,
		 DOLLARS_PER_MILLION_UNITS);
	text_add_duration(out, (int64_t)(total->units * 1000 / NEW_TABLE_UNITS_PER_S));
	buf_addf(out, " at %d units/s, which one new on-demand table takes at once\n",
		 NEW_TABLE_UNITS_PER_S);
}

int estimate_print(struct session *s, struct etl_err *err)
{
	static const char *const heads[] = { "table", "entity", "rows", "items", "size",
					     "write units" };
	struct text_table t = { .ncolumns = 6, .right = 0x3c };
	struct buf out = { 0 }, notes = { 0 };
	struct source_reader *reader = NULL;
	struct snapshot_info info;
	struct sums total = { 0 }, one;
	size_t i, k;
	int rc = s->source->ops->open_readers(s->source, 1, &reader, &info, err);

	for (i = 0; i < 6; i++)
		text_table_text(&t, heads[i]);
	for (i = 0; i < s->plan->ntables && !rc; i++) {
		const struct plan_table *pt = &s->plan->tables[i];

		for (k = 0; k < pt->nentities && !rc; k++) {
			rc = estimate_entity(reader, pt, &pt->entities[k], &one, &notes, err);
			add_cells(&t, pt->def.name, pt->entities[k].shape.entity, &one);
			total.rows += one.rows;
			total.items += one.items;
			total.bytes += one.bytes;
			total.units += one.units;
		}
	}
	if (reader)
		reader->ops->close_reader(reader);
	if (!rc) {
		add_cells(&t, "total", "", &total);
		buf_addf(&out, "\nestimate, by at most %d rows of each entity:\n",
			 ESTIMATE_SAMPLE_ROWS);
		text_table_write(&t, "  ", &out);
		buf_addstr(&out, buf_str(&notes));
		add_total(&out, &total);
		print_buf(&out);
	}
	text_table_release(&t);
	buf_release(&out);
	buf_release(&notes);
	return rc;
}
