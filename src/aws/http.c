/*
 * How a failed call is told apart: before libcurl has a connection nothing of the request can have
 * gone out, and the call may simply be made again. After that: unknown.
 */
#include "aws/http.h"

#include <curl/curl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "aws/crc32.h"
#include "base/clock.h"

#define SILENCE_LIMIT_MS 30000		/* without a byte to or fro */
#define IDLE_LIMIT_MS 60000		/* a connection kept longer is not trusted */
#define LOOK_EVERY_MS 200		/* at the stop token, while waiting */
#define COPIED_BODY_BYTES (64u << 10)	/* so much of a body goes out together with the head */

struct http_conn {
	const struct http_options *options;
	struct clock *clock;
	int64_t timeout_ms;
	CURL *easy;			/* NULL: not connected; also those below then */
	curl_socket_t fd;
	bool tls;
	bool maybe_twice;		/* the last call */
	int64_t used_ms;		/* when the last call ended */
	struct http_reader reader;
	struct buf out;			/* head and beginning of a request */
	char why[CURL_ERROR_SIZE];
	char in[32u << 10];
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_rc;

/* A peer that went away would end the process by SIGPIPE from inside the TLS library. */
static void global_init(void)
{
	struct sigaction now;

	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
		now.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &now, NULL);
	}
	global_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int http_open(const struct http_options *options, struct http_conn **out, struct etl_err *err)
{
	struct http_conn *c;

	pthread_once(&global_once, global_init);
	if (global_rc != CURLE_OK)
		return etl_err_set(err, ETL_ESYSTEM, "cannot start libcurl: %s",
				   curl_easy_strerror(global_rc));
	c = mem_zalloc(sizeof(*c));
	c->options = options;
	c->clock = clock_real();
	c->timeout_ms = options->call_timeout_ms;
	*out = c;
	return 0;
}

static void disconnect(struct http_conn *c)
{
	curl_easy_cleanup(c->easy);
	c->easy = NULL;
}

void http_close(struct http_conn *c)
{
	if (!c)
		return;
	disconnect(c);
	http_reader_release(&c->reader);
	/* The head holds a signature and the session token. */
	if (c->out.ptr)
		explicit_bzero(c->out.ptr, c->out.cap);
	buf_release(&c->out);
	free(c);
}

void http_limit(struct http_conn *c, int64_t timeout_ms)
{
	c->timeout_ms = timeout_ms ? timeout_ms : c->options->call_timeout_ms;
}

bool http_maybe_twice(const struct http_conn *c)
{
	return c->maybe_twice;
}

bool http_date_ms(const char *date, int64_t *utc_ms)
{
	time_t t = date[0] ? curl_getdate(date, NULL) : (time_t)-1;

	*utc_ms = (int64_t)t * 1000;
	return t != (time_t)-1;
}

/* ---- connecting ------------------------------------------------------------------------------ */

static int on_progress(void *arg, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
	struct http_conn *c = arg;

	(void)dt, (void)dn, (void)ut, (void)un;
	return stop_asked(c->options->stop) ? 1 : 0;
}

static CURLcode set_options(struct http_conn *c)
{
	const struct http_options *o = c->options;
	CURLcode rc = CURLE_OK;

#define SET(option, value) \
	do { \
		if (rc == CURLE_OK) \
			rc = curl_easy_setopt(c->easy, option, value); \
	} while (0)
	SET(CURLOPT_URL, o->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_CONNECT_ONLY, 1L);
	/* or TLS might agree on another version than the one that is spoken here */
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->ca_bundle)
		SET(CURLOPT_CAINFO, o->ca_bundle);
	if (o->bypass_proxy)
		SET(CURLOPT_PROXY, "");
	SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	SET(CURLOPT_ERRORBUFFER, c->why);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, c);
	SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
	return rc;
}

static int stopped(const struct http_conn *c, struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting for '%s'", c->options->url);
}

