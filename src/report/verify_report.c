#include "report/verify_report.h"

#include "report/mend_report.h"
#include "report/text.h"

/* Are items named that are missing or differ? */
static bool names_items(enum verify_mode mode)
{
	return mode == VERIFY_FULL || mode == VERIFY_SAMPLE;
}

static void entity_json(const struct verify_entity_result *e, enum verify_mode mode,
			struct json_out *j)
{
	json_out_open(j, NULL, '{');
	json_out_str(j, "table", e->table);
	json_out_str(j, "entity", e->entity);
	json_out_count(j, "rows_read", e->rows_read);
	json_out_count(j, "rows_rejected", e->rows_rejected);
	json_out_count(j, "items_expected", e->items_expected);
	if (mode == VERIFY_SAMPLE)
		json_out_count(j, "rows_in_source", e->rows_in_source);
	if (names_items(mode)) {
		json_out_count(j, "items_equal", e->items_equal);
		json_out_count(j, "items_missing", e->items_missing);
		json_out_count(j, "items_different", e->items_different);
		json_out_count(j, "attributes_different", e->attributes_different);
		json_out_count(j, "items_examined", e->items_examined);
	}
	report_rejects_json(e->rejects, j);
	json_out_close(j, '}');
}

/* Characters that look like others or like nothing, and places far within a value. */
static bool is_hard_to_see(const struct finding *f)
{
	return f->how == HOW_VALUE && (f->differs_at > 80 || f->expected_char > '~' ||
				       f->actual_char > '~');
}

static void char_json(struct json_out *j, const char *key, unsigned character)
{
	struct buf text = { 0 };

	buf_addf(&text, "U+%04X", character);
	json_out_str(j, key, buf_cstr(&text));
	buf_release(&text);
}

/* Expected and actual are texts: shortened ones are no JSON. */
static void finding_json(const struct finding *f, struct json_out *j)
{
	json_out_open(j, NULL, '{');
	json_out_str(j, "kind", finding_kind_name(f->kind));
	if (f->how != HOW_NONE)
		json_out_str(j, "how", finding_how_name(f->how));
	json_out_str(j, "table", f->table);
	if (f->entity)
		json_out_str(j, "entity", f->entity);
	json_out_raw(j, "key", f->key_json);
	if (f->source_key_json)
		json_out_raw(j, "source_key", f->source_key_json);
	if (f->cause != CAUSE_UNKNOWN)
		json_out_str(j, "likely_cause", finding_cause_name(f->cause));
	if (f->attribute) {
		json_out_str(j, "attribute", f->attribute);
		json_out_str(j, "expected", f->expected);
		json_out_str(j, "actual", f->actual);
	}
	if (is_hard_to_see(f)) {
		json_out_open(j, "first_difference", '{');
		json_out_count(j, "byte", f->differs_at);
		char_json(j, "expected", f->expected_char);
		char_json(j, "actual", f->actual_char);
		json_out_close(j, '}');
	}
	json_out_close(j, '}');
}

/* A part of one, as a number of JSON; nine digits tell it from none. */
static void part_json(struct json_out *j, const char *key, double part)
{
	struct buf text = { 0 };

	buf_addf(&text, "%.9f", part);
	json_out_raw(j, key, buf_cstr(&text));
	buf_release(&text);
}

static void sample_json(const struct verify_table_result *t, struct json_out *j)
{
	struct verify_confidence c = verify_confidence(t->items_compared, t->items_wrong,
						       t->items_possible);

	json_out_count(j, "rows_in_source", t->rows_in_source);
	json_out_count(j, "items_compared", t->items_compared);
	json_out_count(j, "items_wrong", t->items_wrong);
	json_out_open(j, "part_wrong_with_confidence_95", '{');
	part_json(j, "low", c.low);
	part_json(j, "high", c.high);
	json_out_close(j, '}');
}

static void queries_json(const struct verify_query_result *q, struct json_out *j)
{
	json_out_open(j, "queries", '{');
	json_out_count(j, "asked", q->asked);
	json_out_count(j, "wrong", q->wrong);
	json_out_count(j, "undecided", q->undecided);
	if (q->example) {
		json_out_raw(j, "example", q->example);
		json_out_str(j, "why", q->example_why);
	}
	json_out_close(j, '}');
}

static bool has_queries(enum verify_mode mode)
{
	return mode == VERIFY_FULL || mode == VERIFY_SAMPLE;
}

static void indexes_json(const struct verify_table_result *t, enum verify_mode mode,
			 struct json_out *j)
{
	size_t i;

