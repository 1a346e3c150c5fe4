/* The words of a progress line, and its JSON; pure. */
#include "report/progress.h"

#include "report/text.h"

#define FORETELL_MS 3000	/* the first seconds foretell nothing */

int progress_percent(uint64_t done, uint64_t estimate)
{
	uint64_t percent;

	if (!estimate || done > estimate)
		return -1;
	percent = (uint64_t)((double)done * 100 / (double)estimate);
	return percent > 99 ? 99 : (int)percent;
}

static int percent(const struct progress_now *now)
{
	return now->phase < PHASE_MOVING ? -1
					 : progress_percent(now->rows_done, now->rows_estimate);
}

static void add_rows(struct buf *b, const struct progress_now *now)
{
	int part = percent(now);

	if (part >= 0)
		buf_addf(b, "about %d %%, ", part);
	text_add_count(b, now->rows_resumed + now->rows_read);
	if (part >= 0) {
		buf_adds(b, " of about ");
		text_add_count(b, now->rows_estimate);
	}
	buf_adds(b, " rows");
}

/* -1: nobody can tell. */
static int64_t left_ms(const struct progress_now *now)
{
	uint64_t left_s;

	if (now->phase != PHASE_MOVING || !now->rows_per_s || percent(now) < 0 ||
	    now->elapsed_ms < FORETELL_MS)
		return -1;
	left_s = (now->rows_estimate - now->rows_done) / now->rows_per_s;
	return (int64_t)(left_s > 8640000 ? 8640000 : left_s) * 1000;
}

static void add_speed(struct buf *b, const struct progress_now *now)
{
	if (now->phase != PHASE_MOVING || !now->rows_per_s)
		return;
	buf_adds(b, ", ");
	text_add_count(b, now->rows_per_s);
	buf_adds(b, " rows/s");
	if (now->rows_per_s_mean && now->rows_per_s_mean != now->rows_per_s) {
		buf_adds(b, " (mean ");
		text_add_count(b, now->rows_per_s_mean);
		buf_addc(b, ')');
	}
	if (left_ms(now) >= 0) {
		buf_adds(b, ", about ");
		text_add_duration(b, left_ms(now));
		buf_adds(b, " left");
	}
}

static void add_counted(struct buf *b, uint64_t n, const char *words)
{
	if (!n)
		return;
	buf_adds(b, ", ");
	text_add_count(b, n);
	buf_addf(b, " %s", words);
}

static void add_rest(struct buf *b, const struct progress_now *now)
{
	add_counted(b, now->scanned, "scanned");
	add_counted(b, now->skipped, "skipped");
	add_counted(b, now->rejected, now->rejected == 1 ? "reject" : "rejects");
	add_counted(b, now->differences, now->differences == 1 ? "difference" : "differences");
	add_counted(b, now->retries, "sent again");
	switch (now->limit) {
	case LIMIT_SOURCE:
		buf_adds(b, ", waits for MySQL");
		break;
	case LIMIT_TARGET:
		buf_adds(b, ", waits for DynamoDB");
		break;
	case LIMIT_THROTTLED:
		buf_adds(b, ", DynamoDB says too fast");
		break;
	case LIMIT_RATE:
		buf_adds(b, ", held back by --max-wcu");
		break;
	case LIMIT_PROCESSOR:
		buf_adds(b, ", limited by this machine");
		break;
	default:
		break;
	}
}

static const char *phase_words(int phase)
{
	switch (phase) {
	case PHASE_STARTING: return "taking the snapshot";
	case PHASE_DUPLICATES: return "looking for rows that share a key";
	case PHASE_EXTRA: return "looking for items that no row explains";
	case PHASE_FINISHING: return "finishing";
	default: return NULL;
	}
}

void progress_add_words(struct buf *b, const struct progress_now *now)
{
	const char *phase = phase_words(now->phase);

	buf_addf(b, "%s: ", now->what);
	if (phase)
		buf_addf(b, "%s, ", phase);
	add_rows(b, now);
	add_speed(b, now);
	add_rest(b, now);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void add_count(struct buf *b, const char *name, uint64_t n)
{
	buf_addf(b, ",\"%s\":%llu", name, (unsigned long long)n);
}

static void add_percent(struct buf *b, int n)
{
	if (n < 0)
		buf_adds(b, ",\"percent_estimate\":null");
	else
		buf_addf(b, ",\"percent_estimate\":%d", n);
}

static void add_table(struct buf *b, const struct progress_table *t)
{
	buf_adds(b, "{\"table\":");
	buf_add_json(b, str_of(t->name));
	buf_addf(b, ",\"state\":\"%s\"", t->done ? "done" : t->begun ? "moving" : "waiting");
	add_percent(b, t->done ? 100 : t->begun ? progress_percent(t->rows_done, t->rows_estimate) : -1);
	add_count(b, "rows_estimate", t->rows_estimate);
	add_count(b, "rows_resumed", t->rows_resumed);
	add_count(b, "rows_read", t->rows_read);
	add_count(b, "items", t->items);
	add_count(b, "rows_skipped", t->skipped);
	add_count(b, "rows_rejected", t->rejected);
	add_count(b, "items_scanned", t->scanned);
	add_count(b, "rows_per_second", t->rows_per_s);
	buf_addc(b, '}');
}

void progress_add_json(struct buf *b, const struct progress_now *now)
{
	size_t i;

	buf_adds(b, "\"command\":");
	buf_add_json(b, str_of(now->what));
	buf_addf(b, ",\"phase\":\"%s\",\"limit\":\"%s\",\"elapsed_ms\":%lld",
		 run_phase_name(now->phase), run_limit_name(now->limit),
		 (long long)now->elapsed_ms);
	add_percent(b, percent(now));
	if (left_ms(now) >= 0)
		buf_addf(b, ",\"left_ms_estimate\":%lld", (long long)left_ms(now));
	else
		buf_adds(b, ",\"left_ms_estimate\":null");
	add_count(b, "rows_estimate", now->rows_estimate);
	add_count(b, "rows_resumed", now->rows_resumed);
	add_count(b, "rows_read", now->rows_read);
	add_count(b, "rows_per_second", now->rows_per_s);
	add_count(b, "rows_per_second_mean", now->rows_per_s_mean);
	add_count(b, "items", now->items);
	add_count(b, "rows_skipped", now->skipped);
	add_count(b, "rows_rejected", now->rejected);
	add_count(b, "items_scanned", now->scanned);
	add_count(b, "differences", now->differences);
	add_count(b, "bytes", now->bytes);
	add_count(b, "retries", now->retries);
	add_count(b, "throttles", now->throttles);
	buf_adds(b, ",\"tables\":[");
	for (i = 0; i < now->ntables; i++) {
		buf_adds(b, i ? "," : "");
		add_table(b, &now->tables[i]);
	}
	buf_addc(b, ']');
}
