/* What both ways to make a call share: the connection, libcurl's settings, what may go wrong. */
#ifndef AWS_HTTP_PRIV_H
#define AWS_HTTP_PRIV_H

#include <curl/curl.h>
#include "aws/http.h"
#include "base/clock.h"

#define HTTP_SILENCE_LIMIT_S 30		/* without a byte to or fro */

struct http_conn {
	const struct http_options *options;
	bool by_libcurl;		/* the whole call: http_transfer.c */
	int64_t timeout_ms;
	CURL *easy;			/* NULL: not connected; also fd and tls then */
	curl_socket_t fd;
	bool tls;
	bool maybe_twice;		/* the last call */
	bool too_long;			/* the answer; http_transfer.c only; also those below */
	bool used;
	struct http_answer *answer;	/* during a call */
	struct clock *clock;		/* http_exchange.c only; also those below */
	int64_t used_ms;		/* when the last call ended */
	struct http_reader reader;
	struct buf out;			/* head and beginning of a request */
	char in[32u << 10];
	char why[CURL_ERROR_SIZE];
};

/* Makes c->easy, with what is common to both ways. */
int http_set_up(struct http_conn *c, struct etl_err *err);
void http_disconnect(struct http_conn *c);

bool http_not_trusted(CURLcode rc);	/* the peer's certificate, or there is none to judge it by */
int http_stopped(const struct http_conn *c, struct etl_err *err);
int http_not_connected(const struct http_conn *c, CURLcode rc, struct etl_err *err);
int http_timed_out(const struct http_conn *c, bool began, int64_t took_ms, struct etl_err *err);

/* As http_post, without the check of the CRC: on libcurl's connection, and by libcurl's transfer. */
int http_exchange(struct http_conn *c, struct str headers, struct str body,
		  struct http_answer *answer, struct etl_err *err);
int http_transfer(struct http_conn *c, struct str headers, struct str body,
		  struct http_answer *answer, struct etl_err *err);

#endif
