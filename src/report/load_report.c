#include "report/load_report.h"

#include "report/json_in.h"
#include "report/text.h"

#define RESERVE_S 10

void report_snapshot_text(const struct snapshot_info *s, struct buf *out)
{
	if (!s->method[0])
		return;
	buf_addf(out, "snapshot: %s, taken %s", s->method, s->taken_at_utc);
	if (s->binlog_file[0])
		buf_addf(out, ", binlog %s:%llu", s->binlog_file,
			 (unsigned long long)s->binlog_position);
	if (s->gtid[0]) {
		buf_adds(out, ", GTID ");
		text_add_shortened(out, str_of(s->gtid), 200);
	}
	buf_addc(out, '\n');
}

void report_snapshot_json(const struct snapshot_info *s, struct json_out *j)
{
	if (!s->method[0]) {
		json_out_str(j, "snapshot", NULL);
		return;
	}
	json_out_open(j, "snapshot", '{');
	json_out_str(j, "method", s->method);
	json_out_str(j, "taken_at", s->taken_at_utc);
	json_out_str(j, "binlog_file", s->binlog_file[0] ? s->binlog_file : NULL);
	json_out_count(j, "binlog_position", s->binlog_position);
	json_out_str(j, "gtid", s->gtid[0] ? s->gtid : NULL);
	json_out_close(j, '}');
}

void report_rejects_json(const uint64_t rejects[REJECT_CODE_COUNT], struct json_out *j)
{
	int code;

	json_out_open(j, "rejects_by_code", '{');
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++)
		if (rejects[code])
			json_out_count(j, reject_code_name((enum reject_code)code), rejects[code]);
	json_out_close(j, '}');
}

/* Which row, and why; a line that is not to be read stands as it is. */
static void example_text(const char *line, struct buf *out)
{
	json_t *reject = json_loads(line, 0, NULL);
	struct buf key = { 0 };

	buf_adds(out, "  ");
	if (!reject) {
		text_add_shortened(out, str_of(line), 400);
	} else {
		buf_add_printable(out, json_in_str(reject, "table"));
		buf_addc(out, ' ');
		buf_add_printable(out, json_in_str(reject, "entity"));
		buf_addc(out, ' ');
		json_in_dump(&key, json_object_get(reject, "source_key"));
		text_add_shortened(out, buf_str(&key), 200);
		buf_adds(out, ": ");
		text_add_shortened(out, json_in_str(reject, "reason"), 400);
	}
	buf_addc(out, '\n');
	json_decref(reject);
	buf_release(&key);
}

void report_examples_text(char *const *lines, const enum reject_code *codes, size_t n,
			  struct buf *out)
{
	bool told[REJECT_CODE_COUNT] = { false };
	size_t i;

	for (i = 0; i < n; i++) {
		if (!told[codes[i]])
			example_text(lines[i], out);
		told[codes[i]] = true;
	}
}

static void counts_json(const struct load_counts *c, struct json_out *j)
{
	json_out_count(j, "rows_read", c->rows_read);
	json_out_count(j, "items_written", c->items_written);
	json_out_count(j, "items_replaced", c->items_replaced);
	json_out_count(j, "rows_rejected", c->rows_rejected);
	json_out_count(j, "rows_skipped", c->rows_skipped);
	json_out_count(j, "rows_skipped_same", c->rows_same);
	json_out_count(j, "sparse_index_keys", c->sparse);
	json_out_count(j, "bytes", c->bytes);
	json_out_milli(j, "write_units", c->wcu_milli);
	json_out_count(j, "write_units_by_size", c->write_units);
}

static void entity_json(const struct load_entity_result *e, struct json_out *j)
{
	size_t i;

	json_out_open(j, NULL, '{');
	json_out_str(j, "table", e->table);
	json_out_str(j, "entity", e->entity);
	counts_json(&e->counts, j);
	json_out_count(j, "rows_of_earlier_runs", e->resumed.rows_read);
	json_out_count(j, "units", e->units);
	json_out_count(j, "units_of_earlier_runs", e->units_resumed);
	json_out_bool(j, "counted_by_source", e->counted);
	report_rejects_json(e->rejects, j);
	json_out_open(j, "indexes", '[');
	for (i = 0; i < e->nindexes; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "index", e->index_names[i]);
		json_out_count(j, "items", e->index_entries[i]);
		json_out_count(j, "left_out", e->index_sparse[i]);
		json_out_count(j, "write_units_by_size", e->index_units[i]);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_close(j, '}');
}

static uint64_t heavy_rate(const struct load_result *result, const struct load_heavy_key *k)
{
	return result->duration_ms > 0 ? k->key.units * 1000 / (uint64_t)result->duration_ms : 0;
}

