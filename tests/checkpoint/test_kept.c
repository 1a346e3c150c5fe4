/* Checkpoints in memory and their images, and what a verify keeps. */
#include "check_main.h"

#include <unistd.h>

#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/kept.h"
#include "fakes/fake_clock.h"
#include "scratch.h"

/* ---- images --------------------------------------------------------------------------------- */

static const struct checkpoint_entity_id entities[] = { { "User", "v1" }, { "Order", "v2" } };

static struct checkpoint_identity identity(void)
{
	return (struct checkpoint_identity){ "c1", "server", "server", "table T", "full", "id", 2,
					     entities };
}

/* Unit i of 'entity' goes from i * 10 to i * 10 + 10; the last one to the end. */
static void plan(struct checkpoint *cp, unsigned entity, uint64_t number, bool last)
{
	struct unit u = { .entity = entity, .number = number, .has_low = number > 0,
			  .has_high = !last, .rows_estimate = 10 };

	if (u.has_low)
		buf_addf(&u.low, "%llu", (unsigned long long)number * 10);
	if (u.has_high)
		buf_addf(&u.high, "%llu", (unsigned long long)number * 10 + 10);
	fine(checkpoint_plan_unit(cp, &u, &err));
	fine(checkpoint_unit_begun(cp, entity, number, &err));
	buf_release(&u.low);
	buf_release(&u.high);
}

static void done(struct checkpoint *cp, unsigned entity, uint64_t number)
{
	const struct load_counts counts = { .rows_read = 7, .items_written = 7 };

	fine(checkpoint_unit_done(cp, entity, number, &counts, NULL, &err));
}

static struct checkpoint *again(struct checkpoint *cp)
{
	struct checkpoint_identity id = identity();
	struct buf image = { 0 }, why = { 0 };
	struct checkpoint *out;

	checkpoint_image(cp, &image);
	ck_assert_msg(!checkpoint_from_image("T", &id, buf_str(&image), &out, &why), "%s",
		      buf_cstr(&why));
	fine(checkpoint_close(cp, &err));
	buf_release(&image);
	return out;
}

static void expect_pending(struct checkpoint *cp, unsigned entity, uint64_t *cursor,
			   const char *low, const char *high)
{
	struct unit *u = checkpoint_next_pending(cp, entity, cursor);

	ck_assert_ptr_nonnull(u);
	ck_assert(u->has_low == (low != NULL) && u->has_high == (high != NULL));
	ck_assert(!low || str_is(buf_str(&u->low), low));
	ck_assert(!high || str_is(buf_str(&u->high), high));
	ck_assert(!u->begun_before);
	fine(checkpoint_unit_begun(cp, entity, u->number, &err));
	done(cp, entity, u->number);
	unit_free(u);
}

START_TEST(an_image_goes_on)
{
	struct checkpoint_identity id = identity();
	struct checkpoint *cp = checkpoint_in_memory("T", &id);
	struct checkpoint_entity e = { 0 };
	uint64_t cursor = 0, i;

	for (i = 0; i < 7; i++)
		plan(cp, 0, i, false);
	for (i = 0; i < 7; i++)
		if (i != 2 && i != 5)
			done(cp, 0, i);
	cp = again(again(cp));
	checkpoint_entity(cp, 0, &e);
	ck_assert_uint_eq(e.counts.rows_read, 35);
	ck_assert(!e.planned && e.has_last_high && str_is(buf_str(&e.last_high), "70"));
	ck_assert_uint_eq(e.nunits - e.ndone, 2);
	expect_pending(cp, 0, &cursor, "20", "30");
	expect_pending(cp, 0, &cursor, "50", "60");
	ck_assert_ptr_null(checkpoint_next_pending(cp, 0, &cursor));
	buf_release(&e.last_high);

	plan(cp, 1, 0, true);
	fine(checkpoint_entity_planned(cp, 1, &err));
	cp = again(cp);
	checkpoint_entity(cp, 0, &e);
	ck_assert(e.nunits == 1 && e.ndone == 1 && e.counts.rows_read == 49 && !e.planned);
	ck_assert(str_is(buf_str(&e.last_high), "70"));
	buf_release(&e.last_high);
	checkpoint_entity(cp, 1, &e);
	ck_assert(e.nunits == 1 && e.ndone == 0 && e.planned && !e.has_last_high);
	cursor = 0;
	expect_pending(cp, 1, &cursor, NULL, NULL);
	fine(checkpoint_close(cp, &err));
}
END_TEST

