#include "report/page.h"

#include "report/page_priv.h"

#define EXAMPLES_PER_CODE 3

/* What is told at the top; the words are HTML. */
struct verdict {
	enum tone tone;
	struct buf title, words;
};

static json_t *part_of(json_t *report, const char *name)
{
	return json_in_is(report, "report", name) ? report : json_object_get(report, name);
}

static uint64_t rejects_of(const json_t *load, const json_t *verify)
{
	const json_t *e;
	uint64_t n = 0;
	size_t i;

	if (load)
		return json_in_count(json_object_get(load, "total"), "rows_rejected");
	json_array_foreach(json_object_get(verify, "entities"), i, e)
		n += json_in_count(e, "rows_rejected");
	return n;
}

static uint64_t entities_sum(const json_t *report, const char *member)
{
	const json_t *e;
	uint64_t n = 0;
	size_t i;

	json_array_foreach(json_object_get(report, "entities"), i, e)
		n += json_in_count(e, member);
	return n;
}

/* Else who reads of parity takes it for that of the indexes, too. */
static void say_unseen_indexes(struct verdict *v, const json_t *verify)
{
	uint64_t n = json_in_count(verify, "indexes_in_contract");

	if (json_in_true(verify, "indexes_looked_at") || !n)
		return;
	buf_addc(&v->words, ' ');
	text_add_count(&v->words, n);
	buf_adds(&v->words, n == 1 ? " index was" : " indexes were");
	buf_adds(&v->words, " not looked at.");
}

static void say_verify(struct verdict *v, const json_t *verify, uint64_t rejects)
{
	uint64_t differences = json_in_count(verify, "differences");
	bool named = json_in_is(verify, "mode", "full") || json_in_is(verify, "mode", "sample");

	if (!json_in_true(verify, "parity")) {
		v->tone = TONE_BAD;
		buf_adds(&v->title, "No parity");
		if (differences)
			text_add_plural(&v->words, differences, "difference");
		buf_adds(&v->words, differences ? " between what the source says and what the target holds."
			 : named ? "What indexes hold or Queries answer differs from what the source says."
			 : "The target differs from the source. Mode full names what does.");
		return;
	}
	if (!json_in_true(verify, "proven")) {
		bool count = json_in_is(verify, "mode", "count");

		v->tone = TONE_NOTE;
		buf_adds(&v->title, count ? "The same number of items" : "No difference in the sample");
		buf_adds(&v->words, count ? "No value was compared: this proves no parity."
				  : "Rows drawn at random agree, which is no proof of parity.");
		return;
	}
	v->tone = rejects ? TONE_NOTE : TONE_OK;
	buf_adds(&v->title, "Parity");
	if (rejects) {
		buf_adds(&v->title, ", but for ");
		text_add_plural(&v->title, rejects, "rejected row");
	}
	buf_adds(&v->words, "Each of the ");
	text_add_plural(&v->words, entities_sum(verify, "items_expected"), "expected item");
	buf_adds(&v->words, " is in the target as the source says, and no other is there.");
}

static void say_load(struct verdict *v, const json_t *load, uint64_t rejects)
{
	bool dry = json_in_true(load, "dry_run");
	const json_t *total = json_object_get(load, "total");

	v->tone = rejects ? TONE_NOTE : TONE_OK;
	buf_adds(&v->title, dry ? "Dry run" : "Loaded");
	if (rejects) {
		buf_adds(&v->title, ", with ");
		text_add_plural(&v->title, rejects, "rejected row");
	}
	text_add_plural(&v->words, json_in_count(total, "rows_read"), "row");
	buf_adds(&v->words, " read = ");
	text_add_plural(&v->words, json_in_count(total, "items_written"), "item");
	buf_adds(&v->words, dry ? " + " : " written + ");
	text_add_plural(&v->words, rejects, "reject");
	buf_adds(&v->words, " + ");
	text_add_count(&v->words, json_in_count(total, "rows_skipped"));
	buf_adds(&v->words, dry ? " skipped. Nothing was written to DynamoDB."
				: " skipped. Whether the target holds them is for verify to prove.");
}

static void say_failure(struct verdict *v, json_t *report)
{
	bool stopped = json_in_is(report, "outcome", "stopped");
	struct str error = json_in_str(report, "error"), hint = json_in_str(report, "hint");

	v->tone = TONE_BAD;
	buf_adds(&v->title, stopped ? "Stopped before the end" : "Failed");
	page_text(&v->words, error);
	if (hint.ptr) {
		buf_adds(&v->words, "</p><p class=lede>Hint: ");
		page_text(&v->words, hint);
	}
}

