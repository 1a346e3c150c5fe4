/* A verify that is stopped or killed, and the same one after it: a source and a sink in memory. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "checkpoint/kept.h"
#include "fakes/fake_world.h"
#include "pipeline/load.h"
#include "verify/resume.h"
#include "verify/verify.h"

#define USERS 1000
#define ORDERS 500
#define NOTES 20
#define THINGS 150
#define ALL (USERS + ORDERS + NOTES + THINGS)

static struct world w;
static struct verify_result result;
static struct etl_err err;
static char dir[64];
static const char *contract;

/* What of it is there at this moment. */
static void copy_kept(const char *to)
{
	char command[400];

	snprintf(command, sizeof(command), "cd '%s' && cp verify.session '%s' && "
		 "find . -maxdepth 1 -name 'verify-*.sums' -exec cp '{}' '%s' ';'", dir, to, to);
	ck_assert_int_eq(system(command), 0);
}

static void remove_dir(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *in_dir(const char *name)
{
	static _Thread_local char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool is_there(const char *name)
{
	return access(in_dir(name), F_OK) == 0;
}

static void load(void)
{
	struct load_job job = {
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters, .ntables = 2,
		.tables = w.tables, .readers = 2, .workers = 2, .chunk_rows = 50,
	};
	struct load_result r;

	world_again(&w);
	ck_assert_msg(load_run(&job, &r, &err) == 0, "%s", err.msg);
	load_result_release(&r);
}

static int source_is_there(void *session, struct etl_err *e)
{
	(void)session;
	(void)e;
	return 0;
}

static struct verify_job job_now(enum verify_mode mode)
{
	return (struct verify_job){
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters, .ntables = 2,
		.tables = w.tables, .mode = mode, .readers = 3, .workers = 4, .chunk_rows = 60,
	};
}

/* As the command does it, with what is kept in 'from'. */
static int verify_from(const char *from, const struct verify_job *settings, bool restart)
{
	static const struct checkpoint_entity_id users[] = { { "User", "1" }, { "Order", "2" },
							     { "Note", "3" } };
	static const struct checkpoint_entity_id things[] = { { "Thing", "4" } };
	const struct checkpoint_identity ids[] = {
		{ contract, "server", "server", "target table Users", "", "id-1", 3, users },
		{ contract, "server", "server", "target table Things", "", "id-2", 1, things },
	};
	const struct resume_settings resume = { .dir = from, .restart = restart, .ids = ids };
	struct verify_job job = *settings;
	int rc;

	verify_result_release(&result);
	etl_err_clear(&err);
	world_again(&w);
	job.resume = resume_open(&job, &resume);
	ck_assert_ptr_nonnull(job.resume);
	rc = verify_run(&job, &result, &err);
	ck_assert_int_eq(rc, -(int)err.code);
	resume_close(job.resume);
	return rc;
}

static int verify(enum verify_mode mode)
{
	struct verify_job job = job_now(mode);

	return verify_from(dir, &job, false);
}

/* Everything is there once, whoever read it. */
static void check_whole(void)
{
	uint64_t rows = 0, items = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		rows += result.tables[i].rows_resumed;
		items += result.tables[i].items_resumed;
	}
	ck_assert_uint_eq(result.entities[W_USER].rows_read, USERS);
	ck_assert_uint_eq(result.entities[W_ORDER].rows_read, ORDERS);
	ck_assert_uint_eq(result.entities[W_NOTE].rows_read, NOTES);
	ck_assert_uint_eq(result.entities[W_THING].rows_read, THINGS);
	ck_assert_uint_eq(result.tables[0].items_expected, ALL - THINGS);
	ck_assert_uint_eq(result.tables[1].items_expected, THINGS);
	ck_assert_uint_eq(w.counters.rows_read + rows, ALL);
	ck_assert_uint_eq(w.counters.rows_resumed, rows);
	ck_assert(result.resumed == (rows + items > 0));
}

/* ---- ways to end before the end -------------------------------------------------------------- */

static struct {
	uint64_t at;		/* the call to be stopped at, or 0 */
	int step_ms;		/* that the clock goes on with each row */
	char copy[80];		/* "": the run stops; else its files are copied here */
} end;

static void source_hook(void *arg, enum fake_source_op op, uint64_t call)
{
	(void)arg;
	if (op != SRC_NEXT)
		return;
	atomic_fetch_add(&w.clock.now_ms, end.step_ms);
	if (call != end.at)
		return;
	if (end.copy[0])
		copy_kept(end.copy);
	stop_ask_signal(&w.stop, 15);
}

static uint64_t whole_calls, whole_pages;

/* How many calls a verify takes that nothing disturbs. */
static void measure(void)
{
	uint64_t calls = fake_source_calls(w.source, SRC_NEXT);
	uint64_t pages = fake_sink_calls(w.sink, FAKE_SCAN);

	ck_assert_int_eq(verify(VERIFY_DIGEST), 0);
	ck_assert(!result.resumed);
	whole_calls = fake_source_calls(w.source, SRC_NEXT) - calls;
	whole_pages = fake_sink_calls(w.sink, FAKE_SCAN) - pages;
}

/* Stops a verify at its 'nth' call for a row, counted from the end if negative. */
static void stop_at(enum verify_mode mode, int64_t nth)
{
	end.at = fake_source_calls(w.source, SRC_NEXT) +
		 (uint64_t)(nth < 0 ? (int64_t)whole_calls + nth : nth);
	ck_assert_int_eq(verify(mode), -ETL_ESTOPPED);
	ck_assert(!result.parity);
}

static void setup(void)
{
	log_setup(LOG_TEXT, LOG_ERROR, false);
	err = (struct etl_err){ 0 };
	result = (struct verify_result){ 0 };
	memset(&end, 0, sizeof(end));
	contract = "c1";
	snprintf(dir, sizeof(dir), "/tmp/etl-test-resume-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	world_init(&w, USERS, ORDERS, NOTES, THINGS);
	fake_sink_page_items(w.sink, 10);
	load();
	fake_source_hook(w.source, source_hook, NULL);
	measure();
}

static void teardown(void)
{
	verify_result_release(&result);
	ck_assert_ptr_null(fake_source_violation(w.source));
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
	remove_dir();
}

#define SPOILT "{\"PK\":{\"S\":\"USER#5\"},\"SK\":{\"S\":\"PROFILE\"},\"name\":{\"S\":\"x\"}}"

static void spoil(void)
{
	struct buf key = world_key("USER#5", "PROFILE");

	fake_sink_put(w.sink, "Users", buf_str(&key), STR(SPOILT));
	buf_release(&key);
}

/* ---- going on -------------------------------------------------------------------------------- */

/* Stopped twice, early and late; each page and each finished unit is read by one of the runs. */
START_TEST(goes_on)
{
	enum verify_mode mode = _i ? VERIFY_FULL : VERIFY_DIGEST;
	uint64_t pages = fake_sink_calls(w.sink, FAKE_SCAN), done;

	stop_at(mode, 1200);
	stop_at(mode, 100);
	ck_assert(result.resumed);
	done = result.tables[0].rows_resumed;
	ck_assert_uint_gt(done, 0);
	ck_assert_uint_lt(done, ALL - THINGS);
	ck_assert_int_eq(verify(mode), 0);
	ck_assert(result.parity && result.resumed);
	ck_assert_uint_ge(result.tables[0].rows_resumed, done);
	ck_assert_uint_eq(result.tables[0].items_scanned, ALL - THINGS);
	ck_assert_uint_eq(result.tables[1].items_scanned, THINGS);
	ck_assert_uint_eq(result.tables[0].buckets_different, 0);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_SCAN) - pages, whole_pages);
	check_whole();
	/* a verify at its end leaves nothing to go on from */
	ck_assert(!is_there("verify.session") && !is_there("verify-Users.sums"));
	ck_assert_int_eq(verify(mode), 0);
	ck_assert(result.parity && !result.resumed);
	check_whole();
}
END_TEST

