/* Verify between a source and a sink in memory: what was loaded, then spoilt in some way. */
#include "check_main.h"

#include <stdio.h>

#include "base/log.h"
#include "fakes/fake_world.h"
#include "model/key.h"
#include "pipeline/load.h"
#include "verify/verify.h"

static struct world w;
static struct verify_result result;
static struct etl_err err;

static void load(void)
{
	struct load_job job = {
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters, .ntables = 2,
		.tables = w.tables, .readers = 2, .workers = 2, .chunk_rows = 50,
		.allow_empty = true,
	};
	struct load_result r;

	world_again(&w);
	ck_assert_msg(load_run(&job, &r, &err) == 0, "%s", err.msg);
	load_result_release(&r);
}

static struct verify_job job_now(enum verify_mode mode)
{
	return (struct verify_job){
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters, .ntables = 2,
		.tables = w.tables, .mode = mode, .readers = 3, .workers = 4, .chunk_rows = 60,
	};
}

static int verify_with(const struct verify_job *job)
{
	int rc;

	verify_result_release(&result);
	etl_err_clear(&err);
	world_again(&w);
	rc = verify_run(job, &result, &err);
	ck_assert_int_eq(rc, -(int)err.code);
	return rc;
}

static void verify(enum verify_mode mode)
{
	struct verify_job job = job_now(mode);

	ck_assert_msg(verify_with(&job) == 0, "%s", err.msg);
}

static void setup(void)
{
	log_setup(LOG_TEXT, LOG_ERROR, false);	/* time flies: warnings would come in dozens */
	err = (struct etl_err){ 0 };
	result = (struct verify_result){ 0 };
}

static void teardown(void)
{
	verify_result_release(&result);
	ck_assert_ptr_null(fake_source_violation(w.source));
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
}

static void spoil(const char *pk, const char *sk, const char *json)
{
	struct buf key = world_key(pk, sk);

	if (json)
		fake_sink_put(w.sink, "Users", buf_str(&key), str_of(json));
	else
		ck_assert(fake_sink_remove(w.sink, "Users", buf_str(&key)));
	buf_release(&key);
}

/* Every 'step'th user's item is lost. */
static void spoil_users(int users, int step)
{
	char pk[32];
	int i;

	for (i = step; i <= users; i += step) {
		snprintf(pk, sizeof(pk), "USER#%d", i);
		spoil(pk, "PROFILE", NULL);
	}
}

START_TEST(parity)
{
	world_init(&w, 1000, 500, 20, 150);
	load();
	fake_source_forget(w.source);
	verify((enum verify_mode)_i);
	ck_assert(result.parity);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_GET), 0);
	/* where nothing differs one pass over each side is enough */
	ck_assert_uint_eq(fake_source_begun(w.source, "v_user", 0), 1);
	ck_assert_uint_eq(w.counters.items_scanned, 1670);
	ck_assert_uint_eq(result.nfindings, 0);
	ck_assert_uint_eq(result.ntables, 2);
	ck_assert_uint_eq(result.tables[0].items_expected, 1520);
	ck_assert_uint_eq(result.tables[0].items_scanned, 1520);
	ck_assert_uint_eq(result.tables[1].items_scanned, 150);
	ck_assert_uint_eq(result.entities[W_USER].items_equal, _i == VERIFY_FULL ? 1000 : 0);
	ck_assert_uint_eq(result.entities[W_USER].items_examined, 0);
	ck_assert_uint_eq(result.entities[W_THING].rows_read, 150);
}
END_TEST

#define ITEM(rest) "{\"PK\":{\"S\":\"USER#5\"},\"SK\":{\"S\":\"PROFILE\"}" rest "}"
#define NAME ",\"name\":{\"S\":\"name of \\\"5\\\"\"}"
#define SCORE ",\"score\":{\"N\":\"5\"}"
#define EMAIL ",\"email\":{\"S\":\"5@example.org\"}"

