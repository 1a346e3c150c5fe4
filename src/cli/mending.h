/* What etl verify does besides looking: --repair and --undo. */
#ifndef CLI_MENDING_H
#define CLI_MENDING_H

#include "cli/session.h"
#include "verify/verify.h"

/*
 * Asks, and repairs what a verify found. 'job' has wrongs. 1: done and verified again, as 'result'
 * now says; 0: there is nothing to repair, or the user said no; negative: error.
 */
int mending_repair(struct session *s, const struct verify_job *job, struct verify_result *result,
		   struct arena *arena, struct etl_err *err);

/* etl verify --undo: needs neither the contract nor the source. */
int mending_undo(struct session *s, struct etl_err *err);

#endif
