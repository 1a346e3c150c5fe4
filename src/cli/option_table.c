#include "cli/option_table.h"

#include <string.h>

#define ALL (BIT(CMD_COUNT) - 2)	/* every command; bit 0 is "none" */
#define CONFIG BIT(CMD_CONFIG)		/* it shows every setting, so it takes every one */
#define WORK (BIT(CMD_CHECK) | BIT(CMD_VIEWS) | BIT(CMD_CREATE_TABLES) | BIT(CMD_LOAD) | \
	      BIT(CMD_VERIFY) | BIT(CMD_RUN) | BIT(CMD_EXPLAIN) | CONFIG)
#define SOURCE (WORK | BIT(CMD_INIT))
#define TARGET ((WORK & ~BIT(CMD_VIEWS)))
#define QUOTES (LOADS | BIT(CMD_CHECK))
#define LOADS (BIT(CMD_LOAD) | BIT(CMD_RUN) | CONFIG)
#define VERIFIES (BIT(CMD_VERIFY) | BIT(CMD_RUN) | CONFIG)

#define AT(field) offsetof(struct options, field)

const char *const option_group_titles[GROUP_COUNT] = {
	"General options", "MySQL options", "AWS options", "Options of views and loads",
	"Options of check, explain and verify", "Options of init",
};

static const char *const log_formats[] = { "text", "json", NULL };
static const char *const progresses[] = { "auto", "bar", "plain", "json", "none", NULL };
static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const ssl_modes[] = {
	"disabled", "preferred", "required", "verify-ca", "verify-identity", NULL
};
static const char *const mysql_auths[] = { "password", "iam", NULL };
static const char *const write_modes[] = { "overwrite", "if-absent", "newer", NULL };
static const char *const verify_modes[] = { "full", "digest", "count", "sample", NULL };
static const char *const formats[] = { "text", "json", "html", "junit", NULL };

