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
	    .place.rows_done = 5000, .place.rows_estimate = 10000, .rows_per_s = 100, .rows_per_s_mean = 400,
	    .elapsed_ms = 5000, .rejected = 1, .retries = 2, .limit = LIMIT_TARGET },
	  "load: about 50 %, 5,000 of about 10,000 rows, 100 rows/s (mean 400), about 50.0 s left, "
	  "1 reject, 2 sent again, waits for DynamoDB" },
	/* of the rows gone through 'where' let only some be read */
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 10, .place.rows_done = 900,
	    .place.rows_estimate = 1000 }, "load: about 90 %, 10 of about 1,000 rows" },
	/* the statistics said too little: no percents, nothing foretold */
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 11, .place.rows_done = 11, .place.rows_estimate = 10,
	    .rows_per_s = 1, .elapsed_ms = 9000 }, "load: 11 rows, 1 rows/s" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 12, .skipped = 1234,
	    .rejected = 2 }, "load: 12 rows, 1,234 skipped, 2 rejects" },
	/* all rows read is not all done */
	{ { .what = "load", .phase = PHASE_FINISHING, .rows_read = 10, .place.rows_done = 10,
	    .place.rows_estimate = 10 }, "load: finishing, about 99 %, 10 of about 10 rows" },
	/* what statistics tell of entities that wait makes no percent, and a condition of what is left */
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 300, .rows_per_s = 100,
	    .rows_per_s_mean = 100, .elapsed_ms = 3000,
	    .place = { .entities = 3, .entities_begun = 2, .entities_told = 2,
		       .rows_estimate = 1000, .rows_by_statistics = 400, .rows_before = 200,
		       .rows_done = 300 } },
	  "load: entity 2 of 3 about 25 %, 300 rows, 100 rows/s, about 7.0 s left if MySQL's "
	  "statistics are right" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 5, .elapsed_ms = 3000,
	    .place = { .entities = 3, .entities_begun = 2, .entities_told = 1,
		       .rows_estimate = 1000, .rows_by_statistics = 800, .rows_before = 200,
		       .rows_done = 5 } }, "load: entity 2 of 3, 5 rows" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 600,
	    .place = { .entities = 3, .entities_begun = 3, .entities_told = 3,
		       .rows_estimate = 1000, .rows_before = 500, .rows_done = 600 } },
	  "load: about 60 %, 600 of about 1,000 rows" },
	/* statistics of zero rows are not told, either */
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 50,
	    .place = { .entities = 2, .entities_begun = 1, .entities_told = 1,
		       .rows_estimate = 100, .rows_done = 50 } },
	  "load: entity 1 of 2 about 50 %, 50 rows" },
	{ { .what = "load", .phase = PHASE_MOVING, .rows_read = 50,
	    .place = { .entities = 1, .entities_begun = 1, .rows_estimate = 100,
		       .rows_by_statistics = 100, .rows_done = 50 } }, "load: 50 rows" },
	{ { .what = "verify", .phase = PHASE_MOVING, .rows_read = 10, .limit = LIMIT_PROCESSOR },
	  "verify: 10 rows, limited by this machine" },
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

static const struct progress_table tables[] = {
	{ .name = "prefix-of-many-words-Customers", .begun = true, .done = true, .items = 200,
	  .place.rows_done = 200, .place.rows_estimate = 200 },
	{ .name = "Orders", .begun = true, .place.rows_done = 430, .place.rows_estimate = 1000, .items = 429,
	  .rejected = 1, .rows_per_s = 1200 },
	{ .name = "Lines" },
	{ .name = "Notes", .begun = true, .place.rows_done = 7, .items = 5, .skipped = 2 },
};

