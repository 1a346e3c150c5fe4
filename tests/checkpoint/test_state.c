#include "check_main.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "checkpoint/state.h"
#include "fakes/fake_clock.h"
#include "scratch.h"

START_TEST(made_private)
{
	struct state *st;

	fine(state_open(in_dir("a/b"), clock_real(), "load", &st, &err));
	ck_assert_uint_eq(mode_of(in_dir("a/b")), 0700);
	ck_assert_uint_eq(mode_of(in_dir("a/b/lock")), 0600);
	ck_assert_str_eq(state_dir(st), in_dir("a/b"));
	state_close(st);
	state_close(NULL);
}
END_TEST

START_TEST(one_run_at_a_time)
{
	struct state *st, *second;
	struct fake_clock clock;
	char expected[600], host[256] = "";

	fake_clock_init(&clock, 1706696430000);
	ck_assert_int_eq(gethostname(host, sizeof(host) - 1), 0);
	fine(state_open(dir, &clock.clock, "run", &st, &err));
	ck_assert_int_eq(state_open(dir, clock_real(), "load", &second, &err), -ETL_ELOCKED);
	ck_assert_ptr_null(second);
	snprintf(expected, sizeof(expected), "another run works in state directory '%s': 'etl run', "
		 "process %ld on %s, since 2024-01-31T10:20:30Z", dir, (long)getpid(), host);
	ck_assert_str_eq(err.msg, expected);
	ck_assert(err.hint[0]);
	state_close(st);
	etl_err_clear(&err);
	fine(state_open(dir, clock_real(), "load", &second, &err));
	state_close(second);
}
END_TEST

static const char *stderr_of_opening(struct state **st)
{
	static char text[1024];
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(dup2(ends[1], STDERR_FILENO), 0);
	close(ends[1]);
	fine(state_open(dir, clock_real(), "verify", st, &err));
	ck_assert_int_ge(dup2(saved, STDERR_FILENO), 0);
	close(saved);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* A killed run's lock is nobody's. */
START_TEST(stale_lock_taken_over)
{
	struct state *st;
	char expected[600];
	const char *said;
	int ready[2];
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (state_open(dir, clock_real(), "load", &st, &err) || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	ck_assert_int_eq(state_open(dir, clock_real(), "load", &st, &err), -ETL_ELOCKED);
	etl_err_clear(&err);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ck_assert_int_gt(size_of(in_dir("lock")), 0);
	said = stderr_of_opening(&st);
	snprintf(expected, sizeof(expected), "warning: the last run in state directory '%s' was killed: "
		 "'etl load', process %ld on ", dir, (long)pid);
	ck_assert_msg(strncmp(said, expected, strlen(expected)) == 0, "%s", said);
	ck_assert_ptr_nonnull(strstr(said, "Z; its lock is taken over\n"));
	state_close(st);
	/* one that ended by itself is not worth a word */
	ck_assert_str_eq(stderr_of_opening(&st), "");
	state_close(st);
	close(ready[0]);
	close(ready[1]);
}
END_TEST

static const char *const unusable[] = { "/proc/1", "/proc/no-such/dir", "/dev/null/x", "/dev/null" };

START_TEST(unusable_directory)
{
	struct state *st;

	ck_assert_int_eq(state_open(unusable[_i], clock_real(), "load", &st, &err), -ETL_ESYSTEM);
	ck_assert_ptr_null(st);
	ck_assert_mem_eq(err.msg, "cannot ", 7);
	ck_assert_ptr_nonnull(strstr(err.hint, "--state-dir"));
}
END_TEST

START_TEST(load_paths)
{
	static const struct { const char *table, *path; } plain[] = {
		{ "Users", "d/load-Users.x" },
		{ "a.b-c_9", "d/load-a.b-c_9.x" },
		{ "..", "d/load-...x" },
	};
	static const char *const odd[] = { "a/b", "a_b/", "a\nb", "", "\xc3\xa4" };
	struct buf path = { 0 };
	char name[256];
	size_t i;

	for (i = 0; i < 3; i++) {
		buf_reset(&path);
		state_load_path("d", plain[i].table, ".x", &path);
		ck_assert_str_eq(buf_cstr(&path), plain[i].path);
	}
	for (i = 0; i < 4; i++) {
		buf_reset(&path);
		state_load_path("d", odd[i], ".x", &path);
		if (odd[i][0])
			ck_assert_ptr_nonnull(strchr(buf_cstr(&path), '~'));
		ck_assert_ptr_null(strchr(buf_cstr(&path) + 2, '/'));
		ck_assert_ptr_null(strchr(buf_cstr(&path), '\n'));
	}
	memset(name, 'n', 255);
	name[255] = '\0';
	buf_reset(&path);
	state_load_path("d", name, ".journal.tmp.1234567", &path);
	ck_assert_uint_le(path.len - 2, 255);
	name[254] = 'm';
	{
		struct buf other = { 0 };

		state_load_path("d", name, ".journal.tmp.1234567", &other);
		ck_assert_str_ne(buf_cstr(&path), buf_cstr(&other));
		buf_release(&other);
	}
	buf_release(&path);
}
END_TEST

/* ---- runs ---- */

static struct run_record got[8];
static char got_text[8][300];
static size_t ngot;

static int keep(const struct run_record *run, void *arg)
{
	size_t i, at;

	ck_assert_uint_lt(ngot, 8);
	got[ngot] = *run;
	at = (size_t)snprintf(got_text[ngot], sizeof(got_text[0]), "%s|%s|%s", run->command,
			      run->outcome, run->message ? run->message : "-");
	for (i = 0; i < run->ntables; i++)
		at += (size_t)snprintf(got_text[ngot] + at, sizeof(got_text[0]) - at, "|%s",
				       run->tables[i]);
	ngot++;
	return arg ? *(int *)arg : 0;
}

static void read_all(size_t expected, size_t expected_damaged)
{
	size_t damaged = 99;

	ngot = 0;
	fine(runs_read(dir, keep, NULL, &damaged, &err));
	ck_assert_uint_eq(ngot, expected);
	ck_assert_uint_eq(damaged, expected_damaged);
}

static const char *const tables[] = { "Users", "Or\"ders" };
static const struct run_record load_run = {
	.start_utc_ms = 1706696430123, .end_utc_ms = 1706696431999, .command = "load",
	.ntables = 2, .tables = tables, .outcome = "done", .exit_status = 3, .has_counts = true,
	.counts = { .rows_read = 10, .items_written = 7, .items_replaced = 3, .rows_skipped = 1,
		    .rows_same = 1, .rows_rejected = 2, .sparse = 4, .bytes = 123456789012345,
		    .wcu_milli = 500, .write_units = 8 },
};
static const struct run_record check_run = {
	.start_utc_ms = 0, .end_utc_ms = -1, .command = "check", .outcome = "source",
	.exit_status = 1, .message = "can't\n\xff",
};

START_TEST(runs_come_back)
{
	struct buf text = { 0 };

	read_all(0, 0);
	fine(runs_append(dir, &load_run, &err));
	fine(runs_append(dir, &check_run, &err));
	ck_assert_uint_eq(mode_of(in_dir("runs.jsonl")), 0600);
	read_all(2, 0);
	ck_assert_str_eq(got_text[0], "load|done|-|Users|Or\"ders");
	ck_assert_int_eq(got[0].start_utc_ms, load_run.start_utc_ms);
	ck_assert_int_eq(got[0].end_utc_ms, load_run.end_utc_ms);
	ck_assert_int_eq(got[0].exit_status, 3);
	ck_assert(got[0].has_counts);
	ck_assert_mem_eq(&got[0].counts, &load_run.counts, sizeof(load_run.counts));
	ck_assert_str_eq(got_text[1], "check|source|can't\\x0a\\xff");
	ck_assert_int_eq(got[1].end_utc_ms, -1);
	ck_assert(!got[1].has_counts);
	get_file(in_dir("runs.jsonl"), &text);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&text), "\"start\":\"2024-01-31T10:20:30.123Z\""));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&text), "\"end\":\"1969-12-31T23:59:59.999Z\""));
	buf_release(&text);
}
END_TEST

