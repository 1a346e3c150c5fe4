#include "cli/watch.h"

#include <string.h>

#include "cli/work.h"

void watch_start(struct watch *w, const struct session *s, const char *what)
{
	memset(w, 0, sizeof(*w));
	w->clock = s->clock;
	samples_start(&w->samples, w->clock->now_ms(w->clock));
	w->progress = progress_start(work_progress_kind(s->opt), what, &w->counters);
}

void watch_go_on(struct watch *w, const struct session *s, const char *what)
{
	w->progress = progress_start(work_progress_kind(s->opt), what, &w->counters);
}

void watch_tick(void *watch)
{
	struct watch *w = watch;

	progress_tick(w->progress);
	samples_tick(&w->samples, &w->counters, w->clock->now_ms(w->clock));
}

void watch_end(struct watch *w)
{
	progress_stop(w->progress);
	w->progress = NULL;
	samples_end(&w->samples, &w->counters, w->clock->now_ms(w->clock));
}
