/* The forms that a report has: JSON, of which the others are made, text, HTML and JUnit's XML. */
#ifndef REPORT_FORM_H
#define REPORT_FORM_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_HTML, REPORT_JUNIT };

/* By the ending of a file's name: .txt, .json, .html or .htm, .xml, in any case; JSON where there
 * is none. false: another one. */
bool report_form_of_file(const char *path, enum report_form *form);

/* Makes HTML or XML of a report in JSON. -ETL_EINTERNAL if it is none. */
int report_render(const struct buf *json, enum report_form form, struct buf *out,
		  struct etl_err *err);

#endif
