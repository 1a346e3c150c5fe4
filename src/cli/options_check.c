/* What the settings of one run must be together. */
#include <string.h>

#include "cli/option_table.h"
#include "cli/options_priv.h"
#include "report/form.h"
#include "sink/sink.h"
#include "source/mysql/mysql_source.h"

static int exclude(const char *a, const char *b, struct etl_err *err)
{
	return etl_err_set(err, ETL_EUSAGE, "'--%s' and '--%s' exclude each other", a, b);
}

/* A socket and another host cannot both be meant. Where one was given nearer to the user (on the
 * command line, say, and the other in the config file), it is the one that counts. */
static int settle_server(struct options *o, struct etl_err *err)
{
	enum origin host = option_origin(o, "mysql-host"), sock = option_origin(o, "mysql-socket");

	if (!o->mysql_host || !o->mysql_socket || strcmp(o->mysql_host, "localhost") == 0)
		return 0;
	if (host == sock)
		return exclude("mysql-host", "mysql-socket", err);
	if (host < sock)
		o->mysql_host = NULL;
	else
		o->mysql_socket = NULL;
	return 0;
}

/* A URL is shown in logs and reports, so it may hold no secret. */
static bool has_user(const char *url)
{
	const char *host = strstr(url, "//") + 2;

	return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

static int check_values(const struct options *o, struct etl_err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t bad = strspn(o->table_prefix, allowed);

	if (o->table_prefix[bad])
		return etl_err_set(err, ETL_EUSAGE, "'--table-prefix': '%s' holds something else "
				   "than letters, digits, '_', '.' and '-'", o->table_prefix);
	if (strlen(o->table_prefix) > 200)
		return etl_err_set(err, ETL_EUSAGE,
				   "'--table-prefix' is longer than 200 characters");
	if (o->endpoint_url && strncmp(o->endpoint_url, "http://", 7) != 0 &&
	    strncmp(o->endpoint_url, "https://", 8) != 0) {
		etl_err_set(err, ETL_EUSAGE, "'--endpoint-url': '%s' begins with neither http:// "
			    "nor https://", o->endpoint_url);
		etl_err_hint(err, "DynamoDB Local's is http://127.0.0.1:8000");
		return -ETL_EUSAGE;
	}
	if (o->endpoint_url && has_user(o->endpoint_url))
		return etl_err_set(err, ETL_EUSAGE, "'--endpoint-url' holds a user name or a "
				   "password, which have no meaning there");
	return 0;
}

static int check_explain(const struct options *o, struct etl_err *err)
{
	if (o->tables.n != 1) {
		etl_err_set(err, ETL_EUSAGE, "'etl explain' needs one '--table T'%s",
			    o->tables.n ? ", not several" : "");
		return -ETL_EUSAGE;
	}
	if (!o->key)
		return etl_err_set(err, ETL_EUSAGE, "'etl explain' needs '--key PK[,SK]'");
	return 0;
}

/* A number to draw says which mode is meant, unless the user said so, too. */
static int settle_mode(struct options *o, struct etl_err *err)
{
	if ((o->command == CMD_VERIFY || o->command == CMD_RUN) && o->recheck != OPTION_UNSET &&
	    (o->mode != MODE_FULL || (o->command == CMD_VERIFY && o->sample != OPTION_UNSET)))
		return etl_err_set(err, ETL_EUSAGE, "'--recheck' needs '--mode full'");
	if (o->command != CMD_VERIFY || o->sample == OPTION_UNSET || o->mode == MODE_SAMPLE)
		return 0;
	if (option_origin(o, "mode") == ORIGIN_COMMAND_LINE)
		return etl_err_set(err, ETL_EUSAGE, "'--sample' needs '--mode sample'");
	o->mode = MODE_SAMPLE;
	return 0;
}

/* A config file may hold both for other commands. */
static int check_write_mode(const struct options *o, struct etl_err *err)
{
	if (o->command != CMD_LOAD && o->command != CMD_RUN)
		return 0;
	if (o->write_mode == WRITE_NEWER && !o->version_attribute) {
		etl_err_set(err, ETL_EUSAGE, "'--write-mode newer' needs '--version-attribute A'");
		etl_err_hint(err, "the attribute that tells which of two items is older, such as "
			     "the time of the row's last change");
		return -ETL_EUSAGE;
	}
	if (o->write_mode != WRITE_NEWER && o->version_attribute)
		return etl_err_set(err, ETL_EUSAGE, "'--version-attribute' goes with "
				   "'--write-mode newer' only");
	return 0;
}

/* What other commands print is no report. */
static int check_format(const struct options *o, struct etl_err *err)
{
	bool reports = o->command == CMD_LOAD || o->command == CMD_VERIFY || o->command == CMD_RUN;
	const struct option_def *def = option_find("format");

	if (reports || o->format == FORMAT_TEXT || o->format == FORMAT_JSON ||
	    !(def->commands & BIT(o->command)) ||
	    (o->command == CMD_CONFIG && option_origin(o, "format") != ORIGIN_COMMAND_LINE))
		return 0;
	return etl_err_set(err, ETL_EUSAGE, "'--format %s' is for load, verify and run",
			   def->choices[o->format]);
}

/* A file that is not what its name says would be found out too late. */
static int check_report(const struct options *o, struct etl_err *err)
{
	enum report_form form;

	if (!o->report || report_form_of_file(o->report, &form))
		return 0;
	etl_err_set(err, ETL_EUSAGE, "'--report': the ending of '%s' is none of .html, .json, .xml, "
		    ".txt", o->report);
	etl_err_hint(err, "the ending says which form the report is to have; without one it is JSON");
	return -ETL_EUSAGE;
}

static int check_repair(const struct options *o, struct etl_err *err)
{
	if (o->undo && o->repair)
		return exclude("undo", "repair", err);
	if (o->continuous && (o->repair || o->undo))
		return exclude("continuous", o->repair ? "repair" : "undo", err);
	if (o->continuous && (o->mode != MODE_FULL || o->sample != OPTION_UNSET))
		return etl_err_set(err, ETL_EUSAGE, "'--continuous' needs '--mode full'");
	if (o->repair && o->indexes)
		return exclude("repair", "indexes", err);
	if (o->delete_extra && !o->repair)
		return etl_err_set(err, ETL_EUSAGE, "'--delete-extra' needs '--repair'");
	if (o->repair && (o->mode != MODE_FULL || o->sample != OPTION_UNSET))
		return etl_err_set(err, ETL_EUSAGE, "'--repair' needs '--mode full'");
	if (o->undo && o->format != FORMAT_TEXT && o->format != FORMAT_JSON)
		return etl_err_set(err, ETL_EUSAGE, "'--undo' tells what it did as text or JSON "
				   "only");
	return 0;
}

static bool on_line(const struct options *o, const char *name)
{
	return option_origin(o, name) == ORIGIN_COMMAND_LINE;
}

/* What would have no effect beside something else is refused where both stand on the command line: a
 * config file and the environment hold settings for many runs, of which each takes what it needs. */
static int check_pairs(const struct options *o, struct etl_err *err)
{
	static const char *const pairs[][2] = {
		{ "dry-run", "rejects" }, { "dry-run", "metrics" },
		{ "mysql-socket", "mysql-port" }, { "undo", "metrics" },
		{ "undo", "restart" }, { "continuous", "restart" },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (on_line(o, pairs[i][0]) && on_line(o, pairs[i][1]))
			return exclude(pairs[i][0], pairs[i][1], err);
	if (on_line(o, "quiet") && o->quiet && on_line(o, "progress") &&
	    o->progress != PROGRESS_NONE)
		return exclude("quiet", "progress", err);
	if (on_line(o, "log-format") && o->log_format == OPT_LOG_JSON && on_line(o, "progress") &&
	    o->progress == PROGRESS_BAR)
		return etl_err_set(err, ETL_EUSAGE, "'--progress bar' does not go with "
				   "'--log-format json'");
	if (on_line(o, "mysql-ssl-ca") && on_line(o, "mysql-ssl-mode") &&
	    o->mysql_ssl_mode == MYSQL_SSL_DISABLED)
		return etl_err_set(err, ETL_EUSAGE, "'--mysql-ssl-ca' does not go with "
				   "'--mysql-ssl-mode disabled'");
	if (o->command == CMD_VERIFY && on_line(o, "version-attribute") &&
	    (o->mode == MODE_DIGEST || o->mode == MODE_COUNT))
		return etl_err_set(err, ETL_EUSAGE, "'--version-attribute' needs '--mode full' or "
				   "'--mode sample'");
	if (o->command == CMD_VERIFY && o->restart &&
	    (o->mode == MODE_COUNT || o->mode == MODE_SAMPLE || o->sample != OPTION_UNSET))
		return etl_err_set(err, ETL_EUSAGE, "'--restart' needs '--mode full' or "
				   "'--mode digest'");
	if (o->command == CMD_VERIFY && o->yes && !o->repair && !o->undo)
		return etl_err_set(err, ETL_EUSAGE, "'--yes' needs '--repair' or '--undo'");
	return 0;
}

int options_check(struct options *o, struct etl_err *err)
{
	int rc = 0;

	if (o->quiet && o->verbose)
		rc = exclude("quiet", "verbose", err);
	if (!rc && o->command == CMD_VIEWS && o->sample != OPTION_UNSET && o->drop)
		rc = exclude("sample", "drop", err);
	if (!rc && o->command == CMD_VIEWS && o->sample != OPTION_UNSET && o->dry_run)
		rc = exclude("sample", "dry-run", err);
	if (!rc && o->command == CMD_CHECK && o->sample != OPTION_UNSET && o->all)
		rc = exclude("sample", "all", err);
	if (!rc && o->command == CMD_CHECK && o->policy && (o->all || o->sample != OPTION_UNSET))
		rc = exclude("policy", o->all ? "all" : "sample", err);
	if (!rc && o->command == CMD_VIEWS && o->drop && o->mysql_read_only && !o->dry_run)
		rc = exclude("drop", "mysql-read-only", err);
	if (!rc && o->mysql_auth == OPT_AUTH_IAM && o->mysql_password_file)
		rc = etl_err_set(err, ETL_EUSAGE, "'--mysql-auth iam' and '--mysql-password-file' "
				 "exclude each other");
	if (!rc && o->command == CMD_EXPLAIN)
		rc = check_explain(o, err);
	if (!rc && o->command == CMD_LOAD && o->dry_run && o->restart)
		rc = exclude("dry-run", "restart", err);
	if (!rc && o->from_rejects && o->restart)
		rc = exclude("from-rejects", "restart", err);
	if (!rc)
		rc = check_pairs(o, err);
	if (!rc)
		rc = check_write_mode(o, err);
	if (!rc)
		rc = check_format(o, err);
	if (!rc)
		rc = check_report(o, err);
	if (!rc)
		rc = check_values(o, err);
	if (!rc && o->command == CMD_VERIFY)
		rc = check_repair(o, err);
	if (!rc)
		rc = settle_mode(o, err);
	if (!rc)
		rc = settle_server(o, err);
	return rc;
}
