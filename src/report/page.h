/*
 * A report as one HTML file for people: no script, nothing from elsewhere (a policy in the page
 * itself forbids both), readable on a phone, on paper, in light and dark, and by a screen reader.
 *
 * What a report has beyond what this knows gets a section of its own, made from its names and
 * values: a list of objects becomes a table, in which "parity" is shown as a verdict.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/buf.h"

struct json_t;
void page_render(struct json_t *report, struct buf *out);

#endif