START_TEST(an_image_does_not_grow)
{
	struct checkpoint_identity id = identity();
	struct checkpoint *cp = checkpoint_in_memory("T", &id);
	struct buf image = { 0 };
	uint64_t i;

	for (i = 0; i < 1000; i++) {
		plan(cp, 0, i, false);
		if (i != 500)
			done(cp, 0, i);
	}
	checkpoint_image(cp, &image);
	ck_assert_uint_lt(image.len, 1000);
	buf_release(&image);
	fine(checkpoint_close(cp, &err));
}
END_TEST

START_TEST(an_image_is_refused)
{
	struct checkpoint_identity id = identity();
	struct checkpoint *cp = checkpoint_in_memory("T", &id), *out;
	struct buf image = { 0 }, why = { 0 };

	plan(cp, 0, 0, false);
	checkpoint_image(cp, &image);
	id.write_mode = "digest";
	checkpoint_from_image("T", &id, buf_str(&image), &out, &why);
	ck_assert_ptr_null(out);
	ck_assert_str_eq(buf_cstr(&why), "the kind of run is 'digest' and was 'full'");
	buf_reset(&why);
	id = identity();
	id.table_id = "other";
	checkpoint_from_image("T", &id, buf_str(&image), &out, &why);
	ck_assert_ptr_null(out);
	ck_assert_str_eq(buf_cstr(&why), "the table was deleted and made anew since");
	buf_reset(&why);
	id = identity();
	checkpoint_from_image("T", &id, (struct str){ image.ptr, image.len - 1 }, &out, &why);
	ck_assert_ptr_null(out);
	ck_assert_str_eq(buf_cstr(&why), "it ends within a record");
	buf_release(&why);
	buf_release(&image);
	fine(checkpoint_close(cp, &err));
}
END_TEST

/* ---- what is kept --------------------------------------------------------------------------- */

static struct fake_clock now;
static unsigned char secret[KEPT_SECRET_BYTES];

static struct kept *open_kept(void)
{
	struct kept *k = kept_open(dir, &now.clock, false);

	ck_assert_ptr_nonnull(k);
	return k;
}

/* A session that has kept "abc" of table T, closed. */
static void keep_some(void)
{
	struct kept *k = open_kept();

	memcpy(secret, kept_secret(k), sizeof(secret));
	ck_assert_int_eq(kept_save(k, "T", STR("ab"), &err), 1);
	ck_assert_int_eq(kept_save(k, "T", STR("abc"), &err), 1);
	kept_close(k);
}

static bool holds(struct kept *k, const char *content)
{
	struct buf out = { 0 };
	int64_t saved_utc_ms = 0;
	bool there = kept_load(k, "T", &out, &saved_utc_ms) && str_is(buf_str(&out), content);

	buf_release(&out);
	return there && saved_utc_ms == 1000;
}

static bool same_secret(const struct kept *k)
{
	return memcmp(secret, kept_secret(k), sizeof(secret)) == 0;
}