static struct verdict verdict_of(json_t *report)
{
	const json_t *load = part_of(report, "load"), *verify = part_of(report, "verify");
	uint64_t rejects = rejects_of(load, verify);
	struct verdict v = { 0 };

	if (json_in_str(report, "error").ptr)
		say_failure(&v, report);
	else if (verify) {
		say_verify(&v, verify, rejects);
		say_unseen_indexes(&v, verify);
	} else {
		say_load(&v, load, rejects);
	}
	return v;
}

static void add_icon(struct buf *b, enum tone tone)
{
	static const char *const paths[] = {
		[TONE_OK] = "M7 12.5l3.5 3.5L17 8.5", [TONE_NOTE] = "M12 7v6.5M12 16.8v.2",
		[TONE_BAD] = "M8 8l8 8M16 8l-8 8",
	};

	buf_addf(b, "<svg viewBox=\"0 0 24 24\" fill=none stroke=currentColor stroke-width=2.2 "
		 "stroke-linecap=round stroke-linejoin=round aria-hidden=true><circle cx=12 cy=12 r=10 />"
		 "<path d=\"%s\"/></svg>", paths[tone]);
}

/* "2024-01-31T10:20:30Z" -> "2024-01-31 10:20:30 UTC" */
static void add_time(struct buf *b, struct str at)
{
	size_t i;

	for (i = 0; i < at.len; i++)
		buf_addc(b, at.ptr[i] == 'T' ? ' ' : at.ptr[i]);
	if (at.len && b->ptr[b->len - 1] == 'Z') {
		b->len--;
		buf_adds(b, " UTC");
	}
}

static void add_header(struct buf *b, json_t *report, struct verdict *v)
{
	struct buf time = { 0 };

	buf_addf(b, "<header class=\"verdict %s\"><p class=kicker>etl ", tone_class(v->tone));
	page_text(b, json_in_str(report, "report"));
	buf_adds(b, " \xc2\xb7 ");
	add_time(&time, json_in_str(report, "started"));
	page_text(b, buf_str(&time));
	buf_reset(&time);
	text_add_duration(&time, json_in_ms(report, "seconds"));
	buf_addf(b, " \xc2\xb7 took %s \xc2\xb7 exit status %u</p>\n<h1>", buf_cstr(&time),
		 (unsigned)json_in_count(report, "exit_status"));
	add_icon(b, v->tone);
	buf_addf(b, "<span>%s</span></h1>\n<p class=lede>%s</p></header>\n", buf_cstr(&v->title),
		 buf_cstr(&v->words));
	buf_release(&time);
}

static void add_figures(struct buf *b, json_t *report)
{
	const json_t *load = part_of(report, "load"), *verify = part_of(report, "verify");
	const json_t *total = json_object_get(load, "total");

	if (!load && !verify)
		return;
	buf_adds(b, "<dl class=figures>\n");
	page_figure(b, "rows read", load ? json_in_count(total, "rows_read")
					 : entities_sum(verify, "rows_read"));
	if (load)
		page_figure(b, json_in_true(load, "dry_run") ? "items" : "items written",
			    json_in_count(total, "items_written"));
	if (verify)
		page_figure(b, "items expected", entities_sum(verify, "items_expected"));
	page_figure(b, "rejects", rejects_of(load, verify));
	if (load && json_in_count(total, "rows_skipped"))
		page_figure(b, "skipped", json_in_count(total, "rows_skipped"));
	if (verify)
		page_figure(b, "differences", json_in_count(verify, "differences"));
	buf_adds(b, "</dl>\n");
}

static void add_steps(struct buf *b, json_t *report)
{
	const json_t *step;
	size_t i;

	if (!json_array_size(json_object_get(report, "steps")))
		return;
	buf_adds(b, "<ol class=steps aria-label=\"Steps\">\n");
	json_array_foreach(json_object_get(report, "steps"), i, step) {
		bool done = json_in_is(step, "outcome", "done");
		bool not_run = json_in_is(step, "outcome", "not-run");
		bool rejects = json_in_is(step, "outcome", "rejects");
		struct buf time = { 0 };

		buf_adds(b, "<li>");
		page_text(b, json_in_str(step, "step"));
		buf_addf(b, " <span class=is-%s>%s ", not_run ? "note" : done ? "ok"
			 : rejects ? "note" : "bad", not_run ? "\xe2\x80\x93"
			 : done ? "\xe2\x9c\x93" : rejects ? "\xe2\x97\x8b" : "\xe2\x9c\x97");
		page_text(b, not_run ? STR("not run") : json_in_str(step, "outcome"));
		buf_adds(b, "</span>");
		text_add_duration(&time, json_in_ms(step, "seconds"));
		if (!not_run)
			buf_addf(b, "<span class=note>%s</span>", buf_cstr(&time));
		buf_adds(b, "</li>\n");
		buf_release(&time);
	}
	buf_adds(b, "</ol>\n");
}

