/* The option table, and what whole-program cases cannot show: values as the program gets them. */
#include "check_main.h"

#include "sink/sink.h"

#include <string.h>

#include "cli/option_table.h"

static const char *env_name, *env_value;

static const char *fake_env(const char *name)
{
	return env_name && strcmp(name, env_name) == 0 ? env_value : NULL;
}

static int parse(const char *words, struct options *o, struct etl_err *err)
{
	char *argv[16] = { (char *)"etl" }, *copy = mem_strdup(words), *save = NULL, *word;
	int argc = 1, rc;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	memset(err, 0, sizeof(*err));
	rc = options_parse(argc, argv, fake_env, o, err);
	free(copy);
	return rc;
}

START_TEST(test_table_is_sound)
{
	size_t i, k;

	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		ck_assert_ptr_eq(option_find(def->name), def);
		ck_assert_msg(def->help && *def->help, "%s has no help", def->name);
		ck_assert_msg(def->commands, "no command takes %s", def->name);
		ck_assert_msg((def->type == OPT_CHOICE) == (def->choices != NULL), "%s", def->name);
		ck_assert_msg((def->type == OPT_FLAG || def->choices) == (def->arg == NULL), "%s",
			      def->name);
		ck_assert_msg(def->type != OPT_CHOICE || def->fallback, "%s has no default",
			      def->name);
		/* two options in one field would overwrite each other */
		for (k = 0; k < i; k++)
			ck_assert_msg(option_table[k].offset != def->offset, "%s and %s share",
				      def->name, option_table[k].name);
	}
	for (i = 0; i < command_count; i++)
		ck_assert_ptr_eq(command_of(command_table[i].id), &command_table[i]);
}
END_TEST

START_TEST(test_defaults)
{
	struct etl_err err;
	struct options o;

	ck_assert_int_eq(parse("load", &o, &err), 0);
	ck_assert_int_eq(o.command, CMD_LOAD);
	ck_assert_str_eq(o.contract, "migrationContract.json");
	ck_assert_str_eq(o.state_dir, ".etl");
	ck_assert_str_eq(o.table_prefix, "");
	ck_assert_int_eq(o.readers, OPTION_UNSET);
	ck_assert_int_eq(o.mysql_port, OPTION_UNSET);
	ck_assert_int_eq(o.max_rejects, OPTION_UNSET);
	ck_assert_int_eq(o.mode, MODE_FULL);
	ck_assert_int_eq(o.write_mode, WRITE_OVERWRITE);
	ck_assert_ptr_null(o.region);
	ck_assert(!o.strict && !o.dry_run);
	ck_assert_uint_eq(o.tables.n, 0);
	options_release(&o);
}
END_TEST

START_TEST(test_values)
{
	struct etl_err err;
	struct options o;

	ck_assert_int_eq(parse("--strict load --readers=3 --table A --table B,C --color never "
			       "--max-rejects 0 --dry-run", &o, &err), 0);
	ck_assert(o.strict && o.dry_run);
	ck_assert_int_eq(o.readers, 3);
	ck_assert_int_eq(o.max_rejects, 0);
	ck_assert_int_eq(o.color, COLOR_NEVER);
	ck_assert_uint_eq(o.tables.n, 3);
	ck_assert_str_eq(o.tables.values[2], "C");
	ck_assert_int_eq(option_origin(&o, "readers"), ORIGIN_COMMAND_LINE);
	ck_assert_int_eq(option_origin(&o, "workers"), ORIGIN_DEFAULT);
	options_release(&o);
}
END_TEST

START_TEST(test_lists_replace_across_origins)
{
	struct etl_err err;
	struct options o;

	env_name = "ETL_TABLE", env_value = "X,Y";
	ck_assert_int_eq(parse("load", &o, &err), 0);
	ck_assert_uint_eq(o.tables.n, 2);
	options_release(&o);
	ck_assert_int_eq(parse("load --table A", &o, &err), 0);
	ck_assert_uint_eq(o.tables.n, 1);
	ck_assert_str_eq(o.tables.values[0], "A");
	options_release(&o);
	env_name = NULL;
}
END_TEST

/* A config file of every option with its default is read back without a word. */
START_TEST(test_config_takes_every_option)
{
	struct buf text = { 0 };
	struct etl_err err;
	struct options o;
	size_t i;

	ck_assert_int_eq(parse("config", &o, &err), 0);
	for (i = 0; i < option_count; i++) {
		const struct option_def *def = &option_table[i];

		if (def->line_only || strcmp(def->name, "config") == 0)
			continue;
		buf_addf(&text, "%s = %s\n", def->name,
			 def->fallback ? def->fallback : def->type == OPT_FLAG ? "no" : "7");
	}
	ck_assert_msg(options_read_config(&o, buf_str(&text), "f", &err) == 0, "%s", err.msg);
	ck_assert_int_eq(o.readers, 7);
	ck_assert_int_eq(option_origin(&o, "strict"), ORIGIN_CONFIG);
	buf_release(&text);
	options_release(&o);
}
END_TEST

