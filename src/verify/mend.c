#include "verify/mend.h"

#include "base/mem.h"
#include "model/item.h"
#include "model/value.h"

int mender_begin(struct mender *m, struct sink *sink, struct retry_watch *watch,
		 struct rate *rate, const struct stop *stop, uint64_t seed, struct etl_err *err)
{
	*m = (struct mender){ .rate = rate, .counters = watch->counters, .stop = stop };
	retry_init(&m->retry, watch, seed);
	return sink->ops->open_conn(sink, &m->conn, err);
}

void mender_end(struct mender *m)
{
	m->conn->ops->close_conn(m->conn);
	buf_release(&m->there);
}

/* Both may be absent. */
static bool same_item(struct str a_json, struct str b_json)
{
	struct etl_err unsaid = { 0 };
	struct arena *arena;
	struct value a, b;
	bool same;

	if (!a_json.len || !b_json.len)
		return !a_json.len && !b_json.len;
	arena = arena_new();
	same = value_from_item_json(arena, a_json, &a, &unsaid) == 0 &&
	       value_from_item_json(arena, b_json, &b, &unsaid) == 0 && value_equal(&a, &b);
	arena_free(arena);
	return same;
}

static int put_absent(struct mender *m, const struct table_def *def, struct str item_json,
		      struct put_result *result, struct etl_err *err)
{
	const struct put_condition condition = { .mode = WRITE_IF_ABSENT };
	struct put put = { .item_json = item_json, .size_bytes = item_json.len };
	struct buf key = { 0 };
	int rc = key_from_item_json(&def->keys, item_json, &key, err);

	put.key = buf_str(&key);
	if (rc == 0)
		rc = m->conn->ops->put(m->conn, def, &put, &condition, result, err);
	buf_release(&key);
	return rc;
}

static int take_there(void *arg, struct str item_json, struct etl_err *err)
{
	struct buf *there = arg;

	(void)err;
	buf_reset(there);
	buf_addstr(there, item_json);
	return 0;
}

static int look(struct mender *m, const struct mending *what, struct etl_err *err)
{
	bool unprocessed = false;
	int rc;

	buf_reset(&m->there);
	rc = m->conn->ops->get(m->conn, what->def, &what->key_json, 1, &unprocessed, take_there,
			       &m->there, err);
	COUNTERS_ADD(m->counters, rcu_milli, m->conn->consumed_rcu * 1000 + 0.5);
	if (rc == 0 && unprocessed)
		rc = etl_err_set(err, ETL_ETHROTTLED, "a read came back undone");
	return rc;
}

/*
 * A condition cannot say "and no other attribute": an item that is to be deleted is looked at before,
 * so that one that was given another attribute meanwhile stays.
 */
static int ask(struct mender *m, const struct mending *what, struct put_result *result,
	       struct etl_err *err)
{
	struct change change = { what->key_json, what->seen, what->wanted };
	int rc;

	if (!what->seen.ptr)
		return put_absent(m, what->def, what->wanted, result, err);
	if (!what->wanted.ptr) {
		rc = look(m, what, err);
		if (rc < 0)
			return rc;
		if (!same_item(buf_str(&m->there), what->seen)) {
			result->held = true;
			result->there = buf_str(&m->there);
			return 0;
		}
	}
	return m->conn->ops->change(m->conn, what->def, &change, result, err);
}

/*
 * The answer may be that to a second sending, or to a try after one whose answer was lost: then the
 * item is as it shall be by our own doing.
 */
static enum mended judge(const struct mending *what, const struct put_result *result, bool maybe)
{
	if (!result->held)
		return MENDED;
	if (!same_item(result->there, what->wanted))
		return MEND_CHANGED;
	return maybe ? MENDED : MENDED_ALREADY;
}

static double units_of(const struct mending *what)
{
	size_t bytes = what->seen.len > what->wanted.len ? what->seen.len : what->wanted.len;

	return item_write_units(bytes);
}

static int try_until_answered(struct mender *m, const struct mending *what, enum mended *out,
			      struct buf *deleted, struct etl_err *why, struct etl_err *err)
{
	double units = units_of(what);
	bool maybe = false;

	for (;;) {
		struct put_result result = { 0 };
		struct etl_err cause = { 0 };
		int rc;

		if (!rate_take(m->rate, 0, units, m->stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped before all was mended");
		COUNTERS_ADD(m->counters, requests, 1);
		rc = ask(m, what, &result, &cause);
		rate_answered(m->rate, 0, units, result.consumed_wcu, rc == -ETL_ETHROTTLED);
		COUNTERS_ADD(m->counters, wcu_milli, result.consumed_wcu * 1000 + 0.5);
		maybe |= result.maybe_twice || rc == -ETL_EUNKNOWN || rc == -ETL_ETRANSIENT;
		if (rc == 0 || rc == -ETL_EITEM)
			retry_progress(&m->retry);
		if (rc == 0) {
			*out = judge(what, &result, maybe);
			if (!result.held && !what->wanted.ptr)
				buf_addstr(deleted, result.there);
			return 0;
		}
		if (rc == -ETL_EITEM) {
			*out = MEND_REFUSED;
			etl_err_copy(why, &cause);
			return 0;
		}
		rc = retry_wait(&m->retry, &cause, m->stop, err);
		if (rc < 0)
			return rc;
	}
}

int mend(struct mender *m, const struct mending *what, enum mended *out, struct etl_err *why,
	 struct etl_err *err)
{
	struct buf deleted = { 0 };
	int rc = try_until_answered(m, what, out, &deleted, why, err);

	/* given another attribute since it was looked at: that moment is ours to mend */
	if (rc == 0 && deleted.len && !same_item(buf_str(&deleted), what->seen)) {
		const struct mending back = { .def = what->def, .key_json = what->key_json,
					      .wanted = buf_str(&deleted) };
		struct buf none = { 0 };

		rc = try_until_answered(m, &back, out, &none, why, err);
		*out = MEND_CHANGED;
	}
	buf_release(&deleted);
	return rc;
}
