#include "cli/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/answer.h"
#include "cli/option_table.h"
#include "cli/write_mode.h"
#include "sink/tables.h"

void work_init(struct work *w, const struct session *s)
{
	size_t i, k;

	memset(w, 0, sizeof(*w));
	w->arena = arena_new();
	w->ntables = s->plan->ntables;
	w->tables = arena_alloc(w->arena, w->ntables * sizeof(*w->tables));
	w->names = arena_alloc(w->arena, w->ntables * sizeof(*w->names));
	w->ids = arena_alloc(w->arena, w->ntables * sizeof(*w->ids));
	for (i = 0; i < w->ntables; i++) {
		const struct plan_table *t = &s->plan->tables[i];
		const struct entity_source **entities =
			arena_alloc(w->arena, t->nentities * sizeof(*entities));

		for (k = 0; k < t->nentities; k++)
			entities[k] = &t->entities[k].source;
		w->names[i] = t->def.name;
		w->ids[i] = "";
		w->tables[i] = (struct load_table){
			.def = &t->def,
			.index = i,
			.nentities = t->nentities,
			.entities = entities,
			.keys_proven_unique = t->keys_proven_unique,
		};
	}
}

void work_release(struct work *w)
{
	arena_free(w->arena);
	memset(w, 0, sizeof(*w));
}

int work_check_tables(struct work *w, struct session *s, struct etl_err *err)
{
	struct buf id = { 0 };
	struct tables_options options = {
		.clock = s->clock, .stop = s->stop, .timeout_ms = 60000, .create = false,
		.id = &id,
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < w->ntables && !rc; i++) {
		answer_doing(s, "looking at table '%s'", w->tables[i].def->name);
		rc = tables_ensure(s->sink, w->tables[i].def, &options, err);
		if (!rc)
			w->ids[i] = arena_strdup(w->arena, buf_cstr(&id));
	}
	if (rc == -ETL_ENOTFOUND)
		etl_err_hint(err, "'etl create-tables' creates the tables of the contract");
	buf_release(&id);
	return rc;
}

const struct checkpoint_identity *work_identities(struct work *w, const struct session *s,
						  const char *write_mode)
{
	struct checkpoint_identity *ids = arena_alloc(w->arena, w->ntables * sizeof(*ids));
	size_t i, k;

	for (i = 0; i < w->ntables; i++) {
		const struct plan_table *t = &s->plan->tables[i];
		struct checkpoint_entity_id *entities =
			arena_alloc(w->arena, t->nentities * sizeof(*entities));

		ids[i] = (struct checkpoint_identity){
			.contract_digest = s->contract->digest,
			.source = s->catalog->server_id_text,
			.source_words = mysql_source_place(s->source),
			.target = arena_printf(w->arena, "%s table %s", session_target_text(s),
					       t->def.name),
			.write_mode = write_mode,
			.table_id = w->ids[i],
			.nentities = t->nentities,
			.entities = entities,
		};
		for (k = 0; k < t->nentities; k++)
			entities[k] = (struct checkpoint_entity_id){
				t->entities[k].entity->type, t->entities[k].view_digest
			};
	}
	return ids;
}

int work_open_checkpoints(struct work *w, struct session *s, struct etl_err *err)
{
	const struct checkpoint_identity *ids;
	struct buf mode = { 0 };
	size_t i;
	int rc = 0;

	write_mode_add_words(&mode, s->opt);
	ids = work_identities(w, s, buf_cstr(&mode));
	for (i = 0; i < w->ntables && !rc; i++)
		rc = checkpoint_open(s->state, w->names[i], &ids[i], s->opt->restart,
				     &w->tables[i].checkpoint, err);
	buf_release(&mode);
	return rc;
}

int work_close_checkpoints(struct work *w, struct etl_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < w->ntables; i++) {
		int one = checkpoint_close(w->tables[i].checkpoint, err);

		w->tables[i].checkpoint = NULL;
		if (!rc)
			rc = one;
	}
	return rc;
}

bool work_is_dumb_terminal(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || strcmp(term, "dumb") == 0;
}

