#include "report/junit.h"

#include "report/json_in.h"
#include "report/markup.h"
#include "report/text.h"

#define FINDINGS_PER_CASE 20
#define EXAMPLES_PER_CASE 5

struct suite {
	struct buf cases;
	const char *name;
	unsigned n, failures, errors, skipped;
};

/* A testcase; what is added to 'text' meanwhile is its message in full. */
static void open_case(struct suite *s, const char *kind, struct str name)
{
	buf_addf(&s->cases, "    <testcase classname=\"etl.%s\" name=\"%s", s->name, kind);
	if (name.ptr)
		buf_addc(&s->cases, ' ');
	markup_plain(&s->cases, name);
	buf_adds(&s->cases, "\"");
	s->n++;
}

static void pass(struct suite *s)
{
	buf_adds(&s->cases, "/>\n");
}

static void end_badly(struct suite *s, const char *element, const char *type, struct str message,
		      struct str text)
{
	buf_addf(&s->cases, ">\n      <%s type=\"%s\" message=\"", element, type);
	markup_plain(&s->cases, message);
	buf_adds(&s->cases, "\">");
	markup_plain(&s->cases, text);
	buf_addf(&s->cases, "</%s>\n    </testcase>\n", element);
}

static void fail(struct suite *s, const char *type, const struct buf *message,
		 const struct buf *text)
{
	s->failures++;
	end_badly(s, "failure", type, buf_str(message), buf_str(text));
}

static void skip(struct suite *s, const char *why)
{
	s->skipped++;
	buf_addf(&s->cases, ">\n      <skipped message=\"%s\"/>\n    </testcase>\n", why);
}

/* Did it end, and well? */
static void add_end(struct suite *s, const json_t *report)
{
	struct str error = json_in_str(report, "error");
	struct buf text = { 0 };

	open_case(s, "ends well", (struct str){ 0 });
	if (!error.ptr) {
		pass(s);
		return;
	}
	s->errors++;
	buf_addstr(&text, error);
	if (json_in_str(report, "hint").ptr) {
		buf_adds(&text, "\nhint: ");
		buf_addstr(&text, json_in_str(report, "hint"));
	}
	end_badly(s, "error", json_string_value(json_object_get(report, "outcome")), error,
		  buf_str(&text));
	buf_release(&text);
}

static void name_of(struct buf *name, const json_t *entity)
{
	buf_addstr(name, json_in_str(entity, "table"));
	buf_addc(name, ' ');
	buf_addstr(name, json_in_str(entity, "entity"));
}

static bool same_entity(const json_t *a, const json_t *b)
{
	return str_eq(json_in_str(a, "table"), json_in_str(b, "table")) &&
	       str_eq(json_in_str(a, "entity"), json_in_str(b, "entity"));
}

/* Of each entity: every row makes an item. */
static void add_rejects(struct suite *s, const json_t *report)
{
	const json_t *e, *example;
	size_t i, k;

	json_array_foreach(json_object_get(report, "entities"), i, e) {
		struct buf name = { 0 }, message = { 0 }, text = { 0 };
		size_t shown = 0;

		name_of(&name, e);
		open_case(s, "every row makes an item:", buf_str(&name));
		text_add_plural(&message, json_in_count(e, "rows_rejected"), "rejected row");
		json_array_foreach(json_object_get(report, "reject_examples"), k, example)
			if (same_entity(e, example) && shown++ < EXAMPLES_PER_CASE) {
				json_in_dump(&text, example);
				buf_addc(&text, '\n');
			}
		if (json_in_count(e, "rows_rejected"))
			fail(s, "rejects", &message, &text);
		else
			pass(s);
		buf_release(&name);
		buf_release(&message);
		buf_release(&text);
	}
}

