/*
 * Loads from a source in memory into a sink in memory, with everything going wrong that can be
 * scripted, compared item by item with what the rows make.
 */
#include "check_main.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "fakes/fake_world.h"
#include "pipeline/load.h"
#include "pipeline/width.h"

#define MAX_DONE 512

static struct world w;
static char dir[64];
static struct state *state;
static struct load_result result;
static struct etl_err err;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/etl-test-load-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	err = (struct etl_err){ 0 };
	result = (struct load_result){ 0 };
	log_setup(LOG_TEXT, LOG_ERROR, false);	/* time flies: warnings would come in hundreds */
}

static void teardown(void)
{
	struct dirent *entry;
	DIR *d;

	load_result_release(&result);
	ck_assert_ptr_null(fake_source_violation(w.source));
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
	d = opendir(dir);
	while (d && (entry = readdir(d))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static struct load_job job_now(void)
{
	return (struct load_job){
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters,
		.state_dir = dir, .ntables = 2, .tables = w.tables, .readers = 3, .workers = 4,
		.chunk_rows = 40,
	};
}

static void open_journals(void)
{
	static const struct checkpoint_entity_id users[] = {
		{ "User", "d1" }, { "Order", "d2" }, { "Note", "d3" } };
	static const struct checkpoint_entity_id things[] = { { "Thing", "d4" } };
	struct checkpoint_identity id = { .contract_digest = "c", .source = "s", .source_words = "w",
					  .target = "t", .write_mode = "overwrite",
					  .table_id = "1" };
	struct etl_err e = { 0 };
	int i;

	ck_assert_msg(state_open(dir, clock_real(), "load", &state, &e) == 0, "%s", e.msg);
	for (i = 0; i < 2; i++) {
		id.nentities = i ? 1 : 3;
		id.entities = i ? things : users;
		ck_assert_msg(checkpoint_open(state, w.defs[i]->name, &id, false,
					      &w.tables[i].checkpoint, &e) == 0, "%s", e.msg);
	}
}

static void close_journals(void)
{
	struct etl_err e = { 0 };
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_msg(checkpoint_close(w.tables[i].checkpoint, &e) == 0, "%s", e.msg);
		w.tables[i].checkpoint = NULL;
	}
	state_close(state);
}

/* One run as a process would do it. */
static int run_with(const struct load_job *job)
{
	int rc;

	load_result_release(&result);
	etl_err_clear(&err);
	world_again(&w);
	rc = load_run(job, &result, &err);
	ck_assert_int_eq(rc, -(int)err.code);
	return rc;
}

static int run(void)
{
	struct load_job job = job_now();
	int rc;

	open_journals();
	rc = run_with(&job);
	close_journals();
	return rc;
}

/* The load just run is complete and right, and its counts say what happened. */
static void check_complete(void)
{
	struct load_counts sum = { 0 };
	uint64_t items, rejects;
	size_t i;

	ck_assert_msg(result.complete, "%s", err.msg);
	ck_assert_msg(!world_differs(&w), "%s", world_differs(&w));
	world_expect(&w, &items, &rejects);
	ck_assert_uint_eq(result.counts.items_written, items);
	ck_assert_uint_eq(result.counts.rows_rejected, rejects);
	ck_assert_uint_eq(result.counts.rows_read, items + rejects);
	for (i = 0; i < result.nentities; i++)
		load_counts_add(&sum, &result.entities[i].counts);
	ck_assert_mem_eq(&sum, &result.counts, sizeof(sum));
}

static uint64_t lines_of(const char *suffix)
{
	struct buf path = { 0 }, text = { 0 };
	uint64_t n = 0;
	size_t i;

	state_load_path(dir, suffix, ".rejects", &path);
	if (access(buf_cstr(&path), F_OK) == 0)
		ck_assert_int_eq(file_read(buf_cstr(&path), 1 << 26, &text, NULL), 0);
	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	buf_release(&path);
	buf_release(&text);
	return n;
}

START_TEST(plain)
{
	world_init(&w, 1000, 700, 30, 200);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_eq(result.counts.rows_read, 1930);
	ck_assert_uint_eq(result.counts.rows_rejected, 0);
	ck_assert_uint_eq(result.nentities, 4);
	/* small items: a unit each, and one for each that enters the only index */
	ck_assert_uint_gt(result.entities[0].index_entries[0], 0);
	ck_assert_uint_gt(result.entities[0].index_sparse[0], 0);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_uint_eq(result.entities[i].index_units[0],
				  result.entities[i].index_entries[0]);
		ck_assert_uint_eq(result.entities[i].counts.write_units,
				  result.entities[i].counts.items_written +
				  result.entities[i].index_entries[0]);
	}
	ck_assert_uint_eq(result.entities[W_USER].units, 25);
	ck_assert_uint_eq(result.entities[W_USER].index_entries[0], 1000 - 142);
	ck_assert_uint_eq(result.entities[W_USER].index_sparse[0], 142);
	ck_assert_uint_eq(result.counts.sparse, 142 + 700 + 30);
	ck_assert(result.entities[W_ORDER].counted);
	ck_assert_uint_eq(result.readers, 3);
	ck_assert_uint_le(result.workers, 4);
	ck_assert_str_eq(result.snapshot.method, "memory");
	ck_assert_uint_eq(w.counters.rows_estimate, 1930 - 30 + 10);
	ck_assert_uint_eq(w.counters.units_done, w.counters.units_planned);
	ck_assert_uint_eq(fake_sink_applied(w.sink), 1930);
}
END_TEST

