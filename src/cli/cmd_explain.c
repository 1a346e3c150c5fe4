#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/backoff.h"
#include "cli/explain.h"

#define GET_TRIES 8

static int take_held(void *arg, struct str item_json, struct etl_err *err)
{
	struct explain *x = arg;

	(void)err;
	buf_reset(&x->held);
	buf_addstr(&x->held, item_json);
	x->target = EXPLAIN_HELD;
	return 0;
}

static int get_held(struct explain *x, struct sink_conn *conn, struct etl_err *err)
{
	struct clock *clock = x->s->clock;
	const struct table_def *def = &x->table->def;
	struct str key = buf_str(&x->key.json);
	struct backoff wait;
	unsigned try;

	backoff_init(&wait, 100, 2000, (uint64_t)clock->utc_ms(clock));
	for (try = 1;; try++) {
		struct etl_err why = { 0 };
		bool unprocessed = false;
		int rc = conn->ops->get(conn, def, &key, 1, &unprocessed, take_held, x, &why);

		if (rc == -ETL_ENOTFOUND) {
			x->target = EXPLAIN_NO_TABLE;
			return 0;
		}
		if (!rc && !unprocessed) {
			if (x->target != EXPLAIN_HELD)
				x->target = EXPLAIN_ABSENT;
			return 0;
		}
		if (rc && (!etl_errclass(rc)->retryable || try == GET_TRIES))
			return etl_err_copy(err, &why);
		if (try == GET_TRIES)
			return etl_err_set(err, ETL_ETHROTTLED, "DynamoDB gave no answer about the "
					   "key in %d tries", GET_TRIES);
		clock->sleep_ms(clock, backoff_next_ms(&wait), x->s->stop);
		if (stop_asked(x->s->stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped while fetching the item");
	}
}

static int ask_target(struct explain *x, struct etl_err *err)
{
	struct sink_conn *conn = NULL;
	int rc;

	if (x->key.parts[0].len > KEY_PK_MAX_BYTES || x->key.parts[1].len > KEY_SK_MAX_BYTES) {
		x->target = EXPLAIN_IMPOSSIBLE;
		return 0;
	}
	rc = session_open_sink(x->s, err);
	if (!rc)
		rc = x->s->sink->ops->open_conn(x->s->sink, &conn, err);
	if (!rc)
		rc = get_held(x, conn, err);
	if (conn)
		x->s->sink->ops->close_conn(conn);
	return rc;
}

static void take_difference(void *arg, struct str attribute, enum finding_how how,
			    const struct value *expected, const struct value *actual)
{
	struct explain *x = arg;

	x->differences = mem_grow(x->differences, &x->differences_cap, x->ndifferences + 1,
				  sizeof(*x->differences));
	x->differences[x->ndifferences++] = (struct explain_difference){
		attribute, how, expected, actual
	};
}

static int compare(struct explain *x, struct etl_err *err)
{
	struct value *both = arena_alloc(x->arena, 2 * sizeof(*both));
	int rc = value_from_item_json(x->arena, buf_str(&x->winner->item.json), &both[0], err);

	if (!rc)
		rc = value_from_item_json(x->arena, buf_str(&x->held), &both[1], err);
	if (!rc)
		compare_items(&both[0], &both[1], take_difference, x);
	return rc;
}

static int explain(struct explain *x, struct etl_err *err)
{
	int rc = session_plan(x->s, err);

	if (rc)
		return rc;
	x->table = &x->s->plan->tables[0];
	rc = explain_key_parse(x->s->opt->key, &x->table->def.keys, &x->key, err);
	if (rc)
		return rc;
	rc = explain_find(x, err);
	/* what DynamoDB holds is worth knowing, row or no row */
	if (!rc)
		rc = ask_target(x, err);
	if (!rc && x->winner && x->target == EXPLAIN_HELD)
		rc = compare(x, err);
	return rc;
}

static void not_found(const struct explain *x, struct etl_err *err)
{
	struct buf key = { 0 };
	bool where = false;
	size_t i;

	for (i = 0; i < x->table->nentities; i++)
		where |= x->table->entities[i].source.where_sql != NULL;
	buf_add_printable(&key, buf_str(&x->key.json));
	etl_err_set(err, ETL_ENOTFOUND, "no row of the source makes an item of table '%s' with the "
		    "key %s", x->table->def.name, buf_cstr(&key));
	if (where)
		etl_err_hint(err, "rows outside the contract's 'where' are no part of the "
			     "migration");
	buf_release(&key);
}

int cmd_explain(struct session *s, struct etl_err *err)
{
	struct explain x = { .s = s, .arena = arena_new() };
	struct buf out = { 0 };
	size_t i;

	if (!explain(&x, err) && !x.nrows)
		not_found(&x, err);
	if (s->opt->format == FORMAT_JSON)
		explain_json(&x, err, &out);
	else if (x.key.json.len && (x.nrows || x.target != EXPLAIN_NOT_ASKED))
		explain_text(&x, &out);
	if (s->opt->format == FORMAT_JSON)
		print_json(&out);
	else
		print_buf(&out);
	fflush(stdout);
	for (i = 0; i < x.nrows; i++) {
		item_release(&x.rows[i].item);
		reject_release(&x.rows[i].reject);
	}
	free(x.differences);
	buf_release(&x.held);
	buf_release(&out);
	explain_key_release(&x.key);
	arena_free(x.arena);
	return -(int)err->code;
}
