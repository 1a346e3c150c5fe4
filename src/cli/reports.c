#include "cli/reports.h"

#include <stdio.h>

#include "aws/version.h"
#include "base/log.h"
#include "cli/option_table.h"
#include "cli/work.h"
#include "report/form.h"

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

/* Where that fails, an earlier run's must not be taken for this one's: it goes. */
static bool keep(const struct session *s, const struct reports *r, const char *ending,
		 const struct buf *content, struct etl_err *err)
{
	struct buf file = { 0 };
	struct etl_err why = { 0 };

	buf_addf(&file, "%s%s", r->name, ending);
	if (work_save(s, buf_cstr(&file), content, &why)) {
		work_drop(s, buf_cstr(&file));
		if (err->code)
			log_warn("%s", why.msg);
		else
			etl_err_copy(err, &why);
	}
	buf_release(&file);
	return !why.code;
}

/* JSON and HTML; true if the latter is there. */
static bool keep_both(const struct session *s, const struct reports *r, struct etl_err *err)
{
	struct buf html = { 0 };
	bool kept;

	if (!r->name)
		return false;
	kept = keep(s, r, ".json", &r->json, err) &&
	       !report_render(&r->json, REPORT_HTML, &html, err) &&
	       keep(s, r, ".html", &html, err);
	if (!kept) {
		buf_reset(&html);
		buf_addf(&html, "%s.html", r->name);
		work_drop(s, buf_cstr(&html));
	}
	buf_release(&html);
	return kept;
}

/* In words the error of the run is on stderr; a file has to say it itself. */
static int in_form(const struct reports *r, enum report_form form, const struct etl_err *ended,
		   struct buf *out, struct etl_err *err)
{
	switch (form) {
	case REPORT_JSON:
		buf_addstr(out, buf_str(&r->json));
		return 0;
	case REPORT_TEXT:
		buf_addstr(out, buf_str(&r->text));
		if (ended->code) {
			buf_adds(out, "error: ");
			buf_add_printable(out, str_of(ended->msg));
			buf_addc(out, '\n');
		}
		return 0;
	case REPORT_HTML: case REPORT_JUNIT:
		break;
	}
	return report_render(&r->json, form, out, err);
}

static void write_file(const char *path, const struct reports *r, const struct etl_err *ended,
		       struct etl_err *err)
{
	enum report_form form;
	struct buf out = { 0 };

	report_form_of_file(path, &form);
	if (!in_form(r, form, ended, &out, err))
		work_write_file(path, &out, err);
	buf_release(&out);
}

static void print_report(const struct session *s, const struct reports *r, struct etl_err *err)
{
	static const enum report_form forms[] = {
		[FORMAT_TEXT] = REPORT_TEXT, [FORMAT_JSON] = REPORT_JSON,
		[FORMAT_HTML] = REPORT_HTML, [FORMAT_JUNIT] = REPORT_JUNIT,
	};
	static const struct etl_err none;
	struct buf out = { 0 };

	if (s->opt->format == FORMAT_TEXT && (r->told || !session_tells(s, err)))
		return;
	if (in_form(r, forms[s->opt->format], &none, &out, err))
		;
	else if (s->opt->format == FORMAT_JSON)
		print_json(&out);
	else
		print_buf(&out);
	fflush(stdout);
	buf_release(&out);
}

static void release(struct reports *r)
{
	buf_release(&r->json);
	buf_release(&r->text);
}

void reports_end(const struct session *s, struct reports *r, struct etl_err *err)
{
	const struct etl_err ended = *err;
	bool kept = keep_both(s, r, err);

	if (s->opt->report)
		write_file(s->opt->report, r, &ended, err);
	print_report(s, r, err);
	if (kept && (!r->told || err->code || s->opt->format != FORMAT_TEXT))
		log_info("report: %s/%s.html", s->opt->state_dir, r->name);
	release(r);
}

void run_parts_init(struct run_parts *run)
{
	*run = (struct run_parts){ .out = { .out = &run->members, .depth = 1 } };
}

void run_parts_release(struct run_parts *run)
{
	buf_release(&run->members);
	buf_release(&run->text);
}

void reports_end_step(const struct session *s, struct reports *r, struct run_parts *run,
		      struct etl_err *err)
{
	if (run->text.len && r->text.len) {
		buf_addc(&run->text, '\n');
		if (s->opt->format == FORMAT_TEXT && session_tells(s, err))
			fputc('\n', stdout);
	}
	buf_addstr(&run->text, buf_str(&r->text));
	keep_both(s, r, err);
	if (s->opt->format == FORMAT_TEXT && session_tells(s, err))
		print_buf(&r->text);
	fflush(stdout);
	release(r);
}
