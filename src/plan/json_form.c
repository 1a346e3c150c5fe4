/*
 * How a value stands inside constructed JSON, as the contract's rules write it (section 3): compact,
 * and escaped nowhere but where it must be. The transform makes text so, too; where the text goes on
 * into a template or a transformation of the view, all of it is done here.
 */
#include "plan/plan_priv.h"

#define P(...) arena_printf(p->arena, __VA_ARGS__)

/* Of a JSON column as the server keeps it: no longer one is an item, ten bytes make at least one. */
#define DOCUMENT_BYTES (10 * ITEM_MAX_BYTES)
#define REGEXP_BYTES 16384

static const char *replace(struct plan_ctx *p, const char *sql, const char *from, const char *to)
{
	return P("REPLACE(%s, %s, %s)", sql, sql_text(p->arena, str_of(from)),
		 sql_text(p->arena, str_of(to)));
}

/* The control characters without an escape of their own whose codes have letters. JSON_QUOTE
 * writes these large, and a document may. */
static const char *small_controls(struct plan_ctx *p, const char *sql)
{
	static const char *const codes[][2] = {
		{ "\\u000B", "\\u000b" }, { "\\u000E", "\\u000e" }, { "\\u000F", "\\u000f" },
		{ "\\u001A", "\\u001a" }, { "\\u001B", "\\u001b" }, { "\\u001C", "\\u001c" },
		{ "\\u001D", "\\u001d" }, { "\\u001E", "\\u001e" }, { "\\u001F", "\\u001f" } };

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		sql = replace(p, sql, codes[i][0], codes[i][1]);
	return sql;
}

/*
 * MariaDB: the escapes of JSON text as the contract's rules want them. A real escape is told from
 * one that only looks so by the doubled backslashes before it: those stand aside as a control
 * character, which JSON text never holds raw.
 */
static const char *small_escapes(struct plan_ctx *p, const char *quoted)
{
	const char *sql = small_controls(p, replace(p, quoted, "\\\\", "\001"));

	return P("(CASE WHEN LOCATE(%s, %s) = 0 THEN %s ELSE %s END)",
		 sql_text(p->arena, STR("\\u00")), quoted, quoted,
		 replace(p, sql, "\001", "\\\\"));
}

/*
 * The same for a document as someone wrote it, with \/ and \u00e9, maybe. What needs no escape is
 * decoded in one step: the document becomes a JSON string, in which a backslash before every other
 * backslash and quote leaves just those escapes in force. A lone surrogate stays as it is.
 */
static const char *lawful_escapes(struct plan_ctx *p, const char *compact)
{
	static const char *const shorter[][2] = {
		{ "\\\\", "\001" }, { "\\/", "/" }, { "\\u0022", "\\\"" },
		{ "\\u005c", "\001" }, { "\\u005C", "\001" }, { "\\u0008", "\\b" },
		{ "\\u0009", "\\t" }, { "\\u000a", "\\n" }, { "\\u000A", "\\n" },
		{ "\\u000c", "\\f" }, { "\\u000C", "\\f" }, { "\\u000d", "\\r" },
		{ "\\u000D", "\\r" } };
	static const char kept[] =
		"(?!\\\\u(?!00[01])(?![dD][89a-fA-F])"	/* neither control nor surrogate */
		"|\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]"	/* a pair: its first half */
		"|(?<=\\\\u[dD][89abAB]..)\\\\u[dD][c-fC-F])"	/* its second */
		"([\"\\\\])";
	const char *sql = compact;

	for (size_t i = 0; i < sizeof(shorter) / sizeof(*shorter); i++)
		sql = replace(p, sql, shorter[i][0], shorter[i][1]);
	/* as bytes: of characters the server counts the whole text again for each match; and REPLACE
	 * by something longer moves the whole text each time */
	sql = P("REGEXP_REPLACE(CAST(%s AS BINARY), %s, %s)", small_controls(p, sql),
		sql_text(p->arena, STR(kept)), sql_text(p->arena, STR("\\\\\\1")));
	sql = P("CONVERT(REGEXP_REPLACE(%s, %s, %s) USING utf8mb4)", sql,
		sql_text(p->arena, STR("\001")), sql_text(p->arena, STR("\\\\\\\\\\\\\\\\")));
	return P("(CASE WHEN LOCATE(%s, %s) = 0 THEN %s ELSE JSON_UNQUOTE(CONCAT('\"', %s, '\"')) END)",
		 sql_text(p->arena, STR("\\")), compact, compact, sql);
}