/* Torn anywhere, a line spoils only itself. */
START_TEST(torn_runs)
{
	struct buf text = { 0 };
	size_t n;

	fine(runs_append(dir, &load_run, &err));
	get_file(in_dir("runs.jsonl"), &text);
	for (n = 0; n < text.len; n++) {
		bool whole = n + 1 == text.len;	/* only the newline is missing */

		put_file(in_dir("runs.jsonl"), text.ptr, n);
		read_all(whole, n > 0 && !whole);
		fine(runs_append(dir, &check_run, &err));
		read_all(1 + whole, n > 0 && !whole);
	}
	buf_release(&text);
}
END_TEST

static const char *const not_runs[] = {
	"[]", "{}", "null", "garbage", "{\"command\":\"x\",\"outcome\":\"y\"}",
	"{\"command\":1}", "{\"tables\":[1]}", "{\"counts\":{\"rows_read\":-1}}",
	"{\"exit_status\":999}", "{\"start_ms\":99999999999999999999}", "{\"start_ms\":1.5}",
};

START_TEST(strange_lines)
{
	struct buf text = { 0 };

	buf_addf(&text, "%s\n\n%s\n", not_runs[_i],
		 "{\"new\":{\"a\":[1]},\"command\":\"c\",\"start_ms\":1,\"end_ms\":2,"
		 "\"outcome\":\"o\",\"counts\":{\"later\":[],\"rows_read\":5}}");
	put_file(in_dir("runs.jsonl"), text.ptr, text.len);
	read_all(1, 1);
	ck_assert_str_eq(got_text[0], "c|o|-");
	ck_assert_uint_eq(got[0].counts.rows_read, 5);
	buf_release(&text);
}
END_TEST

START_TEST(reading_ends_early)
{
	int enough = 42;

	fine(runs_append(dir, &load_run, &err));
	fine(runs_append(dir, &check_run, &err));
	ngot = 0;
	ck_assert_int_eq(runs_read(dir, keep, &enough, NULL, &err), 42);
	ck_assert_uint_eq(ngot, 1);
	ck_assert_int_eq(runs_read("/no/such/dir", keep, NULL, NULL, &err), 0);
}
END_TEST

START_TEST(disk_full)
{
	struct rlimit small = { 20, RLIM_INFINITY }, old;

	fine(runs_append(dir, &load_run, &err));
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	setrlimit(RLIMIT_FSIZE, &small);
	ck_assert_int_eq(runs_append(dir, &load_run, &err), -ETL_ESYSTEM);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_ptr_nonnull(strstr(err.msg, "runs.jsonl"));
}
END_TEST

static Suite *state_suite(void)
{
	Suite *suite = suite_create("checkpoint/state");
	TCase *tc = tcase_create("state");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, made_private);
	tcase_add_test(tc, one_run_at_a_time);
	tcase_add_test(tc, stale_lock_taken_over);
	tcase_add_loop_test(tc, unusable_directory, 0, 4);
	tcase_add_test(tc, load_paths);
	tcase_add_test(tc, runs_come_back);
	tcase_add_test(tc, torn_runs);
	tcase_add_loop_test(tc, strange_lines, 0, (int)(sizeof(not_runs) / sizeof(not_runs[0])));
	tcase_add_test(tc, reading_ends_early);
	tcase_add_test(tc, disk_full);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(state_suite)
