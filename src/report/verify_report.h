/* What a verify found, as text for people and as JSON for machines. */
#ifndef REPORT_VERIFY_REPORT_H
#define REPORT_VERIFY_REPORT_H

#include "report/load_report.h"
#include "verify/verify.h"

#define VERIFY_REPORT_TEXT_FINDINGS 50	/* shown as text; JSON has all that were kept */

struct verify_report {
	struct report_run run;
	const struct verify_result *result;
};

void verify_report_text(const struct verify_report *r, struct buf *out);
void verify_report_json(const struct verify_report *r, struct buf *out);
void verify_report_member(const struct verify_report *r, struct json_out *j, const char *key);

#endif
