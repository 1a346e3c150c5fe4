#include "fakes/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct buf head, body;
};

struct peer {
	struct http_server *server;
	int fd;
	pthread_t thread;
};

struct http_server {
	int listener;
	char url[64];
	pthread_t thread;
	pthread_mutex_t mutex;		/* for all below */
	bool stopping;
	struct http_reply *replies;
	size_t nreplies, replies_cap, next_reply;
	struct request *requests;
	size_t nrequests, requests_cap;
	struct peer **peers;
	size_t npeers, peers_cap;
};

static void die(const char *what)
{
	perror(what);
	abort();
}

/* Bit by bit, on purpose not the way the program does it. */
static uint32_t crc32_slowly(const char *p, size_t n)
{
	uint32_t crc = 0xffffffffu;

	while (n--) {
		crc ^= (unsigned char)*p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return ~crc;
}

static bool stopping(struct http_server *s)
{
	bool yes;

	pthread_mutex_lock(&s->mutex);
	yes = s->stopping;
	pthread_mutex_unlock(&s->mutex);
	return yes;
}

/* Waits for bytes; false when the server stops. */
static bool readable(struct http_server *s, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!stopping(s)) {
		if (poll(&p, 1, 20) > 0)
			return true;
	}
	return false;
}

static bool read_request(struct http_server *s, int fd, struct buf *in, struct request *out)
{
	char chunk[65536];
	size_t need = 0, head = 0;

	for (;;) {
		char *end = in->len ? memmem(in->ptr, in->len, "\r\n\r\n", 4) : NULL;
		ssize_t got;

		if (end && !head) {
			char *text, *length;

			head = (size_t)(end - in->ptr) + 4;
			text = mem_strndup(in->ptr, head);
			length = http_header(text, "Content-Length");
			need = head + (length ? strtoul(length, NULL, 10) : 0);
			free(length);
			free(text);
		}
		if (head && in->len >= need)
			break;
		if (!readable(s, fd))
			return false;
		got = read(fd, chunk, sizeof(chunk));
		if (got <= 0)
			return false;
		buf_add(in, chunk, (size_t)got);
	}
	buf_add(&out->head, in->ptr, head);
	buf_add(&out->body, in->ptr + head, need - head);
	memmove(in->ptr, in->ptr + need, in->len - need);
	in->len -= need;
	return true;
}

static void send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

/* False: the connection ends. */
static bool answer(struct http_server *s, int fd, const struct http_reply *r)
{
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct buf out = { 0 };
	size_t body = strlen(r->body), sent = body;
	bool go_on = true;

	switch (r->manner) {
	case HTTP_CLOSE:
		return false;
	case HTTP_RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		return false;
	case HTTP_GARBAGE:
		send_all(fd, "\x16\x03 what?\n\n", 10);
		return false;
	case HTTP_HANG:
		readable(s, fd);
		return false;
	case HTTP_SLOW:
		usleep(250 * 1000);
		break;
	case HTTP_RAW:
	case HTTP_RAW_CLOSE:
		send_all(fd, r->body, body);
		return r->manner == HTTP_RAW;
	case HTTP_DRIP:
		send_all(fd, "HTTP/1.1 200 OK\r\nX-Long: ", 25);
		while (!stopping(s) && send(fd, "x", 1, MSG_NOSIGNAL) == 1)
			usleep(20 * 1000);
		return false;
	case HTTP_CUT:
		sent = body / 2;
		go_on = false;
		break;
	case HTTP_WHOLE:
		break;
	}
	buf_addf(&out, "HTTP/1.1 %d Answer\r\nContent-Type: application/x-amz-json-1.0\r\n"
		 "Content-Length: %zu\r\n%s", r->status, body, r->headers ? r->headers : "");
	if (r->crc != HTTP_CRC_NONE)
		buf_addf(&out, "x-amz-crc32: %u\r\n",
			 crc32_slowly(r->body, body) + (r->crc == HTTP_CRC_WRONG));
	buf_adds(&out, "\r\n");
	buf_add(&out, r->body, sent);
	send_all(fd, out.ptr, out.len);
	buf_release(&out);
	return go_on;
}

