#include "check_main.h"
#include "base/mem.h"
#include "model/json.h"

static const char *const token_letters = ".{}[]ksntf0!";

/* The tokens of a text as one line: k:name s:text n:1 { } [ ] t f 0, and how it ended. */
static void tokens(struct str input, struct buf *out)
{
	struct json_reader r;
	enum json_token token;

	json_init(&r, input);
	do {
		token = json_next(&r);
		buf_addc(out, token_letters[token]);
		if (token == JSON_KEY || token == JSON_STRING || token == JSON_NUMBER) {
			buf_addc(out, ':');
			buf_addstr(out, r.text);
			buf_addc(out, ' ');
		}
	} while (token != JSON_END && token != JSON_BAD);
	if (token == JSON_BAD) {
		buf_addc(out, (char)('0' + r.why));
		ck_assert_int_eq(json_next(&r), JSON_BAD);
	}
	json_release(&r);
}

static const struct { struct str input; const char *want; } cases[] = {
	{ STR("1"), "n:1 ." },
	{ STR(" \t\r\n-0.50e+07 \n"), "n:-0.50e+07 ." },
	{ STR("[]"), "[]." },
	{ STR("{}"), "{}." },
	{ STR("[ ]"), "[]." },
	{ STR("[1,true , false,null,\"x\"]"), "[n:1 tf0s:x ]." },
	{ STR("{\"a\":{\"b\":[{}]},\"c\":\"\"}"), "{k:a {k:b [{}]}k:c s: }." },
	{ STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "s:\"\\/\b\f\n\r\t ." },
	{ STR("\"a\\u00e9\\u20AC\\ud83d\\uDE00z\""), "s:a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z ." },
	{ STR("\"\xf0\x9f\x98\x80 long enough for eight \xc3\xa9\""),
	  "s:\xf0\x9f\x98\x80 long enough for eight \xc3\xa9 ." },
	{ STR("123456789012345678901234567890.0"), "n:123456789012345678901234567890.0 ." },
	{ STR("\"\x7f\""), "s:\x7f ." },
	/* not JSON */
	{ STR(""), "!1" },
	{ STR("  "), "!1" },
	{ STR("1 2"), "n:1 !1" },
	{ STR("[1,]"), "[n:1 !1" },
	{ STR("[,1]"), "[!1" },
	{ STR("[1 2]"), "[n:1 !1" },
	{ STR("[1"), "[n:1 !1" },
	{ STR("[1,"), "[n:1 !1" },
	{ STR("[1}"), "[n:1 !1" },
	{ STR("{1:2}"), "{!1" },
	{ STR("{\"a\"}"), "{!1" },
	{ STR("{\"a\":}"), "{k:a !1" },
	{ STR("{\"a\":1,}"), "{k:a n:1 !1" },
	{ STR("{\"a\":1]"), "{k:a n:1 !1" },
	{ STR("{\"a\""), "{!1" },
	{ STR("01"), "!1" }, { STR("+1"), "!1" }, { STR("1."), "!1" }, { STR(".5"), "!1" },
	{ STR("1e"), "!1" }, { STR("1e+"), "!1" }, { STR("-"), "!1" }, { STR("0x1"), "n:0 !1" },
	{ STR("NaN"), "!1" }, { STR("Infinity"), "!1" }, { STR("nul"), "!1" },
	{ STR("truex"), "t!1" }, { STR("TRUE"), "!1" }, { STR("'a'"), "!1" },
	{ STR("\xef\xbb\xbf" "1"), "!1" },
	{ STR("1\0"), "n:1 !1" },
	{ STR("\"a"), "!1" }, { STR("\"a\\"), "!1" }, { STR("\"\\x\""), "!1" },
	{ STR("\"\\\0\""), "!1" }, { STR("\"a\nb\""), "!1" }, { STR("\"\0\""), "!1" },
	{ STR("\"\\u12\""), "!1" }, { STR("\"\\u12g4\""), "!1" }, { STR("\"\\ud83d\\u12\""), "!1" },
	/* text that is none */
	{ STR("\"\xff\""), "!2" }, { STR("\"\xc0\x80\""), "!2" }, { STR("\"\xed\xa0\x80\""), "!2" },
	{ STR("\"\xe0\x80\x80\""), "!2" }, { STR("\"\xf4\x90\x80\x80\""), "!2" },
	{ STR("\"\xf0\x8f\xbf\xbf\""), "!2" }, { STR("\"\xc3\""), "!2" }, { STR("\"\xe2\x82"),
	  "!2" },
	{ STR("\"\x80\""), "!2" }, { STR("\"\xf5\x80\x80\x80\""), "!2" },
	{ STR("\"1234567\xc3\""), "!2" },
	{ STR("\"\\ud800\""), "!3" }, { STR("\"\\udc00\""), "!3" }, { STR("\"\\ud83dx\""), "!3" },
	{ STR("\"\\ud83d\\n\""), "!3" }, { STR("\"\\ud83d\\ud83d\""), "!3" },
	{ STR("\"\\udc00\\udc00\""), "!3" },
	{ STR("{\"\\udfff\":1}"), "{!3" },
};

