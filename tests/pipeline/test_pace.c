/*
 * The pace, alone and against a simulated table: one that takes so many units a second and keeps
 * what it was not asked for, for a while, as DynamoDB does.
 */
#include "check_main.h"

#include <math.h>
#include <stdio.h>
#include "pipeline/pace.h"

/* ---- a limit that is given ------------------------------------------------------------------ */

static double wait_for(struct pace *p, double units, int64_t now_ms)
{
	return pace_wait_ms(p, pace_take(p, units, now_ms), now_ms);
}

START_TEST(no_limit_no_wait)
{
	struct pace p;

	pace_init(&p, 0, 5000);
	ck_assert_double_eq(wait_for(&p, 1e9, 5000), 0);
	pace_settle(&p, 1e9, 2e9);
	ck_assert_double_eq(wait_for(&p, 1e9, 5001), 0);
}
END_TEST

START_TEST(nothing_sets_out_before_it_is_paid)
{
	struct pace p;
	int i;

	pace_init(&p, 100, 5000);
	for (i = 1; i <= 10; i++)
		ck_assert_double_eq(wait_for(&p, 25, 5000), 250 * i);
	ck_assert_double_eq(wait_for(&p, 25, 7000), 750);
}
END_TEST

START_TEST(a_second_can_be_caught_up_and_no_more)
{
	struct pace p;

	pace_init(&p, 100, 0);
	ck_assert_double_eq(wait_for(&p, 25, 60000), 0);
	ck_assert_double_eq(wait_for(&p, 75, 60000), 0);
	ck_assert_double_eq(wait_for(&p, 1, 60000), 10);
}
END_TEST

START_TEST(the_truth_is_settled)
{
	struct pace p;
	double second;

	pace_init(&p, 100, 0);
	ck_assert_double_eq(wait_for(&p, 10, 0), 100);
	second = pace_take(&p, 10, 100);
	ck_assert_double_eq(pace_wait_ms(&p, second, 100), 100);
	pace_settle(&p, 10, 30);		/* indexes that nobody thought of */
	ck_assert_double_eq(pace_wait_ms(&p, second, 100), 300);
	pace_settle(&p, 10, 0);			/* refused: it cost nothing */
	ck_assert_double_eq(pace_wait_ms(&p, second, 150), 150);
}
END_TEST

/* ---- a limit that is learned ---------------------------------------------------------------- */

#define WORKERS 64

struct table {
	double units_per_s, kept_s;	/* what it takes, and for how long it keeps the rest */
	double kept, now_ms;
};

struct sim {
	struct pace p;
	struct table t;
	double look_ms[WORKERS];	/* when each looks whether it may send */
	double place[WORKERS];		/* -1: not in line */
	double left[WORKERS];		/* units not written yet */
	double asked_ms;		/* a worker asks for less than this often; 0: at once */
	double taken, refused, spent;	/* requests; units */
	uint64_t rng;
	int tries[WORKERS];
};

static double luck(struct sim *s)
{
	s->rng = s->rng * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (double)(s->rng >> 40) / (1 << 24);
}

static double take(struct table *t, double now_ms, double units)
{
	t->kept += (now_ms - t->now_ms) * t->units_per_s / 1000;
	t->now_ms = now_ms;
	if (t->kept > t->kept_s * t->units_per_s)
		t->kept = t->kept_s * t->units_per_s;
	if (t->kept < 1)
		return 0;
	units = units < t->kept ? units : (double)(long)t->kept;
	t->kept -= units;
	return units;
}

static void begin(struct sim *s, double units_per_s, double kept_s)
{
	int i;

	*s = (struct sim){ .rng = 3, .t = { units_per_s, kept_s, 0, 1000 } };
	pace_init(&s->p, 0, 1000);
	for (i = 0; i < WORKERS; i++) {
		s->left[i] = 25;
		s->look_ms[i] = 1000;
		s->place[i] = -1;
	}
}

static int first(const struct sim *s)
{
	int w = 0, i;

	for (i = 1; i < WORKERS; i++)
		if (s->look_ms[i] < s->look_ms[w])
			w = i;
	return w;
}

/* The worker that is next sends what it has, if it may: 25 units, or what was left of them. */
static void step(struct sim *s)
{
	int w = first(s);
	double now = s->look_ms[w], wait, got, asked = s->left[w], backoff = 0;

	if (s->place[w] < 0)
		s->place[w] = pace_take(&s->p, asked, (int64_t)now);
	wait = pace_wait_ms(&s->p, s->place[w], (int64_t)now);
	if (wait > 0) {
		s->look_ms[w] = now + (wait < 100 ? ceil(wait) : 100);
		return;
	}
	now += 5 + 5 * luck(s);
	got = take(&s->t, now, asked);
	s->spent += got;
	*(got < asked ? &s->refused : &s->taken) += 1;
	pace_learn(&s->p, got, got < asked, (int64_t)now);
	s->tries[w] = got > 0 ? 0 : s->tries[w] + 1;
	s->left[w] -= got;
	if (got < asked) {
		backoff = luck(s) * 50 * (1 << (s->tries[w] < 8 ? s->tries[w] : 8));
	} else {
		s->left[w] = 25;
	}
	s->look_ms[w] = now + backoff + s->asked_ms;
	s->place[w] = -1;
}

