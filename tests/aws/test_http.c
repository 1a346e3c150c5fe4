/* aws_call over real sockets: what is sent, and what becomes of every kind of answer. */
#include "check_main.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include "aws/aws.h"
#include "aws/aws_env.h"
#include "aws/sigv4.h"
#include "base/log.h"
#include "fakes/fake_clock.h"
#include "fakes/http_server.h"

#define WRITE "DynamoDB_20120810.BatchWriteItem"

static struct http_server *server;
static struct aws_client *client;
static struct aws_conn *conn;
static struct aws_config config;
static struct stop stop;
static struct buf answer;
static struct etl_err err;
static const char *target;		/* what is connected to */

#define PROXIED "http://service.test"	/* only a proxy knows that name */

static const char *env[16];	/* changed while running by the test of expired credentials */

static void connect_to(const char *url)
{
	config.endpoint_url = url;
	ck_assert_msg(aws_client_open(&config, &client, &err) == 0, "%s", err.msg);
	ck_assert_int_eq(aws_conn_open(client, &conn, &err), 0);
}

static void set_up_with(bool proxy)
{
	static const char *const first[] = {
		"AWS_ACCESS_KEY_ID", "AKID", "AWS_SECRET_ACCESS_KEY", "hunter2", NULL,
	};

	log_setup(LOG_TEXT, LOG_ERROR, false);
	memcpy(env, first, sizeof(first));
	aws_env = env;
	stop = (struct stop){ 0 };
	err = (struct etl_err){ 0 };
	config = (struct aws_config){ .region = "us-east-1", .getenv = aws_env_get, .stop = &stop };
	server = http_server_start();
	if (proxy)
		setenv("http_proxy", http_server_url(server), 1);
	target = proxy ? PROXIED : http_server_url(server);
	connect_to(target);
}

static void set_up(void)
{
	set_up_with(false);
}

static void set_up_proxy(void)
{
	set_up_with(true);
}

static void tear_down(void)
{
	aws_conn_close(conn);
	aws_client_close(client);
	http_server_stop(server);
	buf_release(&answer);
}

static int call(void)
{
	etl_err_clear(&err);
	return aws_call(conn, WRITE, STR("{\"a\":1}"), &answer, &err);
}

static void add(int status, const char *body, enum http_manner manner, enum http_crc crc)
{
	http_server_add(server, (struct http_reply){ .status = status, .body = body,
						     .manner = manner, .crc = crc });
}

/* Signs what arrived once more, from the bytes on the wire, and compares. */
static void assert_signature(size_t i, const char *secret)
{
	static const char *const names[] = {
		"Host", "Content-Type", "X-Amz-Target", "X-Amz-Date", "X-Amz-Security-Token",
	};
	char *head = http_server_head(server, i), *body = http_server_body(server, i);
	char *authorization = http_header(head, "Authorization"), *values[5];
	struct sigv4_header headers[5];
	struct buf expected = { 0 };
	struct sigv4_key key = { 0 };
	size_t n = 0;

	for (size_t h = 0; h < 5; h++) {
		values[h] = http_header(head, names[h]);
		if (values[h])
			headers[n++] = (struct sigv4_header){ str_of(names[h]), str_of(values[h]) };
	}
	struct sigv4_request req = { "POST", "/", "", headers, n, str_of(body) };
	struct sigv4_scope scope = { "AKID", secret, "us-east-1", "dynamodb", values[3] };

	ck_assert_int_eq(sigv4_authorization(&key, &scope, &req, &expected, &err), 0);
	ck_assert_str_eq(authorization, buf_cstr(&expected));
	sigv4_key_release(&key);
	buf_release(&expected);
	for (size_t h = 0; h < 5; h++)
		free(values[h]);
	free(authorization);
	free(body);
	free(head);
}

