/*
 * How a failed call is told apart: libcurl counts the bytes of the request that went out. None:
 * the service cannot have done anything, the call may simply be made again. Any: unknown.
 */
#include "aws/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "aws/crc32.h"

#define SILENCE_LIMIT_S 30L

struct http_conn {
	CURL *easy;
	const struct http_options *options;
	struct http_answer *answer;	/* during a call */
	char why[CURL_ERROR_SIZE];
	bool used, maybe_twice;
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

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_conn *c = arg;

	if (c->answer->body.len + size * n > HTTP_MAX_ANSWER_BYTES) {
		c->answer->cut = true;
		return 0;
	}
	buf_add(&c->answer->body, p, size * n);
	return size * n;
}

static bool header_is(struct str line, const char *name, struct str *value)
{
	size_t n = strlen(name);

	if (line.len <= n || line.ptr[n] != ':' ||
	    !str_ieq((struct str){ line.ptr, n }, str_of(name)))
		return false;
	line.ptr += n + 1;
	line.len -= n + 1;
	while (line.len && (line.ptr[0] == ' ' || line.ptr[0] == '\t')) {
		line.ptr++;
		line.len--;
	}
	while (line.len && strchr(" \t\r\n", line.ptr[line.len - 1]))
		line.len--;
	*value = line;
	return true;
}

static void keep(char *out, size_t cap, struct str value)
{
	size_t n = value.len < cap - 1 ? value.len : cap - 1;

	memcpy(out, value.ptr, n);
	out[n] = '\0';
}

static void reset_answer(struct http_answer *a)
{
	struct buf body = a->body;

	memset(a, 0, sizeof(*a));
	a->body = body;
	buf_reset(&a->body);
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_conn *c = arg;
	struct http_answer *a = c->answer;
	struct str line = { p, size * n }, value;
	char text[64], *end;

	if (line.len > 5 && memcmp(p, "HTTP/", 5) == 0) {
		/* Another status line: what came before was a proxy's or a re-sent call's. */
		reset_answer(a);
	} else if (header_is(line, "X-Amz-Crc32", &value)) {
		unsigned long long crc;

		keep(text, sizeof(text), value);
		crc = strtoull(text, &end, 10);
		if (end != text && !*end && crc <= UINT32_MAX) {
			a->has_crc = true;
			a->crc32 = (uint32_t)crc;
		}
	} else if (header_is(line, "Date", &value)) {
		time_t t;

		keep(text, sizeof(text), value);
		t = curl_getdate(text, NULL);
		if (t != (time_t)-1) {
			a->has_date = true;
			a->date_utc_ms = (int64_t)t * 1000;
		}
	} else if (header_is(line, "x-amzn-ErrorType", &value)) {
		keep(a->error_type, sizeof(a->error_type), value);
	} else if (header_is(line, "x-amzn-RequestId", &value)) {
		keep(a->request_id, sizeof(a->request_id), value);
	}
	return size * n;
}

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
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->ca_bundle)
		SET(CURLOPT_CAINFO, o->ca_bundle);
	if (o->bypass_proxy)
		SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)o->call_timeout_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, SILENCE_LIMIT_S);
	SET(CURLOPT_BUFFERSIZE, 32L * 1024);
	SET(CURLOPT_ERRORBUFFER, c->why);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, c);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, c);
	SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
	return rc;
}

int http_open(const struct http_options *options, struct http_conn **out, struct etl_err *err)
{
	struct http_conn *c;
	CURLcode rc;

	pthread_once(&global_once, global_init);
	if (global_rc != CURLE_OK)
		return etl_err_set(err, ETL_ESYSTEM, "cannot start libcurl: %s",
				   curl_easy_strerror(global_rc));
	c = mem_zalloc(sizeof(*c));
	c->options = options;
	c->easy = curl_easy_init();
	rc = c->easy ? set_options(c) : CURLE_OUT_OF_MEMORY;
	if (rc != CURLE_OK) {
		http_close(c);
		return etl_err_set(err, ETL_ESYSTEM, "cannot set up libcurl: %s",
				   curl_easy_strerror(rc));
	}
	*out = c;
	return 0;
}

void http_close(struct http_conn *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	free(c);
}

void http_limit(struct http_conn *c, int64_t timeout_ms)
{
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS,
			 (long)(timeout_ms ? timeout_ms : c->options->call_timeout_ms));
}

