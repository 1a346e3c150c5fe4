#include "cli/reports.h"

#include "aws/version.h"
#include "cli/option_table.h"
#include "cli/work.h"

static const char *origin_name(enum origin origin)
{
	switch (origin) {
	case ORIGIN_CONFIG: return "config-file";
	case ORIGIN_ENVIRONMENT: return "environment";
	case ORIGIN_COMMAND_LINE: return "command-line";
	case ORIGIN_DEFAULT: break;
	}
	return "default";
}

/* All settings that the command knows. None is a secret: the options have no room for one. */
static void add_settings(struct report_run *run, const struct options *o, struct arena *arena)
{
	struct report_setting *list = arena_alloc(arena, option_count * sizeof(*list));
	struct buf value = { 0 };
	size_t i;

	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		if (!(def->commands & BIT(o->command)))
			continue;
		buf_reset(&value);
		list[run->nsettings++] = (struct report_setting){
			.name = def->name,
			.origin = origin_name((enum origin)o->origins[i]),
			.value = option_value(o, def, &value)
			       ? arena_strdup(arena, buf_cstr(&value)) : NULL,
		};
	}
	buf_release(&value);
	run->settings = list;
}

struct report_run reports_run(const struct session *s, const struct etl_err *err,
			      struct arena *arena)
{
	struct report_run run = {
		.contract = s->opt->contract,
		.contract_digest = s->contract->digest,
		.source = session_source_text(s),
		.target = session_target_text(s),
		.start_utc_ms = s->start_utc_ms,
		.err = err,
		.exit_status = exit_status(err, &s->outcome, s->stop),
		.etl = ETL_VERSION,
		.server = arena_printf(arena, "%s %s", s->catalog->flavour == SERVER_MARIADB
				       ? "MariaDB" : "MySQL", s->catalog->version_text),
		.mysql_client = mysql_source_library(),
		.libcurl = aws_version_curl(),
		.openssl = aws_version_openssl(),
	};

	add_settings(&run, s->opt, arena);
	return run;
}

void reports_write(const struct session *s, const char *name, const struct buf *json, bool asked,
		   struct etl_err *err)
{
	struct buf file = { 0 };

	if (name) {
		buf_addf(&file, "%s.json", name);
		work_save(s, buf_cstr(&file), json, err);
	}
	if (asked && s->opt->report)
		work_write_file(s->opt->report, json, err);
	buf_release(&file);
}
