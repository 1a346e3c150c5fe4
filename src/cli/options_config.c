/*
 * The config file: 'name = value' a line. '#' begins a comment at the start of a line or after a
 * blank; a value in double quotes is taken as it stands between them.
 */
#include <string.h>

#include "cli/option_table.h"
#include "cli/options_priv.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str trim(struct str s)
{
	while (s.len && is_blank(s.ptr[0]))
		s.ptr++, s.len--;
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* What follows a value may only be a comment. */
static bool only_comment(struct str rest)
{
	struct str left = trim(rest);

	return left.len == 0 || (left.ptr[0] == '#' && is_blank(rest.ptr[0]));
}

/* Cuts the value out of what stands behind '='. false: quotes that do not close. */
static bool cut_value(struct str *value)
{
	const char *close;
	size_t i;

	*value = trim(*value);
	if (value->len && value->ptr[0] == '"') {
		const char *end = value->ptr + value->len;

		close = memchr(value->ptr + 1, '"', value->len - 1);
		if (!close || !only_comment((struct str){ close + 1, (size_t)(end - close - 1) }))
			return false;
		value->ptr++;
		value->len = (size_t)(close - value->ptr);
		return true;
	}
	for (i = 0; i < value->len; i++)
		if (value->ptr[i] == '#' && (i == 0 || is_blank(value->ptr[i - 1])))
			value->len = i;
	*value = trim(*value);
	return true;
}

static int read_line(struct options *o, struct str line, const char *file, unsigned number,
		     unsigned seen[OPTIONS_MAX], struct etl_err *err)
{
	const char *equals, *name;
	const struct option_def *def;
	struct str value;
	unsigned *first;

	line = trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return 0;
	if (memchr(line.ptr, '\0', line.len))
		return etl_err_set(err, ETL_EUSAGE, "%s: line %u: a NUL byte", file, number);
	equals = memchr(line.ptr, '=', line.len);
	if (!equals)
		return etl_err_set(err, ETL_EUSAGE, "%s: line %u: expected 'name = value'", file,
				   number);
	value = trim((struct str){ line.ptr, (size_t)(equals - line.ptr) });
	name = arena_strndup(o->arena, value.ptr, value.len);
	def = option_find(name);
	if (!def) {
		etl_err_set(err, ETL_EUSAGE, "%s: line %u: unknown option '%s'", file, number,
			    name);
		options_suggest(name[0] == '-' ? name + strspn(name, "-") : name, "", err);
		etl_err_hint(err, "'etl help config' lists the options");
		return -ETL_EUSAGE;
	}
	if (def->line_only || strcmp(def->name, "config") == 0)
		return etl_err_set(err, ETL_EUSAGE,
				   "%s: line %u: '%s' can only be given on the command line", file,
				   number, name);
	first = &seen[def - option_table];
	if (*first && def->type != OPT_LIST)
		return etl_err_set(err, ETL_EUSAGE, "%s: line %u: '%s' stands at line %u already",
				   file, number, name, *first);
	*first = number;
	value = (struct str){ equals + 1, (size_t)(line.ptr + line.len - equals - 1) };
	if (!cut_value(&value))
		return etl_err_set(err, ETL_EUSAGE, "%s: line %u: '%s': the quotes do not fit",
				   file, number, name);
	o->lines[def - option_table] = number;
	return option_set(o, def, arena_strndup(o->arena, value.ptr, value.len), ORIGIN_CONFIG,
			  arena_printf(o->arena, "%s: line %u: '%s'", file, number, name), err);
}

int options_read_config(struct options *o, struct str text, const char *file, struct etl_err *err)
{
	unsigned seen[OPTIONS_MAX] = { 0 }, number = 0;
	const char *at = text.ptr, *end = text.ptr + text.len;
	int rc = 0;

	while (at < end && !rc) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);

		rc = read_line(o, (struct str){ at, len }, file, ++number, seen, err);
		at += len + 1;
	}
	return rc;
}