static const struct {
	const char *json;
	enum finding_how how;
	const char *attribute, *expected, *actual;
} spoilt[] = {
	{ ITEM(EMAIL SCORE NAME), HOW_NONE, NULL, NULL, NULL },		/* another order */
	{ ITEM(EMAIL NAME ",\"score\":{\"N\":\"5.0\"}"), HOW_NONE, NULL, NULL, NULL },
	{ ITEM(EMAIL NAME ",\"score\":{\"N\":\"6\"}"), HOW_VALUE, "score", "{\"N\":\"5\"}",
	  "{\"N\":\"6\"}" },
	{ ITEM(EMAIL NAME ",\"score\":{\"S\":\"5\"}"), HOW_TYPE, "score", "{\"N\":\"5\"}",
	  "{\"S\":\"5\"}" },
	{ ITEM(NAME SCORE), HOW_ABSENT, "email", "{\"S\":\"5@example.org\"}", NULL },
	{ ITEM(NAME SCORE ",\"email\":{\"NULL\":true}"), HOW_TYPE, "email",
	  "{\"S\":\"5@example.org\"}", "{\"NULL\":true}" },
	{ ITEM(NAME SCORE EMAIL ",\"more\":{\"S\":\"\"}"), HOW_UNEXPECTED, "more", NULL,
	  "{\"S\":\"\"}" },
	{ ITEM(NAME SCORE ",\"email\":{\"S\":\"\"}"), HOW_VALUE, "email",
	  "{\"S\":\"5@example.org\"}", "{\"S\":\"\"}" },
};

START_TEST(one_item_differs)
{
	const struct finding *f;

	world_init(&w, 300, 0, 0, 0);
	load();
	spoil("USER#5", "PROFILE", spoilt[_i].json);
	verify(VERIFY_COUNT);
	ck_assert(result.parity);		/* no value was compared */
	verify(VERIFY_DIGEST);
	ck_assert(result.parity == (spoilt[_i].how == HOW_NONE));
	ck_assert_uint_eq(result.tables[0].buckets_different, spoilt[_i].how != HOW_NONE);
	ck_assert_uint_eq(result.nfindings, 0);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_GET), 0);
	verify(VERIFY_FULL);
	ck_assert(result.parity == (spoilt[_i].how == HOW_NONE));
	/* what differs is asked for, and what shares its bucket */
	ck_assert_uint_le(result.entities[W_USER].items_examined, 3);
	ck_assert_uint_eq(result.nfindings, spoilt[_i].how != HOW_NONE);
	ck_assert_uint_eq(result.entities[W_USER].items_different, result.nfindings);
	if (!result.nkept)
		return;
	f = &result.findings[0];
	ck_assert_int_eq(f->kind, FINDING_DIFFERENT);
	ck_assert_int_eq(f->how, spoilt[_i].how);
	ck_assert_str_eq(f->attribute, spoilt[_i].attribute);
	ck_assert_pstr_eq(f->expected, spoilt[_i].expected);
	ck_assert_pstr_eq(f->actual, spoilt[_i].actual);
	ck_assert_str_eq(f->entity, "User");
	ck_assert_str_eq(f->key_json, "{\"PK\":{\"S\":\"USER#5\"},\"SK\":{\"S\":\"PROFILE\"}}");
	ck_assert_str_eq(f->source_key_json, "{\"id\":\"5\"}");
}
END_TEST

