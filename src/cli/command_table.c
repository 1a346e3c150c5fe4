#include "cli/option_table.h"

#include <string.h>

const struct command_def command_table[] = {
	{ CMD_CHECK, "check", NULL,
	  "read the contract, the source's catalogue and the target's tables; report every fault",
	  "Reads the contract, then the source's catalogue and the target's tables, and prints\n"
	  "every error and warning with its JSON path, what each join was understood to mean,\n"
	  "whether two rows can have one key, the rejects to expect, attributes that no row fills,\n"
	  "rights that are missing, and a quote of items, bytes, write units, money and time.\n"
	  "Rows are looked at without views. Changes nothing. Warnings do not change the exit\n"
	  "status unless --strict is given, rejects to expect never do.",
	  "etl check --mysql-database shop --region eu-central-1\n"
	  "# every row judged, as a load would\n"
	  "etl check --all --strict --table Users\n"
	  "etl check --format json >check.json\n"
	  "# the least rights that the migration needs, for MySQL and for DynamoDB\n"
	  "etl check --policy" },
	{ CMD_VIEWS, "views", NULL,
	  "make the views that show every item in MySQL, before anything moves",
	  "Generates and applies the views: ddb_<table>_view shows every item of a table, one\n"
	  "column an attribute; ddb_<table>__<entity>_view is what the load reads. The account\n"
	  "needs CREATE VIEW, DROP and SELECT on the database.",
	  "etl views --dry-run\n"
	  "# items as they will land, before anything is written\n"
	  "etl views --sample 3\n"
	  "etl views --drop" },
	{ CMD_CREATE_TABLES, "create-tables", NULL,
	  "create the DynamoDB tables and their indexes and wait until they are ACTIVE",
	  "Creates what is missing and waits. A table that is there already is compared, and every\n"
	  "difference is named. Never deletes.",
	  "etl create-tables --region eu-central-1\n"
	  "etl create-tables --table Users --table-prefix staging-" },
	{ CMD_LOAD, "load", NULL,
	  "move the rows",
	  "Reads every entity through its view in one consistent snapshot, makes the items and\n"
	  "writes them. A row that makes no item is a reject: counted, kept with its reason, and\n"
	  "never in the way of the others. Stopped at any moment, the same command goes on where\n"
	  "it was. The views are applied first, so that they are always those of the contract.",
	  "etl load\n"
	  "# the rejects that it would make, its write units, money and time; writes nothing\n"
	  "etl load --dry-run\n"
	  "etl load --table Orders --readers 8 --workers 64 --report load.json" },
	{ CMD_VERIFY, "verify", NULL,
	  "prove that the target holds what the source says, or list what differs",
	  "full reads both sides once, sums them up by digests, and reads again only what differs:\n"
	  "missing items, extra items that no row makes, and attributes with both their values.\n"
	  "digest ends after the first step: equal sums prove parity, else it tells the tables that\n"
	  "differ. sample compares rows drawn at random. count compares the numbers of items only,\n"
	  "a weak check. Exit status 0 says that no difference was found, which is proof with full\n"
	  "and digest only; 4 that there are differences; 1 that it could not be told.",
	  "etl verify\n"
	  "etl verify --mode digest\n"
	  "etl verify --table Users --format json >users.json" },
	{ CMD_RUN, "run", NULL,
	  "the whole migration: views, create-tables, load, verify",
	  "Runs the steps one after another and ends at the first that fails. A load with rejects\n"
	  "is followed by verify, and the exit status says that there were some.",
	  "etl run --mysql-database shop --region eu-central-1\n"
	  "etl run --endpoint-url http://127.0.0.1:8000 --contract contracts/shop.json" },
	{ CMD_EXPLAIN, "explain", NULL,
	  "one item from all sides",
	  "Shows the row of the source that makes the item with this key, the SQL of each attribute,\n"
	  "what the view gives, what becomes of it, its size and write units, and what DynamoDB\n"
	  "holds under this key now. Changes nothing; needs no views. Exit status 1 says that no\n"
	  "row makes the key.",
	  "etl explain --table Users --key 'USER#1,#META'\n"
	  "etl explain --table Users --key 'USER#1,#META' --format json >item.json" },
	{ CMD_INIT, "init", NULL,
	  "make a first contract from a live schema",
	  "Reads the tables, keys and foreign keys of the database, looks at some rows where a type\n"
	  "does not tell enough, and writes a contract that moves all of it, with a README beside it\n"
	  "that says what was chosen and why. It is valid at once, and made to be edited. A file that\n"
	  "is there already is left alone. Changes nothing in the database.",
	  "etl init --mysql-database shop\n"
	  "# all entities in one DynamoDB table, children beside their parents\n"
	  "etl init --mysql-database shop --single-table --output single.json" },
	{ CMD_STATUS, "status", NULL,
	  "what earlier runs did",
	  "Shows the runs that the state directory remembers, and how far each load came.",
	  "etl status\n"
	  "etl status --state-dir /var/lib/etl/shop" },
	{ CMD_CONFIG, "config", NULL,
	  "each setting and where it came from",
	  "Shows each option that has a value, and whether the command line, the environment, the\n"
	  "config file or the default gave it. A secret is no option, so none is shown.",
	  "etl config\n"
	  "ETL_WORKERS=64 etl config" },
	{ CMD_COMPLETION, "completion", "bash|zsh|fish",
	  "a script that completes etl's command line in a shell",
	  "Prints a script that makes the shell complete commands, options and their values.",
	  ". <(etl completion bash)\n"
	  "etl completion bash >/etc/bash_completion.d/etl\n"
	  "etl completion zsh >/usr/local/share/zsh/site-functions/_etl\n"
	  "etl completion fish >~/.config/fish/completions/etl.fish" },
	{ CMD_HELP, "help", "[COMMAND]",
	  "help for a command",
	  "Shows the commands, or a command with its options.",
	  "etl help\n"
	  "etl help load" },
};
const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

const struct command_def *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
	return NULL;
}

const struct command_def *command_of(enum command id)
{
	size_t i;

	for (i = 0; i < command_count; i++)
		if (command_table[i].id == id)
			return &command_table[i];
	return NULL;
}

bool command_operand_is_command(const struct command_def *c)
{
	return c->operand && c->operand[0] == '[';
}

bool command_takes_operand(const struct command_def *c, const char *word)
{
	const char *at = c->operand;
	size_t len;

	if (command_operand_is_command(c))
		return command_find(word) != NULL;
	for (; at && *at; at += len + (at[len] == '|')) {
		len = strcspn(at, "|");
		if (strlen(word) == len && memcmp(at, word, len) == 0)
			return true;
	}
	return false;
}