static pthread_t ticker;
static unsigned ticks;

static void count_ticks(void *arg)
{
	ck_assert_ptr_eq(arg, &ticks);
	ck_assert(pthread_equal(pthread_self(), ticker));
	ticks++;
}

/* The calling thread ticks, also while something else than the moving takes its time. */
START_TEST(ticks_while_it_runs)
{
	struct load_job job;

	world_init(&w, 200, 10, 0, 0);
	job = job_now();
	ticker = pthread_self();
	ticks = 0;
	job.tick = count_ticks;
	job.tick_arg = &ticks;
	job.workers = 1;
	fake_sink_fault(w.sink, FAKE_WRITE, 1, 1, FAKE_SLOW, 3 * LOAD_TICK_MS);
	ck_assert_int_eq(run_with(&job), 0);
	check_complete();
	ck_assert_uint_ge(ticks, 2);
}
END_TEST

START_TEST(without_journal)
{
	struct load_job job;

	world_init(&w, 100, 100, 5, 10);
	job = job_now();
	job.state_dir = NULL;
	job.readers = job.workers = 1;
	world_user(&w, NULL, "PROFILE", "no key", "1", NULL, "900");
	ck_assert_int_eq(run_with(&job), 0);
	check_complete();
	ck_assert_uint_eq(result.counts.rows_rejected, 1);
	ck_assert_uint_eq(result.nexamples, 1);
	ck_assert_ptr_nonnull(strstr(result.examples[0], "\"source_key\":{\"id\":\"900\"},"
				     "\"code\":\"KEY_NULL\""));
}
END_TEST

