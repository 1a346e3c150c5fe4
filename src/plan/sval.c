/*
 * How each kind of value stands as text, as a number, inside JSON, as bytes. The one place that
 * knows; see sections 3, 5 and 6 of the contract's rules.
 *
 * TIMESTAMP values are made UTC through UNIX_TIMESTAMP, which reads the stored instant whatever
 * the session's time zone; DATE_FORMAT on the column would show the session's wall clock.
 */
#include "plan/plan_priv.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* TO_SECONDS('1970-01-01') */
#define EPOCH_SECONDS "62167219200"

bool sval_is_temporal(int kind)
{
	return kind == COL_DATE || kind == COL_DATETIME || kind == COL_TIMESTAMP;
}

bool sval_is_number(int kind)
{
	return kind == COL_INT || kind == COL_DECIMAL || kind == COL_FLOAT || kind == COL_DOUBLE ||
	       kind == COL_BIT || kind == COL_YEAR;
}

struct sval sval_make(const char *sql, int kind)
{
	return (struct sval){ .sql = sql, .kind = kind, .nullable = true };
}

struct sval sval_null(void)
{
	return sval_make("NULL", SVAL_NULL);
}

struct sval sval_of_column(struct plan_ctx *p, const char *alias, const struct cat_column *col,
			   bool nullable)
{
	struct sval v = {
		.sql = P("%s.%s", alias, sql_ident(p->arena, str_of(col->name))),
		.kind = (int)col->kind, .fsp = col->fsp, .zerofill = col->zerofill,
		.nullable = nullable || col->nullable, .column = col,
		.charset = col->charset, .collation = col->collation,
		.may_be_zero = sval_is_temporal((int)col->kind),
	};
	if (!strcmp(col->data_type, "vector"))	/* MySQL's text functions do not take it as it is */
		v.sql = P("CAST(%s AS BINARY)", v.sql);
	return v;
}

struct sval sval_text(struct plan_ctx *p, struct str text)
{
	struct sval v = sval_make(sql_text(p->arena, text), COL_TEXT);
	struct key_part *part = arena_alloc(p->arena, sizeof(*part));

	part->literal = (struct str){ arena_strndup(p->arena, text.ptr, text.len), text.len };
	v.parts = part;
	v.nparts = 1;
	v.nullable = false;
	v.literal = true;
	v.charset = "utf8mb4";
	return v;
}

const char *sval_close(struct plan_ctx *p, struct sval v)
{
	return v.tail ? P("(SELECT %s %s)", v.sql, v.tail) : v.sql;
}

/*
 * The shortest decimal text that reads back as the same FLOAT. The server's own text has at most
 * six digits, which is too few for many values and, below the smallest normal number, too many:
 * so texts of 1 to 9 digits are tried, made from the exact value as a double, until one reads
 * back. Written as the server writes a double.
 */
