/*
 * Undo files: what items were before a repair, durable before any of them is changed, and putting
 * them back.
 *
 * A file is lines of JSON, the first of which says whose it is:
 *	{"etl_undo":1,"target":"dynamodb eu-central-1 https://...","made_utc_ms":1769854830000}
 *	{"table":"T","key":{...},"before":{...},"after":{...}}
 * 'before' is the item exactly as DynamoDB gave it, 'after' as the repair was about to write it, both
 * in DynamoDB JSON; "absent" stands for no item. A last line without an end is of a repair that was
 * killed before it made that change.
 */
#ifndef VERIFY_UNDO_H
#define VERIFY_UNDO_H

#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "pipeline/counters.h"
#include "pipeline/retry.h"
#include "sink/sink.h"
#include "verify/left_alone.h"

/* ---- writing ---- */

struct undo_file;

/* Makes a new file, 0600. 'made_utc_ms': now. */
int undo_create(const char *path, const char *target, int64_t made_utc_ms,
		struct undo_file **out, struct etl_err *err);
void undo_close(struct undo_file *u);		/* NULL is fine */

/* Appends a line to 'lines'; items with ptr NULL are absent. */
void undo_add_line(struct buf *lines, const char *table, struct str key_json, struct str before,
		   struct str after);

/* Appends lines to the file; durable when it returns 0. Thread-safe. */
int undo_append(struct undo_file *u, struct str lines, struct etl_err *err);

/* ---- putting back ---- */

struct undo_counts {			/* what a file holds, by what undoing would do */
	uint64_t put_back, change_back, remove;
};

struct undo_result {			/* zeroed by undo_run */
	uint64_t lines;
	uint64_t undone;		/* items that are as they were before, by this run */
	uint64_t already;		/* that were so */
	struct left_alone left_alone;
};

struct undo_job {			/* everything borrowed */
	struct sink *sink;
	struct clock *clock;
	struct stop *stop;
	struct counters *counters;
	const char *path;
	unsigned workers;
	uint64_t max_wcu;		/* 0: no limit */
	struct retry_policy retry;
};

/* Reads the file and changes nothing. -ETL_EUSAGE: it is none, is damaged, or is of another target. */
int undo_look(const struct undo_job *job, struct undo_counts *out, struct etl_err *err);

/* Makes each item what it was before, if it is still what the repair wrote. 0: every line was dealt
 * with. */
int undo_run(const struct undo_job *job, struct undo_result *result, struct etl_err *err);
void undo_result_release(struct undo_result *r);

#endif
