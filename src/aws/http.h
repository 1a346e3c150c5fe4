/*
 * One HTTP/1.1 connection by libcurl, kept alive between calls. It knows nothing of AWS but the
 * headers of an answer that the layer above needs.
 */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/stop.h"

#define HTTP_MAX_ANSWER_BYTES (64u << 20)

struct http_options {		/* borrowed as long as the connection */
	const char *url;
	const char *ca_bundle;	/* or NULL */
	bool bypass_proxy;
	int64_t connect_timeout_ms, call_timeout_ms;
	const struct stop *stop;	/* may be NULL */
};

struct http_answer {
	long status;
	bool has_crc, has_date, cut;
	uint32_t crc32;		/* X-Amz-Crc32: of the body's bytes as they came */
	int64_t date_utc_ms;	/* the Date header */
	char error_type[128];	/* x-amzn-ErrorType, "" if none */
	char request_id[80];	/* x-amzn-RequestId, "" if none */
	struct buf body;
};

struct http_conn;

int http_open(const struct http_options *options, struct http_conn **out, struct etl_err *err);
void http_close(struct http_conn *c);	/* NULL is fine */

/*
 * POSTs 'body' with exactly 'headers' ("Name: value" lines) besides Host and Content-Length. 0: an
 * answer of any status came whole ('answer' is replaced, its body checked against the CRC). Else:
 *	ETL_ETRANSIENT	nothing of the request was sent
 *	ETL_EUNKNOWN	something was sent, but no whole and sound answer came
 *	ETL_ESINK	the peer's certificate is not trusted, or the CA bundle cannot be read
 *	ETL_ESTOPPED	stop was asked meanwhile
 * Never follows a redirect.
 */
int http_post(struct http_conn *c, const char *const *headers, size_t nheaders, struct str body,
	      struct http_answer *answer, struct etl_err *err);

/* The last call may have been sent twice: it began on a connection that was open already and came
 * back on another one. Also true where the old one was found dead before anything was sent. */
bool http_maybe_twice(const struct http_conn *c);

/* Another limit for the calls to come; 0: call_timeout_ms again. */
void http_limit(struct http_conn *c, int64_t timeout_ms);

void http_answer_release(struct http_answer *a);

#endif
