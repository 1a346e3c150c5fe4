/*
 * The canonical bytes of an item: the same for two items exactly if they are equal for DynamoDB,
 * whatever order, spelling or escapes their JSON has. Members of maps come by name, those of sets
 * by content, numbers in their one canonical text, strings decoded, binary decoded. No form is the
 * beginning of another one.
 *
 *	S N B		the letter, 4 bytes of length (big-endian), the bytes: as model/key.h has it
 *	SS NS BS	's' 'n' 'b', 4 bytes of number, for each member 4 bytes of length and its bytes
 *	M		'M', 4 bytes of number, for each member 4 bytes of length, the name, the value
 *	L		'L', 4 bytes of number, the values
 *	BOOL NULL	'T' 'F' '0'
 *
 * An item is an M. The same question is answered by value_equal() of model/value.h, slowly and
 * plainly: the tests hold both against each other.
 */
#ifndef VERIFY_CANONICAL_H
#define VERIFY_CANONICAL_H

#include "base/buf.h"
#include "base/err.h"
#include "model/key.h"

struct canonical;		/* of one thread, for one item after another */

struct canonical *canonical_new(void);
void canonical_free(struct canonical *c);	/* NULL is fine */

/* Reads an item in DynamoDB JSON; *out is lent until the next call. -ETL_ESINK if it is none. */
int canonical_item(struct canonical *c, struct str item_json, struct str *out,
		   struct etl_err *err);

/* The canonical value of an attribute of the last item, lent as that was; ptr NULL: absent. */
struct str canonical_attribute(const struct canonical *c, struct str name);

/* The canonical key (model/key.h) of the last item; lent until the next call. -ETL_ESINK if a key
 * attribute is absent or has another type. */
int canonical_key(struct canonical *c, const struct key_schema *schema, struct str *out,
		  struct etl_err *err);

#endif
