#include "check_main.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "pipeline/gate.h"
#include "pipeline/width.h"

#define WORKERS 24

static struct gate *gate;
static atomic_uint in, left;

static void *worker(void *arg)
{
	unsigned i = (unsigned)(uintptr_t)arg;

	if (gate_enter(gate, i))
		atomic_fetch_or(&in, 1u << i);
	else
		atomic_fetch_or(&left, 1u << i);
	return NULL;
}

static pthread_t threads[WORKERS];

static void start(bool adapts)
{
	uintptr_t i;

	gate = gate_new(WORKERS, adapts);
	atomic_init(&in, 0);
	atomic_init(&left, 0);
	for (i = 0; i < WORKERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, worker, (void *)i), 0);
}

static void join(unsigned from, unsigned to)
{
	for (; from < to; from++)
		pthread_join(threads[from], NULL);
}

START_TEST(a_fixed_number_is_let_in_at_once)
{
	start(false);
	join(0, WORKERS);
	ck_assert_uint_eq(in, (1u << WORKERS) - 1);
	gate_done(gate, 1000, true);
	ck_assert_uint_eq(gate_width(gate), WORKERS);
	gate_free(gate);
}
END_TEST

/* The answers of 'epochs' epochs at one a millisecond and worker. */
static void answer(unsigned epochs, int64_t *now_ms)
{
	unsigned i, n = epochs * 200;

	for (i = 0; i < n; i++) {
		*now_ms += i % gate_width(gate) == 0;
		gate_done(gate, *now_ms, true);
	}
}

START_TEST(more_are_let_in_when_the_width_grows)
{
	int64_t now_ms = 1000;

	start(true);
	join(0, WIDTH_START);
	ck_assert_uint_eq(in, (1u << WIDTH_START) - 1);
	answer(10, &now_ms);
	ck_assert_uint_eq(gate_width(gate), WORKERS);
	join(WIDTH_START, WORKERS);
	ck_assert_uint_eq(in, (1u << WORKERS) - 1);
	ck_assert_uint_eq(left, 0);
	gate_free(gate);
}
END_TEST

START_TEST(the_end_sends_away_who_waits)
{
	start(true);
	join(0, WIDTH_START);
	gate_end(gate);
	join(WIDTH_START, WORKERS);
	ck_assert_uint_eq(left, ((1u << WORKERS) - 1) ^ in);
	ck_assert_uint_eq(in, (1u << WIDTH_START) - 1);
	ck_assert(!gate_enter(gate, 0));
	gate_free(gate);
}
END_TEST

static Suite *gate_suite(void)
{
	Suite *suite = suite_create("pipeline/gate");
	TCase *tc = tcase_create("gate");

	tcase_add_test(tc, a_fixed_number_is_let_in_at_once);
	tcase_add_test(tc, more_are_let_in_when_the_width_grows);
	tcase_add_test(tc, the_end_sends_away_who_waits);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(gate_suite)