START_TEST(one_missing_and_one_extra)
{
	world_init(&w, 300, 100, 5, 20);
	load();
	spoil("USER#77", "PROFILE", NULL);
	spoil("USER#x", "-", "{\"SK\":{\"S\":\"-\"},\"PK\":{\"S\":\"USER#x\"}}");
	verify(VERIFY_COUNT);
	ck_assert(result.parity);		/* the weak check that it is */
	verify(VERIFY_DIGEST);
	ck_assert(!result.parity && !result.tables[0].parity && result.tables[1].parity);
	ck_assert_uint_eq(result.tables[0].buckets_different, 2);
	verify(VERIFY_FULL);
	ck_assert(!result.parity && !result.tables[0].parity && result.tables[1].parity);
	ck_assert_uint_eq(result.nfindings, 2);
	ck_assert_uint_eq(result.tables[0].items_extra, 1);
	ck_assert_uint_eq(result.entities[W_USER].items_missing, 1);
	ck_assert_int_eq(result.findings[0].kind, FINDING_MISSING);
	ck_assert_str_eq(result.findings[0].source_key_json, "{\"id\":\"77\"}");
	ck_assert_int_eq(result.findings[1].kind, FINDING_EXTRA);
	ck_assert_str_eq(result.findings[1].key_json,
			 "{\"PK\":{\"S\":\"USER#x\"},\"SK\":{\"S\":\"-\"}}");
	ck_assert_ptr_null(result.findings[1].entity);
}
END_TEST

/* ---- read again ----------------------------------------------------------------------------- */

static uint64_t again_at;	/* the opening of readers before which the world changes */
static void (*meanwhile)(void);

static void source_hook(void *arg, enum fake_source_op op, uint64_t call)
{
	(void)arg;
	if (op == SRC_OPEN_READERS && call == again_at && meanwhile)
		meanwhile();
}

static void recheck(void (*change)(void))
{
	struct verify_job job = job_now(VERIFY_FULL);

	job.recheck_ms = 5000;
	meanwhile = change;
	again_at = fake_source_calls(w.source, SRC_OPEN_READERS) + 2;
	fake_source_hook(w.source, source_hook, NULL);
	ck_assert_msg(verify_with(&job) == 0, "%s", err.msg);
}

#define OTHER_ITEM "{\"PK\":{\"S\":\"USER#5\"},\"SK\":{\"S\":\"PROFILE\"}}"
#define MADE_ITEM "{\"PK\":{\"S\":\"USER#new\"},\"SK\":{\"S\":\"PROFILE\"}," \
		  "\"name\":{\"S\":\"n\"},\"score\":{\"N\":\"1\"}}"

static void spoil_all_ways(void)
{
	spoil("USER#5", "PROFILE", OTHER_ITEM);
	spoil("USER#6", "PROFILE", NULL);
	spoil("USER#new", "PROFILE", MADE_ITEM);
}

static void mend_all(void)
{
	load();
	spoil("USER#new", "PROFILE", MADE_ITEM);
	world_user(&w, "USER#new", "PROFILE", "n", "1", NULL, "1000");
}

/* What is new then is no difference yet. */
static void mend_some_and_spoil_others(void)
{
	load();
	spoil("USER#6", "PROFILE", NULL);
	spoil("USER#new", "PROFILE", NULL);
	spoil("USER#7", "PROFILE", NULL);
	spoil("USER#other", "PROFILE", "{\"PK\":{\"S\":\"USER#other\"},\"SK\":{\"S\":\"PROFILE\"}}");
}

START_TEST(read_again)
{
	world_init(&w, 300, 100, 5, 20);
	load();
	recheck(NULL);
	ck_assert(result.parity);
	ck_assert_int_eq(w.clock.slept_ms, 0);		/* nothing to wait for */
	ck_assert_uint_eq(result.tables[0].items_rechecked, 0);
	spoil_all_ways();
	recheck(NULL);
	ck_assert_int_eq(w.clock.slept_ms, 5000);
	ck_assert(!result.parity);
	ck_assert_uint_eq(result.tables[0].items_rechecked, 3);
	ck_assert_uint_eq(result.nfindings, 5);		/* 3 attributes of the one that differs */
	ck_assert_uint_eq(result.nkept, 5);
	ck_assert_uint_eq(w.counters.differences, 5);
	ck_assert_uint_eq(result.entities[W_USER].items_missing, 1);
	ck_assert_uint_eq(result.entities[W_USER].items_different, 1);
	ck_assert_uint_eq(result.entities[W_USER].items_equal, 298);
	ck_assert_uint_eq(result.tables[0].items_extra, 1);
}
END_TEST