static const struct {
	unsigned columns, rows;
	size_t lines;
	const char *screen;
} screens[] = {
	{ 80, 24, 5,
	  "~x-of-many-words-Customers  done        200 items\n"
	  "Orders                      about 43 %  429 items, 1,200 rows/s, 1 reject\n"
	  "Lines                       waits       \n"
	  "Notes                                   5 items, 2 skipped\n"
	  "load: about 50 %, 600 of about 1,200 rows, 1,200 rows/s\n" },
	{ 40, 24, 5,
	  "~ds-Customers  done        200 items\n"
	  "Orders         about 43 %  429 items, 1\n"
	  "Lines          waits       \n"
	  "Notes                      5 items, 2 s\n"
	  "load: about 50 %, 600 of about 1,200 ro\n" },
	/* one line is the cursor's */
	{ 80, 5, 4,
	  "Orders                      about 43 %  429 items, 1,200 rows/s, 1 reject\n"
	  "Notes                                   5 items, 2 skipped\n"
	  "and 2 more: 1 waiting, 1 done\n"
	  "load: about 50 %, 600 of about 1,200 rows, 1,200 rows/s\n" },
	{ 80, 2, 1, "load: about 50 %, 600 of about 1,200 rows, 1,200 rows/s\n" },
	{ 120, 24, 5,
	  "prefix-of-many-words-Customers  done        [####################] 200 items\n"
	  "Orders                          about 43 %  [########............] 429 items, "
	  "1,200 rows/s, 1 reject\n"
	  "Lines                           waits       [....................] \n"
	  "Notes                                       [....................] 5 items, 2 skipped\n"
	  "load: about 50 %, 600 of about 1,200 rows, 1,200 rows/s\n" },
};

START_TEST(test_screen)
{
	struct progress_now now = { .what = "load", .phase = PHASE_MOVING, .rows_read = 600,
				    .place.rows_done = 600, .place.rows_estimate = 1200, .rows_per_s = 1200,
				    .ntables = 4, .tables = tables };
	struct buf b = { 0 };

	ck_assert_uint_eq(progress_add_screen(&b, &now, screens[_i].columns, screens[_i].rows),
			  screens[_i].lines);
	ck_assert_str_eq(buf_cstr(&b), screens[_i].screen);
	buf_release(&b);
}
END_TEST

/* A table of several entities says which is under way. */
START_TEST(test_screen_of_entities)
{
	struct progress_table list[] = {
		{ .name = "Shop", .begun = true, .items = 7,
		  .place = { .entities = 12, .entities_begun = 2, .entities_told = 2,
			     .rows_estimate = 900, .rows_by_statistics = 800, .rows_done = 43 } },
		{ .name = "Things", .begun = true, .items = 8,
		  .place = { .entities = 1, .entities_begun = 1, .entities_told = 1,
			     .rows_estimate = 10, .rows_done = 8 } },
		{ .name = "Old", .begun = true, .items = 9,
		  .place = { .entities = 2, .entities_begun = 1, .rows_estimate = 900,
			     .rows_by_statistics = 900 } },
	};
	struct progress_now now = { .what = "load", .phase = PHASE_MOVING, .ntables = 3,
				    .tables = list };
	struct buf b = { 0 };

	progress_add_screen(&b, &now, 80, 24);
	ck_assert_str_eq(buf_cstr(&b),
			 "Shop    2 of 12: ~43 %   7 items\n"
			 "Things  about 80 %       8 items\n"
			 "Old     1 of 2           9 items\n"
			 "load: 0 rows\n");
	buf_release(&b);
}
END_TEST

START_TEST(test_json)
{
	struct progress_now now = { .what = "load", .phase = PHASE_MOVING, .rows_read = 3,
				    .skipped = 2, .ntables = 1, .tables = &tables[1] };
	struct buf b = { 0 };

	progress_add_json(&b, &now);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"phase\":\"moving\",\"limit\":\"\""));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"rows_read\":3,"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"rows_skipped\":2,"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"percent_estimate\":null,"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&b), "\"tables\":[{\"table\":\"Orders\",\"state\":\"moving\","
				     "\"percent_estimate\":43,\"entities\":0,"
				     "\"entities_begun\":0,"));
	buf_release(&b);
}
END_TEST

static Suite *progress_suite(void)
{
	Suite *suite = suite_create("report/progress_text");
	TCase *tc = tcase_create("progress");

	tcase_add_loop_test(tc, test_words, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, test_screen, 0, sizeof(screens) / sizeof(screens[0]));
	tcase_add_test(tc, test_screen_of_entities);
	tcase_add_test(tc, test_json);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(progress_suite)