static void add_snapshot(struct buf *b, json_t *report)
{
	const json_t *load = part_of(report, "load"), *verify = part_of(report, "verify");
	const json_t *s = json_object_get(load, "snapshot");
	struct buf text = { 0 };

	if (!json_is_object(s))
		s = json_object_get(verify, "snapshot");
	if (!json_is_object(s))
		return;
	buf_addstr(&text, json_in_str(s, "method"));
	buf_adds(&text, ", ");
	add_time(&text, json_in_str(s, "taken_at"));
	page_fact(b, "Snapshot", buf_str(&text));
	buf_reset(&text);
	if (json_in_str(s, "binlog_file").ptr) {
		buf_addstr(&text, json_in_str(s, "binlog_file"));
		buf_addf(&text, ":%llu", (unsigned long long)json_in_count(s, "binlog_position"));
		page_fact(b, "Binlog position", buf_str(&text));
	}
	page_fact(b, "GTID", json_in_str(s, "gtid"));
	buf_release(&text);
}

static void add_about(struct buf *b, json_t *report)
{
	page_facts_begin(b);
	page_fact(b, "Contract", json_in_str(report, "contract"));
	page_fact(b, "From", json_in_str(report, "source"));
	page_fact(b, "To", json_in_str(report, "target"));
	add_snapshot(b, report);
	page_facts_end(b);
}

/* ---- rejects --------------------------------------------------------------------------------- */

static void add_examples(struct buf *b, json_t *report, const char *code)
{
	const json_t *example;
	size_t i, shown = 0;

	json_array_foreach(json_object_get(report, "reject_examples"), i, example) {
		struct buf json = { 0 }, shorter = { 0 };

		if (!json_in_is(example, "code", code) || shown == EXAMPLES_PER_CODE)
			continue;
		if (!shown++)
			buf_addf(b, "<h3>%s</h3>\n<ul class=items>\n", code);
		json_in_dump(&json, json_object_get(example, "source_key"));
		buf_adds(b, "<li><p>");
		page_text(b, json_in_str(example, "table"));
		buf_addc(b, ' ');
		page_text(b, json_in_str(example, "entity"));
		buf_adds(b, ", row <code>");
		text_add_shortened(&shorter, buf_str(&json), 300);
		page_text(b, buf_str(&shorter));
		buf_adds(b, "</code></p>\n<p>");
		page_text(b, json_in_str(example, "reason"));
		buf_adds(b, "</p>\n<pre>");
		buf_reset(&json);
		buf_reset(&shorter);
		json_in_dump(&json, json_object_get(example, "item"));
		text_add_shortened(&shorter, buf_str(&json), 600);
		page_text(b, buf_str(&shorter));
		buf_adds(b, "</pre></li>\n");
		buf_release(&json);
		buf_release(&shorter);
	}
	if (shown)
		buf_adds(b, "</ul>\n");
}

static void reject_row(struct buf *b, const char *code, uint64_t n, uint64_t all)
{
	page_row_begin(b);
	page_cell_head(b, str_of(code));
	page_cell_count(b, n);
	page_cell_bar(b, &(struct bar_part){ "bad", n }, 1, all);
	page_row_end(b);
}

void page_rejects(struct page *p, json_t *report, bool load)
{
	static const char *const heads[] = { "Code", "#Rows", "|", NULL };
	uint64_t all = rejects_of(load ? report : NULL, report), counted = 0;
	json_t *sums = json_object(), *value;
	const json_t *e;
	const char *code;
	size_t i;

	json_array_foreach(json_object_get(report, "entities"), i, e) {
		json_object_foreach(json_object_get(e, "rejects_by_code"), code, value) {
			json_int_t n = json_integer_value(json_object_get(sums, code)) +
				       json_integer_value(value);

			json_object_set_new(sums, code, json_integer(n));
			counted += (uint64_t)json_integer_value(value);
		}
	}
	if (all) {
		page_section(p, "rejects", "Rejects");
		buf_adds(&p->body, "<p class=note>Rows that made no item, each for a reason.</p>\n");
		page_table_begin(&p->body, "Rejects by code", heads);
		json_object_foreach(sums, code, value)
			reject_row(&p->body, code, (uint64_t)json_integer_value(value), all);
		if (counted < all)
			reject_row(&p->body, "in earlier runs", all - counted, all);
		page_table_end(&p->body);
		json_object_foreach(sums, code, value)
			add_examples(&p->body, report, code);
	}
	json_decref(sums);
}

/* ---- the end of the page --------------------------------------------------------------------- */

