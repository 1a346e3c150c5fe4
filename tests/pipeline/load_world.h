/* Loads from a source in memory into a sink in memory, their results compared item by item. */
#ifndef TESTS_PIPELINE_LOAD_WORLD_H
#define TESTS_PIPELINE_LOAD_WORLD_H

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "fakes/fake_world.h"
#include "pipeline/load.h"
#include "pipeline/scratch.h"
#include "pipeline/width.h"

#define MAX_DONE 512

static struct world w;
static char dir[64];
static struct state *state;
static struct load_result result;
static struct etl_err err;

static inline void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/etl-test-load-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	err = (struct etl_err){ 0 };
	result = (struct load_result){ 0 };
	log_setup(LOG_TEXT, LOG_ERROR, false);	/* time flies: warnings would come in hundreds */
}

static inline void teardown(void)
{
	load_result_release(&result);
	ck_assert_ptr_null(fake_source_violation(w.source));
	ck_assert_ptr_null(fake_sink_violation(w.sink));
	world_release(&w);
	scratch_remove(dir);
}

static inline struct load_job job_now(void)
{
	return (struct load_job){
		.source = fake_source_source(w.source), .sink = fake_sink_sink(w.sink),
		.clock = &w.clock.clock, .stop = &w.stop, .counters = &w.counters,
		.state_dir = dir, .ntables = 2, .tables = w.tables, .readers = 3, .workers = 4,
		.chunk_rows = 40,
	};
}

static inline void open_journals(void)
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

static inline void close_journals(void)
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
static inline int run_with(const struct load_job *job)
{
	int rc;

	load_result_release(&result);
	etl_err_clear(&err);
	world_again(&w);
	rc = load_run(job, &result, &err);
	ck_assert_int_eq(rc, -(int)err.code);
	return rc;
}

static inline int run(void)
{
	struct load_job job = job_now();
	int rc;

	open_journals();
	rc = run_with(&job);
	close_journals();
	return rc;
}

/* The load just run is complete and right, and its counts say what happened. */
static inline void check_complete(void)
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

static inline uint64_t lines_of(const char *suffix)
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

static inline void world_with_rejects(void)
{
	char name[32];
	int i;

	world_init(&w, 300, 200, 20, 60);
	for (i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "%d", 1000 + i);
		world_user(&w, i % 3 ? "DUP" : NULL, "-", name, i % 5 ? "1" : "x", NULL, name);
	}
}

#endif
