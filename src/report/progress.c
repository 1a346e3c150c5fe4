/*
 * Everything here happens on the thread that ticks, but for the guard, which wipes the live line on
 * whatever thread writes a line of the log. 'drawn' is touched only within the guard and within
 * log_between_lines(), which the log never lets meet.
 */
#include "report/progress.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define LIVE_MS 200
#define LINES_MS 5000
#define JSONL_MS 1000

struct progress {
	enum progress_kind kind;	/* set at the start, as what, counters and start_ms */
	const char *what;
	const struct counters *counters;
	int64_t start_ms;
	int64_t shown_ms;		/* when it was shown last */
	int64_t rate_ms;		/* the last look at the rate, as those below */
	uint64_t rate_rows;
	uint64_t rows_per_s;
	bool drawn;			/* guard: the log's; the live line is on the screen */
	struct buf line;		/* the live line to be drawn */
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
		.skipped = COUNTERS_GET(c, rows_skipped),
		.rejected = COUNTERS_GET(c, rows_rejected),
		.scanned = COUNTERS_GET(c, items_scanned),
		.differences = COUNTERS_GET(c, differences),
		.bytes = COUNTERS_GET(c, bytes),
		.retries = COUNTERS_GET(c, retries),
		.throttles = COUNTERS_GET(c, throttles),
		.elapsed_ms = ms - p->start_ms,
	};
	/* what is read again after a lost connection is counted anew */
	if (now->rows_read < p->rate_rows)
		p->rate_rows = now->rows_read;
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

static void draw_live(void *arg)
{
	struct progress *p = arg;

	write_stderr(&p->line);
	p->drawn = true;
}

static void wipe_live(void *arg)
{
	struct progress *p = arg;
	struct buf line = { 0 };

	if (!p->drawn)
		return;
	buf_adds(&line, "\r\033[K");
	write_stderr(&line);
	buf_release(&line);
	p->drawn = false;
}

static void guard(bool before, void *arg)
{
	if (before)
		wipe_live(arg);
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

static int64_t every_ms(enum progress_kind kind)
{
	switch (kind) {
	case PROGRESS_LIVE: return LIVE_MS;
	case PROGRESS_LINES: return LINES_MS;
	case PROGRESS_JSONL: return JSONL_MS;
	case PROGRESS_SILENT: break;
	}
	return INT64_MAX;
}

struct progress *progress_start(enum progress_kind kind, const char *what,
				const struct counters *counters)
{
	struct progress *p;

	if (kind == PROGRESS_SILENT)
		return NULL;
	p = mem_zalloc(sizeof(*p));
	p->kind = kind;
	p->what = what;
	p->counters = counters;
	p->start_ms = p->shown_ms = p->rate_ms = clock_real()->now_ms(clock_real());
	if (kind == PROGRESS_LIVE)
		log_set_guard(guard, p);
	return p;
}

void progress_tick(void *progress)
{
	struct progress *p = progress;
	struct progress_now now;
	int64_t ms = clock_real()->now_ms(clock_real());

	/* ticks come a little early or late: half a tick more or less is on time */
	if (!p || ms - p->shown_ms < every_ms(p->kind) - LIVE_MS / 2)
		return;
	p->shown_ms = ms;
	look(p, &now);
	if (p->kind == PROGRESS_LIVE) {
		buf_reset(&p->line);
		buf_addc(&p->line, '\r');
		progress_add_bar(&p->line, &now, terminal_columns());
		buf_adds(&p->line, "\033[K");
		log_between_lines(draw_live, p);
	} else {
		write_event(&now, p->kind == PROGRESS_JSONL);
	}
}

void progress_stop(struct progress *p)
{
	struct progress_now now;

	if (!p)
		return;
	if (p->kind == PROGRESS_LIVE) {
		log_between_lines(wipe_live, p);
		log_set_guard(NULL, NULL);
	}
	if (p->kind == PROGRESS_JSONL) {
		look(p, &now);
		write_event(&now, true);
	}
	buf_release(&p->line);
	free(p);
}
