/*
 * The contract, the source and the target, each looked at and none changed. A part that cannot be
 * looked at ends the run, but what is known by then is told.
 */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/backoff.h"
#include "base/log.h"
#include "cli/check.h"
#include "cli/policy.h"
#include "cli/quotes.h"
#include "report/text.h"
#include "sink/tables.h"

#define DESCRIBE_TRIES 5

static void find(struct check *c, enum check_level level, const char *code, const char *path,
		 const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static void find(struct check *c, enum check_level level, const char *code, const char *path,
		 const char *fmt, va_list ap)
{
	struct buf text = { 0 };

	buf_vaddf(&text, fmt, ap);
	c->findings = mem_grow(c->findings, &c->findings_cap, c->nfindings + 1,
			       sizeof(*c->findings));
	c->findings[c->nfindings++] = (struct check_finding){
		level == CHECK_WARNING && c->s->opt->strict ? CHECK_ERROR : level,
		code, path ? path : "",
		arena_strndup(c->arena, text.ptr, text.len)
	};
	buf_release(&text);
}

#define DEFINE_FIND(name, level) \
	static void name(struct check *c, const char *code, const char *path, const char *fmt, \
			 ...) __attribute__((format(printf, 4, 5))); \
	static void name(struct check *c, const char *code, const char *path, const char *fmt, \
			 ...) \
	{ \
		va_list ap; \
		va_start(ap, fmt); \
		find(c, level, code, path, fmt, ap); \
		va_end(ap); \
	}
DEFINE_FIND(wrong, CHECK_ERROR)
DEFINE_FIND(warn, CHECK_WARNING)
DEFINE_FIND(expect, CHECK_REJECT)

const char *check_target_name(enum check_target t)
{
	switch (t) {
	case TARGET_EQUAL: return "equal";
	case TARGET_MISSING: return "missing";
	case TARGET_INCOMPLETE: return "incomplete";
	case TARGET_DIFFERS: return "differs";
	case TARGET_UNKNOWN: break;
	}
	return "unknown";
}

const char *check_right_name(enum right_state state)
{
	return state == RIGHT_THERE ? "there" : state == RIGHT_MISSING ? "missing" : "unknown";
}

uint64_t check_search_rows(const struct plan_entity *e, const struct plan_lookup *l)
{
	uint64_t n = e->source.table->rows_estimate, m = l->target ? l->target->rows_estimate : 0;

	return n && m > UINT64_MAX / n ? UINT64_MAX : n * m;
}

void check_add_search(struct buf *b, const struct plan_entity *e, const struct plan_lookup *l)
{
	text_add_count(b, e->source.table->rows_estimate);
	buf_adds(b, " x ");
	text_add_count(b, l->target ? l->target->rows_estimate : 0);
	buf_adds(b, " = ");
	text_add_count(b, check_search_rows(e, l));
	buf_adds(b, " rows");
}

struct check_totals check_totals(const struct check *c)
{
	struct check_totals sum = { .all = true };
	size_t i, k;

	for (i = 0; c->surveyed && i < c->s->plan->ntables; i++) {
		for (k = 0; k < c->s->plan->tables[i].nentities; k++) {
			const struct survey_entity *e = &c->survey.tables[i].entities[k];

			sum.rows += e->rows;
			sum.items += survey_scaled(e, e->items);
			sum.bytes += survey_scaled(e, e->bytes);
			sum.units += survey_scaled(e, e->units);
			sum.looked_at += e->looked_at;
			sum.rejects += survey_rejects(e);
			sum.all &= e->all && !e->err.code;
		}
		sum.rejects += c->survey.tables[i].colliding_rows;
	}
	return sum;
}

static void judge_lookups(struct check *c, const struct plan_entity *e)
{
	struct buf rows = { 0 };
	size_t i;

	for (i = 0; i < e->nlookups; i++) {
		const struct plan_lookup *l = &e->lookups[i];

		if (l->may_match_many)
			warn(c, "lookup-many", l->path, "several rows of '%s' may match, of "
			     "which one counts: %s; a unique key over the columns of the condition "
			     "would rule that out", l->target ? l->target->name : "?", l->words);
		if (!l->no_index)
			continue;
		buf_reset(&rows);
		check_add_search(&rows, e, l);
		warn(c, "lookup-no-index", l->path, "no index of '%s' helps this join: for "
		     "each row of '%s' all of it is searched, up to %s (an estimate by the "
		     "server's statistics)", l->target ? l->target->name : "?",
		     e->entity->source_table, buf_cstr(&rows));
	}
	buf_release(&rows);
}

static void judge_entity(struct check *c, const struct plan_entity *p,
			 const struct survey_entity *e)
{
	size_t i;
	int code;

	if (e->err.code) {
		wrong(c, strstr(e->err.msg, "SELECT command denied") ? "right-missing"
		     : "rows-unreadable", e->err_path ? e->err_path : p->entity->path,
		     "entity '%s': %s", p->shape.entity, e->err.msg);
		return;
	}
	if (!e->looked_at)
		warn(c, "no-rows", p->entity->path, "entity '%s': no row of '%s' is part of "
		     "the migration", p->shape.entity, p->entity->source_table);
	for (code = REJECT_NONE + 1; code < REJECT_CODE_COUNT; code++)
		if (e->rejects[code])
			expect(c, "rejects", p->entity->path, "entity '%s': %llu of "
			     "%s%llu rows would be rejected as %s, the first because %s",
			     p->shape.entity, (unsigned long long)e->rejects[code],
			     e->all ? "all " : "the first ", (unsigned long long)e->looked_at,
			     reject_code_name((enum reject_code)code), e->examples[code]);
	for (i = 0; e->items && i < p->shape.nattrs; i++)
		if (!e->filled[i])
			warn(c, "attribute-empty", p->entity->path, "entity '%s': attribute "
			     "'%s' is in no item of %s%llu rows", p->shape.entity,
			     p->shape.attrs[i].name, e->all ? "all " : "the first ",
			     (unsigned long long)e->looked_at);
}

static void judge_table(struct check *c, size_t i)
{
	const struct plan_table *p = &c->s->plan->tables[i];
	const struct survey_table *t = &c->survey.tables[i];
	bool unread = false;
	size_t k;

	for (k = 0; k < p->nentities; k++) {
		judge_entity(c, &p->entities[k], &t->entities[k]);
		unread |= t->entities[k].err.code != 0;
	}
	if (t->err.code && !unread)
		wrong(c, "collisions-unknown", p->def.json_path, "table '%s': whether keys "
		     "collide could not be counted: %s", p->def.name, t->err.msg);
	if (t->colliding_rows)
		expect(c, "key-collision", p->def.json_path, "table '%s': %llu row%s would be "
		     "rejected as KEY_DUPLICATE: other rows have their %llu key%s", p->def.name,
		     (unsigned long long)t->colliding_rows, t->colliding_rows == 1 ? "" : "s",
		     (unsigned long long)t->colliding_keys, t->colliding_keys == 1 ? "" : "s");
}

static int survey(struct check *c, struct etl_err *err)
{
	const struct options *o = c->s->opt;
	int64_t rows = o->all ? 0 : o->sample != OPTION_UNSET ? o->sample : SURVEY_SAMPLE_ROWS;
	size_t i;
	int rc = survey_take(c->s, rows, &c->survey, err);

	if (rc)
		return rc;
	c->surveyed = true;
	for (i = 0; i < c->s->plan->ntables; i++)
		judge_table(c, i);
	return 0;
}

static void take_right(void *arg, enum right_state state, const char *right, const char *sentence)
{
	struct check *c = arg;

	c->rights = mem_grow(c->rights, &c->rights_cap, c->nrights + 1, sizeof(*c->rights));
	c->rights[c->nrights++] = (struct check_right){
		state, arena_strdup(c->arena, right), arena_strdup(c->arena, sentence)
	};
	if (state != RIGHT_THERE)
		warn(c, state == RIGHT_MISSING ? "right-missing" : "right-unknown", "",
		     "%s: %s", right, sentence);
}

static int try_rights(struct check *c, struct etl_err *err)
{
	const struct plan *plan = c->s->plan;
	const char **views;
	size_t i, k, n = 0;

	if (!c->s->source->ops->try_rights)
		return 0;
	for (i = 0; i < plan->ntables; i++)
		n += plan->tables[i].nentities + 1;
	views = arena_alloc(c->arena, (n + 1) * sizeof(*views));
	for (i = 0, n = 0; i < plan->ntables; i++) {
		for (k = 0; k < plan->tables[i].nentities; k++)
			views[n++] = plan->tables[i].entities[k].source.view;
		views[n++] = plan->tables[i].view;
	}
	return c->s->source->ops->try_rights(c->s->source, views, n, take_right, c, err);
}

/* What passes is tried again a few times: a check is no load. */
static int describe(struct check *c, struct sink_conn *conn, const char *table,
		    struct table_state *state, struct etl_err *err)
{
	struct clock *clock = c->s->clock;
	struct patience patience = { 0 };
	struct backoff wait;
	unsigned try;

	backoff_init(&wait, 100, 2000, (uint64_t)clock->utc_ms(clock));
	for (try = 1;; try++) {
		struct etl_err why = { 0 };

		*state = (struct table_state){ 0 };
		patience.began_ms = clock->now_ms(clock);
		if (conn->ops->describe(conn, table, state, &why) == 0)
			return 0;
		if (!etl_errclass(why.code)->retryable || try == DESCRIBE_TRIES)
			return etl_err_copy(err, &why);
		if (!patience_left(&patience, clock, &why, err))
			return -(int)why.code;
		clock->sleep_ms(clock, backoff_next_ms(&wait), c->s->stop);
		if (stop_asked(c->s->stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped while looking at table '%s'",
					   table);
	}
}

static void compare_table(struct check *c, size_t at, const struct table_state *state)
{
	const struct table_def *def = &c->s->plan->tables[at].def;
	struct tables_diff diff;
	size_t i;

	tables_compare(def, &state->def, &diff);
	c->targets[at] = diff.differences.n ? TARGET_DIFFERS
		       : diff.nmissing || !state->active ? TARGET_INCOMPLETE : TARGET_EQUAL;
	c->target_items[at] = state->item_count;
	if (c->quoted)
		quote_settings(&c->quote.tables[at], &state->def);
	for (i = 0; i < diff.differences.n; i++)
		wrong(c, "table-differs", def->json_path, "%s", diff.differences.text[i]);
	for (i = 0; i < diff.nmissing; i++)
		warn(c, "index-missing", def->json_path, "table '%s': index '%s' is in the "
		     "contract, but not in DynamoDB; 'etl create-tables' adds it", def->name,
		     def->indexes[diff.missing[i]].name);
	for (i = 0; i < diff.warnings.n; i++)
		warn(c, "table-setting", def->json_path, "%s", diff.warnings.text[i]);
	if (!state->active)
		warn(c, "table-not-active", def->json_path, "table '%s' is %s%s", def->name,
		     state->status ? state->status : "not ACTIVE",
		     state->nbackfilling ? ", with indexes being built" : "");
	tables_diff_release(&diff);
}

static bool is_denied(const struct etl_err *err)
{
	return strstr(err->msg, "AccessDenied") != NULL;
}

static int check_target(struct check *c, struct etl_err *err)
{
	const struct plan *plan = c->s->plan;
	struct sink_conn *conn = NULL;
	size_t i;
	int rc = session_open_sink(c->s, err);

	if (rc)
		return rc;
	c->targets = arena_alloc(c->arena, plan->ntables * sizeof(*c->targets));
	c->target_items = arena_alloc(c->arena, plan->ntables * sizeof(*c->target_items));
	rc = c->s->sink->ops->open_conn(c->s->sink, &conn, err);
	for (i = 0; i < plan->ntables && !rc; i++) {
		const struct table_def *def = &plan->tables[i].def;
		struct etl_err one = { 0 };
		struct table_state state;

		rc = describe(c, conn, def->name, &state, &one);
		if (rc == 0) {
			compare_table(c, i, &state);
			arena_free(state.arena);
		} else if (rc == -ETL_ENOTFOUND) {
			c->targets[i] = TARGET_MISSING;
			rc = 0;
		} else if (is_denied(&one)) {
			warn(c, "right-missing", def->json_path, "dynamodb:DescribeTable: "
			     "%s", one.msg);
			rc = 0;
		} else {
			etl_err_copy(err, &one);
		}
	}
	if (conn)
		c->s->sink->ops->close_conn(conn);
	return rc;
}

/* What the rows looked at tell of the whole table. Of rows that share a key all but one are
 * rejects: which, the survey does not know, so their units are taken to be like the others'. */
static void add_survey(struct quote *q, size_t at, const struct plan_table *p,
		       const struct survey_table *v)
{
	struct quote_table *t = &q->tables[at];
	double share = 1;
	size_t k, x;

	t->def = &p->def;
	quote_settings(t, t->def);
	for (k = 0; k < p->nentities; k++) {
		const struct survey_entity *e = &v->entities[k];

		t->items += survey_scaled(e, e->items);
		t->bytes += survey_scaled(e, e->bytes);
		t->units += survey_scaled(e, e->units);
		for (x = 0; x < p->def.nindexes; x++)
			t->index_units[x] += survey_scaled(e, e->index_units[x]);
		q->estimate |= !e->all || e->err.code;
	}
	if (!v->colliding_rows || v->colliding_rows > t->items)
		return;
	q->estimate = true;
	share -= (double)v->colliding_rows / (double)t->items;
	t->items -= v->colliding_rows;
	t->bytes = (uint64_t)((double)t->bytes * share + 0.5);
	t->units = (uint64_t)((double)t->units * share + 0.5);
	for (x = 0; x < p->def.nindexes; x++)
		t->index_units[x] = (uint64_t)((double)t->index_units[x] * share + 0.5);
}

/* With the contract's settings; those of tables that are there come with the look at the target. */
static void begin_quote(struct check *c)
{
	const struct plan *plan = c->s->plan;
	size_t i;

	c->quote = quotes_new(c->s, "check");
	c->quote.ntables = plan->ntables;
	c->quote.tables = mem_array(plan->ntables ? plan->ntables : 1, sizeof(*c->quote.tables));
	for (i = 0; i < plan->ntables; i++)
		add_survey(&c->quote, i, &plan->tables[i], &c->survey.tables[i]);
	c->quoted = true;
}

static void end_quote(struct check *c)
{
	size_t i, k;

	quote_reckon(&c->quote);
	for (i = 0; i < c->s->plan->ntables; i++)
		for (k = 0; k < c->s->plan->tables[i].nentities; k++)
			if (c->survey.tables[i].entities[k].err.code)
				return;		/* what could not be read is not in the sum */
	quotes_keep(c->s, &c->quote);
}

/* What is wrong with the contract by itself counts for more than a server that is not there. */
static int plan(struct check *c, struct etl_err *err)
{
	struct etl_err later = { 0 };
	const struct diags *d = &c->s->diags;
	size_t n;
	int rc = session_read_contract(c->s, err);

	if (rc)
		return rc;
	n = c->s->opt->strict ? d->nwarnings : 0;
	rc = session_plan(c->s, &later);
	if (rc && n && later.code != ETL_ECONTRACT) {
		log_error("%s", later.msg);
		return etl_err_set(err, ETL_ECONTRACT, "'%s' has %zu error%s", c->s->opt->contract,
				   n, n == 1 ? "" : "s");
	}
	return rc ? etl_err_copy(err, &later) : 0;
}

/* Each part that can be looked at. Rights and target do not wait for the rows. */
static int look(struct check *c, struct etl_err *err)
{
	bool text = c->s->opt->format == FORMAT_TEXT;
	size_t i, k;
	int rc = plan(c, err);

	if (rc)
		return rc;
	c->planned = true;
	for (i = 0; i < c->s->plan->ntables; i++)
		for (k = 0; k < c->s->plan->tables[i].nentities; k++)
			judge_lookups(c, &c->s->plan->tables[i].entities[k]);
	if (text)
		check_text_plan(c);
	rc = survey(c, err);
	if (rc)
		return rc;
	if (text)
		check_text_survey(c);
	rc = try_rights(c, err);
	if (rc)
		return rc;
	if (text)
		check_text_rights(c);
	begin_quote(c);
	rc = check_target(c, err);
	if (text && c->targets)
		check_text_target(c);
	end_quote(c);
	if (text)
		check_text_quote(c);
	return rc;
}

static void count(struct check *c)
{
	bool strict = c->s->opt->strict;
	size_t i;

	c->nerrors = c->s->diags.nerrors + (strict ? c->s->diags.nwarnings : 0);
	c->nwarnings = strict ? 0 : c->s->diags.nwarnings;
	for (i = 0; i < c->nfindings; i++) {
		c->nerrors += c->findings[i].level == CHECK_ERROR;
		c->nwarnings += c->findings[i].level == CHECK_WARNING;
	}
}

int cmd_check(struct session *s, struct etl_err *err)
{
	struct check c = { .s = s, .arena = arena_new() };

	if (s->opt->policy) {
		arena_free(c.arena);
		return session_plan(s, err) ? -(int)err->code : policy_show(s, err);
	}
	s->show_notes = true;
	s->strict_at_end = true;
	if (!quotes_read_prices(s, err))
		look(&c, err);
	count(&c);
	if (!err->code && c.nerrors)
		etl_err_set(err, ETL_ECONTRACT, "%zu error%s found", c.nerrors,
			    c.nerrors == 1 ? "" : "s");
	if (s->opt->format == FORMAT_JSON)
		check_json(&c, err);
	else if (c.planned)
		check_text_end(&c);
	fflush(stdout);
	survey_release(&c.survey);
	free(c.findings);
	free(c.rights);
	quote_release(&c.quote);
	arena_free(c.arena);
	return -(int)err->code;
}
