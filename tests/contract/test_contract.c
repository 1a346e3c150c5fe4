#include "check_main.h"
#include "contract/contract.h"

#define OK_ATTR "{\"name\":\"id\",\"type\":\"S\",\"source_column\":\"id\"}"
#define TABLE(more) "{\"tables\":[{\"table\":\"Tab\",\"type\":\"single-entity\"," \
		    "\"source_table\":\"t\",\"pk\":\"id\"" more "}]}"
#define ATTRS(more) TABLE(",\"attributes\":[" more "]")
#define JOIN(more) ATTRS("{\"name\":\"a\",\"type\":\"S\",\"source_column\":\"x\",\"join\":" more "}")

/* Text of a contract, and its findings: one a line, "error path: text". */
static const struct { const char *text, *findings; } cases[] = {
	{ ATTRS(OK_ATTR), "" },
	{ "[{\"table\":\"Tab\",\"source_table\":\"t\",\"pk\":\"id\",\"attributes\":[]}]", "" },
	{ "\xef\xbb\xbf[{\"table\":\"Tab\",\"source_table\":\"t\",\"pk\":\"id\",\"attributes\":[]}]",
	  "" },
	{ "{}", "error tables: expected a list of at least one table\n" },
	{ "[]", "error : expected a list of at least one table\n" },
	{ "{\"tables\":[1]}", "error tables[0]: expected an object (a table), found a number\n" },
	{ "{\"table\":[]}", "warning table: unknown key, did you mean 'tables'?\n"
			    "error tables: expected a list of at least one table\n" },
	{ TABLE(""), "error tables[0].attributes: missing: expected a list of attributes\n" },
	{ TABLE(",\"attributes\":[],\"table_clas\":\"STANDARD\""),
	  "warning tables[0].table_clas: unknown key, did you mean 'table_class'?\n" },
	{ TABLE(",\"attributes\":[],\"table_class\":\"standard\""),
	  "error tables[0].table_class: 'standard' is none of STANDARD, STANDARD_INFREQUENT_ACCESS; "
	  "did you mean 'STANDARD'?\n" },
	{ TABLE(",\"attributes\":[],\"billing_mode\":\"PROVISIONED\""),
	  "error tables[0].billing_mode: PROVISIONED needs 'read_capacity' and 'write_capacity'\n" },
	{ TABLE(",\"attributes\":[],\"gsis\":[{\"index_name\":\"by\",\"pk\":\"a\",\"sk\":\"a\"}]"),
	  "error tables[0].gsis[0].index_name: 'by' is no DynamoDB name: 3 to 255 of a-z A-Z 0-9 _ . "
	  "-\nerror tables[0].gsis[0].sk: partition key and sort key are the same attribute 'a'\n" },
	{ TABLE(",\"attributes\":[],\"gsis\":[{\"index_name\":\"idx\",\"pk\":\"a\","
		"\"projection\":\"INCLUDE\"}]"),
	  "error tables[0].gsis[0].projected_attributes: missing: an INCLUDE projection names its "
	  "attributes\n" },
	{ ATTRS(OK_ATTR "," OK_ATTR),
	  "error tables[0].attributes[1].name: 'id' is already an attribute of this entity "
	  "(tables[0].attributes[0])\n" },
	{ ATTRS("{\"name\":\"a\",\"type\":\"s\",\"source_column\":5}"),
	  "error tables[0].attributes[0].type: 's' is none of S, N, B, SS, NS, BS, M, L, BOOL, NULL; "
	  "did you mean 'S'?\n"
	  "error tables[0].attributes[0].source_column: expected text or a list of texts, found a "
	  "number\n" },
	{ ATTRS("{\"name\":\"a\\u0000b\",\"type\":\"S\",\"source_column\":\"x\"}"),
	  "error tables[0].attributes[0].name: text with a NUL character\n" },
	{ JOIN("{\"type\":\"foreign-kye\"}"),
	  "error tables[0].attributes[0].join.type: 'foreign-kye' is none of foreign-key, "
	  "lookup-table, multi-column, self-join, conditional, chain, json-construction; did you "
	  "mean 'foreign-key'?\n" },
	{ JOIN("{\"type\":\"foreign-key\"}"),
	  "error tables[0].attributes[0].join.target_table: missing: expected text\n"
	  "error tables[0].attributes[0].join.join_condition: missing: expected a condition that ties "
	  "the target's row to the source's\n"
	  "error tables[0].attributes[0].join.select_column: missing: expected text\n" },
	{ JOIN("{\"type\":\"chain\",\"joins\":[]}"),
	  "error tables[0].attributes[0].join.joins: expected a list of at least one join\n" },
	{ JOIN("{\"type\":\"conditional\",\"condition\":\"a = \",\"target_table\":\"u\","
	       "\"select_column\":\"x\"}"),
	  "error tables[0].attributes[0].join.condition: 'a = ': the expression ends where a value was "
	  "expected\n"
	  "error tables[0].attributes[0].join.else_value: missing: expected what counts where "
	  "'condition' does not hold (null for nothing)\n" },
	{ JOIN("{\"type\":\"json-construction\",\"target_table\":\"u\",\"join_condition\":\"a = b\","
	       "\"construction\":{\"type\":\"array\",\"limit\":-1,\"select_columns\":{}}}"),
	  "error tables[0].attributes[0].join.construction.limit: expected a whole number from 0\n"
	  "error tables[0].attributes[0].join.construction.select_columns: empty: expected at least "
	  "one key\n" },
	{ "{\"defaults\":{\"nulls\":\"drop\"},\"tables\":[{\"table\":\"Tab\",\"source_table\":\"t\","
	  "\"pk\":\"id\",\"attributes\":[]}]}",
	  "error defaults.nulls: 'drop' is none of omit, null\n" },
	{ "[{\"table\":\"Tab\",\"type\":\"multi-entity\"}]",
	  "error tables[0].entities: missing: a multi-entity table has a list of entities\n" },
	{ "[{\"table\":\"Tab\",\"type\":\"multi-entity\",\"entities\":[{\"entity_type\":\"E\","
	  "\"source_table\":\"t\",\"attributes\":[]},{\"entity_type\":\"E\",\"source_table\":\"t\","
	  "\"attributes\":[]}]}]",
	  "error tables[0].entities[1].entity_type: 'E' is already an entity of this table "
	  "(tables[0].entities[0])\n" },
};

