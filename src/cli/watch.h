/* Looks at a run while it goes on: shows how far it is, takes samples for its report, and keeps the
 * file of --metrics up to date. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "base/clock.h"
#include "cli/metrics_file.h"
#include "cli/work.h"
#include "pipeline/counters.h"
#include "report/progress.h"
#include "report/samples.h"

struct watch {
	struct counters counters;	/* the run's */
	struct samples samples;		/* for the report, once watch_end was called */
	struct progress *progress;
	struct session *session;
	const struct work *work;
	enum metrics_step step;
};

/* 's', 'what' ("load") and 'work' are borrowed until watch_end. 'work' NULL: nothing is known of tables,
 * and the file of --metrics is not touched. */
void watch_start(struct watch *w, struct session *s, const char *what, const struct work *work,
		 enum metrics_step step);
/* Goes on after watch_end, with what was counted: the same run does something else. 'what'
 * ("repair") is borrowed until watch_end. */
void watch_go_on(struct watch *w, const char *what);
/* The jobs' tick; 'watch' is a struct watch. By one thread. */
void watch_tick(void *watch);
/* The run's threads have ended. */
void watch_end(struct watch *w);

#endif
