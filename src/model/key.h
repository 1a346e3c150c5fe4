/*
 * Keys. The canonical form makes two keys equal as bytes exactly if they are one key for
 * DynamoDB: for each key attribute its type letter, a 4-byte big-endian length and the bytes
 * (S: UTF-8, N: canonical number text, B: raw bytes).
 */
#ifndef MODEL_KEY_H
#define MODEL_KEY_H

#include "base/buf.h"
#include "base/err.h"
#include "model/type.h"

struct key_schema {
	const char *pk_name;
	enum attr_type pk_type;		/* S, N or B */
	const char *sk_name;		/* NULL: no sort key */
	enum attr_type sk_type;
};

void key_add_part(struct buf *key, enum attr_type type, struct str value);

/* The canonical key of an item (or key) in DynamoDB JSON, appended to 'key'. 0, or a negative
 * error if the text is no item or lacks a key attribute. */
int key_from_item_json(const struct key_schema *schema, struct str item_json, struct buf *key,
		       struct etl_err *err);

#endif
