/*
 * A sink for measuring loads: an HTTP/1.1 server on loopback that speaks as much of DynamoDB as a
 * load asks for, costs as little as it can, keeps nothing of the items unless told, and counts them.
 *
 *	sink [--latency-ms N] [--port N] [--keep 1]
 *
 * Prints "port N" once it listens (on a free port unless told) and serves until it is killed.
 *
 *	CreateTable, DescribeTable	a table is ACTIVE as soon as it was made, as it was asked for
 *	BatchWriteItem, PutItem		everything is taken; a unit of capacity for each put
 *	Scan				with --keep: what BatchWriteItem brought, one table's, each put
 *					an item of its own, in as many segments as are asked for
 *	GET /counts			{"items":N,"requests":N,"bytes":N,"most_in_flight":N}
 *	GET /reset			the same, and counting begins anew
 *
 * Every other operation is an error. A latency is a delay of each write's answer from when the
 * request's last byte was read; it costs no thread: answers that wait stand in one line, because all
 * wait equally long. The pages of a scan are made when its first one is asked for and then only sent.
 *
 * One thread and epoll. A connection is read into a buffer of its own until a request is whole,
 * is then answered before it is read again, and so has at most one request under way.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define REQUEST_MAX_BYTES (17u << 20)
#define HEAD_MAX_BYTES (16u << 10)
#define ANSWER_MAX_BYTES (64u << 10)
#define PAGE_BYTES (1u << 20)		/* as DynamoDB's; of items in an answer to Scan */
#define MAX_TABLES 64
#define MAX_EVENTS 64

struct text { const char *ptr; size_t len; };

struct conn {
	int fd;
	char *in;			/* what was read and not answered yet */
	size_t in_len, in_cap;
	size_t head_len, body_len;	/* of the request at its beginning; 0: not known yet */
	size_t items;			/* of the answer that waits, to be counted when it goes */
	char *out;			/* the answer that waits */
	size_t out_len;
	struct text page;		/* what is not sent yet of an answer to Scan */
	int64_t due_ns;
	struct conn *next;		/* in the line of those that wait */
	bool waits, gone;
};

struct table { char *name, *description; };

static struct table tables[MAX_TABLES];
static size_t ntables;
struct page { char *answer; size_t len; };

static bool keeps;
static struct { char *bytes; size_t len, cap, *ends, n, ends_cap; } kept;	/* items */
static struct { struct page *pages; size_t *first, n, segments; } scan;	/* pages[first[i]...] are
									   segment i's */
static int epoll_fd, timer_fd;
static int64_t latency_ns;
static struct conn *first_waiting, **last_waiting = &first_waiting;
static struct { unsigned long long items, requests, bytes, in_flight, most_in_flight; } counts;