const struct option_def option_table[] = {
	/* general */
	{ .name = "contract", .group = GROUP_GENERAL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(contract), .commands = WORK | BIT(CMD_INIT),
	  .fallback = "migrationContract.json", .help = "the migration contract" },
	{ .name = "config", .group = GROUP_GENERAL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(config), .commands = ALL,
	  .help = "file of options, 'name = value' a line; ./etl.conf is read if it is there" },
	{ .name = "state-dir", .group = GROUP_GENERAL, .type = OPT_TEXT, .arg = "DIR",
	  .offset = AT(state_dir), .commands = ALL, .fallback = ".etl",
	  .help = "where checkpoints, rejects and reports of runs are kept" },
	{ .name = "table", .group = GROUP_GENERAL, .type = OPT_LIST, .arg = "T",
	  .offset = AT(tables), .commands = WORK | BIT(CMD_INIT),
	  .help = "only this table of the contract (init: of the source); may be given several times" },
	{ .name = "strict", .group = GROUP_GENERAL, .type = OPT_FLAG,
	  .offset = AT(strict), .commands = WORK,
	  .help = "unknown keys in the contract are errors; check: every warning is" },
	{ .name = "quiet", .group = GROUP_GENERAL, .type = OPT_FLAG,
	  .offset = AT(quiet), .commands = ALL,
	  .help = "nothing on stderr but warnings and errors; load, verify and run print no report where "
		  "nothing is wrong" },
	{ .name = "verbose", .group = GROUP_GENERAL, .type = OPT_FLAG,
	  .offset = AT(verbose), .commands = ALL, .help = "say more on stderr" },
	{ .name = "log-format", .group = GROUP_GENERAL, .type = OPT_CHOICE,
	  .offset = AT(log_format), .commands = ALL, .choices = log_formats,
	  .fallback = "text",
	  .help = "messages on stderr as text or as a JSON object a line" },
	{ .name = "progress", .group = GROUP_GENERAL, .type = OPT_CHOICE,
	  .offset = AT(progress), .commands = LOADS | VERIFIES, .choices = progresses,
	  .fallback = "auto",
	  .help = "how progress is shown; auto is bar on a terminal and plain elsewhere" },
	{ .name = "metrics", .group = GROUP_GENERAL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(metrics), .commands = LOADS | VERIFIES,
	  .help = "keep this file up to date with the run's numbers in Prometheus' text format, for "
		  "the node exporter's textfile collector" },
	{ .name = "color", .group = GROUP_GENERAL, .type = OPT_CHOICE,
	  .offset = AT(color), .commands = ALL, .choices = colors,
	  .fallback = "auto",
	  .help = "colors; auto is on a terminal unless NO_COLOR is set or TERM is dumb" },
	{ .name = "format", .group = GROUP_GENERAL, .type = OPT_CHOICE,
	  .offset = AT(format), .commands = BIT(CMD_CHECK) | BIT(CMD_EXPLAIN) | LOADS | VERIFIES,
	  .choices = formats, .fallback = "text",
	  .help = "form of the report on stdout; html and junit are for load, verify and run" },
	{ .name = "help", .group = GROUP_GENERAL, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(help), .commands = ALL, .help = "this help" },
	{ .name = "version", .group = GROUP_GENERAL, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(version), .commands = ALL,
	  .help = "the versions of etl and of the libraries it uses" },

	/* MySQL */
	{ .name = "mysql-host", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "HOST",
	  .offset = AT(mysql_host), .commands = SOURCE,
	  .help = "the server; the option file's, else localhost" },
	{ .name = "mysql-port", .group = GROUP_MYSQL, .type = OPT_NUMBER, .arg = "PORT",
	  .offset = AT(mysql_port), .commands = SOURCE, .min = 1, .max = 65535,
	  .help = "its TCP port; the option file's, else 3306" },
	{ .name = "mysql-socket", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(mysql_socket), .commands = SOURCE,
	  .help = "its Unix socket, instead of host and port" },
	{ .name = "mysql-user", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "USER",
	  .offset = AT(mysql_user), .commands = SOURCE,
	  .help = "the account; the option file's, else the login name" },
	{ .name = "mysql-database", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "NAME",
	  .offset = AT(mysql_database), .commands = SOURCE,
	  .help = "the database with the source tables" },
	{ .name = "mysql-password-file", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(mysql_password_file), .commands = SOURCE,
	  .help = "file that holds the password; else MYSQL_PWD or an option file gives it" },
	{ .name = "defaults-file", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(defaults_file), .commands = SOURCE,
	  .help = "MySQL option file, groups [client] and [etl], instead of the usual ones" },
	{ .name = "mysql-ssl-mode", .group = GROUP_MYSQL, .type = OPT_CHOICE,
	  .offset = AT(mysql_ssl_mode), .commands = SOURCE, .choices = ssl_modes,
	  .fallback = "preferred",
	  .help = "TLS to the server, with the meaning of MySQL's own programs" },
	{ .name = "mysql-ssl-ca", .group = GROUP_MYSQL, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(mysql_ssl_ca), .commands = SOURCE,
	  .help = "certificates of the authorities that the server's is checked against" },
	{ .name = "mysql-auth", .group = GROUP_MYSQL, .type = OPT_CHOICE,
	  .offset = AT(mysql_auth), .commands = SOURCE, .choices = mysql_auths,
	  .fallback = "password",
	  .help = "iam: log in to Amazon RDS or Aurora by a token that the AWS credentials sign" },
	{ .name = "mysql-read-only", .group = GROUP_MYSQL, .type = OPT_FLAG,
	  .offset = AT(mysql_read_only), .commands = SOURCE,
	  .help = "change nothing in the source, which may be a replica: views that are not there "
		  "already are an error" },

	/* AWS */
	{ .name = "region", .group = GROUP_AWS, .type = OPT_TEXT, .arg = "REGION",
	  .offset = AT(region), .commands = TARGET,
	  .help = "the AWS region; else AWS_REGION or the profile gives it" },
	{ .name = "profile", .group = GROUP_AWS, .type = OPT_TEXT, .arg = "NAME",
	  .offset = AT(profile), .commands = TARGET,
	  .help = "the profile in the AWS files; else AWS_PROFILE, else default" },
	{ .name = "endpoint-url", .group = GROUP_AWS, .type = OPT_TEXT, .arg = "URL",
	  .offset = AT(endpoint_url), .commands = TARGET,
	  .help = "another address of DynamoDB, such as DynamoDB Local's" },
	{ .name = "ca-bundle", .group = GROUP_AWS, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(ca_bundle), .commands = TARGET,
	  .help = "certificates of the authorities for https" },
	{ .name = "table-prefix", .group = GROUP_AWS, .type = OPT_TEXT, .arg = "P",
	  .offset = AT(table_prefix), .commands = WORK, .fallback = "",
	  .help = "stands before the name of every DynamoDB table" },

	/* views, create-tables, load */
	{ .name = "dry-run", .group = GROUP_LOAD, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(dry_run), .commands = BIT(CMD_VIEWS) | BIT(CMD_LOAD),
	  .help = "views: print the SQL only; load: read and judge every row, write nothing" },
	{ .name = "drop", .group = GROUP_LOAD, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(drop), .commands = BIT(CMD_VIEWS),
	  .help = "remove the views of the contract's tables" },
	{ .name = "sample", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(sample), .commands = BIT(CMD_VIEWS) | BIT(CMD_CHECK) |
	  BIT(CMD_VERIFY), .min = 1, .max = 1000000, .line_only = true,
	  .help = "views: show N rows of each entity as they will land; check: look at N rows of "
		  "each entity (500 if not given); verify: draw N rows of each table, as --mode sample "
		  "(1000 if not given)" },
	{ .name = "inline-views", .group = GROUP_LOAD, .type = OPT_FLAG,
	  .offset = AT(inline_views), .commands = QUOTES | VERIFIES,
	  .help = "make no views, read by the SELECTs that they would have: SELECT is enough" },
	{ .name = "wait-seconds", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(wait_seconds), .commands = BIT(CMD_CREATE_TABLES) | BIT(CMD_RUN) | CONFIG,
	  .min = 1, .max = 604800, .fallback = "1800",
	  .help = "how long to wait until tables and indexes are ACTIVE" },
	{ .name = "give-up-after", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "SECONDS",
	  .offset = AT(give_up_after), .commands = LOADS | VERIFIES, .min = 1, .max = 604800,
	  .fallback = "600",
	  .help = "end a run in which nothing went forward for so long, because DynamoDB or MySQL "
		  "is away, or throttles" },
	{ .name = "readers", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(readers), .commands = LOADS | VERIFIES, .min = 1, .max = 64,
	  .help = "connections that read from MySQL, all in one snapshot; as many as processors, "
		  "at most 4, if not given" },
	{ .name = "workers", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(workers), .commands = LOADS | VERIFIES, .min = 1, .max = 256,
	  .help = "connections that write to, or read from, DynamoDB; if not given, as many as it pays "
		  "for a load, at most 128, and 8 for verify" },
	{ .name = "chunk-rows", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(chunk_rows), .commands = LOADS | VERIFIES, .min = 1, .max = 10000000,
	  .fallback = "10000", .help = "rows of a unit of work, which a resumed run reads whole" },
	{ .name = "write-mode", .group = GROUP_LOAD, .type = OPT_CHOICE,
	  .offset = AT(write_mode), .commands = QUOTES, .choices = write_modes,
	  .fallback = "overwrite",
	  .help = "what happens to an item that is there already: it is replaced, it stays, or it "
		  "stays unless it is older" },
	{ .name = "version-attribute", .group = GROUP_LOAD, .type = OPT_TEXT, .arg = "A",
	  .offset = AT(version_attribute), .commands = LOADS | VERIFIES,
	  .help = "with newer: the attribute that is less in an older item; verify: tells by it "
		  "whether an item that differs is older or newer than its row" },
	{ .name = "max-wcu", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(max_wcu), .commands = QUOTES | BIT(CMD_VERIFY), .min = 1,
	  .max = 10000000,
	  .help = "write units a second that a load or a repair may use, over all tables, indexes "
		  "included; no limit if not given" },
	{ .name = "prices", .group = GROUP_LOAD, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(prices), .commands = QUOTES,
	  .help = "AWS's prices of writes, instead of those built in: lines of REGION, table class, "
		  "a million requests, a capacity unit for an hour" },
	{ .name = "max-rejects", .group = GROUP_LOAD, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(max_rejects), .commands = LOADS, .min = 0, .max = INT64_MAX,
	  .help = "fail when a load has more rejects than this; no limit if not given" },
	{ .name = "rejects", .group = GROUP_LOAD, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(rejects), .commands = LOADS,
	  .help = "also write the rejects of all tables to this file" },
	{ .name = "from-rejects", .group = GROUP_LOAD, .type = OPT_TEXT, .arg = "FILE",
	  .line_only = true, .offset = AT(from_rejects), .commands = BIT(CMD_LOAD),
	  .help = "try only the rows again that this file of rejects names" },
	{ .name = "restart", .group = GROUP_LOAD, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(restart), .commands = BIT(CMD_LOAD) | BIT(CMD_RUN) | BIT(CMD_VERIFY),
	  .help = "forget what earlier runs have done and begin anew" },
	{ .name = "allow-empty", .group = GROUP_LOAD, .type = OPT_FLAG,
	  .offset = AT(allow_empty), .commands = LOADS | VERIFIES,
	  .help = "a run that finds no row in any table is fine" },
	{ .name = "report", .group = GROUP_LOAD, .type = OPT_TEXT, .arg = "FILE",
	  .offset = AT(report), .commands = LOADS | VERIFIES,
	  .help = "also write the report to this file, in the form that its ending says: .html, .json, "
		  ".xml (JUnit), .txt; JSON without one" },

	/* check, explain, verify */
	{ .name = "all", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(all), .commands = BIT(CMD_CHECK),
	  .help = "look at all rows, not just the first of each entity" },
	{ .name = "policy", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(policy), .commands = BIT(CMD_CHECK),
	  .help = "show the rights that this migration needs and no others: grants for MySQL, an "
		  "IAM policy for DynamoDB" },
	{ .name = "mode", .group = GROUP_VERIFY, .type = OPT_CHOICE,
	  .offset = AT(mode), .commands = VERIFIES, .choices = verify_modes,
	  .fallback = "full",
	  .help = "full names what differs; digest proves parity or tells which tables differ; "
		  "sample compares rows drawn at random; count compares numbers of items only, "
		  "a weak check" },
	{ .name = "recheck", .group = GROUP_VERIFY, .type = OPT_NUMBER, .arg = "SECONDS",
	  .offset = AT(recheck), .commands = VERIFIES, .min = 1, .max = 86400,
	  .help = "with mode full: a difference counts only if it is still there when both sides "
		  "are read again, this much later" },
	{ .name = "max-rcu", .group = GROUP_VERIFY, .type = OPT_NUMBER, .arg = "N",
	  .offset = AT(max_rcu), .commands = VERIFIES, .min = 1, .max = 10000000,
	  .help = "read units a second that verify may use, over all tables; no limit if not given" },
	{ .name = "indexes", .group = GROUP_VERIFY, .type = OPT_FLAG,
	  .offset = AT(indexes), .commands = VERIFIES,
	  .help = "look at the indexes, too: their entries by a scan of each, Queries for sampled "
		  "rows" },
	{ .name = "continuous", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(continuous), .commands = BIT(CMD_VERIFY),
	  .help = "verify again and again, and tell what differs anew and no more, until stopped by a "
		  "signal" },
	{ .name = "every", .group = GROUP_VERIFY, .type = OPT_NUMBER, .arg = "SECONDS",
	  .offset = AT(every), .commands = BIT(CMD_VERIFY) | CONFIG, .min = 1, .max = 604800,
	  .fallback = "60", .help = "with --continuous: the time between two passes" },
	{ .name = "repair", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(repair), .commands = BIT(CMD_VERIFY),
	  .help = "write what is missing or different, if it is still as it was seen; leaves an undo "
		  "file in the state directory" },
	{ .name = "delete-extra", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(delete_extra), .commands = BIT(CMD_VERIFY),
	  .help = "with --repair: delete items that no row makes" },
	{ .name = "undo", .group = GROUP_VERIFY, .type = OPT_TEXT, .arg = "FILE", .line_only = true,
	  .offset = AT(undo), .commands = BIT(CMD_VERIFY),
	  .help = "put back what a repair has changed, as its undo file says" },
	{ .name = "yes", .group = GROUP_VERIFY, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(yes), .commands = BIT(CMD_VERIFY),
	  .help = "--repair and --undo do not ask before they change anything" },
	{ .name = "key", .group = GROUP_VERIFY, .type = OPT_TEXT, .arg = "PK[,SK]",
	  .offset = AT(key), .commands = BIT(CMD_EXPLAIN), .line_only = true,
	  .help = "the item to explain; '\\,' is a comma of the partition key, a key of type B is "
		  "base64 or 0x and hex" },

	/* init */
	{ .name = "output", .group = GROUP_INIT, .type = OPT_TEXT, .arg = "FILE",
	  .line_only = true, .offset = AT(output), .commands = BIT(CMD_INIT),
	  .help = "the contract to write; --contract's name if not given. Its README stands beside it" },
	{ .name = "single-table", .group = GROUP_INIT, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(single_table), .commands = BIT(CMD_INIT),
	  .help = "one DynamoDB table for all, instead of one for each table" },
	{ .name = "force", .group = GROUP_INIT, .type = OPT_FLAG, .line_only = true,
	  .offset = AT(force), .commands = BIT(CMD_INIT),
	  .help = "replace files that are there already" },
};
const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);
_Static_assert(sizeof(option_table) / sizeof(option_table[0]) <= OPTIONS_MAX,
	       "struct options has an origin for each option");

const struct option_def *option_find(const char *name)
{
	size_t i;

	for (i = 0; i < option_count; i++)
		if (strcmp(option_table[i].name, name) == 0)
			return &option_table[i];
	return NULL;
}

void option_add_argument(struct buf *b, const struct option_def *def)
{
	const char *const *c;

	if (def->arg)
		buf_adds(b, def->arg);
	for (c = def->choices; c && *c; c++) {
		if (c != def->choices)
			buf_addc(b, '|');
		buf_adds(b, *c);
	}
}

void option_add_env_name(struct buf *b, const struct option_def *def)
{
	const char *p;

	buf_adds(b, "ETL_");
	for (p = def->name; *p; p++)
		buf_addc(b, *p == '-' ? '_' : (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p));
}
