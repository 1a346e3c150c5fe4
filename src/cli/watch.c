#include "cli/watch.h"

#include <string.h>

#include "cli/answer.h"

void watch_start(struct watch *w, struct session *s, const char *what, const struct work *work,
		 enum metrics_step step)
{
	size_t n = work ? work->ntables : 0;

	memset(w, 0, sizeof(*w));
	w->session = s;
	w->work = work;
	w->step = step;
	w->counters.ntables = n;
	if (n)
		w->counters.tables = arena_alloc(work->arena, n * sizeof(struct table_counters));
	samples_start(&w->samples, s->clock->now_ms(s->clock));
	w->progress = progress_start(work_progress_kind(s->opt), what, &w->counters,
				     work ? work->names : NULL);
	answer_by(s, w->progress);
}

void watch_go_on(struct watch *w, const char *what)
{
	w->progress = progress_start(work_progress_kind(w->session->opt), what, &w->counters,
				     w->work ? w->work->names : NULL);
	answer_by(w->session, w->progress);
}

void watch_tick(void *watch)
{
	struct watch *w = watch;
	struct clock *clock = w->session->clock;

	progress_tick(w->progress);
	samples_tick(&w->samples, &w->counters, clock->now_ms(clock));
	if (w->work)
		metrics_file_tick(w->session, w->step, &w->counters, w->work->names);
}

void watch_end(struct watch *w)
{
	struct clock *clock = w->session->clock;

	answer_doing(w->session, "putting together what came of it");
	answer_by(w->session, NULL);
	progress_stop(w->progress);
	w->progress = NULL;
	samples_end(&w->samples, &w->counters, clock->now_ms(clock));
	if (w->work)
		metrics_file_step_end(w->session, w->step, &w->counters, w->work->names);
}
