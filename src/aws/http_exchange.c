/*
 * A request and its answer on a connection that libcurl made (CURLOPT_CONNECT_ONLY). How a failed
 * call is told apart: before there is a connection nothing of the request can have gone out, and the
 * call may simply be made again. After that: unknown.
 */
#include <poll.h>
#include "aws/http_priv.h"

#define IDLE_LIMIT_MS 60000		/* a connection kept longer is not trusted */
#define LOOK_EVERY_MS 200		/* at the stop token, while waiting */
#define COPIED_BODY_BYTES (64u << 10)	/* so much of a body goes out together with the head */

static int connect_now(struct http_conn *c, struct etl_err *err)
{
	int rc = http_set_up(c, err);
	CURLcode code;

	if (rc < 0)
		return rc;
	code = curl_easy_setopt(c->easy, CURLOPT_CONNECT_ONLY, 1L);
	/* or TLS might agree on another version than the one that is spoken here */
	if (code == CURLE_OK)
		code = curl_easy_setopt(c->easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
	if (code == CURLE_OK)
		code = curl_easy_perform(c->easy);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->fd);
	if (code == CURLE_OK && c->fd == CURL_SOCKET_BAD)
		code = CURLE_COULDNT_CONNECT;
	if (code != CURLE_OK) {
		rc = http_not_connected(c, code, err);
		http_disconnect(c);
		return rc;
	}
	c->tls = strncmp(c->options->url, "https:", 6) == 0;
	return 0;
}

/* A kept connection may have been closed meanwhile: then there is something to read. Bytes that
 * nobody asked for make it as bad; below TLS they may be its own. */
static bool is_alive(struct http_conn *c, int64_t now_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	size_t n;

	if (now_ms - c->used_ms > IDLE_LIMIT_MS)
		return false;
	return poll(&p, 1, 0) == 0 ||
	       (c->tls && curl_easy_recv(c->easy, c->in, sizeof(c->in), &n) == CURLE_AGAIN);
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

/* Until something can be sent or received, or a little while. A peer that goes on and on, byte by
 * byte, is held to the same limits as one that is silent. */
static int wait_a_little(struct exchange *x, struct etl_err *err)
{
	struct http_conn *c = x->c;
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int64_t now_ms;

	if (is_sending(x))
		p.events |= POLLOUT;
	poll(&p, 1, LOOK_EVERY_MS);
	if (stop_asked(c->options->stop))
		return http_stopped(c, err);
	now_ms = c->clock->now_ms(c->clock);
	if (now_ms - x->begin_ms < c->timeout_ms &&
	    now_ms - x->moved_ms < HTTP_SILENCE_LIMIT_S * 1000)
		return 0;
	return http_timed_out(c, http_reader_began(&c->reader), now_ms - x->begin_ms, err);
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

int http_exchange(struct http_conn *c, struct str headers, struct str body,
		  struct http_answer *answer, struct etl_err *err)
{
	c->maybe_twice = false;
	for (;;) {
		struct exchange x = { .c = c, .progress = HTTP_MORE };
		bool kept;
		int rc = 0;

		x.begin_ms = x.moved_ms = c->clock->now_ms(c->clock);
		if (c->easy && !is_alive(c, x.begin_ms))
			http_disconnect(c);
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
			http_disconnect(c);
		if (rc < 0 || x.progress == HTTP_DONE)
			return rc;
		if (!kept || http_reader_began(&c->reader))
			return etl_err_set(err, ETL_EUNKNOWN, "no complete answer from '%s': %s",
					   c->options->url,
					   x.not_sent ? x.not_sent : x.not_received);
		c->maybe_twice = true;
	}
}