START_TEST(gone_meanwhile)
{
	world_init(&w, 300, 100, 5, 20);
	load();
	spoil_all_ways();
	recheck(mend_all);
	ck_assert(result.parity);
	ck_assert_uint_eq(result.tables[0].items_rechecked, 3);
	ck_assert_uint_eq(result.nfindings, 0);
	ck_assert_uint_eq(result.nkept, 0);
	ck_assert_uint_eq(result.tables[0].items_extra, 0);
}
END_TEST

START_TEST(some_gone_meanwhile)
{
	world_init(&w, 300, 100, 5, 20);
	load();
	spoil_all_ways();
	recheck(mend_some_and_spoil_others);
	ck_assert(!result.parity);
	ck_assert_uint_eq(result.nfindings, 1);
	ck_assert_int_eq(result.findings[0].kind, FINDING_MISSING);
	ck_assert_str_eq(result.findings[0].source_key_json, "{\"id\":\"6\"}");
}
END_TEST

static void stop_now(void)
{
	stop_ask_signal(&w.stop, 2);
}

START_TEST(stopped_or_lost_meanwhile)
{
	struct verify_job job;

	world_init(&w, 300, 100, 5, 20);
	load();
	spoil_all_ways();
	job = job_now(VERIFY_FULL);
	job.recheck_ms = 5000;
	if (_i) {
		meanwhile = stop_now;
		again_at = fake_source_calls(w.source, SRC_OPEN_READERS) + 2;
		fake_source_hook(w.source, source_hook, NULL);
	} else {
		fake_source_fault(w.source, SRC_OPEN_READERS,
				  fake_source_calls(w.source, SRC_OPEN_READERS) + 2, 1,
				  ETL_ESOURCELOST);
	}
	ck_assert_int_eq(verify_with(&job), _i ? -ETL_ESTOPPED : -ETL_ESOURCELOST);
	ck_assert(!result.parity);
}
END_TEST

static void sample(uint64_t rows)
{
	struct verify_job job = job_now(VERIFY_SAMPLE);

	job.sample_rows = rows;
	ck_assert_msg(verify_with(&job) == 0, "%s", err.msg);
}

START_TEST(a_sample)
{
	world_init(&w, 700, 200, 100, 150);
	load();
	fake_source_forget(w.source);
	sample(100);
	ck_assert(result.parity);
	/* shared out by rows; entities without primary key by chance */
	ck_assert_uint_eq(result.entities[W_USER].rows_in_source, 700);
	ck_assert_uint_eq(result.entities[W_USER].items_examined, 70);
	ck_assert_uint_eq(result.entities[W_USER].items_equal, 70);
	ck_assert_uint_eq(result.entities[W_USER].rows_read, 70);
	ck_assert_uint_eq(result.entities[W_ORDER].items_examined, 20);
	ck_assert_uint_eq(result.entities[W_NOTE].rows_read, 100);
	ck_assert_uint_ge(result.entities[W_NOTE].items_examined, 1);
	ck_assert_uint_le(result.entities[W_NOTE].items_examined, 35);
	ck_assert_uint_eq(result.tables[0].rows_in_source, 1000);
	ck_assert_uint_eq(result.tables[0].items_compared,
			  90 + result.entities[W_NOTE].items_examined);
	ck_assert_uint_eq(result.tables[1].items_compared, 100);
	ck_assert_uint_eq(fake_sink_calls(w.sink, FAKE_SCAN), 0);
	/* more than there are: all */
	spoil("USER#77", "PROFILE", NULL);
	spoil("NOTE#7", "-", NULL);
	sample(5000);
	ck_assert(!result.parity && !result.tables[0].parity && result.tables[1].parity);
	ck_assert_uint_eq(result.tables[0].items_compared, 1000);
	ck_assert_uint_eq(result.tables[0].items_wrong, 2);
	ck_assert_uint_eq(result.nfindings, 2);
	ck_assert_uint_eq(result.entities[W_NOTE].items_missing, 1);
	ck_assert_str_eq(result.findings[1].source_key_json, "{\"id\":\"77\"}");
}
END_TEST