	if (has_queries(mode))
		queries_json(&t->queries, j);
	json_out_open(j, "indexes", '[');
	for (i = 0; i < t->nindexes; i++) {
		const struct verify_index_result *x = &t->indexes[i];

		json_out_open(j, NULL, '{');
		json_out_str(j, "index", x->index);
		if (mode != VERIFY_SAMPLE) {
			json_out_count(j, "entries_expected", x->entries_expected);
			json_out_count(j, "entries_found", x->entries_found);
			json_out_bool(j, "same", x->same);
		}
		if (has_queries(mode))
			queries_json(&x->queries, j);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

static void table_json(const struct verify_table_result *t, const struct verify_result *result,
		       struct json_out *j)
{
	enum verify_mode mode = result->mode;

	json_out_open(j, NULL, '{');
	json_out_str(j, "table", t->table);
	json_out_bool(j, "parity", t->parity);
	json_out_count(j, "items_expected", t->items_expected);
	if (mode == VERIFY_SAMPLE)
		sample_json(t, j);
	else
		json_out_count(j, "items_in_target", t->items_scanned);
	if (mode == VERIFY_FULL)
		json_out_count(j, "items_extra", t->items_extra);
	if (mode == VERIFY_FULL || mode == VERIFY_DIGEST)
		json_out_count(j, "parts_different", t->buckets_different);
	if (t->items_rechecked)
		json_out_count(j, "items_read_again", t->items_rechecked);
	if (result->resumed) {
		json_out_count(j, "rows_of_earlier_runs", t->rows_resumed);
		json_out_count(j, "items_of_earlier_runs", t->items_resumed);
	}
	if (result->indexes)
		indexes_json(t, mode, j);
	json_out_close(j, '}');
}

static uint64_t indexes_in_contract(const struct verify_result *result)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < result->ntables; i++)
		n += result->tables[i].nindexes;
	return n;
}

void verify_report_member(const struct verify_report *r, struct json_out *j, const char *key)
{
	const struct verify_result *result = r->result;
	bool complete = !r->run.err->code;
	struct buf since = { 0 };
	size_t i;

	json_out_open(j, key, '{');
	report_run_json(&r->run, "verify", !key, j);
	json_out_str(j, "mode", verify_mode_name(result->mode));
	json_out_bool(j, "complete", complete);
	json_out_bool(j, "parity", result->parity && complete);
	json_out_bool(j, "proven", result->parity && complete && verify_proves(result->mode));
	json_out_count(j, "indexes_in_contract", indexes_in_contract(result));
	json_out_bool(j, "indexes_looked_at", result->indexes);
	json_out_milli(j, "seconds", (uint64_t)result->duration_ms);
	json_out_count(j, "losses", result->losses);
	json_out_bool(j, "resumed", result->resumed);
	if (result->resumed) {
		text_add_utc(&since, result->resumed_since_utc_ms);
		json_out_str(j, "resumed_since", buf_cstr(&since));
		buf_release(&since);
	}
	report_snapshot_json(&result->snapshot, j);
	json_out_open(j, "tables", '[');
	for (i = 0; i < result->ntables; i++)
		table_json(&result->tables[i], result, j);
	json_out_close(j, ']');
	json_out_open(j, "entities", '[');
	for (i = 0; i < result->nentities; i++)
		entity_json(&result->entities[i], result->mode, j);
	json_out_close(j, ']');
	json_out_milli(j, "read_units", result->rcu_milli);
	json_out_count(j, "requests", result->requests);
	json_out_count(j, "retries", result->retries);
	json_out_count(j, "throttles", result->throttles);
	json_out_count(j, "readers", result->readers);
	json_out_count(j, "workers", result->workers);
	if (result->repaired)
		repair_report_json(&result->repair, j);
	json_out_count(j, "differences", result->nfindings);
	json_out_open(j, "findings", '[');
	for (i = 0; i < result->nkept; i++)
		finding_json(&result->findings[i], j);
	json_out_close(j, ']');
	json_out_open(j, "reject_examples", '[');
	for (i = 0; i < result->nreject_examples; i++)
		json_out_raw(j, NULL, result->reject_examples[i]);
	json_out_close(j, ']');
	report_samples_json(&r->run, j);
	json_out_close(j, '}');
}

void verify_report_json(const struct verify_report *r, struct buf *out)
{
	struct json_out j = { .out = out };

	verify_report_member(r, &j, NULL);
}

