/* What a verify found, kept up to a limit, counted exactly. Thread-safe by one mutex. */
#ifndef VERIFY_FINDINGS_H
#define VERIFY_FINDINGS_H

#include "base/buf.h"
#include "verify/verify.h"

#define FINDING_VALUE_BYTES 240		/* of a value that is kept */

struct findings;

struct findings *findings_new(size_t max, struct counters *counters);
void findings_free(struct findings *f);		/* NULL is fine */

/* One finding's parts, borrowed for the call; ptr NULL where it has none. */
struct finding_parts {
	enum finding_kind kind;
	enum finding_how how;
	enum finding_cause cause;
	const char *table, *entity;	/* borrowed longer: as long as the result */
	struct str key_json, source_key_json, attribute, expected, actual;
};
void findings_add(struct findings *f, const struct finding_parts *parts);

/* A point in time, and forgetting what came since. No thread may be adding. */
struct findings_mark { uint64_t n; size_t nkept; };
struct findings_mark findings_now(const struct findings *f);
void findings_forget(struct findings *f, const struct findings_mark *since);

/* By table, kind, key, attribute. */
int finding_compare(const struct finding *a, const struct finding *b);

void verify_table_result_release(struct verify_table_result *t);

/* Hands the kept ones over, sorted by table, kind, key, attribute, in place of those that the result
 * has; call once, threads gone. */
void findings_take(struct findings *f, struct verify_result *r);

/*
 * Shortens 'value' so that what stands at 'at' (the first difference) stays to be seen: the begin,
 * "...", the surroundings of 'at', "...". Appended to 'out'; no character is cut in two. A value of
 * up to FINDING_VALUE_BYTES stays whole.
 */
void finding_shorten(struct buf *out, struct str value, size_t at);

#endif
