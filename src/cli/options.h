/*
 * The options: one table (option_table.c) of every option feeds the parser, the help, the config
 * file, the environment, `etl config` and the check of etl.1. Parsed once into a const struct
 * options that is passed down; no other place reads the command line.
 *
 * A setting comes from the command line, else from the environment (ETL_NAME: upper case, dashes
 * as underscores), else from the config file, else from its default.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

enum command {
	CMD_NONE, CMD_CHECK, CMD_VIEWS, CMD_CREATE_TABLES, CMD_LOAD, CMD_VERIFY, CMD_RUN,
	CMD_EXPLAIN, CMD_INIT, CMD_STATUS, CMD_CONFIG, CMD_COMPLETION, CMD_HELP, CMD_COUNT
};

enum opt_log_format { OPT_LOG_TEXT, OPT_LOG_JSON };
enum opt_mysql_auth { OPT_AUTH_PASSWORD, OPT_AUTH_IAM };
enum opt_progress { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };
enum opt_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum opt_verify_mode { MODE_FULL, MODE_DIGEST, MODE_COUNT, MODE_SAMPLE };
enum opt_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML, FORMAT_JUNIT };

enum origin { ORIGIN_DEFAULT, ORIGIN_CONFIG, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE };

#define OPTIONS_MAX 96
#define OPTION_UNSET (-1)	/* a number that nobody gave and that has no default */

struct opt_list { size_t n; const char **values; };

/* Texts live in 'arena', NULL where there is neither a value nor a default. A choice is the
 * value's position in the table's list, which is that of the enums above (mysql_ssl_mode: of
 * source/mysql/mysql_source.h, write_mode: of sink/sink.h). */
struct options {
	enum command command;
	const char *operand;		/* `etl help COMMAND`, `etl completion SHELL` */
	bool help, version;
	/* general */
	const char *contract, *config, *state_dir, *metrics;
	struct opt_list tables;
	bool strict, quiet, verbose, allow_empty;
	int64_t log_format, progress, color;
	/* MySQL */
	const char *mysql_host, *mysql_socket, *mysql_user, *mysql_database;
	const char *mysql_password_file, *defaults_file, *mysql_ssl_ca;
	int64_t mysql_port, mysql_ssl_mode;
	int64_t mysql_auth;
	bool mysql_read_only;
	/* AWS */
	const char *region, *profile, *endpoint_url, *ca_bundle, *table_prefix;
	/* views, create-tables, load */
	bool dry_run, drop, restart, inline_views;
	const char *from_rejects;
	int64_t wait_seconds, give_up_after, readers, workers, chunk_rows, write_mode, max_wcu;
	int64_t max_rejects;
	const char *version_attribute, *rejects, *report, *prices;
	/* verify, explain */
	int64_t mode, sample, recheck, max_rcu, format;
	int64_t every;
	bool indexes, continuous, repair, delete_extra, yes, all, policy;
	const char *undo, *key;
	/* init */
	const char *output;
	bool single_table, force;

	unsigned char origins[OPTIONS_MAX];	/* enum origin, by position in the table */
	unsigned lines[OPTIONS_MAX];		/* likewise: of the config file; 0: not there */
	const char *config_used;		/* the config file that was read; NULL: none */
	struct arena *arena;
};

/*
 * Parses a command line. 'env' looks up the environment (getenv for real). The config file is read
 * on the way. 0, or -ETL_EUSAGE / -ETL_ESYSTEM (config file cannot be read) with
 * sentence and hint. 'out' is set up in any case, as far as it got; caller ends it with
 * options_release.
 */
int options_parse(int argc, char *const *argv, const char *(*env)(const char *name),
		  struct options *out, struct etl_err *err);
void options_release(struct options *o);

/*
 * Reads 'name = value' lines, '#' comments and blank lines of a config file into 'o', below what
 * the command line and the environment gave. For options_parse, and apart for tests.
 */
int options_read_config(struct options *o, struct str text, const char *file, struct etl_err *err);

/* Sets one option from text. 'where' names the origin in messages: "'--readers'". */
struct option_def;
int option_set(struct options *o, const struct option_def *def, const char *value,
	       enum origin origin, const char *where, struct etl_err *err);

/* Where the setting 'name' (which must be an option's) came from. */
enum origin option_origin(const struct options *o, const char *name);

/* The value as it would be written in a config file; false (nothing added) if it has none. */
bool option_value(const struct options *o, const struct option_def *def, struct buf *out);

#endif
