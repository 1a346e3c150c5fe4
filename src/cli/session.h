/*
 * What a command works with: contract, source, plan and target, each opened when the command first
 * needs it and closed together. What the contract's diagnostics say is printed as it comes.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "aws/aws.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/stop.h"
#include "checkpoint/state.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "contract/contract.h"
#include "plan/plan.h"
#include "report/metrics.h"
#include "report/prices.h"
#include "sink/sink.h"
#include "source/mysql/mysql_source.h"

struct question;

struct session {
	const struct options *opt;
	struct question *question;	/* cli/answer.h's; NULL: nobody answers */
	struct stop *stop;		/* 'own_stop', whose parent is the process's */
	struct stop own_stop;
	struct clock *clock;
	int64_t start_utc_ms;
	struct outcome outcome;
	bool show_notes;		/* of the diagnostics */
	bool strict_at_end;		/* --strict does not end the reading of the contract: its
					   warnings are shown as errors, and the command fails */
	/* NULL until opened; owned */
	struct contract *contract;
	struct source *source;
	struct catalog *catalog;
	struct plan *plan;
	struct sink *sink;
	struct state *state;
	struct metrics *metrics;	/* of --metrics */
	/* behind those */
	int64_t metrics_ms;		/* when the file was written last */
	bool metrics_warned;		/* that it could not be written */
	struct diags diags;
	size_t diags_shown;
	struct mysql_config mysql;
	struct buf password;		/* wiped by session_close */
	struct aws_config aws;
	struct prices *prices;		/* of --prices; NULL: those built in */
	char *region;			/* where known; else NULL */
};

void session_init(struct session *s, const struct options *opt, struct stop *stop);
void session_close(struct session *s);

/* Each opens what it needs, once; 0 or a negative error. */
int session_read_contract(struct session *s, struct etl_err *err);
int session_open_source(struct session *s, struct etl_err *err);
int session_read_catalog(struct session *s, struct etl_err *err);	/* the source is open */
int session_plan(struct session *s, struct etl_err *err);	/* contract, source, catalogue too */
int session_open_sink(struct session *s, struct etl_err *err);

/* The AWS region, which the caller frees; NULL: none is set, or nobody can tell. */
char *session_find_region(struct session *s, struct etl_err *err);

/* Takes the lock of the state directory. */
int session_lock(struct session *s, struct etl_err *err);

/* Applies the views of the planned tables, entities first. Without 'anew' those that are there as
 * planned are left alone, so that who reads them is not waited for. */
int session_apply_views(struct session *s, bool anew, struct etl_err *err);

/* The session's part in struct source_look (pipeline/regain.h): is the source there, and all that
 * was planned of it as it was? 'session' is a struct session that has a plan. */
int session_look(void *session, struct etl_err *err);

/* Fills the password from a file: one line end at its end is not part of it. */
int session_read_password(const char *path, struct buf *password, struct etl_err *err);

/* Where the rows come from and the items go, for people and reports; no secret. */
const char *session_source_text(const struct session *s);
const char *session_target_text(const struct session *s);

/* Is there anything to say of what ended so? Not with --quiet where nothing is wrong: cron mails. */
bool session_tells(const struct session *s, const struct etl_err *err);

/* stdout, all or an error at the end of the program. What a terminal would take for a command is shown
 * as \xHH there; a pipe or a file gets the bytes as they are. */
void print_buf(const struct buf *b);

/* A JSON document: DEL and the control characters U+0080 to U+009F, which JSON lets pass and some
 * terminals obey, are escaped. */
void print_json(const struct buf *b);

#endif