static void finding_line(struct buf *out, const json_t *f)
{
	buf_addstr(out, json_in_str(f, "kind"));
	buf_adds(out, ": ");
	json_in_dump(out, json_object_get(f, "key"));
	if (json_in_str(f, "attribute").ptr) {
		struct str expected = json_in_str(f, "expected"), actual = json_in_str(f, "actual");

		buf_adds(out, " attribute ");
		buf_addstr(out, json_in_str(f, "attribute"));
		buf_adds(out, ": expected ");
		buf_addstr(out, expected.ptr ? expected : STR("no such attribute"));
		buf_adds(out, ", actual ");
		buf_addstr(out, actual.ptr ? actual : STR("no such attribute"));
	}
	buf_addc(out, '\n');
}

/* Findings of the table, or of its 'entity' where that is not NULL. */
static void add_findings(struct buf *text, const json_t *verify, const json_t *of, bool entity)
{
	const json_t *f;
	size_t i, shown = 0;

	json_array_foreach(json_object_get(verify, "findings"), i, f) {
		if (!str_eq(json_in_str(f, "table"), json_in_str(of, "table")) ||
		    (entity ? !same_entity(f, of) : json_in_str(f, "entity").ptr != NULL))
			continue;
		if (shown++ < FINDINGS_PER_CASE)
			finding_line(text, f);
	}
	if (shown > FINDINGS_PER_CASE) {
		buf_adds(text, "and ");
		text_add_count(text, shown - FINDINGS_PER_CASE);
		buf_adds(text, " more\n");
	}
}

static void add_entities(struct suite *s, const json_t *verify)
{
	const json_t *e;
	size_t i;

	json_array_foreach(json_object_get(verify, "entities"), i, e) {
		uint64_t missing = json_in_count(e, "items_missing");
		uint64_t different = json_in_count(e, "items_different");
		struct buf name = { 0 }, message = { 0 }, text = { 0 };

		if (!json_object_get(e, "items_equal"))
			continue;	/* the mode tells tables apart only */
		name_of(&name, e);
		open_case(s, "every item is as the source says:", buf_str(&name));
		text_add_count(&message, missing);
		buf_adds(&message, " missing, ");
		text_add_count(&message, different);
		buf_adds(&message, " different");
		add_findings(&text, verify, e, true);
		if (missing || different)
			fail(s, "differences", &message, &text);
		else if (!json_in_true(verify, "complete"))
			skip(s, "not compared to the end");
		else
			pass(s);
		buf_release(&name);
		buf_release(&message);
		buf_release(&text);
	}
}

static void add_tables(struct suite *s, const json_t *verify)
{
	const json_t *t;
	size_t i;

	json_array_foreach(json_object_get(verify, "tables"), i, t) {
		struct buf message = { 0 }, text = { 0 };

		open_case(s, "parity of table", json_in_str(t, "table"));
		text_add_count(&message, json_in_count(t, "items_expected"));
		buf_adds(&message, " items expected, ");
		if (json_object_get(t, "items_in_target")) {
			text_add_count(&message, json_in_count(t, "items_in_target"));
			buf_adds(&message, " in the target, ");
			text_add_count(&message, json_in_count(t, "items_extra"));
			buf_adds(&message, " of no row");
		} else {
			text_add_count(&message, json_in_count(t, "items_wrong"));
			buf_adds(&message, " of those compared differ");
		}
		add_findings(&text, verify, t, false);
		if (json_in_true(t, "parity"))
			pass(s);
		else if (!json_in_true(verify, "complete"))
			skip(s, "not compared to the end");
		else
			fail(s, "parity", &message, &text);
		buf_release(&message);
		buf_release(&text);
	}
}

static void add_index(struct suite *s, const char *kind, const json_t *table, const json_t *index)
{
	struct buf name = { 0 }, text = { 0 };

	buf_addstr(&name, json_in_str(table, "table"));
	if (index) {
		buf_addc(&name, ' ');
		buf_addstr(&name, json_in_str(index, "index"));
	}
	open_case(s, kind, buf_str(&name));
	json_in_dump(&text, index ? index : json_object_get(table, "queries"));
	if (index_differs(index ? index : table))
		fail(s, "index", &text, &text);
	else
		pass(s);
	buf_release(&name);
	buf_release(&text);
}

