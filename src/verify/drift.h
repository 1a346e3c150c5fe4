/*
 * Drift: what differs now and did not before, and the other way round. Two findings are one if they
 * are of the same table, kind, key and attribute, whatever the values. Pure.
 */
#ifndef VERIFY_DRIFT_H
#define VERIFY_DRIFT_H

#include "verify/verify.h"

/* Calls 'each' for every finding that is kept in one of both only, in their order. 'before' may be a
 * zeroed result. */
void drift_each(const struct verify_result *before, const struct verify_result *now,
		void (*each)(void *arg, bool is_new, const struct finding *f), void *arg);

#endif
