/* Transformations: base value -> the value of the attribute, before its DynamoDB type. */
#include "plan/plan_priv.h"

#include "base/suggest.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

#define NUMBER_REGEXP "'^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$'"

static struct sval text_value(const char *sql, struct sval from)
{
	struct sval v = sval_make(sql, COL_TEXT);

	v.tail = from.tail;
	v.charset = "utf8mb4";
	return v;
}

static bool names(const struct template *t, const char *name)
{
	for (size_t i = 0; i < t->nparts; i++)
		if (t->parts[i].placeholder && str_is(t->parts[i].text, name))
			return true;
	return false;
}

bool is_placeholder(const struct entity_ctx *e, const struct attribute *a)
{
	const struct entity *ent = e->entity;
	const struct contract_table *t = e->table;
	const char *keys[2 + 2 * MAX_INDEXES] = { t->pk, t->sk };
	size_t nkeys = 2;

	if (names(&ent->pk_template, a->name) || names(&ent->sk_template, a->name))
		return true;
	for (size_t i = 0; i < ent->nattributes; i++)
		if (ent->attributes[i].transformation &&
		    names(&ent->attributes[i].transformation->tmpl, a->name))
			return true;
	for (size_t i = 0; i < t->ngsis; i++) {
		keys[nkeys++] = t->gsis[i].pk;
		keys[nkeys++] = t->gsis[i].sk;
	}
	for (size_t i = 0; i < nkeys; i++)	/* `a#b` */
		if (keys[i] && strchr(keys[i], '#') && strstr(keys[i], a->name))
			return true;
	return false;
}

static bool is_verbatim(enum attr_type type) { return type == ATTR_S || type == ATTR_B; }

static struct sval placeholder_text(struct plan_ctx *p, struct sval v, bool capped)
{
	p->may_be_cut |= sval_is_large(&v);
	return sval_as_text(p, capped ? sval_capped(p, v) : v);
}

/* The text of a placeholder: an attribute's value first, then a column of the source. */
static bool placeholder(struct entity_ctx *e, struct str name, size_t self, const char *path,
			bool capped, struct sval *out)
{
	struct plan_ctx *p = e->p;
	const struct entity *ent = e->entity;

	for (size_t i = 0; i < ent->nattributes; i++) {
		const struct attribute *a = &ent->attributes[i];
		struct attr_value *v;
		if (i == self || !str_is(name, a->name))
			continue;
		if (a->type != ATTR_S && a->type != ATTR_N && a->type != ATTR_BOOL &&
		    a->type != ATTR_NULL) {
			diag_add(p->diags, DIAG_ERROR, path,
				 "'{%s}' is an attribute of type %s, which has no text form", a->name,
				 attr_type_name(a->type));
			return false;
		}
		if (!attribute_value(e, i, &v))
			return false;
		*out = a->type == ATTR_NULL ? sval_null() :
		       placeholder_text(p, v->value, capped && !v->json_text);
		if (a->type == ATTR_N && !a->transformation && (a->join || a->calculation)) {
			/* branches of several kinds were brought to numbers: here to text */
			struct attribute as_text = *a;
			struct sval text;
			as_text.type = ATTR_S;
			if (!value_of_base(e, &as_text, &text))
				return false;
			*out = sval_as_text(p, text);
		}
		if (v->json_text)
			out->sql = P("JSON_UNQUOTE(%s)", out->sql);
		return true;
	}
	const struct cat_column *c = cat_table_column(e->source, name.ptr, name.len);
	if (c) {
		*out = placeholder_text(p, relation_column(p, &e->src, c), capped);
		return true;
	}
	const char **names = arena_alloc(p->arena, (ent->nattributes + e->source->ncolumns) *
					 sizeof(*names));
	size_t n = 0;
	for (size_t i = 0; i < ent->nattributes; i++)
		names[n++] = ent->attributes[i].name;
	for (size_t i = 0; i < e->source->ncolumns; i++)
		names[n++] = e->source->columns[i].name;
	const char *near = suggest(arena_strndup(p->arena, name.ptr, name.len), names, n);
	diag_add(p->diags, DIAG_ERROR, path, "'{%.*s}' is no attribute of the entity and no column of "
		 "table '%s'%s%s%s", (int)name.len, name.ptr, e->source->name,
		 near ? ", did you mean '{" : "", near ? near : "", near ? "}'?" : "");
	return false;
}

