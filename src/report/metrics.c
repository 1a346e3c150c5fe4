#include "report/metrics.h"

#include <stdlib.h>

#include "base/mem.h"

struct numbers {
	char *name;
	uint64_t rows_estimate, rows_by_statistics, rows_resumed, rows_read, items, skipped, rejected, bytes, wcu_milli;
	uint64_t scanned, differences;
	bool judged, parity;
};

struct step {
	size_t ntables;			/* 0: not begun */
	struct numbers *tables;
	uint64_t requests, retries, throttles;
};

struct metrics {
	char *labels;			/* command="...",state_dir="..." */
	int64_t start_utc_ms, success_utc_ms, end_utc_ms;
	int exit_status;		/* once end_utc_ms is set */
	struct step steps[METRICS_STEPS];
};

static const char *const step_names[METRICS_STEPS] = { "load", "verify" };

static void add_label(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			buf_adds(b, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_addf(b, "\\%c", *value);
		else
			buf_addc(b, *value);
	}
	buf_addc(b, '"');
}

struct metrics *metrics_new(const char *command, const char *state_dir, int64_t start_utc_ms,
			    int64_t last_success_utc_ms)
{
	struct metrics *m = mem_zalloc(sizeof(*m));
	struct buf labels = { 0 }, clean = { 0 };

	/* the format is UTF-8 */
	buf_add_printable(&clean, str_of(state_dir));
	add_label(&labels, "command", command);
	buf_addc(&labels, ',');
	add_label(&labels, "state_dir", buf_cstr(&clean));
	m->labels = buf_detach(&labels);
	m->start_utc_ms = start_utc_ms;
	m->success_utc_ms = last_success_utc_ms;
	buf_release(&clean);
	return m;
}

void metrics_free(struct metrics *m)
{
	size_t i, t;

	if (!m)
		return;
	for (i = 0; i < METRICS_STEPS; i++) {
		for (t = 0; t < m->steps[i].ntables; t++)
			free(m->steps[i].tables[t].name);
		free(m->steps[i].tables);
	}
	free(m->labels);
	free(m);
}

void metrics_look(struct metrics *m, enum metrics_step step, const struct counters *counters,
		  const char *const *names)
{
	struct step *s = &m->steps[step];
	size_t t;

	if (!s->ntables) {
		s->tables = mem_array(counters->ntables ? counters->ntables : 1,
				      sizeof(*s->tables));
		s->ntables = counters->ntables;
		for (t = 0; t < s->ntables; t++)
			s->tables[t].name = mem_strdup(names[t]);
	}
	for (t = 0; t < s->ntables; t++) {
		const struct table_counters *c = &counters->tables[t];
		struct numbers *n = &s->tables[t];

		n->rows_estimate = COUNTERS_GET(c, rows_estimate);
		n->rows_by_statistics = COUNTERS_GET(c, rows_by_statistics);
		n->rows_resumed = COUNTERS_GET(c, rows_resumed);
		n->rows_read = COUNTERS_GET(c, rows_read);
		n->items = COUNTERS_GET(c, items_written);
		n->skipped = COUNTERS_GET(c, rows_skipped);
		n->rejected = COUNTERS_GET(c, rows_rejected);
		n->bytes = COUNTERS_GET(c, bytes);
		n->wcu_milli = COUNTERS_GET(c, wcu_milli);
		n->scanned = COUNTERS_GET(c, items_scanned);
	}
	s->requests = COUNTERS_GET(counters, requests);
	s->retries = COUNTERS_GET(counters, retries);
	s->throttles = COUNTERS_GET(counters, throttles);
}

void metrics_verdict(struct metrics *m, size_t table, bool parity, uint64_t differences)
{
	struct numbers *n = &m->steps[METRICS_VERIFY].tables[table];

	n->judged = true;
	n->parity = parity;
	n->differences = differences;
}

void metrics_end(struct metrics *m, int exit_status, int64_t utc_ms)
{
	m->exit_status = exit_status;
	m->end_utc_ms = utc_ms;
	if (exit_status == 0)
		m->success_utc_ms = utc_ms;
}

/* ---- the text ------------------------------------------------------------------------------- */

