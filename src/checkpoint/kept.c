#include "checkpoint/kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "checkpoint/state.h"

#define SESSION_NAME "verify.session"
#define SUMS_PREFIX "verify-"
#define SUMS_SUFFIX ".sums"
#define SESSION_MAGIC "etl-verify-session-1"
#define SUMS_MAGIC "etl-verify-sums-1"
#define NUMBER_BYTES 16
#define HEAD_MAX_BYTES 256
#define SUMS_MAX_BYTES ((size_t)1 << 30)

struct kept {
	char *dir, *path;
	struct clock *clock;	/* borrowed */
	int fd;			/* of the session; holds its lock */
	unsigned char number[NUMBER_BYTES], secret[KEPT_SECRET_BYTES];
	int64_t since_utc_ms;
};

static char *path_in(const char *dir, const char *name)
{
	struct buf path = { 0 };

	buf_addf(&path, "%s/%s", dir, name);
	return buf_detach(&path);
}

/* ---- the session ---------------------------------------------------------------------------- */

static unsigned long crc_of(struct str s)
{
	return crc32_z(crc32_z(0, NULL, 0), (const unsigned char *)s.ptr, s.len);
}

static bool read_hex(const char *hex, unsigned char *out, size_t n)
{
	size_t i;

	if (strlen(hex) != 2 * n)
		return false;
	for (i = 0; i < n; i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		out[i] = (unsigned char)byte;
	}
	return true;
}

/* "MAGIC NUMBER SINCE SECRET CRC\n"; false: a torn one, or none. */
static bool read_session(struct kept *k)
{
	char text[HEAD_MAX_BYTES + 1] = "", number[2 * NUMBER_BYTES + 1];
	char secret[2 * KEPT_SECRET_BYTES + 1];
	ssize_t n = pread(k->fd, text, HEAD_MAX_BYTES, 0);
	unsigned long crc;
	long long since;
	int before = 0;

	return n > 0 && text[n - 1] == '\n' &&
	       sscanf(text, SESSION_MAGIC " %32s %lld %128s%n %8lx", number, &since, secret,
		      &before, &crc) == 4 &&
	       crc == crc_of((struct str){ text, (size_t)before }) &&
	       read_hex(number, k->number, NUMBER_BYTES) &&
	       read_hex(secret, k->secret, KEPT_SECRET_BYTES) &&
	       (k->since_utc_ms = since) > 0;
}

static int write_session(struct kept *k, struct etl_err *err)
{
	struct buf text = { 0 };
	int rc;

	random_bytes(k->number, sizeof(k->number));
	random_bytes(k->secret, sizeof(k->secret));
	k->since_utc_ms = k->clock->utc_ms(k->clock);
	buf_adds(&text, SESSION_MAGIC " ");
	buf_add_hex(&text, k->number, sizeof(k->number));
	buf_addf(&text, " %lld ", (long long)k->since_utc_ms);
	buf_add_hex(&text, k->secret, sizeof(k->secret));
	buf_addf(&text, " %08lx\n", crc_of(buf_str(&text)));
	if (ftruncate(k->fd, 0) || lseek(k->fd, 0, SEEK_SET))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write '%s': %s", k->path,
				 strerror(errno));
	else
		rc = file_write_all(k->fd, text.ptr, text.len, k->path, err);
	if (rc == 0 && fdatasync(k->fd))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync '%s': %s", k->path,
				 strerror(errno));
	explicit_bzero(text.ptr, text.len);
	buf_release(&text);
	return rc;
}

