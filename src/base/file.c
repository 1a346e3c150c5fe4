#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES 65536

int file_read(const char *path, size_t max_bytes, struct buf *out, struct etl_err *err)
{
	size_t start = out->len;
	int fd, rc = 0;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", path,
				   strerror(errno));
	for (;;) {
		ssize_t n;

		buf_reserve(out, READ_STEP_BYTES);
		n = read(fd, out->ptr + out->len, READ_STEP_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", path,
					 strerror(errno));
			break;
		}
		if (n == 0)
			break;
		out->len += (size_t)n;
		if (out->len - start > max_bytes) {
			rc = etl_err_set(err, ETL_ESYSTEM,
					 "cannot read '%s': it is larger than %zu bytes", path,
					 max_bytes);
			break;
		}
	}
	close(fd);
	if (rc)
		out->len = start;
	return rc;
}

int file_write_all(int fd, const void *p, size_t n, const char *path, struct etl_err *err)
{
	const char *at = p;

	while (n) {
		ssize_t w = write(fd, at, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return etl_err_set(err, ETL_ESYSTEM, "cannot write '%s': %s", path,
					   w < 0 ? strerror(errno) : "no progress");
		at += w;
		n -= (size_t)w;
	}
	return 0;
}

/* A name is on the disk only when its directory is. */
int file_sync_parent(const char *path, struct etl_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = !slash ? mem_strdup(".") :
		    slash == path ? mem_strdup("/") :
		    mem_strndup(path, (size_t)(slash - path));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	/* EINVAL: a file system that has no need of it or no way to do it. */
	if (fd < 0 || (fsync(fd) && errno != EINVAL))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync directory '%s': %s", dir,
				 strerror(errno));
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

static int replace(const char *path, struct str content, mode_t mode, struct etl_err *err)
{
	struct buf tmp = { 0 };
	const char *name;
	int fd, rc;

	buf_addf(&tmp, "%s.tmp.%ld", path, (long)getpid());
	name = buf_cstr(&tmp);
	/* What an earlier process of this number left is removed, never written through: it
	 * could be a link or have another mode. */
	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot create '%s': %s", name,
				 strerror(errno));
		goto out;
	}
	rc = file_write_all(fd, content.ptr, content.len, name, err);
	if (!rc && mode != 0600 && fchmod(fd, mode))	/* whatever the umask */
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot make '%s' readable: %s", name,
				 strerror(errno));
	if (!rc && fsync(fd) && errno != EINVAL)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync '%s': %s", name, strerror(errno));
	if (close(fd) && !rc)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot close '%s': %s", name,
				 strerror(errno));
	if (!rc && rename(name, path))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot rename '%s' to '%s': %s", name, path,
				 strerror(errno));
	if (rc)
		unlink(name);
	else
		rc = file_sync_parent(path, err);
out:
	buf_release(&tmp);
	return rc;
}

int file_write_atomic(const char *path, struct str content, struct etl_err *err)
{
	return replace(path, content, 0600, err);
}

int file_publish_atomic(const char *path, struct str content, struct etl_err *err)
{
	return replace(path, content, 0644, err);
}

static int make_dir(const char *path, struct etl_err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == EEXIST) {
		if (stat(path, &st))
			return etl_err_set(err, ETL_ESYSTEM, "cannot use directory '%s': %s", path,
					   strerror(errno));
		if (S_ISDIR(st.st_mode))
			return 0;
		return etl_err_set(err, ETL_ESYSTEM,
				   "cannot create directory '%s': a file of that name is there",
				   path);
	}
	return etl_err_set(err, ETL_ESYSTEM, "cannot create directory '%s': %s", path,
			   strerror(errno));
}

int file_mkdirs(const char *path, struct etl_err *err)
{
	char *copy = mem_strdup(path), *at;
	struct stat st;
	int rc = 0;

	/* Only what is missing is made: a parent that one may pass but not list, or on a
	 * read-only file system, is as good as any. */
	for (at = copy; !rc && *at; at++) {
		if (*at != '/' || at == copy || at[-1] == '/')
			continue;
		*at = '\0';
		if (stat(copy, &st) || !S_ISDIR(st.st_mode))
			rc = make_dir(copy, err);
		*at = '/';
	}
	if (!rc && (stat(copy, &st) || !S_ISDIR(st.st_mode)))
		rc = make_dir(copy, err);
	free(copy);
	return rc;
}
