#include "check_main.h"

#include <string.h>

#include "base/buf.h"

static struct buf b;

static void clean(void)
{
	buf_release(&b);
}

#define ck_buf(literal)							\
	do {								\
		ck_assert_uint_eq(b.len, sizeof(literal) - 1);		\
		if (b.len)						\
			ck_assert_mem_eq(b.ptr, literal, b.len);	\
	} while (0)

START_TEST(adding)
{
	buf_add(&b, NULL, 0);
	ck_assert_ptr_null(b.ptr);
	buf_adds(&b, "a");
	buf_add(&b, "\0b", 2);
	buf_addc(&b, 'c');
	buf_addstr(&b, STR("de"));
	buf_addf(&b, "%d%s", 12, "x");
	ck_buf("a\0bcde12x");
	ck_assert_str_eq(buf_cstr(&b), "a");
	ck_assert_uint_eq(b.len, 9);
	buf_reset(&b);
	ck_assert_str_eq(buf_cstr(&b), "");
}
END_TEST

START_TEST(formatting_any_length)
{
	char text[600];
	size_t n;

	for (n = 0; n < sizeof(text); n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		buf_release(&b);
		buf_adds(&b, "<");
		buf_addf(&b, "%s>", text);
		ck_assert_uint_eq(b.len, n + 2);
		ck_assert_int_eq(b.ptr[n + 1], '>');
	}
}
END_TEST

START_TEST(detaching)
{
	char *p;

	buf_adds(&b, "abc");
	p = buf_detach(&b);
	ck_assert_str_eq(p, "abc");
	ck_assert_ptr_null(b.ptr);
	ck_assert_uint_eq(b.cap, 0);
	free(p);
	p = buf_detach(&b);
	ck_assert_str_eq(p, "");
	free(p);
}
END_TEST

static const struct { const char *a, *b; bool same, isame; } pairs[] = {
	{ "", "", true, true },
	{ "abc", "abc", true, true },
	{ "abc", "aBC", false, true },
	{ "abc", "abcd", false, false },
	{ "a[", "a{", false, false },
	{ "\xc3\x84", "\xc3\xa4", false, false },
};

START_TEST(comparing)
{
	struct str a = str_of(pairs[_i].a), c = str_of(pairs[_i].b);

	ck_assert_int_eq(str_eq(a, c), pairs[_i].same);
	ck_assert_int_eq(str_ieq(a, c), pairs[_i].isame);
	ck_assert_int_eq(str_is(a, pairs[_i].b), pairs[_i].same);
}
END_TEST

#define S(x) { (x), sizeof(x) - 1 }
static const struct { struct str in; const char *out; } json[] = {
	{ S(""), "\"\"" },
	{ S("plain"), "\"plain\"" },
	{ S("\"\\/"), "\"\\\"\\\\/\"" },
	{ S("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
	{ S("a\0b"), "\"a\\u0000b\"" },
	{ S("\x01\x0b\x1f\x7f"), "\"\\u0001\\u000b\\u001f\x7f\"" },
	{ S("\xc3\xa4\xff"), "\"\xc3\xa4\xff\"" },
	{ S("x\n"), "\"x\\n\"" },
	{ S("\nx"), "\"\\nx\"" },
};

START_TEST(json_strings)
{
	buf_adds(&b, ">");
	buf_add_json(&b, json[_i].in);
	ck_assert_str_eq(buf_cstr(&b) + 1, json[_i].out);
}
END_TEST

/* RFC 4648, section 10, and bytes of every kind. */
static const struct { struct str raw; const char *text; } base64[] = {
	{ S(""), "" }, { S("f"), "Zg==" }, { S("fo"), "Zm8=" }, { S("foo"), "Zm9v" },
	{ S("foob"), "Zm9vYg==" }, { S("fooba"), "Zm9vYmE=" }, { S("foobar"), "Zm9vYmFy" },
	{ S("\0\0\0"), "AAAA" }, { S("\xff\xff\xff"), "////" }, { S("\xfb\xef\xbe"), "++++" },
};

START_TEST(base64_both_ways)
{
	buf_add_base64(&b, base64[_i].raw.ptr, base64[_i].raw.len);
	ck_assert_str_eq(buf_cstr(&b), base64[_i].text);
	buf_reset(&b);
	ck_assert(buf_add_unbase64(&b, str_of(base64[_i].text)));
	ck_assert(str_eq(buf_str(&b), base64[_i].raw));
}
END_TEST

START_TEST(base64_all_bytes)
{
	unsigned char raw[256];
	struct buf back = { 0 };
	size_t n;

	for (n = 0; n < 256; n++)
		raw[n] = (unsigned char)(n * 167 + 13);
	for (n = 0; n <= 256; n++) {
		buf_reset(&b);
		buf_reset(&back);
		buf_add_base64(&b, raw, n);
		ck_assert(buf_add_unbase64(&back, buf_str(&b)));
		ck_assert_uint_eq(back.len, n);
		if (n)
			ck_assert_mem_eq(back.ptr, raw, n);
	}
	buf_release(&back);
}
END_TEST

static const char *const not_base64[] = {
	"A", "AA", "AAA", "AAAAA", "====", "A===", "AA=A", "=AAA", "AAA=AAAA", "AA==AAAA",
	"AA-_", "AA A", "AAA\n", "AB==", "AAB=", "Zm9v\n", "Zm9vZh==",
};

START_TEST(base64_malformed)
{
	buf_adds(&b, "kept");
	ck_assert(!buf_add_unbase64(&b, str_of(not_base64[_i])));
	ck_buf("kept");
}
END_TEST

START_TEST(hex)
{
	buf_add_hex(&b, "\0\x01\xab\xff", 4);
	ck_buf("0001abff");
	buf_add_hex(&b, NULL, 0);
	ck_buf("0001abff");
}
END_TEST

static const struct { struct str in; const char *out; } printable[] = {
	{ S("plain text"), "plain text" },
	{ S("a\nb\tc\0d"), "a\\x0ab\\x09c\\x00d" },
	{ S("\x1b[2J"), "\\x1b[2J" },
	{ S("\x7f"), "\\x7f" },
	{ S("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"), "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ S("\xc2\x9b" "2J"), "\\xc2\\x9b2J" },		/* CSI as one character */
	{ S("\xe2\x80\xae"), "\\xe2\\x80\\xae" },	/* right-to-left override */
	{ S("\xff\xc3"), "\\xff\\xc3" },
	{ S("\xed\xa0\x80"), "\\xed\\xa0\\x80" },
};

START_TEST(for_a_terminal)
{
	buf_add_printable(&b, printable[_i].in);
	ck_assert_str_eq(buf_cstr(&b), printable[_i].out);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static Suite *buf_suite(void)
{
	Suite *suite = suite_create("base/buf");
	TCase *tc = tcase_create("buf");

	tcase_add_checked_fixture(tc, NULL, clean);
	tcase_add_test(tc, adding);
	tcase_add_test(tc, formatting_any_length);
	tcase_add_test(tc, detaching);
	tcase_add_loop_test(tc, comparing, 0, COUNT(pairs));
	tcase_add_loop_test(tc, json_strings, 0, COUNT(json));
	tcase_add_loop_test(tc, base64_both_ways, 0, COUNT(base64));
	tcase_add_test(tc, base64_all_bytes);
	tcase_add_loop_test(tc, base64_malformed, 0, COUNT(not_base64));
	tcase_add_test(tc, hex);
	tcase_add_loop_test(tc, for_a_terminal, 0, COUNT(printable));
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(buf_suite)
