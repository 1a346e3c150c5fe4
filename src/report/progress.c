/*
 * One thread, one mutex. The thread wakes by a condition with a time limit, takes a look at the
 * counters and draws. The mutex covers 'drawn' and every write of the live line; the log's guard
 * holds it while a log line is written. Lines of the log are written without it, because the log
 * calls the guard.
 */
#include "report/progress.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define LIVE_MS 200
#define LINES_MS 5000
#define JSONL_MS 1000

struct progress {
	enum progress_kind kind;	/* set before start, as what, counters and start_ms */
	const char *what;
	const struct counters *counters;
	int64_t start_ms;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stopping;			/* mutex */
	bool drawn;			/* mutex: the live line is on the screen */
	int64_t rate_ms;		/* the thread's own, as those below: the last look */
	uint64_t rate_rows;
	uint64_t rows_per_s;
};

static void write_stderr(const struct buf *b)
{
	size_t at = 0;

	while (at < b->len) {
		ssize_t n = write(STDERR_FILENO, b->ptr + at, b->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void look(struct progress *p, struct progress_now *now)
{
	const struct counters *c = p->counters;
	int64_t ms = clock_real()->now_ms(clock_real());

	*now = (struct progress_now){
		.what = p->what,
		.phase = COUNTERS_GET(c, phase),
		.limit = COUNTERS_GET(c, limit),
		.rows_estimate = COUNTERS_GET(c, rows_estimate),
		.rows_resumed = COUNTERS_GET(c, rows_resumed),
		.rows_read = COUNTERS_GET(c, rows_read),
		.items = COUNTERS_GET(c, items_written),
		.rejected = COUNTERS_GET(c, rows_rejected),
		.scanned = COUNTERS_GET(c, items_scanned),
		.differences = COUNTERS_GET(c, differences),
		.bytes = COUNTERS_GET(c, bytes),
		.retries = COUNTERS_GET(c, retries),
		.throttles = COUNTERS_GET(c, throttles),
		.elapsed_ms = ms - p->start_ms,
	};
	/* The rate of about the last two seconds: shorter jumps, longer lags. */
	if (ms - p->rate_ms >= 2000) {
		p->rows_per_s = (now->rows_read - p->rate_rows) * 1000 / (uint64_t)(ms - p->rate_ms);
		p->rate_ms = ms;
		p->rate_rows = now->rows_read;
	}
	now->rows_per_s = p->rows_per_s;
	if (!p->rows_per_s && now->elapsed_ms > 0)
		now->rows_per_s = now->rows_read * 1000 / (uint64_t)now->elapsed_ms;
}

static void draw_live(struct progress *p, const struct progress_now *now)
{
	struct buf line = { 0 };

	buf_addc(&line, '\r');
	progress_add_bar(&line, now, terminal_columns());
	buf_adds(&line, "\033[K");
	write_stderr(&line);
	buf_release(&line);
	p->drawn = true;
}

static void wipe_live(struct progress *p)
{
	struct buf line = { 0 };

	if (!p->drawn)
		return;
	buf_adds(&line, "\r\033[K");
	write_stderr(&line);
	buf_release(&line);
	p->drawn = false;
}

static void write_event(const struct progress_now *now, bool json)
{
	struct buf line = { 0 };

	if (json) {
		progress_add_json(&line, now);
		buf_addc(&line, '\n');
		write_stderr(&line);
	} else {
		progress_add_words(&line, now);
		log_info("%s", buf_cstr(&line));
	}
	buf_release(&line);
}

static void guard(bool before, void *arg)
{
	struct progress *p = arg;

	if (before) {
		pthread_mutex_lock(&p->mutex);
		wipe_live(p);
	} else {
		pthread_mutex_unlock(&p->mutex);
	}
}

/* Waits 'ms' or until asked to stop; the mutex is held. */
static void wait_ms(struct progress *p, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	while (!p->stopping && pthread_cond_timedwait(&p->wake, &p->mutex, &until) == 0)
		;
}

static void *progress_thread(void *arg)
{
	struct progress *p = arg;
	int64_t every_ms = p->kind == PROGRESS_LIVE ? LIVE_MS
			 : p->kind == PROGRESS_LINES ? LINES_MS : JSONL_MS;
	struct progress_now now;

	pthread_mutex_lock(&p->mutex);
	for (;;) {
		wait_ms(p, every_ms);
		if (p->stopping)
			break;
		look(p, &now);
		if (p->kind == PROGRESS_LIVE) {
			draw_live(p, &now);
		} else {
			pthread_mutex_unlock(&p->mutex);
			write_event(&now, p->kind == PROGRESS_JSONL);
			pthread_mutex_lock(&p->mutex);
		}
	}
	wipe_live(p);
	pthread_mutex_unlock(&p->mutex);
	if (p->kind == PROGRESS_JSONL) {
		look(p, &now);
		write_event(&now, true);
	}
	return NULL;
}

struct progress *progress_start(enum progress_kind kind, const char *what,
				const struct counters *counters)
{
	struct progress *p;
	pthread_condattr_t attr;

	if (kind == PROGRESS_SILENT)
		return NULL;
	p = mem_zalloc(sizeof(*p));
	p->kind = kind;
	p->what = what;
	p->counters = counters;
	p->start_ms = p->rate_ms = clock_real()->now_ms(clock_real());
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (kind == PROGRESS_LIVE)
		log_set_guard(guard, p);
	if (pthread_create(&p->thread, NULL, progress_thread, p) == 0)
		return p;
	log_set_guard(NULL, NULL);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->mutex);
	free(p);
	return NULL;
}

void progress_stop(struct progress *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stopping = true;
	pthread_cond_signal(&p->wake);
	pthread_mutex_unlock(&p->mutex);
	pthread_join(p->thread, NULL);
	/* The run's threads have ended before: nobody is in the guard. */
	log_set_guard(NULL, NULL);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