START_TEST(sends_what_it_signs)
{
	char *head, *body;
	static const char *const absent[] = { "Expect", "Accept", "Accept-Encoding",
					      "X-Amz-Security-Token", "Transfer-Encoding" };

	http_server_ok(server, "{\"ok\":true}");
	ck_assert_msg(call() == 0, "%s", err.msg);
	ck_assert_str_eq(buf_cstr(&answer), "{\"ok\":true}");
	head = http_server_head(server, 0);
	body = http_server_body(server, 0);
	ck_assert_ptr_nonnull(strstr(head, "POST / HTTP/1.1\r\n"));
	ck_assert_ptr_nonnull(strstr(head, "\r\nContent-Type: application/x-amz-json-1.0\r\n"));
	ck_assert_ptr_nonnull(strstr(head, "\r\nX-Amz-Target: " WRITE "\r\n"));
	ck_assert_ptr_nonnull(strstr(head, "\r\nContent-Length: 7\r\n"));
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		char *value = http_header(head, absent[i]);

		ck_assert_msg(value == NULL, "%s: %s", absent[i], value);
	}
	ck_assert_str_eq(body, "{\"a\":1}");
	ck_assert_ptr_null(strstr(head, "hunter2"));
	free(head);
	free(body);
	assert_signature(0, "hunter2");
}
END_TEST

/* No 'Expect: 100-continue' for a large body either, and NULs survive. */
START_TEST(large_body)
{
	struct buf big = { 0 };
	char *head;

	for (size_t i = 0; i < 3u << 20; i++)
		buf_addc(&big, (char)(i % 251 + 1));
	http_server_ok(server, "{}");
	ck_assert_msg(aws_call(conn, WRITE, buf_str(&big), &answer, &err) == 0, "%s", err.msg);
	head = http_server_head(server, 0);
	ck_assert_ptr_null(http_header(head, "Expect"));
	free(head);
	assert_signature(0, "hunter2");
	buf_release(&big);
}
END_TEST

START_TEST(keeps_the_connection)
{
	for (int i = 0; i < 5; i++)
		http_server_ok(server, "{}");
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(server), 5);
	ck_assert_uint_eq(http_server_connections(server), 1);
}
END_TEST

/* The server says that it will not go on with this connection: nothing is lost by that. */
START_TEST(a_closing_connection_is_left)
{
	for (int i = 0; i < 3; i++)
		http_server_add(server, (struct http_reply){
			.status = 200, .body = "{}", .crc = HTTP_CRC_RIGHT,
			.headers = i == 1 ? NULL : "Connection: close\r\n" });
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(server), 3);
	ck_assert_uint_eq(http_server_connections(server), 2);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum http_manner manner;
	enum http_crc crc;
	enum etl_errc code;
} answers[] = {
	{ 200, "{\"x\":1}", HTTP_WHOLE, HTTP_CRC_RIGHT, ETL_OK },
	{ 200, "{\"x\":1}", HTTP_WHOLE, HTTP_CRC_NONE, ETL_OK },
	{ 200, "{\"x\":1}", HTTP_SLOW, HTTP_CRC_RIGHT, ETL_OK },
	{ 200, "{\"x\":1}", HTTP_WHOLE, HTTP_CRC_WRONG, ETL_EUNKNOWN },
	{ 200, "{\"x\":1,\"y\":2}", HTTP_CUT, HTTP_CRC_NONE, ETL_EUNKNOWN },
	{ 200, "", HTTP_CLOSE, HTTP_CRC_NONE, ETL_EUNKNOWN },
	{ 200, "", HTTP_RESET, HTTP_CRC_NONE, ETL_EUNKNOWN },
	{ 200, "", HTTP_GARBAGE, HTTP_CRC_NONE, ETL_EUNKNOWN },
	{ 500, "{\"__type\":\"x#InternalServerError\"}", HTTP_WHOLE, HTTP_CRC_RIGHT, ETL_EUNKNOWN },
	{ 503, "", HTTP_WHOLE, HTTP_CRC_NONE, ETL_ETRANSIENT },
	{ 400, "{\"__type\":\"x#ThrottlingException\"}", HTTP_WHOLE, HTTP_CRC_RIGHT,
	  ETL_ETHROTTLED },
	{ 400, "{\"__type\":\"x#ThrottlingException\"}", HTTP_WHOLE, HTTP_CRC_WRONG,
	  ETL_EUNKNOWN },
	{ 400, "{\"__type\":\"x#ValidationException\"}", HTTP_WHOLE, HTTP_CRC_NONE, ETL_EITEM },
	{ 400, "{\"__type\":\"x#ExpiredTokenException\"}", HTTP_WHOLE, HTTP_CRC_NONE,
	  ETL_ECREDENTIALS },
	{ 307, "", HTTP_WHOLE, HTTP_CRC_NONE, ETL_ESINK },
};

