/* Asking before something is changed. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdbool.h>
#include "base/err.h"
#include "cli/options.h"

/* Can 'what' ("'--repair'") be asked about, or was it answered by --yes? Else -ETL_EUSAGE: better
 * said before hours of work. */
int ask_possible(const struct options *o, const char *what, struct etl_err *err);

/* Asks on the terminal, unless --yes has answered. False: no, or the terminal is gone. */
bool ask(const struct options *o, const char *question);

#endif
