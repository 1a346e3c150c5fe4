#include "check_main.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "pipeline/batch.h"

static struct item item_of(size_t json_bytes)
{
	struct item item = { 0 };

	buf_reserve(&item.json, json_bytes);
	memset(item.json.ptr, 'x', json_bytes);
	item.json.len = json_bytes;
	buf_adds(&item.key, "key");
	buf_adds(&item.key_json, "{}");
	item.size_bytes = json_bytes;
	return item;
}

static void add(struct batch *b, size_t json_bytes)
{
	struct item item = item_of(json_bytes);

	batch_add(b, &item, (struct hash128){ b->n, 1 }, STR("pk"), false);
	item_release(&item);
}

START_TEST(room_by_count_and_bytes)
{
	struct batch_pool *p = batch_pool_new(1, 1);
	struct batch *b = batch_pool_get(p);
	size_t i;

	ck_assert(batch_has_room(b, 25, 10 * BATCH_TARGET_BYTES));	/* an empty one takes any */
	for (i = 0; i < 25; i++) {
		ck_assert(batch_has_room(b, 25, 100));
		add(b, 100);
	}
	ck_assert(!batch_has_room(b, 25, 100));
	ck_assert(batch_has_room(b, 26, 100));
	ck_assert(!batch_has_room(b, 26, BATCH_TARGET_BYTES));
	batch_pool_put(p, b);
	batch_pool_free(p);
}
END_TEST

START_TEST(an_empty_batch_keeps_little)
{
	struct batch_pool *p = batch_pool_new(1, 1);
	struct batch *b = batch_pool_get(p);

	add(b, 3 * BATCH_KEEP_BYTES);
	ck_assert_uint_ge(b->data.cap, 3 * BATCH_KEEP_BYTES);
	batch_pool_put(p, b);
	ck_assert_uint_eq(b->data.cap, 0);
	b = batch_pool_get(p);
	add(b, BATCH_KEEP_BYTES / 4);
	batch_pool_put(p, b);
	ck_assert_uint_ge(b->data.cap, BATCH_KEEP_BYTES / 4);
	batch_pool_free(p);
}
END_TEST

static void *get_one(void *p)
{
	return batch_pool_get(p);
}

static void wait_for_waiter(struct batch_pool *p)
{
	while (batch_pool_waiting(p) == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* Batches are left, but nothing of the budget: who wants one waits until something comes home. */
START_TEST(the_budget_is_waited_for)
{
	struct batch_pool *p = batch_pool_new(8, 100000);
	struct batch *a = batch_pool_get(p), *b = batch_pool_get(p), *c;
	pthread_t thread;
	void *got;

	add(a, 30000);
	batch_pool_charge(p, a);	/* the copy counts, too */
	ck_assert_uint_ge(a->charged_bytes, 60000);
	c = batch_pool_get(p);		/* something is left */
	ck_assert_ptr_nonnull(c);
	add(b, 30000);
	batch_pool_charge(p, b);
	ck_assert_int_eq(pthread_create(&thread, NULL, get_one, p), 0);
	wait_for_waiter(p);
	batch_pool_put(p, a);
	ck_assert_int_eq(pthread_join(thread, &got), 0);
	ck_assert_ptr_nonnull(got);
	batch_pool_put(p, got);
	batch_pool_put(p, b);
	batch_pool_put(p, c);
	ck_assert_uint_eq(batch_pool_home(p), 8);
	batch_pool_free(p);
}
END_TEST

START_TEST(who_waits_leaves_an_abandoned_pool)
{
	struct batch_pool *p = batch_pool_new(1, 1);
	struct batch *b = batch_pool_get(p);
	pthread_t thread;
	void *got;

	ck_assert_int_eq(pthread_create(&thread, NULL, get_one, p), 0);
	wait_for_waiter(p);
	batch_pool_abandon(p);
	ck_assert_int_eq(pthread_join(thread, &got), 0);
	ck_assert_ptr_null(got);
	batch_pool_put(p, b);
	batch_pool_free(p);
}
END_TEST

static Suite *batch_suite(void)
{
	Suite *suite = suite_create("pipeline/batch");
	TCase *tc = tcase_create("batch");

	tcase_add_test(tc, room_by_count_and_bytes);
	tcase_add_test(tc, an_empty_batch_keeps_little);
	tcase_add_test(tc, the_budget_is_waited_for);
	tcase_add_test(tc, who_waits_leaves_an_abandoned_pool);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(batch_suite)
