#include "checkpoint/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

struct state {
	char *dir;
	struct clock *clock;	/* borrowed */
	int lock_fd;
};

static void hint_writable(struct etl_err *err)
{
	etl_err_hint(err, "give a directory that can be written with --state-dir");
}

/* Access rights alone do not tell of a read-only file system, nor anything to root. */
static int prove_writable(const char *dir, struct etl_err *err)
{
	struct buf path = { 0 };
	int fd, rc = 0;

	buf_addf(&path, "%s/.probe.%ld", dir, (long)getpid());
	fd = open(buf_cstr(&path), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write to state directory '%s': %s", dir,
				 strerror(errno));
	} else {
		close(fd);
		unlink(buf_cstr(&path));
	}
	buf_release(&path);
	return rc;
}

/* Who holds the lock, or held it and died; false: the file does not say. */
static bool read_holder(int fd, struct buf *out)
{
	char text[512] = "", host[256] = "", since[32] = "", command[64] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = 0;

	if (n <= 0 || sscanf(text, "%ld %255s %31s %63s", &pid, host, since, command) != 4)
		return false;
	buf_adds(out, "'etl ");
	buf_add_printable(out, str_of(command));
	buf_addf(out, "', process %ld on ", pid);
	buf_add_printable(out, str_of(host));
	buf_adds(out, ", since ");
	buf_add_printable(out, str_of(since));
	return true;
}

static int write_holder(int fd, const char *path, struct clock *clock, const char *command,
			struct etl_err *err)
{
	time_t now = (time_t)(clock->utc_ms(clock) / 1000);
	char host[256] = "", since[32];
	struct buf text = { 0 };
	struct tm utc;
	int rc;

	gmtime_r(&now, &utc);
	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", &utc);
	if (gethostname(host, sizeof(host) - 1) != 0 || !host[0])
		snprintf(host, sizeof(host), "unknown-host");
	buf_addf(&text, "%ld %s %s %s\n", (long)getpid(), host, since, command);
	if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write '%s': %s", path, strerror(errno));
	else
		rc = file_write_all(fd, text.ptr, text.len, path, err);
	if (rc)
		hint_writable(err);
	buf_release(&text);
	return rc;
}

static int locked_by_another(const char *dir, int fd, struct etl_err *err)
{
	struct buf who = { 0 };
	bool known = read_holder(fd, &who);
	int rc = etl_err_set(err, ETL_ELOCKED, "another run works in state directory '%s'%s%s", dir,
			     known ? ": " : "", buf_cstr(&who));

	etl_err_hint(err, "wait until it has ended, or give this run its own --state-dir");
	buf_release(&who);
	return rc;
}

/* A run that ended by itself left the file empty. */
static void tell_of_dead(const char *dir, int fd)
{
	struct buf who = { 0 };

	if (read_holder(fd, &who))
		log_warn("the last run in state directory '%s' was killed: %s; its lock is taken "
			 "over", dir, buf_cstr(&who));
	buf_release(&who);
}

/* The lock file stays when a run ends: to remove it would let two runs lock two files of one
 * name. Somebody may remove it by hand all the same, so the name is looked at again. */
static int take_lock(const char *dir, struct clock *clock, const char *command, int *out,
		     struct etl_err *err)
{
	struct buf path = { 0 };
	int rc = 0, fd = -1;

	buf_addf(&path, "%s/lock", dir);
	for (;;) {
		struct stat mine, named;
		int busy;

		fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0) {
			rc = etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", buf_cstr(&path),
					 strerror(errno));
			hint_writable(err);
			break;
		}
		do
			busy = flock(fd, LOCK_EX | LOCK_NB);
		while (busy && errno == EINTR);
		if (busy) {
			rc = errno == EWOULDBLOCK ?
			     locked_by_another(dir, fd, err) :
			     etl_err_set(err, ETL_ESYSTEM, "cannot lock '%s': %s", buf_cstr(&path),
					 strerror(errno));
			break;
		}
		if (fstat(fd, &mine) == 0 && stat(buf_cstr(&path), &named) == 0 &&
		    mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
			break;
		close(fd);
	}
	if (!rc) {
		tell_of_dead(dir, fd);
		rc = write_holder(fd, buf_cstr(&path), clock, command, err);
	}
	if (rc && fd >= 0)
		close(fd);
	else
		*out = fd;
	buf_release(&path);
	return rc;
}

