#include "cli/commands.h"

#include <jansson.h>
#include <string.h>

#include "aws/version.h"
#include "cli/option_table.h"

#define TEXT_COLUMNS 78

static void add_wrapped(struct buf *out, const char *indent, const char *text)
{
	size_t column = strlen(indent), width;

	buf_adds(out, indent);
	while (*text) {
		width = strcspn(text, " ");
		if (column + width > TEXT_COLUMNS && column > strlen(indent)) {
			out->len--;	/* the blank before the word */
			buf_addc(out, '\n');
			buf_adds(out, indent);
			column = strlen(indent);
		}
		buf_add(out, text, width);
		column += width + 1;
		text += width;
		if (*text == ' ') {
			buf_addc(out, ' ');
			text++;
		}
	}
	buf_addc(out, '\n');
}

static void add_option(struct buf *out, const struct option_def *def)
{
	struct buf text = { 0 };

	buf_addf(out, "  --%s", def->name);
	if (def->type != OPT_FLAG) {
		buf_addc(out, ' ');
		option_add_argument(out, def);
	}
	buf_addc(out, '\n');
	buf_adds(&text, def->help);
	if (def->fallback && *def->fallback)
		buf_addf(&text, " (default %s)", def->fallback);
	add_wrapped(out, "        ", buf_cstr(&text));
	buf_release(&text);
}

static void add_lines(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		buf_adds(out, "  ");
		buf_add(out, text, len);
		buf_addc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

void help_program(struct buf *out)
{
	size_t i;

	buf_adds(out, "usage: etl COMMAND [OPTION...]\n\n"
		 "Moves a relational application from MySQL or MariaDB to Amazon DynamoDB, as a\n"
		 "migration contract says.\n\ncommands:\n");
	for (i = 0; i < command_count; i++) {
		const struct command_def *c = &command_table[i];

		buf_addf(out, "  %s%s%s\n", c->name, c->operand ? " " : "",
			 c->operand ? c->operand : "");
		add_wrapped(out, "        ", c->summary);
	}
	buf_adds(out, "\n'etl help COMMAND' shows a command's options, 'etl help config' those of\n"
		 "the config file. 'man etl' is the manual.\n");
}

void help_command(enum command id, struct buf *out)
{
	const struct command_def *c = command_of(id);
	int group;
	size_t i;

	buf_addf(out, "usage: etl %s%s%s [OPTION...]\n\n%s\n", c->name, c->operand ? " " : "",
		 c->operand ? c->operand : "", c->about);
	buf_adds(out, "\nexamples:\n");
	add_lines(out, c->examples);
	for (group = 0; group < GROUP_COUNT; group++) {
		bool any = false;

		for (i = 0; i < option_count; i++) {
			const struct option_def *def = &option_table[i];

			if ((int)def->group != group || !(def->commands & BIT(id)))
				continue;
			if (!any)
				buf_addf(out, "\n%s:\n", option_group_titles[group]);
			any = true;
			add_option(out, def);
		}
	}
}

void help_version(struct buf *out)
{
	buf_addf(out, "etl %s\n", ETL_VERSION);
	buf_addf(out, "MySQL client: %s\n", mysql_source_library());
	buf_addf(out, "libcurl: %s\n", aws_version_curl());
	buf_addf(out, "OpenSSL: %s\n", aws_version_openssl());
	buf_addf(out, "jansson: %s\n", jansson_version_str());
}

int cmd_help(struct session *s, struct etl_err *err)
{
	struct buf out = { 0 };

	(void)err;
	if (s->opt->version)
		help_version(&out);
	else if (s->opt->operand)
		help_command(command_find(s->opt->operand)->id, &out);
	else if (s->opt->command && s->opt->command != CMD_HELP)
		help_command(s->opt->command, &out);
	else
		help_program(&out);
	print_buf(&out);
	buf_release(&out);
	return 0;
}
