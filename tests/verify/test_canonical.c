/*
 * The canonical form against value_equal(), which answers the same question by trees: random items,
 * each written in several ways and spoilt in one. An item without a blank is read in the quick way,
 * with one in the plain way: both must give the same.
 */
#include "check_main.h"

#include <stdlib.h>

#include "model/value.h"
#include "verify/canonical.h"

static struct canonical *c;

static void setup(void)
{
	c = canonical_new();
}

static void teardown(void)
{
	canonical_free(c);
}

static struct buf form(struct str json)
{
	struct etl_err err = { 0 };
	struct buf copy = { 0 };
	struct str out;

	ck_assert_msg(canonical_item(c, json, &out, &err) == 0, "%s: %.*s", err.msg,
		      (int)json.len, json.ptr);
	buf_addstr(&copy, out);
	return copy;
}

/* Either way gives the same form, with the same attributes in it, or none. True: an item. */
static bool reads_alike(struct str json)
{
	struct etl_err err = { 0 };
	struct buf blank = { 0 }, quick = { 0 };
	struct str out, name = { NULL, 0 };
	size_t off = 0;
	bool is_item;

	buf_addc(&blank, ' ');
	buf_addstr(&blank, json);
	is_item = canonical_item(c, json, &out, &err) == 0;
	if (is_item) {
		buf_addstr(&quick, out);
		if (out.len > 9) {	/* the first attribute */
			name.len = (size_t)(unsigned char)out.ptr[7] << 8 |
				   (unsigned char)out.ptr[8];
			name.ptr = quick.ptr + 9;
			off = (size_t)(canonical_attribute(c, name).ptr - out.ptr);
		}
	}
	ck_assert_msg((canonical_item(c, buf_str(&blank), &out, &err) == 0) == is_item, "%.*s",
		      (int)json.len, json.ptr);
	if (is_item) {
		ck_assert_msg(str_eq(out, buf_str(&quick)), "%.*s", (int)json.len, json.ptr);
		if (name.ptr)
			ck_assert_uint_eq((size_t)(canonical_attribute(c, name).ptr - out.ptr),
					  off);
	}
	buf_release(&blank);
	buf_release(&quick);
	return is_item;
}

static bool same_form(struct str a, struct str b)
{
	struct buf x = form(a), y = form(b);
	bool same = str_eq(buf_str(&x), buf_str(&y));

	buf_release(&x);
	buf_release(&y);
	return same;
}

/* ---- by hand -------------------------------------------------------------------------------- */