static const char *in_utf8mb4(struct plan_ctx *p, const char *sql, const char *charset)
{
	return charset && !strcmp(charset, "utf8mb4") ? sql : P("CONVERT(%s USING utf8mb4)", sql);
}

static const char *quoted_json(struct plan_ctx *p, struct sval text, enum json_form form)
{
	const char *quoted = P("JSON_QUOTE(%s)", in_utf8mb4(p, text.sql, text.charset));

	return p->mariadb && form == JSON_FORM_EXACT ? small_escapes(p, quoted) : quoted;
}

/* MySQL writes JSON with a space after each ',' and ':'; those outside strings go. Its regular
 * expressions give up on a text of some hundred kilobytes: where the transform makes text compact
 * anyway, they are asked for short ones only. */
static const char *compact_json(struct plan_ctx *p, struct sval v, enum json_form form)
{
	const char *text = P("CAST(%s AS CHAR)", v.sql);

	if (p->mariadb && form == JSON_FORM_EXACT)
		return lawful_escapes(p, P("JSON_COMPACT(%s)", in_utf8mb4(p, v.sql, v.charset)));
	if (p->mariadb)
		return P("JSON_COMPACT(%s)", v.sql);
	if (form == JSON_FORM_VALUE)
		return text;
	const char *compact = P("REGEXP_REPLACE(%s, '(\"(?:[^\"%s]++|%s.)*+\")|([,:]) ', '$1$2')",
				text, "\\\\\\\\", "\\\\\\\\");
	return form == JSON_FORM_EXACT ? compact :
	       P("IF(JSON_STORAGE_SIZE(%s) > %d, %s, %s)", v.sql, REGEXP_BYTES, text, compact);
}

/* A document that makes no item, because it is too long for one however it is written, gives way to
 * a text that is too long as well: what is made of the document would be over the server's limits,
 * which gives NULL. */
static const char *capped_document(struct plan_ctx *p, struct sval v, const char *sql)
{
	const char *size = P("JSON_STORAGE_SIZE(%s) > %d", v.sql, DOCUMENT_BYTES);

	if (p->mariadb)		/* as it is written first: most are short even so */
		size = P("LENGTH(%s) > %d AND LENGTH(JSON_COMPACT(%s)) > %d", v.sql, DOCUMENT_BYTES,
			 v.sql, DOCUMENT_BYTES);
	return P("IF(%s, CONCAT('\"', REPEAT('x', %d), '\"'), %s)", size, ITEM_MAX_BYTES + 1, sql);
}

struct sval sval_as_json(struct plan_ctx *p, struct sval v, enum json_form form)
{
	struct sval out = v, text;

	/* MariaDB's JSON_QUOTE gives NULL for a text of 43 MiB, and says nothing */
	if (sval_is_long(&v))
		v.sql = P("LEFT(%s, %d)", v.sql, ITEM_MAX_BYTES + 1);
	text = sval_as_text(p, v);

	switch (v.kind) {
	case SVAL_NULL:
		out.sql = "'null'";
		out.kind = COL_TEXT;
		out.nullable = false;
		return out;
	case COL_INT: case COL_DECIMAL: case COL_BIT: case COL_YEAR: case COL_DOUBLE:
		out.sql = P("CAST(%s AS CHAR)", text.sql);
		break;
	case COL_FLOAT:
		out.sql = text.sql;
		break;
	case COL_DATE: case COL_DATETIME: case COL_TIMESTAMP: case COL_TIME:
		out.sql = P("CONCAT('\"', %s, '\"')", text.sql);
		out.nullable = true;		/* a zero date */
		break;
	case COL_JSON:
		out.sql = v.constructed ? v.sql :
			  capped_document(p, v, compact_json(p, v, form));
		out.embeds_json = true;
		break;
	case COL_BINARY:
		out.sql = P("CONCAT('\"', REPLACE(TO_BASE64(%s), _utf8mb4 x'0a', ''), '\"')", v.sql);
		break;
	default:
		out.sql = quoted_json(p, text, form);
		out.embeds_json = p->mariadb && form != JSON_FORM_EXACT;
		break;
	}
	if (out.nullable)
		out.sql = P("IFNULL(%s, 'null')", out.sql);
	out.kind = COL_TEXT;
	out.charset = "utf8mb4";
	out.nullable = false;
	return out;
}
