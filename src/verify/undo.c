#include "verify/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/json.h"
#include "pipeline/parallel.h"
#include "verify/mend.h"

/* ---- writing -------------------------------------------------------------------------------- */

struct undo_file {
	int fd;
	char *path;
	pthread_mutex_t mutex;		/* one appends at a time */
};

int undo_create(const char *path, const char *target, int64_t made_utc_ms,
		struct undo_file **out, struct etl_err *err)
{
	struct undo_file *u;
	struct buf line = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600), rc;

	if (fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot make undo file '%s': %s", path,
				   strerror(errno));
	u = mem_zalloc(sizeof(*u));
	u->fd = fd;
	u->path = mem_strdup(path);
	pthread_mutex_init(&u->mutex, NULL);
	buf_adds(&line, "{\"etl_undo\":1,\"target\":");
	buf_add_json(&line, str_of(target));
	buf_addf(&line, ",\"made_utc_ms\":%lld}\n", (long long)made_utc_ms);
	rc = undo_append(u, buf_str(&line), err);
	if (rc == 0)
		rc = file_sync_parent(path, err);
	buf_release(&line);
	if (rc < 0)
		undo_close(u);
	else
		*out = u;
	return rc;
}

void undo_close(struct undo_file *u)
{
	if (!u)
		return;
	close(u->fd);
	pthread_mutex_destroy(&u->mutex);
	free(u->path);
	free(u);
}

/* JSON has line ends only between its tokens. */
static void add_item(struct buf *lines, struct str item_json)
{
	size_t i = lines->len;

	if (!item_json.ptr) {
		buf_adds(lines, "\"absent\"");
		return;
	}
	buf_addstr(lines, item_json);
	for (; i < lines->len; i++)
		if (lines->ptr[i] == '\n' || lines->ptr[i] == '\r')
			lines->ptr[i] = ' ';
}

void undo_add_line(struct buf *lines, const char *table, struct str key_json, struct str before,
		   struct str after)
{
	buf_adds(lines, "{\"table\":");
	buf_add_json(lines, str_of(table));
	buf_adds(lines, ",\"key\":");
	add_item(lines, key_json);
	buf_adds(lines, ",\"before\":");
	add_item(lines, before);
	buf_adds(lines, ",\"after\":");
	add_item(lines, after);
	buf_adds(lines, "}\n");
}

int undo_append(struct undo_file *u, struct str lines, struct etl_err *err)
{
	int rc;

	pthread_mutex_lock(&u->mutex);
	rc = file_write_all(u->fd, lines.ptr, lines.len, u->path, err);
	if (rc == 0 && fdatasync(u->fd) != 0 && errno != EINVAL)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync undo file '%s': %s", u->path,
				 strerror(errno));
	pthread_mutex_unlock(&u->mutex);
	return rc;
}

/* ---- reading -------------------------------------------------------------------------------- */

struct reading {			/* one thread at a time */
	const char *path;
	FILE *file;
	char *text;
	size_t cap;
	uint64_t n;			/* lines read */
	struct json_reader json;
};

struct line {				/* borrows from the reading until the next one */
	struct buf table;		/* of the first line: the target */
	struct str key_json, before, after;	/* items: ptr NULL: absent */
	bool has_before, has_after;
	bool is_undo;
};

static int damaged(const struct reading *r, struct etl_err *err)
{
	return etl_err_set(err, ETL_EUSAGE, "line %llu of '%s' is none of an undo file",
			   (unsigned long long)r->n, r->path);
}

/* An item's bytes, or none for "absent". */
static bool read_item(struct json_reader *j, enum json_token t, struct str *item)
{
	const char *from = j->at - 1;

	if (t == JSON_STRING)
		return str_is(j->text, "absent");
	if (t != JSON_OBJECT || json_skip(j, t) != 0)
		return false;
	*item = (struct str){ from, (size_t)(j->at - from) };
	return true;
}

