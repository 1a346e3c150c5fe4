/* What a load did, as text for people and as JSON for machines. Reads results, drives nothing. */
#ifndef REPORT_LOAD_REPORT_H
#define REPORT_LOAD_REPORT_H

#include "pipeline/load.h"
#include "report/quote.h"
#include "report/run.h"

struct load_report {
	struct report_run run;
	const struct load_result *result;
	const char *write_mode;		/* "overwrite", "newer by updated_at" */
	bool dry_run;
	const struct quote *quote;		/* of this load's own items; NULL: none */
	const struct quote_past *past;		/* an earlier one of the same; NULL: none */
	size_t nreject_files;		/* files of tables that have rejects */
	const char *const *reject_files;
};

void load_report_text(const struct load_report *r, struct buf *out);
void load_report_json(const struct load_report *r, struct buf *out);

/* The same as a member of a greater report ('key'), which has versions and settings itself. */
void load_report_member(const struct load_report *r, struct json_out *j, const char *key);

/* For both kinds of report. */
void report_snapshot_text(const struct snapshot_info *s, struct buf *out);
void report_snapshot_json(const struct snapshot_info *s, struct json_out *j);
/* One example of each code, in words. */
void report_examples_text(char *const *lines, const enum reject_code *codes, size_t n,
			  struct buf *out);
void report_rejects_json(const uint64_t rejects[REJECT_CODE_COUNT], struct json_out *j);

#endif
