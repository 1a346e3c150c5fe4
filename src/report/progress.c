/*
 * Everything here happens on the thread that ticks, but for the guard, which wipes the live lines on
 * whatever thread writes a line of the log. What is drawn ('nlines') is touched only within the
 * guard and within log_between_lines(), which the log never lets meet.
 *
 * Live lines are drawn over those before: up as many lines as they are, each line ended by "erase
 * to its end", and below them "erase to the end of the screen". None is as wide as the terminal. One
 * that is made narrower wraps what stands on it, or cuts it, which nobody tells: then lines of that
 * moment may stay above, but what others wrote there is never wiped.
 */
#include "report/progress.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "report/text.h"

#define LIVE_MS 200
#define LINES_MS 5000
#define JSONL_MS 1000
#define RATE_MS 2000		/* shorter jumps, longer lags */

struct rate {
	uint64_t rows;			/* at the last look */
	uint64_t per_s;
};

struct progress {
	enum progress_kind kind;	/* set at the start, as those until start_ms */
	const char *what;
	const struct counters *counters;
	const char *const *names;
	atomic_bool asked;		/* any thread */
	int64_t start_ms;
	int64_t shown_ms;		/* when it was shown last */
	int64_t rate_ms;		/* the last look at the rates */
	struct rate rate;
	struct rate *rates;		/* of the tables */
	struct progress_table *tables;	/* of the moment being shown */
	struct buf screen;		/* the lines to be drawn */
	size_t nlines;			/* guard: the log's; on the screen */
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

static void terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		size.ws_col = size.ws_row = 0;
	*columns = size.ws_col ? size.ws_col : 80;
	*rows = size.ws_row ? size.ws_row : 24;
}

/* ---- a moment ------------------------------------------------------------------------------- */

static void measure(struct rate *r, uint64_t rows, int64_t passed_ms)
{
	/* what is read again after a lost connection is counted anew */
	if (rows < r->rows)
		r->rows = rows;
	if (passed_ms < RATE_MS)
		return;
	r->per_s = (rows - r->rows) * 1000 / (uint64_t)passed_ms;
	r->rows = rows;
}

static uint64_t mean(uint64_t rows, int64_t elapsed_ms)
{
	return elapsed_ms > 0 ? rows * 1000 / (uint64_t)elapsed_ms : 0;
}

/* Of the counters of a run or of a table. */
#define PLACE(c)							\
	(struct progress_place){					\
		.entities = COUNTERS_GET(c, entities),			\
		.entities_begun = COUNTERS_GET(c, entities_begun),	\
		.entities_told = COUNTERS_GET(c, entities_told),	\
		.rows_estimate = COUNTERS_GET(c, rows_estimate),	\
		.rows_by_statistics = COUNTERS_GET(c, rows_by_statistics), \
		.rows_before = COUNTERS_GET(c, rows_before),		\
	}

static void look_at_table(struct progress *p, size_t i, int64_t passed_ms, int64_t elapsed_ms)
{
	const struct table_counters *c = &p->counters->tables[i];
	uint64_t gone = COUNTERS_GET(c, rows_gone_through), read = COUNTERS_GET(c, rows_read);
	struct progress_table *t = &p->tables[i];

	*t = (struct progress_table){
		.name = p->names[i],
		.begun = COUNTERS_GET(c, how_far) != TABLE_WAITS,
		.done = counters_table_done(p->counters, i),
		.place = PLACE(c),
		.rows_resumed = COUNTERS_GET(c, rows_resumed),
		.rows_read = read,
		.items = COUNTERS_GET(c, items_written),
		.skipped = COUNTERS_GET(c, rows_skipped),
		.rejected = COUNTERS_GET(c, rows_rejected),
		.scanned = COUNTERS_GET(c, items_scanned),
	};
	t->place.rows_done = t->rows_resumed + (gone > read ? gone : read);
	measure(&p->rates[i], read, passed_ms);
	t->rows_per_s = p->rates[i].per_s;
	if (elapsed_ms < RATE_MS)
		t->rows_per_s = mean(read, elapsed_ms);
}

static void look(struct progress *p, struct progress_now *now)
{
	const struct counters *c = p->counters;
	int64_t ms = clock_real()->now_ms(clock_real()), passed_ms = ms - p->rate_ms;
	size_t i;

	*now = (struct progress_now){
		.what = p->what,
		.phase = COUNTERS_GET(c, phase),
		.limit = COUNTERS_GET(c, limit),
		.place = PLACE(c),
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
		.ntables = c->ntables,
		.tables = p->tables,
	};
	now->rows_per_s_mean = mean(now->rows_read, now->elapsed_ms);
	measure(&p->rate, now->rows_read, passed_ms);
	now->rows_per_s = now->elapsed_ms < RATE_MS ? now->rows_per_s_mean : p->rate.per_s;
	for (i = 0; i < c->ntables; i++) {
		look_at_table(p, i, passed_ms, now->elapsed_ms);
		now->place.rows_done += p->tables[i].place.rows_done;
	}
	if (!c->ntables)
		now->place.rows_done = now->rows_resumed + now->rows_read;
	if (passed_ms >= RATE_MS)
		p->rate_ms = ms;
}

