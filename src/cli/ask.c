#include "cli/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int ask_possible(const struct options *o, const char *what, struct etl_err *err)
{
	if (o->yes || (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)))
		return 0;
	etl_err_set(err, ETL_EUSAGE, "%s asks before it changes anything, and there is no terminal "
		    "to ask on", what);
	etl_err_hint(err, "'--yes' says yes beforehand");
	return -ETL_EUSAGE;
}

bool ask(const struct options *o, const char *question)
{
	char answer[16] = "";

	if (o->yes)
		return true;
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0;
}
