/*
 * The functions a fragment may call: those of the server's own that only compute. What is not
 * here is an error, so that a contract cannot read files, sleep, take locks or call stored code.
 * https://dev.mysql.com/doc/refman/en/built-in-function-reference.html
 */
#include "plan/plan_priv.h"

#include "base/suggest.h"

enum rule { R_INT, R_DOUBLE, R_TEXT,
	    R_STRING,		/* text, or bytes where an argument is bytes */
	    R_BINARY, R_DATE, R_TIME, R_DATETIME, R_JSON,
	    R_FIRST,		/* the kind of the first argument */
	    R_UNIFY,		/* the common kind of all arguments */
	    R_IF,		/* the common kind of the second and third */
	    R_NUMBER,		/* DECIMAL or DOUBLE, as the first argument */
	    R_DATE_ADD };	/* DATE stays DATE by whole days */

static const struct function functions[] = {
	/* control */
	{ "COALESCE", 1, 50, R_UNIFY, false }, { "IFNULL", 2, 2, R_UNIFY, false },
	{ "NULLIF", 2, 2, R_FIRST, false }, { "IF", 3, 3, R_IF, false },
	{ "GREATEST", 2, 50, R_UNIFY, false }, { "LEAST", 2, 50, R_UNIFY, false },
	{ "ISNULL", 1, 1, R_INT, false }, { "INTERVAL", 2, 50, R_INT, false },
	/* text */
	{ "CONCAT", 1, 50, R_STRING, false }, { "CONCAT_WS", 2, 50, R_STRING, false },
	{ "LOWER", 1, 1, R_STRING, false }, { "LCASE", 1, 1, R_STRING, false },
	{ "UPPER", 1, 1, R_STRING, false }, { "UCASE", 1, 1, R_STRING, false },
	{ "LTRIM", 1, 1, R_STRING, false }, { "RTRIM", 1, 1, R_STRING, false },
	{ "LEFT", 2, 2, R_STRING, false }, { "RIGHT", 2, 2, R_STRING, false },
	{ "SUBSTRING", 2, 3, R_STRING, false }, { "SUBSTR", 2, 3, R_STRING, false },
	{ "MID", 3, 3, R_STRING, false }, { "SUBSTRING_INDEX", 3, 3, R_STRING, false },
	{ "REPLACE", 3, 3, R_STRING, false }, { "REPEAT", 2, 2, R_STRING, false },
	{ "REVERSE", 1, 1, R_STRING, false }, { "SPACE", 1, 1, R_TEXT, false },
	{ "LPAD", 3, 3, R_STRING, false }, { "RPAD", 3, 3, R_STRING, false },
	{ "INSERT", 4, 4, R_STRING, false }, { "ELT", 2, 50, R_STRING, false },
	{ "FORMAT", 2, 3, R_TEXT, false }, { "CHAR", 1, 50, R_BINARY, false },
	{ "HEX", 1, 1, R_TEXT, false }, { "UNHEX", 1, 1, R_BINARY, false },
	{ "BIN", 1, 1, R_TEXT, false }, { "OCT", 1, 1, R_TEXT, false },
	{ "CONV", 3, 3, R_TEXT, false }, { "QUOTE", 1, 1, R_STRING, false },
	{ "SOUNDEX", 1, 1, R_TEXT, false }, { "REGEXP_REPLACE", 3, 3, R_STRING, false },
	{ "REGEXP_SUBSTR", 2, 2, R_STRING, false }, { "TO_BASE64", 1, 1, R_TEXT, false },
	{ "FROM_BASE64", 1, 1, R_BINARY, false }, { "MD5", 1, 1, R_TEXT, false },
	{ "SHA1", 1, 1, R_TEXT, false }, { "SHA", 1, 1, R_TEXT, false },
	{ "SHA2", 2, 2, R_TEXT, false }, { "CRC32", 1, 1, R_INT, false },
	{ "LENGTH", 1, 1, R_INT, false }, { "OCTET_LENGTH", 1, 1, R_INT, false },
	{ "CHAR_LENGTH", 1, 1, R_INT, false }, { "CHARACTER_LENGTH", 1, 1, R_INT, false },
	{ "BIT_LENGTH", 1, 1, R_INT, false }, { "ASCII", 1, 1, R_INT, false },
	{ "ORD", 1, 1, R_INT, false }, { "LOCATE", 2, 3, R_INT, false },
	{ "INSTR", 2, 2, R_INT, false }, { "FIELD", 2, 50, R_INT, false },
	{ "FIND_IN_SET", 2, 2, R_INT, false }, { "STRCMP", 2, 2, R_INT, false },
	{ "MAKE_SET", 2, 50, R_TEXT, false }, { "EXPORT_SET", 3, 5, R_TEXT, false },
	{ "INET_ATON", 1, 1, R_INT, false }, { "INET_NTOA", 1, 1, R_TEXT, false },
	{ "INET6_ATON", 1, 1, R_BINARY, false }, { "INET6_NTOA", 1, 1, R_TEXT, false },
	/* numbers */
	{ "ABS", 1, 1, R_NUMBER, false }, { "CEIL", 1, 1, R_NUMBER, false },
	{ "CEILING", 1, 1, R_NUMBER, false }, { "FLOOR", 1, 1, R_NUMBER, false },
	{ "ROUND", 1, 2, R_NUMBER, false }, { "TRUNCATE", 2, 2, R_NUMBER, false },
	{ "MOD", 2, 2, R_NUMBER, false }, { "SIGN", 1, 1, R_INT, false },
	{ "POW", 2, 2, R_DOUBLE, false }, { "POWER", 2, 2, R_DOUBLE, false },
	{ "SQRT", 1, 1, R_DOUBLE, false }, { "EXP", 1, 1, R_DOUBLE, false },
	{ "LN", 1, 1, R_DOUBLE, false }, { "LOG", 1, 2, R_DOUBLE, false },
	{ "LOG2", 1, 1, R_DOUBLE, false }, { "LOG10", 1, 1, R_DOUBLE, false },
	{ "PI", 0, 0, R_DOUBLE, false }, { "SIN", 1, 1, R_DOUBLE, false },
	{ "COS", 1, 1, R_DOUBLE, false }, { "TAN", 1, 1, R_DOUBLE, false },
	{ "ASIN", 1, 1, R_DOUBLE, false }, { "ACOS", 1, 1, R_DOUBLE, false },
	{ "ATAN", 1, 2, R_DOUBLE, false }, { "ATAN2", 2, 2, R_DOUBLE, false },
	{ "DEGREES", 1, 1, R_DOUBLE, false }, { "RADIANS", 1, 1, R_DOUBLE, false },
	{ "BIT_COUNT", 1, 1, R_INT, false },
	/* dates */
	{ "DATE", 1, 1, R_DATE, false }, { "TIME", 1, 1, R_TIME, false },
	{ "TIMESTAMP", 1, 2, R_DATETIME, false }, { "LAST_DAY", 1, 1, R_DATE, false },
	{ "MAKEDATE", 2, 2, R_DATE, false }, { "MAKETIME", 3, 3, R_TIME, false },
	{ "FROM_DAYS", 1, 1, R_DATE, false }, { "FROM_UNIXTIME", 1, 1, R_DATETIME, false },
	{ "DATE_ADD", 2, 2, R_DATE_ADD, false }, { "DATE_SUB", 2, 2, R_DATE_ADD, false },
	{ "ADDDATE", 2, 2, R_DATE_ADD, false }, { "SUBDATE", 2, 2, R_DATE_ADD, false },
	{ "TIMESTAMPADD", 3, 3, R_DATETIME, false }, { "ADDTIME", 2, 2, R_TEXT, false },
	{ "SUBTIME", 2, 2, R_TEXT, false }, { "TIMEDIFF", 2, 2, R_TIME, false },
	{ "SEC_TO_TIME", 1, 1, R_TIME, false }, { "STR_TO_DATE", 2, 2, R_DATETIME, false },
	{ "DATE_FORMAT", 2, 2, R_TEXT, false }, { "TIME_FORMAT", 2, 2, R_TEXT, false },
	{ "DAYNAME", 1, 1, R_TEXT, false }, { "MONTHNAME", 1, 1, R_TEXT, false },
	{ "YEAR", 1, 1, R_INT, false }, { "QUARTER", 1, 1, R_INT, false },
	{ "MONTH", 1, 1, R_INT, false }, { "WEEK", 1, 2, R_INT, false },
	{ "WEEKOFYEAR", 1, 1, R_INT, false }, { "YEARWEEK", 1, 2, R_INT, false },
	{ "DAY", 1, 1, R_INT, false }, { "DAYOFMONTH", 1, 1, R_INT, false },
	{ "DAYOFWEEK", 1, 1, R_INT, false }, { "DAYOFYEAR", 1, 1, R_INT, false },
	{ "WEEKDAY", 1, 1, R_INT, false }, { "HOUR", 1, 1, R_INT, false },
	{ "MINUTE", 1, 1, R_INT, false }, { "SECOND", 1, 1, R_INT, false },
	{ "MICROSECOND", 1, 1, R_INT, false }, { "DATEDIFF", 2, 2, R_INT, false },
	{ "TIMESTAMPDIFF", 3, 3, R_INT, false }, { "TO_DAYS", 1, 1, R_INT, false },
	{ "TO_SECONDS", 1, 1, R_INT, false }, { "TIME_TO_SEC", 1, 1, R_INT, false },
	{ "UNIX_TIMESTAMP", 1, 1, R_NUMBER, false }, { "CONVERT_TZ", 3, 3, R_DATETIME, false },
	{ "NOW", 0, 1, R_DATETIME, true }, { "CURRENT_TIMESTAMP", 0, 1, R_DATETIME, true },
	{ "SYSDATE", 0, 1, R_DATETIME, true }, { "CURDATE", 0, 0, R_DATE, true },
	{ "CURRENT_DATE", 0, 0, R_DATE, true }, { "CURTIME", 0, 1, R_TIME, true },
	{ "CURRENT_TIME", 0, 1, R_TIME, true }, { "UTC_TIME", 0, 1, R_TIME, true },
	{ "LOCALTIME", 0, 1, R_DATETIME, true }, { "LOCALTIMESTAMP", 0, 1, R_DATETIME, true },
	{ "UTC_TIMESTAMP", 0, 1, R_DATETIME, true }, { "UTC_DATE", 0, 0, R_DATE, true },
	/* JSON */
	{ "JSON_EXTRACT", 2, 50, R_JSON, false }, { "JSON_UNQUOTE", 1, 1, R_TEXT, false },
	{ "JSON_VALUE", 2, 2, R_TEXT, false }, { "JSON_OBJECT", 0, 50, R_JSON, false },
	{ "JSON_ARRAY", 0, 50, R_JSON, false }, { "JSON_LENGTH", 1, 2, R_INT, false },
	{ "JSON_CONTAINS", 2, 3, R_INT, false }, { "JSON_KEYS", 1, 2, R_JSON, false },
	{ "JSON_TYPE", 1, 1, R_TEXT, false }, { "JSON_VALID", 1, 1, R_INT, false },
	{ "JSON_QUOTE", 1, 1, R_TEXT, false }, { "JSON_SEARCH", 3, 5, R_JSON, false },
	{ "JSON_SET", 3, 50, R_JSON, false }, { "JSON_REMOVE", 2, 50, R_JSON, false },
	{ "JSON_MERGE_PATCH", 2, 50, R_JSON, false },
	/* spatial */
	{ "ST_ASTEXT", 1, 1, R_TEXT, false }, { "ST_X", 1, 1, R_DOUBLE, false },
	{ "ST_Y", 1, 1, R_DOUBLE, false }, { "ST_SRID", 1, 1, R_INT, false },
	{ "ST_ASBINARY", 1, 1, R_BINARY, false },
};
#define NFUNCTIONS (sizeof(functions) / sizeof(*functions))