static bool read_member(struct json_reader *j, struct line *line)
{
	bool is_table = str_is(j->text, "table"), is_target = str_is(j->text, "target");
	struct str *item = str_is(j->text, "key") ? &line->key_json
			 : str_is(j->text, "before") ? &line->before
			 : str_is(j->text, "after") ? &line->after : NULL;
	enum json_token t;

	line->is_undo |= str_is(j->text, "etl_undo");
	t = json_next(j);
	if (item) {
		line->has_before |= item == &line->before;
		line->has_after |= item == &line->after;
		return read_item(j, t, item);
	}
	if ((is_table || is_target) && t == JSON_STRING) {
		buf_reset(&line->table);
		buf_addstr(&line->table, j->text);
		return true;
	}
	return json_skip(j, t) == 0;
}

/* 1: a line; 0: there are no more whole ones. */
static int read_line(struct reading *r, struct line *line, struct etl_err *err)
{
	struct buf table = line->table;
	enum json_token t;
	ssize_t len;

	*line = (struct line){ .table = table };
	errno = 0;
	len = getline(&r->text, &r->cap, r->file);
	if (len < 0 && (ferror(r->file) || !feof(r->file)))
		return etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", r->path,
				   strerror(errno));
	if (len < 0 || r->text[len - 1] != '\n')
		return 0;
	r->n++;
	json_restart(&r->json, (struct str){ r->text, (size_t)len });
	if (json_next(&r->json) != JSON_OBJECT)
		return damaged(r, err);
	while ((t = json_next(&r->json)) == JSON_KEY)
		if (!read_member(&r->json, line))
			return damaged(r, err);
	if (t != JSON_OBJECT_END || json_next(&r->json) != JSON_END)
		return damaged(r, err);
	return 1;
}

static bool is_change(const struct line *line)
{
	return line->table.len && line->key_json.ptr && line->has_before && line->has_after &&
	       (line->before.ptr || line->after.ptr);
}

static void end_reading(struct reading *r)
{
	if (r->file)
		fclose(r->file);
	free(r->text);
	json_release(&r->json);
}

/* Opens the file and reads its first line. */
static int begin_reading(struct reading *r, const struct undo_job *job, struct line *line,
			 struct etl_err *err)
{
	const char *target = job->sink->ops->identity(job->sink);
	int rc;

	*r = (struct reading){ .path = job->path };
	json_init(&r->json, (struct str){ "", 0 });
	r->file = fopen(job->path, "re");
	if (!r->file)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", job->path,
				   strerror(errno));
	rc = read_line(r, line, err);
	if (rc == 0 || (rc == 1 && !line->is_undo))
		rc = etl_err_set(err, ETL_EUSAGE, "'%s' is no undo file", job->path);
	if (rc == 1 && !str_is(buf_str(&line->table), target)) {
		rc = etl_err_set(err, ETL_EUSAGE, "'%s' is of another target: '%s', and this is "
				 "'%s'", job->path, buf_cstr(&line->table), target);
		etl_err_hint(err, "--endpoint-url, --region or the profile chooses the target");
	}
	return rc < 0 ? rc : 0;
}

int undo_look(const struct undo_job *job, struct undo_counts *out, struct etl_err *err)
{
	struct line line = { 0 };
	struct reading r;
	int rc = begin_reading(&r, job, &line, err);

	*out = (struct undo_counts){ 0 };
	while (rc == 0 && (rc = read_line(&r, &line, err)) == 1) {
		rc = is_change(&line) ? 0 : damaged(&r, err);
		if (!line.after.ptr)
			out->put_back++;
		else if (line.before.ptr)
			out->change_back++;
		else
			out->remove++;
	}
	end_reading(&r);
	buf_release(&line.table);
	return rc;
}

/* ---- putting back --------------------------------------------------------------------------- */

struct undoing {
	const struct undo_job *job;	/* set before start, as the next two */
	struct retry_watch watch;
	struct rate *rate;
	pthread_mutex_t mutex;		/* guards what is below */
	struct reading reading;
	struct line line;
	struct undo_result *result;
	struct table_state *tables;
	size_t ntables, cap;
};