START_TEST(answer_becomes_class)
{
	add(answers[_i].status, answers[_i].body, answers[_i].manner, answers[_i].crc);
	ck_assert_int_eq(call(), -(int)answers[_i].code);
	ck_assert_int_eq(err.code, answers[_i].code);
	ck_assert_uint_eq(http_server_requests(server), 1);
	if (answers[_i].code)
		ck_assert_ptr_nonnull(strstr(err.msg, target));
	ck_assert_ptr_null(strstr(err.msg, "hunter2"));
	/* The connection is good for the next call, whatever happened. */
	http_server_ok(server, "{}");
	ck_assert_msg(call() == 0, "%s", err.msg);
}
END_TEST

#define OK "HTTP/1.1 200 OK\r\n"

/* Answers that are not what they say, or say it in a strange way, and what remains of the
 * connection. */
static const struct {
	const char *bytes;
	bool closes;			/* the peer, after that */
	enum etl_errc code;
	const char *body;		/* if it is fine */
	bool kept;			/* the next call goes by the same connection */
} strange[] = {
	{ OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", false, ETL_OK, "{}", true },
	{ OK "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", true, ETL_EUNKNOWN, NULL, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\nff\r\n{}\r\n0\r\n\r\n", true, ETL_EUNKNOWN, NULL,
	  false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", false, ETL_EUNKNOWN, NULL,
	  false },
	{ OK "Content-Length: 3\r\n\r\n{}", true, ETL_EUNKNOWN, NULL, false },
	{ OK "Content-Length: 2\r\n\r\n{}{\"more\":1}", false, ETL_OK, "{}", false },
	{ OK "Content-Length: 2\r\n\r\n{}" OK "Content-Length: 2\r\n\r\n[]", false, ETL_OK, "{}",
	  false },
	{ OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", false, ETL_EUNKNOWN, NULL, false },
	{ OK "Content-Length: 9999999999999999999999\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, false },
	{ OK "Content-Length: 67108865\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, false },
	{ OK "Content-Length: 2\r\nX-Amz-Crc32: 1\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, true },
	{ OK "\r\n{}", true, ETL_OK, "{}", false },
	{ OK "Content-Length: 2\r\nConnection: close\r\n\r\n{}", false, ETL_OK, "{}", false },
	{ OK "Content-Length: 2\r\nConnection: close\r\n\r\n{}", true, ETL_OK, "{}", false },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", false, ETL_OK, "{}", false },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n" OK
	  "Content-Length: 2\r\n\r\n{}", false, ETL_OK, "{}", true },
	{ "HTTP/1.1 100 Continue\r\n\r\n", true, ETL_EUNKNOWN, NULL, false },
	{ "HTTP/1.1 101 Switching\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}", false, ETL_EUNKNOWN,
	  NULL, false },
	{ OK " folded: x\r\nContent-Length: 2\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, false },
	{ "HTTP/2 200\r\nContent-Length: 2\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, false },
	{ "200 OK\r\n\r\n{}", false, ETL_EUNKNOWN, NULL, false },
};

START_TEST(strange_answer)
{
	http_server_add(server, (struct http_reply){
		.body = strange[_i].bytes,
		.manner = strange[_i].closes ? HTTP_RAW_CLOSE : HTTP_RAW });
	ck_assert_msg(call() == -(int)strange[_i].code, "%s: %s", strange[_i].bytes, err.msg);
	if (strange[_i].body)
		ck_assert_str_eq(buf_cstr(&answer), strange[_i].body);
	ck_assert_uint_eq(http_server_requests(server), 1);
	/* whatever it was, the next call has its own answer */
	http_server_ok(server, "{\"next\":1}");
	ck_assert_msg(call() == 0, "%s", err.msg);
	ck_assert_str_eq(buf_cstr(&answer), "{\"next\":1}");
	ck_assert_uint_eq(http_server_requests(server), 2);
	ck_assert_uint_eq(http_server_connections(server), strange[_i].kept ? 1 : 2);
}
END_TEST

/* A head, or lines before it, without an end: not read for ever. */
START_TEST(endless_head)
{
	static const char *const lines[] = { "HTTP/1.1 100 Continue\r\n\r\n", "X-More: of it\r\n" };
	struct buf head = { 0 };

	if (_i)
		buf_adds(&head, OK);
	while (head.len < 200000)
		buf_adds(&head, lines[_i]);
	http_server_add(server, (struct http_reply){ .body = buf_cstr(&head), .manner = HTTP_RAW });
	ck_assert_int_eq(call(), -ETL_EUNKNOWN);
	http_server_ok(server, "{}");
	ck_assert_msg(call() == 0, "%s", err.msg);
	buf_release(&head);
}
END_TEST

/* What comes between two calls is nobody's answer. */
START_TEST(answer_that_nobody_asked_for)
{
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	http_server_push(server, OK "Content-Length: 10\r\n\r\n{\"false\":1}");
	http_server_ok(server, "{\"true\":1}");
	ck_assert_int_eq(call(), 0);
	ck_assert_str_eq(buf_cstr(&answer), "{\"true\":1}");
	ck_assert_uint_eq(http_server_connections(server), 2);
	ck_assert(!aws_conn_maybe_twice(conn));
}
END_TEST

/* The environment's proxy is asked as libcurl asks one, by the whole address. */
START_TEST(proxy_is_asked)
{
	char *head;

	http_server_ok(server, "{}");
	ck_assert_msg(call() == 0, "%s", err.msg);
	head = http_server_head(server, 0);
	ck_assert_msg(strncmp(head, "POST " PROXIED "/ HTTP/1.1\r\n", 26) == 0, "%s", head);
	free(head);
	assert_signature(0, "hunter2");
}
END_TEST

START_TEST(redirect_is_not_followed)
{
	http_server_add(server, (struct http_reply){ .status = 302, .body = "",
						     .headers = "Location: /elsewhere\r\n" });
	ck_assert_int_eq(call(), -ETL_ESINK);
	ck_assert_uint_eq(http_server_requests(server), 1);
}
END_TEST

START_TEST(silence_ends)
{
	aws_conn_close(conn);
	aws_client_close(client);
	config.call_timeout_ms = 1000;
	connect_to(target);
	add(200, "", HTTP_HANG, HTTP_CRC_NONE);
	ck_assert_int_eq(call(), -ETL_EUNKNOWN);
	ck_assert_ptr_eq(strstr(err.msg, "no answer from 'http://"), err.msg);
	ck_assert_msg(strstr(err.msg, "' within 1 s") != NULL, "%s", err.msg);
	ck_assert_ptr_nonnull(strstr(err.hint, "firewall"));
}
END_TEST

/* A byte now and then does not keep a call alive for ever. */
START_TEST(dripping_ends)
{
	aws_conn_close(conn);
	aws_client_close(client);
	config.call_timeout_ms = 1000;
	connect_to(target);
	add(200, "", HTTP_DRIP, HTTP_CRC_NONE);
	ck_assert_int_eq(call(), -ETL_EUNKNOWN);
	ck_assert_ptr_eq(strstr(err.msg, "no complete answer from 'http://"), err.msg);
	ck_assert_msg(strstr(err.msg, "' within 1 s") != NULL, "%s", err.msg);
}
END_TEST

/* A peer that takes the connection and never reads: the request does not fit in between. */
START_TEST(deaf_peer_ends)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct buf big = { 0 };
	char deaf[64];

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	snprintf(deaf, sizeof(deaf), "http://127.0.0.1:%u", ntohs(addr.sin_port));
	aws_conn_close(conn);
	aws_client_close(client);
	config.call_timeout_ms = 500;
	connect_to(deaf);
	buf_reserve(&big, 16u << 20);
	memset(big.ptr, 'x', big.len = 16u << 20);
	ck_assert_int_eq(aws_call(conn, WRITE, buf_str(&big), &answer, &err), -ETL_EUNKNOWN);
	ck_assert_ptr_eq(strstr(err.msg, "no answer from 'http://"), err.msg);
	buf_release(&big);
	close(fd);
}
END_TEST

static void *ask_stop(void *arg)
{
	usleep(100 * 1000);
	stop_ask(arg);
	return NULL;
}

START_TEST(stop_ends_a_wait)
{
	struct clock *clock = clock_real();
	int64_t from = clock->now_ms(clock);
	pthread_t thread;

	add(200, "", _i ? HTTP_DRIP : HTTP_HANG, HTTP_CRC_NONE);
	ck_assert_int_eq(pthread_create(&thread, NULL, ask_stop, &stop), 0);
	ck_assert_int_eq(call(), -ETL_ESTOPPED);
	ck_assert_int_lt(clock->now_ms(clock) - from, 5000);
	pthread_join(thread, NULL);
}
END_TEST

/* A port nobody listens on: known to be free because it was just bound and given back. */
START_TEST(nobody_there)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char url[64];

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	close(fd);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", ntohs(addr.sin_port));
	aws_conn_close(conn);
	aws_client_close(client);
	connect_to(url);
	ck_assert_int_eq(call(), -ETL_ETRANSIENT);
	ck_assert_ptr_nonnull(strstr(err.msg, "cannot connect to 'http://127.0.0.1:"));
	ck_assert(err.hint[0] != '\0');

	aws_conn_close(conn);
	aws_client_close(client);
	connect_to("http://no-such-host.invalid:1");
	ck_assert_int_eq(call(), -ETL_ETRANSIENT);
	ck_assert_ptr_nonnull(strstr(err.msg, "no-such-host.invalid"));
}
END_TEST

/* https to something that does not speak it, and a bundle that is not there. */
START_TEST(tls_is_never_given_up)
{
	char url[64];

	snprintf(url, sizeof(url), "https%s", http_server_url(server) + strlen("http"));
	aws_conn_close(conn);
	aws_client_close(client);
	config.ca_bundle = "/nonexistent/ca.pem";
	connect_to(url);
	ck_assert_int_eq(call(), -ETL_ESINK);
	ck_assert_ptr_nonnull(strstr(err.hint, "--ca-bundle"));
	ck_assert_uint_eq(http_server_requests(server), 0);
}
END_TEST

START_TEST(token_is_signed)
{
	char *head, *token;

	aws_conn_close(conn);
	aws_client_close(client);
	env[4] = "AWS_SESSION_TOKEN";
	env[5] = "TOKEN/+=";
	env[6] = NULL;
	connect_to(http_server_url(server));
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	head = http_server_head(server, 0);
	token = http_header(head, "X-Amz-Security-Token");
	ck_assert_str_eq(token, "TOKEN/+=");
	ck_assert_ptr_nonnull(strstr(head, "x-amz-date;x-amz-security-token;x-amz-target"));
	assert_signature(0, "hunter2");
	free(token);
	free(head);
}
END_TEST

/* What a kept connection swallowed is sent again: the caller can tell. */
START_TEST(sent_twice_unseen)
{
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	ck_assert(!aws_conn_maybe_twice(conn));
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	ck_assert(!aws_conn_maybe_twice(conn));
	add(0, "", _i ? HTTP_RESET : HTTP_CLOSE, HTTP_CRC_NONE);
	add(400, "{\"__type\":\"x#ConditionalCheckFailedException\"}", HTTP_WHOLE, HTTP_CRC_NONE);
	ck_assert_int_eq(call(), -ETL_ESINK);
	ck_assert_uint_eq(http_server_requests(server), 4);
	ck_assert_uint_eq(http_server_connections(server), 2);
	ck_assert(aws_conn_maybe_twice(conn));
	ck_assert_str_eq(aws_conn_error_name(conn), "ConditionalCheckFailedException");
	ck_assert(str_is(aws_conn_error_body(conn), "{\"__type\":\"x#"
			 "ConditionalCheckFailedException\"}"));
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	ck_assert(!aws_conn_maybe_twice(conn));
	ck_assert_uint_eq(aws_conn_error_body(conn).len, 0);
	/* Closed between two calls, which is seen before anything is sent. */
	http_server_add(server, (struct http_reply){ .status = 200, .body = "{}",
						     .headers = "Connection: close\r\n" });
	ck_assert_int_eq(call(), 0);
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(server), 7);
}
END_TEST

START_TEST(expired_credentials_are_loaded_again)
{
	add(400, "{\"__type\":\"x#ExpiredTokenException\"}", HTTP_WHOLE, HTTP_CRC_NONE);
	env[3] = "fresh";
	ck_assert_int_eq(call(), -ETL_EEXPIRED);
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	assert_signature(0, "hunter2");
	assert_signature(1, "fresh");
	/* Refused again and nothing new: that is the end. */
	add(400, "{\"__type\":\"x#UnrecognizedClientException\",\"message\":\"The security token is "
	    "invalid\"}", HTTP_WHOLE, HTTP_CRC_NONE);
	ck_assert_int_eq(call(), -ETL_ECREDENTIALS);
	ck_assert_ptr_nonnull(strstr(err.msg, "UnrecognizedClientException"));
	ck_assert(err.hint[0] != '\0');
}
END_TEST

static void give(struct http_server *agent, const char *secret, const char *expires)
{
	static char bodies[8][160];
	static size_t next;
	char *body = bodies[next++ % 8];

	snprintf(body, 160, "{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"%s\","
		 "\"Token\":\"T\",\"Expiration\":\"%s\"}", secret, expires);
	http_server_ok(agent, body);
}

/* Fetched anew ten minutes before they end, in the middle of a run, and not with each call. */
START_TEST(credentials_are_refreshed_in_time)
{
	struct http_server *agent = http_server_start();
	struct fake_clock clock;

	fake_clock_init(&clock, INT64_C(1893456000000));	/* 2030-01-01T00:00:00Z */
	aws_conn_close(conn);
	aws_client_close(client);
	memset(env, 0, sizeof(env));
	env[0] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
	env[1] = http_server_url(agent);
	config.clock = &clock.clock;
	give(agent, "first", "2030-01-01T01:00:00Z");
	connect_to(http_server_url(server));
	for (int i = 0; i < 8; i++)
		http_server_ok(server, "{}");

	ck_assert_int_eq(call(), 0);
	atomic_store(&clock.now_ms, INT64_C(1893456000000) + 49 * 60000);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(agent), 1);

	/* the agent fails: the old ones go on, and it is asked again after a minute only */
	for (int i = 0; i < 3; i++)
		http_server_add(agent, (struct http_reply){ .status = 500, .body = "" });
	log_setup(LOG_TEXT, LOG_ERROR, false);
	atomic_store(&clock.now_ms, INT64_C(1893456000000) + 51 * 60000);
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(agent), 4);
	assert_signature(3, "first");

	give(agent, "second", "2030-01-01T02:00:00Z");
	atomic_store(&clock.now_ms, INT64_C(1893456000000) + 53 * 60000);
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(agent), 5);
	assert_signature(4, "second");
	assert_signature(5, "second");

	/* an agent that has nothing longer-lived is not asked by every call */
	give(agent, "third", "2030-01-01T01:56:00Z");
	atomic_store(&clock.now_ms, INT64_C(1893456000000) + 115 * 60000);
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	ck_assert_uint_eq(http_server_requests(agent), 6);
	assert_signature(7, "third");
	http_server_stop(agent);
}
END_TEST