bool value_of_template(struct entity_ctx *e, const struct template *t, size_t self,
		       const struct sval *base, struct sval *out)
{
	struct plan_ctx *p = e->p;
	struct key_part *parts = arena_alloc(p->arena, (t->nparts * 4 + 1) * sizeof(*parts));
	size_t nparts = 0, cap = t->nparts * 4;
	struct buf b = { 0 };
	bool ok = true, known = true, binary = false, charset = true, small = true;
	bool capped = t->nparts > 1 && (self == SIZE_MAX ||
					is_verbatim(e->entity->attributes[self].type));

	if (!t->nparts) {
		*out = sval_text(p, STR(""));
		return true;
	}
	for (size_t i = 0; i < t->nparts; i++) {
		const struct template_part *part = &t->parts[i];
		struct sval v;
		if (!part->placeholder) {
			v = sval_text(p, part->text);
		} else if (!part->text.len) {
			if (!base) {
				diag_add(p->diags, DIAG_ERROR, t->path, "'{}' stands for the base "
					 "value, and there is none here");
				ok = false;
				continue;
			}
			v = placeholder_text(p, *base, capped);
		} else if (!placeholder(e, part->text, self, t->path, capped, &v)) {
			ok = false;
			continue;
		}
		if (t->nparts > 1)
			v = sval_as_part(p, v);
		binary |= v.kind == COL_BINARY;
		small &= !sval_is_large(&v);
		charset &= v.charset != NULL;
		known &= v.parts && nparts + v.nparts <= cap;
		if (known) {
			memcpy(&parts[nparts], v.parts, v.nparts * sizeof(*parts));
			nparts += v.nparts;
		}
		buf_addf(&b, "%s%s", i ? ", " : "", sval_close(p, v));
		if (t->nparts == 1)
			*out = v;
	}
	if (ok && t->nparts > 1) {
		*out = sval_make(P("CONCAT(%s)", buf_cstr(&b)), binary ? COL_BINARY : COL_TEXT);
		out->small = small;
		out->charset = charset ? "utf8mb4" : NULL;
		out->parts = known ? parts : NULL;
		out->nparts = known ? nparts : 0;
	} else if (ok && out->kind != COL_TEXT && out->kind != COL_BINARY) {
		out->sql = P("CAST(%s AS CHAR)", out->sql);
		out->kind = COL_TEXT;
	}
	buf_release(&b);
	return ok;
}

/* YYYY MM DD HH mm ss SSS -> MySQL's %; a format with % is MySQL's own. SSS becomes \001, which
 * the caller puts in its place. */
static const char *mysql_format(struct plan_ctx *p, const char *f, bool parse)
{
	static const struct { const char *token, *mysql; } tokens[] = {
		{ "YYYY", "%Y" }, { "SSS", "\001" }, { "MM", "%m" }, { "DD", "%d" }, { "HH", "%H" },
		{ "mm", "%i" }, { "ss", "%s" } };
	struct buf b = { 0 };

	if (strchr(f, '%'))
		return f;
	while (*f) {
		size_t k = 0, n = sizeof(tokens) / sizeof(*tokens);
		while (k < n && strncmp(f, tokens[k].token, strlen(tokens[k].token)))
			k++;
		if (k == n) {
			buf_addc(&b, *f++);
			continue;
		}
		buf_adds(&b, parse && tokens[k].mysql[0] == '\001' ? "%f" : tokens[k].mysql);
		f += strlen(tokens[k].token);
	}
	const char *out = arena_strndup(p->arena, b.len ? b.ptr : "", b.len);
	buf_release(&b);
	return out;
}

