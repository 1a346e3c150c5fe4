#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "report/text.h"

struct listing {
	struct text_table table;
	struct buf out;
	size_t n;
};

static int add_run(const struct run_record *run, void *arg)
{
	struct listing *l = arg;
	struct buf cell = { 0 };
	size_t i;

	text_add_utc(&cell, run->start_utc_ms);
	text_table_cell(&l->table, buf_str(&cell));
	buf_reset(&cell);
	text_add_duration(&cell, run->end_utc_ms - run->start_utc_ms);
	text_table_cell(&l->table, buf_str(&cell));
	text_table_text(&l->table, run->command);
	text_table_text(&l->table, run->outcome);
	buf_reset(&cell);
	buf_addf(&cell, "%d", run->exit_status);
	text_table_cell(&l->table, buf_str(&cell));
	if (run->has_counts) {
		text_table_count(&l->table, run->counts.items_written);
		text_table_count(&l->table, run->counts.rows_skipped);
		text_table_count(&l->table, run->counts.rows_rejected);
	} else {
		text_table_text(&l->table, "");
		text_table_text(&l->table, "");
		text_table_text(&l->table, "");
	}
	buf_reset(&cell);
	for (i = 0; i < run->ntables; i++)
		buf_addf(&cell, "%s%s", i ? " " : "", run->tables[i]);
	if (run->message && *run->message)
		buf_addf(&cell, "%s%s", cell.len ? ": " : "", run->message);
	text_table_cell(&l->table, buf_str(&cell));
	buf_release(&cell);
	l->n++;
	return 0;
}

static int add_journal(const struct checkpoint_summary *c, void *arg)
{
	struct listing *l = arg;
	struct buf *out = &l->out;
	size_t i;

	buf_adds(out, "\nload ");
	buf_add_printable(out, str_of(c->problem ? c->path : c->target));
	l->n++;
	if (c->problem) {
		buf_adds(out, "\n  cannot be read: ");
		buf_add_printable(out, str_of(c->problem));
		buf_addc(out, '\n');
		return 0;
	}
	buf_adds(out, "\n  from ");
	buf_add_printable(out, str_of(c->source_words));
	buf_adds(out, " (");
	buf_add_printable(out, str_of(c->source));
	buf_addc(out, ')');
	if (strcmp(c->write_mode, "overwrite") != 0) {
		buf_adds(out, "\n  write mode ");
		buf_add_printable(out, str_of(c->write_mode));
	}
	buf_addf(out, "\n  %s: ", c->finished ? "finished" : "not finished; 'etl load' goes on");
	text_add_plural(out, c->totals.rows_read, "row");
	buf_adds(out, " read, ");
	text_add_plural(out, c->totals.items_written, "item");
	buf_adds(out, " written, ");
	if (c->totals.rows_skipped) {
		text_add_count(out, c->totals.rows_skipped);
		buf_adds(out, " skipped, ");
	}
	text_add_plural(out, c->totals.rows_rejected, "reject");
	buf_addc(out, '\n');
	for (i = 0; i < c->nentities; i++) {
		const struct checkpoint_entity *e = &c->entities[i];

		buf_adds(out, "  ");
		buf_add_printable(out, str_of(c->entity_names[i]));
		buf_adds(out, ": ");
		text_add_count(out, e->ndone);
		buf_adds(out, " of ");
		text_add_plural(out, e->nunits, "unit");
		buf_addf(out, "%s done\n", e->planned ? "" : " planned so far");
	}
	if (c->last_note) {
		buf_adds(out, "  ");
		buf_add_printable(out, str_of(c->last_note));
		buf_addc(out, '\n');
	}
	return 0;
}

static void print_runs(struct listing *l)
{
	struct buf out = { 0 };

	text_table_write(&l->table, "", &out);
	print_buf(&out);
	print_buf(&l->out);
	buf_release(&out);
}

int cmd_status(struct session *s, struct etl_err *err)
{
	static const char *const heads[] = { "started", "took", "command", "outcome", "exit",
					     "items", "skipped", "rejects", "tables" };
	struct listing l = { .table = { .ncolumns = 9, .right = 0xf2 } };
	size_t damaged = 0, i;
	int rc;

	for (i = 0; i < 9; i++)
		text_table_text(&l.table, heads[i]);
	rc = runs_read(s->opt->state_dir, add_run, &l, &damaged, err);
	if (!rc)
		rc = checkpoint_each(s->opt->state_dir, add_journal, &l, err);
	if (!rc && l.n)
		print_runs(&l);
	else if (!rc)
		log_info("no runs are remembered in '%s'", s->opt->state_dir);
	if (damaged)
		log_warn("%zu lines of '%s/runs.jsonl' cannot be read", damaged,
			 s->opt->state_dir);
	text_table_release(&l.table);
	buf_release(&l.out);
	return rc;
}
