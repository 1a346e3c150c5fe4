/* Journals and rejects that were torn, bent or lost, full disks and killed processes. */
#include "check_main.h"

#include "checkpoint/whole_load.h"

/* The heart of it: a load that died at any byte of its journal goes on to the same end. The
 * rejects file is as full as it ever was, as if its appends had come before the crash. */
START_TEST(torn_at_every_byte)
{
	struct buf journal = { 0 }, rejects = { 0 };
	size_t n, resumed = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	get_file(REJECTS, &rejects);
	for (n = 0; n <= journal.len; n++) {
		put_file(JOURNAL, journal.ptr, n);
		put_file(REJECTS, rejects.ptr, rejects.len);
		open_cp();
		resumed += checkpoint_resumed(cp);
		go_on_to_the_end();
		assert_whole();
		close_cp();
		open_cp();
		ck_assert(checkpoint_finished(cp));
		assert_whole();
		close_cp();
	}
	ck_assert_uint_gt(resumed, journal.len / 2);
	buf_release(&journal);
	buf_release(&rejects);
}
END_TEST

/* Any one byte of it other than it was: a clean error, or a state from which the load comes to
 * the same end. */
START_TEST(every_byte_flipped)
{
	static const unsigned char flips[] = { 0x01, 0x20, 0x80, 0xff };
	struct buf journal = { 0 }, rejects = { 0 };
	size_t n, refused = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	get_file(REJECTS, &rejects);
	for (n = 0; n < journal.len; n++) {
		unsigned char was = (unsigned char)journal.ptr[n];

		journal.ptr[n] = (char)(was ^ flips[_i]);
		put_file(JOURNAL, journal.ptr, journal.len);
		put_file(REJECTS, rejects.ptr, rejects.len);
		journal.ptr[n] = (char)was;
		etl_err_clear(&err);
		if (checkpoint_open(st, TABLE, &identity, false, &cp, &err)) {
			ck_assert_int_eq(err.code, ETL_ESYSTEM);
			ck_assert_ptr_nonnull(strstr(err.msg, "damaged at byte"));
			ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
			ck_assert_ptr_null(cp);
			refused++;
			etl_err_clear(&err);
			continue;
		}
		go_on_to_the_end();
		assert_whole();
		close_cp();
	}
	/* Only the last record may pass for a torn end. */
	ck_assert_uint_ge(refused, journal.len - 30);
	buf_release(&journal);
	buf_release(&rejects);
}
END_TEST

START_TEST(lines_taken_out)
{
	struct buf journal = { 0 }, less = { 0 };
	size_t at = 0;

	open_cp();
	whole_load();
	close_cp();
	get_file(JOURNAL, &journal);
	while (at < journal.len) {
		const char *nl = memchr(journal.ptr + at, '\n', journal.len - at);
		size_t next = (size_t)(nl - journal.ptr) + 1;

		buf_reset(&less);
		buf_add(&less, journal.ptr, at);
		buf_add(&less, journal.ptr + next, journal.len - next);
		put_file(JOURNAL, less.ptr, less.len);
		if (next < journal.len) {
			ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err),
					 -ETL_ESYSTEM);
			etl_err_clear(&err);
		}
		at = next;
	}
	fine(checkpoint_open(st, TABLE, &identity, true, &cp, &err));
	whole_load();
	assert_whole();
	buf_release(&journal);
	buf_release(&less);
}
END_TEST

START_TEST(rejects_lost)
{
	open_cp();
	fine(plan(0, 0, false));
	fine(plan(0, 1, false));
	fine(done(0, 1));
	close_cp();
	if (_i)
		unlink(REJECTS);
	else
		put_file(REJECTS, "{", 1);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, ".rejects'"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
	etl_err_clear(&err);
}
END_TEST

/* Lines behind the recorded length were never part of a done unit: gone at once. */
START_TEST(rejects_of_no_done_unit)
{
	struct buf more = { 0 };

	open_cp();
	fine(plan(0, 0, false));
	fine(plan(0, 1, false));
	fine(done(0, _i ? 1 : 0));
	close_cp();
	if (_i)
		get_file(REJECTS, &bytes);
	buf_addstr(&more, buf_str(&bytes));
	buf_adds(&more, "{\"left\":\"over\"}\n");
	put_file(REJECTS, more.ptr, more.len);
	open_cp();
	ck_assert_int_eq(size_of(REJECTS), _i ? (long)bytes.len : -1);
	buf_release(&more);
}
END_TEST

static const char *const foreign[] = {
	"something else\n", "\n", "two\nlines", "00000000 0 etl-journal-2\n",
};