static void die(const char *what)
{
	fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *need(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct text find(struct text in, const char *what)
{
	size_t len = strlen(what);
	const char *at = in.len >= len ? memmem(in.ptr, in.len, what, len) : NULL;

	return (struct text){ at, at ? (size_t)(in.ptr + in.len - at) : 0 };
}

/* ---- DynamoDB -------------------------------------------------------------------------------- */

/* The text behind `"name":`, up to its closing quote; names of tables have no escapes. */
static struct text member(struct text body, const char *name)
{
	struct text at = find(body, name);
	const char *from, *to;

	if (!at.ptr)
		return at;
	at.ptr += strlen(name);
	at.len -= strlen(name);
	from = memchr(at.ptr, '"', at.len);
	to = from ? memchr(from + 1, '"', (size_t)(at.ptr + at.len - from - 1)) : NULL;
	return to ? (struct text){ from + 1, (size_t)(to - from - 1) } : (struct text){ NULL, 0 };
}

static struct table *table_named(struct text name)
{
	for (size_t i = 0; i < ntables; i++)
		if (strlen(tables[i].name) == name.len &&
		    memcmp(tables[i].name, name.ptr, name.len) == 0)
			return &tables[i];
	return NULL;
}

static size_t failure(char *out, const char *type, const char *message)
{
	return (size_t)snprintf(out, ANSWER_MAX_BYTES, "{\"__type\":\"com.amazonaws.dynamodb."
				"v20120810#%s\",\"message\":\"%s\"}", type, message);
}

/* What was asked for, with what the service adds, is the description. */
static char *describe(struct text body, bool on_demand)
{
	static const char index[] = "{\"IndexName\"";
	char *text = NULL;
	size_t len = 0;
	FILE *f = need(open_memstream(&text, &len));
	struct text at;

	fprintf(f, "{\"TableStatus\":\"ACTIVE\",\"TableId\":\"%zu\",\"ItemCount\":0,%s", ntables,
		on_demand ? "\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_REQUEST\"}," : "");
	body.ptr++;	/* its brace */
	body.len--;
	while ((at = find(body, index)).ptr) {
		fwrite(body.ptr, 1, (size_t)(at.ptr - body.ptr), f);
		fputs("{\"IndexStatus\":\"ACTIVE\",\"IndexName\"", f);
		body.ptr = at.ptr + strlen(index);
		body.len = at.len - strlen(index);
	}
	fwrite(body.ptr, 1, body.len, f);
	if (fclose(f) != 0)
		die("cannot write to memory");
	return text;
}

static int create_table(struct text body, char *out, size_t *len)
{
	struct text name = member(body, "\"TableName\"");
	struct table *t;

	if (!name.ptr || body.ptr[0] != '{' || table_named(name) || ntables == MAX_TABLES) {
		*len = failure(out, "ResourceInUseException", "no name, or a table has it");
		return 400;
	}
	t = &tables[ntables++];
	t->name = need(strndup(name.ptr, name.len));
	t->description = describe(body, find(body, "PAY_PER_REQUEST").ptr != NULL);
	*len = (size_t)snprintf(out, ANSWER_MAX_BYTES, "{\"TableDescription\":%s}", t->description);
	return 200;
}

static int describe_table(struct text body, char *out, size_t *len)
{
	struct table *t = table_named(member(body, "\"TableName\""));

	if (!t) {
		*len = failure(out, "ResourceNotFoundException", "no such table");
		return 400;
	}
	*len = (size_t)snprintf(out, ANSWER_MAX_BYTES, "{\"Table\":%s}", t->description);
	return 200;
}

/* Inside of a string the quotes would be escaped, so that nothing else is counted. */
static size_t count_puts(struct text body)
{
	size_t n = 0;

	while ((body = find(body, "{\"PutRequest\":")).ptr) {
		body.ptr += sizeof("{\"PutRequest\":") - 1;
		body.len -= sizeof("{\"PutRequest\":") - 1;
		n++;
	}
	return n;
}

static void forget_scan(void)
{
	for (size_t i = 0; i < scan.n; i++)
		free(scan.pages[i].answer);
	free(scan.pages);
	free(scan.first);
	memset(&scan, 0, sizeof(scan));
}

/* Items end where the next put begins, or the list of them. */
static void keep_items(struct text body)
{
	static const char before[] = "{\"PutRequest\":{\"Item\":";
	struct text at = find(body, before);

	forget_scan();
	while (at.ptr) {
		struct text item = { at.ptr + sizeof(before) - 1, at.len - (sizeof(before) - 1) };
		struct text next = find(item, before), end = find(item, "}}]}");
		size_t len = next.ptr ? (size_t)(next.ptr - 3 - item.ptr)
				      : (size_t)(end.ptr - item.ptr);

		if (kept.len + len > kept.cap) {
			kept.cap = 2 * (kept.len + len);
			kept.bytes = need(realloc(kept.bytes, kept.cap));
		}
		if (kept.n == kept.ends_cap) {
			kept.ends_cap = 2 * kept.n + 1024;
			kept.ends = need(realloc(kept.ends, kept.ends_cap * sizeof(*kept.ends)));
		}
		memcpy(kept.bytes + kept.len, item.ptr, len);
		kept.len += len;
		kept.ends[kept.n++] = kept.len;
		at = next;
	}
}

/* Items from..to as one page of its segment, 'next' the page that comes after it, 0: none. */
static void make_page(size_t from, size_t to, size_t next)
{
	struct page *page;
	size_t bytes = kept.ends[to - 1] - (from ? kept.ends[from - 1] : 0), len, head;
	char *body = need(malloc(bytes + (to - from) + 512)), *at = body;

	at += sprintf(at, "{\"Count\":%zu,\"ScannedCount\":%zu,\"Items\":[", to - from, to - from);
	for (size_t i = from; i < to; i++) {
		size_t begin = i ? kept.ends[i - 1] : 0;

		if (i > from)
			*at++ = ',';
		memcpy(at, kept.bytes + begin, kept.ends[i] - begin);
		at += kept.ends[i] - begin;
	}
	at += sprintf(at, next ? "],\"LastEvaluatedKey\":{\"page\":{\"N\":\"%zu\"}}}" : "]}", next);
	len = (size_t)(at - body);
	scan.pages = need(realloc(scan.pages, (scan.n + 1) * sizeof(*scan.pages)));
	page = &scan.pages[scan.n++];
	page->answer = need(malloc(len + 512));
	head = (size_t)sprintf(page->answer, "HTTP/1.1 200 OK\r\nContent-Type: "
			       "application/x-amz-json-1.0\r\nContent-Length: %zu\r\n"
			       "X-Amz-Crc32: %lu\r\nx-amzn-RequestId: SINK\r\n\r\n", len,
			       crc32(0, (const unsigned char *)body, (unsigned)len));
	memcpy(page->answer + head, body, len);
	page->len = head + len;
	free(body);
}

static void make_scan(size_t segments)
{
	forget_scan();
	scan.segments = segments;
	scan.first = need(calloc(segments, sizeof(*scan.first)));
	for (size_t s = 0; s < segments; s++) {
		size_t from = kept.n * s / segments, end = kept.n * (s + 1) / segments;

		scan.first[s] = scan.n;
		while (from < end) {
			size_t to = from + 1, before = from ? kept.ends[from - 1] : 0;

			while (to < end && kept.ends[to] - before <= PAGE_BYTES)
				to++;
			make_page(from, to, to < end ? scan.n + 1 : 0);
			from = to;
		}
	}
}

static size_t number_in(struct text body, const char *name)
{
	struct text at = find(body, name);

	return at.ptr ? strtoul(at.ptr + strlen(name), NULL, 10) : 0;
}

/* The page that is asked for; no pointer: there is none, the segment is empty or not one of it. */
static struct text page_of(struct text body)
{
	size_t segment = number_in(body, "\"Segment\":");
	size_t segments = number_in(body, "\"TotalSegments\":");
	size_t page = number_in(body, "\"ExclusiveStartKey\":{\"page\":{\"N\":\"");

	if (segments == 0 || segment >= segments || segments > kept.n)
		return (struct text){ NULL, 0 };
	if (scan.segments != segments)
		make_scan(segments);
	if (!page)
		page = scan.first[segment];
	return page < scan.n ? (struct text){ scan.pages[page].answer, scan.pages[page].len }
			     : (struct text){ NULL, 0 };
}

static size_t capacity(char *out, const char *before, struct text table, size_t units,
		       const char *after)
{
	return (size_t)snprintf(out, ANSWER_MAX_BYTES, "{\"ConsumedCapacity\":%s{\"TableName\":"
				"\"%.*s\",\"CapacityUnits\":%zu.0}%s}", before, (int)table.len,
				table.ptr, units, after);
}

static int put_item(struct conn *c, struct text body, char *out, size_t *len)
{
	struct text name = member(body, "\"TableName\"");

	if (!name.ptr || !find(body, "\"Item\"").ptr) {
		*len = failure(out, "ValidationException", "no table, or no item");
		return 400;
	}
	c->items = 1;
	*len = capacity(out, "", name, 1, "");
	return 200;
}

static int batch_write(struct conn *c, struct text body, char *out, size_t *len)
{
	struct text name = member(body, "\"RequestItems\"");

	c->items = count_puts(body);
	if (!name.ptr || c->items == 0 || c->items > 25) {
		c->items = 0;
		*len = failure(out, "ValidationException", "no items of a table, or too many");
		return 400;
	}
	if (keeps)
		keep_items(body);
	*len = capacity(out, "[", name, c->items, "],\"UnprocessedItems\":{}");
	return 200;
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

/* The value of a header, its blanks taken off; no pointer if it is not there. */
static struct text header(struct text head, const char *name)
{
	size_t len = strlen(name);
	const char *end = head.ptr + head.len, *line = head.ptr, *next;

	for (; line && line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		if ((size_t)(next - line) <= len || line[len] != ':' ||
		    strncasecmp(line, name, len) != 0)
			continue;
		line += len + 1;
		while (line < next && *line == ' ')
			line++;
		while (next > line && (next[-1] == '\n' || next[-1] == '\r' || next[-1] == ' '))
			next--;
		return (struct text){ line, (size_t)(next - line) };
	}
	return (struct text){ NULL, 0 };
}

static bool is(struct text t, const char *what)
{
	return t.ptr && t.len == strlen(what) && memcmp(t.ptr, what, t.len) == 0;
}

static size_t tell_counts(char *out)
{
	return (size_t)snprintf(out, ANSWER_MAX_BYTES, "{\"items\":%llu,\"requests\":%llu,"
				"\"bytes\":%llu,\"most_in_flight\":%llu}", counts.items,
				counts.requests, counts.bytes, counts.most_in_flight);
}

static int answer_get(struct text head, char *out, size_t *len)
{
	bool reset = head.len > 10 && memcmp(head.ptr, "GET /reset", 10) == 0;

	*len = tell_counts(out);
	if (reset)
		memset(&counts, 0, sizeof(counts));
	return 200;
}

static int answer_post(struct conn *c, struct text head, struct text body, char *out, size_t *len,
		       bool *late)
{
	struct text target = header(head, "X-Amz-Target");
	bool batch = is(target, "DynamoDB_20120810.BatchWriteItem");

	if (batch || is(target, "DynamoDB_20120810.PutItem")) {
		*late = true;
		counts.requests++;
		counts.bytes += body.len;
		return batch ? batch_write(c, body, out, len) : put_item(c, body, out, len);
	}
	if (keeps && is(target, "DynamoDB_20120810.Scan")) {
		c->page = page_of(body);
		if (c->page.ptr)
			return 200;
		*len = failure(out, "ValidationException", "no such page");
		return 400;
	}
	if (is(target, "DynamoDB_20120810.CreateTable"))
		return create_table(body, out, len);
	if (is(target, "DynamoDB_20120810.DescribeTable"))
		return describe_table(body, out, len);
	*len = failure(out, "UnknownOperationException", "this sink only takes items");
	return 400;
}

static void close_conn(struct conn *c)
{
	close(c->fd);
	if (c->waits) {		/* freed when its turn comes */
		c->gone = true;
		return;
	}
	free(c->in);
	free(c->out);
	free(c);
}

/* Answers are small enough for a socket's buffer, which is empty: the client waits for this one. */
static bool send_all(struct conn *c, const char *out, size_t len)
{
	counts.items += c->items;
	c->items = 0;
	return send(c->fd, out, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void watch_for(struct conn *c, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = c };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e) != 0)
		die("cannot watch a socket");
}

/* Sends of a page what the socket takes; the rest when it takes more, and no request before that. */
static bool send_page(struct conn *c, bool waited)
{
	while (c->page.len) {
		ssize_t n = send(c->fd, c->page.ptr, c->page.len, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0)
			break;
		c->page.ptr += n;
		c->page.len -= (size_t)n;
	}
	if (waited != (c->page.len > 0))
		watch_for(c, waited ? EPOLLIN : EPOLLOUT);
	return true;
}

static void set_timer(int64_t due_ns)
{
	struct itimerspec t = {
		.it_value = { .tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000 },
	};

	if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &t, NULL) != 0)
		die("cannot set a timer");
}