START_TEST(reads)
{
	struct buf got = { 0 };

	tokens(cases[_i].input, &got);
	ck_assert_str_eq(buf_cstr(&got), cases[_i].want);
	buf_release(&got);
}
END_TEST

START_TEST(nul_is_data)
{
	struct json_reader r;

	json_init(&r, STR("\"a\\u0000b\""));
	ck_assert_int_eq(json_next(&r), JSON_STRING);
	ck_assert(str_eq(r.text, STR("a\0b")));
	ck_assert(r.escaped);
	json_restart(&r, STR("\"ab\""));
	ck_assert_int_eq(json_next(&r), JSON_STRING);
	ck_assert(str_eq(r.text, STR("ab")));
	ck_assert(!r.escaped);
	json_release(&r);
}
END_TEST

START_TEST(depth)
{
	struct json_reader r;
	struct buf text = { 0 };

	for (int i = 0; i < JSON_MAX_DEPTH + 1; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < JSON_MAX_DEPTH + 1; i++)
		buf_addc(&text, ']');
	json_init(&r, (struct str){ text.ptr + 1, text.len - 2 });
	ck_assert_int_eq(json_skip(&r, json_next(&r)), 0);
	ck_assert_int_eq(json_next(&r), JSON_END);
	json_restart(&r, buf_str(&text));
	ck_assert_int_eq(json_skip(&r, json_next(&r)), -1);
	ck_assert_int_eq(r.why, JSON_TOO_DEEP);
	json_release(&r);
	buf_release(&text);
}
END_TEST

START_TEST(skips)
{
	struct json_reader r;

	json_init(&r, STR("[{\"a\":[1,{}]},2,\"x\"]"));
	ck_assert_int_eq(json_next(&r), JSON_ARRAY);
	ck_assert_int_eq(json_skip(&r, json_next(&r)), 0);
	ck_assert_int_eq(json_next(&r), JSON_NUMBER);
	ck_assert_int_eq(json_skip(&r, JSON_NUMBER), 0);
	ck_assert_int_eq(json_next(&r), JSON_STRING);
	ck_assert_int_eq(json_next(&r), JSON_ARRAY_END);
	ck_assert_int_eq(json_next(&r), JSON_END);
	json_restart(&r, STR("[[1,}"));
	ck_assert_int_eq(json_next(&r), JSON_ARRAY);
	ck_assert_int_eq(json_skip(&r, json_next(&r)), -1);
	json_release(&r);
}
END_TEST

/* Skipping is as strict as reading, stops where that does and reads nothing behind the end. */
static void skips_as_it_reads(struct str text)
{
	struct json_reader skipper, reader;
	enum json_token token;
	char *exact = mem_alloc(text.len ? text.len : 1);
	int rc;

	memcpy(exact, text.ptr, text.len);
	json_init(&skipper, (struct str){ exact, text.len });
	json_init(&reader, (struct str){ exact, text.len });
	rc = json_skip(&skipper, json_next(&skipper));
	do
		token = json_next(&reader);
	while (token != JSON_BAD && reader.depth > 0);
	ck_assert_msg((rc == 0) == (token != JSON_BAD), "%.*s", (int)text.len, text.ptr);
	ck_assert_int_eq(skipper.why, reader.why);
	if (rc == 0) {
		ck_assert_ptr_eq(skipper.at, reader.at);
		ck_assert_int_eq(json_next(&skipper), json_next(&reader));
	}
	json_release(&skipper);
	json_release(&reader);
	free(exact);
}

START_TEST(skips_strictly)
{
	struct buf b = { 0 };

	buf_adds(&b, "[");
	buf_addstr(&b, cases[_i].input);
	buf_adds(&b, ",{\"k\":");
	buf_addstr(&b, cases[_i].input);
	buf_adds(&b, "}]");
	skips_as_it_reads(buf_str(&b));
	buf_release(&b);
}
END_TEST

/* One byte of a text changed, or one left out. */
START_TEST(skips_spoilt_text)
{
	static const char text[] = "{\"name\":{\"S\":\"plain text of some length \xc3\xa9\"},\"b\":{\"L\":"
		"[{\"N\":\"1\"},{\"BOOL\":false},{\"NULL\":true},{\"S\":\"\\\"\\u00e9\\n\"},[],{}]},"
		"\"c\":[1,-2.5e3,null,[[[{\"d\":\"\"}]]]]}";
	static const char others[] = "\"\\{}[],: 0eutx\n\x80\xff";
	size_t len = sizeof(text) - 1;
	char copy[sizeof(text)];

	for (size_t at = 0; at < len; at++) {
		memcpy(copy, text, len);
		for (size_t i = 0; i < sizeof(others); i++) {
			copy[at] = others[i];
			skips_as_it_reads((struct str){ copy, len });
		}
		memcpy(copy + at, text + at + 1, len - at - 1);
		skips_as_it_reads((struct str){ copy, len - 1 });
		skips_as_it_reads((struct str){ text, at });
	}
}
END_TEST

