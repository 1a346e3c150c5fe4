/* The first rows of an entity made items, for `etl check` and `etl views --sample`. */
#ifndef CLI_SAMPLE_H
#define CLI_SAMPLE_H

#include "cli/session.h"
#include "model/item.h"
#include "model/reject.h"

/* Called for each row: an item (rej NULL) or a reject (item NULL); lent. */
typedef int sample_fn(void *arg, const struct item *item, const struct reject *rej,
		      struct etl_err *err);

/*
 * Reads at most 'rows' rows (0: all) by 'sql', a SELECT without LIMIT whose columns are those of
 * the entity's view, and gives what each becomes.
 */
int sample_rows(struct source_reader *reader, const struct plan_entity *entity, const char *sql,
		int64_t rows, sample_fn *found, void *arg, struct etl_err *err);

#endif
