#include "check_main.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "base/queue.h"

#define PER_PRODUCER 20000
#define PRODUCERS 4
#define CONSUMERS 3

static struct queue *q;
static atomic_int seen[PRODUCERS * PER_PRODUCER + 1];
static atomic_uint refused, taken;

static void *produce(void *arg)
{
	uintptr_t first = (uintptr_t)arg, i;

	for (i = 0; i < PER_PRODUCER; i++)
		if (!queue_push(q, (void *)(first + i)))
			atomic_fetch_add(&refused, 1);
	return NULL;
}

static void *consume(void *arg)
{
	void *elem;

	while ((elem = queue_pop(q))) {
		atomic_fetch_add(&seen[(uintptr_t)elem], 1);
		atomic_fetch_add(&taken, 1);
	}
	return arg;
}

/* Every element comes out exactly once, and only as many as fit are ever inside. */
START_TEST(many_threads)
{
	pthread_t p[PRODUCERS], c[CONSUMERS];
	uintptr_t i;

	q = queue_new(8);
	for (i = 0; i < CONSUMERS; i++)
		pthread_create(&c[i], NULL, consume, NULL);
	for (i = 0; i < PRODUCERS; i++)
		pthread_create(&p[i], NULL, produce, (void *)(i * PER_PRODUCER + 1));
	for (i = 0; i < 100; i++)
		ck_assert_uint_le(queue_len(q), 8);
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(p[i], NULL);
	queue_close(q);
	for (i = 0; i < CONSUMERS; i++)
		pthread_join(c[i], NULL);
	for (i = 1; i <= PRODUCERS * PER_PRODUCER; i++)
		ck_assert_int_eq(atomic_load(&seen[i]), 1);
	ck_assert_uint_eq(atomic_load(&refused), 0);
	queue_free(q);
}
END_TEST

/* Abandoned in the middle: everybody comes home, and no element is lost or seen twice. */
START_TEST(abandoned_with_threads)
{
	pthread_t p[PRODUCERS], c[CONSUMERS];
	unsigned left = 0;
	uintptr_t i;

	atomic_store(&taken, 0);
	atomic_store(&refused, 0);
	q = queue_new(8);
	for (i = 0; i < PRODUCERS; i++)
		pthread_create(&p[i], NULL, produce, (void *)(i * PER_PRODUCER + 1));
	for (i = 0; i < CONSUMERS; i++)
		pthread_create(&c[i], NULL, consume, NULL);
	while (atomic_load(&taken) < 1000)
		usleep(100);
	queue_abandon(q);
	for (i = 0; i < PRODUCERS; i++)
		pthread_join(p[i], NULL);
	for (i = 0; i < CONSUMERS; i++)
		pthread_join(c[i], NULL);
	while (queue_try_pop(q))
		left++;
	ck_assert_uint_eq(atomic_load(&taken) + atomic_load(&refused) + left,
			  PRODUCERS * PER_PRODUCER);
	queue_free(q);
}
END_TEST

static int a, b, c;

START_TEST(in_order_and_closed)
{
	q = queue_new(3);
	ck_assert_ptr_null(queue_try_pop(q));
	ck_assert(queue_push(q, &a));
	ck_assert(queue_push(q, &b));
	ck_assert_ptr_eq(queue_pop(q), &a);
	ck_assert(queue_push(q, &c));
	ck_assert(queue_push(q, &a));
	ck_assert_uint_eq(queue_len(q), 3);
	queue_close(q);
	ck_assert(!queue_push(q, &b));
	ck_assert_ptr_eq(queue_pop(q), &b);
	ck_assert_ptr_eq(queue_pop(q), &c);
	ck_assert_ptr_eq(queue_try_pop(q), &a);
	ck_assert_ptr_null(queue_pop(q));
	ck_assert_ptr_null(queue_try_pop(q));
	queue_free(q);
}
END_TEST

START_TEST(abandoned_gives_nothing_more)
{
	q = queue_new(2);
	ck_assert(queue_push(q, &a));
	queue_abandon(q);
	ck_assert_ptr_null(queue_pop(q));
	ck_assert(!queue_push(q, &b));
	ck_assert_ptr_eq(queue_try_pop(q), &a);
	queue_free(q);
	queue_free(NULL);
}
END_TEST

static void *push_b(void *arg)
{
	*(bool *)arg = queue_push(q, &b);
	return NULL;
}

/* A producer that waits for room is woken by the end and keeps its element. */
START_TEST(close_wakes_a_full_push)
{
	pthread_t t;
	bool pushed = true;

	q = queue_new(1);
	ck_assert(queue_push(q, &a));
	pthread_create(&t, NULL, push_b, &pushed);
	usleep(20000);
	if (_i)
		queue_abandon(q);
	else
		queue_close(q);
	pthread_join(t, NULL);
	ck_assert(!pushed);
	ck_assert_ptr_eq(queue_try_pop(q), &a);
	queue_free(q);
}
END_TEST

static Suite *queue_suite(void)
{
	Suite *suite = suite_create("base/queue");
	TCase *tc = tcase_create("queue");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, in_order_and_closed);
	tcase_add_test(tc, abandoned_gives_nothing_more);
	tcase_add_loop_test(tc, close_wakes_a_full_push, 0, 2);
	tcase_add_test(tc, many_threads);
	tcase_add_test(tc, abandoned_with_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(queue_suite)
