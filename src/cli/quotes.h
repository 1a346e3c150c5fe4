/*
 * Quotes of `etl check` and `etl load --dry-run`: the prices and the region that they go by, and
 * the state directory's last-quote.json, against which a load holds what it took.
 */
#ifndef CLI_QUOTES_H
#define CLI_QUOTES_H

#include "cli/session.h"
#include "report/quote.h"

/* Reads --prices, if given, so that a fault in the file shows before any work. */
int quotes_read_prices(struct session *s, struct etl_err *err);

/* A quote without tables yet: whose it is, prices, region, --max-wcu. Borrows from the session. */
struct quote quotes_new(struct session *s, const char *by);

/* Writes it to <state-dir>/last-quote.json; a failure is a warning, nothing depends on it. */
void quotes_keep(const struct session *s, const struct quote *q);

/*
 * What the last quote says of these tables: true if there is one by the same contract that names
 * all of them. Its texts live in 'arena'.
 */
bool quotes_last(const struct session *s, const struct load_table *tables, size_t ntables,
		 struct arena *arena, struct quote_past *out);

#endif
