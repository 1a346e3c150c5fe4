/*
 * A call made by libcurl alone. How a failed one is told apart: libcurl counts the bytes of the
 * request that went out. None: the service cannot have done anything, the call may simply be made
 * again. Any: unknown.
 */
#include "aws/http_priv.h"

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct http_conn *c = arg;

	if (c->answer->body.len + size * n > HTTP_MAX_ANSWER_BYTES) {
		c->too_long = true;
		return 0;
	}
	buf_add(&c->answer->body, p, size * n);
	return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_conn *c = arg;
	struct str line = { p, size * n };

	while (line.len && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\n'))
		line.len--;
	/* Another status line: what came before was a proxy's or a re-sent call's. */
	if (line.len > 5 && memcmp(p, "HTTP/", 5) == 0)
		http_answer_reset(c->answer);
	else
		http_answer_note(c->answer, line);
	return size * n;
}

static int set_up(struct http_conn *c, struct etl_err *err)
{
	int rc = http_set_up(c, err);
	CURLcode code = CURLE_OK;

	if (rc < 0)
		return rc;
#define SET(option, value) \
	do { \
		if (code == CURLE_OK) \
			code = curl_easy_setopt(c->easy, option, value); \
	} while (0)
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)HTTP_SILENCE_LIMIT_S);
	SET(CURLOPT_BUFFERSIZE, 32L * 1024);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, c);
#undef SET
	if (code == CURLE_OK)
		return 0;
	http_disconnect(c);
	return etl_err_set(err, ETL_ESYSTEM, "cannot set up libcurl: %s",
			   curl_easy_strerror(code));
}

static int failed(struct http_conn *c, CURLcode rc, struct etl_err *err)
{
	curl_off_t took_us = 0, got = 0;
	long sent = 0;

	if (c->too_long)
		return etl_err_set(err, ETL_EUNKNOWN, "the answer of '%s' is over %u bytes",
				   c->options->url, HTTP_MAX_ANSWER_BYTES);
	curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &sent);
	if (sent == 0 || rc == CURLE_ABORTED_BY_CALLBACK || http_not_trusted(rc))
		return http_not_connected(c, rc, err);
	if (rc == CURLE_OPERATION_TIMEDOUT) {	/* libcurl's words for it speak of low speed */
		curl_easy_getinfo(c->easy, CURLINFO_TOTAL_TIME_T, &took_us);
		curl_easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &got);
		return http_timed_out(c, got > 0, took_us / 1000, err);
	}
	return etl_err_set(err, ETL_EUNKNOWN, "no complete answer from '%s': %s",
			   c->options->url, c->why[0] ? c->why : curl_easy_strerror(rc));
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

/* Each of 'headers', and empty ones that take away what libcurl would add by itself: an Expect would
 * cost a second for bodies over 1 MiB. NULL: no memory. */
static struct curl_slist *list_of(struct str headers)
{
	static const char *const without[] = { "Expect:", "Accept:" };
	struct curl_slist *list = NULL, *more;
	struct buf line = { 0 };
	size_t i = 0;

	while (headers.len || i < sizeof(without) / sizeof(without[0])) {
		const char *end = headers.len ? memchr(headers.ptr, '\r', headers.len) : NULL;

		buf_reset(&line);
		if (end) {
			buf_add(&line, headers.ptr, (size_t)(end - headers.ptr));
			headers.len -= (size_t)(end + 2 - headers.ptr);
			headers.ptr = end + 2;
		} else {
			headers.len = 0;
			buf_adds(&line, without[i++]);
		}
		more = curl_slist_append(list, buf_cstr(&line));
		if (!more) {
			curl_slist_free_all(list);
			list = NULL;
			break;
		}
		list = more;
	}
	if (line.ptr)
		explicit_bzero(line.ptr, line.cap);
	buf_release(&line);
	return list;
}

int http_transfer(struct http_conn *c, struct str headers, struct str body,
		  struct http_answer *answer, struct etl_err *err)
{
	struct curl_slist *list;
	CURLcode code;
	int rc = c->easy ? 0 : set_up(c, err);

	if (rc < 0)
		return rc;
	list = list_of(headers);
	if (!list)
		return etl_err_set(err, ETL_ESYSTEM, "cannot build a request: no memory");
	http_answer_reset(answer);
	c->answer = answer;
	c->too_long = false;
	c->why[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, body.len ? body.ptr : "");
	code = curl_easy_perform(c->easy);
	note_connects(c);
	/* The list and the body are the caller's again; the handle must not remember them. */
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
	curl_slist_free_all(list);
	if (code != CURLE_OK)
		rc = failed(c, code, err);
	else
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &answer->status);
	c->answer = NULL;
	return rc;
}