static const struct {
	const char *text, *error;
	const char *contract;
} configs[] = {
	{ "contract = a b", NULL, "a b" },
	{ "contract=x#y", NULL, "x#y" },
	{ "contract = x #y", NULL, "x" },
	{ "contract = \" x # \" # c", NULL, " x # " },
	{ "\tcontract\t=\tx\t\r\n", NULL, "x" },
	{ "contract = a=b", NULL, "a=b" },
	{ "contract = ", "f: line 1: 'contract': the value is empty", NULL },
	{ "contract = # none", "f: line 1: 'contract': the value is empty", NULL },
	{ "contract = \"x", "f: line 1: 'contract': the quotes do not fit", NULL },
	{ "contract = \"x\"#", "f: line 1: 'contract': the quotes do not fit", NULL },
	{ "\n\n=x", "f: line 3: unknown option ''", NULL },
};

START_TEST(test_config_lines)
{
	struct etl_err err;
	struct options o;

	ck_assert_int_eq(parse("config", &o, &err), 0);
	options_read_config(&o, str_of(configs[_i].text), "f", &err);
	ck_assert_str_eq(err.msg, configs[_i].error ? configs[_i].error : "");
	if (configs[_i].contract)
		ck_assert_str_eq(o.contract, configs[_i].contract);
	options_release(&o);
}
END_TEST

/* ---- every bad value of every option, with its whole message -------------------------------- */

/* The same value from the command line, the environment and the config file. */
static void expect_refused(const struct option_def *def, const char *value, const char *reason)
{
	char *argv[] = { (char *)"etl", (char *)"config", NULL };
	struct buf word = { 0 }, name = { 0 }, text = { 0 }, expected = { 0 };
	struct etl_err err = { 0 };
	struct options o;

	buf_addf(&word, "--%s=%s", def->name, value);
	argv[2] = (char *)buf_cstr(&word);
	buf_addf(&expected, "'--%s': %s", def->name, reason);
	ck_assert_int_eq(options_parse(3, argv, fake_env, &o, &err), -ETL_EUSAGE);
	ck_assert_str_eq(err.msg, buf_cstr(&expected));
	options_release(&o);
	etl_err_clear(&err);
	if (!def->line_only && strcmp(def->name, "config") != 0) {
		option_add_env_name(&name, def);
		env_name = buf_cstr(&name), env_value = value;
		buf_reset(&expected);
		buf_addf(&expected, "'%s': %s", env_name, reason);
		/* a variable that is empty is one that is not set */
		ck_assert_int_eq(options_parse(2, argv, fake_env, &o, &err),
				 *value ? -ETL_EUSAGE : 0);
		ck_assert_str_eq(err.msg, *value ? buf_cstr(&expected) : "");
		env_name = NULL;
		buf_addf(&text, "%s = %s", def->name, value);
		buf_reset(&expected);
		buf_addf(&expected, "f: line 1: '%s': %s", def->name, reason);
		etl_err_clear(&err);
		ck_assert_int_eq(options_read_config(&o, buf_str(&text), "f", &err), -ETL_EUSAGE);
		ck_assert_str_eq(err.msg, buf_cstr(&expected));
		options_release(&o);
	}
	buf_release(&word);
	buf_release(&name);
	buf_release(&text);
	buf_release(&expected);
}

static void expect_number_refused(const struct option_def *def, const char *value)
{
	struct buf reason = { 0 };

	if (def->max == INT64_MAX)
		buf_addf(&reason, "'%s' is not a whole number of %lld or more", value,
			 (long long)def->min);
	else
		buf_addf(&reason, "'%s' is not a whole number from %lld to %lld", value,
			 (long long)def->min, (long long)def->max);
	expect_refused(def, value, buf_cstr(&reason));
	buf_release(&reason);
}

static void expect_choice_refused(const struct option_def *def, const char *value)
{
	struct buf reason = { 0 };
	size_t i;

	buf_addf(&reason, "'%s' is none of ", value);
	for (i = 0; def->choices[i]; i++)
		buf_addf(&reason, "%s%s", i ? ", " : "", def->choices[i]);
	expect_refused(def, value, buf_cstr(&reason));
	buf_release(&reason);
}

