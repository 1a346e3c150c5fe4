/* The command line: etl [OPTION...] COMMAND [OPTION...], options anywhere. */
#include <string.h>

#include "base/suggest.h"
#include "cli/option_table.h"
#include "cli/options_priv.h"

void options_suggest(const char *name, const char *prefix, struct etl_err *err)
{
	const char *names[OPTIONS_MAX], *near;
	size_t i;

	for (i = 0; i < option_count; i++)
		names[i] = option_table[i].name;
	near = suggest(name, names, option_count);
	if (near)
		etl_err_hint(err, "did you mean '%s%s'?", prefix, near);
}

static int unknown_command(const char *word, struct etl_err *err)
{
	const char *names[CMD_COUNT], *near;
	size_t i;

	for (i = 0; i < command_count; i++)
		names[i] = command_table[i].name;
	near = suggest(word, names, command_count);
	etl_err_set(err, ETL_EUSAGE, "unknown command '%s'", word);
	if (near)
		etl_err_hint(err, "did you mean '%s'?", near);
	else
		etl_err_hint(err, "'etl help' lists the commands");
	return -ETL_EUSAGE;
}

static int take_word(struct options *o, const char *word, struct etl_err *err)
{
	const struct command_def *def;

	if (!o->command) {
		def = command_find(word);
		if (!def)
			return unknown_command(word, err);
		o->command = def->id;
		return 0;
	}
	def = command_of(o->command);
	if (def->operand && !o->operand) {
		if (!command_takes_operand(def, word))
			return command_operand_is_command(def) ?
			       unknown_command(word, err) :
			       etl_err_set(err, ETL_EUSAGE, "'etl %s': '%s' is none of %s",
					   def->name, word, def->operand);
		o->operand = arena_strdup(o->arena, word);
		return 0;
	}
	etl_err_set(err, ETL_EUSAGE, "unexpected argument '%s'", word);
	etl_err_hint(err, "options begin with '--'; a table is chosen with '--table %s'", word);
	return -ETL_EUSAGE;
}

/* One "--name", "--name=value" or "--name value"; *at is its place in argv and goes behind it. */
static int take_option(struct options *o, int argc, char *const *argv, int *at,
		       bool given[OPTIONS_MAX], struct etl_err *err)
{
	const char *word = argv[*at] + 2, *equals = strchr(word, '='), *value = NULL;
	const char *name = equals ? arena_strndup(o->arena, word, (size_t)(equals - word))
				  : word;
	const struct option_def *def = option_find(name);
	struct buf what = { 0 };
	const char *where;

	if (!def) {
		etl_err_set(err, ETL_EUSAGE, "unknown option '--%s'", name);
		if (strncmp(name, "mysql-pass", 10) == 0 || strcmp(name, "password") == 0)
			etl_err_hint(err, "there is no password on the command line, where every "
				     "process can read it: --mysql-password-file, MYSQL_PWD or "
				     "an option file");
		else
			options_suggest(name, "--", err);
		etl_err_hint(err, "'etl help%s%s' lists the options", o->command ? " " : "",
			     o->command ? command_of(o->command)->name : "");
		return -ETL_EUSAGE;
	}
	where = arena_printf(o->arena, "'--%s'", name);
	if (equals) {
		value = equals + 1;
	} else if (def->type == OPT_FLAG) {
		value = "yes";
	} else if (*at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0) {
		value = argv[++*at];
	} else {
		option_add_argument(&what, def);
		etl_err_set(err, ETL_EUSAGE, "'--%s' needs a value: %s", name, buf_cstr(&what));
		if (*at + 1 < argc && argv[*at + 1][2])
			etl_err_hint(err, "if the value is '%s', write '--%s=%s'", argv[*at + 1],
				     name, argv[*at + 1]);
		buf_release(&what);
		return -ETL_EUSAGE;
	}
	++*at;
	given[def - option_table] = true;
	return option_set(o, def, value, ORIGIN_COMMAND_LINE, where, err);
}

/* What describes where a command runs: a script gives the same to every command, whether it
 * connects or not. */
static bool is_environment(const struct option_def *def)
{
	return def->group == GROUP_GENERAL || def->group == GROUP_MYSQL || def->group == GROUP_AWS;
}

/* Any other option that this command does not take would be an option that does nothing. */
static int check_taken(const struct options *o, const bool given[OPTIONS_MAX],
		       struct etl_err *err)
{
	struct buf takers = { 0 };
	size_t i, c, n = 0;

	for (i = 0; i < option_count; i++)
		if (given[i] && !(option_table[i].commands & BIT(o->command)) &&
		    !is_environment(&option_table[i]))
			break;
	if (i == option_count)
		return 0;
	etl_err_set(err, ETL_EUSAGE, "'etl %s' does not take '--%s'",
		    command_of(o->command)->name, option_table[i].name);
	for (c = 0; c < command_count; c++)
		if (option_table[i].commands & BIT(command_table[c].id) &&
		    command_table[c].id != CMD_CONFIG)
			buf_addf(&takers, "%setl %s", n++ ? ", " : "", command_table[c].name);
	etl_err_hint(err, "it is an option of %s", buf_cstr(&takers));
	buf_release(&takers);
	return -ETL_EUSAGE;
}

int options_read_line(struct options *o, int argc, char *const *argv, struct etl_err *err)
{
	bool given[OPTIONS_MAX] = { false };
	bool words_only = false;
	int at = 1, rc = 0;

	while (at < argc && !rc) {
		const char *word = argv[at];

		if (!words_only && strcmp(word, "--") == 0) {
			words_only = true;
			at++;
		} else if (!words_only && strncmp(word, "--", 2) == 0) {
			rc = take_option(o, argc, argv, &at, given, err);
		} else if (!words_only && word[0] == '-' && word[1]) {
			rc = etl_err_set(err, ETL_EUSAGE, "unknown option '%s'", word);
			etl_err_hint(err, "options have long names only: 'etl help' lists them");
		} else {
			rc = take_word(o, word, err);
			at++;
		}
	}
	if (rc || o->help || o->version)
		return rc;
	if (!o->command) {
		rc = etl_err_set(err, ETL_EUSAGE, "no command is given");
		etl_err_hint(err, "'etl help' lists the commands; 'etl run' is the whole migration");
		return rc;
	}
	if (command_of(o->command)->operand && !o->operand &&
	    !command_operand_is_command(command_of(o->command)))
		return etl_err_set(err, ETL_EUSAGE, "'etl %s' needs one of %s",
				   command_of(o->command)->name, command_of(o->command)->operand);
	return check_taken(o, given, err);
}
