/* Looks at a run while it goes on: shows how far it is, and takes samples for its report. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "base/clock.h"
#include "cli/session.h"
#include "pipeline/counters.h"
#include "report/progress.h"
#include "report/samples.h"

struct watch {
	struct counters counters;	/* the run's */
	struct samples samples;		/* for the report, once watch_end was called */
	struct progress *progress;
	struct clock *clock;
};

/* 'what' ("load") is borrowed until watch_end. */
void watch_start(struct watch *w, const struct session *s, const char *what);
/* Goes on after watch_end, with what was counted: the same run does something else. */
void watch_go_on(struct watch *w, const struct session *s, const char *what);
/* The jobs' tick; 'watch' is a struct watch. By one thread. */
void watch_tick(void *watch);
/* The run's threads have ended. */
void watch_end(struct watch *w);

#endif
