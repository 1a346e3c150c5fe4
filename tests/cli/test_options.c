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
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(options_suite)
