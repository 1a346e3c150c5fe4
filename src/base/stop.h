/*
 * The stop token: asked once, seen by all. A signal handler or a failing worker asks; loops look
 * at it between units of work and give up what is not finished. Closing a queue means "finish";
 * the stop token means "abandon": a unit abandoned half-way is never counted as done.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

struct stop {
	atomic_int asked;	/* 0: no; 1: by a failure; >1: the signal's number + 1 */
	struct stop *parent;	/* NULL, or a token that asks this one too; set before threads. It
				   has none itself */
};

void stop_ask(struct stop *s);				/* because something failed */
void stop_ask_signal(struct stop *s, int signo);	/* async-signal-safe */
static inline bool stop_asked(const struct stop *s)
{
	return s && (atomic_load_explicit(&((struct stop *)s)->asked, memory_order_relaxed) != 0 ||
		     stop_asked(s->parent));
}
int stop_signal(const struct stop *s);			/* the signal's number, 0 if none asked */

/* Takes back what a failure asked, where that can be mended: no thread that looks at the token is
 * left. What a signal or the parent asked stays. */
void stop_forgive(struct stop *s);

#endif