START_TEST(test_every_bad_value)
{
	static const char *const numbers[] = { "x", "1x", "1.5", "-1", "+1", "0x10", "1e3",
					       "99999999999999999999" };
	const struct option_def *def = &option_table[_i];
	struct buf edge = { 0 };
	size_t i;

	switch (def->type) {
	case OPT_FLAG:
		expect_refused(def, "maybe", "'maybe' is neither yes nor no");
		expect_refused(def, "Yes", "'Yes' is neither yes nor no");
		break;
	case OPT_NUMBER:
		for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			expect_number_refused(def, numbers[i]);
		if (def->max != INT64_MAX) {
			buf_addf(&edge, "%lld", (long long)def->max + 1);
			expect_number_refused(def, buf_cstr(&edge));
		}
		buf_reset(&edge);
		buf_addf(&edge, "%lld", (long long)def->min - 1);
		expect_number_refused(def, buf_cstr(&edge));
		break;
	case OPT_CHOICE:
		expect_choice_refused(def, "nonsense");
		expect_choice_refused(def, "TEXT");
		break;
	case OPT_TEXT:
		if (!def->fallback || *def->fallback)
			expect_refused(def, "", "the value is empty");
		break;
	case OPT_LIST:
		expect_refused(def, "A,,B", "'A,,B' holds an empty name");
		expect_refused(def, ",", "',' holds an empty name");
		break;
	}
	buf_release(&edge);
}
END_TEST

/* ---- what does not go together -------------------------------------------------------------- */

static const struct {
	const char *words, *error;	/* error NULL: fine */
} combinations[] = {
	{ "load --dry-run --rejects r", "'--dry-run' and '--rejects' exclude each other" },
	{ "load --dry-run --metrics m", "'--dry-run' and '--metrics' exclude each other" },
	{ "load --dry-run --restart", "'--dry-run' and '--restart' exclude each other" },
	{ "load --from-rejects r --restart", "'--from-rejects' and '--restart' exclude each other" },
	{ "load --mysql-socket s --mysql-port 1",
	  "'--mysql-socket' and '--mysql-port' exclude each other" },
	{ "load --mysql-socket s --mysql-host h",
	  "'--mysql-host' and '--mysql-socket' exclude each other" },
	{ "load --mysql-socket s --mysql-host localhost", NULL },
	{ "load --quiet --progress plain", "'--quiet' and '--progress' exclude each other" },
	{ "load --quiet --progress none", NULL },
	{ "load --quiet=no --progress plain", NULL },
	{ "load --quiet --verbose", "'--quiet' and '--verbose' exclude each other" },
	{ "load --log-format json --progress bar",
	  "'--progress bar' does not go with '--log-format json'" },
	{ "load --log-format json --progress json", NULL },
	{ "load --mysql-ssl-mode disabled --mysql-ssl-ca f",
	  "'--mysql-ssl-ca' does not go with '--mysql-ssl-mode disabled'" },
	{ "load --mysql-ssl-mode required --mysql-ssl-ca f", NULL },
	{ "load --write-mode newer", "'--write-mode newer' needs '--version-attribute A'" },
	{ "load --version-attribute a",
	  "'--version-attribute' goes with '--write-mode newer' only" },
	{ "run --write-mode if-absent --version-attribute a",
	  "'--version-attribute' goes with '--write-mode newer' only" },
	{ "verify --version-attribute a", NULL },
	{ "verify --version-attribute a --mode count",
	  "'--version-attribute' needs '--mode full' or '--mode sample'" },
	{ "verify --version-attribute a --mode digest",
	  "'--version-attribute' needs '--mode full' or '--mode sample'" },
	{ "verify --sample 5 --mode full", "'--sample' needs '--mode sample'" },
	{ "verify --recheck 5 --mode digest", "'--recheck' needs '--mode full'" },
	{ "verify --recheck 5 --sample 5", "'--recheck' needs '--mode full'" },
	{ "run --recheck 5 --mode count", "'--recheck' needs '--mode full'" },
	{ "verify --yes", "'--yes' needs '--repair' or '--undo'" },
	{ "verify --delete-extra", "'--delete-extra' needs '--repair'" },
	{ "verify --repair --mode digest", "'--repair' needs '--mode full'" },
	{ "verify --undo f --repair", "'--undo' and '--repair' exclude each other" },
	{ "verify --continuous --undo f", "'--continuous' and '--undo' exclude each other" },
	{ "verify --continuous --repair", "'--continuous' and '--repair' exclude each other" },
	{ "verify --undo f --restart", "'--undo' and '--restart' exclude each other" },
	{ "verify --undo f --metrics m", "'--undo' and '--metrics' exclude each other" },
	{ "verify --undo f --format html",
	  "'--undo' tells what it did as text or JSON only" },
	{ "views --sample 1 --drop", "'--sample' and '--drop' exclude each other" },
	{ "views --sample 1 --dry-run", "'--sample' and '--dry-run' exclude each other" },
	{ "views --drop --dry-run", NULL },
	{ "views --drop --mysql-read-only", "'--drop' and '--mysql-read-only' exclude each other" },
	{ "check --sample 1 --all", "'--sample' and '--all' exclude each other" },
	{ "check --policy --all", "'--policy' and '--all' exclude each other" },
	{ "check --policy --sample 1", "'--policy' and '--sample' exclude each other" },
	{ "check --format html", "'--format html' is for load, verify and run" },
	{ "explain --key k", "'etl explain' needs one '--table T'" },
	{ "explain --key k --table A,B", "'etl explain' needs one '--table T', not several" },
	{ "explain --table A", "'etl explain' needs '--key PK[,SK]'" },
	{ "load --report r.pdf",
	  "'--report': the ending of 'r.pdf' is none of .html, .json, .xml, .txt" },
	{ "load --table-prefix a/b",
	  "'--table-prefix': 'a/b' holds something else than letters, digits, '_', '.' and '-'" },
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	{ "load --table-prefix " X50 X50 X50 X50, NULL },
	{ "load --table-prefix " X50 X50 X50 X50 "x",
	  "'--table-prefix' is longer than 200 characters" },
	{ "load --endpoint-url ftp://x",
	  "'--endpoint-url': 'ftp://x' begins with neither http:// nor https://" },
	{ "load --endpoint-url http://a:b@x",
	  "'--endpoint-url' holds a user name or a password, which have no meaning there" },
};

