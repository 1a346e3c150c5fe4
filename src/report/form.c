#include "report/form.h"

#include <jansson.h>
#include <strings.h>

#include "report/junit.h"
#include "report/page.h"

bool report_form_of_file(const char *path, enum report_form *form)
{
	static const struct {
		const char *ending;
		enum report_form form;
	} endings[] = {
		{ ".txt", REPORT_TEXT }, { ".json", REPORT_JSON }, { ".html", REPORT_HTML },
		{ ".htm", REPORT_HTML }, { ".xml", REPORT_JUNIT },
	};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	size_t i;

	*form = REPORT_JSON;
	if (!dot || dot == name)
		return true;
	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (strcasecmp(dot, endings[i].ending) == 0) {
			*form = endings[i].form;
			return true;
		}
	}
	return false;
}

/* jansson knows no NUL in the name of a member, and a document of the data may have one. */
static void add_without_nul(struct buf *out, struct str json)
{
	size_t i;

	for (i = 0; i < json.len; i++) {
		buf_addc(out, json.ptr[i]);
		if (json.ptr[i] != '\\' || ++i == json.len)
			continue;
		if (json.len - i >= 5 && memcmp(json.ptr + i, "u0000", 5) == 0) {
			buf_adds(out, "u2400");
			i += 4;
		} else {
			buf_addc(out, json.ptr[i]);
		}
	}
}

int report_render(const struct buf *json, enum report_form form, struct buf *out,
		  struct etl_err *err)
{
	struct buf text = { 0 };
	json_error_t why;
	json_t *report;

	add_without_nul(&text, buf_str(json));
	report = json_loadb(text.ptr, text.len, 0, &why);
	buf_release(&text);
	if (!report)
		return etl_err_set(err, ETL_EINTERNAL, "the report is no JSON: line %d: %s", why.line,
				   why.text);
	if (form == REPORT_HTML)
		page_render(report, out);
	else
		junit_render(report, out);
	json_decref(report);
	return 0;
}