static void *serve(void *arg)
{
	static const struct http_reply unscripted = { .status = 500, .body = "unscripted" };
	struct peer *peer = arg;
	struct http_server *s = peer->server;
	struct buf in = { 0 };
	bool go_on = true;

	while (go_on) {
		struct request req = { { 0 }, { 0 } };
		struct http_reply reply = unscripted;

		if (!read_request(s, peer->fd, &in, &req))
			break;
		pthread_mutex_lock(&s->mutex);
		s->requests = mem_grow(s->requests, &s->requests_cap, s->nrequests + 1,
				       sizeof(*s->requests));
		s->requests[s->nrequests++] = req;
		if (s->next_reply < s->nreplies)
			reply = s->replies[s->next_reply++];
		pthread_mutex_unlock(&s->mutex);
		go_on = answer(s, peer->fd, &reply);
	}
	buf_release(&in);
	close(peer->fd);
	return NULL;
}

static void *accept_peers(void *arg)
{
	struct http_server *s = arg;

	while (readable(s, s->listener)) {
		struct peer *peer = mem_zalloc(sizeof(*peer));

		peer->server = s;
		peer->fd = accept(s->listener, NULL, NULL);
		if (peer->fd < 0) {
			free(peer);
			continue;
		}
		pthread_mutex_lock(&s->mutex);
		s->peers = mem_grow(s->peers, &s->peers_cap, s->npeers + 1, sizeof(*s->peers));
		s->peers[s->npeers++] = peer;
		pthread_mutex_unlock(&s->mutex);
		if (pthread_create(&peer->thread, NULL, serve, peer) != 0)
			die("pthread_create");
	}
	return NULL;
}

struct http_server *http_server_start(void)
{
	struct http_server *s = mem_zalloc(sizeof(*s));
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(s->listener, 64) < 0 ||
	    getsockname(s->listener, (struct sockaddr *)&addr, &len) < 0)
		die("listen");
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", ntohs(addr.sin_port));
	pthread_mutex_init(&s->mutex, NULL);
	if (pthread_create(&s->thread, NULL, accept_peers, s) != 0)
		die("pthread_create");
	return s;
}

void http_server_stop(struct http_server *s)
{
	pthread_mutex_lock(&s->mutex);
	s->stopping = true;
	pthread_mutex_unlock(&s->mutex);
	pthread_join(s->thread, NULL);
	for (size_t i = 0; i < s->npeers; i++) {
		pthread_join(s->peers[i]->thread, NULL);
		free(s->peers[i]);
	}
	close(s->listener);
	for (size_t i = 0; i < s->nrequests; i++) {
		buf_release(&s->requests[i].head);
		buf_release(&s->requests[i].body);
	}
	free(s->requests);
	free(s->replies);
	free(s->peers);
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

const char *http_server_url(const struct http_server *s)
{
	return s->url;
}

void http_server_add(struct http_server *s, struct http_reply reply)
{
	pthread_mutex_lock(&s->mutex);
	s->replies = mem_grow(s->replies, &s->replies_cap, s->nreplies + 1, sizeof(*s->replies));
	s->replies[s->nreplies++] = reply;
	pthread_mutex_unlock(&s->mutex);
}

void http_server_ok(struct http_server *s, const char *body)
{
	http_server_add(s, (struct http_reply){ .status = 200, .body = body,
						.crc = HTTP_CRC_RIGHT });
}

void http_server_push(struct http_server *s, const char *bytes)
{
	pthread_mutex_lock(&s->mutex);
	if (s->npeers)
		send_all(s->peers[s->npeers - 1]->fd, bytes, strlen(bytes));
	pthread_mutex_unlock(&s->mutex);
}

size_t http_server_requests(struct http_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->mutex);
	n = s->nrequests;
	pthread_mutex_unlock(&s->mutex);
	return n;
}

size_t http_server_connections(struct http_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->mutex);
	n = s->npeers;
	pthread_mutex_unlock(&s->mutex);
	return n;
}

static char *part(struct http_server *s, size_t i, bool body)
{
	char *copy = NULL;

	pthread_mutex_lock(&s->mutex);
	if (i < s->nrequests) {
		const struct buf *b = body ? &s->requests[i].body : &s->requests[i].head;

		copy = mem_strndup(b->ptr ? b->ptr : "", b->len);
	}
	pthread_mutex_unlock(&s->mutex);
	return copy;
}

char *http_server_head(struct http_server *s, size_t i)
{
	return part(s, i, false);
}

char *http_server_body(struct http_server *s, size_t i)
{
	return part(s, i, true);
}

char *http_header(const char *head, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = strchr(head, '\n'); line; line = strchr(line, '\n')) {
		line++;
		if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
			const char *value = line + n + 1;

			value += strspn(value, " ");
			return mem_strndup(value, strcspn(value, "\r\n"));
		}
	}
	return NULL;
}