static const struct { const char *a, *b; bool same; } pairs[] = {
	{ "{}", "{}", true },
	{ "{\"a\":{\"S\":\"x\"},\"b\":{\"N\":\"1\"}}", "{\"b\":{\"N\":\"1\"},\"a\":{\"S\":\"x\"}}", true },
	{ "{\"a\":{\"N\":\"1\"}}", "{\"a\":{\"N\":\"1.0\"}}", true },
	{ "{\"a\":{\"N\":\"100\"}}", "{\"a\":{\"N\":\"1E2\"}}", true },
	{ "{\"a\":{\"N\":\"1\"}}", "{\"a\":{\"S\":\"1\"}}", false },
	{ "{\"a\":{\"N\":\"1\"}}", "{\"a\":{\"N\":\"-1\"}}", false },
	{ "{\"a\":{\"S\":\"\"}}", "{}", false },
	{ "{\"a\":{\"NULL\":true}}", "{}", false },
	{ "{\"a\":{\"NULL\":true}}", "{\"a\":{\"S\":\"\"}}", false },
	{ "{\"a\":{\"BOOL\":true}}", "{\"a\":{\"BOOL\":false}}", false },
	{ "{\"a\":{\"SS\":[\"x\",\"y\"]}}", "{\"a\":{\"SS\":[\"y\",\"x\"]}}", true },
	{ "{\"a\":{\"NS\":[\"2\",\"10\"]}}", "{\"a\":{\"NS\":[\"1E1\",\"2.0\"]}}", true },
	{ "{\"a\":{\"BS\":[\"AA==\",\"AQ==\"]}}", "{\"a\":{\"BS\":[\"AQ==\",\"AA==\"]}}", true },
	{ "{\"a\":{\"SS\":[\"1\"]}}", "{\"a\":{\"NS\":[\"1\"]}}", false },
	{ "{\"a\":{\"SS\":[\"x\",\"y\"]}}", "{\"a\":{\"SS\":[\"xy\"]}}", false },
	{ "{\"a\":{\"SS\":[\"x\"]}}", "{\"a\":{\"L\":[{\"S\":\"x\"}]}}", false },
	{ "{\"a\":{\"L\":[{\"S\":\"x\"},{\"S\":\"y\"}]}}", "{\"a\":{\"L\":[{\"S\":\"y\"},{\"S\":\"x\"}]}}", false },
	{ "{\"a\":{\"L\":[]}}", "{\"a\":{\"M\":{}}}", false },
	{ "{\"a\":{\"M\":{\"x\":{\"N\":\"1\"},\"b\":{\"SS\":[\"q\",\"p\"]}}}}",
	  "{\"a\":{\"M\":{\"b\":{\"SS\":[\"p\",\"q\"]},\"x\":{\"N\":\"1\"}}}}", true },
	{ "{\"a\":{\"M\":{\"x\":{\"S\":\"\"}}}}", "{\"a\":{\"M\":{}}}", false },
	{ "{\"a\":{\"S\":\"\\u00e4\\n\"}}", "{\"a\":{\"S\":\"\xc3\xa4\\u000a\"}}", true },
	{ "{\"\\u0061\":{\"S\":\"x\"}}", "{\"a\":{\"S\":\"x\"}}", true },
	{ "{\"a\":{\"B\":\"AA==\"}}", "{\"a\":{\"S\":\"AA==\"}}", false },
	/* names and values that could be taken for each other */
	{ "{\"a\":{\"S\":\"bc\"}}", "{\"ab\":{\"S\":\"c\"}}", false },
	{ "{\"a\":{\"S\":\"x\"},\"b\":{\"S\":\"y\"}}", "{\"a\":{\"S\":\"y\"},\"b\":{\"S\":\"x\"}}", false },
};

START_TEST(by_hand)
{
	ck_assert_msg(same_form(str_of(pairs[_i].a), str_of(pairs[_i].b)) == pairs[_i].same,
		      "%s and %s", pairs[_i].a, pairs[_i].b);
	ck_assert(reads_alike(str_of(pairs[_i].a)) && reads_alike(str_of(pairs[_i].b)));
}
END_TEST

static const char *const not_items[] = {
	"", "[]", "{", "{\"a\":1}", "{\"a\":{}}", "{\"a\":{\"S\":1}}", "{\"a\":{\"S\":\"x\"}} ,",
	"{\"a\":{\"X\":\"x\"}}", "{\"a\":{\"S\":\"x\",\"N\":\"1\"}}", "{\"a\":{\"N\":\"x\"}}",
	"{\"a\":{\"B\":\"x\"}}", "{\"a\":{\"BOOL\":\"true\"}}", "{\"a\":{\"NULL\":false}}",
	"{\"a\":{\"S\":\"x\"},\"a\":{\"S\":\"x\"}}", "{\"a\":{\"L\":{}}}", "{\"a\":{\"SS\":[1]}}",
	"{\"a\":{\"M\":[]}}", "{\"b\":{\"S\":\"x\"},\"a\":{\"S\":\"x\"},\"b\":{\"S\":\"y\"}}",
	"{\"a\":{\"LS\":[]}}", "{\"a\":{\"\":\"x\"}}",
	"{\"a\":{\"S\":\"x\"}", "{\"a\":{\"S\":\"x\"}}}", "{\"a\":{\"S\":\"x\"},}", "{\"a\":{\"S\":\"x\"}]",
	"{\"a\":{\"S\":\"x", "{\"a\":{\"S\":\"x\"", "{\"a\":{\"S\":\"", "{\"a\":", "{\"a\"", "{\"",
	"{\"a\":{\"S\":\"x\"}}\"", "{\"a\":{\"S\":\"\xff\"}}", "{\"a\":{\"S\":\"\n\"}}",
	"{\"\xff\":{\"S\":\"x\"}}", "{\"a\":{\"S\":\"\\ud800\"}}", "{\"a\":{\"N\":\"\"}}",
	"{\"a\":{\"S\":\"x\"},\"a\":{\"N\":\"1\"}}", "{\"a\":{\"BOOL\":true},\"a\":{\"N\":\"1\"}}",
	"{\"a\":{\"S\":\"x\"},\"\\u0061\":{\"S\":\"x\"}}", "{\"a\":{\"S\":\"x\"};\"b\":{\"S\":\"x\"}}",
	"{\"a\":{\"N\":\"1\"]}", "{\"a\":{\"S\":\"x\\", "{,}",
};