static void findings(const char *text, bool strict, struct buf *out, struct contract **contract)
{
	struct diags d = { .strict = strict };
	struct etl_err err = { 0 };
	int rc = contract_parse(str_of(text), "c.json", &d, contract, &err);

	for (size_t i = 0; i < d.n; i++)
		buf_addf(out, "%s %s: %s\n", d.list[i].level == DIAG_ERROR ? "error" : "warning",
			 d.list[i].path, d.list[i].text);
	ck_assert_int_eq(rc < 0, d.nerrors > 0);
	diags_release(&d);
}

START_TEST(findings_of)
{
	struct buf got = { 0 };
	struct contract *c;

	findings(cases[_i].text, false, &got, &c);
	ck_assert_str_eq(buf_cstr(&got), cases[_i].findings);
	contract_free(c);
	buf_release(&got);
}
END_TEST

START_TEST(strict_makes_unknown_keys_errors)
{
	struct buf got = { 0 };
	struct contract *c;

	findings(ATTRS("{\"name\":\"a\",\"type\":\"S\",\"source_column\":\"x\",\"jion\":1}"), true, &got,
		 &c);
	ck_assert_str_eq(buf_cstr(&got), "error tables[0].attributes[0].jion: unknown key, did you "
					 "mean 'join'?\n");
	ck_assert_uint_eq(c->nerrors, 1);
	contract_free(c);
	buf_release(&got);
}
END_TEST

