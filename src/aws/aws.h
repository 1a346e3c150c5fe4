/*
 * Access to AWS: where the service is, who we are, one signed HTTP call. The only room that knows
 * libcurl. https://docs.aws.amazon.com/sdkref/latest/guide/
 *
 * Threads: a struct aws_client is shared and thread-safe; an aws_conn belongs to one thread. The
 * process must ignore SIGPIPE: aws_client_open does so unless a handler is set.
 */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"

/* From the command line; NULL where it says nothing. Strings borrowed as long as the config. */
struct aws_config {
	const char *region;		/* --region */
	const char *profile;		/* --profile */
	const char *endpoint_url;	/* --endpoint-url */
	const char *ca_bundle;		/* --ca-bundle */
	const char *(*getenv)(const char *name);	/* NULL: the process's environment */
	struct clock *clock;		/* NULL: the real one */
	const struct stop *stop;	/* a call gives up soon after it is asked; may be NULL */
	int64_t connect_timeout_ms;	/* 0: 10 s */
	int64_t call_timeout_ms;	/* of a whole call; 0: 120 s, and 30 s without a byte */
};

struct aws_client;
struct aws_conn;

/*
 * Resolves region, endpoint, CA bundle and credentials. 'config' is borrowed until close. What is
 * missing or contradictory is ETL_EUSAGE (region, endpoint) or ETL_ECREDENTIALS, with a hint.
 */
int aws_client_open(const struct aws_config *config, struct aws_client **out, struct etl_err *err);
void aws_client_close(struct aws_client *client);	/* after all connections; NULL is fine */

/* The region that a client would work in, without any credentials; the caller frees it. NULL: 'err'
 * says why there is none. */
char *aws_find_region(const struct aws_config *config, struct etl_err *err);

const char *aws_client_region(const struct aws_client *client);
const char *aws_client_url(const struct aws_client *client);	/* "https://host[:port]" */
bool aws_client_is_aws(const struct aws_client *client);	/* a host of Amazon's own */

/* One keep-alive connection. */
int aws_conn_open(struct aws_client *client, struct aws_conn **out, struct etl_err *err);
void aws_conn_close(struct aws_conn *conn);		/* NULL is fine */

/*
 * One call: POSTs 'body' to the service with X-Amz-Target 'target' ("DynamoDB_20120810.PutItem")
 * and puts the body of a 200 into 'answer' (replaced; checked against its CRC where the service
 * sends one). Anything else is an error of the class that says what may be done about it:
 *
 *	ETL_ETRANSIENT	not done for certain: no connection, 503, a conflict
 *	ETL_ETHROTTLED	not done: too fast (the message holds the service's reasons)
 *	ETL_EUNKNOWN	sent, but the answer is missing, cut, damaged, or a 500
 *	ETL_EEXPIRED	not done: the credentials ran out, others are loaded now; call again
 *	ETL_ECREDENTIALS the credentials are refused and loading them again gives the same
 *	ETL_ENOTFOUND	the table is not there
 *	ETL_EITEM	a write is refused because of what it holds
 *	ETL_ESTOPPED	config->stop was asked; the call may or may not have been done
 *	ETL_ESINK	refused for good
 *
 * A clock that is off by more than the service allows is corrected from the service's own Date,
 * and the (refused) call made once more. A call is also sent again if a kept-alive connection
 * turns out dead before the first byte of an answer.
 */
int aws_call(struct aws_conn *conn, const char *target, struct str body, struct buf *answer,
	     struct etl_err *err);

/* Another limit for this connection's calls to come; 0: the client's again. */
void aws_conn_limit(struct aws_conn *conn, int64_t timeout_ms);

/* The last call may have been done twice, and its answer be that to the second time. */
bool aws_conn_maybe_twice(const struct aws_conn *conn);

/* The body of the answer that made the last call an error, lent until the next call; empty if there
 * was none. */
struct str aws_conn_error_body(const struct aws_conn *conn);

/* The service's name for the last call's error ("ResourceInUseException"), "" if it gave none. */
const char *aws_conn_error_name(const struct aws_conn *conn);

#endif
