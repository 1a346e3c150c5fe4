#include "cli/commands.h"

#include <string.h>

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

int cmd_config(struct session *s, struct etl_err *err)
{
	struct buf out = { 0 }, value = { 0 };
	size_t i, line;

	(void)err;
	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		if (def->line_only || strcmp(def->name, "config") == 0)
			continue;
		buf_reset(&value);
		line = out.len;
		if (!option_value(s->opt, def, &value)) {
			buf_addf(&out, "# %s is not set\n", def->name);
			continue;
		}
		buf_addf(&out, "%s = ", def->name);
		add_value(&out, buf_cstr(&value));
		do
			buf_addc(&out, ' ');
		while (out.len - line < COMMENT_COLUMN);
		buf_adds(&out, "# ");
		add_origin(&out, s->opt, def);
		buf_addc(&out, '\n');
	}
	print_buf(&out);
	buf_release(&out);
	buf_release(&value);
	return 0;
}