/* Answers that take 5 ms each: more than at first are let in, and everything is written once. */
START_TEST(more_workers_where_it_pays)
{
	struct load_job job;

	world_init(&w, 6000, 100, 5, 10);
	job = job_now();
	job.clock = clock_real();
	job.state_dir = NULL;
	job.workers = 0;
	job.chunk_rows = 1000;
	fake_sink_fault(w.sink, FAKE_WRITE, 1, 0, FAKE_SLOW, 5);
	ck_assert_msg(run_with(&job) == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_gt(fake_sink_max_inflight(w.sink), WIDTH_START);
	ck_assert_uint_ge(result.workers, fake_sink_max_inflight(w.sink));
}
END_TEST

/* Under a condition each item is a request of its own: that is paced, too. */
START_TEST(keeps_to_the_write_units_allowed)
{
	struct load_job job;

	world_init(&w, 300, 100, 5, 10);
	job = job_now();
	job.state_dir = NULL;
	job.max_wcu = 50;
	job.condition.mode = _i ? WRITE_IF_ABSENT : WRITE_OVERWRITE;
	ck_assert_msg(run_with(&job) == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_ge(result.counts.wcu_milli, 415000);
	ck_assert_int_ge(result.duration_ms, (int64_t)result.counts.wcu_milli / 50);
}
END_TEST

START_TEST(one_reader_where_more_cannot_be_had)
{
	world_init(&w, 100, 10, 0, 0);
	fake_source_max_readers(w.source, 1);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_eq(result.readers, 1);
}
END_TEST

START_TEST(no_rows_is_an_error_unless_allowed)
{
	struct load_job job;

	world_init(&w, 0, 0, 0, 0);
	job = job_now();
	ck_assert_int_eq(run_with(&job), -ETL_ESOURCE);
	ck_assert_str_eq(err.msg, "no row was found in any table");
	job.allow_empty = true;
	ck_assert_int_eq(run_with(&job), 0);
}
END_TEST

static const struct {
	enum fake_fault fault;
	uint64_t arg;
	uint64_t first, times;
} weather[] = {
	{ FAKE_THROTTLED, 0, 1, 30 },
	{ FAKE_TRANSIENT, 0, 2, 10 },
	{ FAKE_UNKNOWN_DONE, 0, 3, 20 },
	{ FAKE_UNKNOWN_LOST, 0, 1, 20 },
	{ FAKE_EXPIRED, 0, 5, 2 },
	{ FAKE_UNPROCESSED, 0x0055aa55, 1, 40 },
	{ FAKE_UNPROCESSED, UINT64_MAX, 4, 25 },
	{ FAKE_UNPROCESSED, 1, 1, 25 },
};

START_TEST(bad_weather)
{
	world_init(&w, 500, 400, 10, 50);
	fake_sink_fault(w.sink, FAKE_WRITE, weather[_i].first, weather[_i].times,
			weather[_i].fault, weather[_i].arg);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_ge(result.retries, weather[_i].times);
	ck_assert_uint_eq(result.throttles, weather[_i].fault == FAKE_THROTTLED ? 30 : 0);
	ck_assert(weather[_i].fault != FAKE_UNPROCESSED || result.unprocessed > 0);
}
END_TEST

START_TEST(all_weathers_at_once)
{
	size_t i;

	world_init(&w, 2000, 1500, 100, 300);
	for (i = 0; i < sizeof(weather) / sizeof(*weather); i++)
		fake_sink_fault(w.sink, FAKE_WRITE, 1 + i * 17, 15 - 13 * (i == 4),
				weather[i].fault, weather[i].arg);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
}
END_TEST

static const struct {
	enum fake_op op;
	enum fake_fault fault;
	uint64_t first, times;
	int rc;
} storms[] = {
	{ FAKE_WRITE, FAKE_HOPELESS, 1, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_HOPELESS, 30, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_CREDENTIALS, 9, 1, -ETL_ECREDENTIALS },
	{ FAKE_WRITE, FAKE_NOTFOUND, 9, 1, -ETL_ENOTFOUND },
	{ FAKE_OPEN_CONN, FAKE_HOPELESS, 2, 1, -ETL_ESINK },
	{ FAKE_WRITE, FAKE_THROTTLED, 9, 2000, -ETL_ETHROTTLED },
	{ FAKE_WRITE, FAKE_EXPIRED, 9, 50, -ETL_EEXPIRED },
};

START_TEST(hopeless_ends_the_run_and_the_next_goes_on)
{
	int tries = 0;

	world_init(&w, 1000, 300, 10, 50);
	fake_sink_fault(w.sink, storms[_i].op, storms[_i].first, storms[_i].times,
			storms[_i].fault, 0);
	ck_assert_int_eq(run(), storms[_i].rc);
	ck_assert(!result.complete);
	while (run() < 0 && tries++ < 50)
		ck_assert_int_eq(-(int)err.code, storms[_i].rc);
	check_complete();
}
END_TEST

static const struct {
	enum fake_source_op op;
	uint64_t nth;
	enum etl_errc code;
} source_faults[] = {
	{ SRC_OPEN_READERS, 1, ETL_ESOURCELOST },
	{ SRC_CANDIDATES, 1, ETL_ESOURCE },
	{ SRC_NEXT_BOUND, 1, ETL_ESOURCELOST }, { SRC_NEXT_BOUND, 9, ETL_ESOURCELOST },
	{ SRC_BEGIN, 1, ETL_ESOURCE }, { SRC_BEGIN, 7, ETL_ESOURCELOST },
	{ SRC_NEXT, 1, ETL_ESOURCE }, { SRC_NEXT, 333, ETL_ESOURCELOST },
	{ SRC_NEXT, 700, ETL_ESOURCE }, { SRC_COUNT, 2, ETL_ESOURCELOST },
};

START_TEST(source_fails_and_the_next_run_goes_on)
{
	uint64_t done, resumed = 0;
	size_t i;

	world_init(&w, 500, 400, 10, 50);
	fake_source_fault(w.source, source_faults[_i].op, source_faults[_i].nth, 1,
			  source_faults[_i].code);
	ck_assert_int_eq(run(), -(int)source_faults[_i].code);
	ck_assert(!result.complete);
	done = w.counters.units_done;
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	for (i = 0; i < result.nentities; i++)
		resumed += result.entities[i].units_resumed;
	ck_assert_uint_eq(resumed, done);
}
END_TEST

static void world_with_rejects(void)
{
	char name[32];
	int i;

	world_init(&w, 300, 200, 20, 60);
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "%d", 1000 + i);
		world_user(&w, i % 3 ? "DUP" : NULL, "-", name, i % 5 ? "1" : "x", NULL, name);
	}
}

