/*
 * What every report says about its run, and the report of `etl run`, which holds those of its load
 * and its verify. Reports are made here, in load_report.c and in verify_report.c as JSON of the form
 * of contracts/report.schema.json; HTML and JUnit XML are made from that JSON (report/page.h,
 * report/junit.h), so what a report says is said in one place.
 */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "report/json_out.h"
#include "report/samples.h"

#define REPORT_VERSION 1		/* of the form; more members keep it, other meanings do not */

struct report_setting {
	const char *name, *origin;	/* "readers", "command line" */
	const char *value;		/* NULL: not set */
};

struct report_run {			/* what the numbers belong to; texts borrowed, no secrets */
	const char *contract;		/* its file */
	const char *contract_digest;
	const char *source;		/* "user@host:port/database" */
	const char *target;		/* "dynamodb eu-central-1 https://..." */
	int64_t start_utc_ms;
	const struct etl_err *err;	/* code ETL_OK: it ended well */
	int exit_status;
	const struct samples *samples;	/* NULL: none were taken */
	/* of whole documents: */
	const char *etl, *server, *mysql_client, *libcurl, *openssl;	/* versions; NULL: unknown */
	size_t nsettings;
	const struct report_setting *settings;
};

/* The members that come first. 'whole': of a document, not of a member of one. */
void report_run_json(const struct report_run *run, const char *report, bool whole,
		     struct json_out *j);
/* "samples", the last of them. */
void report_samples_json(const struct report_run *run, struct json_out *j);

struct report_step {
	const char *name;
	const char *outcome;		/* "done", "rejects", "differences", "not-run", or the class
					   of an error */
	int64_t duration_ms;
};

/* Of etl run. 'members': what load_report_member and verify_report_member wrote, may be empty. */
void run_report_json(const struct report_run *run, int64_t duration_ms, size_t nsteps,
		     const struct report_step *steps, const struct buf *members, struct buf *out);

#endif
