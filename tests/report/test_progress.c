#include "check_main.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "report/progress.h"

static struct counters counters;

/* What 'act' writes to stderr, of which the first 4 KiB are kept. */
static const char *captured(void (*act)(void))
{
	static char text[4096];
	int pipe_fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	ck_assert_int_ge(dup2(pipe_fds[1], STDERR_FILENO), 0);
	close(pipe_fds[1]);
	act();
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	close(saved);
	n = read(pipe_fds[0], text, sizeof(text) - 1);
	close(pipe_fds[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L },
		  NULL);
}

static void live(void)
{
	struct progress *p = progress_start(PROGRESS_LIVE, "load", &counters, NULL);

	progress_tick(p);		/* too early */
	pause_ms(120);
	progress_tick(p);
	progress_tick(p);		/* too early */
	log_info("a line");
	log_info("another line");
	pause_ms(120);
	progress_tick(p);
	progress_stop(p);
	log_info("after");
}

START_TEST(test_live)
{
	struct buf expected = { 0 };
	const char *text;

	counters.phase = PHASE_MOVING;
	log_setup(LOG_TEXT, LOG_INFO, false);
	text = captured(live);
	buf_addf(&expected, "\r%s\033[K\n\033[J\r\033[1A\033[Ja line\nanother line\n"
		 "\r%s\033[K\n\033[J\r\033[1A\033[Jafter\n", "load: 0 rows", "load: 0 rows");
	ck_assert_str_eq(text, buf_cstr(&expected));
	buf_release(&expected);
}
END_TEST

static void json(void)
{
	struct progress *p = progress_start(PROGRESS_JSONL, "load", &counters, NULL);

	progress_tick(p);
	progress_stop(p);
}

/* However short a run was, its end is told. */
START_TEST(test_json)
{
	const char *text = captured(json), *end = strchr(text, '\n');

	ck_assert_ptr_nonnull(end);
	ck_assert_str_eq(end, "\n");
	ck_assert_int_eq(text[0], '{');
}
END_TEST

static void nothing(void)
{
	struct progress *p = progress_start(PROGRESS_SILENT, "load", &counters, NULL);

	progress_tick(p);
	progress_stop(p);
}

static void asked(void)
{
	struct progress *p = progress_start(PROGRESS_SILENT, "load", &counters, NULL);

	progress_tick(p);
	progress_ask(p);
	progress_ask(p);
	progress_tick(p);
	progress_tick(p);
	progress_ask(p);
	progress_stop(p);
}

/* Even a quiet run answers, and each question once. */
START_TEST(test_asked)
{
	counters.phase = PHASE_MOVING;
	ck_assert_str_eq(captured(asked), "load: 0 rows\nload: 0 rows\n");
}
END_TEST

static void say(void)
{
	progress_say(PROGRESS_SILENT, "check", STR("looking at '\033[2J'"), 61000);
}

START_TEST(test_say)
{
	ck_assert_str_eq(captured(say), "check: looking at '\\x1b[2J', after 1:01\n");
}
END_TEST

START_TEST(test_silent)
{
	ck_assert_str_eq(captured(nothing), "");
}
END_TEST

static Suite *progress_suite(void)
{
	Suite *suite = suite_create("report/progress");
	TCase *tc = tcase_create("progress");

	tcase_add_test(tc, test_live);
	tcase_add_test(tc, test_json);
	tcase_add_test(tc, test_silent);
	tcase_add_test(tc, test_asked);
	tcase_add_test(tc, test_say);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(progress_suite)
