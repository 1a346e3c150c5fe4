/*
 * Where a primary key lies between the first and the last of its table, for telling how far a run
 * is: the rows until there, divided by this, are about those of the whole table. Exact as far as
 * keys are spread evenly; a guess in any case, nothing is decided by it. Pure.
 */
#ifndef PIPELINE_KEY_PLACE_H
#define PIPELINE_KEY_PLACE_H

#include "base/buf.h"
#include "model/catalog.h"

/* Keys packed by unit_pack_pk. Looks at the first column in which 'first' and 'last' differ. From 0
 * to 1; negative where it cannot be told. */
double key_place(const struct cat_key *key, struct str first, struct str last, struct str at);

#endif