static const char *const refused[] = {
	"LOAD_FILE", "SLEEP", "BENCHMARK", "GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS",
	"IS_FREE_LOCK", "IS_USED_LOCK", "MASTER_POS_WAIT", "SOURCE_POS_WAIT", "RAND", "UUID",
	"UUID_SHORT", "SYS_GUID", "LAST_INSERT_ID", "FOUND_ROWS", "ROW_COUNT", "CONNECTION_ID",
	"USER", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "CURRENT_ROLE", "DATABASE",
	"SCHEMA", "VERSION", "NEXTVAL", "LASTVAL", "SETVAL", "WAIT_FOR_EXECUTED_GTID_SET",
	"MASTER_GTID_WAIT", "EXTRACTVALUE", "UPDATEXML", "RANDOM_BYTES", "NAME_CONST" };

const struct function *function_find(const char *name)
{
	for (size_t i = 0; i < NFUNCTIONS; i++)
		if (!strcmp(functions[i].name, name))
			return &functions[i];
	return NULL;
}

bool function_gives_operand(const struct function *f)
{
	return f->rule == R_UNIFY || f->rule == R_IF || f->rule == R_FIRST;
}

bool function_reads_text(const struct function *f)
{
	static const char *const numbers[] = {
		"FORMAT", "HEX", "BIN", "OCT", "CONV", "INET_NTOA", "DATE_FORMAT", "TIME_FORMAT",
		"DAYNAME", "MONTHNAME", "SPACE", "ELT", "MAKE_SET", "EXPORT_SET", NULL };
	static const char *const text[] = {
		"LENGTH", "OCTET_LENGTH", "BIT_LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH", "CRC32",
		"LOCATE", "INSTR", "FIND_IN_SET", "STRCMP", "ASCII", "ORD", NULL };
	bool by_rule = f->rule == R_TEXT || f->rule == R_STRING;
	const char *const *others = by_rule ? numbers : text;

	for (size_t i = 0; others[i]; i++)
		if (!strcmp(others[i], f->name))
			return !by_rule;
	return by_rule;
}

