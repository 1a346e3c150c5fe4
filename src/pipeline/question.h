/*
 * SIGUSR1 asks how far a run is. A thread of its own waits for it, so that it is answered whatever the
 * others wait for, and interrupts nothing: a question must not break an answer of the server. For that
 * the signal is blocked in every thread (main.c).
 */
#ifndef PIPELINE_QUESTION_H
#define PIPELINE_QUESTION_H

#include <stdarg.h>
#include "base/buf.h"

struct question;

/* Calls 'asked' for each question, or for several that came together, on that thread, until
 * question_stop, with what question_doing said last ("beginning"). */
struct question *question_start(void (*asked)(void *arg, struct str doing), void *arg);
void question_doing(struct question *q, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Calls 'asked' instead, until NULL is said. It must be short. */
void question_pass_to(struct question *q, void (*asked)(void *arg), void *arg);
void question_stop(struct question *q);		/* NULL is fine */

#endif
