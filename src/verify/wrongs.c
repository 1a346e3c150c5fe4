#include "verify/wrongs.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

struct wrongs {
	int fd;
	pthread_mutex_t mutex;
	struct wrongs_mark now;		/* guard: mutex while threads add */
	struct buf record;		/* guard: mutex */
};

struct head { uint64_t table, kind, key_len, item_len, has_item; };

static int failed(const char *what, struct etl_err *err)
{
	return etl_err_set(err, ETL_ESYSTEM, "cannot %s the file of items to repair: %s", what,
			   strerror(errno));
}

static int make_file(const char *dir)
{
	struct buf path = { 0 };
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* not every file system can */
	buf_addf(&path, "%s/repair.XXXXXX", dir);
	buf_cstr(&path);
	fd = mkostemp(path.ptr, O_CLOEXEC);
	if (fd >= 0)
		unlink(path.ptr);
	buf_release(&path);
	return fd;
}

int wrongs_new(const char *dir, struct wrongs **out, struct etl_err *err)
{
	struct wrongs *w;
	int fd = make_file(dir);

	if (fd < 0)
		return failed("make", err);
	w = mem_zalloc(sizeof(*w));
	w->fd = fd;
	pthread_mutex_init(&w->mutex, NULL);
	*out = w;
	return 0;
}

void wrongs_free(struct wrongs *w)
{
	if (!w)
		return;
	close(w->fd);
	pthread_mutex_destroy(&w->mutex);
	buf_release(&w->record);
	free(w);
}

static int write_at(int fd, const char *p, size_t n, uint64_t at, struct etl_err *err)
{
	while (n) {
		ssize_t done = pwrite(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return failed("write", err);
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

int wrongs_add(struct wrongs *w, const struct wrong *wrong, struct etl_err *err)
{
	const struct head head = { wrong->table, wrong->kind, wrong->key_json.len,
				   wrong->item_json.len, wrong->item_json.ptr != NULL };
	int rc;

	pthread_mutex_lock(&w->mutex);
	buf_reset(&w->record);
	buf_add(&w->record, &head, sizeof(head));
	buf_addstr(&w->record, wrong->key_json);
	buf_addstr(&w->record, wrong->item_json);
	rc = write_at(w->fd, w->record.ptr, w->record.len, w->now.end, err);
	if (rc == 0) {
		w->now.end += w->record.len;
		w->now.n[wrong->kind]++;
	}
	pthread_mutex_unlock(&w->mutex);
	return rc;
}

struct wrongs_mark wrongs_now(const struct wrongs *w)
{
	return w->now;
}

void wrongs_forget(struct wrongs *w, const struct wrongs_mark *since)
{
	w->now = *since;
}

static int read_at(int fd, char *p, size_t n, uint64_t at, struct etl_err *err)
{
	while (n) {
		ssize_t done = pread(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return failed("read", err);
		p += done;
		n -= (size_t)done;
		at += (uint64_t)done;
	}
	return 0;
}

int wrongs_read(const struct wrongs *w, uint64_t *at, struct buf *room, struct wrong *out,
		struct etl_err *err)
{
	struct head head;
	size_t len;
	int rc;

	if (*at >= w->now.end)
		return 0;
	rc = read_at(w->fd, (char *)&head, sizeof(head), *at, err);
	if (rc < 0)
		return rc;
	len = head.key_len + head.item_len;
	buf_reset(room);
	buf_reserve(room, len + 1);
	rc = read_at(w->fd, room->ptr, len, *at + sizeof(head), err);
	if (rc < 0)
		return rc;
	room->len = len;
	*at += sizeof(head) + len;
	*out = (struct wrong){
		.table = head.table, .kind = (enum finding_kind)head.kind,
		.key_json = { room->ptr, head.key_len },
		.item_json = { head.has_item ? room->ptr + head.key_len : NULL, head.item_len },
	};
	return 1;
}
