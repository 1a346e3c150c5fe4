/*
 * What an error answer of DynamoDB means: its name, the class it belongs to, the sentence for the
 * user. Pure.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
#ifndef AWS_ERRORS_H
#define AWS_ERRORS_H

#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

struct aws_failure {
	long status;			/* of HTTP, anything but 200 */
	struct str body;
	const char *error_type;		/* x-amzn-ErrorType header, "" if none */
	const char *request_id;		/* "" if none */
	const char *operation;		/* "BatchWriteItem" */
	const char *url, *region;
};

/* Sets 'err' and returns its negative class. 'name' gets the service's name for the error, "" if
 * the answer has none. */
int aws_failure_set(const struct aws_failure *f, char name[64], struct etl_err *err);

/* The name in "com.amazon.coral.validate#ValidationException:http://...": behind the last '#', up
 * to a ':'. Cut at 63 bytes. */
void aws_error_name(struct str type, char name[64]);

/* True for the names that say the request's time is not the service's. */
bool aws_error_is_skew(const char *name);

#endif
