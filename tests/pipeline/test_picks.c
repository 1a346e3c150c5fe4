/* Loads of the rows that a rejects file names, after what was wrong with them is mended. */
#include "check_main.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "checkpoint/rejects.h"
#include "fakes/fake_world.h"
#include "pipeline/load.h"
#include "pipeline/picks.h"

static struct world w;
static char path[64];
static struct load_result result;
static struct etl_err err;
static struct reject_spool *spool;

static void setup(void)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/etl-test-picks-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	err = (struct etl_err){ 0 };
	result = (struct load_result){ 0 };
	spool = reject_spool_new("/tmp");
}

static void teardown(void)
{
	load_result_release(&result);
	ck_assert_ptr_null(fake_source_violation(w.source));
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
	reject_spool_free(spool);
	unlink(path);
}

static int run(struct picks *picks)
{
	struct load_job job = {
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters,
		.ntables = 2, .tables = w.tables, .readers = 3, .workers = 4, .chunk_rows = 40,
		.picks = picks, .rejects = spool,
	};

	load_result_release(&result);
	etl_err_clear(&err);
	reject_spool_reset(spool);
	world_again(&w);
	return load_run(&job, &result, &err);
}

static int read_file(struct picks *p, const char *text, uint64_t *passed_over)
{
	static const char *const others[] = { "Other" };

	ck_assert_int_eq(file_write_atomic(path, str_of(text), &err), 0);
	return picks_read(p, fake_source_source(w.source), path, others, 1, passed_over, &err);
}

static struct picks *picks_of_spool(void)
{
	struct picks *p = picks_new(w.tables, 2);
	uint64_t passed_over;

	ck_assert_int_eq(reject_spool_save(spool, path, &err), 0);
	ck_assert_msg(picks_read(p, fake_source_source(w.source), path, NULL, 0, &passed_over,
				 &err) == 0, "%s", err.msg);
	return p;
}

/* 900 goes; 901 is mended, and takes the key that 902 has had; 903 stays as it is. */
static void add_users(bool mended)
{
	if (!mended)
		world_user(&w, NULL, "-", "no key", "1", NULL, "900");
	world_user(&w, "X", "-", "the first", mended ? "1" : "one", NULL, "901");
	world_user(&w, "X", "-", "the second", "2", NULL, "902");
	world_user(&w, "Y", "-", "no number", "y", NULL, "903");
}

START_TEST(mended_rows)
{
	struct picks *p;
	int i;

	world_init(&w, 0, 300, 3, 20);
	add_users(false);
	/* several units */
	for (i = 0; i < 250; i++) {
		char a[16];

		snprintf(a, sizeof(a), "b%03d", i);
		world_order(&w, "USER#1", "ORDER#000001", "a duplicate", a, "1");
	}
	ck_assert_msg(run(NULL) == 0, "%s", err.msg);
	ck_assert_uint_eq(result.counts.rows_rejected, 3 + 250);
	p = picks_of_spool();
	fake_source_drop_rows(w.source, "v_user");
	add_users(true);
	fake_sink_fault(w.sink, FAKE_WRITE, 1, 1, FAKE_TRANSIENT, 0);
	ck_assert_msg(run(p) == 0, "%s", err.msg);
	ck_assert(result.complete);
	ck_assert_msg(!world_differs(&w), "%s", world_differs(&w));
	ck_assert_uint_eq(result.rows_picked, 4 + 250);
	ck_assert_uint_eq(result.rows_gone, 1);
	ck_assert_uint_eq(result.counts.rows_read, 3 + 250);
	ck_assert_uint_eq(result.counts.items_written, 1);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_KEY_DUPLICATE], 1);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_NOT_NUMBER], 1);
	ck_assert_uint_eq(result.entities[W_ORDER].rejects[REJECT_KEY_DUPLICATE], 250);
	ck_assert_uint_eq(reject_spool_lines(spool), 252);
	picks_free(p);
}
END_TEST

