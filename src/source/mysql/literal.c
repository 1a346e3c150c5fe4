#include "source/mysql/mysql_priv.h"

#include <stdlib.h>

void sql_add_ident(struct buf *sql, const char *name)
{
	buf_addc(sql, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_addc(sql, '`');
		buf_addc(sql, *name);
	}
	buf_addc(sql, '`');
}

void sql_add_text(struct buf *sql, struct str text)
{
	buf_adds(sql, "_utf8mb4 x'");
	buf_add_hex(sql, text.ptr, text.len);
	buf_addc(sql, '\'');
}

/*
 * ENUM and SET sort by their number but compare with a string by their label, and both ways of
 * comparing them with a number lose the index on one server or the other; FLOAT and DOUBLE are
 * compared after roundings that differ between index and filter. Ranges are not made of them.
 */
bool sql_rangeable(const struct cat_column *c)
{
	switch (c->kind) {
	case COL_INT:
	case COL_DECIMAL:
	case COL_BIT:
	case COL_YEAR:
	case COL_DATE:
	case COL_TIME:
	case COL_DATETIME:
	case COL_TIMESTAMP:
	case COL_TEXT:
	case COL_BINARY:
		return true;
	case COL_JSON:	/* MariaDB's is text, MySQL's cannot be a key */
		return c->charset && c->collation;
	case COL_FLOAT:
	case COL_DOUBLE:
	case COL_ENUM:
	case COL_SET:
	case COL_SPATIAL:
		return false;
	}
	return false;
}

size_t sql_range_columns(const struct cat_table *t)
{
	size_t n = 0;

	if (t->is_view || !t->primary || t->primary->prefixed)
		return 0;
	while (n < t->primary->ncolumns && sql_rangeable(t->primary->columns[n]))
		n++;
	return n;
}

/* [-]digits[.digits], the form of the server's own INT, DECIMAL and YEAR values. */
static bool is_plain_number(struct str v)
{
	size_t i = 0, digits = 0, points = 0;

	if (v.len && v.ptr[0] == '-')
		i++;
	for (; i < v.len; i++) {
		if (v.ptr[i] >= '0' && v.ptr[i] <= '9')
			digits++;
		else if (v.ptr[i] == '.' && digits && !points)
			points++;
		else
			return false;
	}
	return digits > 0 && v.ptr[v.len - 1] != '.';
}

/* Only 'alphabet' and not empty: can stand between quotes as it is. */
static bool is_made_of(struct str v, const char *alphabet)
{
	size_t i;

	for (i = 0; i < v.len; i++)
		if (!v.ptr[i] || !strchr(alphabet, v.ptr[i]))
			return false;
	return v.len > 0;
}

static bool add_quoted(struct buf *sql, struct str v, const char *alphabet)
{
	if (!is_made_of(v, alphabet))
		return false;
	buf_addc(sql, '\'');
	buf_addstr(sql, v);
	buf_addc(sql, '\'');
	return true;
}

/* BIT comes as bytes, the highest first. */
static bool add_bit(struct buf *sql, struct str v)
{
	unsigned long long n = 0;
	size_t i;

	if (v.len == 0 || v.len > 8)
		return false;
	for (i = 0; i < v.len; i++)
		n = n << 8 | (unsigned char)v.ptr[i];
	buf_addf(sql, "%llu", n);
	return true;
}

/*
 * The text came in utf8mb4 and goes back into the column's character set, with the column's
 * collation said outright: so the comparison is the column's own and the index can answer it.
 * Should a character set hold one character twice, the bound may be the other one; ranges stay
 * exact all the same, since the same literal ends one and begins the next.
 */
static void add_text_key(struct buf *sql, const struct cat_column *c, struct str v)
{
	bool convert = strcmp(c->charset, "utf8mb4") != 0;

	if (convert)
		buf_adds(sql, "CONVERT(");
	sql_add_text(sql, v);
	if (convert)
		buf_addf(sql, " USING %s)", c->charset);
	buf_addf(sql, " COLLATE %s", c->collation);
}

bool sql_add_key_literal(struct buf *sql, const struct cat_column *c, struct str v)
{
	switch (c->kind) {
	case COL_INT:
	case COL_DECIMAL:
	case COL_YEAR:
		if (!is_plain_number(v))
			return false;
		buf_addstr(sql, v);
		return true;
	case COL_BIT:
		return add_bit(sql, v);
	case COL_DATE:
	case COL_TIME:
	case COL_DATETIME:
	case COL_TIMESTAMP:
		return add_quoted(sql, v, "0123456789-: .");
	case COL_TEXT:
	case COL_JSON:
		if (!c->charset || !c->collation)	/* UUID, INET4, INET6 */
			return add_quoted(sql, v, "0123456789abcdefABCDEF-:.");
		add_text_key(sql, c, v);
		return true;
	case COL_BINARY:
		buf_adds(sql, "x'");
		buf_add_hex(sql, v.ptr, v.len);
		buf_addc(sql, '\'');
		return true;
	case COL_FLOAT:
	case COL_DOUBLE:
	case COL_ENUM:
	case COL_SET:
	case COL_SPATIAL:
		return false;
	}
	return false;
}

/* A column's name in a FROM clause; 'alias' is that of its table, or NULL. */
static void add_name(struct buf *sql, const char *alias, const char *name)
{
	if (alias)
		buf_addf(sql, "%s.", alias);
	sql_add_ident(sql, name);
}

static bool add_cmp(struct buf *sql, const struct cat_column *c, const char *alias,
		    const char *name, const char *op, struct str v)
{
	add_name(sql, alias, name);
	buf_addf(sql, " %s ", op);
	return sql_add_key_literal(sql, c, v);
}

