#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

static const char *const level_names[] = { "error", "warning", "info", "debug" };
static const char *const level_colors[] = { "\033[31m", "\033[33m", "", "\033[2m" };

static pthread_mutex_t line_mutex = PTHREAD_MUTEX_INITIALIZER;	/* one line, guard included */

/* All set before threads start. */
static enum log_format log_format = LOG_TEXT;
static enum log_level log_max = LOG_INFO;
static bool log_color;
static void (*log_guard)(bool before, void *arg);
static void *log_guard_arg;

void log_setup(enum log_format format, enum log_level max_level, bool color)
{
	log_format = format;
	log_max = max_level;
	log_color = color;
}

void log_set_guard(void (*guard)(bool before, void *arg), void *arg)
{
	log_guard = guard;
	log_guard_arg = arg;
}

void log_between_lines(void (*fn)(void *arg), void *arg)
{
	pthread_mutex_lock(&line_mutex);
	fn(arg);
	pthread_mutex_unlock(&line_mutex);
}

bool log_enabled(enum log_level level)
{
	return level <= log_max;
}

void log_add_json_head(struct buf *line, enum log_level level, struct str event)
{
	struct timespec now = { 0, 0 };
	struct buf clean = { 0 };
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	buf_addf(line, "\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\",\"level\":\"%s\",",
		 utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
		 utc.tm_sec, now.tv_nsec / 1000000, level_names[level]);
	buf_add_printable(&clean, event);
	buf_adds(line, "\"event\":");
	buf_add_json(line, buf_str(&clean));
	buf_release(&clean);
}

static void make_json(struct buf *line, enum log_level level, const char *fields,
		      struct str text)
{
	buf_addc(line, '{');
	log_add_json_head(line, level, text);
	if (fields)
		buf_addf(line, ",%s", fields);
	buf_adds(line, "}\n");
}

static void make_text(struct buf *line, enum log_level level, struct str text)
{
	bool color = log_color && level_colors[level][0];

	/* Information is what the program says; anything else says first what it is. */
	if (level != LOG_INFO) {
		if (color)
			buf_adds(line, level_colors[level]);
		buf_addf(line, "%s:", level_names[level]);
		if (color)
			buf_adds(line, "\033[0m");
		buf_addc(line, ' ');
	}
	buf_add_printable(line, text);
	buf_addc(line, '\n');
}

static void __attribute__((format(printf, 3, 0)))
log_line(enum log_level level, const char *fields, const char *fmt, va_list ap)
{
	struct buf text = { 0 }, line = { 0 };
	int saved = errno;	/* a log line between a call and the look at its errno is harmless */
	size_t at = 0;

	if (!log_enabled(level))
		return;
	buf_vaddf(&text, fmt, ap);
	if (log_format == LOG_JSON)
		make_json(&line, level, fields, buf_str(&text));
	else
		make_text(&line, level, buf_str(&text));
	pthread_mutex_lock(&line_mutex);
	if (log_guard)
		log_guard(true, log_guard_arg);
	while (at < line.len) {
		ssize_t n = write(STDERR_FILENO, line.ptr + at, line.len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;	/* nowhere left to say so */
		at += (size_t)n;
	}
	if (log_guard)
		log_guard(false, log_guard_arg);
	pthread_mutex_unlock(&line_mutex);
	buf_release(&line);
	buf_release(&text);
	errno = saved;
}

#define LOG_FUNCTION(name, level)		\
	void name(const char *fmt, ...)		\
	{					\
		va_list ap;			\
						\
		va_start(ap, fmt);		\
		log_line(level, NULL, fmt, ap);	\
		va_end(ap);			\
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_event(enum log_level level, const char *fields, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(level, fields, fmt, ap);
	va_end(ap);
}

bool log_is_json(void)
{
	return log_format == LOG_JSON;
}