static void add_indexes(struct suite *s, const json_t *verify)
{
	const json_t *t, *index;
	size_t i, k;

	if (json_in_count(verify, "indexes_in_contract") &&
	    !json_in_true(verify, "indexes_looked_at")) {
		open_case(s, "indexes", (struct str){ 0 });
		skip(s, "not looked at: see --indexes");
	}
	json_array_foreach(json_object_get(verify, "tables"), i, t) {
		if (json_object_get(t, "queries"))
			add_index(s, "Queries of table", t, NULL);
		json_array_foreach(json_object_get(t, "indexes"), k, index)
			add_index(s, "index", t, index);
	}
}

/* Lists that a later version has: what says "parity" is a testcase, named by what it is of. */
static void add_others(struct suite *s, json_t *report)
{
	json_t *list, *element;
	const char *member;
	size_t i;

	json_object_foreach(report, member, list) {
		if (strcmp(member, "tables") == 0)
			continue;
		json_array_foreach(list, i, element) {
			static const char *const names[] = { "table", "entity", "index", "name" };
			struct buf name = { 0 }, text = { 0 };
			size_t k;

			if (!json_is_boolean(json_object_get(element, "parity")))
				continue;
			for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
				struct str part = json_in_str(element, names[k]);

				if (part.ptr && name.len)
					buf_addc(&name, ' ');
				buf_addstr(&name, part);
			}
			open_case(s, member, buf_str(&name));
			json_in_dump(&text, element);
			if (json_in_true(element, "parity"))
				pass(s);
			else
				fail(s, member, &text, &text);
			buf_release(&name);
			buf_release(&text);
		}
	}
}

static void close_suite(struct suite *s, const json_t *report, struct buf *out)
{
	buf_addf(out, "  <testsuite name=\"etl %s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
		 "skipped=\"%u\" time=\"%.3f\"", s->name, s->n, s->failures, s->errors, s->skipped,
		 json_in_number(report, "seconds"));
	buf_adds(out, " timestamp=\"");
	markup_plain(out, json_in_str(report, "started"));
	buf_adds(out, "\">\n");
	buf_addstr(out, buf_str(&s->cases));
	buf_adds(out, "  </testsuite>\n");
	buf_release(&s->cases);
}

static void add_run(json_t *report, struct buf *out)
{
	struct suite s = { .name = "run" };
	const json_t *step;
	size_t i;

	add_end(&s, report);
	json_array_foreach(json_object_get(report, "steps"), i, step) {
		open_case(&s, "step", json_in_str(step, "step"));
		if (json_in_is(step, "outcome", "not-run"))
			skip(&s, "not run");
		else
			pass(&s);
	}
	close_suite(&s, report, out);
}

static void add_load(json_t *load, struct buf *out)
{
	struct suite s = { .name = "load" };

	add_end(&s, load);
	add_rejects(&s, load);
	add_others(&s, load);
	close_suite(&s, load, out);
}

static void add_verify(json_t *verify, struct buf *out)
{
	struct suite s = { .name = "verify" };

	add_end(&s, verify);
	add_tables(&s, verify);
	add_entities(&s, verify);
	add_indexes(&s, verify);
	add_rejects(&s, verify);
	add_others(&s, verify);
	close_suite(&s, verify, out);
}

void junit_render(json_t *report, struct buf *out)
{
	json_t *load = json_object_get(report, "load"), *verify = json_object_get(report, "verify");

	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"etl\">\n");
	if (json_in_is(report, "report", "load"))
		load = report;
	else if (json_in_is(report, "report", "verify"))
		verify = report;
	else
		add_run(report, out);
	if (load)
		add_load(load, out);
	if (verify)
		add_verify(verify, out);
	buf_adds(out, "</testsuites>\n");
}
