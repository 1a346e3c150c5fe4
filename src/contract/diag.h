/*
 * Findings about a contract: every error and warning of a file in one run, each with the JSON path
 * of its cause. Collected in order; the caller prints them.
 */
#ifndef CONTRACT_DIAG_H
#define CONTRACT_DIAG_H

#include <stdbool.h>
#include <stddef.h>

enum diag_level { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR };

struct diag {
	enum diag_level level;
	char *path;		/* "tables[0].entities[1].attributes[3].join", "" for the file */
	char *text;		/* what was expected and what is there; ready to print */
};

struct diags {
	size_t n, cap;
	struct diag *list;
	size_t nerrors, nwarnings;
	bool strict;		/* unknown keys are errors */
};

void diags_release(struct diags *d);
void diag_add(struct diags *d, enum diag_level level, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
