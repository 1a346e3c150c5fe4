/*
 * tables_ensure is a loop that looks at the table, takes one step towards what is wanted and looks
 * again, so that a lost answer, another creator or an earlier run cut short need no case of their
 * own: whatever happened, describe shows it.
 */
#include "sink/tables.h"

#include <stdio.h>
#include "base/backoff.h"
#include "base/log.h"

#define FIRST_CONTACT_TRIES 5	/* an endpoint that never answered is most likely a wrong one */
#define TIME_OUT_MS 5000	/* a failure that took so long was no answer */
#define CREATE_TRIES 8		/* "it exists already", and describe says it does not */
#define LAST_TRY_MS 5000	/* of patience left: too little for another try */
#define SAY_EVERY_MS 30000	/* of waiting */

struct ensuring {
	const struct table_def *def;
	const struct tables_options *o;
	struct clock *clock;
	struct sink_conn *conn;
	struct backoff poll, retry;
	struct patience patience;
	int64_t deadline_ms;		/* 0: none */
	bool answered;			/* the service spoke to us at least once */
	bool created;			/* CreateTable was accepted and the table not seen since */
	bool seen;			/* it was there at some time */
	unsigned uncreated;		/* creations refused in a row, each for something that passes */
	bool warned;
	bool index_asked[MAX_INDEXES];	/* accepted, perhaps not yet shown */
	char status[64];		/* what it last was, for the message at the time limit */
	struct etl_err last;		/* the failure being retried */
	struct etl_err refused;		/* the last failure since the table was seen, for the waiting */
	int64_t begin_ms, said_ms;
};

enum step { STEP_DONE = 1, STEP_AGAIN = 2 };	/* what a step gives besides errors */