static void send_later(struct conn *c, const char *out, size_t len)
{
	c->out = need(realloc(c->out, len));
	memcpy(c->out, out, len);
	c->out_len = len;
	c->due_ns = now_ns() + latency_ns;
	c->waits = true;
	c->next = NULL;
	if (!first_waiting)
		set_timer(c->due_ns);
	*last_waiting = c;
	last_waiting = &c->next;
	if (++counts.in_flight > counts.most_in_flight)
		counts.most_in_flight = counts.in_flight;
}

static void take_out(struct conn *c, size_t whole)
{
	c->in_len -= whole;
	memmove(c->in, c->in + whole, c->in_len);
	c->head_len = c->body_len = 0;
}

/* Answers the whole request at the beginning of c->in and takes it out. */
static bool answer(struct conn *c)
{
	static char body[ANSWER_MAX_BYTES], out[ANSWER_MAX_BYTES + 512];
	struct text head = { c->in, c->head_len }, asked = { c->in + c->head_len, c->body_len };
	size_t body_len = 0, whole = c->head_len + c->body_len;
	bool late = false;
	int status, head_bytes;

	status = memcmp(head.ptr, "GET ", 4) == 0 ? answer_get(head, body, &body_len)
			: answer_post(c, head, asked, body, &body_len, &late);
	if (body_len >= ANSWER_MAX_BYTES) {
		errno = E2BIG;
		die("cannot answer");
	}
	if (c->page.len) {
		take_out(c, whole);
		return send_page(c, false);
	}
	head_bytes = sprintf(out, "HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.0\r\n"
			     "Content-Length: %zu\r\nX-Amz-Crc32: %lu\r\n"
			     "x-amzn-RequestId: SINK\r\n\r\n", status,
			     status == 200 ? "OK" : "Bad Request", body_len,
			     crc32(0, (const unsigned char *)body, (unsigned)body_len));
	memcpy(out + head_bytes, body, body_len);
	take_out(c, whole);
	if (late && latency_ns) {
		send_later(c, out, (size_t)head_bytes + body_len);
		return true;
	}
	return send_all(c, out, (size_t)head_bytes + body_len);
}

