/* What `etl load --from-rejects FILE` has besides a load: which rows, and where rejects go. */
#ifndef CLI_FROM_REJECTS_H
#define CLI_FROM_REJECTS_H

#include "checkpoint/rejects.h"
#include "cli/session.h"
#include "cli/work.h"
#include "pipeline/picks.h"

struct from_rejects {
	struct work work;		/* the tables that 'picks' borrows */
	struct picks *picks;
	struct reject_spool *spool;
	const char *path;		/* of the run's rejects in the state directory */
};

/* Reads the file; the session is planned. Ends with from_rejects_close, whatever it returned. */
int from_rejects_open(struct from_rejects *f, struct session *s, struct etl_err *err);
void from_rejects_close(struct from_rejects *f);

/* Saves the run's rejects, in the state directory and as --rejects says. Only after a complete run:
 * the rejects of one that was not are no answer to the file. */
int from_rejects_save(struct from_rejects *f, const struct session *s, struct etl_err *err);

#endif