/* Two connections were signed with the old keys; the first to be refused loads, the second only
 * learns of it. */
START_TEST(one_reload_for_all)
{
	struct aws_conn *other;

	ck_assert_int_eq(aws_conn_open(client, &other, &err), 0);
	http_server_ok(server, "{}");
	http_server_ok(server, "{}");
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(aws_call(other, WRITE, STR("{}"), &answer, &err), 0);
	env[3] = "fresh";
	add(400, "{\"__type\":\"x#ExpiredTokenException\"}", HTTP_WHOLE, HTTP_CRC_NONE);
	ck_assert_int_eq(call(), -ETL_EEXPIRED);
	http_server_ok(server, "{}");
	etl_err_clear(&err);
	ck_assert_int_eq(aws_call(other, WRITE, STR("{}"), &answer, &err), 0);
	assert_signature(3, "fresh");
	aws_conn_close(other);
}
END_TEST

START_TEST(clock_is_corrected_once)
{
	static const char date[] = "Date: Mon, 01 Jan 2035 00:00:00 GMT\r\n";
	char *head, *sent;

	http_server_add(server, (struct http_reply){
		.status = 400, .body = "{\"__type\":\"x#InvalidSignatureException\",\"message\":"
		"\"Signature expired: 1 is now earlier than 2\"}", .headers = date });
	http_server_ok(server, "{}");
	ck_assert_msg(call() == 0, "%s", err.msg);
	ck_assert_uint_eq(http_server_requests(server), 2);
	head = http_server_head(server, 1);
	sent = http_header(head, "X-Amz-Date");
	ck_assert_msg(strncmp(sent, "20350101T0000", 13) == 0, "%s", sent);
	free(sent);
	free(head);
	assert_signature(1, "hunter2");
	/* The same Date again explains nothing any more. */
	http_server_add(server, (struct http_reply){
		.status = 400, .body = "{\"__type\":\"x#InvalidSignatureException\"}",
		.headers = date });
	ck_assert_int_eq(call(), -ETL_ECREDENTIALS);
	ck_assert_uint_eq(http_server_requests(server), 3);
	ck_assert_str_eq(aws_conn_error_name(conn), "InvalidSignatureException");
}
END_TEST

