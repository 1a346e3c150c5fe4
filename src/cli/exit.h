/* How a command ended -> what is said about it and the process's exit status. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include <stdbool.h>
#include "base/err.h"
#include "base/stop.h"

/* What a command that did not fail has to confess. */
struct outcome {
	bool rejects;		/* rows that made no item */
	bool differences;	/* verify found some */
};

/*
 * 0 all done and nothing wrong; 1 failed; 2 usage or contract; 3 done, with rejects; 4 differences;
 * 5 stopped by a signal; 6 locked. Differences say more than rejects; a failure says more than
 * either; and whatever fails after a signal was caused by it.
 */
int exit_status(const struct etl_err *err, const struct outcome *outcome,
		const struct stop *stop);

/* "error: ..." and "hint: ..." on stderr, or a JSON line with the status; nothing if err is not set. */
void exit_report(const struct etl_err *err, int status, bool json);

#endif