START_TEST(not_json)
{
	static const char *const bad[] = { "", "{", "{\"tables\":[}", "{\"a\":1,\"a\":2}", "nul", "[1] x" };
	struct diags d = { 0 };
	struct etl_err err = { 0 };
	struct contract *c;

	ck_assert_int_eq(contract_parse(str_of(bad[_i]), "c.json", &d, &c, &err), -ETL_ECONTRACT);
	ck_assert_ptr_null(c);
	ck_assert_msg(strstr(err.msg, "'c.json' is not JSON: line 1, column ") == err.msg, "%s",
		      err.msg);
	diags_release(&d);
}
END_TEST

START_TEST(defaults_and_settings)
{
	struct buf got = { 0 };
	struct contract *c;

	findings("{\"defaults\":{\"datetime_format\":\"epoch-ms\",\"nulls\":\"null\","
		 "\"empty_strings\":\"omit\",\"zero_dates\":\"reject\"},\"tables\":[{\"table\":\"Tab\","
		 "\"type\":\"multi-entity\",\"billing_mode\":\"PROVISIONED\",\"read_capacity\":5,"
		 "\"write_capacity\":6.0,\"warm_throughput\":{\"read_units\":12000,\"write_units\":4000},"
		 "\"table_class\":\"STANDARD_INFREQUENT_ACCESS\",\"stream\":\"KEYS_ONLY\","
		 "\"ttl_attribute\":\"ttl\",\"point_in_time_recovery\":true,"
		 "\"deletion_protection\":true,\"kms_key\":\"alias/x\",\"tags\":{\"a\":\"b\"},"
		 "\"entities\":[{\"entity_type\":\"E\",\"source_table\":\"t\",\"pk_template\":\"A#{b}#{c\","
		 "\"attributes\":[]}]}]}", false, &got, &c);
	ck_assert_str_eq(got.len ? buf_cstr(&got) : "", "");
	const struct contract_table *t = &c->tables[0];
	ck_assert_int_eq(c->defaults.datetime_format, DT_EPOCH_MS);
	ck_assert(c->defaults.null_as_null && c->defaults.omit_empty);
	ck_assert_int_eq(c->defaults.zero_dates, ZERO_REJECT);
	ck_assert_str_eq(t->pk, "PK");
	ck_assert_str_eq(t->sk, "SK");
	ck_assert(t->provisioned && t->point_in_time_recovery && t->deletion_protection);
	ck_assert_int_eq(t->read_capacity, 5);
	ck_assert_int_eq(t->write_capacity, 6);
	ck_assert_int_eq(t->warm_read_units, 12000);
	ck_assert_int_eq(t->warm_write_units, 4000);
	ck_assert_str_eq(t->table_class, "STANDARD_INFREQUENT_ACCESS");
	ck_assert_str_eq(t->stream, "KEYS_ONLY");
	ck_assert_str_eq(t->ttl_attribute, "ttl");
	ck_assert_str_eq(t->kms_key, "alias/x");
	ck_assert_str_eq(t->tags[0].key, "a");
	const struct template *tmpl = &t->entities[0].pk_template;
	ck_assert_uint_eq(tmpl->nparts, 3);
	ck_assert(str_is(tmpl->parts[0].text, "A#") && !tmpl->parts[0].placeholder);
	ck_assert(str_is(tmpl->parts[1].text, "b") && tmpl->parts[1].placeholder);
	ck_assert(str_is(tmpl->parts[2].text, "#{c") && !tmpl->parts[2].placeholder);
	contract_free(c);
	buf_release(&got);
}
END_TEST

