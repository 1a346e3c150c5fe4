#include "pipeline/put.h"

#include "base/mem.h"
#include "model/value.h"

#define WCU_BYTES 1024

static bool is_same(const struct value *there, struct arena *arena, struct str item_json)
{
	struct etl_err ignored = { 0 };
	struct value ours;

	return value_from_item_json(arena, item_json, &ours, &ignored) == 0 &&
	       value_equal(there, &ours);
}

/* A put that is refused by its condition costs what the larger of both items would. The service
 * does not say so in its answer, only in its manual. */
static uint64_t refused_wcu_milli(size_t ours_bytes, size_t there_bytes)
{
	size_t bytes = ours_bytes > there_bytes ? ours_bytes : there_bytes;

	return (bytes + WCU_BYTES - 1) / WCU_BYTES * 1000;
}

/* An item is there and stays. Is it ours? */
static void settle_held(struct writer *w, const struct batch *b, size_t i,
			const struct put_result *r, bool maybe_written)
{
	struct arena *arena = arena_new();
	struct etl_err ignored = { 0 };
	struct value there;
	bool readable = value_from_item_json(arena, r->there, &there, &ignored) == 0;
	bool same = readable && is_same(&there, arena, batch_str(b, b->items[i].json));

	if (same && maybe_written) {
		w->written |= UINT32_C(1) << i;
	} else {
		w->skipped |= UINT32_C(1) << i;
		w->same |= (uint32_t)same << i;
	}
	w->wcu_milli += refused_wcu_milli(b->items[i].size_bytes,
					  readable ? value_item_size_bytes(&there) : 0);
	arena_free(arena);
}

static void settle(struct writer *w, const struct batch *b, size_t i, const struct put_result *r,
		   bool maybe_written)
{
	w->wcu_milli += (uint64_t)(r->consumed_wcu * 1000 + 0.5);
	if (r->held) {
		settle_held(w, b, i, r, maybe_written);
		return;
	}
	w->written |= UINT32_C(1) << i;
	w->replaced |= (uint32_t)r->replaced << i;
}

/* As write.c's: what it may have cost where no answer came, by its size where the answer says
 * nothing. */
static double spent(int rc, double taken, uint64_t wcu_milli)
{
	if (rc == 0)
		return wcu_milli ? (double)wcu_milli / 1000 : taken;
	return rc == -ETL_EUNKNOWN ? taken : 0;
}

static int put_item(struct writer *w, const struct table_def *def, size_t table_index,
		    struct batch *b, size_t i, struct etl_err *err)
{
	const struct batch_item *item = &b->items[i];
	struct put put = { batch_str(b, item->json), batch_str(b, item->key), item->size_bytes };
	bool maybe_written = w->begun_before;
	double taken = item->write_units;

	for (;;) {
		struct put_result result = { 0 };
		struct etl_err why = { 0 };
		uint64_t before = w->wcu_milli;
		int rc;

		if (!rate_take(w->rate, table_index, taken, w->stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped before all was written");
		COUNTERS_ADD(w->counters, requests, 1);
		rc = w->conn->ops->put(w->conn, def, &put, &w->condition, &result, &why);
		/* A 503 is said to mean "not done"; to doubt it costs nothing. */
		maybe_written |= result.maybe_twice || rc == -ETL_EUNKNOWN || rc == -ETL_ETRANSIENT;
		if (rc == 0)
			settle(w, b, i, &result, maybe_written);
		rate_answered(w->rate, table_index, taken,
			      spent(rc, taken, w->wcu_milli - before), rc == -ETL_ETHROTTLED);
		if (rc == 0 || rc == -ETL_EITEM)
			retry_progress(&w->retry);
		if (rc == -ETL_EITEM)
			return w->refused(w->arg, b, i, &why, err);
		if (rc == 0)
			return 0;
		rc = retry_wait(&w->retry, &why, w->stop, err);
		if (rc < 0)
			return rc;
	}
}

int put_batch(struct writer *w, const struct table_def *def, size_t table_index, struct batch *b,
	      struct etl_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < b->n && rc == 0; i++)
		rc = put_item(w, def, table_index, b, i, err);
	return rc;
}
