#include "pipeline/write.h"

#include <assert.h>

#include "pipeline/put.h"

struct sending {
	struct writer *w;
	const struct table_def *def;
	size_t table_index;
	struct batch *b;
};

static void set_put(struct put *put, const struct batch *b, size_t i)
{
	const struct batch_item *item = &b->items[i];

	put->item_json = batch_str(b, item->json);
	put->key = batch_str(b, item->key);
	put->size_bytes = item->size_bytes;
}

/* What the items of 'mask' cost by their sizes. */
static double units_of(const struct batch *b, uint32_t mask)
{
	uint64_t units = 0;
	size_t i;

	for (i = 0; i < b->n; i++)
		if (mask & UINT32_C(1) << i)
			units += b->items[i].write_units;
	return (double)units;
}

/* Tells the rate what the attempt cost that ended with 'rc'. An answer that never came is taken for
 * one that cost what it may have cost. */
static void tell_rate(struct sending *s, double taken, int rc, uint32_t mask, uint32_t left,
		      double consumed)
{
	bool throttled = rc == -ETL_ETHROTTLED || (rc == 0 && left);
	double spent = rc == 0 ? consumed : rc == -ETL_EUNKNOWN ? taken : 0;

	if (rc == 0 && consumed <= 0)
		spent = units_of(s->b, mask & ~left);
	rate_answered(s->w->rate, s->table_index, taken, spent, throttled);
}

/* One attempt at the items of 'mask'. On 0 *left are those that are to be sent again. */
static int attempt(struct sending *s, uint32_t mask, uint32_t *left, struct etl_err *err)
{
	struct writer *w = s->w;
	struct put puts[BATCH_MAX_ITEMS];
	size_t at[BATCH_MAX_ITEMS], n = 0, i;
	struct write_result result = { 0 };
	double taken = units_of(s->b, mask);
	int rc;

	for (i = 0; i < s->b->n; i++) {
		if (mask & UINT32_C(1) << i) {
			set_put(&puts[n], s->b, i);
			at[n++] = i;
		}
	}
	if (!rate_take(w->rate, s->table_index, taken, w->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped before all was written");
	COUNTERS_ADD(w->counters, requests, 1);
	rc = w->conn->ops->write(w->conn, s->def, puts, n, &result, err);
	for (*left = 0, i = 0; i < n; i++)
		if (result.unprocessed & UINT32_C(1) << i)
			*left |= UINT32_C(1) << at[i];
	tell_rate(s, taken, rc, mask, *left, result.consumed_wcu);
	if (rc < 0)
		return rc;
	w->wcu_milli += (uint64_t)(result.consumed_wcu * 1000 + 0.5);
	w->written |= mask & ~*left;
	return 0;
}

static int send(struct sending *s, uint32_t mask, struct etl_err *err);

/* The lower half first, by count of items. */
static int halve(struct sending *s, uint32_t mask, struct etl_err *err)
{
	unsigned half = (unsigned)__builtin_popcount(mask) / 2, i;
	uint32_t low = 0;
	int rc;

	for (i = 0; half > 0; i++) {
		if (mask & UINT32_C(1) << i) {
			low |= UINT32_C(1) << i;
			half--;
		}
	}
	rc = send(s, low, err);
	return rc < 0 ? rc : send(s, mask & ~low, err);
}

static int refuse(struct sending *s, uint32_t mask, const struct etl_err *why, struct etl_err *err)
{
	retry_progress(&s->w->retry);
	if (mask & (mask - 1))
		return halve(s, mask, err);
	return s->w->refused(s->w->arg, s->b, (size_t)__builtin_ctz(mask), why, err);
}

static int send(struct sending *s, uint32_t mask, struct etl_err *err)
{
	struct writer *w = s->w;

	while (mask) {
		struct etl_err why = { 0 };
		uint32_t left = 0;
		int rc;

		if (stop_asked(w->stop))
			return etl_err_set(err, ETL_ESTOPPED, "stopped before all was written");
		rc = attempt(s, mask, &left, &why);
		if (rc == -ETL_EITEM)
			return refuse(s, mask, &why, err);
		if (rc == 0) {
			if (left != mask)
				retry_progress(&w->retry);
			COUNTERS_ADD(w->counters, unprocessed, __builtin_popcount(left));
			mask = left;
			if (mask == 0)
				break;
		}
		rc = retry_wait(&w->retry, rc < 0 ? &why : NULL, w->stop, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int write_batch(struct writer *w, const struct table_def *def, size_t table_index,
		struct batch *b, struct etl_err *err)
{
	struct sending s = { w, def, table_index, b };
	struct inflight_key keys[BATCH_MAX_ITEMS];
	size_t i;
	int rc;

	assert(b->n > 0 && b->n <= BATCH_MAX_ITEMS);
	w->written = w->replaced = w->skipped = w->same = 0;
	w->wcu_milli = 0;
	for (i = 0; i < b->n; i++) {
		keys[i].hash = b->items[i].hash;
		keys[i].hash.hi ^= (table_index + 1) * UINT64_C(0x9e3779b97f4a7c15);
	}
	if (!inflight_claim(w->inflight, keys, b->n, w->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped before all was written");
	rc = w->condition.mode == WRITE_OVERWRITE ? send(&s, (UINT32_C(1) << b->n) - 1, err)
						   : put_batch(w, def, table_index, b, err);
	inflight_release(w->inflight, keys, b->n);
	return rc;
}
