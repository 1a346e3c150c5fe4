#include "model/reject.h"

static const char *const names[REJECT_CODE_COUNT] = {
	[REJECT_NONE] = "NONE",
	[REJECT_KEY_NULL] = "KEY_NULL",
	[REJECT_KEY_EMPTY] = "KEY_EMPTY",
	[REJECT_KEY_SIZE] = "KEY_SIZE",
	[REJECT_KEY_DUPLICATE] = "KEY_DUPLICATE",
	[REJECT_INDEX_KEY_SIZE] = "INDEX_KEY_SIZE",
	[REJECT_NOT_TEXT] = "NOT_TEXT",
	[REJECT_NUMBER_RANGE] = "NUMBER_RANGE",
	[REJECT_NOT_NUMBER] = "NOT_NUMBER",
	[REJECT_NOT_BOOL] = "NOT_BOOL",
	[REJECT_NOT_JSON] = "NOT_JSON",
	[REJECT_ATTRIBUTE_NAME] = "ATTRIBUTE_NAME",
	[REJECT_NESTING] = "NESTING",
	[REJECT_ITEM_SIZE] = "ITEM_SIZE",
	[REJECT_ZERO_DATE] = "ZERO_DATE",
	[REJECT_REFUSED] = "REFUSED",
};

const char *reject_code_name(enum reject_code c)
{
	return (unsigned)c < REJECT_CODE_COUNT ? names[c] : "?";
}

void reject_reset(struct reject *r)
{
	r->code = REJECT_NONE;
	buf_reset(&r->sentence);
	buf_reset(&r->item);
	buf_reset(&r->left_out);
}

void reject_release(struct reject *r)
{
	r->code = REJECT_NONE;
	buf_release(&r->sentence);
	buf_release(&r->item);
	buf_release(&r->left_out);
}

bool reject_examples_enough(const enum reject_code *codes, size_t n, enum reject_code code)
{
	size_t i, same = 0;

	for (i = 0; i < n; i++)
		same += codes[i] == code;
	return same >= REJECT_EXAMPLES_PER_CODE;
}
