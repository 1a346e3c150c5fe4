/*
 * Loads from a source in memory into a sink in memory, with everything going wrong that can be
 * scripted, compared item by item with what the rows make.
 */
#include "check_main.h"

#include "pipeline/load_world.h"

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
	ck_assert_uint_eq(w.counters.rows_estimate, 1930);
	ck_assert_uint_eq(w.counters.rows_by_statistics, 0);
	ck_assert_uint_eq(w.counters.entities_told, 4);
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
