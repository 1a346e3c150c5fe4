#include "cli/commands.h"

#include <stdio.h>

#include "cli/estimate.h"
#include "report/text.h"
#include "sink/tables.h"

static void add_key(struct buf *b, const struct key_schema *keys)
{
	buf_add_printable(b, str_of(keys->pk_name));
	buf_addf(b, " %s", attr_type_name(keys->pk_type));
	if (keys->sk_name) {
		buf_adds(b, ", ");
		buf_add_printable(b, str_of(keys->sk_name));
		buf_addf(b, " %s", attr_type_name(keys->sk_type));
	}
}

static void print_head(const struct session *s)
{
	const struct catalog *c = s->catalog;
	struct buf out = { 0 };

	buf_adds(&out, "contract  ");
	buf_add_printable(&out, str_of(s->opt->contract));
	buf_addf(&out, ", digest %.12s\nsource    ", s->contract->digest);
	buf_add_printable(&out, str_of(session_source_text(s)));
	buf_addf(&out, ", %s ", c->flavour == SERVER_MARIADB ? "MariaDB" : "MySQL");
	buf_add_printable(&out, str_of(c->version_text));
	buf_addc(&out, '\n');
	print_buf(&out);
	buf_release(&out);
}

static void add_entity(struct buf *out, const struct plan_entity *e)
{
	size_t i;

	buf_adds(out, "  entity ");
	buf_add_printable(out, str_of(e->shape.entity));
	buf_adds(out, " from '");
	buf_add_printable(out, str_of(e->entity->source_table));
	buf_addf(out, "', %zu attributes%s\n", e->shape.nattrs,
		 e->source.chunkable ? "" : ", read by one reader: no primary key to cut it by");
	for (i = 0; i < e->nlookups; i++) {
		const struct plan_lookup *l = &e->lookups[i];

		buf_adds(out, "    ");
		buf_add_printable(out, str_of(l->path));
		buf_adds(out, ": ");
		buf_add_printable(out, str_of(l->words));
		if (l->no_index)
			buf_adds(out, "; no index helps: slow on a large table");
		buf_addc(out, '\n');
	}
}

static void print_table(const struct plan_table *t)
{
	struct buf out = { 0 };
	size_t i;

	buf_adds(&out, "\ntable ");
	buf_add_printable(&out, str_of(t->def.name));
	buf_adds(&out, " (");
	add_key(&out, &t->def.keys);
	buf_adds(&out, ")\n");
	for (i = 0; i < t->def.nindexes; i++) {
		buf_adds(&out, "  index ");
		buf_add_printable(&out, str_of(t->def.indexes[i].name));
		buf_adds(&out, " (");
		add_key(&out, &t->def.indexes[i].keys);
		buf_adds(&out, ")\n");
	}
	buf_addf(&out, "  keys %s", t->keys_proven_unique ? "are unique" : "may collide");
	if (t->keys_proof) {
		buf_adds(&out, ": ");
		buf_add_printable(&out, str_of(t->keys_proof));
	}
	buf_addc(&out, '\n');
	for (i = 0; i < t->nentities; i++)
		add_entity(&out, &t->entities[i]);
	print_buf(&out);
	buf_release(&out);
}

/* Every table is looked at; the first that differs decides how the command ends. */
static int check_target(struct session *s, struct etl_err *err)
{
	struct tables_options options = {
		.clock = s->clock, .stop = s->stop, .timeout_ms = 30000, .create = false,
	};
	struct buf out = { 0 };
	size_t i;
	int rc = session_open_sink(s, err);

	if (rc)
		return rc;
	buf_adds(&out, "\ntarget    ");
	buf_add_printable(&out, str_of(session_target_text(s)));
	buf_addc(&out, '\n');
	for (i = 0; i < s->plan->ntables; i++) {
		const struct table_def *def = &s->plan->tables[i].def;
		struct etl_err one = { 0 };
		int each = tables_ensure(s->sink, def, &options, &one);

		buf_adds(&out, "  table ");
		buf_add_printable(&out, str_of(def->name));
		if (!each)
			buf_adds(&out, ": is there, as the contract says\n");
		else if (each == -ETL_ENOTFOUND)
			buf_adds(&out, ": not there or not complete; 'etl create-tables' makes it\n");
		else
			buf_adds(&out, ": see the error\n");
		if (each && each != -ETL_ENOTFOUND) {
			etl_err_copy(err, &one);
			rc = rc ? rc : each;
		}
		if (each && each != -ETL_ENOTFOUND && each != -ETL_ESINK)
			break;	/* the others would fail alike */
	}
	print_buf(&out);
	buf_release(&out);
	return rc;
}

int cmd_check(struct session *s, struct etl_err *err)
{
	size_t i;
	int rc;

	s->show_notes = true;
	rc = session_plan(s, err);
	if (rc)
		return rc;
	print_head(s);
	for (i = 0; i < s->plan->ntables; i++)
		print_table(&s->plan->tables[i]);
	fflush(stdout);
	rc = estimate_print(s, err);
	if (rc)
		return rc;
	fflush(stdout);
	return check_target(s, err);
}