/* Is the file that is open here the one that bears the name? */
static bool still_there(const struct kept *k)
{
	struct stat mine, named;

	return fstat(k->fd, &mine) == 0 && stat(k->path, &named) == 0 &&
	       mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

/* NULL, or why the session cannot be had. It may be taken away while its lock is waited for. */
static const char *take_session(struct kept *k)
{
	for (;;) {
		int busy;

		k->fd = open(k->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (k->fd < 0)
			return strerror(errno);
		do
			busy = flock(k->fd, LOCK_EX | LOCK_NB);
		while (busy && errno == EINTR);
		if (busy)
			return errno == EWOULDBLOCK ? "another verify works in the state directory"
						    : strerror(errno);
		if (still_there(k))
			return NULL;
		close(k->fd);
	}
}

static void drop_sums(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	/* also what a save was writing when it was killed */
	while (d && (e = readdir(d)))
		if (strncmp(e->d_name, SUMS_PREFIX, sizeof(SUMS_PREFIX) - 1) == 0 &&
		    strstr(e->d_name, SUMS_SUFFIX))
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
}

int kept_begin_anew(struct kept *k, struct etl_err *err)
{
	int rc = write_session(k, err);

	if (rc == 0)
		drop_sums(k->dir);
	return rc;
}

struct kept *kept_open(const char *dir, struct clock *clock, bool locked)
{
	struct kept *k = mem_zalloc(sizeof(*k));
	struct etl_err err = { 0 };
	const char *why;

	k->dir = mem_strdup(dir);
	k->path = path_in(dir, SESSION_NAME);
	k->clock = clock;
	why = take_session(k);
	/* the session is there before this looks: who takes the lock after that takes it away */
	if (!why && !locked && state_busy(dir)) {
		kept_end(k);
		why = "another run works in the state directory";
	}
	if (!why && !read_session(k) && kept_begin_anew(k, &err))
		why = err.msg;
	if (!why)
		return k;
	log_info("this verify begins from the beginning if it is stopped: %s", why);
	kept_close(k);
	return NULL;
}

void kept_close(struct kept *k)
{
	if (!k)
		return;
	if (k->fd >= 0)
		close(k->fd);
	explicit_bzero(k->secret, sizeof(k->secret));
	free(k->dir);
	free(k->path);
	free(k);
}

int64_t kept_since_utc_ms(const struct kept *k)
{
	return k->since_utc_ms;
}

const unsigned char *kept_secret(const struct kept *k)
{
	return k->secret;
}

void kept_end(struct kept *k)
{
	if (!still_there(k))
		return;
	unlink(k->path);
	drop_sums(k->dir);
}

int kept_discard(const char *dir, struct etl_err *err)
{
	char *path = path_in(dir, SESSION_NAME);
	int rc = 0;

	if (unlink(path) == 0)
		rc = file_sync_parent(path, err);
	else if (errno != ENOENT && errno != ENOTDIR)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot remove '%s': %s", path, strerror(errno));
	free(path);
	return rc;
}

/* ---- sums ----------------------------------------------------------------------------------- */

/* "MAGIC NUMBER SAVED CRC\n", then the content. */
static void add_head(const struct kept *k, struct str content, struct buf *out)
{
	buf_adds(out, SUMS_MAGIC " ");
	buf_add_hex(out, k->number, sizeof(k->number));
	buf_addf(out, " %lld %08lx\n", (long long)k->clock->utc_ms(k->clock), crc_of(content));
}

int kept_save(struct kept *k, const char *table, struct str content, struct etl_err *err)
{
	struct buf path = { 0 }, whole = { 0 };
	int rc = 1;

	if (!still_there(k))
		return 0;
	state_verify_path(k->dir, table, SUMS_SUFFIX, &path);
	buf_reserve(&whole, HEAD_MAX_BYTES + content.len);
	add_head(k, content, &whole);
	buf_addstr(&whole, content);
	if (file_write_atomic(buf_cstr(&path), buf_str(&whole), err))
		rc = -(int)err->code;
	buf_release(&path);
	buf_release(&whole);
	return rc;
}

static bool read_head(const struct kept *k, struct str file, struct str *content,
		      int64_t *saved_utc_ms)
{
	const char *end = file.len ? memchr(file.ptr, '\n', file.len) : NULL;
	size_t n = end ? (size_t)(end - file.ptr) : HEAD_MAX_BYTES;
	char head[HEAD_MAX_BYTES], number[2 * NUMBER_BYTES + 1];
	unsigned char bytes[NUMBER_BYTES];
	unsigned long crc;
	long long saved;

	if (n >= HEAD_MAX_BYTES)
		return false;
	memcpy(head, file.ptr, n);
	head[n] = '\0';
	*content = (struct str){ file.ptr + n + 1, file.len - n - 1 };
	if (sscanf(head, SUMS_MAGIC " %32s %lld %8lx", number, &saved, &crc) != 3)
		return false;
	*saved_utc_ms = saved;
	return read_hex(number, bytes, sizeof(bytes)) &&
	       memcmp(bytes, k->number, sizeof(bytes)) == 0 && crc == crc_of(*content);
}

bool kept_load(struct kept *k, const char *table, struct buf *out, int64_t *saved_utc_ms)
{
	struct buf path = { 0 }, file = { 0 };
	struct etl_err ignored = { 0 };
	struct str content;
	bool there;

	if (!still_there(k))
		return false;
	state_verify_path(k->dir, table, SUMS_SUFFIX, &path);
	there = file_read(buf_cstr(&path), SUMS_MAX_BYTES, &file, &ignored) == 0 &&
		read_head(k, buf_str(&file), &content, saved_utc_ms);
	if (there)
		buf_addstr(out, content);
	buf_release(&path);
	buf_release(&file);
	return there;
}
