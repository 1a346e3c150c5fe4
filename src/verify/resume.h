/*
 * Going on with a verify that was stopped, killed, or lost a server, from its last ranges.
 *
 * Kept are the sums of the first pass with what belongs to them: which units of rows and which
 * pages of the target's scans are in them. They are written down (checkpoint/kept.h) about every
 * RESUME_SAVE_MS, and when the pass ends in whatever way; what a killed run did after that is read
 * again. A table's first pass that is at its end is not begun again, its second one is.
 *
 * The verify begins anew, and a line of the log says why, where the contract, the source, a target
 * table, the mode, the workers or the program is another one, or where the run before it was
 * stopped more than RESUME_MAX_AGE_MS ago. What is kept is gone when all tables are compared, when
 * one's sums do not hold, and when a load or a repair begins.
 */
#ifndef VERIFY_RESUME_H
#define VERIFY_RESUME_H

#include <stdbool.h>
#include "checkpoint/checkpoint.h"
#include "verify/verify.h"

#define RESUME_SAVE_MS 1000
#define RESUME_MAX_AGE_MS (12 * 3600 * INT64_C(1000))	/* a nightly verify is of one night */

struct resume;

struct resume_settings {		/* borrowed until resume_close */
	const char *dir;		/* the state directory */
	bool locked;			/* by this process */
	bool restart;			/* what is there is not wanted */
	const struct checkpoint_identity *ids;	/* for each table; write_mode is not looked at */
};

/* For job->resume, of a job of mode full or digest. NULL: nothing can be kept; the log says why. */
struct resume *resume_open(const struct verify_job *job, const struct resume_settings *settings);
void resume_close(struct resume *r);	/* what is kept stays; NULL is fine */

#endif