/* DATE_FORMAT(x, ...), with milliseconds where the format has them. */
static const char *format_date(struct plan_ctx *p, const char *fn, const char *x, const char *fmt)
{
	const char *mark = strchr(fmt, '\001');
	struct buf b = { 0 };

	if (!mark)
		return P("%s(%s, %s)", fn, x, sql_text(p->arena, str_of(fmt)));
	buf_adds(&b, "CONCAT(");
	for (bool first = true;; first = false) {
		size_t n = mark ? (size_t)(mark - fmt) : strlen(fmt);
		if (n)
			buf_addf(&b, "%s%s(%s, %s)", first ? "" : ", ", fn, x,
				 sql_text(p->arena, (struct str){ fmt, n }));
		else if (first)
			buf_adds(&b, "''");
		if (!mark)
			break;
		buf_addf(&b, ", LEFT(%s(%s, '%%f'), 3)", fn, x);
		fmt = mark + 1;
		mark = strchr(fmt, '\001');
	}
	buf_addc(&b, ')');
	const char *out = arena_strndup(p->arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}

static const char *zero_value(const struct plan_ctx *p, const char *kept)
{
	return p->zeros == ZERO_NULL ? "NULL" : p->zeros == ZERO_REJECT ? SQL_ZERO_DATE_MARK : kept;
}

static bool date_format(struct entity_ctx *e, const struct transformation *t, struct sval base,
			struct attr_value *out)
{
	struct plan_ctx *p = e->p;
	const char *src = t->source_format, *fmt = mysql_format(p, t->format, false), *sql;

	if (!src || !strcmp(src, "timestamp")) {
		if (base.kind == COL_TIME) {
			out->value = text_value(format_date(p, "TIME_FORMAT", base.sql, fmt), base);
			return true;
		}
		if (!sval_is_temporal(base.kind) && base.kind != SVAL_NULL) {
			diag_add(p->diags, DIAG_ERROR, t->path, "the value is no date: give "
				 "'source_format' (unix, unix-ms, or the format of the text)");
			return false;
		}
		const char *kept = format_date(p, "DATE_FORMAT", base.sql, fmt);
		const char *text = format_date(p, "DATE_FORMAT", sval_as_utc(p, base).sql, fmt);
		if (base.may_be_zero && !(base.kind == COL_TIMESTAMP && p->zeros == ZERO_NULL))
			text = P("(CASE WHEN MONTH(%s) = 0 OR DAYOFMONTH(%s) = 0 THEN %s ELSE %s END)",
				 base.sql, base.sql, zero_value(p, kept), text);
		out->value = text_value(text, base);
		return true;
	}
	const char *x;
	if (!strcmp(src, "unix") || !strcmp(src, "unix-ms")) {
		if (sval_is_temporal(base.kind) || base.kind == COL_TIME) {
			diag_add(p->diags, DIAG_ERROR, P("%s.source_format", t->path),
				 "'%s' is for numbers, and the value is a date or time already", src);
			return false;
		}
		bool exact = base.kind == COL_INT || base.kind == COL_BIT || base.kind == COL_YEAR ||
			     base.kind == COL_DECIMAL;
		const char *number = sval_as_number(p, base).sql;
		/* INTERVAL reads 1.5e9 as 1.5 */
		const char *n = P("CAST(%s AS DECIMAL(40,6))", number);
		x = strcmp(src, "unix") ?
		    P("(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL (%s * 1000) MICROSECOND)", n) :
		    P("(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL %s SECOND)", n);
		/* no number, or one beyond the year 9999: a reject, never a date of its own */
		sql = P("(CASE WHEN %s IS NULL THEN NULL %sWHEN ABS(%s) > 1e15 OR %s IS NULL "
			"THEN %s ELSE %s END)", number,
			exact ? "" : P("WHEN NOT CAST(%s AS CHAR) REGEXP %s THEN %s ", number,
				       NUMBER_REGEXP, SQL_NOT_NUMBER_MARK),
			n, x, SQL_ZERO_DATE_MARK, format_date(p, "DATE_FORMAT", x, fmt));
		out->value = text_value(sql, base);
		out->may_be_marked = true;
		return true;
	} else {
		const char *text = sval_as_text(p, base).sql;
		x = P("STR_TO_DATE(%s, %s)", text,
		      sql_text(p->arena, str_of(mysql_format(p, src, true))));
		/* text that is no date of this format is a reject, never a silent NULL */
		sql = P("(CASE WHEN %s IS NULL THEN NULL WHEN %s IS NULL THEN %s "
			"WHEN MONTH(%s) = 0 OR DAYOFMONTH(%s) = 0 THEN %s ELSE %s END)", text, x,
			SQL_ZERO_DATE_MARK, x, x, zero_value(p, text),
			format_date(p, "DATE_FORMAT", x, fmt));
		if (!strpbrk(src, "YD%"))	/* a time of day has no month */
			sql = P("(CASE WHEN %s IS NULL THEN NULL WHEN %s IS NULL THEN %s ELSE %s END)",
				text, x, SQL_ZERO_DATE_MARK, format_date(p, "TIME_FORMAT", x, fmt));
		out->value = text_value(sql, base);
		out->may_be_marked = true;
		return true;
	}
}

/* A number of more than 63 digits and at most 'decimals' of a fraction, its fraction filled up. */
static const char *with_decimals(struct plan_ctx *p, const char *text, size_t decimals)
{
	const char *point = P("LOCATE('.', %s)", text);

	if (!decimals)
		return text;
	return P("CONCAT(%s, IF(%s, '', '.'), REPEAT('0', %zu - IF(%s, CHAR_LENGTH(%s) - %s, 0)))",
		 text, point, decimals, point, text, point);
}

/* 1.5e99 as digits; far beyond a DOUBLE's range it stays. */
static const char *without_exponent(struct plan_ctx *p, const char *text)
{
	const char *mantissa = P("TRIM(LEADING '+' FROM SUBSTRING_INDEX(LOWER(%s), 'e', 1))", text);
	const char *exponent = P("CAST(SUBSTRING_INDEX(LOWER(%s), 'e', -1) AS SIGNED)", text);
	const char *point = P("LOCATE('.', %s)", mantissa);
	const char *fraction = P("IF(%s, CHAR_LENGTH(%s) - %s, 0)", point, mantissa, point);

	return P("(CASE WHEN LOCATE('e', LOWER(%s)) = 0 OR %s NOT BETWEEN %s AND 400 THEN %s ELSE "
		 "CONCAT(REPLACE(%s, '.', ''), REPEAT('0', %s - %s)) END)", text, exponent, fraction,
		 text, mantissa, exponent, fraction);
}

/* "0.00", "000000": zeros, at most one point. */
static bool number_format(struct entity_ctx *e, const struct transformation *t, struct sval base,
			  struct attr_value *out)
{
	struct plan_ctx *p = e->p;
	size_t whole = strspn(t->format, "0"), decimals = 0;
	const char *rest = t->format + whole;

	if (*rest == '.') {
		decimals = strspn(rest + 1, "0");
		rest += 1 + decimals;
	}
	if (*rest || !whole || decimals > 30 || whole > 60) {
		diag_add(p->diags, DIAG_ERROR, P("%s.format", t->path),
			 "'%s' is no number format: expected zeros like 0.00 or 000000", t->format);
		return false;
	}
	if (sval_is_temporal(base.kind) || base.kind == COL_TIME || base.kind == COL_SPATIAL) {
		diag_add(p->diags, DIAG_ERROR, t->path, "the value is no number");
		return false;
	}
	struct sval n = sval_as_number(p, base);
	bool exact = base.kind == COL_INT || base.kind == COL_DECIMAL || base.kind == COL_BIT ||
		     base.kind == COL_YEAR;
	/* DECIMAL holds 65 digits, and both ROUND and CAST to it round half away from zero. */
	const char *text = P("CAST(%s AS CHAR)", n.sql);
	const char *r = exact ? P("CAST(ROUND(%s, %zu) AS DECIMAL(65,%zu))", n.sql, decimals,
				  decimals) :
			P("CAST(%s AS DECIMAL(65,%zu))", text, decimals);
	const char *abs = P("CAST(ABS(%s) AS CHAR)", r);
	size_t width = whole + (decimals ? decimals + 1 : 0);
	const char *sql = P("CONCAT(IF(%s < 0, '-', ''), REPEAT('0', GREATEST(0, %zu - "
			    "CHAR_LENGTH(%s))), %s)", r, width, abs, abs);
	if (base.kind == COL_DECIMAL && decimals)
		sql = P("(CASE WHEN ABS(%s) < 1%0*d THEN %s ELSE %s END)", n.sql,
			(int)(65 - decimals), 0, sql, with_decimals(p, text, decimals));
	if (!exact)
		sql = P("(CASE WHEN NOT %s REGEXP %s THEN %s WHEN ABS(%s + 0e0) < 1e%zu THEN %s "
			"ELSE %s END)", text, NUMBER_REGEXP, SQL_NOT_NUMBER_MARK, n.sql,
			64 - decimals, sql,
			with_decimals(p, without_exponent(p, text), decimals));
	out->may_be_marked = !exact;
	out->value = text_value(sql, base);
	return true;
}

static bool statik(struct entity_ctx *e, const struct attribute *a, const struct transformation *t,
		   struct attr_value *out)
{
	struct plan_ctx *p = e->p;
	bool document = a->type == ATTR_M || a->type == ATTR_L || a->type == ATTR_SS ||
			a->type == ATTR_NS || a->type == ATTR_BS;

	if (!strcmp(t->value_json, "null")) {
		out->value = sval_null();
	} else if (document) {
		if ((a->type == ATTR_M) != (t->value_json[0] == '{') ||
		    (a->type != ATTR_M && t->value_json[0] != '[')) {
			diag_add(p->diags, DIAG_ERROR, P("%s.value", t->path),
				 "type %s wants %s", attr_type_name(a->type),
				 a->type == ATTR_M ? "an object" : "a list");
			return false;
		}
		out->value = sval_text(p, str_of(t->value_json));
	} else if (!t->value_text) {
		diag_add(p->diags, DIAG_ERROR, P("%s.value", t->path),
			 "type %s wants text, a number, true or false", attr_type_name(a->type));
		return false;
	} else {
		out->value = sval_text(p, str_of(t->value_text));
	}
	return true;
}

/* Sets *marked where other bytes than 16, of which there is no such text, can come. */
static const char *uuid_sql(struct plan_ctx *p, struct sval base, bool swap, bool *marked)
{
	/* byte order of the five groups in HEX(x), 1-based; MySQL's swap moves the time's parts:
	 * https://dev.mysql.com/doc/refman/en/miscellaneous-functions.html#function_uuid-to-bin */
	static const int plain[] = { 1, 8, 9, 4, 13, 4, 17, 4, 21, 12 };
	static const int swapped[] = { 9, 8, 5, 4, 1, 4, 17, 4, 21, 12 };
	const int *g = swap ? swapped : plain;
	const char *hex = P("LOWER(HEX(%s))", base.sql);
	const char *text = P("CONCAT(SUBSTR(%s, %d, %d), '-', SUBSTR(%s, %d, %d), '-', "
			     "SUBSTR(%s, %d, %d), '-', SUBSTR(%s, %d, %d), '-', SUBSTR(%s, %d, %d))",
			     hex, g[0], g[1], hex, g[2], g[3], hex, g[4], g[5], hex, g[6], g[7], hex,
			     g[8], g[9]);

	*marked = !base.column || strcmp(base.column->column_type, "binary(16)");
	if (!*marked)
		return text;
	return P("(CASE WHEN LENGTH(%s) = 16 THEN %s WHEN %s IS NOT NULL THEN %s END)", base.sql, text,
		 base.sql, SQL_NOT_UUID_MARK);
}

/* 'sql' of the text of 'base', from which no mark could be told any more: a marked one stays. */
static const char *unless_marked(struct plan_ctx *p, const struct sval *base, const char *text,
				 const char *sql)
{
	bool marked = sval_is_temporal(base->kind) || (!base->column && !sval_is_number(base->kind));

	if (p->zeros != ZERO_REJECT || !marked)
		return sql;
	return P("(CASE WHEN LOCATE(%s, %s) THEN %s ELSE %s END)", SQL_ZERO_DATE_MARK, text,
		 SQL_ZERO_DATE_MARK, sql);
}

bool apply_transformation(struct entity_ctx *e, const struct attribute *a, struct sval base,
			  bool has_base, struct attr_value *out)
{
	struct plan_ctx *p = e->p;
	const struct transformation *t = a->transformation;
	struct sval text;

	if (t->type == TRANS_HEX || t->type == TRANS_BASE64) {
		p->may_be_cut |= sval_is_large(&base);
		if (is_verbatim(a->type))
			base = sval_capped(p, base);
	}
	switch (t->type) {
	case TRANS_TEMPLATE:
		return value_of_template(e, &t->tmpl, (size_t)(a - e->entity->attributes),
					 has_base ? &base : NULL, &out->value);
	case TRANS_STATIC:
		return statik(e, a, t, out);
	case TRANS_DATE_FORMAT:
		return date_format(e, t, base, out);
	case TRANS_NUMBER_FORMAT:
		return number_format(e, t, base, out);
	case TRANS_JSON_PARSE:
		out->value = sval_as_text(p, base);
		out->json_text = true;
		return true;
	case TRANS_LOWER: case TRANS_UPPER: case TRANS_TRIM:
		text = sval_as_text(p, base);
		out->value = text_value(unless_marked(p, &base, text.sql, P(
			"%s(%s)", t->type == TRANS_LOWER ? "LOWER" :
			t->type == TRANS_UPPER ? "UPPER" : "TRIM", text.sql)), base);
		out->value.kind = text.kind;
		out->value.charset = text.charset;
		out->value.collation = text.collation;
		return true;
	case TRANS_HEX:
		text = base;
		if (sval_is_temporal(base.kind) || base.kind == COL_JSON) {
			text = sval_as_text(p, base);
			text.sql = P("CAST(%s AS CHAR)", text.sql);
		}
		out->value = text_value(unless_marked(p, &base, text.sql, P("HEX(%s)", text.sql)), base);
		return true;
	case TRANS_BASE64:
		text = sval_as_bytes(p, base);
		out->value = text_value(unless_marked(p, &base, text.sql, P(
			"REPLACE(TO_BASE64(%s), _utf8mb4 x'0a', '')", text.sql)), base);
		return true;
	case TRANS_UUID:
		if (base.kind != COL_BINARY && base.kind != SVAL_NULL) {
			diag_add(p->diags, DIAG_ERROR, t->path,
				 "'uuid' makes text of BINARY(16), and the value is none");
			return false;
		}
		if (base.column && !strncmp(base.column->column_type, "binary(", 7) &&
		    strcmp(base.column->column_type, "binary(16)")) {
			diag_add(p->diags, DIAG_ERROR, t->path,
				 "'uuid' makes text of BINARY(16), and column '%s' is %s",
				 base.column->name, base.column->column_type);
			return false;
		}
		out->value = text_value(uuid_sql(p, base, t->swap, &out->may_be_marked), base);
		if (base.nparts == 1 && base.parts) {
			struct key_part *part = arena_alloc(p->arena, sizeof(*part));
			*part = base.parts[0];
			part->alphabet = ALPHA_HEX | ALPHA_DIGITS | ALPHA_MINUS;
			out->value.parts = part;
			out->value.nparts = 1;
		}
		return true;
	default:	/* TRANS_SPLIT */
		if (a->type != ATTR_SS && a->type != ATTR_NS && a->type != ATTR_BS &&
		    a->type != ATTR_L) {
			diag_add(p->diags, DIAG_ERROR, t->path,
				 "'split' makes a set or a list, and the type is %s",
				 attr_type_name(a->type));
			return false;
		}
		out->value = sval_as_text(p, base);
		out->separator = t->separator;
		return true;
	}
}