static void run(struct sim *s, double seconds)
{
	double end_ms = s->look_ms[first(s)] + seconds * 1000;

	s->taken = s->refused = s->spent = 0;
	while (s->look_ms[first(s)] < end_ms)
		step(s);
}

static const struct { double units_per_s, kept_s; bool full; } tables[] = {
	{ 1000, 300, true }, { 1000, 300, false }, { 1000, 1, false }, { 100, 5, false },
	{ 4000, 1, true }, { 40000, 1, false },
};

/* Most of what the table takes is used, and few requests are in vain. */
START_TEST(finds_what_a_table_takes)
{
	struct sim s;

	begin(&s, tables[_i].units_per_s, tables[_i].kept_s);
	s.t.kept = tables[_i].full ? tables[_i].kept_s * tables[_i].units_per_s : 0;
	run(&s, 5);
	if (getenv("TRACE"))
		fprintf(stderr, "first 5 s: %.3f, limit %g\n", s.spent / 5 / tables[_i].units_per_s,
			s.p.limit);
	ck_assert_double_gt(s.spent, 0.5 * 5 * tables[_i].units_per_s);
	run(&s, 15);
	run(&s, 300);
	if (getenv("TRACE"))
		fprintf(stderr, "%g units/s: %.3f of it, %.3f in vain\n", tables[_i].units_per_s,
			s.spent / 300 / tables[_i].units_per_s,
			s.refused / (s.taken + s.refused));
	ck_assert_double_gt(s.spent, 0.9 * 300 * tables[_i].units_per_s);
	ck_assert_double_lt(s.refused, 0.1 * (s.taken + s.refused));
}
END_TEST

START_TEST(follows_a_table_that_grows)
{
	struct sim s;

	begin(&s, 1000, 1);
	run(&s, 60);
	s.t.units_per_s = 4000;
	run(&s, 20);
	run(&s, 60);
	ck_assert_double_gt(s.spent, 0.85 * 60 * 4000);
}
END_TEST

/* So little that a request takes seconds: it gets it, and asks about once a second for it. */
START_TEST(a_table_that_takes_next_to_nothing)
{
	struct sim s;

	begin(&s, 5, 300);
	run(&s, 100);
	run(&s, 300);
	ck_assert_double_gt(s.spent, 0.95 * 300 * 5);
	ck_assert_double_lt(s.refused, 5 * 300);
}
END_TEST

/* It took nothing at all for two minutes. */
START_TEST(a_table_that_comes_back)
{
	struct sim s;

	begin(&s, 4000, 1);
	run(&s, 20);
	s.t.units_per_s = 0;
	run(&s, 120);
	s.t.units_per_s = 4000;
	run(&s, 60);
	run(&s, 60);
	ck_assert_double_gt(s.spent, 0.9 * 60 * 4000);
}
END_TEST

START_TEST(is_forgotten_when_little_is_asked_for)
{
	struct sim s;

	begin(&s, 1000, 1);
	run(&s, 10);
	ck_assert_double_gt(s.p.limit, 0);
	s.asked_ms = 10000;		/* 64 workers, 160 units a second */
	run(&s, 60);
	ck_assert_double_eq(s.p.limit, 0);
}
END_TEST

START_TEST(refused_from_the_first)
{
	struct pace p;
	int64_t ms;

	pace_init(&p, 0, 1000);
	for (ms = 1000; ms < 10000; ms += 100)
		pace_learn(&p, 0, true, ms);
	ck_assert_double_eq(p.limit, 0);
	pace_learn(&p, 5, true, 10000);
	ck_assert_double_gt(p.limit, 0);
	for (; ms < 100000; ms += 100)
		pace_learn(&p, 0, true, ms);
	ck_assert_double_eq(p.limit, PACE_LEAST);
}
END_TEST

static Suite *pace_suite(void)
{
	Suite *suite = suite_create("pipeline/pace");
	TCase *tc = tcase_create("pace");

	tcase_add_test(tc, no_limit_no_wait);
	tcase_add_test(tc, nothing_sets_out_before_it_is_paid);
	tcase_add_test(tc, a_second_can_be_caught_up_and_no_more);
	tcase_add_test(tc, the_truth_is_settled);
	tcase_add_loop_test(tc, finds_what_a_table_takes, 0, sizeof(tables) / sizeof(*tables));
	tcase_add_test(tc, follows_a_table_that_grows);
	tcase_add_test(tc, a_table_that_takes_next_to_nothing);
	tcase_add_test(tc, a_table_that_comes_back);
	tcase_add_test(tc, is_forgotten_when_little_is_asked_for);
	tcase_add_test(tc, refused_from_the_first);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(pace_suite)