static struct {
	unsigned looks, away;		/* calls; how many of them find no source */
	enum etl_errc never;		/* what the first look says instead */
	int signal_at;			/* the look at which a signal comes */
} looking;

static int look(void *arg, struct etl_err *e)
{
	ck_assert_ptr_eq(arg, &looking);
	looking.looks++;
	if (looking.looks == (unsigned)looking.signal_at)
		stop_ask_signal(&w.stop, SIGTERM);
	if (looking.never)
		return etl_err_set(e, looking.never, "another one answers");
	return looking.looks <= looking.away ? etl_err_set(e, ETL_ESOURCELOST, "away") : 0;
}

static int run_looking(unsigned away)
{
	struct load_job job = job_now();
	int rc;

	memset(&looking, 0, sizeof(looking));
	looking.away = away;
	log_setup(LOG_TEXT, LOG_ERROR, false);
	job.look = (struct source_look){ look, &looking };
	open_journals();
	rc = run_with(&job);
	close_journals();
	return rc;
}

/* Wherever the source is lost, the same run goes on, and its counts are those of one that lost
 * nothing. */
START_TEST(source_lost_and_back)
{
	uint64_t nth = 1 + (uint64_t)_i * 41, rejects = 0, by_code[REJECT_CODE_COUNT] = { 0 };
	size_t i, examples = 0;
	int code;

	world_with_rejects();
	fake_source_fault(w.source, SRC_NEXT, nth, 1, ETL_ESOURCELOST);
	ck_assert_msg(run_looking((unsigned)_i % 3) == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_eq(result.losses, 1);
	ck_assert_uint_eq(result.nsnapshots, 2);
	ck_assert(!result.resumed);
	ck_assert_uint_eq(looking.looks, 1 + (unsigned)_i % 3);
	for (i = 0; i < result.nentities; i++) {
		ck_assert_uint_eq(result.entities[i].units_resumed, 0);
		for (code = 0; code < REJECT_CODE_COUNT; code++) {
			rejects += result.entities[i].rejects[code];
			by_code[code] += result.entities[i].rejects[code];
		}
	}
	for (code = 0; code < REJECT_CODE_COUNT; code++)
		examples += by_code[code] < REJECT_EXAMPLES_PER_CODE ? by_code[code]
								     : REJECT_EXAMPLES_PER_CODE;
	ck_assert_uint_gt(examples, 0);
	ck_assert_uint_eq(rejects, result.counts.rows_rejected);
	ck_assert_uint_eq(lines_of("Users") + lines_of("Things"), rejects);
	ck_assert_uint_eq(result.nexamples, examples);
	ck_assert_uint_eq(w.counters.units_done, w.counters.units_planned);
}
END_TEST

/* No unit is read twice but for those that were under way. */
START_TEST(what_is_done_is_not_read_again)
{
	uint64_t rows, under_way;

	world_init(&w, 4000, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 3900, 1, ETL_ESOURCELOST);
	ck_assert_msg(run_looking(0) == 0, "%s", err.msg);
	rows = fake_source_calls(w.source, SRC_NEXT);
	check_complete();
	/* 100 units of 40 rows and an end; under way are at most those of 3 readers, 11 batches */
	under_way = (3 + 11) * 41;
	ck_assert_uint_le(rows, 4000 + 100 + under_way);
	ck_assert(!result.entities[W_USER].counted);
}
END_TEST

START_TEST(source_that_stays_away)
{
	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	ck_assert_int_eq(run_looking(1000000), -ETL_ESOURCELOST);
	ck_assert_str_eq(err.msg, "the source did not come back: away");
	ck_assert_int_ge(w.clock.slept_ms, 600000);
	ck_assert_int_lt(w.clock.slept_ms, 610000);
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
}
END_TEST

START_TEST(source_lost_again_and_again)
{
	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_CANDIDATES, 1, 0, ETL_ESOURCELOST);
	ck_assert_int_eq(run_looking(0), -ETL_ESOURCELOST);
	ck_assert_ptr_nonnull(strstr(err.msg, "again and again"));
	ck_assert_uint_eq(result.losses, REGAIN_MAX_IN_VAIN - 1);
}
END_TEST

