#include "check_main.h"
#include "contract/expr.h"

/* A tree as one line: (op arg arg). */
static void dump(struct buf *b, const struct expr *e)
{
	if (!e) {
		buf_adds(b, "(null)");
		return;
	}
	switch (e->kind) {
	case EXPR_COLUMN:
		if (e->qualifier.ptr) {
			buf_addstr(b, e->qualifier);
			buf_addc(b, '|');
		}
		buf_addstr(b, e->name);
		return;
	case EXPR_STRING:
		buf_add_json(b, e->text);
		return;
	case EXPR_NUMBER:
		buf_addstr(b, e->text);
		return;
	case EXPR_HEX:
		buf_adds(b, e->op ? "0x:" : "x:");
		buf_add_hex(b, e->text.ptr, e->text.len);
		return;
	case EXPR_NULL: buf_adds(b, "NULL"); return;
	case EXPR_TRUE: buf_adds(b, "TRUE"); return;
	case EXPR_FALSE: buf_adds(b, "FALSE"); return;
	case EXPR_UNIT: buf_addf(b, "unit:%s", e->op); return;
	default: break;
	}
	buf_addf(b, "(%s%s", e->kind == EXPR_CAST ? "CAST:" : e->kind == EXPR_CONVERT ? "USING:" :
		 e->kind == EXPR_INTERVAL ? "INTERVAL:" : e->kind == EXPR_COLLATE ? "COLLATE:" :
		 e->kind == EXPR_EXTRACT ? "EXTRACT:" : e->kind == EXPR_TRIM ? "TRIM:" : "",
		 e->op ? e->op : "");
	if (e->text.ptr) {
		buf_addc(b, ':');
		buf_addstr(b, e->text);
	}
	if (e->star)
		buf_adds(b, " *");
	if (e->has_base)
		buf_adds(b, " base");
	if (e->has_else)
		buf_adds(b, " else");
	for (size_t i = 0; i < e->nargs; i++) {
		buf_addc(b, ' ');
		dump(b, e->args[i]);
	}
	buf_addc(b, ')');
}

static const struct { const char *text, *tree; } trees[] = {
	{ "a", "a" },
	{ " a . b ", "a|b" },
	{ "`order`.`unit price`", "order|unit price" },
	{ "`a``b`", "a`b" },
	{ "naïve", "naïve" },
	{ "t.order", "t|order" },
	{ "2fa", "2fa" },
	{ "12.50", "12.50" },
	{ ".5e-3", ".5e-3" },
	{ "'it''s'", "\"it's\"" },
	{ "\"it's\"", "\"it's\"" },
	{ "'a\\n\\\\b\\%'", "\"a\\n\\\\b\\\\%\"" },
	{ "x'4142'", "x:4142" },
	{ "0x4F", "0x:4f" },
	{ "a = b'101'", "(= a 0x:05)" },
	{ "0b100000001", "0x:0101" },
	{ "0b2", "0b2" },
	{ "t.2fa", "t|2fa" },
	{ "`t`.2fa = .5", "(= t|2fa .5)" },
	{ "end > any", "(> end any)" },
	{ "t < current_date", "(< t (CURRENT_DATE))" },
	{ "a = b AND c <> 1 OR NOT d", "(OR (AND (= a b) (<> c 1)) (NOT d))" },
	{ "a && b || c", "(OR (AND a b) c)" },
	{ "a != b", "(<> a b)" },
	{ "1 + 2 * 3 - -4", "(- (+ 1 (* 2 3)) (- 4))" },
	{ "(1 + 2) * 3", "(* (+ 1 2) 3)" },
	{ "a % 2", "(MOD a 2)" },
	{ "a IS NOT NULL", "(IS NOT:NULL a)" },
	{ "a IS TRUE", "(IS:TRUE a)" },
	{ "a NOT IN (1, 'x')", "(NOT IN a 1 \"x\")" },
	{ "a BETWEEN 1 AND 2 AND b", "(AND (BETWEEN a 1 2) b)" },
	{ "a NOT LIKE 'x%' ESCAPE '!'", "(NOT LIKE a \"x%\" \"!\")" },
	{ "a regexp '^x'", "(REGEXP a \"^x\")" },
	{ "CASE WHEN a THEN 1 ELSE 2 END", "(CASE else a 1 2)" },
	{ "case a when 1 then 'x' end", "(CASE base a 1 \"x\")" },
	{ "concat(a, 'b', lower(c))", "(CONCAT a \"b\" (LOWER c))" },
	{ "COUNT(*)", "(COUNT *)" },
	{ "CAST(a AS DECIMAL(10,2))", "(CAST:DECIMAL(10,2) a)" },
	{ "CONVERT(a USING utf8mb4)", "(USING:UTF8MB4 a)" },
	{ "a + INTERVAL 1 DAY", "(+ a (INTERVAL:DAY 1))" },
	{ "DATE_ADD(a, INTERVAL b HOUR)", "(DATE_ADD a (INTERVAL:HOUR b))" },
	{ "TIMESTAMPDIFF(SECOND, a, b)", "(TIMESTAMPDIFF unit:SECOND a b)" },
	{ "EXTRACT(YEAR FROM a)", "(EXTRACT:YEAR a)" },
	{ "TRIM(LEADING '0' FROM a)", "(TRIM:LEADING a \"0\")" },
	{ "TRIM(a)", "(TRIM: a)" },
	{ "DATE '2024-01-31'", "(DATE:2024-01-31)" },
	{ "date(a)", "(DATE a)" },
	{ "date", "date" },
	{ "j->>'$.a'", "(->> j \"$.a\")" },
	{ "a COLLATE utf8mb4_bin", "(COLLATE:UTF8MB4_BIN a)" },
	{ "BINARY a = b", "(= (BINARY a) b)" },
	{ "a <=> NULL", "(<=> a NULL)" },
	{ "a--1", "(- a (- 1))" },
};

