/*
 * The width against simulated targets: answers after a latency, no more of them in a time than the
 * target is able to give, batches coming no faster than the source makes them.
 */
#include "check_main.h"

#include <stdio.h>
#include "pipeline/width.h"

#define STEPS_PER_MS 10
#define MAX 128

struct world {
	double latency_ms;		/* of a batch, at least */
	double able;			/* batches a ms that the target answers */
	double source;			/* batches a ms that the readers make */
};

struct sim {
	struct width w;
	uint64_t rng;
	long step;
	unsigned busy;
	long due[MAX];			/* of the busy ones: when its answer comes */
	double made, answered, free_at;	/* batches; when the target is free again */
	unsigned most;
	double sum_of_widths;
};

static double luck(struct sim *s)
{
	s->rng = s->rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (double)(s->rng >> 40) / (1 << 24);
}

static void begin(struct sim *s, unsigned max)
{
	*s = (struct sim){ .rng = 7 };
	width_init(&s->w, max);
}

static int64_t now_ms(const struct sim *s)
{
	return 1000 + s->step / STEPS_PER_MS;
}

/* One more batch sets out: it waits for its turn at the target, then for the answer's way. */
static void set_out(struct sim *s, const struct world *t)
{
	double now = (double)s->step / STEPS_PER_MS, turn = s->free_at > now ? s->free_at : now;

	s->free_at = turn + 1 / t->able;
	s->due[s->busy++] = (long)((turn + t->latency_ms * (0.9 + 0.2 * luck(s))) * STEPS_PER_MS);
}

static void run(struct sim *s, const struct world *t, long ms)
{
	long end = s->step + ms * STEPS_PER_MS;
	unsigned i;

	for (; s->step < end; s->step++) {
		s->made += t->source / STEPS_PER_MS;
		if (s->made > 2 * MAX)
			s->made = 2 * MAX;	/* the pool is empty: readers wait */
		for (i = 0; i < s->busy; i++) {
			if (s->due[i] > s->step)
				continue;
			s->due[i--] = s->due[--s->busy];
			s->answered++;
			width_done(&s->w, now_ms(s), s->made >= 1);
		}
		while (s->busy < s->w.now && s->made >= 1) {
			s->made--;
			set_out(s, t);
		}
		if (s->w.now < 1 || s->w.now > s->w.max)
			ck_abort_msg("a width of %u", s->w.now);
		s->sum_of_widths += s->w.now;
		if (s->w.now > s->most)
			s->most = s->w.now;
	}
}

static double rate_of(struct sim *s, const struct world *t, long ms)
{
	double before = s->answered;

	run(s, t, ms);
	return (s->answered - before) / (double)ms;
}

/* What 6,000 batches take that the source makes in 1.2 s, when each answer takes 10 ms. */
START_TEST(ramps_within_a_fraction_of_a_second)
{
	struct world t = { .latency_ms = 10, .able = 1000, .source = 5 };
	struct sim s;

	begin(&s, MAX);
	run(&s, &t, 150);
	ck_assert_uint_ge(s.w.now, 50);
	while (s.answered < 6000 && s.step < 10000 * STEPS_PER_MS)
		run(&s, &t, 10);
	ck_assert_int_le(s.step / STEPS_PER_MS, 1260);
}
END_TEST

/* A latency that nothing hides: as wide as allowed, and no narrower as time goes by. */
START_TEST(grows_to_the_maximum_where_it_pays)
{
	struct world t = { .latency_ms = 40, .able = 1000, .source = 100 };
	struct sim s;

	begin(&s, MAX);
	run(&s, &t, 1500);
	ck_assert_uint_eq(s.most, MAX);
	ck_assert_msg(rate_of(&s, &t, 20000) > 0.97 * MAX / 40, "%u", s.w.now);
}
END_TEST

static const struct { double able, latency_ms; unsigned most; } busy_targets[] = {
	{ 0.16, 1, 16 },	/* DynamoDB Local: 4,000 items a second */
	{ 2, 0.5, 16 },
	{ 1, 10, 32 },		/* 10 suffice */
	{ 2, 20, 100 },		/* 40 suffice */
};

/* More in flight only waits at the target: the width stays where throughput is had. */
START_TEST(stays_narrow_where_the_target_is_busy)
{
	struct world t = { .latency_ms = busy_targets[_i].latency_ms,
			   .able = busy_targets[_i].able, .source = 100 };
	struct sim s;

	begin(&s, MAX);
	run(&s, &t, 5000);
	s.sum_of_widths = 0;
	ck_assert_double_gt(rate_of(&s, &t, 20000), 0.95 * t.able);
	ck_assert_double_le(s.sum_of_widths / (20000 * STEPS_PER_MS), busy_targets[_i].most);
}
END_TEST

START_TEST(does_not_grow_while_the_source_is_the_limit)
{
	struct world t = { .latency_ms = 10, .able = 1000, .source = 0.5 };
	struct sim s;

	begin(&s, MAX);
	run(&s, &t, 20000);
	ck_assert_uint_eq(s.most, WIDTH_START);
	t.source = 10;
	run(&s, &t, 300);
	ck_assert_uint_ge(s.w.now, 64);
}
END_TEST

START_TEST(follows_a_target_that_changes)
{
	struct world fast = { .latency_ms = 1, .able = 4, .source = 100 };
	struct world slow = { .latency_ms = 50, .able = 4, .source = 100 };
	struct sim s;

	begin(&s, MAX);
	run(&s, &fast, 3000);
	ck_assert_uint_le(s.w.now, 32);
	run(&s, &slow, 20000);
	ck_assert_msg(rate_of(&s, &slow, 10000) > 0.8 * 128 / 50, "%u", s.w.now);
}
END_TEST

START_TEST(a_width_of_one_and_two)
{
	struct world t = { .latency_ms = 1, .able = 1000, .source = 100 };
	struct sim s;
	unsigned max;

	for (max = 1; max <= 2; max++) {
		begin(&s, max);
		ck_assert_uint_eq(s.w.now, max);
		ck_assert_double_gt(rate_of(&s, &t, 5000), 0.8 * max);
	}
}
END_TEST

/* Time that stands still, as in tests, moves nothing. */
START_TEST(no_time_no_change)
{
	struct width w;
	int i;

	width_init(&w, MAX);
	for (i = 0; i < 10000; i++)
		width_done(&w, 77, true);
	ck_assert_uint_eq(w.now, WIDTH_START);
}
END_TEST

static Suite *width_suite(void)
{
	Suite *suite = suite_create("pipeline/width");
	TCase *tc = tcase_create("width");

	tcase_add_test(tc, ramps_within_a_fraction_of_a_second);
	tcase_add_test(tc, grows_to_the_maximum_where_it_pays);
	tcase_add_loop_test(tc, stays_narrow_where_the_target_is_busy, 0,
			    sizeof(busy_targets) / sizeof(*busy_targets));
	tcase_add_test(tc, does_not_grow_while_the_source_is_the_limit);
	tcase_add_test(tc, follows_a_target_that_changes);
	tcase_add_test(tc, a_width_of_one_and_two);
	tcase_add_test(tc, no_time_no_change);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(width_suite)
