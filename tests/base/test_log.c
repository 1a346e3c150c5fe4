#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

/* stderr goes to a file while 'speak' runs; what it wrote comes back as text. */
static char *captured(void (*speak)(void))
{
	static char text[200000];
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_ptr_nonnull(f);
	dup2(fileno(f), STDERR_FILENO);
	speak();
	dup2(saved, STDERR_FILENO);
	close(saved);
	n = pread(fileno(f), text, sizeof(text) - 1, 0);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void one_each(void)
{
	log_error("cannot %s", "fly");
	log_warn("w");
	log_info("i");
	log_debug("d");
}

static const struct { enum log_level max; const char *text; } levels[] = {
	{ LOG_ERROR, "error: cannot fly\n" },
	{ LOG_WARN, "error: cannot fly\nwarning: w\n" },
	{ LOG_INFO, "error: cannot fly\nwarning: w\ni\n" },
	{ LOG_DEBUG, "error: cannot fly\nwarning: w\ni\ndebug: d\n" },
};

START_TEST(text_by_level)
{
	log_setup(LOG_TEXT, levels[_i].max, false);
	ck_assert_str_eq(captured(one_each), levels[_i].text);
	ck_assert(log_enabled(LOG_ERROR));
	ck_assert_int_eq(log_enabled(LOG_DEBUG), levels[_i].max == LOG_DEBUG);
}
END_TEST

START_TEST(color)
{
	log_setup(LOG_TEXT, LOG_INFO, true);
	ck_assert_str_eq(captured(one_each),
			 "\033[31merror:\033[0m cannot fly\n\033[33mwarning:\033[0m w\ni\n");
}
END_TEST

static void hostile(void)
{
	errno = 77;
	log_info("a\nb\033[2J\"\\");
	ck_assert_int_eq(errno, 77);
}

START_TEST(control_characters)
{
	log_setup(LOG_TEXT, LOG_INFO, false);
	ck_assert_str_eq(captured(hostile), "a\\x0ab\\x1b[2J\"\\\n");
}
END_TEST

START_TEST(json_lines)
{
	char *text, *at;

	log_setup(LOG_JSON, LOG_INFO, true);
	text = captured(hostile);
	/* {"time":"2024-01-31T10:20:30.123Z", */
	ck_assert_mem_eq(text, "{\"time\":\"20", 11);
	ck_assert_int_eq(text[19], 'T');
	ck_assert_int_eq(text[28], '.');
	ck_assert_mem_eq(text + 32, "Z\",", 3);
	at = text + 35;
	ck_assert_str_eq(at, "\"level\":\"info\",\"event\":\"a\\\\x0ab\\\\x1b[2J\\\"\\\\\"}\n");
}
END_TEST

static char guard_trace[32];

static void guard(bool before, void *arg)
{
	ck_assert_ptr_eq(arg, guard_trace);
	guard_trace[strlen(guard_trace)] = before ? '<' : '>';
}

static void mark(void *arg)
{
	ck_assert_ptr_eq(arg, guard_trace);
	guard_trace[strlen(guard_trace)] = '|';
}

static void line_and_mark(void)
{
	log_error("x");
	log_between_lines(mark, guard_trace);
	log_error("y");
}

START_TEST(between_lines)
{
	memset(guard_trace, 0, sizeof(guard_trace));
	log_set_guard(guard, guard_trace);
	captured(line_and_mark);
	log_set_guard(NULL, NULL);
	ck_assert_str_eq(guard_trace, "<>|<>");
}
END_TEST

START_TEST(guarded)
{
	log_setup(LOG_TEXT, LOG_WARN, false);
	memset(guard_trace, 0, sizeof(guard_trace));
	log_set_guard(guard, guard_trace);
	captured(one_each);
	log_set_guard(NULL, NULL);
	ck_assert_str_eq(guard_trace, "<><>");
}
END_TEST

static void *chatter(void *arg)
{
	int i;

	for (i = 0; i < 100; i++)
		log_info("thread %s says a sentence of some length", (const char *)arg);
	return NULL;
}

static void many(void)
{
	static const char *const names[] = { "0", "1", "2", "3" };
	pthread_t t[4];
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, chatter, (void *)(uintptr_t)names[i]);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

START_TEST(lines_stay_whole)
{
	char *text, *line, *save;
	int count = 0;

	log_setup(LOG_TEXT, LOG_INFO, false);
	text = captured(many);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_mem_eq(line, "thread ", 7);
		ck_assert_str_eq(line + 8, " says a sentence of some length");
		count++;
	}
	ck_assert_int_eq(count, 400);
}
END_TEST

static Suite *log_suite(void)
{
	Suite *suite = suite_create("base/log");
	TCase *tc = tcase_create("log");

	tcase_add_loop_test(tc, text_by_level, 0, 4);
	tcase_add_test(tc, color);
	tcase_add_test(tc, control_characters);
	tcase_add_test(tc, json_lines);
	tcase_add_test(tc, guarded);
	tcase_add_test(tc, between_lines);
	tcase_add_test(tc, lines_stay_whole);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(log_suite)