START_TEST(no_items)
{
	struct etl_err err = { 0 };
	struct str out;
	int times;

	for (times = 0; times < 2; times++) {	/* its attributes are known then */
		ck_assert_int_eq(canonical_item(c, str_of(not_items[_i]), &out, &err), -ETL_ESINK);
		etl_err_clear(&err);
		ck_assert(!reads_alike(str_of(not_items[_i])));
	}
}
END_TEST

START_TEST(keys)
{
	static const struct key_schema both = { "p", ATTR_S, "s", ATTR_N };
	static const struct key_schema binary = { "b", ATTR_B, NULL, ATTR_S };
	static const struct key_schema wrong = { "b", ATTR_S, NULL, ATTR_S };
	static const struct key_schema absent = { "q", ATTR_S, NULL, ATTR_S };
	static const char json[] = "{\"s\":{\"N\":\"1.50\"},\"b\":{\"B\":\"AAE=\"},"
				   "\"p\":{\"S\":\"k\\u0041\"},\"a\":{\"M\":{\"p\":{\"S\":\"no\"}}}}";
	struct etl_err err = { 0 };
	struct str out, value;
	struct buf key = { 0 };

	ck_assert_int_eq(canonical_item(c, str_of(json), &out, &err), 0);
	value = canonical_attribute(c, str_of("a"));
	ck_assert_ptr_nonnull(value.ptr);
	ck_assert_int_eq(value.ptr[0], 'M');
	ck_assert_ptr_null(canonical_attribute(c, str_of("aa")).ptr);
	ck_assert_int_eq(canonical_key(c, &both, &out, &err), 0);
	ck_assert_int_eq(key_from_item_json(&both, str_of(json), &key, &err), 0);
	ck_assert(str_eq(out, buf_str(&key)));
	buf_reset(&key);
	ck_assert_int_eq(canonical_key(c, &binary, &out, &err), 0);
	ck_assert_int_eq(key_from_item_json(&binary, str_of(json), &key, &err), 0);
	ck_assert(str_eq(out, buf_str(&key)));
	ck_assert_int_eq(canonical_key(c, &wrong, &out, &err), -ETL_ESINK);
	etl_err_clear(&err);
	ck_assert_int_eq(canonical_key(c, &absent, &out, &err), -ETL_ESINK);
	buf_release(&key);
}
END_TEST

/* ---- by chance ------------------------------------------------------------------------------ */

static uint64_t state;

