/* etl init: the catalogue read, some rows looked at, a contract drafted, tried and written. */
#include "cli/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/answer.h"
#include "cli/work.h"
#include "draft/draft.h"

struct looking {
	struct draft_facts *facts;
	const struct cat_table *table;
};

static int take_answer(void *arg, const struct row *row, const char *const *names,
		       struct etl_err *err)
{
	struct looking *l = arg;

	(void)names;
	(void)err;
	draft_answer(l->facts, l->table, row);
	return 0;
}

static bool is_wanted(const struct session *s, const struct cat_table *t)
{
	const struct opt_list *tables = &s->opt->tables;
	size_t i;

	for (i = 0; i < tables->n; i++)
		if (catalog_table(s->catalog, tables->values[i], strlen(tables->values[i])) == t)
			return true;
	return !tables->n && !t->is_view;
}

/* What cannot be looked at is drafted by its declaration alone. */
static int look_at_rows(struct session *s, struct draft_facts *facts, struct etl_err *err)
{
	struct source_reader *reader = NULL;
	struct looking l = { .facts = facts };
	struct snapshot_info info;
	struct buf sql = { 0 };
	size_t i;
	int rc = s->source->ops->open_readers(s->source, 1, &reader, &info, err);

	for (i = 0; i < s->catalog->ntables && !rc; i++) {
		struct etl_err why = { 0 };

		l.table = &s->catalog->tables[i];
		if (!is_wanted(s, l.table) || !draft_question(l.table, &sql))
			continue;
		if (stop_asked(s->stop)) {
			rc = etl_err_set(err, ETL_ESTOPPED, "stopped while looking at rows");
			break;
		}
		rc = reader->ops->query(reader, buf_cstr(&sql), take_answer, &l, &why);
		if (rc == -ETL_ESOURCE) {
			log_warn("cannot look at rows of table '%s': %s", l.table->name, why.msg);
			rc = 0;
		} else if (rc)
			etl_err_copy(err, &why);
	}
	if (reader)
		reader->ops->close_reader(reader);
	buf_release(&sql);
	return rc;
}

static int refuse_existing(const char *path, struct etl_err *err)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	etl_err_set(err, ETL_EUSAGE, "'%s' is there already", path);
	etl_err_hint(err, "'--force' replaces it, '--output FILE' writes another");
	return -ETL_EUSAGE;
}

/* A draft that the program itself does not take is a fault of the program, and is not written. */
static int try_draft(struct session *s, const struct draft *draft, const char *path,
		     struct etl_err *err)
{
	struct plan_options options = { .table_prefix = "" };
	struct etl_err why = { 0 };
	struct contract *contract = NULL;
	struct plan *plan = NULL;
	struct diags diags = { 0 };
	size_t i;
	int rc = contract_parse(buf_str(&draft->contract), path, &diags, &contract, &why);

	if (!rc)
		rc = plan_make(contract, s->catalog, &options, &diags, &plan, &why);
	for (i = 0; i < diags.n; i++)
		if (diags.list[i].level == DIAG_WARNING)
			log_warn("%s: %s: %s", path, diags.list[i].path, diags.list[i].text);
		else if (diags.list[i].level == DIAG_ERROR)
			rc = etl_err_set(err, ETL_EINTERNAL, "the drafted contract has an error: "
					 "%s: %s", diags.list[i].path, diags.list[i].text);
	if (rc && !err->code)
		etl_err_set(err, ETL_EINTERNAL, "the drafted contract has an error: %s", why.msg);
	plan_free(plan);
	contract_free(contract);
	diags_release(&diags);
	return rc;
}

static void say_what_is_next(const struct session *s, const struct draft *draft, const char *path,
			     const char *readme)
{
	struct buf out = { 0 };
	const char *option = strcmp(path, "migrationContract.json") ? " --contract " : "";
	const char *file = *option ? path : "";

	buf_addf(&out, "%zu table%s of the source, %zu in DynamoDB\n", draft->nentities,
		 draft->nentities == 1 ? "" : "s", draft->ntables);
	buf_adds(&out, "contract  ");
	buf_add_printable(&out, str_of(path));
	buf_adds(&out, "\nreasons   ");
	buf_add_printable(&out, str_of(readme));
	if (strcmp(path, s->opt->contract) == 0)
		option = file = "";
	buf_addf(&out, "\nnext      etl check%s", option);
	buf_add_printable(&out, str_of(file));
	buf_addf(&out, ", then etl run%s", option);
	buf_add_printable(&out, str_of(file));
	buf_addc(&out, '\n');
	print_buf(&out);
	buf_release(&out);
}

int cmd_init(struct session *s, struct etl_err *err)
{
	const char *path = s->opt->output ? s->opt->output : s->opt->contract;
	const char *suffix = strrchr(path, '.');
	struct draft_options options = {
		.single_table = s->opt->single_table, .contract_file = path,
		.tables = s->opt->tables.values, .ntables = s->opt->tables.n,
	};
	struct draft_facts *facts = NULL;
	struct draft draft = { 0 };
	struct buf readme = { 0 };
	int rc = 0;

	buf_add(&readme, path, suffix && strcmp(suffix, ".json") == 0 ? (size_t)(suffix - path)
								      : strlen(path));
	buf_adds(&readme, ".README.md");
	if (!s->opt->force)
		rc = refuse_existing(path, err);
	if (!rc && !s->opt->force)
		rc = refuse_existing(buf_cstr(&readme), err);
	if (!rc)
		rc = session_open_source(s, err);
	if (!rc)
		rc = session_read_catalog(s, err);
	if (rc)
		goto out;
	answer_doing(s, "looking at the rows of the tables");
	facts = draft_facts_new(s->catalog);
	rc = look_at_rows(s, facts, err);
	answer_doing(s, "making the contract");
	if (!rc)
		rc = draft_make(facts, &options, &draft, err);
	if (!rc)
		rc = try_draft(s, &draft, path, err);
	if (!rc)
		rc = file_write_atomic(path, buf_str(&draft.contract), err);
	if (!rc)
		rc = file_write_atomic(buf_cstr(&readme), buf_str(&draft.readme), err);
	if (!rc)
		say_what_is_next(s, &draft, path, buf_cstr(&readme));
out:
	draft_facts_free(facts);
	draft_release(&draft);
	buf_release(&readme);
	return rc;
}
