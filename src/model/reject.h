/* Why a row makes no item. Codes stand in the contract's rules; they are part of the program's
 * outside and never renamed. */
#ifndef MODEL_REJECT_H
#define MODEL_REJECT_H

#include <stdbool.h>
#include "base/buf.h"

enum reject_code {
	REJECT_NONE = 0,
	REJECT_KEY_NULL, REJECT_KEY_EMPTY, REJECT_KEY_SIZE, REJECT_KEY_DUPLICATE,
	REJECT_INDEX_KEY_SIZE,
	REJECT_NOT_TEXT, REJECT_NUMBER_RANGE, REJECT_NOT_NUMBER, REJECT_NOT_BOOL, REJECT_NOT_JSON,
	REJECT_ATTRIBUTE_NAME, REJECT_NESTING, REJECT_ITEM_SIZE, REJECT_ZERO_DATE,
	REJECT_REFUSED,		/* DynamoDB refused this very item */
	REJECT_CODE_COUNT
};

/* Of examples that are kept for a report: so many of each code. */
#define REJECT_EXAMPLES_PER_CODE 6
#define REJECT_EXAMPLES_MAX (REJECT_EXAMPLES_PER_CODE * (REJECT_CODE_COUNT - 1))

/* Are there 'n' examples, of these codes, and enough of this one among them? */
bool reject_examples_enough(const enum reject_code *codes, size_t n, enum reject_code code);

const char *reject_code_name(enum reject_code c);	/* "KEY_NULL" */

struct reject {
	enum reject_code code;
	struct buf sentence;	/* for a person, names the attribute */
	struct buf item;	/* DynamoDB JSON of the item as far as it got: a valid object */
	struct buf left_out;	/* JSON array of the names of attributes that have a value, or should
				   have one, and are not in 'item'; empty: there are none */
};

void reject_reset(struct reject *r);
void reject_release(struct reject *r);

#endif