bool function_reads_json(const struct function *f)
{
	return !strncmp(f->name, "JSON_", 5) && strcmp(f->name, "JSON_OBJECT") &&
	       strcmp(f->name, "JSON_ARRAY") && strcmp(f->name, "JSON_QUOTE") &&
	       strcmp(f->name, "JSON_VALID") && strcmp(f->name, "JSON_UNQUOTE");
}

bool function_refused(const char *name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (!strcmp(refused[i], name))
			return true;
	return false;
}

/* A number of characters or times that is written in the contract, and a small one. */
static bool is_few(const struct sval *v)
{
	return v->sql && v->sql[0] && strlen(v->sql) <= 2 && strspn(v->sql, "0123456789") == strlen(v->sql);
}

static bool is_short_text(const struct sval *v) { return v->literal && strlen(v->sql) < 64; }

bool function_may_be_cut(const struct function *f, const struct sval *args, size_t nargs)
{
	/* those whose result may be longer than what they are given */
	static const char *const growing[] = {
		"CONCAT", "CONCAT_WS", "REPLACE", "REGEXP_REPLACE", "REPEAT", "SPACE", "LPAD", "RPAD",
		"INSERT", "QUOTE", "HEX", "TO_BASE64", "MAKE_SET", "EXPORT_SET", "JSON_QUOTE",
		"JSON_OBJECT", "JSON_ARRAY", "JSON_SET", "JSON_MERGE_PATCH" };
	bool grows = false;

	for (size_t i = 0; i < sizeof(growing) / sizeof(*growing); i++)
		grows |= !strcmp(growing[i], f->name);
	if (!grows)
		return false;
	if (!strcmp(f->name, "REPEAT") || !strcmp(f->name, "LPAD") || !strcmp(f->name, "RPAD") ||
	    !strcmp(f->name, "SPACE"))
		if (!is_few(&args[nargs > 1]))
			return true;
	if ((!strcmp(f->name, "REPLACE") || !strcmp(f->name, "REGEXP_REPLACE")) &&
	    !is_short_text(&args[2]))
		return true;
	for (size_t i = 0; i < nargs; i++)
		if (sval_is_large(&args[i]))
			return true;
	return false;
}