START_TEST(another_source_is_none)
{
	struct load_job job;

	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	job = job_now();
	memset(&looking, 0, sizeof(looking));
	looking.never = ETL_ESOURCE;
	job.look = (struct source_look){ look, &looking };
	open_journals();
	ck_assert_int_eq(run_with(&job), -ETL_ESOURCE);
	close_journals();
	ck_assert_str_eq(err.msg, "another one answers");
	ck_assert_uint_eq(looking.looks, 1);
}
END_TEST

START_TEST(signal_while_the_source_is_away)
{
	struct load_job job;

	world_init(&w, 300, 0, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_ESOURCELOST);
	job = job_now();
	memset(&looking, 0, sizeof(looking));
	looking.away = 1000;
	looking.signal_at = 3;
	job.look = (struct source_look){ look, &looking };
	open_journals();
	ck_assert_int_eq(run_with(&job), -ETL_ESTOPPED);
	close_journals();
	ck_assert_uint_eq(looking.looks, 3);
	ck_assert_int_eq(stop_signal(&w.stop), SIGTERM);
}
END_TEST

/* A driver that lies about the end is found out, and its journal is not believed. */
START_TEST(rows_that_end_too_early)
{
	world_init(&w, 500, 10, 0, 0);
	fake_source_fault(w.source, SRC_NEXT, 100, 1, ETL_OK);
	ck_assert_int_eq(run(), -ETL_EINTERNAL);
	ck_assert(!result.complete);
	fake_source_clear_faults(w.source);
	ck_assert_msg(run() == 0, "%s", err.msg);
	ck_assert(!result.entities[0].units_resumed);
	check_complete();
}
END_TEST

/* ---- stops ---------------------------------------------------------------------------------- */

static uint64_t stop_at;
static enum fake_op stop_sink_op;
static enum fake_source_op stop_source_op;

static void sink_hook(void *arg, enum fake_op op, uint64_t call)
{
	(void)arg;
	if (op == stop_sink_op && call == stop_at)
		stop_ask_signal(&w.stop, 15);
}

static void source_hook(void *arg, enum fake_source_op op, uint64_t call)
{
	(void)arg;
	if (op == stop_source_op && call == stop_at)
		stop_ask_signal(&w.stop, 15);
}

struct done { const char *view; uint64_t number; };

/* Which units the journals call done; planned ones that are pending are not. */
static size_t list_done(struct done *done)
{
	size_t n = 0;
	unsigned i, t;

	open_journals();
	for (t = 0; t < 2; t++) {
		for (i = 0; i < w.tables[t].nentities; i++) {
			struct checkpoint_entity e = { 0 };
			uint64_t cursor = 0, number;
			struct unit *pending;

			checkpoint_entity(w.tables[t].checkpoint, i, &e);
			pending = checkpoint_next_pending(w.tables[t].checkpoint, i, &cursor);
			for (number = 0; number < e.nunits; number++) {
				if (pending && pending->number == number) {
					unit_free(pending);
					pending = checkpoint_next_pending(w.tables[t].checkpoint, i,
									  &cursor);
					continue;
				}
				ck_assert_uint_lt(n, MAX_DONE);
				done[n++] = (struct done){ w.tables[t].entities[i]->view, number };
			}
			buf_release(&e.last_high);
		}
	}
	close_journals();
	return n;
}

/* 'was_complete': the stop came too late, so that the next run begins anew. */
static void resume_and_check(bool was_complete)
{
	static struct done done[MAX_DONE];
	size_t n = list_done(done), i;

	fake_source_forget(w.source);
	fake_source_hook(w.source, NULL, NULL);
	fake_sink_hook(w.sink, NULL, NULL);
	ck_assert_msg(run() == 0, "%s", err.msg);
	for (i = 0; i < n && !was_complete; i++)
		ck_assert_msg(fake_source_begun(w.source, done[i].view, done[i].number) == 0,
			      "unit %u of %s was read again", (unsigned)done[i].number,
			      done[i].view);
	check_complete();
	ck_assert_uint_eq(lines_of("Users") + lines_of("Things"), result.counts.rows_rejected);
}