/* A few seconds' worth is what a partition keeps in reserve. */
static bool is_too_fast(const struct load_result *result, const struct load_heavy_key *k)
{
	return k->key.units >= RESERVE_S * SKEW_KEY_UNITS_A_SECOND &&
	       heavy_rate(result, k) >= SKEW_KEY_UNITS_A_SECOND;
}

static void limits_json(const struct load_result *result, struct json_out *j)
{
	int limit;

	json_out_open(j, "limited_seconds", '{');
	for (limit = LIMIT_SOURCE; limit < LIMIT_COUNT; limit++)
		json_out_milli(j, run_limit_name(limit), result->limit_ms[limit]);
	json_out_close(j, '}');
}

static void heavy_keys_json(const struct load_result *result, struct json_out *j)
{
	size_t i;

	json_out_open(j, "heavy_partition_keys", '[');
	for (i = 0; i < result->nheavy; i++) {
		const struct load_heavy_key *k = &result->heavy[i];

		json_out_open(j, NULL, '{');
		json_out_str(j, "table", k->table);
		json_out_str(j, "key", k->key.text);
		json_out_count(j, "write_units_by_size", k->key.units);
		json_out_count(j, "write_units_of_table", k->table_units);
		json_out_count(j, "write_units_per_second", heavy_rate(result, k));
		json_out_bool(j, "too_fast_for_one_key", is_too_fast(result, k));
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

void load_report_member(const struct load_report *r, struct json_out *j, const char *key)
{
	const struct load_result *result = r->result;
	size_t i;

	json_out_open(j, key, '{');
	report_run_json(&r->run, "load", !key, j);
	json_out_bool(j, "dry_run", r->dry_run);
	json_out_str(j, "write_mode", r->write_mode);
	json_out_bool(j, "complete", result->complete);
	json_out_bool(j, "resumed", result->resumed);
	json_out_milli(j, "seconds", (uint64_t)result->duration_ms);
	report_snapshot_json(&result->snapshot, j);
	json_out_open(j, "snapshots", '[');
	for (i = 0; i < result->nsnapshots; i++)
		json_out_str(j, NULL, result->snapshots[i]);
	json_out_close(j, ']');
	json_out_count(j, "losses", result->losses);
	json_out_open(j, "total", '{');
	counts_json(&result->counts, j);
	json_out_close(j, '}');
	if (r->dry_run && r->quote)
		quote_json(r->quote, j, "quote");
	else if (r->quote)
		quote_compared_json(r->quote, result->complete ? r->past : NULL, j, "cost");
	if (result->rows_picked) {
		json_out_count(j, "rows_tried_again", result->rows_picked);
		json_out_count(j, "rows_gone", result->rows_gone);
	}
	json_out_count(j, "requests", result->requests);
	json_out_count(j, "retries", result->retries);
	json_out_count(j, "throttles", result->throttles);
	json_out_count(j, "unprocessed", result->unprocessed);
	limits_json(result, j);
	heavy_keys_json(result, j);
	json_out_count(j, "readers", result->readers);
	json_out_count(j, "workers", result->workers);
	json_out_open(j, "entities", '[');
	for (i = 0; i < result->nentities; i++)
		entity_json(&result->entities[i], j);
	json_out_close(j, ']');
	json_out_open(j, "reject_files", '[');
	for (i = 0; i < r->nreject_files; i++)
		json_out_str(j, NULL, r->reject_files[i]);
	json_out_close(j, ']');
	json_out_open(j, "reject_examples", '[');
	for (i = 0; i < result->nexamples; i++)
		json_out_raw(j, NULL, result->examples[i]);
	json_out_close(j, ']');
	report_samples_json(&r->run, j);
	json_out_close(j, '}');
}

void load_report_json(const struct load_report *r, struct buf *out)
{
	struct json_out j = { .out = out };

	load_report_member(r, &j, NULL);
}

static void counts_cells(struct text_table *t, const struct load_counts *c)
{
	struct buf size = { 0 };

	text_table_count(t, c->rows_read);
	text_table_count(t, c->items_written);
	text_table_count(t, c->rows_rejected);
	text_table_count(t, c->rows_skipped);
	text_add_bytes(&size, c->bytes);
	text_table_cell(t, buf_str(&size));
	buf_release(&size);
}

/* Rows of units that were given up are read, but neither written nor rejected. */
static void sum_line(const struct load_report *r, struct buf *out)
{
	const struct load_counts *c = &r->result->counts;

	if (!r->result->complete)
		buf_adds(out, "not complete: ");
	if (r->result->rows_picked) {
		text_add_plural(out, r->result->rows_picked, "row");
		buf_adds(out, " tried again, ");
		text_add_count(out, r->result->rows_gone);
		buf_adds(out, " of them gone from the source: ");
	}
	text_add_plural(out, c->rows_read, "row");
	buf_adds(out, !r->result->complete ? " read, " : " read = ");
	text_add_count(out, c->items_written);
	buf_adds(out, r->dry_run ? " items" : " written");
	buf_adds(out, r->result->complete ? " + " : ", ");
	text_add_plural(out, c->rows_rejected, "reject");
	buf_adds(out, r->result->complete ? " + " : ", ");
	text_add_count(out, c->rows_skipped);
	buf_adds(out, " skipped\n");
}

static void sums_text(const struct load_report *r, struct buf *out)
{
	const struct load_result *result = r->result;
	const struct load_counts *c = &result->counts;
	struct text_table t = { .ncolumns = 7, .right = 0x7c };
	static const char *const heads[] = { "table", "entity", "rows read", NULL, "rejects",
					     "skipped", "size" };
	size_t i;

	for (i = 0; i < 7; i++)
		text_table_text(&t, heads[i] ? heads[i] : r->dry_run ? "items" : "written");
	for (i = 0; i < result->nentities; i++) {
		const struct load_entity_result *e = &result->entities[i];

		text_table_text(&t, e->table);
		text_table_text(&t, e->entity);
		counts_cells(&t, &e->counts);
	}
	text_table_text(&t, "total");
	text_table_text(&t, "");
	counts_cells(&t, c);
	text_table_write(&t, "", out);
	text_table_release(&t);
	sum_line(r, out);
}

/* What the condition of --write-mode did, where there is one. */
static void condition_text(const struct load_report *r, struct buf *out)
{
	const struct load_counts *c = &r->result->counts;

	if (strcmp(r->write_mode, "overwrite") == 0 || r->dry_run)
		return;
	buf_adds(out, "write mode ");
	buf_add_printable(out, str_of(r->write_mode));
	buf_adds(out, ": ");
	if (c->items_replaced) {
		text_add_count(out, c->items_replaced);
		buf_adds(out, " of the items written replaced an older one; ");
	}
	text_add_plural(out, c->rows_skipped, "row");
	buf_adds(out, " skipped");
	if (c->rows_skipped) {
		buf_adds(out, ", because an item is there already: ");
		text_add_count(out, c->rows_same);
		buf_adds(out, " the same as the row's, ");
		text_add_count(out, c->rows_skipped - c->rows_same);
		buf_adds(out, " another");
	}
	buf_addc(out, '\n');
}

static void rejects_text(const struct load_report *r, struct buf *out)
{
	const struct load_result *result = r->result;
	struct text_table t = { .ncolumns = 2, .right = 2 };
	uint64_t this_run = 0;
	size_t i;
	int code;

	if (!result->counts.rows_rejected)
		return;
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++) {
		uint64_t n = 0;

		for (i = 0; i < result->nentities; i++)
			n += result->entities[i].rejects[code];
		this_run += n;
		if (!n)
			continue;
		text_table_text(&t, reject_code_name((enum reject_code)code));
		text_table_count(&t, n);
	}
	if (this_run < result->counts.rows_rejected) {
		text_table_text(&t, "in earlier runs");
		text_table_count(&t, result->counts.rows_rejected - this_run);
	}
	buf_adds(out, "rejects:\n");
	text_table_write(&t, "  ", out);
	text_table_release(&t);
	report_examples_text(result->examples, result->example_codes, result->nexamples, out);
	for (i = 0; i < r->nreject_files; i++) {
		buf_adds(out, "  all of them: ");
		buf_add_printable(out, str_of(r->reject_files[i]));
		buf_addc(out, '\n');
	}
}

static void indexes_text(const struct load_result *result, struct buf *out)
{
	uint64_t sparse = 0;
	size_t i, k;

	for (i = 0; i < result->nentities; i++)
		for (k = 0; k < result->entities[i].nindexes; k++)
			sparse += result->entities[i].index_sparse[k];
	if (!sparse)
		return;
	text_add_count(out, sparse);
	buf_addf(out, " index %s left out, because the key is NULL or empty:\n",
		 sparse == 1 ? "entry" : "entries");
	for (i = 0; i < result->nentities; i++) {
		const struct load_entity_result *e = &result->entities[i];

		for (k = 0; k < e->nindexes; k++) {
			if (!e->index_sparse[k])
				continue;
			buf_adds(out, "  ");
			buf_add_printable(out, str_of(e->table));
			buf_addc(out, ' ');
			buf_add_printable(out, str_of(e->entity));
			buf_addc(out, ' ');
			buf_add_printable(out, str_of(e->index_names[k]));
			buf_adds(out, ": ");
			text_add_count(out, e->index_sparse[k]);
			buf_addc(out, '\n');
		}
	}
}

static const char *limit_words(int limit)
{
	switch (limit) {
	case LIMIT_SOURCE: return "the source";
	case LIMIT_TARGET: return "DynamoDB's answers";
	case LIMIT_THROTTLED: return "throttling";
	case LIMIT_RATE: return "--max-wcu";
	case LIMIT_PROCESSOR: return "this machine";
	default: return "";
	}
}

static void limits_text(const struct load_result *result, struct buf *out)
{
	uint64_t all = 0;
	const char *and = "limited by ";
	int limit;

	for (limit = LIMIT_SOURCE; limit < LIMIT_COUNT; limit++)
		all += result->limit_ms[limit];
	for (limit = LIMIT_SOURCE; limit < LIMIT_COUNT; limit++) {
		uint64_t percent = all ? (result->limit_ms[limit] * 100 + all / 2) / all : 0;

		if (!percent)
			continue;
		buf_addf(out, "%s%s %llu%% of the time", and, limit_words(limit),
			 (unsigned long long)percent);
		and = ", by ";
	}
	if (!result->workers)
		return;
	buf_adds(out, all ? "; up to " : "up to ");
	text_add_plural(out, result->workers, "request");
	buf_adds(out, " in flight\n");
}

/* A load that lost nothing has one snapshot, which is all there is to say. */
static void snapshots_text(const struct load_result *result, struct buf *out)
{
	size_t i;

	report_snapshot_text(&result->snapshot, out);
	if (result->nsnapshots < 2)
		return;
	buf_addf(out, "the items are of %zu snapshots, each item of one; a work unit that was "
		 "finished stays as it was then:\n", result->nsnapshots);
	for (i = 0; i < result->nsnapshots; i++) {
		buf_adds(out, "  ");
		text_add_shortened(out, str_of(result->snapshots[i]), 200);
		buf_addc(out, '\n');
	}
	buf_adds(out, "  what was changed between them is for 'etl verify' to show\n");
}

static void heavy_keys_text(const struct load_result *result, struct buf *out)
{
	size_t i;

	if (result->nheavy)
		buf_adds(out, "partition keys that got much of their table's write units:\n");
	for (i = 0; i < result->nheavy; i++) {
		const struct load_heavy_key *k = &result->heavy[i];

		buf_addf(out, "  %s %s: at least ", k->table, k->key.text);
		text_add_count(out, k->key.units);
		buf_adds(out, " of ");
		text_add_count(out, k->table_units);
		buf_addf(out, " (%llu%%), ",
			 (unsigned long long)(k->key.units * 100 / k->table_units));
		text_add_count(out, heavy_rate(result, k));
		buf_adds(out, "/s\n");
		if (is_too_fast(result, k))
			buf_addf(out, "  warning: DynamoDB takes %d a second of one partition key, so "
				 "this one is throttled whatever the table's capacity\n",
				 SKEW_KEY_UNITS_A_SECOND);
	}
}

void load_report_text(const struct load_report *r, struct buf *out)
{
	const struct load_result *result = r->result;
	uint64_t rows = 0;
	size_t i;

	sums_text(r, out);
	condition_text(r, out);
	rejects_text(r, out);
	indexes_text(result, out);
	snapshots_text(result, out);
	for (i = 0; i < result->nentities; i++)
		rows += result->entities[i].counts.rows_read -
			result->entities[i].resumed.rows_read;
	buf_adds(out, "time: ");
	text_add_duration(out, result->duration_ms);
	if (result->duration_ms > 0) {
		buf_adds(out, ", ");
		text_add_count(out, rows * 1000 / (uint64_t)result->duration_ms);
		buf_adds(out, " rows/s");
	}
	if (result->resumed) {
		buf_adds(out, " (");
		text_add_plural(out, result->counts.rows_read - rows, "row");
		buf_adds(out, " by earlier runs)");
	}
	if (!r->dry_run) {
		buf_adds(out, "; ");
		text_add_plural(out, result->requests, "request");
		buf_adds(out, ", ");
		text_add_count(out, result->retries);
		buf_adds(out, " sent again, ");
		text_add_count(out, result->throttles);
		buf_adds(out, " throttled");
	}
	buf_addc(out, '\n');
	if (!r->dry_run)
		limits_text(result, out);
	heavy_keys_text(result, out);
	if (r->dry_run && r->quote && result->complete)
		quote_text(r->quote, out);
	else if (!r->dry_run && r->quote)
		quote_compared_text(r->quote, result->complete ? r->past : NULL,
				    result->duration_ms, out);
}