static void add_settings(struct page *p, json_t *report)
{
	static const char *const heads[] = { "Setting", "Value", "From", NULL };
	struct buf *b = &p->body;
	const json_t *s;
	int given;
	size_t i;

	page_section(p, "settings", "Settings");
	for (given = 1; given >= 0; given--) {
		if (!given)
			buf_adds(b, "<h3>As by default</h3>\n");
		page_table_begin(b, given ? "Settings that were given" : "Default settings", heads);
		json_array_foreach(json_object_get(report, "settings"), i, s) {
			if (json_in_is(s, "origin", "default") == given)
				continue;
			page_row_begin(b);
			page_cell_head(b, json_in_str(s, "name"));
			if (json_in_str(s, "value").ptr)
				page_cell_text(b, json_in_str(s, "value"));
			else
				buf_adds(b, "<td class=zero>not set</td>");
			page_cell_text(b, json_in_str(s, "origin"));
			page_row_end(b);
		}
		page_table_end(b);
	}
}

static void add_versions(struct page *p, json_t *report)
{
	const json_t *v = json_object_get(report, "versions");

	page_section(p, "versions", "Versions");
	page_facts_begin(&p->body);
	page_fact(&p->body, "etl", json_in_str(v, "etl"));
	page_fact(&p->body, "Server", json_in_str(v, "server"));
	page_fact(&p->body, "MySQL client", json_in_str(v, "mysql_client"));
	page_fact(&p->body, "libcurl", json_in_str(v, "libcurl"));
	page_fact(&p->body, "OpenSSL", json_in_str(v, "openssl"));
	page_fact(&p->body, "Contract's digest", json_in_str(report, "contract_digest"));
	page_facts_end(&p->body);
}

bool page_knows(const char *member)
{
	static const char *const known[] = {
		"report", "version", "started", "contract", "contract_digest", "source", "target",
		"outcome", "error", "hint", "exit_status", "versions", "settings", "seconds", "steps",
		"load", "verify", "dry_run", "write_mode", "complete", "resumed", "resumed_since",
		"snapshot", "snapshots", "losses", "total", "quote", "cost", "requests", "retries",
		"throttles",
		"unprocessed", "limited_seconds", "readers", "workers", "entities", "reject_files",
		"reject_examples", "samples", "mode", "parity", "proven",
		"indexes_in_contract", "indexes_looked_at", "tables", "differences",
		"findings",
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], member) == 0)
			return true;
	return false;
}

static void add_sections(struct page *p, json_t *report)
{
	json_t *load = part_of(report, "load"), *verify = part_of(report, "verify");

	if (verify) {
		page_verify_tables(p, verify);
		page_verify_findings(p, verify);
		page_verify_indexes(p, verify);
		page_unknown_sections(p, verify);
	}
	if (load)
		page_load_tables(p, load);
	if (load || verify) {
		page_rejects(p, load ? load : verify, load != NULL);
		page_section(p, "over-time", "Over time");
	}
	if (load)
		page_chart(&p->body, load, "Load", "items", json_in_true(load, "dry_run")
			   ? "items made" : "items written");
	if (verify)
		page_chart(&p->body, verify, "Verify", "items_scanned", "items of the target read");
	if (load) {
		page_load_rest(p, load);
		page_unknown_sections(p, load);
	}
	if (verify)
		page_verify_rest(p, verify);
	if (report != load && report != verify)
		page_unknown_sections(p, report);
	add_settings(p, report);
	add_versions(p, report);
}

void page_render(json_t *report, struct buf *out)
{
	struct verdict v = verdict_of(report);
	struct page p = { 0 };

	add_sections(&p, report);
	buf_adds(out, "<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
		 "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
		 "style-src 'unsafe-inline'\">\n"
		 "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=color-scheme content=\"light dark\">\n<title>");
	buf_adds(out, buf_cstr(&v.title));
	buf_adds(out, ": ");
	markup_plain(out, json_in_str(report, "contract"));
	buf_adds(out, ", etl ");
	markup_plain(out, json_in_str(report, "report"));
	buf_addf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", page_style);
	add_header(out, report, &v);
	add_steps(out, report);
	add_figures(out, report);
	add_about(out, report);
	buf_addf(out, "<nav aria-label=\"Sections\">\n%s</nav>\n", buf_cstr(&p.nav));
	buf_addstr(out, buf_str(&p.body));
	buf_adds(out, "<footer>Made by etl ");
	page_text(out, json_in_str(json_object_get(report, "versions"), "etl"));
	buf_adds(out, " from the report's JSON. Nothing on this page comes from elsewhere.</footer>\n"
		 "</main>\n</body>\n</html>\n");
	buf_release(&p.body);
	buf_release(&p.nav);
	buf_release(&v.title);
	buf_release(&v.words);
}