void http_answer_release(struct http_answer *a)
{
	buf_release(&a->body);
	memset(a, 0, sizeof(*a));
}

static int refuse_tls(const struct http_conn *c, const char *why, struct etl_err *err)
{
	etl_err_set(err, ETL_ESINK, "the certificate of '%s' cannot be verified: %s",
		    c->options->url, why);
	etl_err_hint(err, "give the authority's certificate with --ca-bundle or AWS_CA_BUNDLE");
	return -ETL_ESINK;
}

/* libcurl's words for it speak of low speed. */
static int timed_out(struct http_conn *c, struct etl_err *err)
{
	curl_off_t took_us = 0, got = 0;

	curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &took_us);
	curl_easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &got);
	etl_err_set(err, ETL_EUNKNOWN, "no %sanswer from '%s' within %lld s", got ? "complete " : "",
		    c->options->url, (long long)((took_us + 500000) / 1000000));
	etl_err_hint(err, "check that the endpoint is DynamoDB's, and that no proxy or firewall "
		     "swallows the traffic");
	return -ETL_EUNKNOWN;
}

static int failed(struct http_conn *c, CURLcode rc, struct etl_err *err)
{
	const char *why = c->why[0] ? c->why : curl_easy_strerror(rc);
	long sent = 0;

	if (rc == CURLE_ABORTED_BY_CALLBACK && stop_asked(c->options->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting for '%s'",
				   c->options->url);
	if (c->answer->cut)
		return etl_err_set(err, ETL_EUNKNOWN, "the answer of '%s' is over %u bytes",
				   c->options->url, HTTP_MAX_ANSWER_BYTES);
	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CRL_BADFILE:
		return refuse_tls(c, why, err);
	case CURLE_COULDNT_RESOLVE_HOST:
		etl_err_set(err, ETL_ETRANSIENT, "cannot connect to '%s': %s", c->options->url,
			    why);
		etl_err_hint(err, "check the region, the endpoint and the network");
		return -ETL_ETRANSIENT;
	default:
		break;
	}
	curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
	if (sent == 0) {
		etl_err_set(err, ETL_ETRANSIENT, "cannot connect to '%s': %s", c->options->url,
			    why);
		etl_err_hint(err, "check the endpoint, the network and that the service runs");
		return -ETL_ETRANSIENT;
	}
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return timed_out(c, err);
	return etl_err_set(err, ETL_EUNKNOWN, "no complete answer from '%s': %s",
			   c->options->url, why);
}

/* libcurl sends a request again only if it was on a connection that had been used before, and then
 * always on a new one. */
static void note_connects(struct http_conn *c)
{
	long connects = 0;

	curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
	c->maybe_twice = c->used && connects > 0;
	c->used = true;
}

bool http_maybe_twice(const struct http_conn *c)
{
	return c->maybe_twice;
}

int http_post(struct http_conn *c, const char *const *headers, size_t nheaders, struct str body,
	      struct http_answer *answer, struct etl_err *err)
{
	/* An empty Expect and Accept take away the headers that libcurl would add by itself; the
	 * first would cost a second for bodies over 1 MiB. */
	static const char *const without[] = { "Expect:", "Accept:" };
	struct curl_slist *list = NULL, *more;
	CURLcode rc;

	reset_answer(answer);
	for (size_t i = 0; i < nheaders + 2; i++) {
		more = curl_slist_append(list, i < nheaders ? headers[i] : without[i - nheaders]);
		if (!more) {
			curl_slist_free_all(list);
			return etl_err_set(err, ETL_ESYSTEM, "cannot build a request: no memory");
		}
		list = more;
	}
	c->answer = answer;
	c->why[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, body.len ? body.ptr : "");
	rc = curl_easy_perform(c->easy);
	note_connects(c);
	/* The list and the body are the caller's again; the handle must not remember them. */
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
	curl_slist_free_all(list);
	if (rc != CURLE_OK) {
		int failure = failed(c, rc, err);

		c->answer = NULL;
		return failure;
	}
	c->answer = NULL;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	if (answer->has_crc && aws_crc32(answer->body.ptr, answer->body.len) != answer->crc32)
		return etl_err_set(err, ETL_EUNKNOWN,
				   "the answer of '%s' is damaged: its CRC does not fit",
				   c->options->url);
	return 0;
}
