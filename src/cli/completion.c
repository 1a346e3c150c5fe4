/*
 * Scripts that complete etl's command line, one for each shell, made from the tables that the
 * parser itself reads. They need nothing but the shell: no package of helper functions, and no run
 * of etl at each key.
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/option_table.h"

/* ---- what the tables say -------------------------------------------------------------------- */

static void add_names(struct buf *out, const char *between)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		buf_addf(out, "%s%s", i ? between : "", command_table[i].name);
}

/* The names of the options that 'take' says yes to. false: there is none. */
static bool add_options(struct buf *out, const char *between,
			bool (*take)(const struct option_def *def, unsigned commands),
			unsigned commands)
{
	bool any = false;
	size_t i;

	for (i = 0; i < option_count; i++) {
		if (!take(&option_table[i], commands))
			continue;
		buf_addf(out, "%s--%s", any ? between : "", option_table[i].name);
		any = true;
	}
	return any;
}

/* The names of these commands. */
static void add_commands_of(struct buf *out, unsigned commands)
{
	bool any = false;
	size_t i;

	for (i = 0; i < command_count; i++) {
		if (!(commands & BIT(command_table[i].id)))
			continue;
		buf_addf(out, "%s%s", any ? " " : "", command_table[i].name);
		any = true;
	}
}

static bool is_of(const struct option_def *def, unsigned commands)
{
	return (def->commands & commands) != 0;
}

static bool has_value(const struct option_def *def, unsigned commands)
{
	(void)commands;
	return def->type != OPT_FLAG;
}

static bool is_file(const struct option_def *def, unsigned commands)
{
	(void)commands;
	return def->arg && strcmp(def->arg, "FILE") == 0;
}

static bool is_dir(const struct option_def *def, unsigned commands)
{
	(void)commands;
	return def->arg && strcmp(def->arg, "DIR") == 0;
}

static void add_choices(struct buf *out, const struct option_def *def)
{
	size_t i;

	for (i = 0; def->choices[i]; i++)
		buf_addf(out, "%s%s", i ? " " : "", def->choices[i]);
}

/* The words that a command takes besides options; false: none. */
static bool add_operands(struct buf *out, const struct command_def *c)
{
	size_t at;

	if (!c->operand)
		return false;
	if (command_operand_is_command(c)) {
		add_names(out, " ");
		return true;
	}
	at = out->len;
	buf_adds(out, c->operand);
	for (; at < out->len; at++)
		if (out->ptr[at] == '|')
			out->ptr[at] = ' ';
	return true;
}

/* Text between single quotes. 'special' are characters to have 'escape' before them; how a single
 * quote itself is written differs. */
static void add_quoted(struct buf *out, const char *text, const char *special, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'') {
			buf_adds(out, quote);
			continue;
		}
		if (strchr(special, *text))
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
}

/* ---- bash ----------------------------------------------------------------------------------- */

static const char bash_head[] =
	"# Completes etl's command line in bash; made by 'etl completion bash'.\n"
	"\n"
	"_etl()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} command= waits= options= words= word i\n"
	"\n"
	"\t# bash makes words of its own of '=' and ':'\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tcase $word in\n"
	"\t\t=) ;;\n"
	"\t\t";

static void make_bash(struct buf *out)
{
	size_t i;

	buf_adds(out, bash_head);
	add_options(out, " | ", has_value, 0);
	buf_adds(out, ") waits=$word ;;\n\t\t");
	add_names(out, " | ");
	buf_adds(out, ")\n"
		 "\t\t\t[ -n \"$waits\" ] || command=${command:-$word}\n"
		 "\t\t\twaits= ;;\n"
		 "\t\t*) waits= ;;\n"
		 "\t\tesac\n"
		 "\tdone\n"
		 "\t[ \"$cur\" != = ] || cur=\n"
		 "\tcase $waits in\n\t");
	if (add_options(out, " | ", is_file, 0))
		buf_adds(out, ")\n"
			 "\t\tcompopt -o filenames 2>/dev/null\n"
			 "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
			 "\t\treturn ;;\n\t");
	if (add_options(out, " | ", is_dir, 0))
		buf_adds(out, ")\n"
			 "\t\tcompopt -o filenames 2>/dev/null\n"
			 "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
			 "\t\treturn ;;\n");
	for (i = 0; i < option_count; i++) {
		if (!option_table[i].choices)
			continue;
		buf_addf(out, "\t--%s) words='", option_table[i].name);
		add_choices(out, &option_table[i]);
		buf_adds(out, "' ;;\n");
	}
	buf_adds(out, "\t'')\n\t\tcase $command in\n");
	for (i = 0; i < command_count; i++) {
		const struct command_def *c = &command_table[i];

		buf_addf(out, "\t\t%s)\n\t\t\toptions='", c->name);
		add_options(out, " ", is_of, BIT(c->id));
		buf_adds(out, "'");
		if (c->operand) {
			buf_adds(out, "\n\t\t\twords='");
			add_operands(out, c);
			buf_adds(out, "'");
		}
		buf_adds(out, " ;;\n");
	}
	buf_adds(out, "\t\t*)\n\t\t\toptions='");
	add_options(out, " ", is_of, ~0u);
	buf_adds(out, "'\n\t\t\twords='");
	add_names(out, " ");
	buf_adds(out, "' ;;\n"
		 "\t\tesac\n"
		 "\t\tif [ -z \"$words\" ] || [ \"${cur:0:1}\" = - ]; then words=$options; fi ;;\n"
		 "\tesac\n"
		 "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
		 "}\n"
		 "complete -F _etl etl\n");
}

/* ---- zsh ------------------------------------------------------------------------------------ */

