#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/answer.h"
#include "cli/commands.h"
#include "cli/metrics_file.h"
#include "cli/option_table.h"
#include "cli/work.h"

static const char *env_of(const char *name)
{
	return getenv(name);
}

/* NO_COLOR: see no-color.org. */
static bool stderr_takes_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDERR_FILENO) && !work_is_dumb_terminal() && !(no_color && *no_color);
}

static void set_up_log(const struct options *o)
{
	bool color = o->color == COLOR_ALWAYS ||
		     (o->color == COLOR_AUTO && stderr_takes_color());

	log_setup(o->log_format == OPT_LOG_JSON ? LOG_JSON : LOG_TEXT,
		  o->quiet ? LOG_WARN : o->verbose ? LOG_DEBUG : LOG_INFO, color);
}

static int run_command(struct session *s, struct etl_err *err)
{
	if (s->opt->help || s->opt->version)
		return cmd_help(s, err);
	switch (s->opt->command) {
	case CMD_CHECK: return cmd_check(s, err);
	case CMD_VIEWS: return cmd_views(s, err);
	case CMD_CREATE_TABLES: return cmd_create_tables(s, err);
	case CMD_LOAD: return cmd_load(s, err);
	case CMD_VERIFY: return cmd_verify(s, err);
	case CMD_RUN: return cmd_run(s, err);
	case CMD_STATUS: return cmd_status(s, err);
	case CMD_CONFIG: return cmd_config(s, err);
	case CMD_COMPLETION: return cmd_completion(s, err);
	case CMD_HELP: return cmd_help(s, err);
	case CMD_EXPLAIN: return cmd_explain(s, err);
	case CMD_INIT: return cmd_init(s, err);
	case CMD_NONE: case CMD_COUNT: break;
	}
	return etl_err_set(err, ETL_EINTERNAL, "a command without a function");
}

/* A result that did not reach its reader is no result. */
static void check_stdout(struct etl_err *err)
{
	int failed = ferror(stdout);

	errno = 0;
	if (fflush(stdout) != 0 || failed)
		etl_err_set(err, ETL_ESYSTEM, "cannot write to standard output%s%s",
			    errno ? ": " : "", errno ? strerror(errno) : "");
}

/* Where in the program the stop was noticed says nothing to the user. */
static void name_signal(struct etl_err *err, int signo)
{
	const char *name = sigabbrev_np(signo);

	snprintf(err->msg, sizeof(err->msg), "stopped by SIG%s", name ? name : "?");
}

static void log_end(const struct session *s, int status)
{
	const char *command = s->opt->command ? command_of(s->opt->command)->name : "help";
	int64_t took_ms = s->clock->utc_ms(s->clock) - s->start_utc_ms;
	struct buf fields = { 0 };

	buf_addf(&fields, "\"command\":\"%s\",\"exit_status\":%d,\"milliseconds\":%lld", command,
		 status, (long long)took_ms);
	log_event(LOG_INFO, buf_cstr(&fields), "etl %s ended with status %d", command, status);
	buf_release(&fields);
}

int cli_main(int argc, char *const *argv, struct stop *stop)
{
	struct etl_err err = { 0 };
	struct options options;
	struct session session;
	bool options_failed;
	int rc, status;

	rc = options_parse(argc, argv, env_of, &options, &err);
	options_failed = rc < 0;
	set_up_log(&options);
	session_init(&session, &options, stop);
	if (!rc)
		answer_start(&session);
	if (!rc)
		rc = run_command(&session, &err);
	if (rc && !err.code)
		etl_err_set(&err, (enum etl_errc)-rc, "it failed without saying why (%s)",
			    etl_errclass(rc)->name);
	if (err.code == ETL_ESTOPPED && stop_signal(session.stop))
		name_signal(&err, stop_signal(session.stop));
	check_stdout(&err);
	if (!options_failed)
		metrics_file_end(&session, exit_status(&err, &session.outcome, session.stop), &err);
	status = exit_status(&err, &session.outcome, session.stop);
	exit_report(&err, status, options.log_format == OPT_LOG_JSON);
	if (options.log_format == OPT_LOG_JSON && !options_failed)
		log_end(&session, status);
	answer_stop(&session);
	session_close(&session);
	options_release(&options);
	return status;
}
