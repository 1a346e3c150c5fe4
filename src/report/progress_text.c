/* The words of a progress line; pure. */
#include "report/progress.h"

#include "report/text.h"

#define BAR_COLUMNS 20

/* Percent done, or -1 where the estimate is missing or proved too low. Never 100: that is said by
 * the end of the run. */
static int percent(const struct progress_now *now)
{
	uint64_t done = now->rows_resumed + now->rows_read;

	if (now->phase < PHASE_MOVING || !now->rows_estimate || done > now->rows_estimate)
		return -1;
	done = (uint64_t)((double)done * 100 / (double)now->rows_estimate);
	return done > 99 ? 99 : (int)done;
}

static void add_rows(struct buf *b, const struct progress_now *now)
{
	int part = percent(now);

	text_add_count(b, now->rows_resumed + now->rows_read);
	if (part >= 0) {
		buf_adds(b, " of about ");
		text_add_count(b, now->rows_estimate);
		buf_addf(b, " rows (%d%%)", part);
	} else {
		buf_adds(b, " rows");
	}
}

static void add_speed(struct buf *b, const struct progress_now *now)
{
	uint64_t done = now->rows_resumed + now->rows_read;

	if (now->phase != PHASE_MOVING || !now->rows_per_s)
		return;
	buf_adds(b, ", ");
	text_add_count(b, now->rows_per_s);
	buf_adds(b, " rows/s");
	/* the first seconds foretell nothing */
	if (percent(now) >= 0 && now->elapsed_ms >= 3000) {
		uint64_t left_s = (now->rows_estimate - done) / now->rows_per_s;

		buf_adds(b, ", about ");
		text_add_duration(b, (int64_t)(left_s > 8640000 ? 8640000 : left_s) * 1000);
		buf_adds(b, " left");
	}
}

static void add_rest(struct buf *b, const struct progress_now *now)
{
	if (now->scanned) {
		buf_adds(b, ", ");
		text_add_count(b, now->scanned);
		buf_adds(b, " scanned");
	}
	if (now->skipped) {
		buf_adds(b, ", ");
		text_add_count(b, now->skipped);
		buf_adds(b, " skipped");
	}
	if (now->rejected) {
		buf_adds(b, ", ");
		text_add_plural(b, now->rejected, "reject");
	}
	if (now->differences) {
		buf_adds(b, ", ");
		text_add_plural(b, now->differences, "difference");
	}
	if (now->retries) {
		buf_adds(b, ", ");
		text_add_count(b, now->retries);
		buf_adds(b, " sent again");
	}
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

void progress_add_bar(struct buf *b, const struct progress_now *now, unsigned columns)
{
	struct buf line = { 0 };
	int part = percent(now), i;

	if (part >= 0 && columns >= 100) {
		buf_addc(&line, '[');
		for (i = 0; i < BAR_COLUMNS; i++)
			buf_addc(&line, i < part * BAR_COLUMNS / 100 ? '#' : '.');
		buf_adds(&line, "] ");
	}
	progress_add_words(&line, now);
	/* A line that wraps could not be wiped. It is ASCII, so bytes are columns. */
	if (columns && line.len >= columns)
		line.len = columns - 1;
	buf_addstr(b, buf_str(&line));
	buf_release(&line);
}

void progress_add_json(struct buf *b, const struct progress_now *now)
{
	buf_adds(b, "{\"event\":\"progress\",\"command\":");
	buf_add_json(b, str_of(now->what));
	buf_addf(b, ",\"phase\":\"%s\",\"limit\":\"%s\",\"elapsed_ms\":%lld",
		 run_phase_name(now->phase), run_limit_name(now->limit),
		 (long long)now->elapsed_ms);
	buf_addf(b, ",\"rows_estimate\":%llu,\"rows_resumed\":%llu,\"rows_read\":%llu",
		 (unsigned long long)now->rows_estimate, (unsigned long long)now->rows_resumed,
		 (unsigned long long)now->rows_read);
	buf_addf(b, ",\"items\":%llu,\"rows_skipped\":%llu,\"rows_rejected\":%llu",
		 (unsigned long long)now->items, (unsigned long long)now->skipped,
		 (unsigned long long)now->rejected);
	buf_addf(b, ",\"items_scanned\":%llu", (unsigned long long)now->scanned);
	buf_addf(b, ",\"differences\":%llu,\"bytes\":%llu,\"retries\":%llu,\"throttles\":%llu}",
		 (unsigned long long)now->differences, (unsigned long long)now->bytes,
		 (unsigned long long)now->retries, (unsigned long long)now->throttles);
}
