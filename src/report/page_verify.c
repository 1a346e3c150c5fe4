/* What a verify found: each difference with its differing part marked. */
#include "report/page_priv.h"
#include "verify/verify.h"

#define SUMMARY_MIN 5		/* findings that are worth one */

static bool names_items(const json_t *verify)
{
	return json_in_is(verify, "mode", "full") || json_in_is(verify, "mode", "sample");
}

static uint64_t sum_of(const json_t *list, const char *table, const char *member)
{
	const json_t *e;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(list, i, e)
		if (json_in_is(e, "table", table))
			sum += json_in_count(e, member);
	return sum;
}

static void verdict_cell(struct buf *b, const json_t *verify, const json_t *table)
{
	if (!json_in_true(table, "parity"))
		page_cell_tone(b, json_in_true(verify, "complete") ? TONE_BAD : TONE_NOTE,
			       json_in_true(verify, "complete") ? "differs" : "not proven");
	else if (json_in_is(verify, "mode", "count"))
		page_cell_tone(b, TONE_NOTE, "same count");
	else if (json_in_is(verify, "mode", "sample"))
		page_cell_tone(b, TONE_NOTE, "none found");
	else
		page_cell_tone(b, TONE_OK, "parity");
}

static void tables(struct page *p, const json_t *verify)
{
	bool named = names_items(verify), sample = json_in_is(verify, "mode", "sample");
	const char *heads[] = { "Table", "Verdict", "#Expected", sample ? "#Compared" : "#In target",
				named ? "#Missing" : "|", named ? "#Different" : NULL, "#Extra", "|",
				NULL };
	const json_t *list = json_object_get(verify, "tables"), *t;
	const json_t *entities = json_object_get(verify, "entities");
	struct buf *b = &p->body;
	size_t i;

	page_table_begin(b, "Verdict by table", heads);
	json_array_foreach(list, i, t) {
		const char *name = json_string_value(json_object_get(t, "table"));
		uint64_t expected = json_in_count(t, "items_expected");
		uint64_t missing = sum_of(entities, name, "items_missing");
		uint64_t different = sum_of(entities, name, "items_different");
		/* counts tell only whether, not how many */
		uint64_t wrong = named ? missing + different : json_in_true(t, "parity") ? 0 : expected;
		uint64_t good = wrong < expected ? expected - wrong : 0;
		const struct bar_part parts[] = {
			{ "ok", good }, { "note", different }, { "bad", wrong - different },
		};

		page_row_begin(b);
		page_cell_head(b, str_of(name));
		verdict_cell(b, verify, t);
		page_cell_count(b, expected);
		page_cell_count(b, json_in_count(t, sample ? "items_compared" : "items_in_target"));
		if (named) {
			page_cell_count(b, missing);
			page_cell_count(b, different);
			page_cell_count(b, json_in_count(t, "items_extra"));
		}
		page_cell_bar(b, parts, 3, expected);
		page_row_end(b);
	}
	page_table_end(b);
}

static void entities(struct page *p, const json_t *verify)
{
	bool named = names_items(verify);
	const char *heads[] = { "Table", "Entity", "#Rows", "#Rejects", "#Expected",
				named ? "#Equal" : NULL, "#Missing", "#Different", NULL };
	struct buf *b = &p->body;
	const json_t *e;
	size_t i;

	buf_adds(b, "<h3>By entity</h3>\n");
	page_table_begin(b, "Counts by entity", heads);
	json_array_foreach(json_object_get(verify, "entities"), i, e) {
		page_row_begin(b);
		page_cell_head(b, json_in_str(e, "table"));
		page_cell_text(b, json_in_str(e, "entity"));
		page_cell_count(b, json_in_count(e, "rows_read"));
		page_cell_count(b, json_in_count(e, "rows_rejected"));
		page_cell_count(b, json_in_count(e, "items_expected"));
		if (named) {
			page_cell_count(b, json_in_count(e, "items_equal"));
			page_cell_count(b, json_in_count(e, "items_missing"));
			page_cell_count(b, json_in_count(e, "items_different"));
		}
		page_row_end(b);
	}
	page_table_end(b);
}

static void samples_words(struct buf *b, const json_t *verify)
{
	const json_t *t, *part;
	size_t i;

	if (!json_in_is(verify, "mode", "sample"))
		return;
	json_array_foreach(json_object_get(verify, "tables"), i, t) {
		part = json_object_get(t, "part_wrong_with_confidence_95");
		buf_adds(b, "<p class=note>");
		page_text(b, json_in_str(t, "table"));
		buf_adds(b, ": ");
		text_add_count(b, json_in_count(t, "items_compared"));
		buf_adds(b, " compared, drawn from ");
		text_add_plural(b, json_in_count(t, "rows_in_source"), "row");
		buf_addf(b, "; with 95 %% confidence between %.3g %% and %.3g %% of all differ.</p>\n",
			 100 * json_in_number(part, "low"), 100 * json_in_number(part, "high"));
	}
}

