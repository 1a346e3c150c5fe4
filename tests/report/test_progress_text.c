#include "check_main.h"

#include <string.h>

#include "report/progress.h"

static const struct {
	struct progress_now now;
	const char *words;
} cases[] = {
	{ { .what = "load", .phase = PHASE_STARTING }, "load: taking the snapshot, 0 rows" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 12 }, "load: 12 rows" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 2000, .rows_resumed = 3000,
	    .rows_estimate = 10000, .rows_per_s = 100, .elapsed_ms = 5000, .rejected = 1,
	    .retries = 2, .limit = LIMIT_TARGET },
	  "load: 5,000 of about 10,000 rows (50%), 100 rows/s, about 50.0 s left, 1 reject, "
	  "2 sent again, waits for DynamoDB" },
	/* the statistics said too little: no percents, nothing foretold */
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 11, .rows_estimate = 10,
	    .rows_per_s = 1, .elapsed_ms = 9000 }, "load: 11 rows, 1 rows/s" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 12, .skipped = 1234,
	    .rejected = 2 }, "load: 12 rows, 1,234 skipped, 2 rejects" },
	/* all rows read is not all done */
	{ { .what = "load", .phase = PHASE_FINISHING, .rows_read = 10, .rows_estimate = 10 },
	  "load: finishing, 10 of about 10 rows (99%)" },
	{ { .what = "verify", .phase = PHASE_EXTRA, .rows_read = 5, .scanned = 7,
	    .differences = 2, .limit = LIMIT_THROTTLED },
	  "verify: looking for items that no row explains, 5 rows, 7 scanned, 2 differences, "
	  "DynamoDB says too fast" },
};

START_TEST(test_words)
{
	struct buf b = { 0 };

	progress_add_words(&b, &cases[_i].now);
	ck_assert_str_eq(buf_cstr(&b), cases[_i].words);
	buf_release(&b);
}
END_TEST

START_TEST(test_bar)
{
	struct progress_now now = cases[2].now;
	struct buf b = { 0 };

	progress_add_bar(&b, &now, 30);
	ck_assert_str_eq(buf_cstr(&b), "load: 5,000 of about 10,000 r");
	buf_reset(&b);
	progress_add_bar(&b, &now, 300);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "[##########..........] load: 5,000"));
	buf_release(&b);
}
END_TEST

START_TEST(test_json)
{
	struct progress_now now = { .what = "load", .phase = PHASE_MOVING, .rows_read = 3,
				    .skipped = 2 };
	struct buf b = { 0 };

	progress_add_json(&b, &now);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"phase\":\"moving\",\"limit\":\"\""));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"rows_read\":3,"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"rows_skipped\":2,"));
	buf_release(&b);
}
END_TEST

static Suite *progress_suite(void)
{
	Suite *suite = suite_create("report/progress_text");
	TCase *tc = tcase_create("progress");

	tcase_add_loop_test(tc, test_words, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, test_bar);
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(progress_suite)