/* Without a way to name the loser it cannot become the reject that it would be. */
START_TEST(loser_without_primary_key)
{
	struct picks *p = NULL;

	world_init(&w, 5, 0, 0, 0);
	world_note(&w, "X", "-", "has it so far");
	world_user(&w, "X", "-", "mended", "1", NULL, "901");
	p = picks_new(w.tables, 2);
	ck_assert(picks_add(p, 0, 0, (struct str){ "\0\0\0\003901", 7 }));
	ck_assert(!picks_add(p, 0, 0, (struct str){ "\0\0\0\003901", 7 }));
	ck_assert_int_eq(run(p), -ETL_ESOURCE);
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 0);
	picks_free(p);
}
END_TEST

START_TEST(all_gone)
{
	struct picks *p;

	world_init(&w, 5, 0, 0, 0);
	p = picks_new(w.tables, 2);
	picks_add(p, 0, 0, (struct str){ "\0\0\0\003901", 7 });
	ck_assert_msg(run(p) == 0, "%s", err.msg);
	ck_assert(result.complete);
	ck_assert_uint_eq(result.rows_gone, 1);
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 0);
	picks_free(p);
}
END_TEST

#define USER(id) "{\"table\":\"Users\",\"entity\":\"User\",\"source_key\":{\"id\":\"" id "\"}}"

static const struct {
	const char *text;
	uint64_t n, passed_over;
	const char *error;		/* behind "line ...of '...': " */
	int line;
} files[] = {
	{ "", 0, 0, NULL, 0 },
	{ USER("1") "\n" USER("2") "\n" USER("1") "\n", 2, 0, NULL, 0 },
	{ USER("1"), 1, 0, NULL, 0 },
	{ USER("1") "\n{\"table\":\"Other\",\"entity\":\"x\",\"source_key\":{}}\n", 1, 1, NULL, 0 },
	{ USER("1") "\n\n", 0, 0, "it is no reject as a load writes them", 2 },
	{ USER("1") "\n{\"table\":\"Userz\",\"entity\":\"x\",\"source_key\":{}}\n", 0, 0,
	  "the contract has no table 'Userz'", 2 },
	{ "{\"table\":\"Users\",\"entity\":\"x\",\"source_key\":{}}\n", 0, 0,
	  "table 'Users' has no entity 'x'", 1 },
	{ "{\"table\":\"Users\",\"entity\":\"Note\",\"source_key\":{}}\n", 0, 0,
	  "entity 'Note' of table 'Users' has no primary key, so that its rows cannot be tried one "
	  "by one", 1 },
	{ "{\"table\":\"Users\",\"entity\":\"User\",\"source_key\":{\"x\":\"1\"}}\n", 0, 0,
	  "its source key is none of entity 'User' of table 'Users'", 1 },
};

START_TEST(file)
{
	struct buf message = { 0 };
	uint64_t passed_over;
	struct picks *p;
	int rc;

	world_init(&w, 5, 0, 0, 0);
	p = picks_new(w.tables, 2);
	rc = read_file(p, files[_i].text, &passed_over);
	if (files[_i].error) {
		buf_addf(&message, "line %d of '%s': %s", files[_i].line, path, files[_i].error);
		ck_assert_int_eq(rc, -ETL_EUSAGE);
		ck_assert_str_eq(err.msg, buf_cstr(&message));
	} else {
		ck_assert_msg(rc == 0, "%s", err.msg);
		ck_assert_uint_eq(picks_total(p), files[_i].n);
		ck_assert_uint_eq(passed_over, files[_i].passed_over);
	}
	buf_release(&message);
	picks_free(p);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/picks");
	TCase *tc = tcase_create("picks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, mended_rows);
	tcase_add_test(tc, loser_without_primary_key);
	tcase_add_test(tc, all_gone);
	tcase_add_loop_test(tc, file, 0, sizeof(files) / sizeof(*files));
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
