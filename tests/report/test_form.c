#include "check_main.h"

#include <string.h>

#include "report/form.h"

static const struct {
	const char *path;
	bool known;
	enum report_form form;
} files[] = {
	{ "report.html", true, REPORT_HTML }, { "a.b/report.HTM", true, REPORT_HTML },
	{ "report.json", true, REPORT_JSON }, { "x/report.Xml", true, REPORT_JUNIT },
	{ "report.txt", true, REPORT_TEXT },
	{ "report", true, REPORT_JSON }, { "/dev/fd/3", true, REPORT_JSON },
	{ "reports.d/report", true, REPORT_JSON }, { ".html", true, REPORT_JSON },
	{ "report.pdf", false, 0 }, { "report.html.gz", false, 0 }, { "report.", false, 0 },
};

START_TEST(test_files)
{
	enum report_form form;

	ck_assert_int_eq(report_form_of_file(files[_i].path, &form), files[_i].known);
	if (files[_i].known)
		ck_assert_int_eq(form, files[_i].form);
}
END_TEST

static void render(const char *json, enum report_form form, struct buf *out)
{
	struct buf report = { 0 };
	struct etl_err err = { 0 };

	buf_adds(&report, json);
	buf_reset(out);
	ck_assert_msg(report_render(&report, form, out, &err) == 0, "%s", err.msg);
	buf_release(&report);
}

static void expect_has(struct buf *text, const char *part)
{
	ck_assert_msg(strstr(buf_cstr(text), part) != NULL, "'%s' is not in:\n%s", part,
		      buf_cstr(text));
}

/* Sections that this version does not know are shown, and judged by what they say of parity. */
START_TEST(test_unknown_sections)
{
	static const char report[] =
		"{\"report\":\"verify\",\"mode\":\"full\",\"complete\":true,\"parity\":false,"
		"\"entities\":[],\"tables\":[],\"findings\":[],\"settings\":[],\"exit_status\":4,"
		"\"index_checks\":[{\"table\":\"T\",\"index\":\"by_<x>\",\"expected\":1200,\"parity\":false},"
		"{\"table\":\"T\",\"index\":\"other\",\"expected\":7,\"parity\":true}],"
		"\"repairs\":{\"undo_file\":\"u.json\",\"nothing\":null,\"left\":[{\"key\":{\"a\":1}}]},"
		"\"passes\":3}";
	struct buf out = { 0 };

	render(report, REPORT_HTML, &out);
	expect_has(&out, "<h2 id=index_checks>Index checks</h2>");
	expect_has(&out, "<th scope=col class=n>Expected</th><th scope=col>Parity</th>");
	expect_has(&out, "<td>by_&lt;x&gt;</td><td class=n>1,200</td><td class=is-bad>");
	expect_has(&out, "<dt>Undo file</dt><dd>u.json</dd>");
	expect_has(&out, "<h3>Left</h3>");
	expect_has(&out, "<td>{&quot;a&quot;:1}</td>");
	expect_has(&out, "<dt>Passes</dt><dd>3</dd>");
	ck_assert_ptr_null(strstr(buf_cstr(&out), "Nothing</dt>"));
	render(report, REPORT_JUNIT, &out);
	expect_has(&out, "tests=\"3\" failures=\"1\" errors=\"0\"");
	expect_has(&out, "name=\"index_checks T by_&lt;x&gt;\">\n      <failure type=\"index_checks\"");
	expect_has(&out, "name=\"index_checks T other\"/>");
	buf_release(&out);
}
END_TEST

START_TEST(test_nul_in_names)
{
	struct buf out = { 0 };

	render("{\"report\":\"load\",\"reject_examples\":[{\"table\":\"T\",\"entity\":\"E\",\"code\":\"C\","
	       "\"reason\":\"\\\\u0000 and \\u0000\",\"source_key\":{\"\\u0000\":\"\"},\"item\":{}}],"
	       "\"total\":{\"rows_rejected\":1},"
	       "\"entities\":[{\"table\":\"T\",\"entity\":\"E\",\"rejects_by_code\":{\"C\":1}}]}",
	       REPORT_HTML, &out);
	expect_has(&out, "{&quot;\xe2\x90\x80&quot;:&quot;&quot;}");
	expect_has(&out, "<p>\\u0000 and \xe2\x90\x80</p>");
	buf_release(&out);
}
END_TEST

START_TEST(test_no_json)
{
	struct buf report = { 0 }, out = { 0 };
	struct etl_err err = { 0 };

	buf_adds(&report, "{\"a\": \"");
	ck_assert_int_eq(report_render(&report, REPORT_HTML, &out, &err), -ETL_EINTERNAL);
	buf_release(&report);
	buf_release(&out);
}
END_TEST

/* What differs is marked on both sides, by whole characters. */
START_TEST(test_marks)
{
	static const struct {
		const char *expected, *actual, *left, *right;
	} cases[] = {
		{ "abcd", "abXd", "ab<mark>c</mark>d", "ab<mark>X</mark>d" },
		{ "ab", "abab", "ab", "ab<mark>ab</mark>" },
		{ "aXa", "a", "a<mark>Xa</mark>", "a" },
		/* e2 82 ac and e2 82 bf: only the last byte differs */
		{ "1 \xe2\x82\xac.", "1 \xe2\x82\xbf.", "1 <mark>\xe2\x82\xac</mark>.",
		  "1 <mark>\xe2\x82\xbf</mark>." },
		/* c3 a4 and c4 a4: only the first */
		{ "\xc3\xa4", "\xc4\xa4", "<mark>\xc3\xa4</mark>", "<mark>\xc4\xa4</mark>" },
	};
	struct buf json = { 0 }, out = { 0 }, part = { 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&json);
		buf_addf(&json, "{\"report\":\"verify\",\"findings\":[{\"kind\":\"different\",\"how\":\"value\","
			 "\"attribute\":\"a\",\"key\":{},\"expected\":\"%s\",\"actual\":\"%s\"}]}",
			 cases[i].expected, cases[i].actual);
		render(buf_cstr(&json), REPORT_HTML, &out);
		buf_reset(&part);
		buf_addf(&part, "<dt>expected</dt><dd class=\"v e\">%s</dd>\n<dt>actual</dt>"
			 "<dd class=\"v a\">%s</dd>", cases[i].left, cases[i].right);
		expect_has(&out, buf_cstr(&part));
	}
	buf_release(&json);
	buf_release(&out);
	buf_release(&part);
}
END_TEST

static Suite *form_suite(void)
{
	Suite *suite = suite_create("report/form");
	TCase *tc = tcase_create("form");

	tcase_add_loop_test(tc, test_files, 0, sizeof(files) / sizeof(files[0]));
	tcase_add_test(tc, test_unknown_sections);
	tcase_add_test(tc, test_nul_in_names);
	tcase_add_test(tc, test_no_json);
	tcase_add_test(tc, test_marks);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(form_suite)
