/* An environment of a test's own: names and values in a table, nothing from the process. */
#ifndef TESTS_AWS_AWS_ENV_H
#define TESTS_AWS_AWS_ENV_H

#include <string.h>

static const char *const *aws_env;	/* name, value, name, value, NULL */

static inline const char *aws_env_get(const char *name)
{
	for (const char *const *p = aws_env; p && *p; p += 2)
		if (strcmp(*p, name) == 0)
			return p[1];
	return NULL;
}

#endif
