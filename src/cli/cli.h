/* The program behind main(): a command line in, an exit status out. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/stop.h"

/* Runs one command. 'stop' is asked by main's signal handler. Prints results on stdout, everything
 * else on stderr; returns the exit status of cli/exit.h. */
int cli_main(int argc, char *const *argv, struct stop *stop);

#endif