static void entities_text(const struct verify_result *result, struct buf *out)
{
	static const char *const heads[] = { "table", "entity", "rows", "rejects", "expected",
					     "equal", "missing", "different" };
	bool named = names_items(result->mode);
	struct text_table t = { .ncolumns = named ? 8 : 5, .right = 0xfc };
	size_t i;

	for (i = 0; i < t.ncolumns; i++)
		text_table_text(&t, heads[i]);
	for (i = 0; i < result->nentities; i++) {
		const struct verify_entity_result *e = &result->entities[i];

		text_table_text(&t, e->table);
		text_table_text(&t, e->entity);
		text_table_count(&t, e->rows_read);
		text_table_count(&t, e->rows_rejected);
		text_table_count(&t, e->items_expected);
		if (named) {
			text_table_count(&t, e->items_equal);
			text_table_count(&t, e->items_missing);
			text_table_count(&t, e->items_different);
		}
	}
	text_table_write(&t, "", out);
	text_table_release(&t);
}

/* Rows that rightly have no item. */
static void rejects_text(const struct verify_result *result, struct buf *out)
{
	struct text_table t = { .ncolumns = 2, .right = 2 };
	uint64_t all = 0;
	size_t i;
	int code;

	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++) {
		uint64_t n = 0;

		for (i = 0; i < result->nentities; i++)
			n += result->entities[i].rejects[code];
		all += n;
		if (!n)
			continue;
		text_table_text(&t, reject_code_name((enum reject_code)code));
		text_table_count(&t, n);
	}
	if (all) {
		buf_adds(out, "\nrejects, whose items are not expected:\n");
		text_table_write(&t, "  ", out);
	}
	text_table_release(&t);
	report_examples_text(result->reject_examples, result->reject_example_codes,
			     result->nreject_examples, out);
}

static const char *verdict_of(const struct verify_table_result *t, enum verify_mode mode)
{
	if (!t->parity)
		return "differs";
	return mode == VERIFY_COUNT ? "same count" : "parity";
}

/* The column that only a mode has: items of no row, or parts of the sum that differ. */
static void tables_text(const struct verify_result *result, struct buf *out)
{
	static const char *const own[] = { [VERIFY_FULL] = "extra",
					   [VERIFY_DIGEST] = "parts that differ",
					   [VERIFY_COUNT] = NULL, [VERIFY_SAMPLE] = NULL };
	const char *const heads[] = { "table", "expected", "in target", own[result->mode],
				      "verdict" };
	bool has_own = own[result->mode] != NULL;
	struct text_table t = { .ncolumns = has_own ? 5 : 4, .right = has_own ? 0xe : 0x6 };
	size_t i;

	for (i = 0; i < 5; i++)
		if (heads[i])
			text_table_text(&t, heads[i]);
	for (i = 0; i < result->ntables; i++) {
		const struct verify_table_result *table = &result->tables[i];

		text_table_text(&t, table->table);
		text_table_count(&t, table->items_expected);
		text_table_count(&t, table->items_scanned);
		if (has_own)
			text_table_count(&t, result->mode == VERIFY_FULL ? table->items_extra
									 : table->buckets_different);
		text_table_text(&t, verdict_of(table, result->mode));
	}
	text_table_write(&t, "", out);
	text_table_release(&t);
}

/* 0.3 %; as many digits as tell it from none */
static void add_percent(struct buf *out, double part)
{
	double percent = 100 * part;

	buf_addf(out, percent >= 10 ? "%.0f %%" : percent >= 0.1 || percent <= 0 ? "%.1f %%"
		: "%.4f %%", percent);
}

static void confidence_text(const struct verify_table_result *t, struct buf *out)
{
	struct verify_confidence c = verify_confidence(t->items_compared, t->items_wrong,
						       t->items_possible);
	double all = (double)t->items_possible;

	buf_adds(out, ": with 95 % confidence ");
	if (t->items_wrong) {
		buf_adds(out, "between ");
		add_percent(out, c.low);
		buf_adds(out, " and ");
	} else {
		buf_adds(out, "at most ");
	}
	add_percent(out, c.high);
	buf_adds(out, " of all items do, which is ");
	if (t->items_wrong) {
		text_add_count(out, (uint64_t)(c.low * all + 0.5));
		buf_adds(out, " to ");
	} else {
		buf_adds(out, "up to ");
	}
	text_add_plural(out, (uint64_t)(c.high * all + 0.5), "item");
}