/* Each row has its chance: of 20 samples of a tenth at least one meets what a third has. */
START_TEST(samples_find)
{
	unsigned found = 0, i;

	world_init(&w, 600, 0, 300, 10);
	load();
	spoil_users(600, 3);
	for (i = 0; i < 20; i++) {
		sample(90);
		ck_assert_uint_eq(result.entities[W_USER].items_examined, 60);
		ck_assert_uint_eq(result.tables[0].items_wrong, result.nfindings);
		found += (unsigned)result.nfindings;
	}
	ck_assert_uint_ge(found, 200);		/* of 1200, 400 are wrong */
	ck_assert_uint_le(found, 600);
}
END_TEST

START_TEST(a_sample_of_rejects)
{
	world_init(&w, 50, 0, 0, 0);
	world_user(&w, "X", "1", "winner", "1", NULL, "200");
	world_user(&w, "X", "1", "loser", "2", NULL, "201");
	world_user(&w, "Y", "1", "no number", "x", NULL, "202");
	world_note(&w, "X", "1", "later entity");
	load();
	sample(1000);
	ck_assert(result.parity);
	ck_assert_uint_eq(result.entities[W_USER].rows_rejected, 2);
	ck_assert_uint_eq(result.entities[W_USER].items_examined, 51);
	ck_assert_uint_eq(result.entities[W_NOTE].rows_rejected, 1);
	ck_assert_uint_eq(result.nreject_examples, 3);
}
END_TEST

static const struct { uint64_t compared, differing, of; double low, high; } said[] = {
	{ 0, 0, 10, 0, 1 }, { 10, 0, 10, 0, 0 }, { 10, 5, 10, 0.5, 0.5 },
	{ 1, 0, 1000, 0, 0.95 },
	{ 1000, 0, 1000000, 0, 0.0029912 },	/* the "rule of three" */
	{ 100, 10, 100000, 0.05523, 0.17437 },	/* as tables of Wilson's interval have it */
	{ 100, 100, 100000, 0.96301, 1 },
	{ 0, 0, 0, 0, 0 },
	{ 9, 0, 10, 0, 0.1 }, { 29, 1, 30, 0.03333, 0.06667 },	/* one is left open */
};

START_TEST(confidence)
{
	struct verify_confidence c = verify_confidence(said[_i].compared, said[_i].differing,
						       said[_i].of);

	ck_assert_double_eq_tol(c.low, said[_i].low, 0.00001);
	ck_assert_double_eq_tol(c.high, said[_i].high, 0.00001);
}
END_TEST

START_TEST(counts_differ)
{
	world_init(&w, 30, 0, 0, 5);
	load();
	spoil("USER#7", "PROFILE", NULL);
	verify((enum verify_mode)_i);
	ck_assert(!result.parity && !result.tables[0].parity && result.tables[1].parity);
}
END_TEST

START_TEST(many_findings_are_counted_exactly)
{
	struct verify_job job;
	char pk[32], json[128];
	int i;

	world_init(&w, 2000, 0, 0, 0);
	load();
	for (i = 1; i <= 600; i++) {
		snprintf(pk, sizeof(pk), "USER#%d", i * 3);
		spoil(pk, "PROFILE", NULL);
		snprintf(json, sizeof(json),
			 "{\"PK\":{\"S\":\"%s\"},\"SK\":{\"S\":\"OTHER\"}}", pk);
		spoil(pk, "OTHER", json);
	}
	job = job_now(VERIFY_FULL);
	job.max_findings = 50;
	ck_assert_msg(verify_with(&job) == 0, "%s", err.msg);
	ck_assert_uint_eq(result.nfindings, 1200);
	ck_assert_uint_eq(result.nkept, 50);
	ck_assert_uint_eq(result.tables[0].items_extra, 600);
	ck_assert_uint_eq(result.entities[W_USER].items_missing, 600);
	ck_assert_uint_eq(w.counters.differences, 1200);
}
END_TEST

