/*
 * Which line of the contract is it that the server does not take? The SQL of an entity is one
 * statement, and what the server says of it names no attribute; so its parts are tried one by one.
 */
#ifndef CLI_BLAME_H
#define CLI_BLAME_H

#include "cli/session.h"

/*
 * Tries the parts of the entity on its first 'rows' rows (0: all; -1: none, they are only parsed).
 * NULL, or the JSON path of the first part that the server refuses; then 'why', which is cleared
 * first, says the cause in the server's words, with its hint.
 */
const char *blame_entity(struct source_reader *reader, const struct plan_entity *e, int64_t rows,
			 struct etl_err *why);

/* For an error of making the views: where a part of the contract is to blame, *err becomes an error of
 * the contract with its path. */
void blame_views(struct session *s, struct etl_err *err);

/* Is this an error that some part of the contract may be to blame for? Not a missing right, a lost
 * server, a stop. */
bool blame_possible(const struct etl_err *err);

#endif