static void table_sample_text(const struct verify_table_result *t, struct buf *out)
{
	buf_add_printable(out, str_of(t->table));
	buf_adds(out, ": ");
	text_add_plural(out, t->items_compared, "item");
	buf_adds(out, " compared, drawn from ");
	text_add_plural(out, t->rows_in_source, "row");
	if (t->items_wrong) {
		buf_adds(out, "; ");
		text_add_count(out, t->items_wrong);
		buf_adds(out, t->items_wrong == 1 ? " differs" : " differ");
	} else if (t->items_compared) {
		buf_adds(out, "; none differs");
	}
	if (t->items_compared < t->items_possible)
		confidence_text(t, out);
	else if (t->items_compared)
		buf_adds(out, ", and there are no others");
	buf_addc(out, '\n');
}

/* Else who reads of parity takes it for that of the indexes, too. */
static void unseen_indexes_text(const struct verify_result *result, struct buf *out)
{
	uint64_t n = indexes_in_contract(result);

	if (result->indexes || !n)
		return;
	text_add_count(out, n);
	buf_adds(out, n == 1 ? " index was" : " indexes were");
	buf_adds(out, " not looked at: see '--indexes'\n");
}

static void rechecks_text(const struct verify_result *result, struct buf *out)
{
	size_t i;

	for (i = 0; i < result->ntables; i++) {
		const struct verify_table_result *t = &result->tables[i];

		if (!t->items_rechecked)
			continue;
		buf_add_printable(out, str_of(t->table));
		buf_adds(out, ": ");
		text_add_plural(out, t->items_rechecked, "item");
		buf_adds(out, " differed at first and had both sides read again\n");
	}
}

/* Of two times nobody shall think that they are one. */
static void resumed_text(const struct verify_result *result, struct buf *out)
{
	uint64_t rows = 0, items = 0;
	size_t i;

	if (!result->resumed)
		return;
	for (i = 0; i < result->ntables; i++) {
		rows += result->tables[i].rows_resumed;
		items += result->tables[i].items_resumed;
	}
	buf_adds(out, "resumed: ");
	text_add_plural(out, rows, "row");
	buf_adds(out, " and ");
	text_add_plural(out, items, "item");
	buf_adds(out, " were read before, since ");
	text_add_utc(out, result->resumed_since_utc_ms);
	buf_adds(out, "; what changed in them after that was not seen\n");
}

static void query_cells(struct text_table *t, const struct verify_query_result *q)
{
	text_table_count(t, q->asked);
	text_table_count(t, q->wrong);
	text_table_count(t, q->undecided);
}

static void example_text(const char *table, const char *index, const struct verify_query_result *q,
			 struct buf *out)
{
	if (!q->example)
		return;
	buf_adds(out, "  query of ");
	buf_add_printable(out, str_of(table));
	if (index) {
		buf_addc(out, ' ');
		buf_add_printable(out, str_of(index));
	}
	buf_adds(out, " for ");
	text_add_shortened(out, str_of(q->example), 400);
	buf_addf(out, ": %s\n", q->example_why);
}

static void indexes_text(const struct verify_result *result, struct buf *out)
{
	static const char *const heads[] = { "table", "index", "entries expected", "found",
					     "queries", "wrong", "undecided", "verdict" };
	struct text_table t = { .ncolumns = 8, .right = 0x7c };
	size_t i, k;

	for (i = 0; i < 8; i++)
		text_table_text(&t, heads[i]);
	for (i = 0; i < result->ntables; i++) {
		const struct verify_table_result *table = &result->tables[i];

		text_table_text(&t, table->table);
		text_table_text(&t, "(the table)");
		text_table_text(&t, "");
		text_table_text(&t, "");
		query_cells(&t, &table->queries);
		text_table_text(&t, table->queries.wrong ? "differs" : "");
		for (k = 0; k < table->nindexes; k++) {
			const struct verify_index_result *x = &table->indexes[k];
			bool scanned = result->mode != VERIFY_SAMPLE;

			text_table_text(&t, table->table);
			text_table_text(&t, x->index);
			if (scanned) {
				text_table_count(&t, x->entries_expected);
				text_table_count(&t, x->entries_found);
			} else {
				text_table_text(&t, "");
				text_table_text(&t, "");
			}
			query_cells(&t, &x->queries);
			text_table_text(&t, x->queries.wrong || (scanned && !x->same)
					? "differs" : scanned ? "same" : "");
		}
	}
	buf_addc(out, '\n');
	text_table_write(&t, "", out);
	text_table_release(&t);
	for (i = 0; i < result->ntables; i++) {
		example_text(result->tables[i].table, NULL, &result->tables[i].queries, out);
		for (k = 0; k < result->tables[i].nindexes; k++)
			example_text(result->tables[i].table, result->tables[i].indexes[k].index,
				     &result->tables[i].indexes[k].queries, out);
	}
}

