/*
 * What dates and times come of functions and intervals, as both servers derive it from the operands:
 * the kind, and the digits of the fraction of a second, without which it would be cut.
 */
#include "plan/plan_priv.h"

#include <stdlib.h>

#define MICROSECONDS 6

static unsigned fraction_digits(struct str text)
{
	const char *point = memrchr(text.ptr, '.', text.len);
	size_t n = point ? (size_t)(text.ptr + text.len - point - 1) : 0;

	return n > MICROSECONDS ? MICROSECONDS : (unsigned)n;
}

unsigned time_digits(const struct sval *v)
{
	int scale;

	if (sval_is_temporal(v->kind) || v->kind == COL_TIME)
		return v->fsp;
	if (v->kind == SVAL_NULL)
		return 0;
	if (v->kind == COL_TEXT && v->literal && v->nparts == 1)
		return fraction_digits(v->parts[0].literal);
	scale = sval_scale(v);
	return scale < 0 ? FSP_OF_VALUE : scale > MICROSECONDS ? MICROSECONDS : (unsigned)scale;
}

struct sval time_literal(struct plan_ctx *p, const char *type, struct str text)
{
	struct sval v = sval_make(arena_printf(p->arena, "%s'%.*s'", type, (int)text.len, text.ptr),
				  !strcmp(type, "DATE") ? COL_DATE :
				  !strcmp(type, "TIME") ? COL_TIME : COL_DATETIME);

	if (v.kind != COL_DATE)
		v.fsp = fraction_digits(text);
	return v;
}

/* An interval of so many units: COL_DATE of whole days, COL_TIME of less. Only of seconds do the
 * servers take a fraction. */
static struct sval interval_of(const struct sval *amount, const char *unit)
{
	bool micro = !strcmp(unit, "MICROSECOND"), second = !strcmp(unit, "SECOND");
	bool of_day = micro || second || !strcmp(unit, "HOUR") || !strcmp(unit, "MINUTE");
	struct sval v = sval_make(NULL, of_day ? COL_TIME : COL_DATE);

	v.fsp = micro ? MICROSECONDS : second ? time_digits(amount) : 0;
	return v;
}

struct sval time_interval(struct plan_ctx *p, const struct sval *amount, const char *unit)
{
	struct sval v = interval_of(amount, unit);

	v.sql = arena_printf(p->arena, "INTERVAL %s %s", sval_close(p, *amount), unit);
	return v;
}

void time_shift(struct sval *out, const struct sval *from, const struct sval *interval)
{
	out->kind = from->kind == COL_DATE && interval->kind != COL_TIME ? COL_DATE :
		    from->kind == COL_TIME || from->kind == COL_TEXT ? from->kind :
		    sval_is_temporal(from->kind) ? COL_DATETIME : COL_TEXT;
	out->fsp = from->fsp > interval->fsp ? from->fsp : interval->fsp;
}

/* STR_TO_DATE gives a DATE or a TIME where its format asks for no more. */
static void of_format(struct sval *out, const struct sval *format)
{
	bool date = false, time = false;

	out->kind = COL_DATETIME;
	out->fsp = FSP_OF_VALUE;
	out->may_be_zero = true;
	if (!format->literal || format->nparts != 1)
		return;
	struct str f = format->parts[0].literal;
	out->fsp = 0;
	for (size_t i = 0; i + 1 < f.len; i++) {
		if (f.ptr[i] != '%')
			continue;
		char c = f.ptr[++i];
		if (!c)
			continue;
		date |= strchr("abcDdejMmUuVvWwXxYy", c) != NULL;
		time |= strchr("fHhIiklprSsT", c) != NULL;
		if (c == 'f')
			out->fsp = MICROSECONDS;
	}
	if (date != time)
		out->kind = date ? COL_DATE : COL_TIME;
	out->may_be_zero = date || !time;
}

/* TIMESTAMPADD(unit, amount, date) */
static void of_sum(struct sval *out, const struct sval *args)
{
	struct sval interval = interval_of(&args[1], args[0].sql);

	time_shift(out, &args[2], &interval);
	if (out->kind == COL_TEXT)
		out->fsp = FSP_OF_VALUE;
	if (out->kind != COL_DATE)
		out->kind = COL_DATETIME;
}

void time_of_function(const struct function *f, const struct sval *args, size_t nargs,
		      struct sval *out)
{
	if (!strcmp(f->name, "STR_TO_DATE")) {
		of_format(out, &args[1]);
		return;
	}
	if (!strcmp(f->name, "TIMESTAMPADD")) {
		of_sum(out, args);
		return;
	}
	if (f->changes)			/* NOW(3) */
		out->fsp = !nargs ? 0 : args[0].literal ? (unsigned)strtoul(args[0].sql, NULL, 10) % 7 :
			   FSP_OF_VALUE;
	else if (!strcmp(f->name, "CONVERT_TZ"))
		out->fsp = time_digits(&args[0]);
	else if (out->kind != COL_DATE)
		for (size_t i = 0; i < nargs; i++)
			if (time_digits(&args[i]) > out->fsp)
				out->fsp = time_digits(&args[i]);
	out->may_be_zero = !strcmp(f->name, "DATE") || !strcmp(f->name, "TIMESTAMP");
}
