#include "cli/exit.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"

int exit_status(const struct etl_err *err, const struct outcome *outcome,
		const struct stop *stop)
{
	if (err->code && stop_signal(stop))
		return etl_errclass(ETL_ESTOPPED)->exit_status;
	if (err->code)
		return etl_errclass(err->code)->exit_status;
	if (outcome->differences)
		return 4;
	return outcome->rejects ? 3 : 0;
}

static void report_json(const struct etl_err *err, int status)
{
	struct buf fields = { 0 }, clean = { 0 };

	buf_addf(&fields, "\"class\":\"%s\",\"exit_status\":%d", etl_errclass(err->code)->name, status);
	if (err->hint[0]) {
		buf_add_printable(&clean, str_of(err->hint));
		buf_adds(&fields, ",\"hint\":");
		buf_add_json(&fields, buf_str(&clean));
	}
	log_event(LOG_ERROR, buf_cstr(&fields), "%s", err->msg);
	buf_release(&fields);
	buf_release(&clean);
}

void exit_report(const struct etl_err *err, int status, bool json)
{
	struct buf hint = { 0 };

	if (!err->code)
		return;
	if (json) {
		report_json(err, status);
		return;
	}
	log_error("%s", err->msg);
	if (!err->hint[0])
		return;
	buf_adds(&hint, "hint: ");
	buf_add_printable(&hint, str_of(err->hint));
	buf_addc(&hint, '\n');
	fwrite(hint.ptr, 1, hint.len, stderr);
	buf_release(&hint);
}
