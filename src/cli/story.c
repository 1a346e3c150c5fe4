#include "cli/story.h"

#include <string.h>

#include "base/log.h"
#include "report/text.h"

#define TABLES_MAX 20		/* that are named one by one */

static uint64_t rows_of(const struct plan_table *t)
{
	uint64_t rows = 0;
	size_t i;

	for (i = 0; i < t->nentities; i++)
		if (t->entities[i].source.table)
			rows += t->entities[i].source.table->rows_estimate;
	return rows;
}

static void add_words(struct buf *b, size_t entities, uint64_t rows)
{
	buf_addf(b, "%zu entit%s, about ", entities, entities == 1 ? "y" : "ies");
	text_add_plural(b, rows, "row");
}

static void say_tables(const struct plan *plan)
{
	struct text_table list = { .ncolumns = 2 };
	size_t n = plan->ntables <= TABLES_MAX ? plan->ntables : TABLES_MAX, i, at = 0;
	struct buf text = { 0 };

	for (i = 0; i < n; i++) {
		const struct plan_table *t = &plan->tables[i];
		struct buf words = { 0 };

		add_words(&words, t->nentities, rows_of(t));
		text_table_text(&list, t->def.name);
		text_table_cell(&list, buf_str(&words));
		buf_release(&words);
	}
	text_table_write(&list, "    ", &text);
	while (at < text.len) {
		const char *line = text.ptr + at;
		const char *end = memchr(line, '\n', text.len - at);

		log_info("%.*s", (int)(end - line), line);
		at += (size_t)(end - line) + 1;
	}
	if (n < plan->ntables)
		log_info("    and %zu more", plan->ntables - n);
	text_table_release(&list);
	buf_release(&text);
}

void story_begin(const struct session *s)
{
	size_t i, entities = 0;
	struct buf all = { 0 };
	uint64_t rows = 0;

	for (i = 0; i < s->plan->ntables; i++) {
		entities += s->plan->tables[i].nentities;
		rows += rows_of(&s->plan->tables[i]);
	}
	add_words(&all, entities, rows);
	log_info("etl run: contract '%s', %zu table%s, %s by the server's statistics",
		 s->opt->contract, s->plan->ntables, s->plan->ntables == 1 ? "" : "s",
		 buf_cstr(&all));
	log_info("  from   %s", session_source_text(s));
	log_info("  to     %s", session_target_text(s));
	say_tables(s->plan);
	log_info("  steps  views, create-tables, load, verify; stopped or killed, the same command "
		 "goes on");
	log_info("  state  '%s'", s->opt->state_dir);
	buf_release(&all);
}

void story_step(unsigned number, unsigned of, const char *name)
{
	struct buf fields = { 0 };

	buf_addf(&fields, "\"step\":\"%s\"", name);
	log_event(LOG_INFO, buf_cstr(&fields), "step %u of %u: %s", number, of, name);
	buf_release(&fields);
}

static const char *words_of(const char *outcome)
{
	if (strcmp(outcome, "done") == 0)
		return "done";
	if (strcmp(outcome, "rejects") == 0)
		return "done, with rejects";
	if (strcmp(outcome, "differences") == 0)
		return "done, there are differences";
	return strcmp(outcome, "stopped") == 0 ? "stopped" : "failed";
}

void story_step_end(const char *name, const char *outcome, int64_t duration_ms)
{
	struct buf fields = { 0 }, took = { 0 };

	text_add_duration(&took, duration_ms);
	buf_addf(&fields, "\"step\":\"%s\",\"outcome\":\"%s\",\"milliseconds\":%lld", name, outcome,
		 (long long)duration_ms);
	log_event(LOG_INFO, buf_cstr(&fields), "  %s: %s after %s", name, words_of(outcome),
		  buf_cstr(&took));
	buf_release(&fields);
	buf_release(&took);
}
