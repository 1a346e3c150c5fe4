/* --write-mode and --version-attribute: what they mean for the plan, and in words. */
#ifndef CLI_WRITE_MODE_H
#define CLI_WRITE_MODE_H

#include "cli/session.h"
#include "sink/sink.h"

/* Borrows the options' texts. */
struct put_condition write_mode_condition(const struct options *o);

/* Appends "overwrite", "if-absent" or "newer by updated_at". */
void write_mode_add_words(struct buf *out, const struct options *o);

/* Can items of every planned entity be told older and newer by the version attribute? To be asked
 * after session_plan; -ETL_EUSAGE names every entity where not. */
int write_mode_check(const struct session *s, struct etl_err *err);

#endif
