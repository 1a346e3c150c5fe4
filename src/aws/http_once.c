#include "aws/http_once.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "aws/http.h"

struct receiving {
	struct buf *body;
	const struct stop *stop;
	bool too_long;
};

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct receiving *r = arg;

	/* all at once: a buffer that moves would leave a secret behind */
	if (r->body->len + size * n > HTTP_ONCE_MAX_BYTES) {
		r->too_long = true;
		return 0;
	}
	buf_add(r->body, p, size * n);
	return size * n;
}

static int on_progress(void *arg, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
	(void)dt, (void)dn, (void)ut, (void)un;
	return stop_asked(((struct receiving *)arg)->stop) ? 1 : 0;
}

static CURLcode set_options(CURL *easy, const struct http_once *call, struct curl_slist *list,
			    struct receiving *receiving, char *why)
{
	CURLcode rc = CURLE_OK;

#define SET(option, value) \
	do { \
		if (rc == CURLE_OK) \
			rc = curl_easy_setopt(easy, option, value); \
	} while (0)
	SET(CURLOPT_URL, call->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (strcmp(call->method, "GET") == 0) {
		SET(CURLOPT_HTTPGET, 1L);
	} else {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		SET(CURLOPT_POSTFIELDS, call->body.len ? call->body.ptr : "");
		SET(CURLOPT_CUSTOMREQUEST, call->method);
	}
	SET(CURLOPT_HTTPHEADER, list);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (call->ca_bundle)
		SET(CURLOPT_CAINFO, call->ca_bundle);
	if (call->bypass_proxy)
		SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
	SET(CURLOPT_ERRORBUFFER, why);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, receiving);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, receiving);
	SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
	return rc;
}

static int failed(const struct http_once *call, const struct receiving *r, CURLcode rc,
		  const char *why, struct etl_err *err)
{
	if (rc == CURLE_ABORTED_BY_CALLBACK && stop_asked(call->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting for %s", call->shown);
	if (r->too_long)
		return etl_err_set(err, ETL_ECREDENTIALS, "the answer of %s is over %u bytes",
				   call->shown, HTTP_ONCE_MAX_BYTES);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return etl_err_set(err, ETL_ECREDENTIALS, "no complete answer from %s within %lld "
				   "ms", call->shown, (long long)call->timeout_ms);
	/* libcurl's own words may name the address */
	return etl_err_set(err, ETL_ECREDENTIALS, "no complete answer from %s: %s", call->shown,
			   call->shown == call->url && *why ? why : curl_easy_strerror(rc));
}

int http_once(const struct http_once *call, long *status, struct buf *body, struct etl_err *err)
{
	struct receiving receiving = { .body = body, .stop = call->stop };
	struct curl_slist *list = NULL, *more;
	char why[CURL_ERROR_SIZE] = "";
	CURL *easy;
	CURLcode rc = CURLE_OUT_OF_MEMORY;
	size_t i;
	struct http_options setting_up = { .url = call->url };
	struct http_conn *unused;
	int failure = http_open(&setting_up, &unused, err);

	/* The first to open a connection sets libcurl up for the process; this makes none. */
	if (failure)
		return failure;
	http_close(unused);
	http_wipe(body);
	buf_reserve(body, HTTP_ONCE_MAX_BYTES);
	easy = curl_easy_init();
	for (i = 0; easy && i <= call->nheaders; i++) {
		more = curl_slist_append(list, i < call->nheaders ? call->headers[i] : "Expect:");
		if (!more)
			break;
		list = more;
	}
	if (easy && i > call->nheaders)
		rc = set_options(easy, call, list, &receiving, why);
	if (rc == CURLE_OK)
		rc = curl_easy_perform(easy);
	if (rc == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
	curl_easy_cleanup(easy);
	curl_slist_free_all(list);
	return rc == CURLE_OK ? 0 : failed(call, &receiving, rc, why, err);
}

void http_wipe(struct buf *b)
{
	if (b->ptr)
		OPENSSL_cleanse(b->ptr, b->cap);
	buf_release(b);
}