static void add_head(struct buf *b, const char *name, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void add_milli(struct buf *b, uint64_t thousandths)
{
	buf_addf(b, " %llu", (unsigned long long)(thousandths / 1000));
	if (thousandths % 1000)
		buf_addf(b, ".%03u", (unsigned)(thousandths % 1000));
	buf_addc(b, '\n');
}

static void add_time(const struct metrics *m, struct buf *b, const char *name, const char *help,
		     int64_t ms)
{
	add_head(b, name, help);
	buf_addf(b, "%s{%s}", name, m->labels);
	add_milli(b, ms > 0 ? (uint64_t)ms : 0);
}

static void add_number(const struct metrics *m, struct buf *b, const char *name, const char *help,
		       int n)
{
	add_head(b, name, help);
	buf_addf(b, "%s{%s} %d\n", name, m->labels, n);
}

/* A number of each table, at 'offset' in struct numbers. */
static void add_tables(const struct metrics *m, struct buf *b, enum metrics_step step,
		       const char *name, const char *help, size_t offset, unsigned scale)
{
	const struct step *s = &m->steps[step];
	size_t t;

	add_head(b, name, help);
	for (t = 0; t < s->ntables; t++) {
		uint64_t n = *(const uint64_t *)(const void *)
			     ((const char *)&s->tables[t] + offset);

		buf_addf(b, "%s{%s,", name, m->labels);
		add_label(b, "table", s->tables[t].name);
		buf_addc(b, '}');
		add_milli(b, n * (1000 / scale));
	}
}

#define TABLES(step, name, field, help) \
	add_tables(m, out, step, name, help, offsetof(struct numbers, field), 1)

static void add_load(const struct metrics *m, struct buf *out)
{
	TABLES(METRICS_LOAD, "etl_load_rows_expected", rows_estimate,
	       "Rows to go through, an estimate until all ranges of keys are cut.");
	TABLES(METRICS_LOAD, "etl_load_rows_by_statistics", rows_by_statistics,
	       "The part of etl_load_rows_expected that nothing but MySQL's statistics tell, which may "
	       "be old.");
	TABLES(METRICS_LOAD, "etl_load_rows_resumed", rows_resumed,
	       "Rows that earlier runs of this load had done.");
	TABLES(METRICS_LOAD, "etl_load_rows_read", rows_read, "Rows read by this run.");
	TABLES(METRICS_LOAD, "etl_load_items_written", items,
	       "Items that DynamoDB acknowledged to this run.");
	TABLES(METRICS_LOAD, "etl_load_rows_rejected", rejected,
	       "Rows of this run that made no item.");
	TABLES(METRICS_LOAD, "etl_load_rows_skipped", skipped,
	       "Rows of this run whose item was there and stays.");
	TABLES(METRICS_LOAD, "etl_load_bytes_written", bytes,
	       "Bytes of the items written, as DynamoDB counts them.");
	add_tables(m, out, METRICS_LOAD, "etl_load_write_units",
		   "Write units that DynamoDB says were consumed.",
		   offsetof(struct numbers, wcu_milli), 1000);
}

static void add_verdicts(const struct metrics *m, struct buf *b)
{
	const struct step *s = &m->steps[METRICS_VERIFY];
	size_t t;

	add_head(b, "etl_verify_parity", "1: no difference was found in the table; 0: there is one. "
		 "Absent until the table is compared.");
	for (t = 0; t < s->ntables; t++) {
		if (!s->tables[t].judged)
			continue;
		buf_addf(b, "etl_verify_parity{%s,", m->labels);
		add_label(b, "table", s->tables[t].name);
		buf_addf(b, "} %d\n", s->tables[t].parity);
	}
}

static void add_verify(const struct metrics *m, struct buf *out)
{
	TABLES(METRICS_VERIFY, "etl_verify_rows_read", rows_read, "Rows read to be compared.");
	TABLES(METRICS_VERIFY, "etl_verify_items_expected", items, "Items that those rows make.");
	TABLES(METRICS_VERIFY, "etl_verify_rows_rejected", rejected,
	       "Rows that make no item, so that none is expected.");
	TABLES(METRICS_VERIFY, "etl_verify_items_scanned", scanned, "Items found in the target.");
	TABLES(METRICS_VERIFY, "etl_verify_differences", differences,
	       "Missing and extra items, and attributes that differ; with mode digest or count "
	       "look at etl_verify_parity.");
	add_verdicts(m, out);
}

static void add_requests(const struct metrics *m, struct buf *b, const char *name,
			 const char *help, size_t offset)
{
	size_t i;

	add_head(b, name, help);
	for (i = 0; i < METRICS_STEPS; i++) {
		const struct step *s = &m->steps[i];

		if (s->ntables)
			buf_addf(b, "%s{%s,step=\"%s\"} %llu\n", name, m->labels, step_names[i],
				 (unsigned long long)*(const uint64_t *)(const void *)
				 ((const char *)s + offset));
	}
}

void metrics_add_text(const struct metrics *m, int64_t utc_ms, struct buf *out)
{
	int64_t now_ms = m->end_utc_ms ? m->end_utc_ms : utc_ms;

	add_time(m, out, "etl_start_time_seconds", "When the newest run began.", m->start_utc_ms);
	add_time(m, out, "etl_duration_seconds", "How long it has taken.",
		 now_ms - m->start_utc_ms);
	add_number(m, out, "etl_running", "1 while it goes on. A run that was killed leaves 1: look at "
		   "the age of the file.", m->end_utc_ms == 0);
	if (m->end_utc_ms)
		add_number(m, out, "etl_exit_status", "How it ended, see etl(1).", m->exit_status);
	if (m->success_utc_ms)
		add_time(m, out, "etl_last_success_timestamp_seconds",
			 "When a run of this command last ended with status 0.",
			 m->success_utc_ms);
	if (m->steps[METRICS_LOAD].ntables)
		add_load(m, out);
	if (m->steps[METRICS_VERIFY].ntables)
		add_verify(m, out);
	add_requests(m, out, "etl_requests", "Requests to DynamoDB.",
		     offsetof(struct step, requests));
	add_requests(m, out, "etl_retries", "Requests sent again.", offsetof(struct step, retries));
	add_requests(m, out, "etl_throttles", "Answers that said: too fast.",
		     offsetof(struct step, throttles));
}