/* Is the request at the beginning of c->in there to its end? -1: it is none. */
static int is_whole(struct conn *c)
{
	struct text read = { c->in, c->in_len }, end, length;

	if (c->in_len == 0)
		return 0;
	if (!c->head_len) {
		end = find(read, "\r\n\r\n");
		if (!end.ptr)
			return c->in_len > HEAD_MAX_BYTES ? -1 : 0;
		c->head_len = (size_t)(end.ptr + 4 - c->in);
		length = header((struct text){ c->in, c->head_len }, "Content-Length");
		c->body_len = length.ptr ? strtoul(length.ptr, NULL, 10) : 0;
		if (c->head_len < 16 || c->body_len > REQUEST_MAX_BYTES)
			return -1;
	}
	return c->in_len >= c->head_len + c->body_len;
}

/* Answers what is there, unless an answer waits. */
static bool go_on(struct conn *c)
{
	int whole = 0;

	while (!c->waits && !c->page.len && (whole = is_whole(c)) == 1)
		if (!answer(c))
			return false;
	return whole >= 0;
}

static bool read_some(struct conn *c)
{
	size_t want = c->head_len ? c->head_len + c->body_len : 0;
	ssize_t n;

	if (want < c->in_len + (32u << 10))
		want = c->in_len + (32u << 10);
	if (want > c->in_cap) {
		c->in = need(realloc(c->in, want));
		c->in_cap = want;
	}
	n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	c->in_len += (size_t)n;
	return go_on(c);
}