static void report(struct ensuring *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void report(struct ensuring *e, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	if (!e->o->report)
		return;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	e->o->report(e->o->report_arg, buf_cstr(&text));
	buf_release(&text);
}

static int timed_out(struct ensuring *e, struct etl_err *err)
{
	if (e->last.code)
		return etl_err_copy(err, &e->last);
	etl_err_set(err, ETL_ETRANSIENT, "table '%s' is not ready after %lld s: it is %s",
		    e->def->name, (long long)(e->o->timeout_ms / 1000), e->status);
	etl_err_hint(err, "DynamoDB goes on by itself; run the same command again to wait on");
	return -ETL_ETRANSIENT;
}

static void say_why_it_takes(struct ensuring *e)
{
	int64_t now_ms = e->clock->now_ms(e->clock);

	if (now_ms - e->said_ms < SAY_EVERY_MS)
		return;
	e->said_ms = now_ms;
	report(e, "table '%s' is not ready after %lld s: %s", e->def->name,
	       (long long)((now_ms - e->begin_ms) / 1000),
	       e->refused.code ? e->refused.msg : e->status);
}

/* Sleeps. STEP_AGAIN, or an error where it is time to end. */
static int wait_ms(struct ensuring *e, int64_t ms, struct etl_err *err)
{
	int64_t left;

	say_why_it_takes(e);

	if (e->deadline_ms) {
		left = e->deadline_ms - e->clock->now_ms(e->clock);
		if (left <= 0)
			return timed_out(e, err);
		if (ms > left)
			ms = left;
	}
	e->clock->sleep_ms(e->clock, ms, e->o->stop);
	if (stop_asked(e->o->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped while waiting for table '%s'",
				   e->def->name);
	return STEP_AGAIN;
}

static int poll_again(struct ensuring *e, struct etl_err *err)
{
	return wait_ms(e, backoff_next_ms(&e->poll), err);
}

bool patience_left(struct patience *p, struct clock *clock, const struct etl_err *why,
		   struct etl_err *err)
{
	int64_t took_ms = clock->now_ms(clock) - p->began_ms;

	if (took_ms < TIME_OUT_MS)
		return true;
	p->silent_ms += took_ms;
	if (PATIENCE_MS - p->silent_ms < LAST_TRY_MS) {
		etl_err_set(err, why->code, "%s, given up after %lld s", why->msg,
			    (long long)(p->silent_ms / 1000));
		if (why->hint[0])
			etl_err_hint(err, "%s", why->hint);
		return false;
	}
	if (p->silent_ms == took_ms)
		log_warn("%s; trying again for up to %d s", why->msg, PATIENCE_MS / 1000);
	return true;
}

/* A call failed: later again, or its error is the end. */
static int failed(struct ensuring *e, const struct etl_err *why, struct etl_err *err)
{
	if (!etl_errclass(why->code)->retryable)
		return etl_err_copy(err, why);
	if (!patience_left(&e->patience, e->clock, why, err))
		return -(int)why->code;
	if (!e->answered && e->retry.tries + 1 >= FIRST_CONTACT_TRIES)
		return etl_err_copy(err, why);
	e->last = e->refused = *why;
	log_debug("table '%s': %s; trying again", e->def->name, why->msg);
	return wait_ms(e, backoff_next_ms(&e->retry), err);
}

static void succeeded(struct ensuring *e)
{
	etl_err_clear(&e->last);
	backoff_reset(&e->retry);
	e->patience.silent_ms = 0;
}

static void begin_call(struct ensuring *e)
{
	e->patience.began_ms = e->clock->now_ms(e->clock);
}

static int create_table(struct ensuring *e, struct etl_err *err)
{
	struct etl_err why = { 0 };

	if (!e->refused.code)
		report(e, "creating table '%s'", e->def->name);
	begin_call(e);
	if (e->conn->ops->create(e->conn, e->def, &why) != 0) {
		if (why.code != ETL_ETRANSIENT || ++e->uncreated < CREATE_TRIES)
			return failed(e, &why, err);
		etl_err_copy(err, &why);
		etl_err_hint(err, "if it is said to exist: DynamoDB Local takes tables whose names "
			     "differ only in case for one");
		return -(int)why.code;
	}
	succeeded(e);
	e->uncreated = 0;
	e->created = true;
	return STEP_AGAIN;
}

static int not_there(struct ensuring *e, const struct etl_err *why, struct etl_err *err)
{
	if (!e->uncreated)
		succeeded(e);
	if (!e->o->create)
		return etl_err_copy(err, why);
	if (!e->created)
		return create_table(e, err);
	if (e->seen)
		return etl_err_set(err, ETL_ESINK, "table '%s' has vanished: somebody deleted it",
				   e->def->name);
	/* Accepted, but the service does not show it everywhere yet. */
	snprintf(e->status, sizeof(e->status), "not there yet");
	return poll_again(e, err);
}

static int differs(const struct ensuring *e, const struct tables_diff *diff, struct etl_err *err)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < diff->differences.n; i++)
		buf_addf(&text, "%s%s", text.len ? "\n" : "", diff->differences.text[i]);
	for (size_t i = 0; i < diff->nmissing && !e->o->create; i++)
		buf_addf(&text, "%stable '%s': index '%s' is in the contract, but not in DynamoDB",
			 text.len ? "\n" : "", e->def->name,
			 e->def->indexes[diff->missing[i]].name);
	etl_err_set(err, ETL_ESINK, "%s", buf_cstr(&text));
	buf_release(&text);
	if (diff->differences.n)
		etl_err_hint(err, "etl never deletes a table: change the contract, use "
			     "--table-prefix, or delete the table or index yourself");
	else
		etl_err_hint(err, "`etl create-tables` adds missing indexes");
	return -ETL_ESINK;
}

static int add_index(struct ensuring *e, size_t i, struct etl_err *err)
{
	const struct index_def *index = &e->def->indexes[i];
	struct etl_err why = { 0 };

	if (e->index_asked[i])
		return poll_again(e, err);
	report(e, "adding index '%s' to table '%s'", index->name, e->def->name);
	begin_call(e);
	if (e->conn->ops->create_index(e->conn, e->def, index, &why) != 0)
		return failed(e, &why, err);
	succeeded(e);
	e->index_asked[i] = true;
	backoff_reset(&e->poll);
	return STEP_AGAIN;
}

