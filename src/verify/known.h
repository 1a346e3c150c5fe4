/*
 * Attributes that items had before. The items of a table repeat their attributes: where one's JSON
 * goes on with the very bytes of an attribute that is known, from the quote before its name to the
 * beginning of its value, that need not be read again, and its place among the others is known.
 * What is guessed from the past is only which attribute to compare with first.
 */
#ifndef VERIFY_KNOWN_H
#define VERIFY_KNOWN_H

#include <stdint.h>
#include "base/buf.h"

#define KNOWN_MAX 128			/* attributes; more are not known */
#define KNOWN_TEXT_MAX_BYTES 264	/* longer ones neither */

enum { KNOWN_FOLLOWERS = 4, KNOWN_NONE = KNOWN_MAX };

struct known_attribute {
	struct buf text;	/* "name":{"S":" and the same with N; of other types "name": alone */
	struct buf head;	/* four bytes of length, the name, 'S' or 'N': as in an item's form */
	size_t name_len;
	char type;		/* 'S', 'N', or 0: another */
	unsigned rank;		/* names are in order as these numbers are, and equal as they are */
	uint64_t seen;		/* the number of the item that had it last; the caller's */
	unsigned char after[KNOWN_FOLLOWERS];	/* what came after it, the last first */
};

struct known {
	struct known_attribute at[KNOWN_MAX + 1];	/* the last: before any attribute */
	unsigned n;
};

struct known *known_new(void);
void known_free(struct known *k);	/* NULL is fine */

/* The attribute whose text begins at p, 'before' being the one before it (KNOWN_NONE: none);
 * KNOWN_NONE: it is not known, and cannot be. */
unsigned known_find(struct known *k, unsigned before, const char *p, const char *end);

#endif