static unsigned chance(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

struct node {			/* a value to be written in one way or another */
	enum attr_type type;
	unsigned what;		/* which of the few contents below */
	unsigned n;
	struct node *members;
	unsigned *names;
};

static const char *const texts[][2] = {		/* the same, written twice */
	{ "", "" }, { "a", "\\u0061" }, { "b\\n", "b\\u000a" }, { "\xc3\xa4", "\\u00E4" },
	{ "long enough to be of several words", "long enough to be of several\\u0020words" },
	{ "\\\"", "\\u0022" },
};
static const char *const numbers[][2] = {
	{ "0", "-0.0" }, { "1", "1.000" }, { "-1", "-1e0" }, { "100", "1E2" }, { "0.5", ".5" },
	{ "12345678901234567890123456789012345678", "+12345678901234567890123456789012345678.0" },
};
static const char *const binaries[] = { "", "AA==", "AAA=", "AAAA", "/+8=", "AQID" };

static struct node make(struct arena *a, unsigned depth)
{
	static const enum attr_type kinds[] = { ATTR_S, ATTR_N, ATTR_B, ATTR_BOOL, ATTR_NULL,
						ATTR_SS, ATTR_NS, ATTR_BS, ATTR_M, ATTR_L };
	struct node node = { .type = kinds[chance(depth ? 10 : 8)], .what = chance(6) };
	unsigned i;

	if (node.type == ATTR_M || node.type == ATTR_L)
		node.n = chance(5);
	else if (node.type == ATTR_SS || node.type == ATTR_NS || node.type == ATTR_BS)
		node.n = 1 + chance(4);
	node.members = arena_alloc(a, (node.n + 1) * sizeof(*node.members));
	node.names = arena_alloc(a, (node.n + 1) * sizeof(*node.names));
	for (i = 0; i < node.n; i++) {
		if (node.type == ATTR_M || node.type == ATTR_L)
			node.members[i] = make(a, depth - 1);
		else		/* different ones */
			node.members[i].what = (node.what + i) % 6;
		node.names[i] = (node.what + i) % 6;
	}
	return node;
}

static void write_node(struct buf *b, const struct node *node);

static void write_content(struct buf *b, enum attr_type type, unsigned what)
{
	buf_addf(b, "\"%s\"", type == ATTR_S ? texts[what][chance(2)]
			    : type == ATTR_N ? numbers[what][chance(2)] : binaries[what]);
}

/* The members from a chance place on and round, or back. Not of lists. */
static void write_members(struct buf *b, const struct node *node)
{
	unsigned from = node->n ? chance(node->n) : 0, back = chance(2), i;

	for (i = 0; i < node->n; i++) {
		unsigned at = (from + (back ? node->n - i : i)) % node->n;

		if (node->type == ATTR_L)
			at = i;
		if (i)
			buf_addc(b, ',');
		if (node->type == ATTR_M)
			buf_addf(b, "\"%s\":", texts[node->names[at]][chance(2)]);
		if (node->type == ATTR_M || node->type == ATTR_L)
			write_node(b, &node->members[at]);
		else
			write_content(b, node->type == ATTR_SS ? ATTR_S :
					 node->type == ATTR_NS ? ATTR_N : ATTR_B,
				      node->members[at].what);
	}
}

static void write_node(struct buf *b, const struct node *node)
{
	bool map = node->type == ATTR_M;

	buf_addf(b, "{\"%s\":", attr_type_name(node->type));
	switch (node->type) {
	case ATTR_S: case ATTR_N: case ATTR_B:
		write_content(b, node->type, node->what);
		break;
	case ATTR_BOOL:
		buf_adds(b, node->what & 1 ? "true" : "false");
		break;
	case ATTR_NULL:
		buf_adds(b, "true");
		break;
	default:
		buf_addc(b, map ? '{' : '[');
		write_members(b, node);
		buf_addc(b, map ? '}' : ']');
	}
	buf_addc(b, '}');
}

/* A map's content is an item. */
static struct buf write_item(const struct node *node)
{
	struct buf b = { 0 };

	buf_addc(&b, '{');
	write_members(&b, node);
	buf_addc(&b, '}');
	return b;
}

static bool same_value(struct arena *a, struct str x, struct str y)
{
	struct etl_err err = { 0 };
	struct value v, w;

	ck_assert_int_eq(value_from_item_json(a, x, &v, &err), 0);
	ck_assert_int_eq(value_from_item_json(a, y, &w, &err), 0);
	return value_equal(&v, &w);
}

/* Changes one thing somewhere in it. */
static void spoil(struct arena *a, struct node *node)
{
	struct node *at = node;

	while (at->n && (at->type == ATTR_M || at->type == ATTR_L) && chance(3))
		at = &at->members[chance(at->n)];
	if (at != node && chance(2))
		*at = make(a, 1);
	else if (at->n && chance(2))
		at->n--;
	else
		at->what = (at->what + 1) % 6;
}

START_TEST(by_chance)
{
	unsigned round, differ = 0;

	state = 88172645463325252u + (unsigned)_i;
	for (round = 0; round < 4000; round++) {
		struct arena *a = arena_new();
		struct node node = make(a, 3);
		struct buf x, y, z;
		bool same;

		node.type = ATTR_M;
		node.n = 0;
		while (node.n < 5 && (node.n < 1 || chance(4)))
			node.n++;
		node.members = arena_alloc(a, 5 * sizeof(*node.members));
		node.names = arena_alloc(a, 5 * sizeof(*node.names));
		for (unsigned i = 0; i < node.n; i++) {
			node.members[i] = make(a, 3);
			node.names[i] = i;
		}
		x = write_item(&node);
		y = write_item(&node);
		ck_assert_msg(same_value(a, buf_str(&x), buf_str(&y)) &&
			      same_form(buf_str(&x), buf_str(&y)), "%s %s", buf_cstr(&x),
			      buf_cstr(&y));
		ck_assert(reads_alike(buf_str(&x)));
		spoil(a, &node);
		z = write_item(&node);
		same = same_value(a, buf_str(&x), buf_str(&z));
		differ += !same;
		ck_assert_msg(same_form(buf_str(&x), buf_str(&z)) == same, "%s %s", buf_cstr(&x),
			      buf_cstr(&z));
		buf_release(&x);
		buf_release(&y);
		buf_release(&z);
		arena_free(a);
	}
	ck_assert_uint_ge(differ, 1000);	/* the test tests */
}
END_TEST

/* More attributes than are known, in any order, some missing, some of another type or there twice,
 * with names that are the beginning of others or too long. */
START_TEST(many_attributes)
{
	enum { NAMES = 200 };
	unsigned round, items = 0, many = 0;

	state = 88172645463325252u + (unsigned)_i;
	for (round = 0; round < 3000; round++) {
		unsigned n = chance(chance(10) ? 12 : 180), from = chance(NAMES), step = 1 + chance(3);
		bool mixed = chance(4) == 0, spoilt = chance(20) == 0, is_item, twice = false;
		bool used[NAMES] = { false };
		struct buf b = { 0 };
		unsigned i;

		for (i = 0; i < n; i++) {
			struct arena *a = arena_new();
			unsigned name = mixed ? chance(NAMES) : (from + i * step) % NAMES;
			struct node node = make(a, chance(8) == 0);

			twice |= used[name];
			used[name] = true;
			buf_addc(&b, i ? ',' : '{');
			buf_addf(&b, "\"%0*u\":", name % 50 == 7 ? 300 : 1, name);
			write_node(&b, &node);
			arena_free(a);
		}
		buf_adds(&b, n ? "}" : "{}");
		if (spoilt)
			b.ptr[chance((unsigned)b.len)] = "\"\\{}[],:x"[chance(9)];
		is_item = reads_alike(buf_str(&b));
		if (!spoilt)
			ck_assert_int_eq(is_item, !twice);
		items += is_item;
		many += is_item && n > 128;
		buf_release(&b);
	}
	ck_assert_uint_ge(items, 1500);
	ck_assert_uint_ge(many, 10);
}
END_TEST

/* Names that are new come between those that are known, behind some that were read already. */
START_TEST(new_attributes_among_known_ones)
{
	ck_assert(reads_alike(STR("{\"j\":{\"S\":\"1\"},\"k\":{\"S\":\"2\"},\"p\":{\"S\":\"3\"}}")));
	ck_assert(reads_alike(STR("{\"p\":{\"S\":\"3\"},\"a\":{\"S\":\"4\"},\"b\":{\"S\":\"5\"},"
				  "\"k\":{\"S\":\"2\"}}")));
}
END_TEST

START_TEST(one_attribute_many_times)
{
	struct buf b = { 0 };
	int i;

	for (i = 0; i < 1000; i++)
		buf_adds(&b, i ? ",\"a\":{\"S\":\"x\"}" : "{\"a\":{\"S\":\"x\"}");
	buf_addc(&b, '}');
	ck_assert(!reads_alike(buf_str(&b)));
	buf_release(&b);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("verify/canonical");
	TCase *tc = tcase_create("canonical");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, by_hand, 0, sizeof(pairs) / sizeof(*pairs));
	tcase_add_loop_test(tc, no_items, 0, sizeof(not_items) / sizeof(*not_items));
	tcase_add_test(tc, keys);
	tcase_add_loop_test(tc, by_chance, 0, 3);
	tcase_add_loop_test(tc, many_attributes, 0, 2);
	tcase_add_test(tc, new_attributes_among_known_ones);
	tcase_add_test(tc, one_attribute_many_times);
	suite_add_tcase(suite, tc);
	return suite;
}

CHECK_MAIN(make_suite)