START_TEST(test_combinations)
{
	const char *error = combinations[_i].error;
	struct etl_err err;
	struct options o;

	ck_assert_msg((parse(combinations[_i].words, &o, &err) == 0) == !error, "%s: %s",
		      combinations[_i].words, err.msg);
	ck_assert_str_eq(err.msg, error ? error : "");
	options_release(&o);
}
END_TEST

/* One of a pair in the environment, for other runs, is no mistake. */
START_TEST(test_pair_across_origins)
{
	struct etl_err err;
	struct options o;

	env_name = "ETL_METRICS", env_value = "m";
	ck_assert_int_eq(parse("load --dry-run", &o, &err), 0);
	options_release(&o);
	env_name = "ETL_PROGRESS", env_value = "bar";
	ck_assert_int_eq(parse("load --quiet", &o, &err), 0);
	options_release(&o);
	env_name = NULL;
}
END_TEST

/* Each command refuses each option that is neither its own nor tells where it runs. */
START_TEST(test_options_of_other_commands)
{
	const struct option_def *def = &option_table[_i];
	bool anywhere = def->group == GROUP_GENERAL || def->group == GROUP_MYSQL ||
			def->group == GROUP_AWS;
	struct buf words = { 0 }, expected = { 0 };
	struct etl_err err;
	struct options o;
	size_t c;

	for (c = 0; c < command_count && !anywhere; c++) {
		if (def->commands & BIT(command_table[c].id) || command_table[c].id == CMD_COMPLETION)
			continue;
		buf_reset(&words);
		buf_reset(&expected);
		buf_addf(&words, "%s --%s=%s", command_table[c].name, def->name,
			 def->type == OPT_FLAG ? "yes" : def->choices ? def->choices[0] : "7");
		buf_addf(&expected, "'etl %s' does not take '--%s'", command_table[c].name,
			 def->name);
		ck_assert_int_eq(parse(buf_cstr(&words), &o, &err), -ETL_EUSAGE);
		ck_assert_str_eq(err.msg, buf_cstr(&expected));
		options_release(&o);
	}
	buf_release(&words);
	buf_release(&expected);
}
END_TEST

static Suite *options_suite(void)
{
	Suite *suite = suite_create("cli/options");
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, test_table_is_sound);
	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_values);
	tcase_add_test(tc, test_lists_replace_across_origins);
	tcase_add_test(tc, test_config_takes_every_option);
	tcase_add_loop_test(tc, test_config_lines, 0, sizeof(configs) / sizeof(configs[0]));
	tcase_add_loop_test(tc, test_every_bad_value, 0, (int)option_count);
	tcase_add_loop_test(tc, test_combinations, 0,
			    sizeof(combinations) / sizeof(combinations[0]));
	tcase_add_test(tc, test_pair_across_origins);
	tcase_add_loop_test(tc, test_options_of_other_commands, 0, (int)option_count);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(options_suite)