/* A server that died between two calls: a new connection is made by itself. */
START_TEST(dead_kept_alive_connection)
{
	http_server_ok(server, "{}");
	add(200, "", HTTP_CLOSE, HTTP_CRC_NONE);
	http_server_ok(server, "{\"second\":1}");
	ck_assert_int_eq(call(), 0);
	ck_assert_int_eq(call(), 0);
	ck_assert_str_eq(buf_cstr(&answer), "{\"second\":1}");
	ck_assert_uint_eq(http_server_requests(server), 3);
}
END_TEST

static void *many_calls(void *arg)
{
	struct aws_conn *mine;
	struct buf out = { 0 };
	struct etl_err why = { 0 };
	size_t *good = arg;

	if (aws_conn_open(client, &mine, &why) != 0)
		return NULL;
	for (int i = 0; i < 50; i++)
		*good += aws_call(mine, WRITE, STR("{}"), &out, &why) == 0;
	aws_conn_close(mine);
	buf_release(&out);
	return NULL;
}

START_TEST(many_threads)
{
	pthread_t threads[8];
	size_t good[8] = { 0 };

	for (int i = 0; i < 400; i++)
		http_server_ok(server, "{}");
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, many_calls, &good[i]), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], NULL);
		ck_assert_uint_eq(good[i], 50);
	}
	for (size_t i = 0; i < 400; i += 37)
		assert_signature(i, "hunter2");
}
END_TEST

