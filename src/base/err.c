#include "base/err.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct etl_errclass classes[] = {
	{ ETL_OK, "ok", false, 0 },
	{ ETL_EUSAGE, "usage", false, 2 },
	{ ETL_ECONTRACT, "contract", false, 2 },
	{ ETL_ESYSTEM, "system", false, 1 },
	{ ETL_ESOURCE, "source", false, 1 },
	{ ETL_ESOURCELOST, "source-lost", true, 1 },
	{ ETL_ESINK, "sink", false, 1 },
	{ ETL_ETHROTTLED, "throttled", true, 1 },
	{ ETL_ETRANSIENT, "transient", true, 1 },
	{ ETL_EUNKNOWN, "unknown", true, 1 },
	{ ETL_EITEM, "item", false, 1 },
	{ ETL_ECREDENTIALS, "credentials", false, 1 },
	{ ETL_EEXPIRED, "expired", true, 1 },
	{ ETL_ENOTFOUND, "not-found", false, 1 },
	{ ETL_ELOCKED, "locked", false, 6 },
	{ ETL_ESTOPPED, "stopped", false, 5 },
	{ ETL_EINTERNAL, "internal", false, 1 },
};
_Static_assert(sizeof(classes) / sizeof(classes[0]) == ETL_ERRC_COUNT,
	       "each class of error has its row");

const struct etl_errclass *etl_errclass(int code)
{
	size_t i;

	for (i = 0; i < ETL_ERRC_COUNT; i++)
		if ((int)classes[i].code == code || (int)classes[i].code == -code)
			return &classes[i];
	return &classes[ETL_EINTERNAL];
}

/* A message cut to fit ends between two characters, and says that it was cut. */
static void end_cut_text(char *text, size_t size)
{
	size_t n = size - 4;

	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(text + n, "...", 4);
}

int etl_err_set(struct etl_err *err, enum etl_errc code, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!err)
		return -(int)code;
	if (err->code != ETL_OK)
		return -(int)code;
	err->code = code;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	if (n < 0)
		err->msg[0] = '\0';
	else if ((size_t)n >= sizeof(err->msg))
		end_cut_text(err->msg, sizeof(err->msg));
	return -(int)code;
}

void etl_err_hint(struct etl_err *err, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!err || err->code == ETL_OK || err->hint[0])
		return;
	va_start(ap, fmt);
	n = vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
	if (n < 0)
		err->hint[0] = '\0';
	else if ((size_t)n >= sizeof(err->hint))
		end_cut_text(err->hint, sizeof(err->hint));
}

void etl_err_clear(struct etl_err *err)
{
	err->code = ETL_OK;
	err->msg[0] = err->hint[0] = '\0';
}

int etl_err_copy(struct etl_err *to, const struct etl_err *from)
{
	if (!to)
		return -(int)from->code;
	if (to->code == ETL_OK)
		*to = *from;
	return -(int)to->code;
}
