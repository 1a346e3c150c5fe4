#include "check_main.h"

#include "base/utf8.h"
#include "report/markup.h"

static const struct {
	const char *text;
	size_t len;
	const char *plain, *html;
} texts[] = {
#define T(text, plain, html) { text, sizeof(text) - 1, plain, html }
	T("", "", ""),
	T("<a b=\"c\" d='e'>&amp;]]>", "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;]]&gt;",
	  "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp;]]&gt;"),
	T("a\tb\nc\rd", "a&#9;b&#10;c\xe2\x90\x8d" "d", "a\tb\nc<i class=u>\xe2\x90\x8d</i>d"),
	T("\0\x1b\x7f", "\xe2\x90\x80\xe2\x90\x9b\xe2\x90\xa1", "<i class=u>\xe2\x90\x80</i><i class=u>"
	  "\xe2\x90\x9b</i><i class=u>\xe2\x90\xa1</i>"),
	T("\xc2\x85\xe2\x80\xae\xef\xbb\xbf\xef\xbf\xbf", "[U+0085][U+202E][U+FEFF][U+FFFF]",
	  "<i class=u>U+0085</i><i class=u>U+202E</i><i class=u>U+FEFF</i><i class=u>U+FFFF</i>"),
	T("\xf0\x9f\x98\x80 \xd7\xa9 \xc3\xbc", "\xf0\x9f\x98\x80 \xd7\xa9 \xc3\xbc",
	  "\xf0\x9f\x98\x80 \xd7\xa9 \xc3\xbc"),
	T("\xf3\xa0\x81\x81\xf4\x8f\xbf\xbf", "[U+E0041][U+10FFFF]",
	  "<i class=u>U+E0041</i><i class=u>U+10FFFF</i>"),
	/* no UTF-8: a byte each, cut at the end, a surrogate, a long form */
	T("\xff\x80z\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd",
	  "\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd"),
	T("\xed\xa0\x80\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
#undef T
};

START_TEST(test_texts)
{
	struct buf out = { 0 };

	markup_plain(&out, (struct str){ texts[_i].text, texts[_i].len });
	ck_assert_str_eq(buf_cstr(&out), texts[_i].plain);
	buf_reset(&out);
	markup_html(&out, (struct str){ texts[_i].text, texts[_i].len });
	ck_assert_str_eq(buf_cstr(&out), texts[_i].html);
	buf_release(&out);
}
END_TEST

/* Whatever bytes come, what is made of them is UTF-8 that XML 1.0 can hold. */
START_TEST(test_any_bytes)
{
	unsigned char bytes[24];
	struct buf out = { 0 };
	unsigned seed = 7, n, i, k;

	for (n = 0; n < 20000; n++) {
		for (i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (unsigned char)(seed >> 16);
			if (seed & 0x1000000)
				bytes[i] = (unsigned char)(0xe0 | (bytes[i] & 0x1f));
		}
		buf_reset(&out);
		markup_plain(&out, (struct str){ (const char *)bytes, n % sizeof(bytes) });
		ck_assert(utf8_valid(out.ptr, out.len));
		for (k = 0; k < out.len; k++)
			ck_assert_uint_ge((unsigned char)out.ptr[k], 0x20);
	}
	buf_release(&out);
}
END_TEST

static Suite *markup_suite(void)
{
	Suite *suite = suite_create("report/markup");
	TCase *tc = tcase_create("markup");

	tcase_add_loop_test(tc, test_texts, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, test_any_bytes);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(markup_suite)
