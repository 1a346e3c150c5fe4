/*
 * One HTTP/1.1 connection, kept alive between calls. It knows nothing of AWS but the headers of an
 * answer that the layer above needs.
 *
 * libcurl makes the connection: names, TLS and its verification. The requests and answers on it are
 * our own (http_exchange.c), at a third of the cost of libcurl's: a load makes thousands of calls a
 * second. Where a proxy may be in the way, which has rules of its own, all of it is libcurl's
 * (http_transfer.c).
 */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include "aws/http_answer.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"

struct http_options {		/* borrowed as long as the connection */
	const char *url;	/* "https://host:port" */
	const char *ca_bundle;	/* or NULL */
	bool bypass_proxy;	/* else the environment may name one, as libcurl reads it */
	int64_t connect_timeout_ms, call_timeout_ms;
	const struct stop *stop;	/* may be NULL */
};

struct http_conn;

/* Connects only when a call is made. */
int http_open(const struct http_options *options, struct http_conn **out, struct etl_err *err);
void http_close(struct http_conn *c);	/* NULL is fine */

/*
 * POSTs 'body' to "/" with exactly 'headers' (lines "Name: value\r\n", Host among them) besides
 * Content-Length. 0: an answer of any status came whole ('answer' is replaced, its body checked
 * against the CRC). Else:
 *	ETL_ETRANSIENT	nothing of the request was sent
 *	ETL_EUNKNOWN	something was sent, but no whole and sound answer came
 *	ETL_ESINK	the peer's certificate is not trusted, or the CA bundle cannot be read
 *	ETL_ESTOPPED	stop was asked meanwhile
 * Where a kept connection turns out to be dead before a byte of an answer, the request is sent once
 * more on a fresh one. Never follows a redirect.
 */
int http_post(struct http_conn *c, struct str headers, struct str body,
	      struct http_answer *answer, struct etl_err *err);

/* The last call may have been sent twice, on two connections, and its answer be that to the second.
 * By a proxy also true where the old one was found dead before anything was sent. */
bool http_maybe_twice(const struct http_conn *c);

/* The time of a Date header. False if it is none. */
bool http_date_ms(const char *date, int64_t *utc_ms);

/* Another limit for the calls to come; 0: call_timeout_ms again. */
void http_limit(struct http_conn *c, int64_t timeout_ms);

#endif
