#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/suggest.h"
#include "cli/option_table.h"
#include "cli/options_priv.h"

#define CONFIG_DEFAULT "etl.conf"
#define CONFIG_MAX_BYTES (1u << 20)

static void *field_of(struct options *o, const struct option_def *def)
{
	return (char *)o + def->offset;
}

static const void *field_of_const(const struct options *o, const struct option_def *def)
{
	return (const char *)o + def->offset;
}

static int parse_flag(const char *value, const char *where, bool *out, struct etl_err *err)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (strcmp(value, yes[i]) == 0 || strcmp(value, no[i]) == 0) {
			*out = strcmp(value, yes[i]) == 0;
			return 0;
		}
	}
	return etl_err_set(err, ETL_EUSAGE, "%s: '%s' is neither yes nor no", where, value);
}

static int parse_number(const struct option_def *def, const char *value, const char *where,
			int64_t *out, struct etl_err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	/* strtoll also takes blanks and a plus sign before the digits */
	if (value[0] < '0' || value[0] > '9' || *end || errno || n < def->min || n > def->max) {
		if (def->max == INT64_MAX)
			return etl_err_set(err, ETL_EUSAGE,
					   "%s: '%s' is not a whole number of %lld or more", where,
					   value, (long long)def->min);
		return etl_err_set(err, ETL_EUSAGE,
				   "%s: '%s' is not a whole number from %lld to %lld", where, value,
				   (long long)def->min, (long long)def->max);
	}
	*out = n;
	return 0;
}

static int parse_choice(const struct option_def *def, const char *value, const char *where,
			int64_t *out, struct etl_err *err)
{
	struct buf all = { 0 };
	const char *near;
	size_t n;

	for (n = 0; def->choices[n]; n++) {
		if (strcmp(def->choices[n], value) == 0) {
			*out = (int64_t)n;
			buf_release(&all);
			return 0;
		}
		buf_addf(&all, "%s%s", n ? ", " : "", def->choices[n]);
	}
	etl_err_set(err, ETL_EUSAGE, "%s: '%s' is none of %s", where, value, buf_cstr(&all));
	near = suggest(value, def->choices, n);
	if (near)
		etl_err_hint(err, "did you mean '%s'?", near);
	buf_release(&all);
	return -ETL_EUSAGE;
}

/* "A,B" and several values both add up: a comma is no part of a table's name. */
static int add_to_list(struct options *o, struct opt_list *list, const char *value,
		       const char *where, struct etl_err *err)
{
	const char *at = value;

	for (;;) {
		size_t len = strcspn(at, ",");
		const char **grown;

		while (len && *at == ' ')
			at++, len--;
		while (len && at[len - 1] == ' ')
			len--;
		if (len == 0)
			return etl_err_set(err, ETL_EUSAGE, "%s: '%s' holds an empty name", where,
					   value);
		grown = arena_alloc(o->arena, (list->n + 1) * sizeof(*grown));
		if (list->n)
			memcpy(grown, list->values, list->n * sizeof(*grown));
		grown[list->n++] = arena_strndup(o->arena, at, len);
		list->values = grown;
		at += strcspn(at, ",");
		if (!*at)
			return 0;
		at++;
	}
}

int option_set(struct options *o, const struct option_def *def, const char *value,
	       enum origin origin, const char *where, struct etl_err *err)
{
	unsigned char *have = &o->origins[def - option_table];
	bool wins = origin >= *have, flag = false;
	struct opt_list *list;
	struct opt_list scratch = { 0, NULL };
	int64_t number = 0;
	int rc = 0;

	switch (def->type) {
	case OPT_FLAG:
		rc = parse_flag(value, where, &flag, err);
		if (!rc && wins)
			*(bool *)field_of(o, def) = flag;
		break;
	case OPT_NUMBER:
		rc = parse_number(def, value, where, &number, err);
		if (!rc && wins)
			*(int64_t *)field_of(o, def) = number;
		break;
	case OPT_CHOICE:
		rc = parse_choice(def, value, where, &number, err);
		if (!rc && wins)
			*(int64_t *)field_of(o, def) = number;
		break;
	case OPT_TEXT:
		/* A default of "" means that empty is a value like any other. */
		if (!*value && !(def->fallback && !*def->fallback))
			return etl_err_set(err, ETL_EUSAGE, "%s: the value is empty", where);
		if (wins)
			*(const char **)field_of(o, def) = arena_strdup(o->arena, value);
		break;
	case OPT_LIST:
		list = wins ? field_of(o, def) : &scratch;
		if (wins && *have < origin)
			*list = scratch;
		rc = add_to_list(o, list, value, where, err);
		break;
	}
	if (!rc && wins)
		*have = (unsigned char)origin;
	return rc;
}

