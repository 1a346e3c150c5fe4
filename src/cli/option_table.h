/* The one table of commands and the one table of options. */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options.h"

struct command_def {
	enum command id;
	const char *name;
	const char *operand;	/* "[COMMAND]": may be given; "a|b": one of these must be; NULL */
	const char *summary;	/* one line for `etl help` */
	const char *about;	/* paragraphs for `etl help NAME` */
	const char *examples;	/* lines, each a command; a line that begins with '#' explains */
};

enum opt_type {
	OPT_FLAG,	/* bool */
	OPT_TEXT,	/* const char * */
	OPT_NUMBER,	/* int64_t within min..max */
	OPT_CHOICE,	/* int64_t, position in choices */
	OPT_LIST	/* struct opt_list; may be given several times */
};

enum opt_group { GROUP_GENERAL, GROUP_MYSQL, GROUP_AWS, GROUP_LOAD, GROUP_VERIFY, GROUP_INIT,
	GROUP_COUNT };

#define BIT(command) (1u << (command))

struct option_def {
	const char *name;		/* without the dashes */
	enum opt_group group;
	enum opt_type type;
	const char *arg;		/* "FILE"; NULL for flags, and for choices (they name themselves) */
	size_t offset;			/* in struct options */
	unsigned commands;		/* BIT of each command that takes it */
	const char *fallback;		/* default, as in a config file; NULL: none */
	const char *const *choices;	/* NULL-terminated */
	int64_t min, max;
	bool line_only;			/* only on the command line: it asks for one act */
	const char *help;		/* a sentence without its full stop */
};

extern const struct command_def command_table[];
extern const size_t command_count;
extern const struct option_def option_table[];
extern const size_t option_count;
extern const char *const option_group_titles[GROUP_COUNT];

const struct command_def *command_find(const char *name);	/* NULL: none */
const struct command_def *command_of(enum command id);
bool command_operand_is_command(const struct command_def *c);	/* and may be left out */
bool command_takes_operand(const struct command_def *c, const char *word);
const struct option_def *option_find(const char *name);		/* without dashes; NULL: none */

/* "FILE", "N", "text|json", or "" for a flag: how help writes the argument. */
void option_add_argument(struct buf *b, const struct option_def *def);

/* ETL_NAME of an option. */
void option_add_env_name(struct buf *b, const struct option_def *def);

#endif