enum progress_kind work_progress_kind(const struct options *o)
{
	if (o->quiet)
		return PROGRESS_SILENT;
	switch ((enum opt_progress)o->progress) {
	case PROGRESS_BAR:
		return work_is_dumb_terminal() || o->log_format == OPT_LOG_JSON ? PROGRESS_LINES
									   : PROGRESS_LIVE;
	case PROGRESS_PLAIN: return PROGRESS_LINES;
	case PROGRESS_JSON: return PROGRESS_JSONL;
	case PROGRESS_NONE: return PROGRESS_SILENT;
	case PROGRESS_AUTO: break;
	}
	/* JSON lines and a line that is drawn over do not go together */
	if (isatty(STDERR_FILENO) && !work_is_dumb_terminal() && o->log_format == OPT_LOG_TEXT)
		return PROGRESS_LIVE;
	return PROGRESS_LINES;
}

int work_check_state_dir(const char *dir, struct etl_err *err)
{
	int rc = file_mkdirs(dir, err);

	if (!rc && access(dir, W_OK | X_OK) != 0)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write in state directory '%s': %s", dir,
				 strerror(errno));
	if (rc)
		etl_err_hint(err, "--state-dir names another directory");
	return rc;
}

static int check_output(const char *option, const char *path, struct etl_err *err)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = { 0 };
	struct stat st;
	int rc = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		if (S_ISDIR(st.st_mode))
			return etl_err_set(err, ETL_ESYSTEM, "%s: '%s' is a directory", option,
					   path);
		return 0;
	}
	/* files are replaced, so it is their directory that counts */
	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_addc(&dir, '.');
	if (access(buf_cstr(&dir), W_OK | X_OK) != 0)
		rc = etl_err_set(err, ETL_ESYSTEM, "%s: cannot write '%s': %s", option, path,
				 strerror(errno));
	buf_release(&dir);
	return rc;
}

int work_check_outputs(const struct options *o, struct etl_err *err)
{
	struct stat st;
	int rc = o->report ? check_output("--report", o->report, err) : 0;

	if (!rc && o->metrics)
		rc = check_output("--metrics", o->metrics, err);
	/* it is replaced all the time, which a device or a pipe must not be */
	if (!rc && o->metrics && stat(o->metrics, &st) == 0 && !S_ISREG(st.st_mode))
		rc = etl_err_set(err, ETL_ESYSTEM, "--metrics: '%s' is not a file", o->metrics);
	return rc || !o->rejects ? rc : check_output("--rejects", o->rejects, err);
}

int work_save(const struct session *s, const char *name, const struct buf *text,
	      struct etl_err *err)
{
	struct buf path = { 0 };
	int rc;

	buf_addf(&path, "%s/%s", s->opt->state_dir, name);
	rc = file_write_atomic(buf_cstr(&path), buf_str(text), err);
	buf_release(&path);
	return rc;
}

void work_drop(const struct session *s, const char *name)
{
	struct buf path = { 0 };

	buf_addf(&path, "%s/%s", s->opt->state_dir, name);
	unlink(buf_cstr(&path));
	buf_release(&path);
}

int work_write_file(const char *path, const struct buf *text, struct etl_err *err)
{
	struct stat st;
	int fd, rc;

	/* What is there and no file (/dev/stdout, a pipe) is written to, not replaced. */
	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		return file_write_atomic(path, buf_str(text), err);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot write to '%s': %s", path,
				   strerror(errno));
	rc = file_write_all(fd, text->ptr, text->len, path, err);
	if (close(fd) != 0 && !rc)
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot write to '%s': %s", path,
				 strerror(errno));
	return rc;
}

void work_remember(const struct session *s, const char *command, const struct work *w,
		   const struct load_counts *counts, struct etl_err *err)
{
	struct run_record run = {
		.start_utc_ms = s->start_utc_ms,
		.end_utc_ms = s->clock->utc_ms(s->clock),
		.command = command,
		.ntables = w ? w->ntables : 0,
		.tables = w ? w->names : NULL,
		.outcome = !err->code && s->outcome.differences ? "differences"
			 : !err->code && s->outcome.rejects ? "rejects"
			 : !err->code ? "done" : etl_errclass(err->code)->name,
		.exit_status = exit_status(err, &s->outcome, s->stop),
		.message = err->code ? err->msg : NULL,
		.has_counts = counts != NULL,
	};

	if (counts)
		run.counts = *counts;
	/* A run that failed has said what matters; a run that did not has now. */
	if (err->code) {
		struct etl_err second = { 0 };

		if (runs_append(s->opt->state_dir, &run, &second))
			log_warn("%s", second.msg);
		return;
	}
	runs_append(s->opt->state_dir, &run, err);
}
