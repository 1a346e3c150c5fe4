#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/option_table.h"

#define COMMENT_COLUMN 40

/* As the config file's reader takes it back. */
static void add_value(struct buf *out, const char *value)
{
	size_t len = strlen(value);
	bool quote = !len || strpbrk(value, "#\t") || value[0] == ' ' || value[len - 1] == ' ';

	buf_adds(out, quote ? "\"" : "");
	buf_add_printable(out, str_of(value));
	buf_adds(out, quote ? "\"" : "");
}

static void add_origin(struct buf *out, const struct options *o, const struct option_def *def)
{
	switch (option_origin(o, def->name)) {
	case ORIGIN_DEFAULT:
		buf_adds(out, "default");
		break;
	case ORIGIN_CONFIG:
		buf_addf(out, "config file ");
		buf_add_printable(out, str_of(o->config_used));
		buf_addf(out, ":%u", o->lines[def - option_table]);
		break;
	case ORIGIN_ENVIRONMENT:
		buf_adds(out, "environment ");
		option_add_env_name(out, def);
		break;
	case ORIGIN_COMMAND_LINE:
		buf_adds(out, "command line");
		break;
	}
}

static bool is_shown(const struct option_def *def)
{
	return !def->line_only && strcmp(def->name, "config") != 0;
}

/* ---- what is no option, but read all the same: only its names, for some are secrets --------- */

static bool is_read(const char *variable)
{
	static const char *const names[] = {
		"MYSQL_PWD=", "HTTPS_PROXY=", "https_proxy=", "HTTP_PROXY=", "http_proxy=",
		"ALL_PROXY=", "all_proxy=", "NO_PROXY=", "no_proxy="
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return strncmp(variable, "AWS_", 4) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of variables, in order; the caller frees the array. */
static const char **find_variables(struct arena *a, size_t *n)
{
	const char **names = NULL;
	char **at;

	*n = 0;
	for (at = environ; *at; at++) {
		const char *equals = strchr(*at, '=');

		if (!equals || !equals[1] || !is_read(*at))
			continue;
		names = mem_realloc(names, (*n + 1) * sizeof(*names));
		names[(*n)++] = arena_strndup(a, *at, (size_t)(equals - *at));
	}
	if (*n)
		qsort(names, *n, sizeof(*names), by_name);
	return names;
}

/* ---- as a config file ----------------------------------------------------------------------- */

static void make_text(const struct options *o, const char *const *variables, size_t n,
		      struct buf *out)
{
	struct buf value = { 0 };
	size_t i, line;

	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		if (!is_shown(def))
			continue;
		buf_reset(&value);
		line = out->len;
		if (!option_value(o, def, &value)) {
			buf_addf(out, "# %s is not set\n", def->name);
			continue;
		}
		buf_addf(out, "%s = ", def->name);
		add_value(out, buf_cstr(&value));
		do
			buf_addc(out, ' ');
		while (out->len - line < COMMENT_COLUMN);
		buf_adds(out, "# ");
		add_origin(out, o, def);
		buf_addc(out, '\n');
	}
	for (i = 0; i < n; i++) {
		buf_adds(out, i ? " " : "# also set in the environment, values hidden: ");
		buf_add_printable(out, str_of(variables[i]));
	}
	buf_adds(out, n ? "\n" : "");
	buf_release(&value);
}

/* ---- as JSON -------------------------------------------------------------------------------- */

static void add_json_value(struct json_out *j, const struct options *o,
			   const struct option_def *def)
{
	struct buf value = { 0 }, clean = { 0 };

	if (!option_value(o, def, &value)) {
		json_out_str(j, "value", NULL);
	} else if (def->type == OPT_NUMBER) {
		json_out_raw(j, "value", buf_cstr(&value));
	} else if (def->type == OPT_FLAG) {
		json_out_bool(j, "value", strcmp(buf_cstr(&value), "yes") == 0);
	} else {
		buf_add_printable(&clean, buf_str(&value));
		json_out_str(j, "value", buf_cstr(&clean));
	}
	buf_release(&value);
	buf_release(&clean);
}

static void add_json_origin(struct json_out *j, const struct options *o,
			    const struct option_def *def)
{
	static const char *const names[] = { "default", "config file", "environment",
					     "command line" };
	enum origin origin = option_origin(o, def->name);
	struct buf text = { 0 };

	json_out_str(j, "origin", names[origin]);
	if (origin == ORIGIN_CONFIG) {
		buf_add_printable(&text, str_of(o->config_used));
		json_out_str(j, "file", buf_cstr(&text));
		json_out_count(j, "line", o->lines[def - option_table]);
	} else if (origin == ORIGIN_ENVIRONMENT) {
		option_add_env_name(&text, def);
		json_out_str(j, "variable", buf_cstr(&text));
	}
	buf_release(&text);
}

static void make_json(const struct options *o, const char *const *variables, size_t n,
		      struct buf *out)
{
	struct json_out j = { .out = out };
	struct buf clean = { 0 };
	size_t i;

	json_out_open(&j, NULL, '{');
	json_out_open(&j, "settings", '[');
	for (i = 0; i < option_count; i++) {
		if (!is_shown(&option_table[i]))
			continue;
		json_out_open(&j, NULL, '{');
		json_out_str(&j, "name", option_table[i].name);
		add_json_value(&j, o, &option_table[i]);
		add_json_origin(&j, o, &option_table[i]);
		json_out_close(&j, '}');
	}
	json_out_close(&j, ']');
	json_out_open(&j, "variables_with_hidden_values", '[');
	for (i = 0; i < n; i++) {
		buf_reset(&clean);
		buf_add_printable(&clean, str_of(variables[i]));
		json_out_str(&j, NULL, buf_cstr(&clean));
	}
	json_out_close(&j, ']');
	json_out_close(&j, '}');
	buf_release(&clean);
}

int cmd_config(struct session *s, struct etl_err *err)
{
	const struct options *o = s->opt;
	struct arena *a = arena_new();
	struct buf out = { 0 };
	const char **variables;
	size_t n;

	(void)err;
	variables = find_variables(a, &n);
	/* a config file that says how verify reports does not change the form of this */
	if (o->format == FORMAT_JSON && option_origin(o, "format") == ORIGIN_COMMAND_LINE)
		make_json(o, variables, n, &out);
	else
		make_text(o, variables, n, &out);
	print_buf(&out);
	buf_release(&out);
	free(variables);
	arena_free(a);
	return 0;
}
