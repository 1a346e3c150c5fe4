/* The words of a progress line, and its JSON; pure. */
#include "report/progress.h"

#include "report/text.h"

#define FORETELL_MS 3000	/* the first seconds foretell nothing */

static int percent(uint64_t done, uint64_t estimate)
{
	uint64_t n;

	if (!estimate || done > estimate)
		return -1;
	n = (uint64_t)((double)done * 100 / (double)estimate);
	return n > 99 ? 99 : (int)n;
}

int progress_percent(const struct progress_place *p)
{
	return p->entities_told < p->entities ? -1 : percent(p->rows_done, p->rows_estimate);
}

int progress_percent_of_entity(const struct progress_place *p)
{
	uint64_t begin = p->rows_before, end = p->rows_estimate - p->rows_by_statistics;

	/* the counters change one after another */
	if (end <= begin || end > p->rows_estimate)
		return -1;
	return percent(p->rows_done > begin ? p->rows_done - begin : 0, end - begin);
}

static int percent_of_all(const struct progress_now *now)
{
	return now->phase < PHASE_MOVING ? -1 : progress_percent(&now->place);
}

static void add_rows(struct buf *b, const struct progress_now *now)
{
	const struct progress_place *p = &now->place;
	int part = percent_of_all(now), of_entity = progress_percent_of_entity(p);

	if (part >= 0) {
		buf_addf(b, "about %d %%, ", part);
	} else if (now->phase >= PHASE_MOVING && p->entities_begun && p->entities > 1) {
		buf_addf(b, "entity %llu of %llu", (unsigned long long)p->entities_begun,
			 (unsigned long long)p->entities);
		if (of_entity >= 0)
			buf_addf(b, " about %d %%", of_entity);
		buf_adds(b, ", ");
	}
	text_add_count(b, now->rows_resumed + now->rows_read);
	if (part >= 0) {
		buf_adds(b, " of about ");
		text_add_count(b, p->rows_estimate);
	}
	buf_adds(b, " rows");
}

/* -1: nobody can tell. */
static int64_t left_ms(const struct progress_now *now)
{
	uint64_t left_s;

	if (now->phase != PHASE_MOVING || !now->rows_per_s || now->elapsed_ms < FORETELL_MS ||
	    percent(now->place.rows_done, now->place.rows_estimate) < 0)
		return -1;
	left_s = (now->place.rows_estimate - now->place.rows_done) / now->rows_per_s;
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
		if (percent_of_all(now) < 0)
			buf_adds(b, " if MySQL's statistics are right");
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

static void add_percent(struct buf *b, const char *name, int n)
{
	if (n < 0)
		buf_addf(b, ",\"%s\":null", name);
	else
		buf_addf(b, ",\"%s\":%d", name, n);
}

static void add_place(struct buf *b, const struct progress_place *p, int of_all, int of_entity)
{
	add_percent(b, "percent_estimate", of_all);
	add_count(b, "entities", p->entities);
	add_count(b, "entities_begun", p->entities_begun);
	add_percent(b, "entity_percent_estimate", of_entity);
	add_count(b, "rows_estimate", p->rows_estimate);
	add_count(b, "rows_by_statistics", p->rows_by_statistics);
}

static void add_table(struct buf *b, const struct progress_table *t)
{
	buf_adds(b, "{\"table\":");
	buf_add_json(b, str_of(t->name));
	buf_addf(b, ",\"state\":\"%s\"", t->done ? "done" : t->begun ? "moving" : "waiting");
	add_place(b, &t->place, t->done ? 100 : t->begun ? progress_percent(&t->place) : -1,
		  t->done ? 100 : t->begun ? progress_percent_of_entity(&t->place) : -1);
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
	add_place(b, &now->place, percent_of_all(now),
		  now->phase < PHASE_MOVING ? -1 : progress_percent_of_entity(&now->place));
	if (left_ms(now) >= 0)
		buf_addf(b, ",\"left_ms_estimate\":%lld", (long long)left_ms(now));
	else
		buf_adds(b, ",\"left_ms_estimate\":null");
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
