/*
 * Golden SQL: each folder of tests/plan/golden holds schema.txt (see fakes/fake_catalog.h),
 * contract.json and what the plan makes of them: plan.mariadb and plan.mysql (views, table keys,
 * proofs, resolved joins) or, for a wrong contract, the findings. Run with UPDATE_GOLDEN=1 to
 * write them anew, then read the difference.
 *
 *	joins of one row, which key they go by	joins lookups fk-alias self chains conditional
 *	json-construction			json json-text json-rules
 *	calculations				calculations aggregates case-concat dates-math
 *	transformations				transformations transform-types templates numbers
 *	types of columns -> of attributes	columns type-s type-n type-b type-documents
 *	keys of table and indexes, proofs	keys keys-rules templates
 *	datetime_format with zero_dates		dates-* transformations templates
 *	fragments, names, where			fragments fragments-json operands identifiers
 *	values that the server may cut		cut
 *	faults					errors errors-plan
 */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "check_main.h"
#include "fakes/fake_catalog.h"
#include "plan/plan.h"

#define GOLDEN "tests/plan/golden"

static void add_plan(struct buf *out, const struct plan *plan)
{
	for (size_t i = 0; i < plan->ntables; i++) {
		const struct plan_table *t = &plan->tables[i];
		const struct key_schema *k = &t->def.keys;
		buf_addf(out, "== table %s: %s (%s)", t->def.name, k->pk_name,
			 attr_type_name(k->pk_type));
		if (k->sk_name)
			buf_addf(out, ", %s (%s)", k->sk_name, attr_type_name(k->sk_type));
		buf_addf(out, "\nkeys %s: %s\n", t->keys_proven_unique ? "proven" : "not proven",
			 t->keys_proof);
		for (size_t e = 0; e < t->nentities; e++) {
			const struct plan_entity *pe = &t->entities[e];
			for (size_t l = 0; l < pe->nlookups; l++)
				buf_addf(out, "join %s: %s%s%s\n", pe->lookups[l].path,
					 pe->lookups[l].words,
					 pe->lookups[l].may_match_many ? " MANY" : "",
					 pe->lookups[l].no_index ? " NO-INDEX" : "");
			if (pe->source.may_be_cut)
				buf_addf(out, "values of %s may be cut\n", pe->shape.entity);
			buf_addf(out, "%s;\n", pe->view_sql);
		}
		buf_addf(out, "%s;\n", t->view_sql);
	}
}

static void make(const char *dir, enum server_flavour flavour, struct buf *out)
{
	char path[512];
	struct buf schema = { 0 }, contract_text = { 0 };
	struct etl_err err = { 0 };
	struct diags diags = { 0 };
	struct contract *contract = NULL;
	struct plan *plan = NULL;
	struct plan_options options = { .table_prefix = "" };

	snprintf(path, sizeof(path), "%s/schema.txt", dir);
	if (access(path, R_OK) != 0)
		snprintf(path, sizeof(path), GOLDEN "/schema.txt");
	ck_assert_int_eq(file_read(path, 1 << 20, &schema, &err), 0);
	snprintf(path, sizeof(path), "%s/contract.json", dir);
	ck_assert_int_eq(file_read(path, 1 << 20, &contract_text, &err), 0);
	struct catalog *catalog = fake_catalog(buf_cstr(&schema), flavour);
	int rc = contract_parse(buf_str(&contract_text), "contract.json", &diags, &contract, &err);
	if (contract) {
		etl_err_clear(&err);
		rc = plan_make(contract, catalog, &options, &diags, &plan, &err);
	}
	for (size_t i = 0; i < diags.n; i++)
		buf_addf(out, "%s %s: %s\n", diags.list[i].level == DIAG_ERROR ? "error" : "warning",
			 diags.list[i].path, diags.list[i].text);
	if (rc == 0)
		add_plan(out, plan);
	else
		buf_addf(out, "%s\n", err.msg);
	plan_free(plan);
	contract_free(contract);
	catalog_free(catalog);
	diags_release(&diags);
	buf_release(&schema);
	buf_release(&contract_text);
}

static void compare(const char *dir, enum server_flavour flavour)
{
	char path[512];
	struct buf got = { 0 }, want = { 0 };
	struct etl_err err = { 0 };

	make(dir, flavour, &got);
	snprintf(path, sizeof(path), "%s/plan.%s", dir,
		 flavour == SERVER_MARIADB ? "mariadb" : "mysql");
	if (getenv("UPDATE_GOLDEN")) {
		ck_assert_int_eq(file_write_atomic(path, buf_str(&got), &err), 0);
	} else {
		ck_assert_msg(file_read(path, 1 << 22, &want, &err) == 0, "%s", err.msg);
		if (!str_eq(buf_str(&got), buf_str(&want)))
			ck_abort_msg("%s differs; made:\n%s", path, buf_cstr(&got));
	}
	buf_release(&got);
	buf_release(&want);
}

START_TEST(every_folder)
{
	DIR *d = opendir(GOLDEN);
	size_t n = 0;

	ck_assert_ptr_nonnull(d);
	for (struct dirent *e; (e = readdir(d));) {
		char dir[400];
		if (e->d_name[0] == '.' || strchr(e->d_name, '.'))
			continue;
		snprintf(dir, sizeof(dir), GOLDEN "/%.200s", e->d_name);
		compare(dir, SERVER_MARIADB);
		compare(dir, SERVER_MYSQL);
		n++;
	}
	closedir(d);
	ck_assert_uint_ge(n, 36);
}
END_TEST

static Suite *golden_suite(void)
{
	Suite *s = suite_create("plan/golden");
	TCase *t = tcase_create("golden");

	tcase_add_test(t, every_folder);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return s;
}
CHECK_MAIN(golden_suite)