/* kill -9: only what was written down until then is there, in the first table or in the second. */
START_TEST(killed)
{
	struct verify_job job = job_now(VERIFY_FULL);

	snprintf(end.copy, sizeof(end.copy), "%s/killed", dir);
	ck_assert_int_eq(mkdir(end.copy, 0700), 0);
	end.step_ms = 20;
	stop_at(VERIFY_FULL, _i ? -100 : 1300);
	ck_assert_int_eq(verify_from(end.copy, &job, false), 0);
	ck_assert(result.parity);
	check_whole();
	if (_i)		/* the end of a pass is written down in any case */
		ck_assert_uint_eq(result.tables[0].rows_resumed, ALL - THINGS);
	else
		ck_assert_uint_lt(result.tables[0].rows_resumed, ALL - THINGS);
}
END_TEST

/* The item is right by then, but was not when it was read: the sum that was kept knows. */
START_TEST(a_difference_from_before)
{
	spoil();
	stop_at(VERIFY_DIGEST, -100);
	load();
	ck_assert_int_eq(verify(VERIFY_DIGEST), 0);
	ck_assert(result.resumed && !result.parity && !result.tables[0].parity);
	ck_assert_uint_eq(result.tables[0].buckets_different, 1);
	ck_assert_uint_eq(result.tables[0].rows_resumed, ALL - THINGS);
	check_whole();
	ck_assert_int_eq(verify(VERIFY_DIGEST), 0);
	ck_assert(!result.resumed && result.parity);
}
END_TEST

