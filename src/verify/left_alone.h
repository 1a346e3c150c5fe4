/* Items that a repair, or undoing one, does not touch: how many, and the first of them. */
#ifndef VERIFY_LEFT_ALONE_H
#define VERIFY_LEFT_ALONE_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

#define LEFT_ALONE_KEPT 1000

struct left_alone {			/* zero is none */
	uint64_t n;			/* changed by others meanwhile, or refused by the target */
	size_t nkept;
	struct { char *table, *key_json, *why; } kept[LEFT_ALONE_KEPT];
};

void left_alone_add(struct left_alone *l, const char *table, struct str key_json, const char *why);
void left_alone_release(struct left_alone *l);

#endif