/* else_value in its three forms, and what only looks like one of them. */
static const struct { const char *json; enum else_kind kind; const char *text; } elses[] = {
	{ "\"parent.name\"", ELSE_COLUMN, "parent.name" },
	{ "\"`a b`.`c.d`\"", ELSE_COLUMN, "`a b`.`c.d`" },
	{ "\"'quoted'\"", ELSE_TEXT, "quoted" },
	{ "\"'it''s'\"", ELSE_TEXT, "it's" },
	{ "\"none\"", ELSE_TEXT, "none" },
	{ "\"12.50\"", ELSE_TEXT, "12.50" },
	{ "\"a.b.c\"", ELSE_TEXT, "a.b.c" },
	{ "\"v1.2\"", ELSE_TEXT, "v1.2" },
	{ "\"t.2fa\"", ELSE_COLUMN, "t.2fa" },
	{ "0.10", ELSE_TEXT, "0.10" },
	{ "\"\"", ELSE_TEXT, "" },
	{ "0", ELSE_TEXT, "0" },
	{ "0.1", ELSE_TEXT, "0.1" },
	{ "12.50", ELSE_TEXT, "12.50" },
	{ "12345678901234567890123", ELSE_TEXT, "12345678901234567890123" },
	{ "true", ELSE_TEXT, "true" },
	{ "null", ELSE_TEXT, NULL },
};

START_TEST(else_values)
{
	struct buf text = { 0 }, got = { 0 };
	struct contract *c;

	buf_addf(&text, "[{\"table\":\"Tab\",\"source_table\":\"t\",\"pk\":\"id\",\"attributes\":[{"
		 "\"name\":\"a\",\"type\":\"S\",\"source_column\":\"x\",\"join\":{\"type\":"
		 "\"conditional\",\"condition\":\"a = 1\",\"target_table\":\"u\",\"join_condition\":"
		 "\"u.id = t.id\",\"select_column\":\"x\",\"else_value\":%s}}]}]", elses[_i].json);
	findings(buf_cstr(&text), false, &got, &c);
	ck_assert_str_eq(got.len ? buf_cstr(&got) : "", "");
	const struct join *j = c->tables[0].entities[0].attributes[0].join;
	ck_assert_int_eq(j->else_kind, elses[_i].kind);
	const char *is = j->else_kind == ELSE_COLUMN ? j->else_column.text : j->else_text;
	if (elses[_i].text)
		ck_assert_str_eq(is, elses[_i].text);
	else
		ck_assert_ptr_null(is);
	contract_free(c);
	buf_release(&text);
	buf_release(&got);
}
END_TEST

/* Static values: what stands in the file, not what a double makes of it. */
static const struct { const char *json, *value_json, *value_text; } statics[] = {
	{ "0.1", "0.1", "0.1" },
	{ "-12.50", "-12.50", "-12.50" },
	{ "1e2", "1e2", "1e2" },
	{ "12345678901234567890.123456789", "12345678901234567890.123456789",
	  "12345678901234567890.123456789" },
	{ "9007199254740993", "9007199254740993", "9007199254740993" },
	{ "false", "false", "false" },
	{ "\"a \\\"1.0\\\" \\\\\"", "\"a \\\"1.0\\\" \\\\\"", "a \"1.0\" \\" },
	{ "\"0.10\"", "\"0.10\"", "0.10" },
	{ "null", "null", NULL },
	{ "{\"b\": [0.10, {\"c\": 1E5}], \"a\": \"\\u00e9\\n\", \"d\": [], \"e\": {}, "
	  "\"f\": [true, null]}",
	  "{\"b\":[0.10,{\"c\":1E5}],\"a\":\"\xc3\xa9\\n\",\"d\":[],\"e\":{},"
	  "\"f\":[true,null]}", NULL },
};

