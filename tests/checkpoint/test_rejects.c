#include "check_main.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/mem.h"
#include "checkpoint/rejects.h"
#include "scratch.h"

static struct reject_spool *spool;
static struct buf text;

static void begin(void)
{
	scratch_make();
	spool = reject_spool_new(dir);
}

static void end(void)
{
	reject_spool_free(spool);
	reject_spool_free(NULL);
	buf_release(&text);
	scratch_remove();
}

static void written(const char *name)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	ck_assert_int_ge(fd, 0);
	fine(reject_spool_write(spool, fd, name, &err));
	close(fd);
	get_file(in_dir(name), &text);
}

START_TEST(small)
{
	fine(reject_spool_add(spool, STR("{\"a\":1}"), &err));
	fine(reject_spool_add(spool, STR("{}"), &err));
	ck_assert_uint_eq(reject_spool_lines(spool), 2);
	ck_assert_uint_eq(reject_spool_bytes(spool), 11);
	written("out");
	ck_assert_str_eq(buf_cstr(&text), "{\"a\":1}\n{}\n");
	written("out");
	ck_assert_str_eq(buf_cstr(&text), "{\"a\":1}\n{}\n{\"a\":1}\n{}\n");
	reject_spool_reset(spool);
	ck_assert_uint_eq(reject_spool_lines(spool), 0);
	ck_assert_uint_eq(reject_spool_bytes(spool), 0);
	written("other");
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

START_TEST(one_line_each)
{
	ck_assert_int_eq(reject_spool_add(spool, STR("a\nb"), &err), -ETL_EINTERNAL);
	ck_assert_uint_eq(reject_spool_lines(spool), 0);
}
END_TEST

/* Far beyond the memory's limit, twice, as a unit that is read again does. */
START_TEST(large)
{
	char line[4000];
	unsigned round, i;

	memset(line, 'r', sizeof(line));
	for (round = 0; round < 2; round++) {
		reject_spool_reset(spool);
		for (i = 0; i < 1000; i++) {
			memcpy(line, &"0123456789abcdef"[(i + round) % 16], 1);
			fine(reject_spool_add(spool, (struct str){ line, sizeof(line) }, &err));
		}
		ck_assert_uint_eq(reject_spool_lines(spool), 1000);
		ck_assert_uint_eq(reject_spool_bytes(spool), 1000 * (sizeof(line) + 1));
		unlink(in_dir("out"));
		written("out");
		ck_assert_uint_eq(text.len, 1000 * (sizeof(line) + 1));
		for (i = 0; i < 1000; i++) {
			ck_assert_int_eq(text.ptr[i * 4001], "0123456789abcdef"[(i + round) % 16]);
			ck_assert_int_eq(text.ptr[i * 4001 + 4000], '\n');
		}
	}
	/* The temporary file has no name that could be left behind. */
	unlink(in_dir("out"));
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
}
END_TEST

static void *add_many(void *arg)
{
	struct etl_err e = { 0 };
	int i;

	for (i = 0; i < 5000; i++)
		reject_spool_add(spool, STR("{\"entity\":\"User\",\"code\":\"KEY_NULL\",\"x\":"
					    "\"0123456789012345678901234567890123456789\"}"), &e);
	return arg;
}

START_TEST(several_threads)
{
	pthread_t t[4];
	size_t i, lines = 0;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, add_many, NULL);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	written("out");
	ck_assert_uint_eq(reject_spool_lines(spool), 20000);
	ck_assert_uint_gt(text.len, REJECT_SPOOL_MEMORY_BYTES);
	for (i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	ck_assert_uint_eq(lines, 20000);
}
END_TEST

START_TEST(nowhere_to_spill)
{
	struct reject_spool *s = reject_spool_new("/proc/no-such-dir");
	char line[700 * 1024];
	int rc = 0, i;

	memset(line, 'x', sizeof(line));
	for (i = 0; i < 3 && !rc; i++)
		rc = reject_spool_add(s, (struct str){ line, sizeof(line) }, &err);
	ck_assert_int_eq(rc, -ETL_ESYSTEM);
	/* A line is missing: nothing may come of it, until it is begun again. */
	etl_err_clear(&err);
	ck_assert_int_eq(reject_spool_add(s, STR("x"), &err), -ETL_ESYSTEM);
	ck_assert_int_eq(reject_spool_write(s, 2, "stderr", &err), -ETL_ESYSTEM);
	etl_err_clear(&err);
	reject_spool_reset(s);
	fine(reject_spool_add(s, STR("x"), &err));
	reject_spool_free(s);
}
END_TEST

START_TEST(full_device)
{
	int fd = open("/dev/full", O_WRONLY);

	fine(reject_spool_add(spool, STR("x"), &err));
	ck_assert_int_eq(reject_spool_write(spool, fd, "/dev/full", &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, "No space left"));
	close(fd);
}
END_TEST

START_TEST(gathered)
{
	const char *paths[3];
	uint64_t lines = 0;
	struct stat st;

	put_file(in_dir("a"), "1\n2\n", 4);
	put_file(in_dir("c"), "3\n", 2);
	put_file(in_dir("out"), "older and longer than what comes\n", 33);
	chmod(in_dir("out"), 0644);
	ck_assert_int_eq(symlink("out", in_dir("link")), 0);
	paths[0] = strdup(in_dir("a"));
	paths[1] = strdup(in_dir("b"));
	paths[2] = strdup(in_dir("c"));
	fine(rejects_gather(paths, 3, in_dir("link"), &lines, &err));
	ck_assert_uint_eq(lines, 3);
	ck_assert_uint_eq(mode_of(in_dir("out")), 0600);
	ck_assert_int_eq(lstat(in_dir("link"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	get_file(in_dir("out"), &text);
	ck_assert_str_eq(buf_cstr(&text), "1\n2\n3\n");
	fine(rejects_gather(paths, 0, in_dir("empty"), &lines, &err));
	ck_assert_uint_eq(lines, 0);
	ck_assert_int_eq(size_of(in_dir("empty")), 0);
	fine(rejects_gather(paths, 3, "/dev/null", &lines, &err));
	ck_assert_int_eq(rejects_gather(paths, 3, "/dev/full", &lines, &err), -ETL_ESYSTEM);
	etl_err_clear(&err);
	ck_assert_int_eq(rejects_gather(paths, 3, in_dir("no/out"), &lines, &err), -ETL_ESYSTEM);
	free((char *)(uintptr_t)paths[0]);
	free((char *)(uintptr_t)paths[1]);
	free((char *)(uintptr_t)paths[2]);
}
END_TEST

static Suite *rejects_suite(void)
{
	Suite *suite = suite_create("checkpoint/rejects");
	TCase *tc = tcase_create("rejects");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, small);
	tcase_add_test(tc, one_line_each);
	tcase_add_test(tc, large);
	tcase_add_test(tc, several_threads);
	tcase_add_test(tc, nowhere_to_spill);
	tcase_add_test(tc, full_device);
	tcase_add_test(tc, gathered);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(rejects_suite)
