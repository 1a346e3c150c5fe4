/*
 * One HTTP call of any method to any address, on a connection of its own, by libcurl: for the
 * services that hand out credentials, which are asked a few times in a run.
 */
#ifndef AWS_HTTP_ONCE_H
#define AWS_HTTP_ONCE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"

#define HTTP_ONCE_MAX_BYTES (1u << 20)		/* of an answer's body */

struct http_once {		/* everything borrowed */
	const char *method;	/* "GET", "PUT", "POST" */
	const char *url;
	const char *shown;	/* what messages call it: an address may be a secret */
	const char *const *headers;	/* "Name: value" */
	size_t nheaders;
	struct str body;
	const char *ca_bundle;	/* or NULL */
	bool bypass_proxy;
	int64_t timeout_ms;
	const struct stop *stop;	/* may be NULL */
};

/*
 * 0: an answer of any status came whole; 'body' is replaced, may hold secrets, ends by http_wipe.
 * ETL_ESTOPPED; else ETL_ECREDENTIALS. No redirect is followed.
 */
int http_once(const struct http_once *call, long *status, struct buf *body, struct etl_err *err);

/* Overwrites and frees. */
void http_wipe(struct buf *b);

#endif
