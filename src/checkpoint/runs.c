/*
 * runs.jsonl: {"start":...,"end":...,"command":"load","tables":["Users"],"outcome":"done",
 * "exit_status":0,"message":"...","counts":{...}} - times in UTC as text for people and their
 * tools, and in milliseconds for this program.
 */
#include "checkpoint/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/json.h"

#define RUNS_MAX_BYTES ((size_t)1 << 30)
#define RUNS_NAME "runs.jsonl"

/* Each number of a run with its name and place. */
static const struct {
	const char *name;
	size_t offset;
} count_fields[] = {
	{ "rows_read", offsetof(struct load_counts, rows_read) },
	{ "items_written", offsetof(struct load_counts, items_written) },
	{ "items_replaced", offsetof(struct load_counts, items_replaced) },
	{ "rows_skipped", offsetof(struct load_counts, rows_skipped) },
	{ "rows_same", offsetof(struct load_counts, rows_same) },
	{ "rows_rejected", offsetof(struct load_counts, rows_rejected) },
	{ "sparse", offsetof(struct load_counts, sparse) },
	{ "bytes", offsetof(struct load_counts, bytes) },
	{ "wcu_milli", offsetof(struct load_counts, wcu_milli) },
	{ "write_units", offsetof(struct load_counts, write_units) },
};
#define NCOUNTS (sizeof(count_fields) / sizeof(count_fields[0]))

/* ---- writing ---- */

/* JSON text must be UTF-8, whatever a server's message was made of. */
static void add_text(struct buf *out, const char *text)
{
	struct buf clean = { 0 };

	buf_add_printable(&clean, str_of(text));
	buf_add_json(out, buf_str(&clean));
	buf_release(&clean);
}

static void add_time(struct buf *out, const char *name, int64_t utc_ms)
{
	int64_t seconds = utc_ms / 1000;
	time_t t = (time_t)(utc_ms % 1000 < 0 ? seconds - 1 : seconds);
	int64_t ms = utc_ms - (int64_t)t * 1000;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(out, "\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\",\"%s_ms\":%lld,", name,
		 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (int)ms, name, (long long)utc_ms);
}

static void add_run(struct buf *out, const struct run_record *run)
{
	size_t i;

	buf_addc(out, '{');
	add_time(out, "start", run->start_utc_ms);
	add_time(out, "end", run->end_utc_ms);
	buf_adds(out, "\"command\":");
	add_text(out, run->command);
	buf_adds(out, ",\"tables\":[");
	for (i = 0; i < run->ntables; i++) {
		if (i)
			buf_addc(out, ',');
		add_text(out, run->tables[i]);
	}
	buf_adds(out, "],\"outcome\":");
	add_text(out, run->outcome);
	buf_addf(out, ",\"exit_status\":%d", run->exit_status);
	if (run->message && run->message[0]) {
		buf_adds(out, ",\"message\":");
		add_text(out, run->message);
	}
	if (run->has_counts) {
		buf_adds(out, ",\"counts\":{");
		for (i = 0; i < NCOUNTS; i++) {
			uint64_t n;

			memcpy(&n, (const char *)&run->counts + count_fields[i].offset,
			       sizeof(n));
			buf_addf(out, "%s\"%s\":%llu", i ? "," : "", count_fields[i].name,
				 (unsigned long long)n);
		}
		buf_addc(out, '}');
	}
	buf_adds(out, "}\n");
}

/* A crash may have left half a line; ours must not become its other half. */
static bool ends_within_line(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int runs_append(const char *dir, const struct run_record *run, struct etl_err *err)
{
	struct buf path = { 0 }, line = { 0 };
	int fd, rc;

	rc = file_mkdirs(dir, err);
	if (rc)
		return rc;
	buf_addf(&path, "%s/" RUNS_NAME, dir);
	fd = open(buf_cstr(&path), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", buf_cstr(&path),
				 strerror(errno));
		goto out;
	}
	/* Commands without the directory's lock come here too: two must not mix their lines. */
	while (flock(fd, LOCK_EX) && errno == EINTR)
		;
	if (ends_within_line(fd))
		buf_addc(&line, '\n');
	add_run(&line, run);
	rc = file_write_all(fd, line.ptr, line.len, buf_cstr(&path), err);
	if (!rc && fdatasync(fd))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot sync '%s': %s", buf_cstr(&path),
				 strerror(errno));
	if (close(fd) && !rc)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot close '%s': %s", buf_cstr(&path),
				 strerror(errno));
out:
	buf_release(&line);
	buf_release(&path);
	return rc;
}

/* ---- reading ---- */

/* A line's texts, kept while its run is given. */
struct run_reader {
	struct json_reader json;
	struct run_record run;
	struct arena *arena;
	const char **tables;
	size_t tables_cap;
	bool has_start, has_end;
};