static int configure(struct ensuring *e, struct etl_err *err)
{
	struct etl_err why = { 0 };

	if (!e->o->create || (!e->def->ttl_attribute && !e->def->point_in_time_recovery))
		return STEP_DONE;
	begin_call(e);
	if (e->conn->ops->configure(e->conn, e->def, &why) != 0)
		return failed(e, &why, err);
	succeeded(e);
	return STEP_DONE;
}

static int is_there(struct ensuring *e, const struct table_state *state, struct etl_err *err)
{
	const char *status = state->status ? state->status : "";
	struct tables_diff diff;
	int rc;

	succeeded(e);
	etl_err_clear(&e->refused);
	snprintf(e->status, sizeof(e->status), "%s", status);
	if (strcmp(status, "DELETING") == 0) {
		e->created = false;
		return poll_again(e, err);
	}
	if (!state->active && strcmp(status, "CREATING") != 0 &&
	    strcmp(status, "UPDATING") != 0 && strcmp(status, "ACTIVE") != 0)
		return etl_err_set(err, ETL_ESINK, "table '%s' cannot be used: it is %s",
				   e->def->name, status);
	e->seen = true;
	if (e->o->id) {
		buf_reset(e->o->id);
		buf_adds(e->o->id, state->id ? state->id : "");
	}
	tables_compare(e->def, &state->def, &diff);
	for (size_t i = 0; i < diff.warnings.n && !e->warned; i++)
		log_warn("%s", diff.warnings.text[i]);
	e->warned = true;
	if (diff.differences.n || (diff.nmissing && !e->o->create)) {
		rc = differs(e, &diff, err);
	} else if (!state->active) {
		if (state->nbackfilling && strcmp(status, "CREATING") != 0)
			snprintf(e->status, sizeof(e->status), "%s with %zu indexes being built",
				 status, state->nbackfilling);
		rc = poll_again(e, err);
	} else if (diff.nmissing) {
		rc = add_index(e, diff.missing[0], err);
	} else {
		rc = configure(e, err);
	}
	tables_diff_release(&diff);
	return rc;
}

static int step(struct ensuring *e, struct etl_err *err)
{
	struct table_state state = { 0 };
	struct etl_err why = { 0 };
	int rc;

	begin_call(e);
	rc = e->conn->ops->describe(e->conn, e->def->name, &state, &why);
	if (rc == 0) {
		e->answered = true;
		rc = is_there(e, &state, err);
		arena_free(state.arena);
		return rc;
	}
	if (rc == -ETL_ENOTFOUND) {
		e->answered = true;
		return not_there(e, &why, err);
	}
	if (why.code == ETL_ETHROTTLED)
		e->answered = true;
	return failed(e, &why, err);
}

int tables_ensure(struct sink *sink, const struct table_def *def,
		  const struct tables_options *options, struct etl_err *err)
{
	struct ensuring e = { .def = def, .o = options, .status = "unknown" };
	int rc;

	e.clock = options->clock ? options->clock : clock_real();
	e.begin_ms = e.said_ms = e.clock->now_ms(e.clock);
	if (options->timeout_ms > 0)
		e.deadline_ms = e.begin_ms + options->timeout_ms;
	backoff_init(&e.poll, 100, 5000, (uint64_t)e.clock->now_ms(e.clock));
	backoff_init(&e.retry, 250, 10000, (uint64_t)e.clock->utc_ms(e.clock));
	rc = sink->ops->open_conn(sink, &e.conn, err);
	if (rc)
		return rc;
	do {
		if (stop_asked(options->stop))
			rc = etl_err_set(err, ETL_ESTOPPED, "stopped before table '%s' was ready",
					 def->name);
		else
			rc = step(&e, err);
	} while (rc == STEP_AGAIN);
	sink->ops->close_conn(e.conn);
	if (rc == STEP_DONE) {
		report(&e, "table '%s' is ACTIVE", def->name);
		return 0;
	}
	return rc;
}