/*
 * (a, b) > (x, y) as "a >= x AND (a > x OR (a = x AND b > y))": the first term is for the range
 * optimizer, which sees no range in a row comparison.
 */
static bool add_side(struct buf *sql, const struct cat_key *key, const char *alias,
		     const char *const *names, const struct str *v, size_t n, bool low)
{
	const char *strict = low ? ">" : "<", *wide = low ? ">=" : "<=";
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		if (!add_cmp(sql, key->columns[i], alias, names[i], wide, v[i]))
			return false;
		buf_adds(sql, " AND (");
		if (!add_cmp(sql, key->columns[i], alias, names[i], strict, v[i]))
			return false;
		buf_adds(sql, " OR (");
		if (!add_cmp(sql, key->columns[i], alias, names[i], "=", v[i]))
			return false;
		buf_adds(sql, " AND ");
	}
	if (!add_cmp(sql, key->columns[i], alias, names[i], low ? strict : wide, v[i]))
		return false;
	for (i = 0; i + 1 < n; i++)
		buf_adds(sql, "))");
	return true;
}

bool sql_add_range(struct buf *sql, const struct cat_table *t, const char *alias,
		   const char *const *names, struct str low, struct str high)
{
	const struct str sides[2] = { low, high };
	size_t max = sql_range_columns(t), i;
	struct str *values;
	bool ok = true, any = false;
	int n;

	if (!low.ptr && !high.ptr) {
		buf_addc(sql, '1');
		return true;
	}
	values = mem_array(max ? max : 1, sizeof(*values));
	for (i = 0; ok && i < 2; i++) {
		if (!sides[i].ptr)
			continue;
		n = unit_unpack_pk(sides[i], values, max);
		if (n < 1) {
			ok = false;
			break;
		}
		buf_adds(sql, any ? " AND (" : "(");
		any = true;
		ok = add_side(sql, t->primary, alias, names, values, (size_t)n, i == 0);
		buf_addc(sql, ')');
	}
	free(values);
	return ok;
}

/* [-]digits[.digits][e[+-]digits], with an exponent in any case: so the server reads a DOUBLE. */
static bool add_double(struct buf *sql, struct str v)
{
	const char *e = v.len ? memchr(v.ptr, 'e', v.len) : NULL;
	struct str mantissa = { v.ptr, e ? (size_t)(e - v.ptr) : v.len };
	struct str exponent = { e ? e + 1 : "0", e ? (size_t)(v.ptr + v.len - e) - 1 : 1 };

	if (exponent.len && *exponent.ptr == '+') {
		exponent.ptr++;
		exponent.len--;
	}
	if (!is_plain_number(mantissa) || !is_plain_number(exponent) ||
	    memchr(exponent.ptr, '.', exponent.len))
		return false;
	buf_addstr(sql, mantissa);
	buf_addc(sql, 'e');
	buf_addstr(sql, exponent);
	return true;
}

static bool add_equal_literal(struct buf *sql, const struct cat_column *c, struct str v)
{
	switch (c->kind) {
	case COL_DOUBLE:
		return add_double(sql, v);
	case COL_ENUM:
	case COL_SET:
		sql_add_text(sql, v);
		return true;
	case COL_FLOAT:
	case COL_SPATIAL:
		return false;
	default:
		return sql_add_key_literal(sql, c, v);
	}
}

bool sql_add_row(struct buf *sql, const struct cat_table *t, const char *alias,
		 const char *const *names, struct str pk)
{
	size_t n = t->primary ? t->primary->ncolumns : 0, i;
	struct str *values = mem_array(n ? n : 1, sizeof(*values));
	bool ok = n > 0 && unit_unpack_pk(pk, values, n) == (int)n;

	buf_addc(sql, '(');
	for (i = 0; i < n && ok; i++) {
		if (i)
			buf_adds(sql, " AND ");
		add_name(sql, alias, names[i]);
		buf_adds(sql, " = ");
		ok = add_equal_literal(sql, t->primary->columns[i], values[i]);
	}
	buf_addc(sql, ')');
	free(values);
	return ok;
}

/* The server writes labels with '' for a quote and backslash escapes for \ NUL and line ends. */
static char unescape(char c)
{
	switch (c) {
	case '0': return '\0';
	case 'n': return '\n';
	case 'r': return '\r';
	default: return c;
	}
}

const char *const *sql_parse_labels(struct arena *arena, const char *column_type)
{
	const char *p = strchr(column_type, '(');
	const char **labels;
	size_t n = 0, max = 1, i;
	struct buf label = { 0 };

	for (i = 0; column_type[i]; i++)
		max += column_type[i] == '\'';
	labels = arena_alloc(arena, max * sizeof(*labels));
	while (p && *p && (p = strchr(p, '\'')) != NULL) {
		buf_reset(&label);
		for (p++; *p; p++) {
			if (*p == '\'' && *++p != '\'')
				break;
			if (*p == '\\' && p[1])
				buf_addc(&label, unescape(*++p));
			else
				buf_addc(&label, *p);
		}
		labels[n++] = arena_strndup(arena, buf_cstr(&label), label.len);
	}
	labels[n] = NULL;
	buf_release(&label);
	return labels;
}

unsigned sql_parse_version(const char *text)
{
	unsigned long part[3] = { 0 };
	char *end;
	int i;

	for (i = 0; i < 3; i++) {
		part[i] = strtoul(text, &end, 10);
		if (end == text || part[i] > 99999)
			return 0;
		text = end + 1;
		if (*end != '.')
			break;
	}
	return (unsigned)(part[0] * 10000 + part[1] * 100 + part[2]);
}