/* ---- live ----------------------------------------------------------------------------------- */

/* To the begin of what is drawn. */
static void add_way_back(const struct progress *p, struct buf *b)
{
	size_t up = p->nlines;
	unsigned columns, rows;

	terminal_size(&columns, &rows);
	/* what was scrolled off the top is out of reach */
	if (up >= rows)
		up = rows - 1;
	buf_addc(b, '\r');
	if (up)
		buf_addf(b, "\033[%zuA", up);
}

static void draw_live(void *arg)
{
	struct progress *p = arg;
	struct buf out = { 0 };
	size_t at = 0;

	add_way_back(p, &out);
	p->nlines = 0;
	while (at < p->screen.len) {
		const char *line = p->screen.ptr + at;
		const char *end = memchr(line, '\n', p->screen.len - at);
		size_t len = (size_t)(end - line);

		buf_add(&out, line, len);
		buf_adds(&out, "\033[K\n");
		p->nlines++;
		at += len + 1;
	}
	buf_adds(&out, "\033[J");
	write_stderr(&out);
	buf_release(&out);
}

static void wipe_live(void *arg)
{
	struct progress *p = arg;
	struct buf out = { 0 };

	if (!p->nlines)
		return;
	add_way_back(p, &out);
	buf_adds(&out, "\033[J");
	write_stderr(&out);
	buf_release(&out);
	p->nlines = 0;
}

static void guard(bool before, void *arg)
{
	if (before)
		wipe_live(arg);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void write_between(void *arg)
{
	write_stderr(arg);
}

static void write_json(const struct progress_now *now)
{
	struct buf line = { 0 };

	buf_adds(&line, "{");
	log_add_json_head(&line, LOG_INFO, STR("progress"));
	buf_addc(&line, ',');
	progress_add_json(&line, now);
	buf_adds(&line, "}\n");
	log_between_lines(write_between, &line);
	buf_release(&line);
}

static void log_words(const struct progress_now *now)
{
	struct buf words = { 0 }, fields = { 0 };

	progress_add_words(&words, now);
	progress_add_json(&fields, now);
	log_event(LOG_INFO, buf_cstr(&fields), "%s", buf_cstr(&words));
	buf_release(&words);
	buf_release(&fields);
}

/* Who asks wants an answer even of a quiet run. */
static void answer(struct progress *p, const struct progress_now *now)
{
	struct buf line = { 0 };

	if (p->kind == PROGRESS_JSONL || log_is_json()) {
		write_json(now);
		return;
	}
	if (p->kind == PROGRESS_LIVE)
		log_between_lines(wipe_live, p);
	progress_add_words(&line, now);
	buf_addc(&line, '\n');
	log_between_lines(write_between, &line);
	buf_release(&line);
}

void progress_ask(struct progress *p)
{
	atomic_store(&p->asked, true);
}

void progress_say(enum progress_kind kind, const char *what, struct str doing, int64_t elapsed_ms)
{
	struct buf line = { 0 };

	if (kind == PROGRESS_JSONL || log_is_json()) {
		buf_adds(&line, "{");
		log_add_json_head(&line, LOG_INFO, STR("progress"));
		buf_addf(&line, ",\"command\":\"%s\",\"doing\":", what);
		buf_add_json(&line, doing);
		buf_addf(&line, ",\"elapsed_ms\":%lld}\n", (long long)elapsed_ms);
	} else {
		buf_addf(&line, "%s: ", what);
		buf_add_printable(&line, doing);
		buf_adds(&line, ", after ");
		text_add_duration(&line, elapsed_ms);
		buf_addc(&line, '\n');
	}
	log_between_lines(write_between, &line);
	buf_release(&line);
}

/* ---- begin, tick, end ----------------------------------------------------------------------- */

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
				const struct counters *counters, const char *const *names)
{
	struct progress *p = mem_zalloc(sizeof(*p));
	size_t n = counters->ntables ? counters->ntables : 1;

	p->kind = kind;
	p->what = what;
	p->counters = counters;
	p->names = names;
	p->tables = mem_array(n, sizeof(*p->tables));
	p->rates = mem_array(n, sizeof(*p->rates));
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
	unsigned columns, rows;
	bool due, asked;

	if (!p)
		return;
	asked = atomic_exchange(&p->asked, false);
	/* ticks come a little early or late: half a tick more or less is on time */
	due = ms - p->shown_ms >= every_ms(p->kind) - LIVE_MS / 2;
	if (!due && !asked)
		return;
	look(p, &now);
	if (asked)
		answer(p, &now);
	if (!due)
		return;
	p->shown_ms = ms;
	if (p->kind == PROGRESS_JSONL) {
		write_json(&now);
	} else if (p->kind == PROGRESS_LINES) {
		log_words(&now);
	} else {
		terminal_size(&columns, &rows);
		buf_reset(&p->screen);
		progress_add_screen(&p->screen, &now, columns, rows);
		log_between_lines(draw_live, p);
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
	if (p->kind == PROGRESS_JSONL || atomic_load(&p->asked)) {
		look(p, &now);
		answer(p, &now);
	}
	buf_release(&p->screen);
	free(p->tables);
	free(p->rates);
	free(p);
}