START_TEST(parses)
{
	struct arena *a = arena_new();
	struct buf got = { 0 };
	const char *why;
	struct expr *e = expr_parse(a, str_of(trees[_i].text), false, &why);

	ck_assert_msg(e != NULL, "%s: %s", trees[_i].text, why ? why : "?");
	dump(&got, e);
	ck_assert_str_eq(buf_cstr(&got), trees[_i].tree);
	buf_release(&got);
	arena_free(a);
}
END_TEST

static const struct { const char *text, *why; } refused[] = {
	{ "", "the expression ends where a value was expected" },
	{ "a = 1; DROP TABLE users", "';' at character 6: a fragment holds one expression" },
	{ "a -- x", "a comment at character 3: comments are not allowed here" },
	{ "a --", "a comment at character 3: comments are not allowed here" },
	{ "a # x", "a comment at character 3: comments are not allowed here" },
	{ "a /* x */", "a comment at character 3: comments are not allowed here" },
	{ "a /*! x */", "a comment at character 3: comments are not allowed here" },
	{ "@x", "a variable at character 1: variables are not allowed here" },
	{ "@@version", "a variable at character 1: variables are not allowed here" },
	{ "(SELECT 1)", "a subselect at character 2: subselects are not allowed here" },
	{ "EXISTS (SELECT 1)", "a subselect at character 1: subselects are not allowed here" },
	{ "a IN (SELECT 1)", "a subselect at character 7: subselects are not allowed here" },
	{ "a = 'x", "a quote ' that begins at character 5 is not closed" },
	{ "a > DATE '2024", "a quote ' that begins at character 10 is not closed" },
	{ "a NOT 'x", "'NOT' at character 3 where the end was expected" },
	{ "`a", "a quote ` that begins at character 1 is not closed" },
	{ "a b", "'b' at character 3 where the end was expected" },
	{ "a =", "the expression ends where a value was expected" },
	{ "(a", "the expression ends where ')' was expected" },
	{ "a)", "')' at character 2 where the end was expected" },
	{ "db.t.c", "'db' at character 1 names a database: only tables of the contract's own can be "
		    "named" },
	{ "db.f(1)", "a stored function at character 1: only the server's own functions can be "
		     "called" },
	{ "f(a,)", "')' at character 5 where a value was expected" },
	{ "CASE a END", "'END' at character 8 where WHEN was expected" },
	{ "b'12'", "not a bit literal at character 1" },
	{ "CAST(a AS JSON)", "'JSON' at character 11 where a type (CHAR, BINARY, SIGNED, UNSIGNED, "
			     "DECIMAL, DATE, TIME, DATETIME, DOUBLE, FLOAT) was expected" },
	{ "a + INTERVAL 1 FORTNIGHT", "'FORTNIGHT' at character 16 where a unit (SECOND, MINUTE, "
				      "HOUR, DAY, WEEK, MONTH, QUARTER, YEAR) was expected" },
	{ "x'4'", "odd number of digits in x'...' at character 1" },
	{ "a $ b", "'$' at character 3 where the end was expected" },
	{ "a := 1", "':=' at character 3 where the end was expected" },
	{ "a { b", "unexpected character at character 3" },
	{ "*", "'*' at character 1 where a value was expected" },
	{ "a, b", "',' at character 2 where the end was expected" },
};