/* Every text cut short anywhere is bad, and reads nothing behind its end (a sanitizer sees). */
START_TEST(cut_short)
{
	static const char text[] = "{\"a\\u00e9\":[1.5e3,true,null,\"\\ud83d\\ude00 \xc3\xa9\"]}";
	struct buf got = { 0 };

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = mem_strndup(text, n);
		char *exact = mem_alloc(n ? n : 1);

		memcpy(exact, copy, n);
		buf_reset(&got);
		tokens((struct str){ exact, n }, &got);
		ck_assert_ptr_nonnull(strchr(buf_cstr(&got), '!'));
		free(exact);
		free(copy);
	}
	buf_release(&got);
}
END_TEST

static const struct { struct str text; const char *want; } texts[] = {
	{ STR(""), "\"\"" },
	{ STR("plain"), "\"plain\"" },
	{ STR("q\"b\\s/"), "\"q\\\"b\\\\s/\"" },
	{ STR("\b\f\n\r\t\1\x1f\0\x7f"), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000\x7f\"" },
	{ STR("\xc3\xa9 \xf0\x9f\x98\x80\n123456789"),
	  "\"\xc3\xa9 \xf0\x9f\x98\x80\\n123456789\"" },
	{ STR("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"),
	  "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"" },
	{ STR("12345678\xff"), NULL },
	{ STR("a\n\xc3"), NULL },
	{ STR("\xed\xa0\x80"), NULL },
};

START_TEST(adds_text)
{
	struct buf b = { 0 };

	buf_adds(&b, "x");
	ck_assert_int_eq(json_add_text(&b, texts[_i].text), texts[_i].want != NULL);
	ck_assert_int_eq(b.ptr[0], 'x');
	ck_assert_str_eq(buf_cstr(&b) + 1, texts[_i].want ? texts[_i].want : "");
	buf_release(&b);
}
END_TEST

/* Each byte at each place of a text that is looked at eight bytes at a time. */
START_TEST(plain_runs)
{
	char text[19];

	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'x', sizeof(text));
		for (int c = 0; c < 256; c++) {
			bool plain = c >= 0x20 && c != '"' && c != '\\' && c < 0x80;

			text[at] = (char)c;
			ck_assert_ptr_eq(json_plain_run(text, text + sizeof(text)),
					 text + (plain ? sizeof(text) : at));
		}
	}
}
END_TEST

/* Each byte at each place of texts of each length, which is looked at in steps of sixteen, eight, four
 * bytes and one. */
START_TEST(adds_text_with_one_other_byte)
{
	char text[40];
	struct buf got = { 0 }, want = { 0 };

	for (size_t n = 1; n <= sizeof(text); n++) {
		for (size_t at = 0; at < n; at++) {
			memset(text, 'x', n);
			for (int c = 0; c < 256; c++) {
				text[at] = (char)c;
				buf_reset(&got);
				buf_reset(&want);
				if (c < 0x80)
					buf_add_json(&want, (struct str){ text, n });
				ck_assert(json_add_text(&got, (struct str){ text, n }) ==
					  (c < 0x80));
				ck_assert(str_eq(buf_str(&got), buf_str(&want)));
			}
		}
	}
	buf_release(&got);
	buf_release(&want);
}
END_TEST

/* Texts of every length, thick with what needs an escape, against the plain way byte by byte. The
 * buffer starts exactly as large as its content, so that every growth happens. */
START_TEST(adds_text_as_the_plain_way)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\n", "\1", "\xc3\xa9",
					      "\xf0\x9f\x98\x80", "bcdefgh", "\"\"\"\"", "ijk" };
	uint32_t chance = 12345;

	for (int round = 0; round < 3000; round++) {
		struct buf text = { 0 }, got = { 0 }, want = { 0 };

		while (text.len < (size_t)round % 70) {
			chance = chance * 1664525 + 1013904223;
			buf_adds(&text, pieces[(chance >> 16) % 10]);
		}
		if (text.len)
			text.ptr = mem_realloc(text.ptr, text.cap = text.len);
		ck_assert(json_add_text(&got, buf_str(&text)));
		buf_add_json(&want, buf_str(&text));
		ck_assert(str_eq(buf_str(&got), buf_str(&want)));
		buf_release(&text);
		buf_release(&got);
		buf_release(&want);
	}
}
END_TEST

static Suite *json_suite(void)
{
	Suite *suite = suite_create("model/json");
	TCase *tc = tcase_create("json");

	tcase_add_loop_test(tc, reads, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, nul_is_data);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, skips);
	tcase_add_loop_test(tc, skips_strictly, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tc, skips_spoilt_text);
	tcase_add_test(tc, cut_short);
	tcase_add_loop_test(tc, adds_text, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tc, plain_runs);
	tcase_add_test(tc, adds_text_with_one_other_byte);
	tcase_add_test(tc, adds_text_as_the_plain_way);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(json_suite)
