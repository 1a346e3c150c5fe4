/* What etl run says between its steps: what will happen, and how each step ended. */
#ifndef CLI_STORY_H
#define CLI_STORY_H

#include "cli/session.h"

/* The session has a plan and a sink. */
void story_begin(const struct session *s);
void story_step(unsigned number, unsigned of, const char *name);
/* 'outcome' as in the report: "done", "rejects", or the class of an error, which is told at the end. */
void story_step_end(const char *name, const char *outcome, int64_t duration_ms);

#endif
