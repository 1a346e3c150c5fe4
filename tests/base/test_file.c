#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char dir[] = "/tmp/test-file-XXXXXX";
static char path[200];
static struct buf content;
static struct etl_err err;

static const char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void make_dir(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	etl_err_clear(&err);
}

static void remove_dir(void)
{
	char command[200];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
	buf_release(&content);
}

static mode_t mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(written_and_read)
{
	char big[200000];
	const char *name = in_dir("x");

	memset(big, 'z', sizeof(big));
	ck_assert_int_eq(file_write_atomic(name, STR("one\0two"), &err), 0);
	ck_assert_uint_eq(mode_of(name), 0600);
	buf_adds(&content, ">");
	ck_assert_int_eq(file_read(name, 100, &content, &err), 0);
	ck_assert(str_eq(buf_str(&content), STR(">one\0two")));
	ck_assert_int_eq(file_write_atomic(name, (struct str){ big, sizeof(big) }, &err), 0);
	buf_reset(&content);
	ck_assert_int_eq(file_read(name, sizeof(big), &content, &err), 0);
	ck_assert_uint_eq(content.len, sizeof(big));
	ck_assert_int_eq(file_write_atomic(name, STR(""), &err), 0);
	buf_reset(&content);
	ck_assert_int_eq(file_read(name, 0, &content, &err), 0);
	ck_assert_uint_eq(content.len, 0);
}
END_TEST

START_TEST(read_too_large)
{
	const char *name = in_dir("x");

	ck_assert_int_eq(file_write_atomic(name, STR("12345"), &err), 0);
	ck_assert_int_eq(file_read(name, 4, &content, &err), -ETL_ESYSTEM);
	ck_assert_uint_eq(content.len, 0);
	ck_assert_ptr_nonnull(strstr(err.msg, "larger than 4 bytes"));
}
END_TEST

START_TEST(read_what_is_not_there)
{
	ck_assert_int_eq(file_read(in_dir("no"), 4, &content, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, "No such file"));
	etl_err_clear(&err);
	ck_assert_int_eq(file_read(dir, 4, &content, &err), -ETL_ESYSTEM);
}
END_TEST

START_TEST(failed_write_leaves_the_old)
{
	char name[220];
	struct stat st;

	snprintf(name, sizeof(name), "%s/no/x", dir);
	ck_assert_int_eq(file_write_atomic(name, STR("new"), &err), -ETL_ESYSTEM);
	etl_err_clear(&err);
	/* A directory cannot be replaced by a file, and the new file goes away again. */
	ck_assert_int_eq(mkdir(in_dir("d"), 0700), 0);
	snprintf(name, sizeof(name), "%s.tmp.%ld", path, (long)getpid());
	ck_assert_int_eq(file_write_atomic(path, STR("new"), &err), -ETL_ESYSTEM);
	ck_assert_int_eq(stat(name, &st), -1);
}
END_TEST

START_TEST(full_device)
{
	int fd = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_write_all(fd, "x", 1, "/dev/full", &err), -ETL_ESYSTEM);
	ck_assert_str_eq(err.msg, "cannot write '/dev/full': No space left on device");
	close(fd);
}
END_TEST

START_TEST(directories)
{
	char deep[220];

	snprintf(deep, sizeof(deep), "%s/a//b/c/", dir);
	ck_assert_int_eq(file_mkdirs(deep, &err), 0);
	ck_assert_int_eq(file_mkdirs(deep, &err), 0);
	ck_assert_uint_eq(mode_of(in_dir("a/b/c")), 0700);
	ck_assert_uint_eq(mode_of(in_dir("a")), 0700);
	ck_assert_int_eq(file_mkdirs("/", &err), 0);
	ck_assert_int_eq(file_mkdirs(".", &err), 0);
	ck_assert_int_eq(file_write_atomic(in_dir("f"), STR("x"), &err), 0);
	ck_assert_int_eq(file_mkdirs(path, &err), -ETL_ESYSTEM);
	ck_assert_ptr_nonnull(strstr(err.msg, "a file of that name is there"));
	etl_err_clear(&err);
	ck_assert_int_eq(file_mkdirs(in_dir("f/g"), &err), -ETL_ESYSTEM);
	etl_err_clear(&err);
	ck_assert_int_eq(file_mkdirs("/proc/no/such", &err), -ETL_ESYSTEM);
}
END_TEST

static Suite *file_suite(void)
{
	Suite *suite = suite_create("base/file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, make_dir, remove_dir);
	tcase_add_test(tc, written_and_read);
	tcase_add_test(tc, read_too_large);
	tcase_add_test(tc, read_what_is_not_there);
	tcase_add_test(tc, failed_write_leaves_the_old);
	tcase_add_test(tc, full_device);
	tcase_add_test(tc, directories);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(file_suite)
