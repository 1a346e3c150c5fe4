#include "cli/metrics_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/option_table.h"

#define EVERY_MS 5000

static int write_file(struct session *s, struct etl_err *err)
{
	struct buf text = { 0 };
	int rc;

	metrics_add_text(s->metrics, s->clock->utc_ms(s->clock), &text);
	rc = file_publish_atomic(s->opt->metrics, buf_str(&text), err);
	s->metrics_ms = s->clock->now_ms(s->clock);
	buf_release(&text);
	return rc;
}

struct search {
	const char *command;
	int64_t utc_ms;
};

static int see_run(const struct run_record *run, void *arg)
{
	struct search *search = arg;

	if (run->exit_status == 0 && strcmp(run->command, search->command) == 0)
		search->utc_ms = run->end_utc_ms;
	return 0;
}

static void make(struct session *s)
{
	struct search last = { .command = command_of(s->opt->command)->name };
	struct etl_err unsaid = { 0 };
	char place[PATH_MAX];

	/* a state directory that cannot be read has no runs to tell of */
	runs_read(s->opt->state_dir, see_run, &last, NULL, &unsaid);
	s->metrics = metrics_new(last.command,
				 realpath(s->opt->state_dir, place) ? place : s->opt->state_dir,
				 s->start_utc_ms, last.utc_ms);
}

/* A dry run writes nothing to count. */
static bool is_wanted(const struct session *s)
{
	const struct options *o = s->opt;

	return o->metrics && !(o->command == CMD_LOAD && o->dry_run) && !o->undo && !o->help &&
	       !o->version &&
	       (o->command == CMD_LOAD || o->command == CMD_VERIFY || o->command == CMD_RUN);
}

int metrics_file_begin(struct session *s, struct etl_err *err)
{
	if (!is_wanted(s))
		return 0;
	make(s);
	return write_file(s, err);
}

void metrics_file_tick(struct session *s, enum metrics_step step, const struct counters *counters,
		       const char *const *names)
{
	struct etl_err why = { 0 };

	if (!s->metrics || s->clock->now_ms(s->clock) - s->metrics_ms < EVERY_MS)
		return;
	metrics_look(s->metrics, step, counters, names);
	if (write_file(s, &why) && !s->metrics_warned) {
		log_warn("%s", why.msg);
		s->metrics_warned = true;
	}
}

void metrics_file_step_end(struct session *s, enum metrics_step step,
			   const struct counters *counters, const char *const *names)
{
	if (s->metrics)
		metrics_look(s->metrics, step, counters, names);
}

/* A run that never came to take the lock may not write over the numbers of one that holds it. */
static bool may_write(struct session *s, const struct etl_err *err)
{
	struct etl_err why = { 0 };

	if (s->metrics)
		return true;
	if (err->code == ETL_ELOCKED)
		return false;
	return s->opt->command == CMD_VERIFY || session_lock(s, &why) != -ETL_ELOCKED;
}

int metrics_file_end(struct session *s, int exit_status, struct etl_err *err)
{
	struct etl_err why = { 0 };
	bool begun = s->metrics != NULL;

	if (!is_wanted(s) || !may_write(s, err))
		return 0;
	if (!begun)
		make(s);
	metrics_end(s->metrics, exit_status, s->clock->utc_ms(s->clock));
	if (!write_file(s, &why))
		return 0;
	if (err->code && begun)
		log_warn("%s", why.msg);
	if (err->code)
		return 0;
	return etl_err_copy(err, &why);
}
