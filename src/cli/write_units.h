/*
 * What writing an item costs: a unit for each begun KB of the item, and of each entry that it
 * makes in an index. Reads and storage are not counted here.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html and
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
#ifndef CLI_WRITE_UNITS_H
#define CLI_WRITE_UNITS_H

#include "model/item.h"
#include "model/tabledef.h"
#include "model/value.h"

/* Bytes of an attribute, name and value, as DynamoDB counts. */
size_t attribute_bytes(struct str name, const struct value *v);

/* Bytes of what index 'i' of the table holds of 'item' (a value of type M). */
size_t index_entry_bytes(const struct table_def *def, size_t i, const struct value *item);

/* Units of so many bytes. */
uint64_t units_of_bytes(size_t bytes);

/* Units of writing the item where nothing was before, all indexes that it enters included. */
uint64_t item_write_units(const struct table_def *def, const struct item *item);

#endif
