/* Shared by the files that make up options.h. */
#ifndef CLI_OPTIONS_PRIV_H
#define CLI_OPTIONS_PRIV_H

#include "cli/options.h"

/* The command line: fills command, operand and options; whether they fit is options_check's. */
int options_read_line(struct options *o, int argc, char *const *argv, struct etl_err *err);

/* Values that do not go together, or are malformed. */
int options_check(struct options *o, struct etl_err *err);

/* The hint for an unknown option: the nearest name, with 'prefix' ("--" or ""). */
void options_suggest(const char *name, const char *prefix, struct etl_err *err);

#endif
