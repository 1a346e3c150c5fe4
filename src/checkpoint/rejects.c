#include "checkpoint/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define COPY_BYTES 65536

struct reject_spool {
	pthread_mutex_t mutex;
	char *dir;		/* set before start */
	/* guard of all below: mutex */
	int fd;			/* the nameless file, -1 until the memory is full once */
	uint64_t file_bytes;	/* come before what is in memory */
	struct buf memory;
	uint64_t lines;
	bool broken;		/* a line was lost: nothing may be made of this content */
};

struct reject_spool *reject_spool_new(const char *dir)
{
	struct reject_spool *s = mem_zalloc(sizeof(*s));

	pthread_mutex_init(&s->mutex, NULL);
	s->dir = mem_strdup(dir);
	s->fd = -1;
	return s;
}

void reject_spool_free(struct reject_spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->memory);
	pthread_mutex_destroy(&s->mutex);
	free(s->dir);
	free(s);
}

static int open_nameless(const char *dir, struct etl_err *err)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Not every file system has nameless files. */
	if (fd < 0) {
		struct buf name = { 0 };
		char *path;

		buf_addf(&name, "%s/.rejects.XXXXXX", dir);
		path = buf_detach(&name);
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
		else
			etl_err_set(err, ETL_ESYSTEM, "cannot create a temporary file in '%s': %s",
				    dir, strerror(errno));
		free(path);
	}
	return fd;
}

/* Mutex held. */
static int spill(struct reject_spool *s, struct etl_err *err)
{
	int rc;

	if (s->fd < 0) {
		s->fd = open_nameless(s->dir, err);
		if (s->fd < 0)
			return -ETL_ESYSTEM;
	}
	rc = file_write_all(s->fd, s->memory.ptr, s->memory.len, "temporary file for rejects",
			    err);
	if (rc)
		return rc;
	s->file_bytes += s->memory.len;
	buf_reset(&s->memory);
	return 0;
}

int reject_spool_add(struct reject_spool *s, struct str line, struct etl_err *err)
{
	int rc = 0;

	if (line.len && memchr(line.ptr, '\n', line.len))
		return etl_err_set(err, ETL_EINTERNAL, "a reject of more than one line");
	pthread_mutex_lock(&s->mutex);
	if (!s->broken && s->memory.len && s->memory.len + line.len >= REJECT_SPOOL_MEMORY_BYTES) {
		rc = spill(s, err);
		s->broken = rc != 0;
	}
	if (s->broken) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot keep rejects in '%s'", s->dir);
	} else {
		buf_addstr(&s->memory, line);
		buf_addc(&s->memory, '\n');
		s->lines++;
	}
	pthread_mutex_unlock(&s->mutex);
	return rc;
}

void reject_spool_reset(struct reject_spool *s)
{
	pthread_mutex_lock(&s->mutex);
	buf_reset(&s->memory);
	if (s->fd >= 0 && (ftruncate(s->fd, 0) || lseek(s->fd, 0, SEEK_SET) < 0)) {
		close(s->fd);
		s->fd = -1;
	}
	s->file_bytes = 0;
	s->lines = 0;
	s->broken = false;
	pthread_mutex_unlock(&s->mutex);
}

uint64_t reject_spool_lines(struct reject_spool *s)
{
	uint64_t lines;

	pthread_mutex_lock(&s->mutex);
	lines = s->lines;
	pthread_mutex_unlock(&s->mutex);
	return lines;
}

uint64_t reject_spool_bytes(struct reject_spool *s)
{
	uint64_t bytes;

	pthread_mutex_lock(&s->mutex);
	bytes = s->file_bytes + s->memory.len;
	pthread_mutex_unlock(&s->mutex);
	return bytes;
}

/* Copies bytes [0, len) of 'from' to 'to'; counts newlines where 'lines' is given. */
static int copy_bytes(int from, uint64_t len, const char *from_path, int to, const char *to_path,
		      uint64_t *lines, struct etl_err *err)
{
	char *block = mem_alloc(COPY_BYTES);
	uint64_t at = 0;
	int rc = 0;

	while (!rc && at < len) {
		size_t want = len - at < COPY_BYTES ? (size_t)(len - at) : COPY_BYTES, i;
		ssize_t n = pread(from, block, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			rc = etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", from_path,
					 n < 0 ? strerror(errno) : "it became shorter");
			break;
		}
		for (i = 0; lines && i < (size_t)n; i++)
			*lines += block[i] == '\n';
		rc = file_write_all(to, block, (size_t)n, to_path, err);
		at += (uint64_t)n;
	}
	free(block);
	return rc;
}