static const char *float_text(struct plan_ctx *p, const char *f)
{
	struct buf b = { 0 };
	const char *d = P("(%s + 0e0)", f);
	const char *e = P("FLOOR(LOG10(ABS(%s)))", d);

	buf_addf(&b, "(CASE WHEN %s IS NULL THEN NULL WHEN %s = 0 THEN CAST(%s * 1e0 AS CHAR)", f, f, f);
	for (int digits = 1; digits <= 9; digits++) {
		const char *t = P("CAST(CONCAT(ROUND(%s / POW(10, %s), %d), 'e', %s) AS DOUBLE)", d,
				  e, digits - 1, e);
		/* rounded up, the largest FLOAT is past what a FLOAT can hold */
		const char *back = P("CAST(LEAST(GREATEST(%s, -3.4028234663852886e38), "
				     "3.4028234663852886e38) AS FLOAT)", t);
		if (digits == 9)
			buf_addf(&b, " ELSE CAST(%s AS CHAR) END)", t);
		else if (digits < 6)
			buf_addf(&b, " WHEN ABS(%s) < 1.2e-38 AND %s = %s THEN CAST(%s AS CHAR)", d,
				 back, f, t);
		else
			buf_addf(&b, " WHEN %s = %s THEN CAST(%s AS CHAR)", back, f, t);
	}
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

/*
 * The shortest text of a DOUBLE. Both servers take 22 characters for enough, and cut longer texts
 * (-1.2345678901234567e-100) wherever a value goes through a temporary table; so the length is said.
 * A declared number of decimals shows in the text of the column and of what is calculated from it.
 * MySQL writes a calculated DOUBLE with fewer digits where it has more than 22 characters, except in
 * JSON, where a whole number has ".0".
 */
static const char *double_text(struct plan_ctx *p, struct sval v)
{
	bool plain = v.column && !v.zerofill && !strchr(v.column->column_type, '(');

	if (v.literal)
		return v.sql;
	if (plain || p->mariadb)
		return P("CAST(%s%s AS CHAR(40))", v.sql, plain ? "" : " + 0e0");
	return P("(CASE WHEN %s IS NULL THEN NULL ELSE TRIM(TRAILING '.0' FROM TRIM(TRAILING ']' FROM "
		 "TRIM(LEADING '[' FROM CAST(JSON_ARRAY(%s + 0e0) AS CHAR(40))))) END)", v.sql, v.sql);
}

static const char *date_format(struct plan_ctx *p, const char *x, char sep, unsigned digits,
			       const char *zone)
{
	if (digits == FSP_OF_VALUE)
		return P("(CASE WHEN MICROSECOND(%s) = 0 THEN %s ELSE %s END)", x,
			 date_format(p, x, sep, 0, zone), date_format(p, x, sep, 6, zone));
	if (!digits)
		return P("DATE_FORMAT(%s, '%%Y-%%m-%%d%c%%H:%%i:%%s%s')", x, sep, zone);
	const char *s = P("LEFT(DATE_FORMAT(%s, '%%Y-%%m-%%d%c%%H:%%i:%%s.%%f'), %u)", x, sep,
			  20 + digits);
	return *zone ? P("CONCAT(%s, '%s')", s, zone) : s;
}

/* The text of a DATETIME expression 'x' that is no zero date. */
static const char *datetime_text(struct plan_ctx *p, const char *x, unsigned fsp, bool instant)
{
	switch (p->dates) {
	case DT_ISO8601:
		return date_format(p, x, 'T', fsp, instant ? "Z" : "");
	case DT_ISO8601_MS:
		return date_format(p, x, 'T', 3, "Z");
	case DT_MYSQL:
		return date_format(p, x, ' ', fsp, "");
	case DT_EPOCH:
		return P("(TO_SECONDS(%s) - " EPOCH_SECONDS ")", x);
	default:
		return P("((TO_SECONDS(%s) - " EPOCH_SECONDS ") * 1000 + MICROSECOND(%s) DIV 1000)",
			 x, x);
	}
}

/* Guards 'text' of the temporal value 'v' by the policy for zero dates. A number of one that is
 * kept there is not: its text makes the row a reject. */
static const char *guard_zero(struct plan_ctx *p, struct sval v, const char *text, bool number)
{
	const char *zero;

	if (!v.may_be_zero)
		return text;
	switch (p->zeros) {
	case ZERO_NULL:
		zero = "NULL";
		break;
	case ZERO_REJECT:
		zero = SQL_ZERO_DATE_MARK;
		break;
	default:
		if (!number && v.kind == COL_DATE)
			return text;
		if (!number && v.kind == COL_DATETIME && p->dates < DT_EPOCH)
			return text;
		if (number)
			zero = P("CAST(%s AS CHAR)", v.sql);
		else if (v.kind == COL_TIMESTAMP && p->dates == DT_ISO8601)
			zero = P("'0000-00-00T00:00:00%s%.*sZ'", v.fsp ? "." : "", (int)v.fsp,
				 "000000");
		else if (v.kind == COL_TIMESTAMP && p->dates == DT_ISO8601_MS)
			zero = "'0000-00-00T00:00:00.000Z'";
		else
			zero = P("CAST(%s AS CHAR)", v.sql);
	}
	return P("(CASE WHEN MONTH(%s) = 0 OR DAYOFMONTH(%s) = 0 THEN %s ELSE %s END)", v.sql, v.sql,
		 zero, text);
}

/* A TIMESTAMP as a DATETIME in UTC; zero becomes NULL. */
static const char *utc_sql(struct plan_ctx *p, const char *ts)
{
	return P("(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL NULLIF(UNIX_TIMESTAMP(%s), 0) SECOND)",
		 ts);
}

struct sval sval_as_utc(struct plan_ctx *p, struct sval v)
{
	if (v.kind != COL_TIMESTAMP || v.utc)
		return v;
	v.sql = utc_sql(p, v.sql);
	v.utc = true;
	v.may_be_zero = false;
	v.column = NULL;
	return v;
}

static const char *temporal_text(struct plan_ctx *p, struct sval v)
{
	if (v.kind == COL_DATE)
		return guard_zero(p, v, v.may_be_zero && p->zeros != ZERO_KEEP ?
				  P("CAST(%s AS CHAR)", v.sql) : v.sql, false);
	if (v.kind == COL_DATETIME)
		return guard_zero(p, v, datetime_text(p, v.sql, v.fsp, false), false);
	if (v.utc)
		return datetime_text(p, v.sql, v.fsp, true);
	const char *text;
	if (p->dates == DT_EPOCH)
		text = P("FLOOR(NULLIF(UNIX_TIMESTAMP(%s), 0))", v.sql);
	else if (p->dates == DT_EPOCH_MS)
		text = P("FLOOR(NULLIF(UNIX_TIMESTAMP(%s), 0) * 1000)", v.sql);
	else
		text = datetime_text(p, utc_sql(p, v.sql), v.fsp, true);
	/* utc_sql already makes a zero NULL */
	return p->zeros == ZERO_NULL ? text : guard_zero(p, v, text, false);
}

/* Two characters of some character sets (cp932, big5, ...) are one in Unicode. */
static bool charset_is_injective(const char *charset)
{
	static const char *const known[] = { "ascii", "latin1", "ucs2", "utf16", "utf16le", "utf32" };

	for (size_t i = 0; charset && i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(charset, known[i]))
			return true;
	return !charset || !strncmp(charset, "utf8", 4);
}

/* Does the text form tell two values apart that differ? */
static bool text_is_injective(const struct plan_ctx *p, const struct sval *v)
{
	switch (v->kind) {
	case COL_INT: case COL_DECIMAL: case COL_YEAR: case COL_BIT: case COL_DATE: case COL_TIME:
	case COL_BINARY: case COL_ENUM:
		return true;
	case COL_TEXT:
		return charset_is_injective(v->charset);
	case COL_DATETIME: case COL_TIMESTAMP:
		return p->dates == DT_ISO8601 || p->dates == DT_MYSQL ||
		       (p->dates == DT_EPOCH ? v->fsp == 0 : v->fsp <= 3);
	default:
		return false;
	}
}

/* MariaDB writes MULTIPOINT(1 2,3 4), where the standard and MySQL have each point in parentheses:
 * after "MULTIPOINT(", and after a comma where the match before ended, what holds none is a point. */
const char *spatial_text(struct plan_ctx *p, struct sval v)
{
	const char *type = v.column ? v.column->data_type : "geometry";

	if (!p->mariadb || (strcmp(type, "geometry") && strcmp(type, "multipoint") &&
			    strcmp(type, "geometrycollection")))
		return P("ST_AsText(%s)", v.sql);
	return P("REGEXP_REPLACE(ST_AsText(%s), '(?:MULTIPOINT[(]|\\\\G(?!^),)\\\\K([^(),]+)', "
		 "'(\\\\1)')", v.sql);
}

struct sval sval_as_text(struct plan_ctx *p, struct sval v)
{
	struct sval out = v;

	out.small = !sval_is_large(&v);
	out.column = NULL;
	out.kind = COL_TEXT;
	out.charset = "utf8mb4";
	out.collation = NULL;
	out.zerofill = out.utc = out.may_be_zero = false;
	switch (v.kind) {
	case COL_INT: case COL_DECIMAL:
		if (v.zerofill)
			out.sql = P("(%s + 0)", v.sql);
		break;
	case COL_BIT: case COL_YEAR:
		out.sql = P("(%s + 0)", v.sql);
		break;
	case COL_FLOAT:
		out.sql = float_text(p, v.sql);
		break;
	case COL_DOUBLE:
		out.sql = double_text(p, v);
		break;
	case COL_DATE: case COL_DATETIME: case COL_TIMESTAMP:
		out.sql = temporal_text(p, v);
		break;
	case COL_TEXT: case COL_ENUM: case COL_SET:
		if (v.charset && strncmp(v.charset, "utf8", 4) && strcmp(v.charset, "ascii"))
			out.sql = P("CONVERT(%s USING utf8mb4)", v.sql);
		else
			out.charset = v.charset;
		out.collation = v.kind == COL_TEXT ? v.collation : NULL;
		break;
	case COL_BINARY:
		out.kind = COL_BINARY;
		break;
	case COL_JSON:
		if (!p->mariadb && !v.constructed)
			out.sql = P("CAST(%s AS CHAR)", v.sql);
		break;
	case COL_SPATIAL:
		out.sql = spatial_text(p, v);
		break;
	default:
		break;
	}
	if (!text_is_injective(p, &v))
		out.parts = NULL, out.nparts = 0;
	return out;
}

bool sval_is_long(const struct sval *v)
{
	if ((v->kind != COL_TEXT && v->kind != COL_BINARY) || v->literal)
		return false;
	return !v->column || !strncmp(v->column->data_type, "long", 4) ||
	       !strncmp(v->column->data_type, "medium", 6);
}

bool sval_is_large(const struct sval *v)
{
	return !v->small && (sval_is_long(v) || v->kind == COL_JSON || v->kind == COL_SPATIAL);
}

struct sval sval_capped(struct plan_ctx *p, struct sval v)
{
	if (v.column && sval_is_long(&v))
		v.sql = P("LEFT(%s, %d)", v.sql, ITEM_MAX_BYTES + 1);
	return v;
}

const char *sval_text_sql(struct plan_ctx *p, struct sval v)
{
	return sval_close(p, sval_as_text(p, v));
}

struct sval sval_as_number(struct plan_ctx *p, struct sval v)
{
	struct sval out = v;

	out.column = NULL;
	out.parts = v.kind == COL_INT || v.kind == COL_DECIMAL ? v.parts : NULL;
	out.nparts = out.parts ? v.nparts : 0;
	switch (v.kind) {
	case COL_BIT: case COL_YEAR:
		out.sql = P("(%s + 0)", v.sql);
		break;
	case COL_FLOAT:
		out.sql = float_text(p, v.sql);
		break;
	case COL_DOUBLE:
		out.sql = double_text(p, v);
		break;
	case COL_DATE:
		out.sql = guard_zero(p, v, P("(TO_SECONDS(%s) - " EPOCH_SECONDS ")", v.sql), true);
		break;
	case COL_DATETIME:
		out.sql = P("(TO_SECONDS(%s) - " EPOCH_SECONDS "%s)", v.sql,
			    v.fsp ? P(" + MICROSECOND(%s) * 0.000001", v.sql) : "");
		out.sql = guard_zero(p, v, out.sql, true);
		break;
	case COL_TIMESTAMP:
		if (v.utc) {
			out.sql = P("(TO_SECONDS(%s) - " EPOCH_SECONDS "%s)", v.sql,
				    v.fsp ? P(" + MICROSECOND(%s) * 0.000001", v.sql) : "");
			break;
		}
		out.sql = P("NULLIF(UNIX_TIMESTAMP(%s), 0)", v.sql);
		if (p->zeros != ZERO_NULL)
			out.sql = guard_zero(p, v, out.sql, true);
		break;
	case COL_TEXT: case COL_ENUM: case COL_SET:
		out = sval_as_text(p, v);
		out.parts = NULL;		/* '1' and '1.0' are one number */
		out.nparts = 0;
		break;
	default:
		if (v.zerofill)
			out.sql = P("(%s + 0)", v.sql);
		break;
	}
	out.kind = v.kind == COL_INT ? COL_INT : v.kind == COL_TEXT ? COL_TEXT : COL_DECIMAL;
	out.zerofill = out.may_be_zero = false;
	return out;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = s ? strlen(s) : 0, k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

struct sval sval_as_part(struct plan_ctx *p, struct sval v)
{
	struct sval text = sval_as_text(p, v);

	if (text.kind != COL_TEXT || text.literal || !text.charset)
		return text;
	if (!strcmp(text.charset, "utf8") || !strcmp(text.charset, "utf8mb3") ||
	    ends_with(v.collation, "_bin"))
		text.sql = P("CONVERT(%s USING utf8mb4)", text.sql);
	text.charset = "utf8mb4";
	text.collation = NULL;
	return text;
}

struct sval sval_as_utf8(struct plan_ctx *p, struct sval v)
{
	struct sval text = sval_as_text(p, v);

	if (text.kind == COL_TEXT && !text.charset) {
		text.sql = P("IF(CHARSET(%s) = 'binary', %s, CONVERT(%s USING utf8mb4))", text.sql,
			     text.sql, text.sql);
		text.charset = "utf8mb4";
	}
	return text;
}

struct sval sval_as_bytes(struct plan_ctx *p, struct sval v)
{
	bool text = v.kind == COL_TEXT || v.kind == COL_ENUM || v.kind == COL_SET;

	if (v.kind == COL_BIT && v.column)	/* MariaDB has a number anywhere but in the bare column */
		v.sql = P("UNHEX(LPAD(HEX(%s + 0), %u, '0'))", v.sql,
			  (v.column->precision + 7) / 8 * 2);
	else if (text && v.column)		/* in the column's charset */
		v.sql = P("CAST(%s AS BINARY)", v.sql);
	else if (v.kind != COL_BINARY && v.kind != COL_BIT && v.kind != COL_SPATIAL &&
		 v.kind != SVAL_NULL)
		v.sql = P("CAST(%s AS BINARY)", sval_as_utf8(p, v).sql);
	if (v.kind != SVAL_NULL)
		v.kind = COL_BINARY;
	v.column = NULL;
	return v;
}

const char *sval_as_type(struct plan_ctx *p, struct sval v, enum attr_type type)
{

	switch (type) {
	case ATTR_N:
		return sval_close(p, sval_as_number(p, v));
	case ATTR_B:
		if (v.kind == COL_BIT && !v.tail)
			return v.sql;
		return sval_close(p, sval_as_bytes(p, v));
	case ATTR_BOOL:
		if (v.kind == COL_DECIMAL || v.kind == COL_FLOAT || v.kind == COL_DOUBLE)
			v.sql = P("(CASE WHEN %s = 0 THEN '0' WHEN %s = 1 THEN '1' ELSE %s END)",
				  v.sql, v.sql, v.sql);
		else
			v = sval_as_text(p, v);
		return sval_close(p, v);
	case ATTR_NULL:
		return "NULL";
	default:
		return sval_text_sql(p, v);
	}
}

/* The kind of SQL's own IF, COALESCE and CASE over two kinds. */
static int common_kind(int a, int b)
{
	if (a == b || b == SVAL_NULL)
		return a;
	if (a == SVAL_NULL)
		return b;
	if (sval_is_number(a) && sval_is_number(b))
		return a == COL_FLOAT || a == COL_DOUBLE || b == COL_FLOAT || b == COL_DOUBLE ?
		       COL_DOUBLE : COL_DECIMAL;
	return COL_TEXT;
}

int sval_unify(struct plan_ctx *p, struct sval *all, size_t n, enum attr_type type)
{
	int kind = SVAL_NULL;
	unsigned fsp = 0;
	bool utc = true, same = true, binary = false;

	if (type == ATTR_B) {
		for (size_t i = 0; i < n; i++)
			all[i] = sval_as_bytes(p, all[i]);
		return COL_BINARY;
	}
	settle_bits(p, all, n);
	for (size_t i = 0; i < n; i++) {
		same &= kind == SVAL_NULL || all[i].kind == SVAL_NULL || kind == all[i].kind;
		kind = common_kind(kind, all[i].kind);
		if (all[i].fsp > fsp)
			fsp = all[i].fsp;
		utc &= all[i].utc || all[i].kind == SVAL_NULL;
		binary |= all[i].kind == COL_BINARY;
	}
	/* one scale for all would bend the text of each, and the servers do not agree on it */
	if (kind == COL_DECIMAL && n > 1)
		same = false;
	if (kind == COL_FLOAT || (kind == COL_TIMESTAMP && !utc) || (kind == COL_DOUBLE && !same) ||
	    (sval_is_temporal(kind) && !same) || kind == COL_JSON || kind == COL_SPATIAL)
		same = false;
	if (same || kind == COL_BINARY) {
		for (size_t i = 0; i < n; i++) {
			if (kind == COL_TEXT && n > 1)
				all[i] = sval_as_part(p, all[i]);
			all[i].fsp = fsp;
			if (all[i].zerofill)	/* MySQL's CASE fills up with zeros too */
				all[i].sql = P("(%s + 0)", all[i].sql);
			all[i].zerofill = false;
		}
		return kind;
	}
	/* Each branch in the form that the attribute's type wants, so that none is bent by SQL's
	 * own conversion of the others. */
	for (size_t i = 0; i < n; i++) {
		if (type == ATTR_N && (sval_is_number(all[i].kind) || sval_is_temporal(all[i].kind)))
			all[i] = sval_as_number(p, all[i]);
		else if (type == ATTR_BOOL && all[i].kind != SVAL_NULL)
			all[i] = sval_make(sval_as_type(p, all[i], type), COL_TEXT);
		else if (all[i].kind != SVAL_NULL)
			all[i] = sval_as_text(p, all[i]);
		if (all[i].kind != COL_TEXT && all[i].kind != SVAL_NULL && all[i].kind != COL_BINARY)
			all[i].sql = P("CAST(%s AS CHAR)", all[i].sql);
		else if (all[i].kind == COL_TEXT && !all[i].literal)
			all[i].sql = P("CAST(%s AS CHAR)", all[i].sql);
	}
	return binary ? COL_BINARY : COL_TEXT;
}
