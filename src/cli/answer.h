/*
 * What is answered to SIGUSR1: while rows are moved or compared how far that is (report/progress.h),
 * else what the command does at the moment, and for how long it has been at work.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "cli/session.h"

struct progress;

/* Answers from now on; 's' is borrowed until answer_stop. */
void answer_start(struct session *s);
void answer_stop(struct session *s);

/* What the command is about to do: "making the views". Fine before answer_start. */
void answer_doing(const struct session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* This one answers, until NULL is said. Borrowed. */
void answer_by(const struct session *s, struct progress *progress);

#endif