/* Mutex held: the others wait for the same. */
static int find_table(struct undoing *u, struct mender *m, const char *name,
		      const struct table_def **out, struct etl_err *err)
{
	struct table_state *state;
	size_t i;
	int rc;

	for (i = 0; i < u->ntables; i++) {
		*out = &u->tables[i].def;
		if (strcmp((*out)->name, name) == 0)
			return 0;
	}
	u->tables = mem_grow(u->tables, &u->cap, u->ntables + 1, sizeof(*u->tables));
	state = &u->tables[u->ntables];
	do {
		struct etl_err why = { 0 };

		rc = m->conn->ops->describe(m->conn, name, state, &why);
		if (rc == 0)
			retry_progress(&m->retry);
		else
			rc = retry_wait(&m->retry, &why, u->job->stop, err) < 0 ? -(int)err->code
										: 1;
	} while (rc > 0);
	if (rc < 0)
		return rc;
	u->ntables++;
	*out = &state->def;
	return 0;
}

struct own_line { struct buf text; const struct table_def *def; struct str key, before, after; };

static struct str moved(struct str s, const char *from, const char *to)
{
	return (struct str){ s.ptr ? to + (s.ptr - from) : NULL, s.len };
}

/* Takes the next line for the thread's own. The tables may move meanwhile, their names do not. */
static int take_line(struct undoing *u, struct mender *m, struct own_line *own,
		     struct table_def *def, struct etl_err *err)
{
	const struct table_def *found = NULL;
	int rc;

	pthread_mutex_lock(&u->mutex);
	rc = stop_asked(u->job->stop) ? etl_err_set(err, ETL_ESTOPPED, "stopped before all was "
						    "undone")
				      : read_line(&u->reading, &u->line, err);
	if (rc == 1) {
		const char *text = u->reading.text;

		u->result->lines++;
		buf_reset(&own->text);
		buf_adds(&own->text, text);
		own->key = moved(u->line.key_json, text, own->text.ptr);
		own->before = moved(u->line.before, text, own->text.ptr);
		own->after = moved(u->line.after, text, own->text.ptr);
		rc = find_table(u, m, buf_cstr(&u->line.table), &found, err);
		if (rc == 0) {
			*def = *found;
			rc = 1;
		}
	}
	pthread_mutex_unlock(&u->mutex);
	return rc;
}

static void count(struct undoing *u, const struct own_line *own, const char *table,
		  enum mended how, const struct etl_err *why)
{
	struct undo_result *r = u->result;

	pthread_mutex_lock(&u->mutex);
	r->undone += how == MENDED;
	r->already += how == MENDED_ALREADY;
	if (how == MEND_CHANGED || how == MEND_REFUSED)
		left_alone_add(&r->left_alone, table, own->key,
			       how == MEND_REFUSED ? why->msg
						   : "it was changed since it was repaired");
	pthread_mutex_unlock(&u->mutex);
}

static int undo_lines(void *ctx, unsigned i, struct etl_err *err)
{
	struct undoing *u = ctx;
	struct own_line own = { 0 };
	struct table_def def;
	struct mender m;
	int rc = mender_begin(&m, u->job->sink, &u->watch, u->rate, u->job->stop, i, err);

	if (rc < 0)
		return rc;
	while ((rc = take_line(u, &m, &own, &def, err)) == 1) {
		const struct mending what = { &def, own.key, own.after, own.before };
		struct etl_err why = { 0 };
		enum mended how;

		rc = mend(&m, &what, &how, &why, err);
		if (rc < 0)
			break;
		count(u, &own, def.name, how, &why);
	}
	buf_release(&own.text);
	mender_end(&m);
	return rc;
}

int undo_run(const struct undo_job *job, struct undo_result *result, struct etl_err *err)
{
	struct undoing u = { .job = job, .result = result };
	size_t i;
	int rc;

	*result = (struct undo_result){ 0 };
	retry_watch_init(&u.watch, &job->retry, job->clock, job->counters);
	u.rate = rate_new(job->clock, 1, job->max_wcu);
	pthread_mutex_init(&u.mutex, NULL);
	rc = begin_reading(&u.reading, job, &u.line, err);
	if (rc == 0)
		rc = parallel_run(&(struct parallel){ .n = job->workers, .run = undo_lines,
						      .ctx = &u, .stop = job->stop }, err);
	end_reading(&u.reading);
	buf_release(&u.line.table);
	for (i = 0; i < u.ntables; i++)
		arena_free(u.tables[i].arena);
	free(u.tables);
	pthread_mutex_destroy(&u.mutex);
	rate_free(u.rate);
	return rc;
}

void undo_result_release(struct undo_result *r)
{
	left_alone_release(&r->left_alone);
}
