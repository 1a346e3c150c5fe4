#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/sample.h"

static void add_identifier(struct buf *b, const char *name)
{
	buf_addc(b, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_addc(b, '`');
		buf_addc(b, *name);
	}
	buf_addc(b, '`');
}

static void print_sql(const struct plan *plan)
{
	struct buf out = { 0 };
	size_t i, k;

	for (i = 0; i < plan->ntables; i++) {
		const struct plan_table *t = &plan->tables[i];

		for (k = 0; k < t->nentities; k++)
			buf_addf(&out, "%s;\n\n", t->entities[k].view_sql);
		buf_addf(&out, "%s;\n\n", t->view_sql);
	}
	print_buf(&out);
	buf_release(&out);
}

static bool is_among(const char *name, char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The table's view first: it may be made of those of its entities. */
static size_t collect_drops(const struct plan *plan, struct arena *a, char *const *existing,
			    size_t n, struct ddl *ddl)
{
	size_t i, k, count = 0;
	struct buf sql = { 0 };

	for (i = 0; i < plan->ntables; i++) {
		const struct plan_table *t = &plan->tables[i];

		for (k = 0; k <= t->nentities; k++) {
			const char *view = k ? t->entities[k - 1].source.view : t->view;

			if (existing && !is_among(view, existing, n))
				continue;
			buf_reset(&sql);
			buf_adds(&sql, "DROP VIEW IF EXISTS ");
			add_identifier(&sql, view);
			ddl[count++] = (struct ddl){
				.sql = arena_strdup(a, buf_cstr(&sql)),
				.what = arena_printf(a, "drop view '%s'", view),
				.grant_hint = arena_printf(a, "the account needs DROP: GRANT DROP "
							   "ON `%s`.* TO ...",
							   plan->catalog->database),
			};
		}
	}
	buf_release(&sql);
	return count;
}

static int drop_views(struct session *s, struct etl_err *err)
{
	const struct plan *plan = s->plan;
	struct arena *a = arena_new();
	struct buf out = { 0 };
	char **existing = NULL;
	size_t i, n = 0, most = 0;
	struct ddl *ddl;
	int rc = 0;

	answer_doing(s, "dropping the views");
	for (i = 0; i < plan->ntables; i++)
		most += plan->tables[i].nentities + 1;
	ddl = arena_alloc(a, most * sizeof(*ddl));
	if (s->opt->dry_run) {
		n = collect_drops(plan, a, NULL, 0, ddl);
		for (i = 0; i < n; i++)
			buf_addf(&out, "%s;\n", ddl[i].sql);
	} else {
		rc = s->source->ops->list_views(s->source, "ddb_", &existing, &n, err);
		if (!rc) {
			/* never NULL here: none existing means none to drop */
			char *none[1] = { NULL };
			size_t drops = collect_drops(plan, a, existing ? existing : none, n, ddl);

			rc = s->source->ops->apply(s->source, ddl, drops, err);
			if (!rc)
				buf_addf(&out, "%zu view%s dropped\n", drops,
					 drops == 1 ? "" : "s");
		}
		for (i = 0; i < n; i++)
			free(existing[i]);
		free(existing);
	}
	print_buf(&out);
	buf_release(&out);
	arena_free(a);
	return rc;
}

int step_views(struct session *s, struct etl_err *err)
{
	struct buf out = { 0 };
	size_t i, k;
	int rc = session_apply_views(s, s->opt->command == CMD_VIEWS && !s->opt->mysql_read_only,
				     err);

	if (rc)
		return rc;
	if (s->opt->inline_views) {
		fputs("no view is made: rows are read by the SELECTs that views would have\n", stdout);
		fflush(stdout);
		return 0;
	}
	for (i = 0; i < s->plan->ntables; i++) {
		const struct plan_table *t = &s->plan->tables[i];

		buf_adds(&out, "view ");
		buf_add_printable(&out, str_of(t->view));
		for (k = 0; k < t->nentities; k++) {
			buf_adds(&out, k ? ", " : ", and ");
			buf_add_printable(&out, str_of(t->entities[k].source.view));
		}
		buf_addc(&out, '\n');
	}
	/* where a run is to print its report in another form, that is all there may be */
	if ((s->opt->command == CMD_VIEWS || s->opt->format == FORMAT_TEXT) && session_tells(s, err))
		print_buf(&out);
	fflush(stdout);
	buf_release(&out);
	return 0;
}

static int show_row(void *arg, const struct item *item, const struct reject *rej,
		    struct etl_err *err)
{
	struct buf *out = arg;

	(void)err;
	if (item) {
		buf_adds(out, "  ");
		buf_add_printable(out, buf_str(&item->json));
	} else {
		buf_addf(out, "  reject %s: ", reject_code_name(rej->code));
		buf_add_printable(out, buf_str(&rej->sentence));
		buf_adds(out, "; as far as it got: ");
		buf_add_printable(out, buf_str(&rej->item));
	}
	buf_addc(out, '\n');
	print_buf(out);
	buf_reset(out);
	return 0;
}

static int show_sample(struct session *s, struct etl_err *err)
{
	struct source_reader *reader = NULL;
	struct snapshot_info info;
	struct buf sql = { 0 }, out = { 0 };
	size_t i, k;
	int rc = s->source->ops->open_readers(s->source, 1, &reader, &info, err);

	for (i = 0; i < s->plan->ntables && !rc; i++) {
		const struct plan_table *t = &s->plan->tables[i];

		for (k = 0; k < t->nentities && !rc; k++) {
			answer_doing(s, "reading rows of entity '%s' of table '%s'",
				     t->entities[k].shape.entity, t->def.name);
			buf_addf(&out, "%s ", t->def.name);
			buf_add_printable(&out, str_of(t->entities[k].shape.entity));
			buf_adds(&out, ":\n");
			print_buf(&out);
			buf_reset(&out);
			buf_reset(&sql);
			buf_adds(&sql, "SELECT * FROM ");
			add_identifier(&sql, t->entities[k].source.view);
			rc = sample_rows(reader, &t->entities[k], buf_cstr(&sql), s->opt->sample,
					 show_row, &out, err);
		}
	}
	if (reader)
		reader->ops->close_reader(reader);
	buf_release(&sql);
	buf_release(&out);
	return rc;
}

int cmd_views(struct session *s, struct etl_err *err)
{
	int rc = session_plan(s, err);

	if (rc)
		return rc;
	if (s->opt->drop)
		return drop_views(s, err);
	if (s->opt->dry_run) {
		print_sql(s->plan);
		return 0;
	}
	rc = step_views(s, err);
	if (!rc && s->opt->sample != OPTION_UNSET)
		rc = show_sample(s, err);
	return rc;
}