static void get_hook(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	(void)call;
	if (op == FAKE_GET)
		stop_ask_signal(&w.stop, 15);
}

/* Stopped while the difference was being looked for: that, and only that, is done again. */
START_TEST(a_difference_is_named)
{
	uint64_t pages;

	spoil();
	fake_sink_hook(w.sink, get_hook, NULL);
	ck_assert_int_eq(verify(VERIFY_FULL), -ETL_ESTOPPED);
	fake_sink_hook(w.sink, NULL, NULL);
	pages = fake_sink_calls(w.sink, FAKE_SCAN);
	ck_assert_int_eq(verify(VERIFY_FULL), 0);
	ck_assert(result.resumed && !result.parity && result.tables[1].parity);
	ck_assert_uint_eq(result.tables[0].rows_resumed, ALL - THINGS);
	ck_assert_uint_eq(result.tables[0].items_resumed, ALL - THINGS);
	ck_assert_uint_eq(result.entities[W_USER].items_different, 1);
	ck_assert_str_eq(result.findings[0].key_json,
			 "{\"PK\":{\"S\":\"USER#5\"},\"SK\":{\"S\":\"PROFILE\"}}");
	/* only those of the second table */
	ck_assert_uint_lt(fake_sink_calls(w.sink, FAKE_SCAN) - pages, whole_pages / 4);
}
END_TEST

START_TEST(rejects)
{
	uint64_t again = 0;
	size_t i, k;

	world_user(&w, "USER#1", "PROFILE", "loser", "2", NULL, "5001");
	world_user(&w, "Y", "1", "no number", "x", NULL, "5002");
	load();
	measure();
	stop_at(VERIFY_FULL, -100);
	ck_assert_int_eq(verify(VERIFY_FULL), 0);
	ck_assert(result.resumed && result.parity);
	ck_assert_uint_eq(result.entities[W_USER].rows_rejected, 2);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_KEY_DUPLICATE], 1);
	ck_assert_uint_eq(result.nreject_examples, 2);
	for (i = 0; i < result.nreject_examples; i++)
		for (k = 0; k < i; k++)
			again += strcmp(result.reject_examples[i], result.reject_examples[k]) == 0;
	ck_assert_uint_eq(again, 0);
}
END_TEST

