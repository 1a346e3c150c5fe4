#include "pipeline/counters.h"

#include <stddef.h>

static const char *name_of(const char *const *names, size_t n, int i)
{
	return i >= 0 && (size_t)i < n ? names[i] : "";
}

const char *run_phase_name(int phase)
{
	static const char *const names[] = {
		[PHASE_STARTING] = "starting", [PHASE_DUPLICATES] = "duplicates",
		[PHASE_MOVING] = "moving", [PHASE_EXTRA] = "extra",
		[PHASE_FINISHING] = "finishing",
	};

	return name_of(names, sizeof(names) / sizeof(*names), phase);
}

const char *run_limit_name(int limit)
{
	static const char *const names[] = {
		[LIMIT_NONE] = "", [LIMIT_SOURCE] = "source", [LIMIT_TARGET] = "target",
		[LIMIT_THROTTLED] = "throttled", [LIMIT_RATE] = "rate",
		[LIMIT_PROCESSOR] = "processor",
	};

	return name_of(names, sizeof(names) / sizeof(*names), limit);
}

void counters_table_is(struct counters *c, size_t index, enum table_how_far how_far)
{
	if (index < c->ntables)
		COUNTERS_SET(&c->tables[index], how_far, (int)how_far);
}

bool counters_table_done(const struct counters *c, size_t index)
{
	const struct table_counters *t = &c->tables[index];
	int how_far = COUNTERS_GET(t, how_far);

	if (how_far == TABLE_HANDED_OUT && !c->more_than_rows)
		return COUNTERS_GET(t, units_out) == 0;
	return how_far == TABLE_DONE;
}

/* Of the run or of a table. */
#define FORGET(c)					\
	do {						\
		COUNTERS_SET(c, rows_resumed, 0);	\
		COUNTERS_SET(c, rows_read, 0);		\
		COUNTERS_SET(c, items_written, 0);	\
		COUNTERS_SET(c, rows_skipped, 0);	\
		COUNTERS_SET(c, rows_rejected, 0);	\
		COUNTERS_SET(c, bytes, 0);		\
		COUNTERS_SET(c, items_scanned, 0);	\
	} while (0)

void counters_forget(struct counters *c)
{
	FORGET(c);
	COUNTERS_SET(c, units_planned, 0);
	COUNTERS_SET(c, units_done, 0);
}

void counters_table_forget(struct counters *c, size_t index)
{
	struct table_counters *t;

	if (index >= c->ntables)
		return;
	t = &c->tables[index];
	COUNTERS_SET(t, how_far, TABLE_WAITS);
	COUNTERS_SET(t, units_out, 0);
	COUNTERS_SET(t, rows_gone_through, 0);
	FORGET(t);
}