const char *function_nearest(const char *name)
{
	const char *names[NFUNCTIONS];

	for (size_t i = 0; i < NFUNCTIONS; i++)
		names[i] = functions[i].name;
	return suggest(name, names, NFUNCTIONS);
}

static bool any_binary(const struct sval *args, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (args[i].kind == COL_BINARY)
			return true;
	return false;
}

static int unify_kinds(const struct sval *args, size_t n, unsigned *fsp)
{
	int kind = SVAL_NULL;

	if (any_binary(args, n))
		return COL_BINARY;
	for (size_t i = 0; i < n; i++) {
		int k = args[i].kind;
		if (args[i].fsp > *fsp)
			*fsp = args[i].fsp;
		if (k == COL_ENUM || k == COL_SET)
			k = COL_TEXT;
		if (k == SVAL_NULL || k == kind)
			continue;
		if (kind == SVAL_NULL)
			kind = k;
		else if (sval_is_number(k) && sval_is_number(kind))
			kind = k == COL_FLOAT || k == COL_DOUBLE || kind == COL_FLOAT ||
			       kind == COL_DOUBLE ? COL_DOUBLE : COL_DECIMAL;
		else if (sval_is_temporal(k) && sval_is_temporal(kind))
			kind = COL_DATETIME;
		else
			kind = COL_TEXT;
	}
	return kind;
}