START_TEST(stopped_at_any_write_then_resumed)
{
	int rc;

	world_with_rejects();
	stop_sink_op = FAKE_WRITE;
	stop_at = (uint64_t)_i + 1;
	fake_sink_hook(w.sink, sink_hook, NULL);
	rc = run();
	ck_assert_msg(rc == -ETL_ESTOPPED || (rc == 0 && result.complete), "%s", err.msg);
	ck_assert(rc == 0 || !result.complete);
	resume_and_check(rc == 0);
}
END_TEST

START_TEST(stopped_at_any_row_then_resumed)
{
	int rc;

	world_with_rejects();
	stop_source_op = SRC_NEXT;
	stop_at = (uint64_t)_i * 13 + 1;
	fake_source_hook(w.source, source_hook, NULL);
	rc = run();
	ck_assert_msg(rc == -ETL_ESTOPPED || (rc == 0 && result.complete), "%s", err.msg);
	resume_and_check(rc == 0);
}
END_TEST

START_TEST(stopped_while_throttled)
{
	world_init(&w, 300, 0, 0, 0);
	stop_sink_op = FAKE_WRITE;
	stop_at = 40;
	fake_sink_hook(w.sink, sink_hook, NULL);
	fake_sink_fault(w.sink, FAKE_WRITE, 5, 45, FAKE_THROTTLED, 0);
	ck_assert_int_eq(run(), -ETL_ESTOPPED);
	resume_and_check(false);
	ck_assert(result.resumed);
}
END_TEST

START_TEST(a_finished_load_begins_anew)
{
	world_init(&w, 100, 0, 0, 0);
	ck_assert_int_eq(run(), 0);
	fake_source_forget(w.source);
	ck_assert_int_eq(run(), 0);
	ck_assert(!result.resumed);
	ck_assert_uint_eq(fake_source_begun(w.source, "v_user", 0), 1);
	check_complete();
}
END_TEST

/* ---- rejects -------------------------------------------------------------------------------- */

static bool example_says(const char *a, const char *b)
{
	for (size_t i = 0; i < result.nexamples; i++)
		if (strstr(result.examples[i], a) && strstr(result.examples[i], b))
			return true;
	return false;
}

START_TEST(duplicates_go_to_the_first)
{
	world_init(&w, 50, 0, 3, 0);
	world_user(&w, "X", "1", "winner", "1", NULL, "200");
	world_user(&w, "X", "1", "loser", "2", NULL, "201");
	world_user(&w, "X", "1", "no number", "x", NULL, "202");
	world_user(&w, "Z", "1", "no number either", "x", NULL, "203");
	world_order(&w, "X", "1", "later entity", "a", "1");
	world_order(&w, "Y", "1", "winner", "a", "2");
	world_order(&w, "Y", "1", "loser", "b", "1");
	world_order(&w, "Z", "1", "winner: the other is a reject", "b", "2");
	world_note(&w, "Y", "1", "later entity");
	world_note(&w, "N", "1", "first to come");
	world_note(&w, "N", "1", "second");
	world_note(&w, "N", "1", "third");
	ck_assert_msg(run() == 0, "%s", err.msg);
	check_complete();
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_KEY_DUPLICATE], 1);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_NOT_NUMBER], 2);
	ck_assert_uint_eq(result.entities[W_ORDER].rejects[REJECT_KEY_DUPLICATE], 2);
	ck_assert_uint_eq(result.entities[W_NOTE].rejects[REJECT_KEY_DUPLICATE], 3);
	ck_assert_uint_eq(lines_of("Users"), 8);
	/* what a source key of {} means */
	ck_assert(example_says("\"source_key\":{}", "another row has this key: entity 'Note', whose "
			       "table has no primary key\""));
	ck_assert(example_says("\"source_key\":{}", "; this row's table has no primary key\""));
	ck_assert(example_says("\"loser\"", "another row has this key: entity 'User', source key "
			       "{\\\"id\\\":\\\"200\\\"}\""));
}
END_TEST

/* Should the word that keys are unique be wrong, no two requests in flight hold one key even so
 * (the sink tells of it, see teardown). */
