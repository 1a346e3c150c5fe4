#include "check_main.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "model/value.h"
#include "one_attr.h"

#define D38 "12345678901234567890123456789012345678"

static const struct {
	enum attr_type type;
	struct str value;
	const char *want;
	size_t bytes;
	enum reject_code code;
} cases[] = {
	{ ATTR_M, STR("{}"), "{\"M\":{}}", 3, 0 },
	{ ATTR_L, STR(" [ ] "), "{\"L\":[]}", 3, 0 },
	{ ATTR_M, STR("{\"a\":1,\"bc\":\"x\",\"d\":true,\"e\":false,\"f\":null}"),
	  "{\"M\":{\"a\":{\"N\":\"1\"},\"bc\":{\"S\":\"x\"},\"d\":{\"BOOL\":true},"
	  "\"e\":{\"BOOL\":false},\"f\":{\"NULL\":true}}}", 3 + 4 + 4 + 3 + 3 + 3, 0 },
	{ ATTR_L, STR("[[],{},[1],\"\"]"),
	  "{\"L\":[{\"L\":[]},{\"M\":{}},{\"L\":[{\"N\":\"1\"}]},{\"S\":\"\"}]}", 3 + 4 + 4 + 7 + 1,
	  0 },
	{ ATTR_L, STR("[12.50,18446744073709551616,-0.0,1E2,1e-3]"),
	  "{\"L\":[{\"N\":\"12.5\"},{\"N\":\"18446744073709551616\"},{\"N\":\"0\"},"
	  "{\"N\":\"100\"},{\"N\":\"0.001\"}]}", 3 + 4 + 12 + 2 + 3 + 3, 0 },
	{ ATTR_M, STR("{\"\\u0041\\n\":\"\\u00e9\\/\\\"\\u0000\"}"),
	  "{\"M\":{\"A\\n\":{\"S\":\"\xc3\xa9/\\\"\\u0000\"}}}", 3 + 1 + 2 + 5, 0 },
	{ ATTR_L, STR("[\"\\ud83d\\ude00\xf0\x9f\x98\x80\"]"),
	  "{\"L\":[{\"S\":\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"}]}", 3 + 1 + 8, 0 },
	{ ATTR_L, STR("[" D38 "]"), "{\"L\":[{\"N\":\"" D38 "\"}]}", 3 + 1 + 20, 0 },

	/* of a name that stands twice the last counts */
	{ ATTR_M, STR("{\"a\":1,\"b\":2,\"a\":\"xyz\"}"),
	  "{\"M\":{\"b\":{\"N\":\"2\"},\"a\":{\"S\":\"xyz\"}}}", 3 + 4 + 5, 0 },
	{ ATTR_M, STR("{\"a\":{\"x\":[1,2,{\"y\":3}]},\"a\":[],\"a\":{\"z\":{}}}"),
	  "{\"M\":{\"a\":{\"M\":{\"z\":{\"M\":{}}}}}}", 3 + 2 + 3 + 2 + 3, 0 },
	{ ATTR_M, STR("{\"a\":1,\"\\u0061\":2}"), "{\"M\":{\"a\":{\"N\":\"2\"}}}", 3 + 4, 0 },
	{ ATTR_M, STR("{\"o\":{\"k\":1,\"k\":2,\"l\":3},\"p\":[{\"k\":1,\"k\":[]}],\"o\":{\"k\":5,"
	"\"k\":6}}"),
	  "{\"M\":{\"p\":{\"L\":[{\"M\":{\"k\":{\"L\":[]}}}]},"
	  "\"o\":{\"M\":{\"k\":{\"N\":\"6\"}}}}}",
	  3 + (1 + 1 + 3 + (1 + 3 + (1 + 1 + 3))) + (1 + 1 + 3 + (1 + 1 + 2)), 0 },
	{ ATTR_M, STR("{\"a\":1,\"A\":2}"), "{\"M\":{\"a\":{\"N\":\"1\"},\"A\":{\"N\":\"2\"}}}", 11,
	  0 },

	/* what a replaced member held does not count, not even its faults */
	{ ATTR_M, STR("{\"a\":1e999,\"a\":1}"), "{\"M\":{\"a\":{\"N\":\"1\"}}}", 7, 0 },
	{ ATTR_M, STR("{\"a\":{\"\":1},\"b\":{\"c\":1e999,\"c\":2},\"a\":1}"),
	  "{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"2\"}}},\"a\":{\"N\":\"1\"}}}", 3 + 2 + 3 + 4 + 4,
	  0 },
	{ ATTR_M, STR("{\"p\":{\"k\":\"long enough to matter\",\"k\":1e999},\"q\":1,\"p\":2}"),
	  "{\"M\":{\"q\":{\"N\":\"1\"},\"p\":{\"N\":\"2\"}}}", 11, 0 },
	{ ATTR_M, STR("{\"a\":1,\"a\":1e999}"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_M, STR("{\"a\":1e999,\"b\":1,\"b\":2}"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_M, STR("{\"b\":1,\"b\":{\"x\":1,\"x\":{\"\":1}},\"c\":1e999}"), NULL, 0,
	  REJECT_ATTRIBUTE_NAME },
	{ ATTR_M, STR("{\"b\":{\"\":1},\"b\":1e999,\"c\":{\"\":1}}"), NULL, 0,
	  REJECT_NUMBER_RANGE },

	{ ATTR_M, STR("{\"\":1}"), NULL, 0, REJECT_ATTRIBUTE_NAME },
	{ ATTR_L, STR("[{\"\":1}]"), NULL, 0, REJECT_ATTRIBUTE_NAME },
	{ ATTR_M, STR("{\"\":1,\"\":2}"), NULL, 0, REJECT_ATTRIBUTE_NAME },
	{ ATTR_L, STR("[" D38 "9]"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_L, STR("[1e300]"), NULL, 0, REJECT_NUMBER_RANGE },
	{ ATTR_L, STR("[1e300,"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[\"\\ud800\"]"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_M, STR("{\"\\udc00\":1}"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_L, STR("[\"\xc3\"]"), NULL, 0, REJECT_NOT_TEXT },
	{ ATTR_M, STR("[]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("{}"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_M, STR(""), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_M, STR("null"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("1"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[]]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[] x"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[NaN]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[\"\1\"]"), NULL, 0, REJECT_NOT_JSON },
	{ ATTR_L, STR("[1\0]"), NULL, 0, REJECT_NOT_JSON },
};

START_TEST(documents)
{
	struct one o;

	one_setup(&o);
	one_expect(&o, one_attr(cases[_i].type), cases[_i].value, cases[_i].want, cases[_i].bytes,
		   cases[_i].code);
	one_teardown(&o);
}
END_TEST

/* The attribute itself is the first list; a scalar inside the last does not count. */
static const struct { int levels; bool maps; enum reject_code code; } nestings[] = {
	{ 31, false, 0 }, { 32, false, REJECT_NESTING }, { 31, true, 0 },
	{ 32, true, REJECT_NESTING }, { 512, false, REJECT_NESTING },
	{ 513, false, REJECT_NESTING }, { 100000, false, REJECT_NESTING },
};

START_TEST(nesting)
{
	struct buf in = { 0 };
	struct one o;
	bool maps = nestings[_i].maps;

	for (int i = 0; i < nestings[_i].levels; i++)
		buf_adds(&in, maps ? "{\"m\":" : "[");
	buf_addc(&in, '7');
	for (int i = 0; i < nestings[_i].levels; i++)
		buf_addc(&in, maps ? '}' : ']');
	one_setup(&o);
	ck_assert_int_eq(one_run(&o, one_attr(maps ? ATTR_M : ATTR_L), buf_str(&in)),
			 nestings[_i].code == REJECT_NONE);
	ck_assert_int_eq(o.rej.code, nestings[_i].code);
	if (nestings[_i].code == REJECT_NONE)
		ck_assert_uint_eq(o.item.size_bytes, (size_t)ONE_BASE_BYTES +
				  (size_t)nestings[_i].levels * (maps ? 5 : 4) + 2);
	one_teardown(&o);
	buf_release(&in);
}
END_TEST

START_TEST(too_deep_but_replaced)
{
	struct buf in = { 0 };
	struct one o;

	buf_adds(&in, "{\"a\":");
	for (int i = 0; i < 40; i++)
		buf_addc(&in, '[');
	for (int i = 0; i < 40; i++)
		buf_addc(&in, ']');
	buf_adds(&in, ",\"a\":1}");
	one_setup(&o);
	one_expect(&o, one_attr(ATTR_M), buf_str(&in), "{\"M\":{\"a\":{\"N\":\"1\"}}}", 7, 0);
	one_teardown(&o);
	buf_release(&in);
}
END_TEST

static const struct { size_t len; enum reject_code code; } names[] = {
	{ 1, 0 }, { 65535, 0 }, { 65536, REJECT_ATTRIBUTE_NAME },
};

START_TEST(name_lengths)
{
	struct buf in = { 0 };
	struct one o;

	buf_adds(&in, "{\"");
	for (size_t i = 0; i < names[_i].len; i++)
		buf_addc(&in, 'n');
	buf_adds(&in, "\":true}");
	one_setup(&o);
	ck_assert_int_eq(one_run(&o, one_attr(ATTR_M), buf_str(&in)),
			 names[_i].code == REJECT_NONE);
	ck_assert_int_eq(o.rej.code, names[_i].code);
	if (names[_i].code == REJECT_NONE)
		ck_assert_uint_eq(o.item.size_bytes, ONE_BASE_BYTES + 3 + 1 + names[_i].len + 1);
	one_teardown(&o);
	buf_release(&in);
}
END_TEST

/*
 * Random documents: a tree is made as values, as text with odd spaces and escapes, and as a size,
 * each on its own way; the transcoder has to agree with all three.
 */
static uint64_t rng;

static unsigned pick(unsigned below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (unsigned)(rng >> 11) % below;
}

static void odd_space(struct buf *text)
{
	while (pick(4) == 0)
		buf_addc(text, " \t\r\n"[pick(4)]);
}

static void random_string(struct arena *arena, struct buf *text, struct str *out, unsigned max)
{
	static const unsigned points[] = {
		'a', 'b', 'c', ' ', '"', '\\', '/', 0, 1, '\b', '\f', '\n', '\r', '\t', 0x1f,
		0x7f, 0xe9, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x1f600,
		0x10ffff
	};
	struct buf raw = { 0 };
	unsigned n = pick(max);

	buf_addc(text, '"');
	for (unsigned i = 0; i < n; i++) {
		unsigned cp = points[pick(sizeof(points) / sizeof(points[0]))];
		char utf8[4];
		size_t len = utf8_encode(cp, utf8);

		buf_add(&raw, utf8, len);
		if (cp >= 0x20 && cp != '"' && cp != '\\' && pick(2)) {
			buf_add(text, utf8, len);
		} else if (cp < 0x80 && cp && strchr("\"\\/", (int)cp) && pick(2)) {
			buf_addf(text, "\\%c", (int)cp);
		} else if (cp == '\n' && pick(2)) {
			buf_adds(text, "\\n");
		} else if (cp >= 0x10000) {
			buf_addf(text, pick(2) ? "\\u%04x\\u%04X" : "\\u%04X\\u%04x",
				 0xd800 + ((cp - 0x10000) >> 10),
				   0xdc00 + ((cp - 0x10000) & 0x3ff));
		} else {
			buf_addf(text, pick(2) ? "\\u%04x" : "\\u%04X", cp);
		}
	}
	buf_addc(text, '"');
	*out = (struct str){ arena_strndup(arena, raw.len ? raw.ptr : "", raw.len), raw.len };
	buf_release(&raw);
}

static size_t random_value(struct arena *arena, struct buf *text, struct value *v, int depth);

static int str_order(struct str a, struct str b)
{
	int d = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

/* Puts a member where its name belongs; one of the same name gives way to it. */
static void put_member(struct value *map, size_t *sizes, struct str name, struct value v,
		       size_t size)
{
	size_t i = 0;

	while (i < map->n && str_order(map->names[i], name) < 0)
		i++;
	if (i == map->n || str_order(map->names[i], name) != 0) {
		for (size_t j = map->n++; j > i; j--) {
			map->members[j] = map->members[j - 1];
			map->names[j] = map->names[j - 1];
			sizes[j] = sizes[j - 1];
		}
	}
	map->members[i] = v;
	map->names[i] = name;
	sizes[i] = 1 + name.len + size;
}

static size_t random_container(struct arena *arena, struct buf *text, struct value *v, int depth)
{
	unsigned n = pick(8) == 0 ? pick(40) : pick(6);
	size_t total = 3, *sizes = arena_alloc(arena, 41 * sizeof(*sizes));

	v->members = arena_alloc(arena, 41 * sizeof(*v->members));
	v->names = arena_alloc(arena, 41 * sizeof(*v->names));
	buf_addc(text, v->type == ATTR_M ? '{' : '[');
	for (unsigned i = 0; i < n; i++) {
		struct str name = { NULL, 0 };
		struct value member = { 0 };
		size_t size;

		if (i)
			buf_addc(text, ',');
		odd_space(text);
		if (v->type == ATTR_M) {
			size_t before = text->len;

			do {
				text->len = before;
				random_string(arena, text, &name, 4);
			} while (name.len == 0);
			odd_space(text);
			buf_addc(text, ':');
		}
		size = random_value(arena, text, &member, depth + 1);
		if (v->type == ATTR_M) {
			put_member(v, sizes, name, member, size);
		} else {
			sizes[v->n] = 1 + size;
			v->members[v->n++] = member;
		}
	}
	odd_space(text);
	buf_addc(text, v->type == ATTR_M ? '}' : ']');
	for (size_t i = 0; i < v->n; i++)
		total += sizes[i];
	return total;
}

static size_t random_value(struct arena *arena, struct buf *text, struct value *v, int depth)
{
	static const struct { const char *text, *canonical; size_t bytes; } numbers[] = {
		{ "0", "0", 1 }, { "-0.00", "0", 1 }, { "7", "7", 2 }, { "-12.50", "-12.5", 4 },
		{ "1e3", "1000", 2 }, { "1.10E-2", "0.011", 3 }, { "99999999999999999999",
		"99999999999999999999", 11 },
	};
	unsigned kind = pick(depth < 8 ? 8 : 5);
	size_t size_bytes = 1;

	odd_space(text);
	if (kind == 0) {
		v->type = ATTR_NULL;
		buf_adds(text, "null");
	} else if (kind == 1) {
		v->type = ATTR_BOOL;
		v->boolean = pick(2);
		buf_adds(text, v->boolean ? "true" : "false");
	} else if (kind == 2) {
		unsigned i = pick(sizeof(numbers) / sizeof(numbers[0]));

		v->type = ATTR_N;
		v->bytes = str_of(numbers[i].canonical);
		size_bytes = numbers[i].bytes;
		buf_adds(text, numbers[i].text);
	} else if (kind <= 4) {
		v->type = ATTR_S;
		random_string(arena, text, &v->bytes, 30);
		size_bytes = v->bytes.len;
	} else {
		v->type = kind == 5 ? ATTR_L : ATTR_M;
		size_bytes = random_container(arena, text, v, depth);
	}
	odd_space(text);
	return size_bytes;
}

START_TEST(random_documents)
{
	struct one o;
	struct buf text = { 0 }, want = { 0 }, got = { 0 };

	rng = 0x9e3779b97f4a7c15 + (uint64_t)_i;
	one_setup(&o);
	for (int round = 0; round < 300; round++) {
		struct arena *arena = arena_new();
		struct value v = { .type = pick(2) ? ATTR_M : ATTR_L }, item;
		size_t size_bytes;

		buf_reset(&text);
		buf_reset(&want);
		buf_reset(&got);
		size_bytes = random_container(arena, &text, &v, 1);
		ck_assert_msg(one_run(&o, one_attr(v.type), buf_str(&text)), "%s: %s",
			      buf_cstr(&o.rej.sentence), buf_cstr(&text));
		ck_assert_int_eq(value_from_item_json(arena, buf_str(&o.item.json), &item, NULL),
		  0);
		ck_assert_uint_eq(item.n, 2);
		if (!value_equal(&item.members[1], &v)) {
			value_add_json(&want, &v);
			value_add_json(&got, &item.members[1]);
			ck_abort_msg("%s\nmade %s\nnot  %s", buf_cstr(&text), buf_cstr(&got),
				     buf_cstr(&want));
		}
		ck_assert_uint_eq(o.item.size_bytes, ONE_BASE_BYTES + size_bytes);
		arena_free(arena);
	}
	one_teardown(&o);
	buf_release(&text);
	buf_release(&want);
	buf_release(&got);
}
END_TEST

static Suite *document_suite(void)
{
	Suite *suite = suite_create("transform/document");
	TCase *tc = tcase_create("document");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, documents, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tc, nesting, 0, sizeof(nestings) / sizeof(nestings[0]));
	tcase_add_test(tc, too_deep_but_replaced);
	tcase_add_loop_test(tc, name_lengths, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_loop_test(tc, random_documents, 0, 10);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(document_suite)
