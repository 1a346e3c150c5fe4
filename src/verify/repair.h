/*
 * Repair: what a verify found missing or different is written, and what it found to be of no row is
 * deleted if that is wanted, each under the condition that the item is still as it was seen.
 *
 * The rows are read once more before anything is written, in a snapshot that is younger than all
 * items as they were seen: a row that changed since makes the item of today, and an item that became
 * right meanwhile is left alone. So an item is changed only if it is as it was before the row was
 * read. What was in the way of a change is then verified like the rest.
 *
 * An undo file (verify/undo.h) is written before; it is durable before each change. A repair that was
 * killed has changed nothing that its undo file does not hold; the next one finds what is left.
 *
 * Then both sides of all that was found are read again, in a new snapshot, and the result's counts,
 * findings and verdict are those of then.
 *
 * Reads the rows three times in all: to find, to repair and to verify again. Memory: as a verify, and
 * 24 bytes a slot for at most VERIFY_MAX_KEYS keys; with more, the last two are done in parts.
 */
#ifndef VERIFY_REPAIR_H
#define VERIFY_REPAIR_H

#include "verify/verify.h"
#include "verify/wrongs.h"

struct repair_job {
	const struct verify_job *verify;	/* as it was verified, its wrongs included */
	const char *undo_path;			/* made when the first change is due */
	bool delete_extra;
	uint64_t max_wcu;			/* 0: no limit */
};

/*
 * 'result' is that of the verify and becomes that of the repair. 0: all was tried and verified again,
 * result->parity tells. Negative: not all; result->repair tells what was done.
 */
int repair_run(const struct repair_job *job, struct verify_result *result, struct etl_err *err);

#endif