static bool number_text(struct str text, bool may_be_negative, int64_t *out)
{
	bool negative = text.len && text.ptr[0] == '-';
	uint64_t n = 0;
	size_t i;

	if (negative && !may_be_negative)
		return false;
	for (i = negative; i < text.len; i++) {
		unsigned digit = (unsigned)(text.ptr[i] - '0');

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = negative ? -(int64_t)n : (int64_t)n;
	return text.len > negative;
}

static bool read_tables(struct run_reader *r)
{
	enum json_token t;

	if (json_next(&r->json) != JSON_ARRAY)
		return false;
	while ((t = json_next(&r->json)) == JSON_STRING) {
		r->tables = mem_grow(r->tables, &r->tables_cap, r->run.ntables + 1,
				     sizeof(*r->tables));
		r->tables[r->run.ntables++] =
			arena_strndup(r->arena, r->json.text.ptr, r->json.text.len);
	}
	return t == JSON_ARRAY_END;
}

static bool read_counts(struct run_reader *r)
{
	enum json_token t;

	if (json_next(&r->json) != JSON_OBJECT)
		return false;
	while ((t = json_next(&r->json)) == JSON_KEY) {
		size_t i = 0;
		int64_t n;

		while (i < NCOUNTS && !str_is(r->json.text, count_fields[i].name))
			i++;
		t = json_next(&r->json);
		if (i == NCOUNTS) {
			if (json_skip(&r->json, t))
				return false;
			continue;
		}
		if (t != JSON_NUMBER || !number_text(r->json.text, false, &n))
			return false;
		memcpy((char *)&r->run.counts + count_fields[i].offset, &n, sizeof(n));
	}
	r->run.has_counts = true;
	return t == JSON_OBJECT_END;
}

static bool read_text(struct run_reader *r, const char **out)
{
	if (json_next(&r->json) != JSON_STRING)
		return false;
	*out = arena_strndup(r->arena, r->json.text.ptr, r->json.text.len);
	return true;
}

static bool read_number(struct run_reader *r, int64_t *out)
{
	return json_next(&r->json) == JSON_NUMBER && number_text(r->json.text, true, out);
}

static bool read_member(struct run_reader *r)
{
	struct str key = r->json.text;
	int64_t n;

	if (str_is(key, "tables"))
		return read_tables(r);
	if (str_is(key, "counts"))
		return read_counts(r);
	if (str_is(key, "command"))
		return read_text(r, &r->run.command);
	if (str_is(key, "outcome"))
		return read_text(r, &r->run.outcome);
	if (str_is(key, "message"))
		return read_text(r, &r->run.message);
	if (str_is(key, "start_ms"))
		return r->has_start = read_number(r, &r->run.start_utc_ms);
	if (str_is(key, "end_ms"))
		return r->has_end = read_number(r, &r->run.end_utc_ms);
	if (str_is(key, "exit_status")) {
		if (!read_number(r, &n) || n < 0 || n > 255)
			return false;
		r->run.exit_status = (int)n;
		return true;
	}
	return json_skip(&r->json, json_next(&r->json)) == 0;
}

/* Other keys are a later version's and passed over. */
static bool read_run(struct run_reader *r)
{
	enum json_token t;

	if (json_next(&r->json) != JSON_OBJECT)
		return false;
	while ((t = json_next(&r->json)) == JSON_KEY)
		if (!read_member(r))
			return false;
	r->run.tables = r->tables;
	return t == JSON_OBJECT_END && json_next(&r->json) == JSON_END && r->run.command &&
	       r->run.outcome && r->has_start && r->has_end;
}

static int give_line(struct str line, int (*each)(const struct run_record *run, void *arg),
		     void *arg, size_t *damaged)
{
	struct run_reader r = { .arena = arena_new() };
	int rc = 0;

	json_init(&r.json, line);
	if (read_run(&r))
		rc = each(&r.run, arg);
	else
		++*damaged;
	json_release(&r.json);
	free(r.tables);
	arena_free(r.arena);
	return rc;
}

int runs_read(const char *dir, int (*each)(const struct run_record *run, void *arg), void *arg,
	      size_t *damaged, struct etl_err *err)
{
	struct buf path = { 0 }, content = { 0 };
	size_t bad = 0, at = 0;
	int rc = 0;

	if (damaged)
		*damaged = 0;
	buf_addf(&path, "%s/" RUNS_NAME, dir);
	if (access(buf_cstr(&path), F_OK) && (errno == ENOENT || errno == ENOTDIR))
		goto out;
	rc = file_read(buf_cstr(&path), RUNS_MAX_BYTES, &content, err);
	while (!rc && at < content.len) {
		const char *end = memchr(content.ptr + at, '\n', content.len - at);
		size_t n = end ? (size_t)(end - content.ptr) - at : content.len - at;

		if (n)
			rc = give_line((struct str){ content.ptr + at, n }, each, arg, &bad);
		at += n + 1;
	}
	if (damaged)
		*damaged = bad;
out:
	buf_release(&content);
	buf_release(&path);
	return rc;
}
