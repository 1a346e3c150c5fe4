#include "cli/answer.h"

#include <stdarg.h>

#include "cli/option_table.h"
#include "cli/work.h"
#include "pipeline/question.h"
#include "report/progress.h"

static void say(void *arg, struct str doing)
{
	const struct session *s = arg;

	progress_say(work_progress_kind(s->opt), command_of(s->opt->command)->name, doing,
		     s->clock->utc_ms(s->clock) - s->start_utc_ms);
}

static void ask(void *progress)
{
	progress_ask(progress);
}

void answer_start(struct session *s)
{
	s->question = question_start(say, s);
}

void answer_stop(struct session *s)
{
	question_stop(s->question);
	s->question = NULL;
}

void answer_doing(const struct session *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->question)
		return;
	va_start(ap, fmt);
	question_doing(s->question, fmt, ap);
	va_end(ap);
}

void answer_by(const struct session *s, struct progress *progress)
{
	if (s->question)
		question_pass_to(s->question, progress ? ask : NULL, progress);
}