START_TEST(the_same_key_is_never_in_flight_twice)
{
	char id[16];
	int i;

	world_init(&w, 0, 0, 0, 0);
	for (i = 1; i <= 400; i++) {
		snprintf(id, sizeof(id), "%d", i);
		world_user(&w, i % 2 ? "X" : "Y", i % 3 ? "1" : "2", id, "1", NULL, id);
	}
	w.tables[0].keys_proven_unique = true;
	fake_sink_fault(w.sink, FAKE_WRITE, 1, 50, FAKE_SLOW, 2);
	ck_assert_msg(run() == 0, "%s", err.msg);
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 4);
	ck_assert_uint_eq(result.counts.items_written, 400);
}
END_TEST

START_TEST(refused_items_are_found_by_halves)
{
	static const int bad[] = { 1, 13, 14, 40, 41, 77, 300 };
	char pk[32];
	size_t i;

	world_init(&w, 300, 0, 0, 0);
	for (i = 0; i < 7; i++) {
		struct buf key;

		snprintf(pk, sizeof(pk), "USER#%d", bad[i]);
		key = world_key(pk, "PROFILE");
		fake_sink_poison(w.sink, buf_str(&key));
		buf_release(&key);
	}
	ck_assert_msg(run() == 0, "%s", err.msg);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_REFUSED], 7);
	ck_assert_uint_eq(result.counts.items_written, 293);
	ck_assert_uint_eq(fake_sink_count(w.sink, "Users"), 293);
	ck_assert_uint_eq(lines_of("Users"), 7);
	ck_assert_ptr_nonnull(strstr(result.examples[0], "\"code\":\"REFUSED\""));
	ck_assert_ptr_nonnull(strstr(result.examples[0], "\"item\":{\"PK\":{\"S\":\"USER#"));
}
END_TEST

START_TEST(too_many_rejects)
{
	struct load_job job;
	int rc;

	world_with_rejects();
	job = job_now();
	job.has_max_rejects = true;
	job.max_rejects = 28;
	open_journals();
	rc = run_with(&job);
	close_journals();
	ck_assert_int_eq(rc, -ETL_ESOURCE);
	ck_assert(result.too_many_rejects && !result.complete);
	ck_assert_str_eq(err.msg, "more rows were rejected than allowed (28)");
	resume_and_check(false);
	ck_assert_uint_eq(result.counts.rows_rejected, 29);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("pipeline/load");
	TCase *tc = tcase_create("load");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, plain);
	tcase_add_test(tc, ticks_while_it_runs);
	tcase_add_test(tc, without_journal);
	tcase_add_test(tc, more_workers_where_it_pays);
	tcase_add_loop_test(tc, keeps_to_the_write_units_allowed, 0, 2);
	tcase_add_test(tc, one_reader_where_more_cannot_be_had);
	tcase_add_test(tc, no_rows_is_an_error_unless_allowed);
	tcase_add_loop_test(tc, bad_weather, 0, sizeof(weather) / sizeof(*weather));
	tcase_add_test(tc, all_weathers_at_once);
	tcase_add_loop_test(tc, hopeless_ends_the_run_and_the_next_goes_on, 0,
			    sizeof(storms) / sizeof(*storms));
	tcase_add_loop_test(tc, source_fails_and_the_next_run_goes_on, 0,
			    sizeof(source_faults) / sizeof(*source_faults));
	tcase_add_loop_test(tc, source_lost_and_back, 0, 15);
	tcase_add_test(tc, what_is_done_is_not_read_again);
	tcase_add_test(tc, source_that_stays_away);
	tcase_add_test(tc, source_lost_again_and_again);
	tcase_add_test(tc, another_source_is_none);
	tcase_add_test(tc, signal_while_the_source_is_away);
	tcase_add_test(tc, rows_that_end_too_early);
	/* under the thread sanitizer each of these takes seconds */
	tcase_add_loop_test(tc, stopped_at_any_write_then_resumed, 0, getenv("ETL_TEST_FEW") ? 5 : 40);
	tcase_add_loop_test(tc, stopped_at_any_row_then_resumed, 0, getenv("ETL_TEST_FEW") ? 5 : 50);
	tcase_add_test(tc, stopped_while_throttled);
	tcase_add_test(tc, a_finished_load_begins_anew);
	tcase_add_test(tc, duplicates_go_to_the_first);
	tcase_add_test(tc, the_same_key_is_never_in_flight_twice);
	tcase_add_test(tc, refused_items_are_found_by_halves);
	tcase_add_test(tc, too_many_rejects);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