START_TEST(refuses)
{
	struct arena *a = arena_new();
	const char *why;
	struct expr *e = expr_parse(a, str_of(refused[_i].text), false, &why);

	ck_assert_msg(e == NULL, "'%s' was taken", refused[_i].text);
	ck_assert_str_eq(why, refused[_i].why);
	arena_free(a);
}
END_TEST

START_TEST(depth_is_limited)
{
	struct arena *a = arena_new();
	struct buf b = { 0 };
	const char *why;

	for (int i = 0; i < 100000; i++)
		buf_addc(&b, _i ? '-' : '(');
	if (_i)
		buf_addc(&b, 'a');
	ck_assert_ptr_null(expr_parse(a, buf_str(&b), false, &why));
	ck_assert_ptr_nonnull(why);
	buf_release(&b);
	arena_free(a);
}
END_TEST

START_TEST(length_is_limited)
{
	static const char *const between[] = { " AND ", " = ", "->'$'", "+" };
	struct arena *a = arena_new();
	struct buf b = { 0 };
	const char *why;

	buf_addc(&b, 'a');
	for (int i = 0; i < 2001; i++)
		buf_addf(&b, "%s%s", between[_i], _i == 2 ? "" : "a");
	ck_assert_ptr_null(expr_parse(a, buf_str(&b), false, &why));
	ck_assert_str_eq(why, "more than 2000 operators in a row");
	buf_release(&b);
	arena_free(a);
}
END_TEST

START_TEST(order_lists)
{
	struct arena *a = arena_new();
	size_t n;
	const char *why;
	struct order_term *t = expr_parse_order(a, STR("a DESC, t.b asc, c + 1"), &n, &why);

	ck_assert_uint_eq(n, 3);
	ck_assert(t[0].descending);
	ck_assert(!t[1].descending);
	ck_assert(str_is(t[1].expr->qualifier, "t"));
	ck_assert_int_eq(t[2].expr->kind, EXPR_BINARY);
	ck_assert_ptr_null(expr_parse_order(a, STR("a DESC b"), &n, &why));
	ck_assert_str_eq(why, "'b' at character 8 where the end was expected");
	arena_free(a);
}
END_TEST

START_TEST(bare_star)
{
	struct arena *a = arena_new();
	const char *why;
	struct expr *e = expr_parse(a, STR(" * "), true, &why);

	ck_assert_ptr_nonnull(e);
	ck_assert(e->star);
	arena_free(a);
}
END_TEST

static Suite *expr_suite(void)
{
	Suite *s = suite_create("contract/expr");
	TCase *t = tcase_create("expr");

	tcase_add_loop_test(t, parses, 0, sizeof(trees) / sizeof(*trees));
	tcase_add_loop_test(t, refuses, 0, sizeof(refused) / sizeof(*refused));
	tcase_add_loop_test(t, depth_is_limited, 0, 2);
	tcase_add_loop_test(t, length_is_limited, 0, 4);
	tcase_add_test(t, order_lists);
	tcase_add_test(t, bare_star);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(expr_suite)