int state_open(const char *dir, struct clock *clock, const char *command, struct state **out,
	       struct etl_err *err)
{
	struct state *st;
	int fd = -1, rc;

	*out = NULL;
	rc = file_mkdirs(dir, err);
	if (!rc)
		rc = prove_writable(dir, err);
	if (rc) {
		hint_writable(err);
		return rc;
	}
	rc = take_lock(dir, clock, command, &fd, err);
	if (rc)
		return rc;
	st = mem_zalloc(sizeof(*st));
	st->dir = mem_strdup(dir);
	st->clock = clock;
	st->lock_fd = fd;
	*out = st;
	return 0;
}

void state_close(struct state *st)
{
	if (!st)
		return;
	/* An empty file tells a reader that nobody works here. */
	if (ftruncate(st->lock_fd, 0)) {
		/* The lock goes with the descriptor; its text is a convenience. */
	}
	close(st->lock_fd);
	free(st->dir);
	free(st);
}

/* Who holds the lock, or died with it, stands in the file; only then the lock is tried, for the
 * moment in which it is would end a run that begins. */
bool state_busy(const char *dir)
{
	struct buf path = { 0 }, who = { 0 };
	bool busy = false;
	int fd;

	buf_addf(&path, "%s/lock", dir);
	fd = open(buf_cstr(&path), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		busy = read_holder(fd, &who) && flock(fd, LOCK_SH | LOCK_NB) != 0;
		close(fd);
	}
	buf_release(&path);
	buf_release(&who);
	return busy;
}

const char *state_dir(const struct state *st)
{
	return st->dir;
}

struct clock *state_clock(const struct state *st)
{
	return st->clock;
}

static bool plain_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

#define PLAIN_MAX_BYTES 200	/* leaves room for prefix and suffixes in a name of 255 */
#define CUT_BYTES 150

static void add_path(struct buf *out, const char *dir, const char *prefix, const char *table,
		     const char *suffix)
{
	size_t len = strlen(table), i;
	bool plain = len <= PLAIN_MAX_BYTES;

	for (i = 0; i < len && plain; i++)
		plain = plain_char(table[i]);
	buf_addf(out, "%s/%s", dir, prefix);
	if (plain) {
		buf_add(out, table, len);
	} else {
		char digest[65];

		for (i = 0; i < len && i < CUT_BYTES; i++)
			buf_addc(out, plain_char(table[i]) ? table[i] : '_');
		sha256_hex(table, len, digest);
		buf_addc(out, '~');	/* in no plain name */
		buf_add(out, digest, 16);
	}
	buf_adds(out, suffix);
}

void state_load_path(const char *dir, const char *table, const char *suffix, struct buf *out)
{
	add_path(out, dir, "load-", table, suffix);
}

void state_verify_path(const char *dir, const char *table, const char *suffix, struct buf *out)
{
	add_path(out, dir, "verify-", table, suffix);
}

void load_counts_add(struct load_counts *sum, const struct load_counts *more)
{
	sum->rows_read += more->rows_read;
	sum->items_written += more->items_written;
	sum->items_replaced += more->items_replaced;
	sum->rows_same += more->rows_same;
	sum->rows_skipped += more->rows_skipped;
	sum->rows_rejected += more->rows_rejected;
	sum->sparse += more->sparse;
	sum->bytes += more->bytes;
	sum->wcu_milli += more->wcu_milli;
	sum->write_units += more->write_units;
}