static void add_zsh_text(struct buf *out, const char *text)
{
	add_quoted(out, text, "[]:\\", "'\\''");
}

/* '--name=[what it is]:ARG:what to offer', the form of _arguments. */
static void add_zsh_option(struct buf *out, const struct option_def *def)
{
	buf_addf(out, "'%s--%s%s[", def->type == OPT_LIST ? "*" : "", def->name,
		 has_value(def, 0) ? "=" : "");
	add_zsh_text(out, def->help);
	buf_adds(out, "]");
	if (def->choices) {
		buf_addf(out, ":%s:(", def->name);
		add_choices(out, def);
		buf_adds(out, ")");
	} else if (has_value(def, 0)) {
		buf_addc(out, ':');
		add_zsh_text(out, def->arg);
		buf_adds(out, is_file(def, 0) ? ":_files" : is_dir(def, 0) ? ":_files -/" : ": ");
	}
	buf_adds(out, "'");
}

static void make_zsh(struct buf *out)
{
	size_t i;

	buf_adds(out, "#compdef etl\n"
		 "# Completes etl's command line in zsh; made by 'etl completion zsh'.\n"
		 "\n"
		 "_etl_commands()\n"
		 "{\n"
		 "\tlocal -a commands=(\n");
	for (i = 0; i < command_count; i++) {
		buf_addf(out, "\t\t'%s:", command_table[i].name);
		add_zsh_text(out, command_table[i].summary);
		buf_adds(out, "'\n");
	}
	buf_adds(out, "\t)\n"
		 "\t_describe command commands\n"
		 "}\n"
		 "\n"
		 "# An option of these commands, or of any while none is given yet.\n"
		 "_etl_option()\n"
		 "{\n"
		 "\t[[ -n $command && \" $1 \" != *\" $command \"* ]] || specs+=(\"$2\")\n"
		 "}\n"
		 "\n"
		 "_etl()\n"
		 "{\n"
		 "\tlocal command word\n"
		 "\tlocal -a specs\n"
		 "\n"
		 "\tfor word in ${words[2,CURRENT-1]}; do\n"
		 "\t\tcase $word in\n"
		 "\t\t(");
	add_names(out, "|");
	buf_adds(out, ") command=$word; break ;;\n"
		 "\t\tesac\n"
		 "\tdone\n");
	for (i = 0; i < option_count; i++) {
		buf_adds(out, "\t_etl_option '");
		add_commands_of(out, option_table[i].commands);
		buf_adds(out, "' ");
		add_zsh_option(out, &option_table[i]);
		buf_addc(out, '\n');
	}
	buf_adds(out, "\tspecs+=('1:command:_etl_commands')\n"
		 "\tcase $command in\n");
	for (i = 0; i < command_count; i++) {
		const struct command_def *c = &command_table[i];

		if (!c->operand)
			continue;
		buf_addf(out, "\t(%s) specs+=('2: :", c->name);
		if (command_operand_is_command(c)) {
			buf_adds(out, "_etl_commands");
		} else {
			buf_addc(out, '(');
			add_operands(out, c);
			buf_addc(out, ')');
		}
		buf_adds(out, "') ;;\n");
	}
	buf_adds(out, "\tesac\n"
		 "\t_arguments $specs\n"
		 "}\n"
		 "\n"
		 "# a file of $fpath is the function itself; one that was sourced registers it\n"
		 "if [ \"$funcstack[1]\" = _etl ]; then _etl \"$@\"; else compdef _etl etl; fi\n");
}

/* ---- fish ----------------------------------------------------------------------------------- */

static void add_fish_text(struct buf *out, const char *text)
{
	add_quoted(out, text, "\\", "\\'");
}

static void make_fish(struct buf *out)
{
	size_t i;

	buf_adds(out, "# Completes etl's command line in fish; made by 'etl completion fish'.\n"
		 "\n"
		 "set -l commands ");
	add_names(out, " ");
	buf_adds(out, "\ncomplete -c etl -f\n");
	for (i = 0; i < command_count; i++) {
		const struct command_def *c = &command_table[i];

		buf_addf(out, "complete -c etl -n \"not __fish_seen_subcommand_from $commands\" -a %s "
			 "-d '", c->name);
		add_fish_text(out, c->summary);
		buf_adds(out, "'\n");
		if (!c->operand)
			continue;
		buf_addf(out, "complete -c etl -n '__fish_seen_subcommand_from %s' -a '", c->name);
		add_operands(out, c);
		buf_adds(out, "'\n");
	}
	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		buf_adds(out, "complete -c etl -n '__fish_seen_subcommand_from ");
		add_commands_of(out, def->commands);
		buf_addf(out, "' -l %s -d '", def->name);
		add_fish_text(out, def->help);
		buf_adds(out, "'");
		if (def->choices) {
			buf_adds(out, " -x -a '");
			add_choices(out, def);
			buf_adds(out, "'");
		} else if (is_dir(def, 0)) {
			buf_adds(out, " -x -a '(__fish_complete_directories)'");
		} else if (has_value(def, 0)) {
			buf_adds(out, is_file(def, 0) ? " -r -F" : " -x");
		}
		buf_addc(out, '\n');
	}
}

int cmd_completion(struct session *s, struct etl_err *err)
{
	const char *shell = s->opt->operand;
	struct buf out = { 0 };

	(void)err;
	if (strcmp(shell, "bash") == 0)
		make_bash(&out);
	else if (strcmp(shell, "zsh") == 0)
		make_zsh(&out);
	else
		make_fish(&out);
	print_buf(&out);
	buf_release(&out);
	return 0;
}