START_TEST(static_values)
{
	struct buf text = { 0 }, got = { 0 };
	struct contract *c;

	/* other numbers before and after: each value has its own text */
	buf_addf(&text, "[{\"estimated_item_size_bytes\": 0.25, \"table\":\"Tab\",\"source_table\":"
		 "\"t\",\"pk\":\"id\",\"attributes\":[{\"name\":\"a\",\"type\":\"S\","
		 "\"transformation\":{\"type\":\"static\",\"value\":%s}}],\"read_capacity\":7,"
		 "\"write_capacity\":8.0,\"billing_mode\":\"PROVISIONED\"}]", statics[_i].json);
	findings(buf_cstr(&text), false, &got, &c);
	ck_assert_str_eq(got.len ? buf_cstr(&got) : "", "");
	const struct transformation *t = c->tables[0].entities[0].attributes[0].transformation;
	ck_assert_str_eq(t->value_json, statics[_i].value_json);
	if (statics[_i].value_text)
		ck_assert_str_eq(t->value_text, statics[_i].value_text);
	else
		ck_assert_ptr_null(t->value_text);
	ck_assert_int_eq(c->tables[0].read_capacity, 7);
	ck_assert_int_eq(c->tables[0].write_capacity, 8);
	contract_free(c);
	buf_release(&text);
	buf_release(&got);
}
END_TEST

START_TEST(too_deep)
{
	struct buf text = { 0 };
	struct diags d = { 0 };
	struct etl_err err = { 0 };
	struct contract *c;

	for (int i = 0; i < 600; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < 600; i++)
		buf_addc(&text, ']');
	ck_assert_int_eq(contract_parse(buf_str(&text), "c.json", &d, &c, &err), -ETL_ECONTRACT);
	ck_assert_ptr_null(c);
	ck_assert_str_eq(err.msg, "'c.json' is nested too deep: more than 512 lists and objects inside "
				  "each other");
	diags_release(&d);
	buf_release(&text);
}
END_TEST

/* A placeholder is what stands between the innermost braces. */
static const struct { const char *text, *parts; } templates[] = {
	{ "A#{b}#{c", "A#|<b>|#{c" },
	{ "{}{a}{a}", "<>|<a>|<a>" },
	{ "{\\\"a\\\":{b}}", "{\"a\":|<b>|}" },
	{ "{{{a}}}", "{{|<a>|}}" },
	{ "}{", "}{" },
	{ "", "" },
};

START_TEST(template_parts)
{
	struct buf text = { 0 }, got = { 0 };
	struct contract *c;

	buf_addf(&text, ATTRS("{\"name\":\"a\",\"type\":\"S\",\"transformation\":{\"type\":"
			      "\"template\",\"template\":\"%s\"}}"), templates[_i].text);
	findings(buf_cstr(&text), false, &got, &c);
	ck_assert_str_eq(got.len ? buf_cstr(&got) : "", "");
	const struct template *t = &c->tables[0].entities[0].attributes[0].transformation->tmpl;
	for (size_t i = 0; i < t->nparts; i++)
		buf_addf(&got, "%s%s%.*s%s", i ? "|" : "", t->parts[i].placeholder ? "<" : "",
			 (int)t->parts[i].text.len, t->parts[i].text.ptr,
			 t->parts[i].placeholder ? ">" : "");
	ck_assert_str_eq(got.len ? buf_cstr(&got) : "", templates[_i].parts);
	contract_free(c);
	buf_release(&text);
	buf_release(&got);
}
END_TEST

static Suite *contract_suite(void)
{
	Suite *s = suite_create("contract/contract");
	TCase *t = tcase_create("contract");

	tcase_add_loop_test(t, findings_of, 0, sizeof(cases) / sizeof(*cases));
	tcase_add_test(t, strict_makes_unknown_keys_errors);
	tcase_add_loop_test(t, not_json, 0, 6);
	tcase_add_test(t, defaults_and_settings);
	tcase_add_loop_test(t, else_values, 0, sizeof(elses) / sizeof(*elses));
	tcase_add_loop_test(t, static_values, 0, sizeof(statics) / sizeof(*statics));
	tcase_add_test(t, too_deep);
	tcase_add_loop_test(t, template_parts, 0, sizeof(templates) / sizeof(*templates));
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(contract_suite)