bool option_value(const struct options *o, const struct option_def *def, struct buf *out)
{
	const void *field = field_of_const(o, def);
	const struct opt_list *list;
	const char *text;
	int64_t number;
	size_t i;

	switch (def->type) {
	case OPT_FLAG:
		buf_adds(out, *(const bool *)field ? "yes" : "no");
		return true;
	case OPT_NUMBER:
		number = *(const int64_t *)field;
		if (number == OPTION_UNSET)
			return false;
		buf_addf(out, "%lld", (long long)number);
		return true;
	case OPT_CHOICE:
		buf_adds(out, def->choices[*(const int64_t *)field]);
		return true;
	case OPT_TEXT:
		text = *(const char *const *)field;
		if (text)
			buf_adds(out, text);
		return text != NULL;
	case OPT_LIST:
		list = field;
		for (i = 0; i < list->n; i++)
			buf_addf(out, "%s%s", i ? "," : "", list->values[i]);
		return list->n > 0;
	}
	return false;
}

enum origin option_origin(const struct options *o, const char *name)
{
	return (enum origin)o->origins[option_find(name) - option_table];
}

static int set_defaults(struct options *o, struct etl_err *err)
{
	size_t i;

	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];
		int rc = 0;

		if (def->type == OPT_NUMBER)
			*(int64_t *)field_of(o, def) = OPTION_UNSET;
		if (def->fallback)
			rc = option_set(o, def, def->fallback, ORIGIN_DEFAULT, def->name, err);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_environment(struct options *o, const char *(*env)(const char *name),
			    struct etl_err *err)
{
	struct buf name = { 0 }, where = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < option_count && !rc; i++) {
		const struct option_def *def = &option_table[i];
		const char *value;

		if (def->line_only)
			continue;
		buf_reset(&name);
		option_add_env_name(&name, def);
		value = env(buf_cstr(&name));
		/* Set but empty is how a shell says "not set". */
		if (!value || !*value)
			continue;
		buf_reset(&where);
		buf_addf(&where, "'%s'", buf_cstr(&name));
		rc = option_set(o, def, value, ORIGIN_ENVIRONMENT, buf_cstr(&where), err);
	}
	buf_release(&name);
	buf_release(&where);
	return rc;
}

static int read_config_file(struct options *o, struct etl_err *err)
{
	const char *file = o->config ? o->config : CONFIG_DEFAULT;
	struct buf text = { 0 };
	int rc;

	if (!o->config && access(file, F_OK) != 0 && errno == ENOENT)
		return 0;
	rc = file_read(file, CONFIG_MAX_BYTES, &text, err);
	if (rc) {
		/* naming a file that cannot be read is a mistake in the usage */
		err->code = ETL_EUSAGE;
		rc = -ETL_EUSAGE;
	} else {
		o->config_used = file;
		rc = options_read_config(o, buf_str(&text), file, err);
	}
	buf_release(&text);
	return rc;
}

int options_parse(int argc, char *const *argv, const char *(*env)(const char *name),
		  struct options *out, struct etl_err *err)
{
	int rc;

	memset(out, 0, sizeof(*out));
	out->arena = arena_new();
	rc = set_defaults(out, err);
	if (!rc)
		rc = options_read_line(out, argc, argv, err);
	if (rc || out->help || out->version || out->command == CMD_HELP ||
	    out->command == CMD_COMPLETION)
		return rc;
	rc = read_environment(out, env, err);
	if (!rc)
		rc = read_config_file(out, err);
	if (!rc)
		rc = options_check(out, err);
	return rc;
}

void options_release(struct options *o)
{
	arena_free(o->arena);
	memset(o, 0, sizeof(*o));
}