void page_verify_tables(struct page *p, const json_t *verify)
{
	page_section(p, "parity", "Parity");
	tables(p, verify);
	samples_words(&p->body, verify);
	entities(p, verify);
}

/* ---- differences ----------------------------------------------------------------------------- */

static bool inside_char(struct str s, size_t at)
{
	return at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80;
}

/* How much of both begins, and of the rest ends, alike; whole characters. */
static void common_ends(struct str a, struct str b, size_t *head, size_t *tail)
{
	size_t least = a.len < b.len ? a.len : b.len, h = 0, t = 0;

	while (h < least && a.ptr[h] == b.ptr[h])
		h++;
	while (h && (inside_char(a, h) || inside_char(b, h)))
		h--;
	while (t < least - h && a.ptr[a.len - 1 - t] == b.ptr[b.len - 1 - t])
		t++;
	while (t && inside_char(a, a.len - t))
		t--;
	*head = h;
	*tail = t;
}

static void side(struct buf *b, const char *name, const char *class, struct str value, size_t head,
		 size_t tail)
{
	buf_addf(b, "<dt>%s</dt><dd class=\"v %s\">", name, class);
	if (!value.ptr) {
		buf_adds(b, "<mark>no such attribute</mark></dd>\n");
		return;
	}
	page_text(b, (struct str){ value.ptr, head });
	if (value.len > head + tail) {
		buf_adds(b, "<mark>");
		page_text(b, (struct str){ value.ptr + head, value.len - head - tail });
		buf_adds(b, "</mark>");
	}
	page_text(b, (struct str){ value.ptr + value.len - tail, tail });
	buf_adds(b, "</dd>\n");
}

static void sides(struct buf *b, const json_t *finding)
{
	struct str expected = json_in_str(finding, "expected");
	struct str actual = json_in_str(finding, "actual");
	size_t head = 0, tail = 0;

	if (expected.ptr && actual.ptr)
		common_ends(expected, actual, &head, &tail);
	buf_adds(b, "<dl class=sides>");
	side(b, "expected", "e", expected, expected.ptr && actual.ptr ? head : 0, tail);
	side(b, "actual", "a", actual, expected.ptr && actual.ptr ? head : 0, tail);
	buf_adds(b, "</dl>\n");
}

static void json_code(struct buf *b, const json_t *value)
{
	struct buf text = { 0 }, shorter = { 0 };

	json_in_dump(&text, value);
	text_add_shortened(&shorter, buf_str(&text), 400);
	buf_adds(b, "<code>");
	page_text(b, text.len > 400 ? buf_str(&shorter) : buf_str(&text));
	buf_adds(b, "</code>");
	buf_release(&text);
	buf_release(&shorter);
}

static const char *what_words(const json_t *finding)
{
	if (json_in_is(finding, "kind", "missing"))
		return "Missing in the target";
	if (json_in_is(finding, "kind", "extra"))
		return "Of no row in the source";
	if (json_in_is(finding, "how", "absent"))
		return "Attribute is missing";
	if (json_in_is(finding, "how", "unexpected"))
		return "Attribute that no row makes";
	return json_in_is(finding, "how", "type") ? "Another type" : "Another value";
}

static const char *cause_words(struct str name)
{
	int cause;

	for (cause = CAUSE_UNKNOWN + 1; cause <= CAUSE_NEWER; cause++)
		if (str_is(name, finding_cause_name((enum finding_cause)cause)))
			return finding_cause_words((enum finding_cause)cause);
	return "unknown";
}

static void add_finding(struct buf *b, const json_t *f)
{
	struct str cause = json_in_str(f, "likely_cause"), attribute = json_in_str(f, "attribute");
	const json_t *first = json_object_get(f, "first_difference");

	buf_addf(b, "<li><p><span class=is-%s>%s</span>",
		 json_in_is(f, "kind", "different") ? "note" : "bad", what_words(f));
	if (attribute.ptr) {
		buf_adds(b, ": <code>");
		page_text(b, attribute);
		buf_adds(b, "</code>");
	}
	buf_adds(b, "</p>\n<p>");
	page_text(b, json_in_str(f, "table"));
	buf_addc(b, ' ');
	page_text(b, json_in_str(f, "entity"));
	buf_addc(b, ' ');
	json_code(b, json_object_get(f, "key"));
	buf_adds(b, "</p>\n");
	if (attribute.ptr)
		sides(b, f);
	buf_adds(b, "<p class=note>");
	if (json_object_get(f, "source_key")) {
		buf_adds(b, "row ");
		json_code(b, json_object_get(f, "source_key"));
	}
	if (cause.ptr) {
		buf_adds(b, json_object_get(f, "source_key") ? "; likely cause: " : "likely cause: ");
		page_text(b, str_of(cause_words(cause)));
	}
	if (first) {
		buf_adds(b, "<br>first difference: byte ");
		text_add_count(b, json_in_count(first, "byte"));
		buf_adds(b, ", ");
		page_text(b, json_in_str(first, "expected"));
		buf_adds(b, " against ");
		page_text(b, json_in_str(first, "actual"));
	}
	buf_adds(b, "</p></li>\n");
}

