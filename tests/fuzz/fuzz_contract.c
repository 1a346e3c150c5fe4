/*
 * The contract reader, the fragment parser and the plan on hostile input: whatever the bytes are,
 * they end as a plan or as findings.
 *
 *     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_contract.c
 */
#include <stdint.h>

#include "fakes/fake_catalog.h"
#include "plan/plan.h"

static const char schema[] =
	"table users\nid int pk\nemail varchar(100) unique\nborn date null\nw float\nj json\nb binary(16)\n"
	"table orders\nid int pk\nuser_id int fk users.id\ntotal decimal(10,2)\nat timestamp\n"
	"table notes\nuser_id int\nbody text\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalog *catalog;
	struct diags diags = { 0 };
	struct etl_err err = { 0 };
	struct contract *contract = NULL;
	struct plan *plan = NULL;
	struct plan_options options = { .table_prefix = "" };

	if (!catalog)
		catalog = fake_catalog(schema, size & 1 ? SERVER_MARIADB : SERVER_MYSQL);
	contract_parse((struct str){ (const char *)data, size }, "fuzz", &diags, &contract, &err);
	if (contract)
		plan_make(contract, catalog, &options, &diags, &plan, &err);
	plan_free(plan);
	contract_free(contract);
	diags_release(&diags);
	return 0;
}