static void samples_text(const struct verify_result *result, struct buf *out)
{
	size_t i;

	for (i = 0; i < result->ntables; i++)
		table_sample_text(&result->tables[i], out);
	buf_adds(out, "items that no row explains were not looked for\n");
}

static void side_text(struct buf *out, const char *name, const char *value)
{
	buf_addf(out, "    %s ", name);
	if (value)
		buf_add_printable(out, str_of(value));
	else
		buf_adds(out, "no such attribute");
	buf_addc(out, '\n');
}

static void finding_text(const struct finding *f, struct buf *out)
{
	buf_addf(out, "  %s: ", finding_kind_name(f->kind));
	buf_add_printable(out, str_of(f->table));
	buf_addc(out, ' ');
	if (f->entity) {
		buf_add_printable(out, str_of(f->entity));
		buf_addc(out, ' ');
	}
	/* a key may have 3 KB: the ends tell keys apart better than the middle */
	text_add_shortened(out, str_of(f->key_json), 400);
	if (f->source_key_json) {
		buf_adds(out, " of row ");
		text_add_shortened(out, str_of(f->source_key_json), 200);
	}
	buf_addc(out, '\n');
	if (!f->attribute)
		return;
	buf_adds(out, "    attribute '");
	buf_add_printable(out, str_of(f->attribute));
	buf_addf(out, "': %s", f->how == HOW_ABSENT ? "is missing in the target"
			     : f->how == HOW_UNEXPECTED ? "only the target has it"
			     : f->how == HOW_TYPE ? "has another type" : "has another value");
	if (f->cause != CAUSE_UNKNOWN)
		buf_addf(out, "; likely cause: %s", finding_cause_words(f->cause));
	buf_addc(out, '\n');
	/* verify has shortened them already, around the first difference */
	side_text(out, "expected", f->expected);
	side_text(out, "actual  ", f->actual);
	if (is_hard_to_see(f)) {
		buf_adds(out, "    first difference: byte ");
		text_add_count(out, f->differs_at);
		buf_addf(out, ", U+%04X against U+%04X\n", f->expected_char, f->actual_char);
	}
}

static void verdict_text(const struct verify_result *result, struct buf *out)
{
	static const char *const same[] = {
		[VERIFY_FULL] = "parity, every item is as the source says and no other is there",
		[VERIFY_DIGEST] = "parity, the sums over all items of both sides are the same",
		[VERIFY_COUNT] = "the numbers of items are the same; no value was compared",
		[VERIFY_SAMPLE] = "no difference in the sample, which is no proof of parity",
	};

	buf_adds(out, "verdict: ");
	if (result->parity) {
		buf_adds(out, same[result->mode]);
	} else {
		buf_adds(out, "the target differs from the source");
		if (names_items(result->mode)) {
			buf_adds(out, ": ");
			text_add_plural(out, result->nfindings, "difference");
		} else {
			buf_adds(out, "; 'etl verify --mode full' names what does");
		}
	}
	buf_addc(out, '\n');
}

void verify_report_text(const struct verify_report *r, struct buf *out)
{
	const struct verify_result *result = r->result;
	size_t i, shown = result->nkept;

	if (shown > VERIFY_REPORT_TEXT_FINDINGS)
		shown = VERIFY_REPORT_TEXT_FINDINGS;
	entities_text(result, out);
	buf_addc(out, '\n');
	if (result->mode == VERIFY_SAMPLE)
		samples_text(result, out);
	else
		tables_text(result, out);
	if (result->indexes)
		indexes_text(result, out);
	rechecks_text(result, out);
	rejects_text(result, out);
	if (shown)
		buf_adds(out, "\ndifferences:\n");
	for (i = 0; i < shown; i++)
		finding_text(&result->findings[i], out);
	if (result->nfindings > shown) {
		buf_adds(out, "  and ");
		text_add_count(out, result->nfindings - shown);
		buf_addf(out, " more%s\n", result->nkept > shown ? ": the JSON report lists them"
							       : "");
	}
	report_snapshot_text(&result->snapshot, out);
	resumed_text(result, out);
	buf_adds(out, "time: ");
	text_add_duration(out, result->duration_ms);
	buf_adds(out, "; read units: ");
	text_add_count(out, (result->rcu_milli + 500) / 1000);
	buf_addc(out, '\n');
	if (result->repaired)
		repair_report_text(&result->repair, out);
	unseen_indexes_text(result, out);
	verdict_text(result, out);
}