/* Digits after the point of a DECIMAL, and 1; 0 where they are not known. */
static unsigned result_scale(const struct function *f, const struct sval *args, size_t nargs)
{
	size_t from = f->rule == R_IF, n = f->rule == R_UNIFY || f->rule == R_IF ? nargs : from + 1;
	int most = 0;

	if (!strcmp(f->name, "CEIL") || !strcmp(f->name, "CEILING") || !strcmp(f->name, "FLOOR"))
		return 1;
	if (f->rule != R_UNIFY && f->rule != R_IF && f->rule != R_FIRST && strcmp(f->name, "ABS"))
		return 0;
	for (size_t i = from; i < n; i++) {
		int scale = args[i].kind == SVAL_NULL ? 0 : sval_scale(&args[i]);
		if (scale < 0)
			return 0;
		most = scale > most ? scale : most;
	}
	return (unsigned)most + 1;
}

struct sval function_result(const struct function *f, const char *sql, const struct sval *args,
			    size_t nargs)
{
	struct sval v = sval_make(sql, COL_TEXT);

	v.small = !function_may_be_cut(f, args, nargs);
	for (size_t i = 0; i < nargs; i++)
		v.small &= !sval_is_large(&args[i]);
	switch ((enum rule)f->rule) {
	case R_INT: v.kind = COL_INT; break;
	case R_DOUBLE: v.kind = COL_DOUBLE; break;
	case R_TEXT: v.kind = COL_TEXT; break;
	case R_STRING: v.kind = any_binary(args, nargs) ? COL_BINARY : COL_TEXT; break;
	case R_BINARY: v.kind = COL_BINARY; break;
	case R_JSON: v.kind = COL_JSON; break;
	case R_DATE: case R_TIME: case R_DATETIME:
		v.kind = f->rule == R_DATE ? COL_DATE : f->rule == R_TIME ? COL_TIME : COL_DATETIME;
		time_of_function(f, args, nargs, &v);
		break;
	case R_FIRST:
		v.kind = args[0].kind;
		v.fsp = args[0].fsp;
		v.may_be_zero = args[0].may_be_zero;
		break;
	case R_UNIFY:
		v.kind = unify_kinds(args, nargs, &v.fsp);
		break;
	case R_IF:
		v.kind = unify_kinds(args + 1, 2, &v.fsp);
		break;
	case R_NUMBER:
		v.kind = args[0].kind == COL_INT || args[0].kind == COL_DECIMAL ||
			 args[0].kind == COL_BIT || args[0].kind == COL_YEAR ||
			 sval_is_temporal(args[0].kind) ? COL_DECIMAL : COL_DOUBLE;
		break;
	case R_DATE_ADD:
		time_shift(&v, &args[0], &args[1]);
		break;
	}
	if (sval_is_temporal(v.kind) && (f->rule == R_UNIFY || f->rule == R_IF))
		v.may_be_zero = true;
	if (v.kind == COL_DECIMAL)
		v.scale_plus_1 = result_scale(f, args, nargs);
	return v;
}
