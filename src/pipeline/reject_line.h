/*
 * The line of JSON that tells of a reject:
 *	{"table":"Users","entity":"User","source_key":{"id":"7"},"code":"KEY_NULL",
 *	 "reason":"...","item":{...},"left_out":["photo"]}
 * "left_out" names attributes of the row that are not in "item"; without any it is not there.
 * Source key values are the text that the source gives; binary columns, and whatever is not valid
 * UTF-8, stand as {"hex":"00ff"}.
 */
#ifndef PIPELINE_REJECT_LINE_H
#define PIPELINE_REJECT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "model/reject.h"
#include "model/tabledef.h"
#include "model/unit.h"

/* Appends {"id":"7"}; 'pk' is packed (model/unit.h), {} if it is empty. */
void source_key_json(struct buf *out, const struct entity_source *e, struct str pk);

/* Appends the line, without a newline. 'item_json': a JSON object, or empty for {};
 * 'left_out_json': a JSON array, or empty for none. */
void reject_line(struct buf *out, const struct table_def *def, const struct entity_source *e,
		 struct str pk, enum reject_code code, struct str sentence, struct str item_json,
		 struct str left_out_json);

/* Which row a reject line tells of. */
struct reject_ref {
	struct buf table, entity;
	struct buf names, values;	/* of its source key, each packed (model/unit.h) */
	size_t ncolumns;
};

/* Reads a line, without its newline. False if it is none of reject_line()'s form; members that this
 * does not need may be anything. */
bool reject_ref_parse(struct reject_ref *ref, struct str line);

/* Appends the packed primary key to 'pk' if the source key has each of the entity's columns once
 * and nothing else; else false. */
bool reject_ref_pk(const struct reject_ref *ref, const struct entity_source *e, struct buf *pk);

void reject_ref_release(struct reject_ref *ref);	/* empties it */

/* The packed primary key of a row of an entity view; reset first. -ETL_EINTERNAL if the row has
 * not the fields that the shape says. */
struct row;
struct etl_err;
int row_pack_pk(const struct entity_source *e, const struct row *row, struct buf *pk,
		struct etl_err *err);

#endif
