/*
 * Items as trees, for comparing: DynamoDB JSON parsed into canonical values (numbers canonical,
 * sets sorted, map keys sorted). Not on the way of a load.
 */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/type.h"

struct value {
	enum attr_type type;
	bool boolean;			/* BOOL */
	struct str bytes;		/* S: UTF-8; N: canonical text; B: raw bytes */
	size_t n;			/* M, L, sets: members */
	struct value *members;		/* M: in order of names; L: in order; sets: sorted */
	struct str *names;		/* M only */
};

/* Parses an item, a DynamoDB JSON object, into a value of type M that lives in 'arena'. */
int value_from_item_json(struct arena *arena, struct str item_json, struct value *out,
			 struct etl_err *err);

bool value_equal(const struct value *a, const struct value *b);

/* The size of an item (a value of type M) as DynamoDB counts. */
size_t value_item_size_bytes(const struct value *item);

/* Appends a value as DynamoDB JSON with its type, {"S":"x"}, in canonical order. */
void value_add_json(struct buf *out, const struct value *v);

#endif
