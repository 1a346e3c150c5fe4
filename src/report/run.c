#include "report/run.h"

#include "report/text.h"

static void about_json(const struct report_run *run, struct json_out *j)
{
	size_t i;

	json_out_open(j, "versions", '{');
	json_out_str(j, "etl", run->etl);
	json_out_str(j, "server", run->server);
	json_out_str(j, "mysql_client", run->mysql_client);
	json_out_str(j, "libcurl", run->libcurl);
	json_out_str(j, "openssl", run->openssl);
	json_out_close(j, '}');
	json_out_open(j, "settings", '[');
	for (i = 0; i < run->nsettings; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "name", run->settings[i].name);
		json_out_str(j, "value", run->settings[i].value);
		json_out_str(j, "origin", run->settings[i].origin);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

void report_run_json(const struct report_run *run, const char *report, bool whole,
		     struct json_out *j)
{
	struct buf at = { 0 };

	json_out_str(j, "report", report);
	if (whole)
		json_out_count(j, "version", REPORT_VERSION);
	text_add_utc(&at, run->start_utc_ms);
	json_out_str(j, "started", buf_cstr(&at));
	buf_release(&at);
	json_out_str(j, "contract", run->contract);
	json_out_str(j, "contract_digest", run->contract_digest);
	json_out_str(j, "source", run->source);
	json_out_str(j, "target", run->target);
	json_out_str(j, "outcome", run->err->code ? etl_errclass(run->err->code)->name : "done");
	json_out_str(j, "error", run->err->code ? run->err->msg : NULL);
	json_out_str(j, "hint", run->err->code && run->err->hint[0] ? run->err->hint : NULL);
	json_out_count(j, "exit_status", (uint64_t)run->exit_status);
	if (whole)
		about_json(run, j);
}

void report_samples_json(const struct report_run *run, struct json_out *j)
{
	if (run->samples)
		samples_json(run->samples, j, "samples");
}

void run_report_json(const struct report_run *run, int64_t duration_ms, size_t nsteps,
		     const struct report_step *steps, const struct buf *members, struct buf *out)
{
	struct json_out j = { .out = out };
	size_t i;

	json_out_open(&j, NULL, '{');
	report_run_json(run, "run", true, &j);
	json_out_milli(&j, "seconds", (uint64_t)duration_ms);
	json_out_open(&j, "steps", '[');
	for (i = 0; i < nsteps; i++) {
		json_out_open(&j, NULL, '{');
		json_out_str(&j, "step", steps[i].name);
		json_out_str(&j, "outcome", steps[i].outcome);
		json_out_milli(&j, "seconds", (uint64_t)steps[i].duration_ms);
		json_out_close(&j, '}');
	}
	json_out_close(&j, ']');
	json_out_members(&j, members);
	json_out_close(&j, '}');
}
