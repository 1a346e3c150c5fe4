/* The commands. Each takes an open session and returns 0 or a negative error; what else there is to
 * confess (rejects, differences) goes to session.outcome. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/session.h"
#include "cli/reports.h"

int cmd_check(struct session *s, struct etl_err *err);
int cmd_views(struct session *s, struct etl_err *err);
int cmd_create_tables(struct session *s, struct etl_err *err);
int cmd_load(struct session *s, struct etl_err *err);
int cmd_verify(struct session *s, struct etl_err *err);
int cmd_run(struct session *s, struct etl_err *err);
int cmd_explain(struct session *s, struct etl_err *err);
int cmd_init(struct session *s, struct etl_err *err);
int cmd_status(struct session *s, struct etl_err *err);
int cmd_config(struct session *s, struct etl_err *err);
int cmd_completion(struct session *s, struct etl_err *err);
int cmd_help(struct session *s, struct etl_err *err);

void help_program(struct buf *out);			/* etl help */
void help_command(enum command id, struct buf *out);	/* etl help COMMAND */
void help_version(struct buf *out);

/* The steps of `etl run`, which are commands of their own, too. The session is planned. 'run'
 * (may be NULL) takes what the step reports. */
int step_views(struct session *s, struct etl_err *err);
int step_create_tables(struct session *s, struct etl_err *err);
int step_load(struct session *s, struct run_parts *run, struct etl_err *err);
int step_verify(struct session *s, struct run_parts *run, struct etl_err *err);

#endif
