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
	};

	return name_of(names, sizeof(names) / sizeof(*names), limit);
}