static int not_connected(struct http_conn *c, CURLcode rc, struct etl_err *err)
{
	const char *why = c->why[0] ? c->why : curl_easy_strerror(rc), *url = c->options->url;

	switch (rc) {
	case CURLE_ABORTED_BY_CALLBACK:
		return stopped(c, err);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CRL_BADFILE:
		etl_err_set(err, ETL_ESINK, "the certificate of '%s' cannot be verified: %s", url,
			    why);
		etl_err_hint(err, "give the authority's certificate with --ca-bundle or "
			     "AWS_CA_BUNDLE");
		return -ETL_ESINK;
	case CURLE_COULDNT_RESOLVE_HOST:
		etl_err_set(err, ETL_ETRANSIENT, "cannot connect to '%s': %s", url, why);
		etl_err_hint(err, "check the region, the endpoint and the network");
		return -ETL_ETRANSIENT;
	default:
		etl_err_set(err, ETL_ETRANSIENT, "cannot connect to '%s': %s", url, why);
		etl_err_hint(err, "check the endpoint, the network and that the service runs");
		return -ETL_ETRANSIENT;
	}
}

static int connect_now(struct http_conn *c, struct etl_err *err)
{
	CURLcode rc;
	int failure;

	c->why[0] = '\0';
	c->easy = curl_easy_init();
	rc = c->easy ? set_options(c) : CURLE_OUT_OF_MEMORY;
	if (rc != CURLE_OK) {
		disconnect(c);
		return etl_err_set(err, ETL_ESYSTEM, "cannot set up libcurl: %s",
				   curl_easy_strerror(rc));
	}
	rc = curl_easy_perform(c->easy);
	if (rc == CURLE_OK)
		rc = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->fd);
	if (rc == CURLE_OK && c->fd == CURL_SOCKET_BAD)
		rc = CURLE_COULDNT_CONNECT;
	if (rc != CURLE_OK) {
		failure = not_connected(c, rc, err);
		disconnect(c);
		return failure;
	}
	c->tls = strncmp(c->options->url, "https:", 6) == 0;
	return 0;
}

/* A kept connection may have been closed meanwhile: then there is something to read. */
static bool is_alive(struct http_conn *c, int64_t now_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return now_ms - c->used_ms <= IDLE_LIMIT_MS && poll(&p, 1, 0) == 0;
}

/* ---- a request and its answer ---------------------------------------------------------------- */

struct exchange {
	struct http_conn *c;
	struct str to_send[2];
	const char *not_sent;		/* why no more can be sent; NULL: all is well */
	const char *not_received;	/* likewise */
	enum http_progress progress;
	int64_t begin_ms, moved_ms;	/* the last byte to or fro */
};

static void prepare(struct exchange *x, struct str headers, struct str body)
{
	struct http_conn *c = x->c;
	size_t copied = body.len < COPIED_BODY_BYTES ? body.len : COPIED_BODY_BYTES;

	buf_reset(&c->out);
	buf_reserve(&c->out, headers.len + copied + 64);
	buf_adds(&c->out, "POST / HTTP/1.1\r\n");
	buf_addstr(&c->out, headers);
	buf_addf(&c->out, "Content-Length: %zu\r\n\r\n", body.len);
	buf_add(&c->out, body.ptr, copied);
	x->to_send[0] = buf_str(&c->out);
	x->to_send[1] = (struct str){ copied < body.len ? body.ptr + copied : NULL,
				      body.len - copied };
}

static bool is_sending(const struct exchange *x)
{
	return !x->not_sent && (x->to_send[0].len || x->to_send[1].len);
}

/* Sends what the connection takes. */
static void send_some(struct exchange *x)
{
	while (is_sending(x)) {
		struct str *piece = &x->to_send[x->to_send[0].len ? 0 : 1];
		size_t n = 0;
		CURLcode rc = curl_easy_send(x->c->easy, piece->ptr, piece->len, &n);

		if (rc == CURLE_AGAIN)
			return;
		if (rc != CURLE_OK) {
			x->not_sent = "the connection broke";
			return;
		}
		x->moved_ms = x->c->clock->now_ms(x->c->clock);
		piece->ptr += n;
		piece->len -= n;
	}
}

/* Takes what has come. Below TLS bytes may have been read that poll knows nothing of any more,
 * therefore until there are none. */
