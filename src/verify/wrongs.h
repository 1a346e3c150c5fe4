/*
 * Items that are not as they should be, as they were seen, for a repair: in a file without a name,
 * because an item may have 400 KB and there may be millions. It is gone with the process.
 *
 * Many threads may add; when all have, many may read.
 */
#ifndef VERIFY_WRONGS_H
#define VERIFY_WRONGS_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "verify/verify.h"

struct wrongs;

struct wrong {
	size_t table;			/* index into the job's tables */
	enum finding_kind kind;
	struct str key_json;		/* DynamoDB JSON of its key */
	struct str item_json;		/* as it was seen; ptr NULL: missing, or extra and not read */
};

/* The file is made in 'dir'. */
int wrongs_new(const char *dir, struct wrongs **out, struct etl_err *err);
void wrongs_free(struct wrongs *w);		/* NULL is fine */

int wrongs_add(struct wrongs *w, const struct wrong *wrong, struct etl_err *err);

/* A point in time, and forgetting what came since. No thread may be adding. */
struct wrongs_mark { uint64_t end, n[FINDING_EXTRA + 1]; };
struct wrongs_mark wrongs_now(const struct wrongs *w);
void wrongs_forget(struct wrongs *w, const struct wrongs_mark *since);

static inline uint64_t wrongs_count(const struct wrongs *w, enum finding_kind kind)
{
	return wrongs_now(w).n[kind];
}

/* Reads what stands at *at (0: the first), which moves on behind it; 'out' borrows from 'room'.
 * 1: there is one; 0: there are no more; negative: error. */
int wrongs_read(const struct wrongs *w, uint64_t *at, struct buf *room, struct wrong *out,
		struct etl_err *err);

#endif