int reject_spool_write(struct reject_spool *s, int fd, const char *path, struct etl_err *err)
{
	int rc = 0;

	pthread_mutex_lock(&s->mutex);
	if (s->broken)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write '%s': rejects were lost", path);
	if (!rc && s->file_bytes)
		rc = copy_bytes(s->fd, s->file_bytes, "temporary file for rejects", fd, path, NULL,
				err);
	if (!rc)
		rc = file_write_all(fd, s->memory.ptr, s->memory.len, path, err);
	pthread_mutex_unlock(&s->mutex);
	return rc;
}

static int append_file(const char *path, int to, const char *to_path, uint64_t *lines,
		       struct etl_err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", path,
				   strerror(errno));
	if (fstat(fd, &st))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", path, strerror(errno));
	else
		rc = copy_bytes(fd, (uint64_t)st.st_size, path, to, to_path, lines, err);
	close(fd);
	return rc;
}

/* What is there and no file of its own cannot be replaced, only written to. /dev/stdout counts as
 * such also where it leads to a file: whoever holds that open would miss the new one. */
static bool written_in_place(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/", 5) == 0)
		return true;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int sync_and_close(int fd, const char *path, struct etl_err *err)
{
	int rc = 0;

	/* EINVAL, EROFS: a pipe or a terminal has nothing to sync. */
	if (fsync(fd) && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync '%s': %s", path, strerror(errno));
	if (close(fd) && !rc)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot close '%s': %s", path,
				 strerror(errno));
	return rc;
}

/* A file under way to its name. */
struct output {
	bool in_place;
	char *target;			/* owned */
	struct buf tmp;			/* what is written */
	int fd;
};

static int output_open(struct output *o, const char *path, struct etl_err *err)
{
	const char *name;

	o->in_place = written_in_place(path);
	o->target = o->in_place ? NULL : realpath(path, NULL);
	if (!o->target)
		o->target = mem_strdup(path);
	buf_adds(&o->tmp, o->target);
	if (!o->in_place) {
		buf_addf(&o->tmp, ".tmp.%ld", (long)getpid());
		unlink(buf_cstr(&o->tmp));
	}
	name = buf_cstr(&o->tmp);
	o->fd = o->in_place ? open(name, O_WRONLY | O_APPEND | O_CLOEXEC) :
			      open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o->fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", name,
				   strerror(errno));
	return 0;
}

/* 'rc': how the writing ended; only after 0 the file gets its name. */
static int output_close(struct output *o, int rc, struct etl_err *err)
{
	const char *name = buf_cstr(&o->tmp);

	if (o->fd >= 0) {
		if (rc)
			close(o->fd);
		else
			rc = sync_and_close(o->fd, name, err);
		if (!o->in_place && !rc && rename(name, o->target))
			rc = etl_err_set(err, ETL_ESYSTEM, "cannot rename '%s' to '%s': %s", name,
					 o->target, strerror(errno));
		if (!o->in_place && rc)
			unlink(name);
	}
	free(o->target);
	buf_release(&o->tmp);
	return rc;
}

int reject_spool_save(struct reject_spool *s, const char *out_path, struct etl_err *err)
{
	struct output o = { 0 };
	int rc = output_open(&o, out_path, err);

	if (!rc)
		rc = reject_spool_write(s, o.fd, buf_cstr(&o.tmp), err);
	return output_close(&o, rc, err);
}

int rejects_gather(const char *const *paths, size_t n, const char *out_path, uint64_t *lines,
		   struct etl_err *err)
{
	struct output o = { 0 };
	uint64_t count = 0;
	size_t i;
	int rc = output_open(&o, out_path, err);

	for (i = 0; i < n && !rc; i++)
		rc = append_file(paths[i], o.fd, buf_cstr(&o.tmp), &count, err);
	rc = output_close(&o, rc, err);
	if (!rc && lines)
		*lines = count;
	return rc;
}
