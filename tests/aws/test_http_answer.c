/* The reader of HTTP answers: whole, byte by byte, and cut at every place. */
#include "check_main.h"

#include "aws/http_answer.h"

#define OK "HTTP/1.1 200 OK\r\n"

static const struct {
	const char *text;
	enum http_progress end;		/* after all of it */
	const char *body;		/* if it is done */
	long status;
	bool keep_alive;
} cases[] = {
	{ OK "Content-Length: 2\r\n\r\n{}", HTTP_DONE, "{}", 200, true },
	{ "HTTP/1.1 400 Bad Request\r\ncontent-length:2 \r\n\r\n{}", HTTP_DONE, "{}", 400, true },
	{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", HTTP_DONE, "", 200, true },
	{ OK "Content-Length: 2\n\n{}", HTTP_DONE, "{}", 200, true },
	{ OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", HTTP_DONE, "{}", 200, true },
	{ OK "Content-Length: 2\r\nConnection: Close\r\n\r\n{}", HTTP_DONE, "{}", 200, false },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", HTTP_DONE, "{}", 200, false },
	{ "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", HTTP_DONE,
	  "{}", 200, true },
	{ "HTTP/1.1 204 No Content\r\n\r\n", HTTP_DONE, "", 204, true },
	{ "HTTP/1.1 100 Continue\r\nX-Amz-Crc32: 7\r\n\r\n" OK "Content-Length: 1\r\n\r\nx",
	  HTTP_DONE, "x", 200, true },
	{ OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;n=v\r\n0123456789\r\n0\r\n\r\n",
	  HTTP_DONE, "abc0123456789", 200, true },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\n", HTTP_DONE, "a",
	  200, true },
	{ OK "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n1\r\na\r\n0\r\n\r\n",
	  HTTP_DONE, "a", 200, false },
	{ OK "Content-Length: 2\r\n\r\n{}more", HTTP_DONE, "{}", 200, false },
	/* no length: its end is the connection's */
	{ OK "\r\n{}", HTTP_MORE, NULL, 0, false },
	{ OK "Content-Length: 3\r\n\r\n{}", HTTP_MORE, NULL, 0, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", HTTP_MORE, NULL, 0, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", HTTP_MORE, NULL, 0, false },
	{ "HTTP/2 200 OK\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ "HTTP/1.1 20 OK\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ "HTTP/1.1 2000 OK\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ "HTTP/1.1 101 Switching\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ "\x16\x03\x01 this is no HTTP\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "no header\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK " folded: x\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", HTTP_BROKEN, NULL, 0, false },
	{ OK "Content-Length: 2, 2\r\n\r\n{}", HTTP_BROKEN, NULL, 0, false },
	{ OK "Content-Length: -2\r\n\r\n{}", HTTP_BROKEN, NULL, 0, false },
	{ OK "Content-Length: 99999999999999999999\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Content-Length: 67108865\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Transfer-Encoding: gzip\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", HTTP_BROKEN, NULL, 0, false },
	{ OK "Transfer-Encoding: chunked\r\n\r\n4000001\r\n", HTTP_BROKEN, NULL, 0, false },
};

static struct http_answer answer;
static struct http_reader reader;

static void tear_down(void)
{
	http_answer_release(&answer);
	http_reader_release(&reader);
}

/* In steps of 'step' bytes, as long as it takes any. */
static enum http_progress take(const char *text, size_t n, size_t step)
{
	enum http_progress rc = HTTP_MORE;

	http_reader_start(&reader, &answer);
	for (size_t at = 0; at < n && rc == HTTP_MORE; at += step)
		rc = http_reader_take(&reader, text + at, n - at < step ? n - at : step);
	return rc;
}

START_TEST(reads)
{
	const char *text = cases[_i].text;
	size_t n = strlen(text);

	for (size_t step = 1; step <= n; step = step < 7 ? step + 1 : n + (step == n)) {
		ck_assert_int_eq(take(text, n, step), cases[_i].end);
		if (cases[_i].end == HTTP_BROKEN)
			ck_assert_ptr_nonnull(reader.why);
		if (cases[_i].end != HTTP_DONE)
			continue;
		ck_assert_int_eq(answer.status, cases[_i].status);
		ck_assert_str_eq(buf_cstr(&answer.body), cases[_i].body);
		ck_assert(!answer.has_crc);
		/* what follows is only seen if it comes along */
		if (step == n)
			ck_assert_int_eq(reader.keep_alive, cases[_i].keep_alive);
	}
}
END_TEST

/* Less than all is never all, nor is it after the peer closed. */
START_TEST(cut_anywhere)
{
	size_t n = strlen(cases[_i].text);

	if (cases[_i].end != HTTP_DONE || strstr(cases[_i].text, "more"))
		return;
	for (size_t cut = 0; cut < n; cut++) {
		ck_assert_int_eq(take(cases[_i].text, cut, n), HTTP_MORE);
		ck_assert_int_eq(http_reader_began(&reader), cut > 0);
		ck_assert_int_eq(http_reader_end(&reader), HTTP_BROKEN);
		ck_assert_str_eq(reader.why, "the connection was closed");
	}
}
END_TEST

START_TEST(ends_with_the_connection)
{
	static const char text[] = OK "\r\n{\"a\":1}";

	ck_assert_int_eq(take(text, sizeof(text) - 1, 3), HTTP_MORE);
	ck_assert_int_eq(http_reader_end(&reader), HTTP_DONE);
	ck_assert_str_eq(buf_cstr(&answer.body), "{\"a\":1}");
	ck_assert(!reader.keep_alive);
}
END_TEST

START_TEST(headers_that_count)
{
	static const char text[] = OK "x-amz-crc32: 2745614147\r\nDate: Mon, 01 Jan 2035 00:00:00 GMT"
		"\r\nX-AMZN-REQUESTID:  R1\t\r\nx-amzn-errortype: E\r\nContent-Length: 2\r\n\r\n{}";
	static const char next[] = OK "X-Amz-Crc32: 4294967296\r\nContent-Length: 0\r\n\r\n";

	ck_assert_int_eq(take(text, sizeof(text) - 1, 5), HTTP_DONE);
	ck_assert(answer.has_crc && answer.crc32 == 2745614147u);
	ck_assert_str_eq(answer.date, "Mon, 01 Jan 2035 00:00:00 GMT");
	ck_assert_str_eq(answer.request_id, "R1");
	ck_assert_str_eq(answer.error_type, "E");
	/* nothing of it stays for the next */
	ck_assert_int_eq(take(next, sizeof(next) - 1, 5), HTTP_DONE);
	ck_assert(!answer.has_crc && !answer.date[0] && !answer.request_id[0] &&
		  !answer.error_type[0] && answer.body.len == 0);
}
END_TEST

START_TEST(endless_head)
{
	static const char line[] = "X-Long: 0123456789012345678901234567890123456789\r\n";
	enum http_progress rc;
	size_t n = 0;

	http_reader_start(&reader, &answer);
	rc = http_reader_take(&reader, OK, sizeof(OK) - 1);
	for (; rc == HTTP_MORE && n < 2 * HTTP_MAX_HEAD_BYTES; n += sizeof(line) - 1)
		rc = http_reader_take(&reader, line, sizeof(line) - 1);
	ck_assert_int_eq(rc, HTTP_BROKEN);
	ck_assert_uint_le(n, HTTP_MAX_HEAD_BYTES + sizeof(line));
	/* and one line of it that never ends */
	http_reader_start(&reader, &answer);
	for (n = 0; (rc = http_reader_take(&reader, "HTTP", 4)) == HTTP_MORE; n += 4)
		ck_assert_uint_lt(n, 2 * HTTP_MAX_HEAD_BYTES);
	ck_assert_int_eq(rc, HTTP_BROKEN);
}
END_TEST

static Suite *http_answer_suite(void)
{
	Suite *suite = suite_create("aws/http_answer");
	TCase *tc = tcase_create("http_answer");

	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_loop_test(tc, reads, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, cut_anywhere, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, ends_with_the_connection);
	tcase_add_test(tc, headers_that_count);
	tcase_add_test(tc, endless_head);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(http_answer_suite)