static bool serve(struct conn *c, uint32_t events)
{
	if (!(events & EPOLLOUT))
		return read_some(c);
	return send_page(c, true) && go_on(c);
}

static void send_due(void)
{
	int64_t now;
	struct conn *c;
	uint64_t times;

	if (read(timer_fd, &times, sizeof(times)) < 0 && errno != EAGAIN)
		die("cannot read a timer");
	now = now_ns();
	while ((c = first_waiting) && c->due_ns <= now) {
		first_waiting = c->next;
		if (!first_waiting)
			last_waiting = &first_waiting;
		c->waits = false;
		counts.in_flight--;
		if (c->gone) {
			free(c->in);
			free(c->out);
			free(c);
		} else if (!send_all(c, c->out, c->out_len) || !go_on(c)) {
			close_conn(c);
		}
	}
	if (first_waiting)
		set_timer(first_waiting->due_ns);
}

/* ---- start ----------------------------------------------------------------------------------- */

static void watch(int fd, void *ptr)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = ptr };

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0)
		die("cannot watch a socket");
}

static void take_conn(int listener)
{
	struct conn *c;
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c = need(calloc(1, sizeof(*c)));
	c->fd = fd;
	watch(fd, c);
}

static int listen_on(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 512) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		die("cannot listen");
	printf("port %u\n", (unsigned)ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static unsigned long number(const char *s, unsigned long most)
{
	char *end;
	unsigned long n = s ? strtoul(s, &end, 10) : 0;

	if (!s || end == s || *end || n > most) {
		fprintf(stderr, "usage: sink [--latency-ms N] [--port N] [--keep 1]\n");
		exit(2);
	}
	return n;
}

int main(int argc, char **argv)
{
	struct epoll_event events[MAX_EVENTS];
	unsigned port = 0;
	int listener, n, i;

	for (i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "--latency-ms") == 0)
			latency_ns = (int64_t)number(argv[i + 1], 60000) * 1000000;
		else if (strcmp(argv[i], "--port") == 0)
			port = (unsigned)number(argv[i + 1], 65535);
		else if (strcmp(argv[i], "--keep") == 0)
			keeps = number(argv[i + 1], 1);
		else
			number(NULL, 0);
	}
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (epoll_fd < 0 || timer_fd < 0)
		die("cannot start");
	listener = listen_on(port);
	watch(listener, &listener);
	watch(timer_fd, &timer_fd);
	for (;;) {
		bool due = false;

		n = epoll_wait(epoll_fd, events, MAX_EVENTS, -1);
		if (n < 0 && errno != EINTR)
			die("cannot wait");
		for (i = 0; i < n; i++) {
			if (events[i].data.ptr == &listener)
				take_conn(listener);
			else if (events[i].data.ptr == &timer_fd)
				due = true;
			else if (!serve(events[i].data.ptr, events[i].events))
				close_conn(events[i].data.ptr);
		}
		if (due)	/* last: it may free connections that an event above is of */
			send_due();
	}
}