/* Where many differ, how many of each kind: a cause is often one for all. */
static void add_summary(struct buf *b, const json_t *findings)
{
	static const char *const heads[] = { "Table", "Entity", "What", "Attribute", "Likely cause",
					     "#Findings", "|", NULL };
	json_t *sums = json_object(), *first;
	const json_t *f;
	const char *key;
	size_t i;

	json_array_foreach(findings, i, f) {
		struct buf of = { 0 };
		json_t *sum;

		buf_addf(&of, "%s\t", what_words(f));
		buf_addstr(&of, json_in_str(f, "table"));
		buf_addc(&of, '\t');
		buf_addstr(&of, json_in_str(f, "entity"));
		buf_addc(&of, '\t');
		buf_addstr(&of, json_in_str(f, "attribute"));
		buf_addc(&of, '\t');
		buf_addstr(&of, json_in_str(f, "likely_cause"));
		sum = json_object_get(sums, buf_cstr(&of));
		if (!sum) {
			sum = json_pack("{s:i,s:O}", "n", 0, "first", f);
			json_object_set_new(sums, buf_cstr(&of), sum);
		}
		json_object_set_new(sum, "n", json_integer((json_int_t)json_in_count(sum, "n") + 1));
		buf_release(&of);
	}
	page_table_begin(b, "Differences by kind", heads);
	json_object_foreach(sums, key, first) {
		const struct bar_part part = { "bad", json_in_count(first, "n") };

		f = json_object_get(first, "first");
		page_row_begin(b);
		page_cell_head(b, json_in_str(f, "table"));
		page_cell_text(b, json_in_str(f, "entity"));
		page_cell_text(b, str_of(what_words(f)));
		page_cell_text(b, json_in_str(f, "attribute"));
		page_cell_text(b, json_in_str(f, "likely_cause").ptr
			       ? str_of(cause_words(json_in_str(f, "likely_cause"))) : STR(""));
		page_cell_count(b, part.n);
		page_cell_bar(b, &part, 1, json_array_size(findings));
		page_row_end(b);
	}
	page_table_end(b);
	json_decref(sums);
}

void page_verify_findings(struct page *p, const json_t *verify)
{
	const json_t *findings = json_object_get(verify, "findings"), *f;
	uint64_t all = json_in_count(verify, "differences");
	size_t i;

	if (!json_array_size(findings))
		return;
	page_section(p, "differences", "Differences");
	if (all > json_array_size(findings)) {
		buf_adds(&p->body, "<p>The first ");
		text_add_count(&p->body, json_array_size(findings));
		buf_adds(&p->body, " of ");
		text_add_count(&p->body, all);
		buf_adds(&p->body, ".</p>\n");
	}
	if (json_array_size(findings) >= SUMMARY_MIN)
		add_summary(&p->body, findings);
	buf_adds(&p->body, "<ul class=items>\n");
	json_array_foreach(findings, i, f)
		add_finding(&p->body, f);
	buf_adds(&p->body, "</ul>\n");
}

void page_verify_rest(struct page *p, json_t *verify)
{
	struct buf *b = &p->body, time = { 0 };

	page_section(p, "verify-details", "How the verify went");
	page_facts_begin(b);
	page_fact(b, "Mode", json_in_str(verify, "mode"));
	text_add_duration(&time, json_in_ms(verify, "seconds"));
	page_fact(b, "Time", buf_str(&time));
	page_fact_count(b, "Connections to MySQL", json_in_count(verify, "readers"));
	page_fact_count(b, "Connections to DynamoDB", json_in_count(verify, "workers"));
	page_fact_count(b, "Requests", json_in_count(verify, "requests"));
	page_fact_count(b, "Sent again", json_in_count(verify, "retries"));
	page_fact_count(b, "Throttled", json_in_count(verify, "throttles"));
	if (json_in_true(verify, "resumed"))
		page_fact(b, "Some parts were read before, since",
			  json_in_str(verify, "resumed_since"));
	if (json_in_count(verify, "losses"))
		page_fact_count(b, "Times the source was lost", json_in_count(verify, "losses"));
	page_unknown_facts(b, verify);
	page_facts_end(b);
	buf_release(&time);
}
