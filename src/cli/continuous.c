#include "cli/continuous.h"

#include <stdio.h>

#include "cli/answer.h"
#include "report/json_out.h"
#include "report/text.h"
#include "verify/drift.h"

struct pass {
	uint64_t number, n[2];		/* gone, new */
	struct buf lines[2];		/* likewise: text, or members of a JSON list */
	bool as_json;
};

static void add_finding(void *arg, bool is_new, const struct finding *f)
{
	struct pass *p = arg;
	struct buf *b = &p->lines[is_new];

	p->n[is_new]++;
	if (p->as_json) {
		buf_addf(b, "%s{\"kind\":\"%s\",\"table\":", b->len ? "," : "",
			 finding_kind_name(f->kind));
		buf_add_json(b, str_of(f->table));
		buf_addf(b, ",\"key\":%s", f->key_json);
		if (f->attribute) {
			buf_adds(b, ",\"attribute\":");
			buf_add_json(b, str_of(f->attribute));
		}
		buf_addc(b, '}');
		return;
	}
	buf_addf(b, "  %s: %s ", is_new ? "new" : "gone", finding_kind_name(f->kind));
	buf_add_printable(b, str_of(f->table));
	buf_addc(b, ' ');
	text_add_shortened(b, str_of(f->key_json), 400);
	if (f->attribute) {
		buf_adds(b, " attribute '");
		buf_add_printable(b, str_of(f->attribute));
		buf_addc(b, '\'');
	}
	buf_addc(b, '\n');
}

static void add_json(struct buf *line, struct pass *p, const struct verify_result *now,
		     const struct buf *time, bool all)
{
	buf_addf(line, "{\"pass\":%llu,\"time\":\"", (unsigned long long)p->number);
	buf_addstr(line, buf_str(time));
	buf_addf(line, "\",\"parity\":%s,\"differences\":%llu,\"all_compared\":%s,\"new\":[",
		 now->parity ? "true" : "false", (unsigned long long)now->nfindings,
		 all ? "true" : "false");
	buf_addstr(line, buf_str(&p->lines[1]));
	buf_adds(line, "],\"gone\":[");
	buf_addstr(line, buf_str(&p->lines[0]));
	buf_adds(line, "]}\n");
}

static void add_text(struct buf *line, struct pass *p, const struct verify_result *now,
		     const struct buf *time, bool all)
{
	buf_addf(line, "pass %llu, ", (unsigned long long)p->number);
	buf_addstr(line, buf_str(time));
	buf_adds(line, ": ");
	text_add_plural(line, now->nfindings, "difference");
	buf_adds(line, ", ");
	text_add_count(line, p->n[1]);
	buf_adds(line, " new, ");
	text_add_count(line, p->n[0]);
	buf_adds(line, all ? " gone\n" : " gone, of those that are kept\n");
	buf_addstr(line, buf_str(&p->lines[1]));
	buf_addstr(line, buf_str(&p->lines[0]));
}

static void say_drift(struct session *s, uint64_t number, const struct verify_result *before,
		      const struct verify_result *now)
{
	struct pass p = { .number = number, .as_json = s->opt->format == FORMAT_JSON };
	bool all = before->nfindings == before->nkept && now->nfindings == now->nkept;
	struct buf line = { 0 }, time = { 0 };

	drift_each(before, now, add_finding, &p);
	text_add_utc(&time, s->clock->utc_ms(s->clock));
	if (p.as_json)
		add_json(&line, &p, now, &time, all);
	else
		add_text(&line, &p, now, &time, all);
	print_buf(&line);
	fflush(stdout);
	buf_release(&line);
	buf_release(&time);
	buf_release(&p.lines[0]);
	buf_release(&p.lines[1]);
}

int continuous_verify(struct session *s, const struct verify_job *job, struct watch *watch,
		      const struct work *work, struct verify_result *result, struct etl_err *err)
{
	const struct verify_result none = { 0 };
	uint64_t pass = 1;
	int rc = 0;

	say_drift(s, pass, &none, result);
	for (;;) {
		struct verify_result next;

		answer_doing(s, "waiting for the next round");
		s->clock->sleep_ms(s->clock, s->opt->every * 1000, s->stop);
		if (stop_asked(s->stop))
			return 0;
		watch_start(watch, s, "verify", work, METRICS_VERIFY);
		rc = verify_run(job, &next, err);
		watch_end(watch);
		if (rc < 0) {
			verify_result_release(&next);
			break;
		}
		say_drift(s, ++pass, result, &next);
		verify_result_release(result);
		*result = next;
	}
	if (!stop_signal(s->stop))
		return rc;
	/* its usual end: what it says is of the last whole pass */
	etl_err_clear(err);
	return 0;
}
