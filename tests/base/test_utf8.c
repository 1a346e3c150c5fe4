#include "check_main.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

#define S(x) (x), sizeof(x) - 1
static const struct { const char *p; size_t n; bool valid; } cases[] = {
	{ S(""), true },
	{ S("ascii, longer than a machine word"), true },
	{ S("a\0b"), true },
	{ S("\x7f"), true },
	{ S("\xc2\x80"), true },
	{ S("\xdf\xbf"), true },
	{ S("\xe0\xa0\x80"), true },
	{ S("\xed\x9f\xbf"), true },
	{ S("\xee\x80\x80"), true },
	{ S("\xef\xbf\xbf"), true },
	{ S("\xf0\x90\x80\x80"), true },
	{ S("\xf4\x8f\xbf\xbf"), true },
	{ S("01234567\xc3\xa4" "89abcdef\xe2\x82\xac!"), true },
	{ S("\x80"), false },
	{ S("\xbf"), false },
	{ S("\xc0\x80"), false },		/* long form of NUL */
	{ S("\xc1\xbf"), false },
	{ S("\xe0\x9f\xbf"), false },
	{ S("\xf0\x8f\xbf\xbf"), false },
	{ S("\xed\xa0\x80"), false },		/* surrogates */
	{ S("\xed\xbf\xbf"), false },
	{ S("\xf4\x90\x80\x80"), false },	/* past U+10FFFF */
	{ S("\xf5\x80\x80\x80"), false },
	{ S("\xff"), false },
	{ S("\xc3"), false },			/* cut */
	{ S("\xe2\x82"), false },
	{ S("\xf0\x9f\x98"), false },
	{ S("\xc3" "a"), false },
	{ S("\xe2\x82" "a"), false },
	{ S("\xf0\x9f\x98" "a"), false },
	{ S("0123456789abcdef\xff"), false },
	{ S("0123456789abcde\xff" "f0123456"), false },
};

START_TEST(table)
{
	ck_assert_int_eq(utf8_valid(cases[_i].p, cases[_i].n), cases[_i].valid);
}
END_TEST

/* Every code point there is, encoded and read back at each place within a word. */
START_TEST(every_scalar_value)
{
	unsigned cp;

	for (cp = 0; cp <= 0x10ffff; cp++) {
		char text[24];
		size_t shift = cp % 9, n;

		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		memset(text, 'x', sizeof(text));
		n = utf8_encode(cp, text + shift);
		if (n != (cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4) ||
		    !utf8_valid(text, sizeof(text)) ||
		    (n > 1 && utf8_valid(text, shift + n - 1)))
			ck_abort_msg("U+%04X", cp);
	}
}
END_TEST

static Suite *utf8_suite(void)
{
	Suite *suite = suite_create("base/utf8");
	TCase *tc = tcase_create("utf8");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, table, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, every_scalar_value);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(utf8_suite)
