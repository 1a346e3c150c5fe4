/*
 * Events for people and machines on stderr; one write for a line, control characters replaced.
 * Set up once before threads start. Secrets never come here: whoever holds one keeps it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include "base/buf.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* quiet: warnings and errors only; verbose: debug too. JSON lines hold time (UTC), level, event. */
void log_setup(enum log_format format, enum log_level max_level, bool color);
bool log_enabled(enum log_level level);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same with fields for machines: members of a JSON object ("\"rows\":3,\"table\":\"T\""), which
 * lines of text leave out. */
void log_event(enum log_level level, const char *fields, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

bool log_is_json(void);

/* "time":"...","level":"...","event":"...": the members that every JSON line begins with. */
void log_add_json_head(struct buf *line, enum log_level level, struct str event);

/* Progress line hook: called with true before and false after a line is written, so that a live
 * progress line can be wiped and drawn again. Set before threads start; may be NULL. */
void log_set_guard(void (*guard)(bool before, void *arg), void *arg);

/* Calls 'fn' while no line and no guard is under way, for drawing that progress line. 'fn' must not
 * log. */
void log_between_lines(void (*fn)(void *arg), void *arg);

#endif