/* The run goes on by itself, in another snapshot. */
START_TEST(source_lost)
{
	struct verify_job job = job_now(VERIFY_FULL);

	job.look = (struct source_look){ source_is_there, NULL };
	fake_source_fault(w.source, SRC_NEXT, fake_source_calls(w.source, SRC_NEXT) + 1200, 1,
			  ETL_ESOURCELOST);
	ck_assert_msg(verify_from(dir, &job, false) == 0, "%s", err.msg);
	ck_assert_uint_eq(result.losses, 1);
	ck_assert(result.parity && result.resumed);
	ck_assert_uint_eq(result.tables[0].items_scanned, ALL - THINGS);
	check_whole();
}
END_TEST

/* ---- beginning anew -------------------------------------------------------------------------- */

static void begins_anew(const struct verify_job *job, bool restart, const char *why)
{
	ck_assert_msg(verify_from(dir, job, restart) == 0, "%s: %s", why, err.msg);
	ck_assert_msg(!result.resumed && result.parity, "%s", why);
	check_whole();
}

static void damage(const char *name, bool cut)
{
	struct stat st;
	FILE *f;

	ck_assert_int_eq(stat(in_dir(name), &st), 0);
	if (cut) {
		ck_assert_int_eq(truncate(in_dir(name), st.st_size - 7), 0);
		return;
	}
	f = fopen(in_dir(name), "r+");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, st.st_size / 2, SEEK_SET), 0);
	ck_assert_int_ne(fputc('#', f), EOF);
	ck_assert_int_eq(fclose(f), 0);
}

static const char *const reasons[] = {
	"a load began", "the contract", "the mode", "the workers", "too old", "--restart",
	"a torn file", "a damaged file", "a torn session", "no session",
};

START_TEST(begun_anew)
{
	struct verify_job job = job_now(VERIFY_DIGEST);

	spoil();			/* it is in what is kept */
	stop_at(VERIFY_DIGEST, -100);
	load();
	switch (_i) {
	case 0: ck_assert_int_eq(kept_discard(dir, &err), 0); break;
	case 1: contract = "c2"; break;
	case 2: job.mode = VERIFY_FULL; break;
	case 3: job.workers = 5; break;
	case 4: atomic_fetch_add(&w.clock.now_ms, RESUME_MAX_AGE_MS + 1000); break;
	case 5: break;
	case 6: damage("verify-Users.sums", true); unlink(in_dir("verify-Things.sums")); break;
	case 7: damage("verify-Users.sums", false); unlink(in_dir("verify-Things.sums")); break;
	case 8: damage("verify.session", true); break;
	case 9: unlink(in_dir("verify.session")); break;
	default: ck_abort();
	}
	begins_anew(&job, _i == 5, reasons[_i]);
}
END_TEST

/* What a verify writes after a load began, nobody goes on from. */
static void discard_hook(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	(void)call;
	if (op == FAKE_SCAN && is_there("verify.session")) {
		struct etl_err e = { 0 };

		ck_assert_int_eq(kept_discard(dir, &e), 0);
	}
}

START_TEST(a_load_began_meanwhile)
{
	struct verify_job job = job_now(VERIFY_DIGEST);

	spoil();
	fake_sink_hook(w.sink, discard_hook, NULL);
	stop_at(VERIFY_DIGEST, -100);
	fake_sink_hook(w.sink, NULL, NULL);
	load();
	begins_anew(&job, false, "a load began meanwhile");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/resume");
	TCase *tc = tcase_create("resume");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, goes_on, 0, 2);
	tcase_add_loop_test(tc, killed, 0, 2);
	tcase_add_test(tc, a_difference_from_before);
	tcase_add_test(tc, a_difference_is_named);
	tcase_add_test(tc, rejects);
	tcase_add_test(tc, source_lost);
	tcase_add_loop_test(tc, begun_anew, 0, sizeof(reasons) / sizeof(*reasons));
	tcase_add_test(tc, a_load_began_meanwhile);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
