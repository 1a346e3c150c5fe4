/*
 * Errors: a function that can fail returns 0 or the negative of an enum etl_errc and writes the
 * sentence for the user into the caller's struct etl_err. The first error wins: setting an error
 * that is already set keeps the first. Messages are lower case without a full stop, name what
 * failed first, put the subject in 'quotes' and the cause last. A hint is what the user can do.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdarg.h>

enum etl_errc {
	ETL_OK = 0,
	ETL_EUSAGE,	/* command line, config file */
	ETL_ECONTRACT,	/* the contract is wrong; details are in the diagnostics already reported */
	ETL_ESYSTEM,	/* file, memory, thread */
	ETL_ESOURCE,	/* MySQL refused for good */
	ETL_ESOURCELOST,/* MySQL's connection, or the snapshot, is lost: may be tried again */
	ETL_ESINK,	/* DynamoDB refused for good */
	ETL_ETHROTTLED, /* DynamoDB: too fast, try again */
	ETL_ETRANSIENT, /* DynamoDB: failed and surely not done, try again */
	ETL_EUNKNOWN,	/* no answer came: unknown whether done, send again */
	ETL_EITEM,	/* DynamoDB refused a request because of what an item in it holds */
	ETL_ECREDENTIALS,
	ETL_EEXPIRED,	/* credentials expired: fetch them again, then try again */
	ETL_ENOTFOUND,	/* the table (or object) asked for is not there */
	ETL_ELOCKED,	/* another run holds the state directory */
	ETL_ESTOPPED,	/* a signal or another worker's failure asked to stop */
	ETL_EINTERNAL,	/* a promise of the program's own does not hold, e.g. the sum of a load */
	ETL_ERRC_COUNT
};

struct etl_err {
	enum etl_errc code;	/* ETL_OK: not set */
	char msg[1536];
	char hint[768];		/* "" where there is none */
};

/* One row for each class of error; the only place that maps a class to an exit status. */
struct etl_errclass {
	enum etl_errc code;
	const char *name;	/* for logs and JSON: "source-lost" */
	bool retryable;
	int exit_status;	/* design: 1 failed, 2 usage or contract, 5 stopped, 6 locked */
};

/* The row of 'code'; any unknown code gives that of ETL_EINTERNAL. 'code' may be negative. */
const struct etl_errclass *etl_errclass(int code);

/* Sets 'err' unless it is set already (err may be NULL) and returns -code, so that callers write
 * `return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", ...)`. */
int etl_err_set(struct etl_err *err, enum etl_errc code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds the hint for the user, unless there is one. No effect while no error is set. */
void etl_err_hint(struct etl_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes 'err' as if nothing had happened. */
void etl_err_clear(struct etl_err *err);

/* Copies 'from' to 'to' unless 'to' is set; returns -to->code. For a worker's error that travels. */
int etl_err_copy(struct etl_err *to, const struct etl_err *from);

#endif
