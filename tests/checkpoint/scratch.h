/* A directory of its own for each test, and its files. */
#ifndef TESTS_CHECKPOINT_SCRATCH_H
#define TESTS_CHECKPOINT_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/err.h"
#include "base/file.h"

static char dir[] = "/tmp/test-checkpoint-XXXXXX";
static struct etl_err err;

static inline const char *in_dir(const char *name)
{
	static char paths[4][300];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static inline void scratch_make(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	etl_err_clear(&err);
}

static inline void scratch_remove(void)
{
	char command[200];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static inline mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static inline long size_of(const char *path)	/* -1: there is none */
{
	struct stat st;

	return stat(path, &st) ? -1 : (long)st.st_size;
}

static inline void put_file(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(p, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static inline void get_file(const char *path, struct buf *out)
{
	struct etl_err e = { 0 };

	buf_reset(out);
	if (file_read(path, 1 << 30, out, &e))
		ck_abort_msg("%s", e.msg);
}

static inline void fine(int rc)
{
	if (rc)
		ck_abort_msg("%d: %s", rc, err.msg);
}

#endif