static Suite *http_suite(void)
{
	Suite *suite = suite_create("aws/http");
	TCase *tc = tcase_create("http");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, sends_what_it_signs);
	tcase_add_test(tc, large_body);
	tcase_add_test(tc, keeps_the_connection);
	tcase_add_test(tc, a_closing_connection_is_left);
	tcase_add_loop_test(tc, answer_becomes_class, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_loop_test(tc, strange_answer, 0, sizeof(strange) / sizeof(strange[0]));
	tcase_add_loop_test(tc, endless_head, 0, 2);
	tcase_add_test(tc, answer_that_nobody_asked_for);
	tcase_add_test(tc, dripping_ends);
	tcase_add_test(tc, deaf_peer_ends);
	tcase_add_test(tc, redirect_is_not_followed);
	tcase_add_test(tc, silence_ends);
	tcase_add_loop_test(tc, stop_ends_a_wait, 0, 2);
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, tls_is_never_given_up);
	tcase_add_test(tc, token_is_signed);
	tcase_add_loop_test(tc, sent_twice_unseen, 0, 2);
	tcase_add_test(tc, expired_credentials_are_loaded_again);
	tcase_add_test(tc, credentials_are_refreshed_in_time);
	tcase_add_test(tc, one_reload_for_all);
	tcase_add_test(tc, clock_is_corrected_once);
	tcase_add_test(tc, dead_kept_alive_connection);
	tcase_add_test(tc, many_threads);
	suite_add_tcase(suite, tc);

	tc = tcase_create("proxy");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up_proxy, tear_down);
	tcase_add_test(tc, proxy_is_asked);
	tcase_add_test(tc, large_body);
	tcase_add_test(tc, keeps_the_connection);
	tcase_add_test(tc, a_closing_connection_is_left);
	tcase_add_loop_test(tc, answer_becomes_class, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, redirect_is_not_followed);
	tcase_add_test(tc, silence_ends);
	tcase_add_loop_test(tc, stop_ends_a_wait, 0, 2);
	tcase_add_loop_test(tc, sent_twice_unseen, 0, 2);
	tcase_add_test(tc, clock_is_corrected_once);
	tcase_add_test(tc, dead_kept_alive_connection);
	tcase_add_test(tc, many_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(http_suite)
