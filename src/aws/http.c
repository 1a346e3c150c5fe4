#include "aws/http.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "aws/crc32.h"
#include "aws/http_priv.h"

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

/* Does the environment name a proxy? Whether it is for this host as well is libcurl's to say. */
static bool names_proxy(void)
{
	static const char *const names[] = {
		"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return true;
	}
	return false;
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
	c->by_libcurl = !options->bypass_proxy && names_proxy();
	c->clock = clock_real();
	c->timeout_ms = options->call_timeout_ms;
	*out = c;
	return 0;
}

void http_disconnect(struct http_conn *c)
{
	curl_easy_cleanup(c->easy);
	c->easy = NULL;
}

void http_close(struct http_conn *c)
{
	if (!c)
		return;
	http_disconnect(c);
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

static int on_progress(void *arg, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
	struct http_conn *c = arg;

	(void)dt, (void)dn, (void)ut, (void)un;
	return stop_asked(c->options->stop) ? 1 : 0;
}

int http_set_up(struct http_conn *c, struct etl_err *err)
{
	const struct http_options *o = c->options;
	CURLcode rc = CURLE_OK;

	c->why[0] = '\0';
	c->easy = curl_easy_init();
	if (!c->easy)
		rc = CURLE_OUT_OF_MEMORY;
#define SET(option, value) \
	do { \
		if (rc == CURLE_OK) \
			rc = curl_easy_setopt(c->easy, option, value); \
	} while (0)
	SET(CURLOPT_URL, o->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (o->ca_bundle)
		SET(CURLOPT_CAINFO, o->ca_bundle);
	if (!c->by_libcurl)
		SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);	/* who gives up does not wait for a resolver that hangs */
	SET(CURLOPT_TCP_NODELAY, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	SET(CURLOPT_ERRORBUFFER, c->why);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, c);
	SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
	if (rc == CURLE_OK)
		return 0;
	http_disconnect(c);
	return etl_err_set(err, ETL_ESYSTEM, "cannot set up libcurl: %s", curl_easy_strerror(rc));
}

/* ---- what may go wrong ----------------------------------------------------------------------- */

bool http_not_trusted(CURLcode rc)
{
	return rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE ||
	       rc == CURLE_SSL_ISSUER_ERROR || rc == CURLE_SSL_CRL_BADFILE;
}

int http_stopped(const struct http_conn *c, struct etl_err *err)
{
	return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting for '%s'", c->options->url);
}

int http_not_connected(const struct http_conn *c, CURLcode rc, struct etl_err *err)
{
	const char *why = c->why[0] ? c->why : curl_easy_strerror(rc), *url = c->options->url;

	if (rc == CURLE_ABORTED_BY_CALLBACK)
		return http_stopped(c, err);
	if (http_not_trusted(rc)) {
		etl_err_set(err, ETL_ESINK, "the certificate of '%s' cannot be verified: %s", url,
			    why);
		etl_err_hint(err, "give the authority's certificate with --ca-bundle or "
			     "AWS_CA_BUNDLE");
		return -ETL_ESINK;
	}
	etl_err_set(err, ETL_ETRANSIENT, "cannot connect to '%s': %s", url, why);
	etl_err_hint(err, rc == CURLE_COULDNT_RESOLVE_HOST
		     ? "check the region, the endpoint and the network"
		     : "check the endpoint, the network and that the service runs");
	return -ETL_ETRANSIENT;
}

int http_timed_out(const struct http_conn *c, bool began, int64_t took_ms, struct etl_err *err)
{
	etl_err_set(err, ETL_EUNKNOWN, "no %sanswer from '%s' within %lld s",
		    began ? "complete " : "", c->options->url, (long long)((took_ms + 500) / 1000));
	etl_err_hint(err, "check that the endpoint is DynamoDB's, and that no proxy or firewall "
		     "swallows the traffic");
	return -ETL_EUNKNOWN;
}

int http_post(struct http_conn *c, struct str headers, struct str body,
	      struct http_answer *answer, struct etl_err *err)
{
	int rc = c->by_libcurl ? http_transfer(c, headers, body, answer, err)
			       : http_exchange(c, headers, body, answer, err);

	if (rc < 0)
		return rc;
	if (answer->has_crc && aws_crc32(answer->body.ptr, answer->body.len) != answer->crc32)
		return etl_err_set(err, ETL_EUNKNOWN,
				   "the answer of '%s' is damaged: its CRC does not fit",
				   c->options->url);
	return 0;
}
