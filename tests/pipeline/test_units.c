/*
 * In which order units are handed out: each once, those in succession far apart, and after a death
 * the ones that were begun are known from those that were only planned.
 */
#include "check_main.h"

#include <stdio.h>
#include <unistd.h>

#include "checkpoint/checkpoint.h"
#include "fakes/fake_world.h"
#include "pipeline/units.h"

#define ROWS 4000
#define UNITS 400

static struct world w;
static struct source_reader *reader;
static struct units *units;
static struct etl_err err;
static uint64_t order[UNITS + 1];

static void setup(void)
{
	struct snapshot_info info;
	struct source *s;

	err = (struct etl_err){ 0 };
	world_init(&w, ROWS, 0, 0, 25);
	s = fake_source_source(w.source);
	ck_assert_int_eq(s->ops->open_readers(s, 1, &reader, &info, &err), 0);
}

static void teardown(void)
{
	units_free(units);
	reader->ops->close_reader(reader);
	world_release(&w);
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

START_TEST(each_once_and_far_apart)
{
	bool seen[UNITS] = { false };
	struct unit_next next;
	size_t n = 0, i, near = 0, back;

	units = units_new(w.tables, 2, 10, false, &w.counters);
	while (units_next(units, reader, &next, &err) > 0 && next.flat == W_USER) {
		ck_assert_uint_lt(next.unit->number, UNITS);
		ck_assert(!seen[next.unit->number]);
		seen[next.unit->number] = true;
		order[n++] = next.unit->number;
		ck_assert_uint_le(w.counters.units_planned - n, UNITS_AHEAD);
		unit_free(next.unit);
	}
	unit_free(next.unit);
	ck_assert_uint_eq(n, UNITS);
	ck_assert_uint_eq(order[0], 0);
	/* once many wait, and before the last ones */
	for (i = 2 * UNITS_AHEAD; i < UNITS - UNITS_AHEAD / 2; i++)
		for (back = 1; back < UNITS_APART; back++)
			near += apart(order[i], order[i - back]) < 4;
	ck_assert_uint_eq(near, 0);
}
END_TEST

START_TEST(one_range_is_handed_out_at_once)
{
	struct unit_next next;

	units = units_new(w.tables, 2, 10, false, &w.counters);
	ck_assert_int_eq(units_next(units, reader, &next, &err), 1);
	ck_assert_uint_eq(w.counters.units_planned, 1);
	unit_free(next.unit);
}
END_TEST

static struct checkpoint *open_journal(struct state *st)
{
	static const struct checkpoint_entity_id entities[] = {
		{ "User", "d1" }, { "Order", "d2" }, { "Note", "d3" } };
	static const struct checkpoint_identity id = {
		.contract_digest = "c", .source = "s", .source_words = "w", .target = "t",
		.write_mode = "overwrite", .table_id = "1", .nentities = 3, .entities = entities };
	struct checkpoint *cp = NULL;

	ck_assert_msg(checkpoint_open(st, "Users", &id, false, &cp, &err) == 0, "%s", err.msg);
	return cp;
}

/* Of 40 units begun before a death every fifth was done. */
START_TEST(what_was_begun_before)
{
	struct load_counts none = { 0 };
	bool begun[UNITS] = { false }, done[UNITS] = { false };
	struct unit_next next;
	struct state *st;
	char dir[] = "/tmp/etl-test-units-XXXXXX", command[80];
	size_t n;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(state_open(dir, clock_real(), "load", &st, &err), 0);
	w.tables[0].checkpoint = open_journal(st);
	units = units_new(w.tables, 1, 10, true, &w.counters);
	for (n = 0; n < 40; n++) {
		ck_assert_int_eq(units_next(units, reader, &next, &err), 1);
		ck_assert(!next.unit->begun_before);
		begun[next.unit->number] = true;
		done[next.unit->number] = n % 5 == 0;
		if (n % 5 == 0)
			ck_assert_int_eq(checkpoint_unit_done(w.tables[0].checkpoint, 0,
							      next.unit->number, &none, NULL,
							      &err), 0);
		unit_free(next.unit);
	}
	units_free(units);
	ck_assert_int_eq(checkpoint_close(w.tables[0].checkpoint, &err), 0);

	w.tables[0].checkpoint = open_journal(st);
	units = units_new(w.tables, 1, 10, true, &w.counters);
	for (n = 0; units_next(units, reader, &next, &err) > 0 && next.flat == W_USER; n++) {
		ck_assert(!done[next.unit->number]);
		done[next.unit->number] = true;
		ck_assert_int_eq(next.unit->begun_before, begun[next.unit->number]);
		unit_free(next.unit);
	}
	unit_free(next.unit);
	ck_assert_uint_eq(n, UNITS - 8);
	ck_assert_int_eq(checkpoint_close(w.tables[0].checkpoint, &err), 0);
	state_close(st);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("units");
	TCase *tc = tcase_create("units");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_once_and_far_apart);
	tcase_add_test(tc, one_range_is_handed_out_at_once);
	tcase_add_test(tc, what_was_begun_before);
	suite_add_tcase(s, tc);
	return s;
}

CHECK_MAIN(suite)
