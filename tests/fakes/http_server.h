/*
 * An HTTP/1.1 server on loopback for tests: real sockets, scripted answers, all requests kept. Each
 * connection has a thread; the answers are given in the order in which requests come in.
 */
#ifndef TESTS_FAKES_HTTP_SERVER_H
#define TESTS_FAKES_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"

enum http_manner {
	HTTP_WHOLE,		/* the answer as it should be */
	HTTP_CUT,		/* half of the body, then closed */
	HTTP_CLOSE,		/* closed without a byte */
	HTTP_RESET,		/* RST without a byte */
	HTTP_GARBAGE,		/* bytes that are not HTTP */
	HTTP_HANG,		/* nothing, until the client goes away */
	HTTP_SLOW,		/* whole, after a quarter of a second */
	HTTP_RAW,		/* the bytes of 'body' and nothing else */
	HTTP_RAW_CLOSE,		/* the same, then closed */
	HTTP_DRIP		/* an answer without an end, a byte at a time */
};

enum http_crc { HTTP_CRC_NONE, HTTP_CRC_RIGHT, HTTP_CRC_WRONG };

struct http_reply {		/* strings are borrowed until the server stops */
	int status;
	const char *body;
	enum http_manner manner;
	enum http_crc crc;
	const char *headers;	/* more header lines, each with "\r\n"; may be NULL */
};

struct http_server;

struct http_server *http_server_start(void);
void http_server_stop(struct http_server *s);
const char *http_server_url(const struct http_server *s);	/* http://127.0.0.1:port */

/* Appends an answer. When all are used up the answer is status 500 with the body "unscripted". */
void http_server_add(struct http_server *s, struct http_reply reply);
void http_server_ok(struct http_server *s, const char *body);	/* 200, CRC right */

/* Sends bytes that nobody asked for on the connection that was made last. */
void http_server_push(struct http_server *s, const char *bytes);

size_t http_server_requests(struct http_server *s);
size_t http_server_connections(struct http_server *s);

/* Head and body of request 'i' (from 0), NUL-terminated, the caller's to free; NULL if none. */
char *http_server_head(struct http_server *s, size_t i);
char *http_server_body(struct http_server *s, size_t i);

/* The value of a header in a head, the caller's to free; NULL if it is not there. */
char *http_header(const char *head, const char *name);

#endif