static void receive_some(struct exchange *x)
{
	struct http_conn *c = x->c;
	size_t n;
	CURLcode rc;

	do {
		n = 0;
		rc = curl_easy_recv(c->easy, c->in, sizeof(c->in), &n);
		if (rc == CURLE_AGAIN)
			return;
		if (rc != CURLE_OK) {
			x->not_received = "the connection broke";
			return;
		}
		x->moved_ms = c->clock->now_ms(c->clock);
		x->progress = n ? http_reader_take(&c->reader, c->in, n)
				: http_reader_end(&c->reader);
	} while (c->tls && x->progress == HTTP_MORE);
	if (x->progress == HTTP_BROKEN)
		x->not_received = c->reader.why;
}

/* Until something can be sent or received, or a little while. */
static int wait_a_little(struct exchange *x, struct etl_err *err)
{
	struct http_conn *c = x->c;
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int64_t now_ms;

	if (is_sending(x))
		p.events |= POLLOUT;
	if (poll(&p, 1, LOOK_EVERY_MS) > 0)
		return 0;
	if (stop_asked(c->options->stop))
		return stopped(c, err);
	now_ms = c->clock->now_ms(c->clock);
	if (now_ms - x->begin_ms < c->timeout_ms && now_ms - x->moved_ms < SILENCE_LIMIT_MS)
		return 0;
	etl_err_set(err, ETL_EUNKNOWN, "no %sanswer from '%s' within %lld s",
		    http_reader_began(&c->reader) ? "complete " : "", c->options->url,
		    (long long)((now_ms - x->begin_ms + 500) / 1000));
	etl_err_hint(err, "check that the endpoint is DynamoDB's, and that no proxy or firewall "
		     "swallows the traffic");
	return -ETL_EUNKNOWN;
}

/* 0: the answer is whole (x->progress), or there never will be one. An answer may come before all
 * is sent, and after no more can be: a refusal. */
static int run(struct exchange *x, struct etl_err *err)
{
	int rc;

	while (x->progress == HTTP_MORE && !x->not_received) {
		send_some(x);
		rc = wait_a_little(x, err);
		if (rc < 0)
			return rc;
		receive_some(x);
	}
	return 0;
}

/* To send it again, after nobody knows what became of it the first time. */
static int connect_again(struct http_conn *c, struct etl_err *err)
{
	struct etl_err why = { 0 };
	int rc = connect_now(c, &why);

	if (rc == 0 || rc == -ETL_ESTOPPED)
		return rc < 0 ? etl_err_copy(err, &why) : 0;
	return etl_err_set(err, ETL_EUNKNOWN, "no answer from '%s', and then: %s", c->options->url,
			   why.msg);
}

static int exchange(struct http_conn *c, struct str headers, struct str body,
		    struct http_answer *answer, struct etl_err *err)
{
	c->maybe_twice = false;
	for (;;) {
		struct exchange x = { .c = c, .progress = HTTP_MORE };
		bool kept;
		int rc = 0;

		x.begin_ms = x.moved_ms = c->clock->now_ms(c->clock);
		if (c->easy && !is_alive(c, x.begin_ms))
			disconnect(c);
		kept = c->easy != NULL;
		if (!kept)
			rc = c->maybe_twice ? connect_again(c, err) : connect_now(c, err);
		if (rc < 0)
			return rc;
		prepare(&x, headers, body);
		http_reader_start(&c->reader, answer);
		rc = run(&x, err);
		c->used_ms = x.moved_ms;
		if (rc < 0 || x.progress != HTTP_DONE || !c->reader.keep_alive ||
		    is_sending(&x) || x.not_sent)
			disconnect(c);
		if (rc < 0 || x.progress == HTTP_DONE)
			return rc;
		if (!kept || http_reader_began(&c->reader))
			return etl_err_set(err, ETL_EUNKNOWN, "no complete answer from '%s': %s",
					   c->options->url,
					   x.not_sent ? x.not_sent : x.not_received);
		c->maybe_twice = true;
	}
}

int http_post(struct http_conn *c, struct str headers, struct str body,
	      struct http_answer *answer, struct etl_err *err)
{
	int rc = exchange(c, headers, body, answer, err);

	if (rc < 0)
		return rc;
	if (answer->has_crc && aws_crc32(answer->body.ptr, answer->body.len) != answer->crc32)
		return etl_err_set(err, ETL_EUNKNOWN,
				   "the answer of '%s' is damaged: its CRC does not fit",
				   c->options->url);
	return 0;
}
