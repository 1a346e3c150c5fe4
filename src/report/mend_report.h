/* What a repair did, and what undoing one did, as text for people and as JSON for machines. */
#ifndef REPORT_MEND_REPORT_H
#define REPORT_MEND_REPORT_H

#include "report/json_out.h"
#include "verify/undo.h"
#include "verify/verify.h"

void repair_report_text(const struct repair_result *r, struct buf *out);
void repair_report_json(const struct repair_result *r, struct json_out *j);	/* a member */

void undo_report_text(const struct undo_result *r, struct buf *out);
void undo_report_json(const struct undo_result *r, const char *path, struct buf *out);

#endif
