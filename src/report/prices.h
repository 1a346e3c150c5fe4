/*
 * What AWS asks for writes, by region and table class: the table built in (in prices.c, with its
 * dates and sources), or a file of the user's (--prices), which stands instead of it.
 *
 * Such a file holds a line for each region and table class, blanks between its fields; empty lines
 * and what follows a '#' do not count:
 *
 *	REGION  STANDARD|STANDARD_INFREQUENT_ACCESS  ON-DEMAND  PROVISIONED  [DATE]
 *
 * ON-DEMAND is the price of a million write request units, PROVISIONED that of one write capacity
 * unit for an hour, '-' where it is not known; DATE says when they held. 'currency CNY' names
 * another currency than USD for the whole file.
 */
#ifndef REPORT_PRICES_H
#define REPORT_PRICES_H

#include <stdbool.h>
#include <stddef.h>
#include "base/err.h"

#define PRICE_UNKNOWN (-1.0)

struct price {
	const char *region;
	bool infrequent_access;		/* of the table class STANDARD_INFREQUENT_ACCESS */
	double million_requests, capacity_hour;		/* PRICE_UNKNOWN: not known */
	const char *date;		/* "2026-09-11"; "" unknown */
};

struct prices {
	const char *source;		/* an address, or the file */
	const char *currency;		/* "USD" */
	size_t n;
	const struct price *list;
};

const struct prices *prices_builtin(void);

/* Reads a file of prices; 0 and the caller frees it, or ETL_EUSAGE with file and line. */
int prices_read(const char *path, struct prices **out, struct etl_err *err);
void prices_free(struct prices *p);	/* NULL is fine; not for those built in */

/* NULL: the region is not in the list in this class. 'region' may be NULL: unknown. */
const struct price *prices_find(const struct prices *p, const char *region,
				bool infrequent_access);

#endif