START_TEST(a_session_goes_on)
{
	struct kept *k;

	keep_some();
	ck_assert_uint_eq(mode_of(in_dir("verify.session")), 0600);
	ck_assert_uint_eq(mode_of(in_dir("verify-T.sums")), 0600);
	atomic_store(&now.now_ms, 5000);
	k = open_kept();
	ck_assert(same_secret(k) && holds(k, "abc"));
	ck_assert_int_eq(kept_since_utc_ms(k), 1000);
	ck_assert_ptr_null(kept_open(dir, &now.clock, false));	/* one at a time */
	put_file(in_dir("load-T.journal"), "x", 1);
	kept_end(k);
	kept_close(k);
	ck_assert_int_eq(size_of(in_dir("verify.session")), -1);
	ck_assert_int_eq(size_of(in_dir("verify-T.sums")), -1);
	ck_assert_int_eq(size_of(in_dir("load-T.journal")), 1);
}
END_TEST

START_TEST(begun_anew)
{
	struct kept *k;

	keep_some();
	k = open_kept();
	fine(kept_begin_anew(k, &err));
	ck_assert(!same_secret(k) && !holds(k, "abc"));
	ck_assert_int_eq(size_of(in_dir("verify-T.sums")), -1);
	kept_close(k);
}
END_TEST

/* By somebody who is about to write, while the session is open or after. */
START_TEST(discarded)
{
	struct kept *k, *next;
	struct buf old = { 0 };

	keep_some();
	get_file(in_dir("verify-T.sums"), &old);
	k = open_kept();
	fine(kept_discard(dir, &err));
	fine(kept_discard(dir, &err));
	ck_assert_int_eq(kept_save(k, "T", STR("abcd"), &err), 0);
	ck_assert(!holds(k, "abc"));
	next = open_kept();
	kept_end(k);			/* nothing of the next one's */
	ck_assert_int_ge(size_of(in_dir("verify.session")), 1);
	kept_close(k);
	put_file(in_dir("verify-T.sums"), old.ptr, old.len);
	ck_assert(!same_secret(next) && !holds(next, "abc"));
	kept_close(next);
	buf_release(&old);
}
END_TEST

START_TEST(beside_one_who_writes)
{
	struct state *st;
	struct kept *k;

	fine(state_open(dir, &now.clock, "load", &st, &err));
	ck_assert_ptr_null(kept_open(dir, &now.clock, false));
	ck_assert_int_eq(size_of(in_dir("verify.session")), -1);
	k = kept_open(dir, &now.clock, true);		/* his own */
	ck_assert_ptr_nonnull(k);
	kept_close(k);
	state_close(st);
	put_file(in_dir("lock"), "1 host since load\n", 18);	/* of one that was killed */
	kept_close(open_kept());
}
END_TEST

START_TEST(damaged)
{
	static const char *const names[] = { "verify.session", "verify-T.sums" };
	const char *path = in_dir(names[_i % 2]);
	struct buf whole = { 0 };
	struct kept *k;
	size_t cut;

	keep_some();
	get_file(path, &whole);
	for (cut = 0; cut < whole.len; cut += cut % 16 < 8 ? 3 : 5) {
		struct buf bad = { 0 };

		buf_addstr(&bad, buf_str(&whole));
		if (_i < 2)
			bad.len = cut;
		else
			bad.ptr[cut] ^= 1;
		put_file(path, bad.ptr, bad.len);
		k = open_kept();
		ck_assert_msg(!holds(k, "abc"), "byte %zu", cut);
		kept_close(k);
		buf_release(&bad);
		keep_some();
		get_file(path, &whole);
	}
	buf_release(&whole);
}
END_TEST

static void setup(void)
{
	log_setup(LOG_TEXT, LOG_ERROR, false);
	scratch_make();
	fake_clock_init(&now, 1000);
}

static Suite *make_suite(void)
{
	Suite *suite = suite_create("checkpoint/kept");
	TCase *tc = tcase_create("kept");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, scratch_remove);
	tcase_add_test(tc, an_image_goes_on);
	tcase_add_test(tc, an_image_does_not_grow);
	tcase_add_test(tc, an_image_is_refused);
	tcase_add_test(tc, a_session_goes_on);
	tcase_add_test(tc, begun_anew);
	tcase_add_test(tc, discarded);
	tcase_add_test(tc, beside_one_who_writes);
	tcase_add_loop_test(tc, damaged, 0, 4);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
