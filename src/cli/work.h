/*
 * What load and verify have in common: the plan as the pipeline's tables, checkpoints, progress,
 * and reports that are written or the run is not done.
 */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "checkpoint/checkpoint.h"
#include "cli/session.h"
#include "pipeline/table.h"
#include "report/progress.h"

struct work {
	size_t ntables;
	struct load_table *tables;	/* in 'arena', as all below */
	const char **names;		/* DynamoDB's */
	const char **ids;		/* table_state.id, once work_check_tables has seen them */
	struct arena *arena;
};

/* The planned tables, without checkpoints. Borrows from the plan. */
void work_init(struct work *w, const struct session *s);
void work_release(struct work *w);

/* A table that is missing, or another than the contract's, must show before rows are read. */
int work_check_tables(struct work *w, struct session *s, struct etl_err *err);

/* What must be the same for a run to go on, of each table. After work_check_tables; borrows from
 * the plan and 'write_mode'. */
const struct checkpoint_identity *work_identities(struct work *w, const struct session *s,
						  const char *write_mode);

/* Opens a checkpoint for each table, which work_check_tables has seen; on failure those that are open stay so. */
int work_open_checkpoints(struct work *w, struct session *s, struct etl_err *err);

/* Closes those that are open; the first error counts. */
int work_close_checkpoints(struct work *w, struct etl_err *err);

/* One that cannot go back over its lines and shows no colors, such as an editor's: TERM says so. */
bool work_is_dumb_terminal(void);

/* --progress and the terminal, as report/progress.h means it. */
enum progress_kind work_progress_kind(const struct options *o);

/* Proves that the state directory can be written, making it where it is missing. */
int work_check_state_dir(const char *dir, struct etl_err *err);

/* Could --report and --rejects be written? Better known before hours of work. */
int work_check_outputs(const struct options *o, struct etl_err *err);

/* Writes 'text' to <state-dir>/<name>. */
int work_save(const struct session *s, const char *name, const struct buf *text,
	      struct etl_err *err);
void work_drop(const struct session *s, const char *name);	/* removes it, as far as it can */

/* Writes 'text' to 'path', which may be a pipe or device. */
int work_write_file(const char *path, const struct buf *text, struct etl_err *err);

/* Remembers the run for `etl status`. 'err' as the run ended; what goes wrong goes to it, too. */
void work_remember(const struct session *s, const char *command, const struct work *w,
		   const struct load_counts *counts, struct etl_err *err);

#endif
