/* etl verify --continuous. */
#ifndef CLI_CONTINUOUS_H
#define CLI_CONTINUOUS_H

#include "cli/watch.h"
#include "verify/verify.h"

/*
 * After a first pass, whose result is 'result': says what differs, and verifies again and again,
 * saying what is new and what is gone, until a signal asks to stop. Then 0, and 'result' is of the
 * last pass that came to its end. Negative: a pass failed.
 */
int continuous_verify(struct session *s, const struct verify_job *job, struct watch *watch,
		      const struct work *work, struct verify_result *result, struct etl_err *err);

#endif
