/*
 * Which partition keys of a table get most of the write units: a sketch of constant size (Metwally,
 * Agrawal, El Abbadi: space-saving, 2005). A key with more than 1/SKEW_KEYS of all units is in it for
 * sure, and what is said of a key is never more than it got.
 *
 * Thread-safe by one mutex.
 */
#ifndef PIPELINE_SKEW_H
#define PIPELINE_SKEW_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

#define SKEW_KEYS 64
#define SKEW_TEXT_BYTES 260		/* of a key, for people */
/* DynamoDB takes so many write units a second of one partition key, whatever the table has. */
#define SKEW_KEY_UNITS_A_SECOND 1000

struct skew;

struct skew *skew_new(void);
void skew_free(struct skew *s);		/* NULL is fine */

/* An item of this canonical key (model/key.h) was written for so many units of the table itself. */
void skew_add(struct skew *s, struct str key, uint64_t units);

struct skew_key {
	char text[SKEW_TEXT_BYTES + 1];	/* the partition key's value, printable, cut short */
	uint64_t units;			/* at least */
};

/* The heaviest keys, the first one first, that have 'least' units or more for sure; how many of them
 * are in 'out'. *all: the units of all keys. */
size_t skew_heaviest(struct skew *s, uint64_t least, struct skew_key *out, size_t max,
		     uint64_t *all);

#endif