START_TEST(rejects_are_not_expected)
{
	world_init(&w, 50, 0, 0, 0);
	world_user(&w, "X", "1", "winner", "1", NULL, "200");
	world_user(&w, "X", "1", "loser", "2", NULL, "201");
	world_user(&w, "Y", "1", "no number", "x", NULL, "202");
	world_note(&w, "X", "1", "later entity");
	world_note(&w, "N", "1", "first to come");
	world_note(&w, "N", "1", "second");
	load();
	verify(_i ? VERIFY_DIGEST : VERIFY_FULL);
	ck_assert(result.parity);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_KEY_DUPLICATE], 1);
	ck_assert_uint_eq(result.entities[W_USER].rejects[REJECT_NOT_NUMBER], 1);
	ck_assert_uint_eq(result.entities[W_NOTE].rejects[REJECT_KEY_DUPLICATE], 2);
	ck_assert_uint_eq(result.nreject_examples, 4);
	/* an item under the key of a reject is of no row */
	spoil("Y", "1", "{\"PK\":{\"S\":\"Y\"},\"SK\":{\"S\":\"1\"}}");
	verify(_i ? VERIFY_DIGEST : VERIFY_FULL);
	ck_assert_uint_eq(result.tables[0].items_extra, !_i);
	ck_assert(!result.parity);
}
END_TEST

START_TEST(nothing_compared)
{
	struct verify_job job;

	world_init(&w, 0, 0, 0, 0);
	job = job_now((enum verify_mode)_i);
	ck_assert_int_eq(verify_with(&job), -ETL_ESOURCE);
	ck_assert(!result.parity);
	job.allow_empty = true;
	ck_assert_int_eq(verify_with(&job), 0);
	ck_assert(result.parity);
	spoil("Y", "1", "{\"PK\":{\"S\":\"Y\"},\"SK\":{\"S\":\"1\"}}");
	job.allow_empty = false;
	ck_assert_int_eq(verify_with(&job), 0);
	ck_assert(!result.parity);
}
END_TEST

static const struct { enum fake_op op; enum fake_fault fault; uint64_t arg, times; } weather[] = {
	{ FAKE_GET, FAKE_THROTTLED, 0, 20 }, { FAKE_GET, FAKE_UNKNOWN_LOST, 0, 20 },
	{ FAKE_GET, FAKE_UNPROCESSED, 0x5555555555555555, 20 },
	{ FAKE_GET, FAKE_UNPROCESSED, UINT64_MAX, 20 },
	{ FAKE_SCAN, FAKE_THROTTLED, 0, 20 }, { FAKE_SCAN, FAKE_UNKNOWN_LOST, 0, 10 },
	{ FAKE_SCAN, FAKE_TRANSIENT, 0, 10 },
};

START_TEST(bad_weather)
{
	world_init(&w, 1000, 300, 10, 50);
	load();
	/* enough of them that there are more requests for items than faults */
	spoil_users(1000, 5);
	spoil("Y", "1", "{\"PK\":{\"S\":\"Y\"},\"SK\":{\"S\":\"1\"}}");
	fake_sink_fault(w.sink, weather[_i].op, 2, weather[_i].times, weather[_i].fault,
			weather[_i].arg);
	verify(VERIFY_FULL);
	ck_assert_uint_eq(result.nfindings, 201);
	ck_assert_uint_eq(result.entities[W_USER].items_missing, 200);
	ck_assert_uint_eq(result.tables[0].items_extra, 1);
	ck_assert_uint_eq(result.tables[0].items_scanned, 1111);
	ck_assert_uint_ge(result.retries, 10);
}
END_TEST

