/*
 * A report as the XML that CI servers take for JUnit's: a testsuite for the load and one for the
 * verify, a testcase for the run itself, for each step, table and entity, and for each element with
 * a "parity" in a list that this does not know. All testcases pass exactly where the exit status
 * is 0.
 */
#ifndef REPORT_JUNIT_H
#define REPORT_JUNIT_H

#include "base/buf.h"

struct json_t;
void junit_render(struct json_t *report, struct buf *out);

#endif
