/* A state directory of a test's own. */
#ifndef TESTS_PIPELINE_SCRATCH_H
#define TESTS_PIPELINE_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

/* With the files in it. */
static inline void scratch_remove(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d && (entry = readdir(d))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

#endif