START_TEST(not_a_journal)
{
	put_file(JOURNAL, foreign[_i], strlen(foreign[_i]));
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.hint, "--restart"));
	etl_err_clear(&err);
	get_file(JOURNAL, &bytes);
	ck_assert_str_eq(buf_cstr(&bytes), foreign[_i]);
}
END_TEST

START_TEST(other_version)
{
	/* crc32("0 etl-journal-99 later") */
	static const char later[] = "4106dabd 0 etl-journal-99 later\n";

	put_file(JOURNAL, later, sizeof(later) - 1);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, "written by another version"));
	etl_err_clear(&err);
}
END_TEST

/* The disk is full at every possible byte: an error that stays, and a journal that goes on. */
START_TEST(disk_full)
{
	struct rlimit limit, old;
	struct etl_err first;
	bool rejects_too = _i;
	size_t n, failures = 0;

	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	getrlimit(RLIMIT_FSIZE, &old);
	for (n = 0; n < 400; n += 3) {
		unsigned i;
		int rc = 0;

		fine(checkpoint_open(st, TABLE, &identity, true, &cp, &err));
		limit = old;
		limit.rlim_cur = rejects_too ? n : (rlim_t)size_of(JOURNAL) + n;
		/* Rejects come to be longer than the journal where each line is. */
		setrlimit(RLIMIT_FSIZE, &limit);
		for (i = 0; i < 5 && !rc; i++) {
			rc = plan(0, i, i == 4);
			if (!rc)
				rc = done(0, i);
		}
		if (!rc)
			rc = checkpoint_sync(cp, &err);
		setrlimit(RLIMIT_FSIZE, &old);
		if (rc) {
			failures++;
			ck_assert_int_eq(rc, -ETL_ESYSTEM);
			first = err;
			etl_err_clear(&err);
			/* There is room again, but not for this one. */
			ck_assert_int_eq(done(0, 0), -ETL_ESYSTEM);
			ck_assert_str_eq(err.msg, first.msg);
			etl_err_clear(&err);
			ck_assert_int_eq(checkpoint_finish(cp, &err), -ETL_ESYSTEM);
			etl_err_clear(&err);
			ck_assert_int_eq(checkpoint_close(cp, &err), -ETL_ESYSTEM);
			etl_err_clear(&err);
			cp = NULL;
		} else {
			close_cp();
		}
		open_cp();
		ck_assert(checkpoint_resumed(cp));
		go_on_to_the_end();
		assert_whole();
		close_cp();
	}
	ck_assert_uint_gt(failures, 10);
}
END_TEST

START_TEST(nowhere_to_begin)
{
	struct rlimit limit, old;

	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 10;
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(checkpoint_open(st, TABLE, &identity, false, &cp, &err), -ETL_ESYSTEM);
	setrlimit(RLIMIT_FSIZE, &old);
	ck_assert_ptr_null(cp);
	etl_err_clear(&err);
	ck_assert_int_eq(size_of(JOURNAL), -1);
}
END_TEST

/* kill -9 at any moment: what a process was told is done is done in the next one. */
START_TEST(killed)
{
	int told[2];
	pid_t pid;
	unsigned char last = 0, n;
	struct checkpoint_entity s;

	ck_assert_int_eq(pipe(told), 0);
	pid = fork();
	if (pid == 0) {
		unsigned i;

		open_cp();
		for (i = 0; i < 250; i++) {
			unsigned char c = (unsigned char)(i + 1);

			if (plan(0, i, false) || done(0, i) || write(told[1], &c, 1) != 1)
				_exit(1);
		}
		pause();
		_exit(1);
	}
	close(told[1]);
	while (last < 40 + 50 * _i && read(told[0], &n, 1) == 1)
		last = n;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(told[0], &n, 1) == 1)
		last = n;
	close(told[0]);
	open_cp();
	checkpoint_entity(cp, 0, &s);
	buf_release(&s.last_high);
	ck_assert_uint_ge(s.ndone, last);
	ck_assert_uint_le(s.ndone, last + 1);
}
END_TEST

static Suite *checkpoint_suite(void)
{
	Suite *suite = suite_create("checkpoint/damage");
	TCase *tc = tcase_create("checkpoint");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, torn_at_every_byte);
	tcase_add_loop_test(tc, every_byte_flipped, 0, 4);
	tcase_add_test(tc, lines_taken_out);
	tcase_add_loop_test(tc, rejects_lost, 0, 2);
	tcase_add_loop_test(tc, rejects_of_no_done_unit, 0, 2);
	tcase_add_loop_test(tc, not_a_journal, 0, 4);
	tcase_add_test(tc, other_version);
	tcase_add_loop_test(tc, disk_full, 0, 2);
	tcase_add_test(tc, nowhere_to_begin);
	tcase_add_loop_test(tc, killed, 0, 3);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(checkpoint_suite)