static const struct { enum fake_op op; enum fake_fault fault; int rc; } storms[] = {
	{ FAKE_GET, FAKE_HOPELESS, -ETL_ESINK }, { FAKE_GET, FAKE_NOTFOUND, -ETL_ENOTFOUND },
	{ FAKE_SCAN, FAKE_CREDENTIALS, -ETL_ECREDENTIALS },
	{ FAKE_OPEN_CONN, FAKE_HOPELESS, -ETL_ESINK },
};

START_TEST(not_able_to_tell)
{
	world_init(&w, 500, 300, 10, 50);
	load();
	spoil("USER#7", "PROFILE", NULL);
	fake_sink_fault_next(w.sink, storms[_i].op, 1, storms[_i].fault, 0);
	ck_assert_int_eq(verify_with(&(struct verify_job[]){ job_now(VERIFY_FULL) }[0]),
			 storms[_i].rc);
	ck_assert(!result.parity);
	load();
	verify(VERIFY_FULL);
	ck_assert(result.parity);
}
END_TEST

START_TEST(source_fails)
{
	struct verify_job job;

	world_init(&w, 500, 300, 10, 50);
	load();
	job = job_now(VERIFY_FULL);
	fake_source_fault(w.source, SRC_NEXT, fake_source_calls(w.source, SRC_NEXT) + 100, 1,
			  ETL_ESOURCELOST);
	ck_assert_int_eq(verify_with(&job), -ETL_ESOURCELOST);
	ck_assert(!result.parity);
}
END_TEST

static void stop_hook(void *arg, enum fake_op op, uint64_t call)
{
	if (op == *(enum fake_op *)arg && call == 3)
		stop_ask_signal(&w.stop, 2);
}

START_TEST(stopped)
{
	enum fake_op op = _i ? FAKE_SCAN : FAKE_GET;
	struct verify_job job;

	world_init(&w, 2000, 300, 10, 50);
	load();
	spoil_users(2000, 2);
	fake_sink_hook(w.sink, stop_hook, &op);
	job = job_now(VERIFY_FULL);
	ck_assert_int_eq(verify_with(&job), -ETL_ESTOPPED);
	ck_assert(!result.parity);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/verify");
	TCase *tc = tcase_create("verify");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, parity, 0, 3);
	tcase_add_loop_test(tc, one_item_differs, 0, sizeof(spoilt) / sizeof(*spoilt));
	tcase_add_test(tc, one_missing_and_one_extra);
	tcase_add_loop_test(tc, counts_differ, 0, 3);
	tcase_add_test(tc, many_findings_are_counted_exactly);
	tcase_add_loop_test(tc, rejects_are_not_expected, 0, 2);
	tcase_add_test(tc, read_again);
	tcase_add_test(tc, gone_meanwhile);
	tcase_add_test(tc, some_gone_meanwhile);
	tcase_add_loop_test(tc, stopped_or_lost_meanwhile, 0, 2);
	tcase_add_test(tc, a_sample);
	tcase_add_test(tc, samples_find);
	tcase_add_test(tc, a_sample_of_rejects);
	tcase_add_loop_test(tc, nothing_compared, 0, 3);
	tcase_add_loop_test(tc, bad_weather, 0, sizeof(weather) / sizeof(*weather));
	tcase_add_loop_test(tc, not_able_to_tell, 0, sizeof(storms) / sizeof(*storms));
	tcase_add_test(tc, source_fails);
	tcase_add_loop_test(tc, stopped, 0, 2);
	suite_add_tcase(suite, tc);
	tc = tcase_create("confidence");
	tcase_add_loop_test(tc, confidence, 0, sizeof(said) / sizeof(*said));
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
