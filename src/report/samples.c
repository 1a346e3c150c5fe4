#include "report/samples.h"

#include <string.h>

void samples_start(struct samples *s, int64_t now_ms)
{
	memset(s, 0, sizeof(*s));
	s->start_ms = now_ms;
	s->interval_ms = SAMPLES_FIRST_MS;
}

/* Keeps the second of each two, so that the newest stays. */
static void halve(struct samples *s)
{
	size_t i;

	for (i = 0; i < SAMPLES_MAX / 2; i++)
		s->points[i] = s->points[2 * i + 1];
	s->n = SAMPLES_MAX / 2;
	s->interval_ms *= 2;
}

static void take(struct samples *s, const struct counters *c, int64_t now_ms)
{
	if (s->n == SAMPLES_MAX)
		halve(s);
	s->points[s->n++] = (struct sample){
		.at_ms = now_ms - s->start_ms,
		.limit = COUNTERS_GET(c, limit),
		.rows_read = COUNTERS_GET(c, rows_read),
		.rows_rejected = COUNTERS_GET(c, rows_rejected),
		.items = COUNTERS_GET(c, items_written),
		.items_scanned = COUNTERS_GET(c, items_scanned),
		.bytes = COUNTERS_GET(c, bytes),
		.retries = COUNTERS_GET(c, retries),
		.throttles = COUNTERS_GET(c, throttles),
	};
}

static int64_t last_ms(const struct samples *s)
{
	return s->start_ms + (s->n ? s->points[s->n - 1].at_ms : 0);
}

void samples_tick(struct samples *s, const struct counters *c, int64_t now_ms)
{
	/* ticks come a little early or late: half an interval of theirs is on time */
	if (now_ms - last_ms(s) >= s->interval_ms - SAMPLES_FIRST_MS / 2)
		take(s, c, now_ms);
}

void samples_end(struct samples *s, const struct counters *c, int64_t now_ms)
{
	if (s->n && now_ms <= last_ms(s))
		s->n--;		/* what ended since then belongs to the same moment */
	take(s, c, now_ms);
}

void samples_json(const struct samples *s, struct json_out *j, const char *key)
{
	size_t i;

	json_out_open(j, key, '{');
	json_out_milli(j, "every_seconds", (uint64_t)s->interval_ms);
	json_out_open(j, "points", '[');
	for (i = 0; i < s->n; i++) {
		const struct sample *p = &s->points[i];

		json_out_open(j, NULL, '{');
		json_out_milli(j, "seconds", (uint64_t)p->at_ms);
		json_out_count(j, "rows_read", p->rows_read);
		json_out_count(j, "rows_rejected", p->rows_rejected);
		json_out_count(j, "items", p->items);
		json_out_count(j, "items_scanned", p->items_scanned);
		json_out_count(j, "bytes", p->bytes);
		json_out_count(j, "retries", p->retries);
		json_out_count(j, "throttles", p->throttles);
		json_out_str(j, "limit", run_limit_name(p->limit));
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	json_out_close(j, '}');
}
