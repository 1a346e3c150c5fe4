/*
 * What a verify has summed up so far, kept so that the same command goes on after any death.
 *
 *   verify.session         which verify it is: its number, when it began, the secret of its sums
 *   verify-<table>.sums    how far it came with a DynamoDB table; what is in it is its user's
 *                          (verify/resume.h)
 *
 * A file of sums counts only beside the session whose number it bears. It is replaced as a whole,
 * and so always of one moment.
 *
 * Whoever is about to change tables calls kept_discard() first, with the state directory locked. It
 * takes the session away: from what a verify that is under way still writes, nobody goes on. And no
 * session is begun beside one who holds that lock. So nothing that is kept is older than the last
 * change that a command of this state directory made.
 *
 * One verify has the session at a time, by a lock of its own. Used by one thread at a time.
 */
#ifndef CHECKPOINT_KEPT_H
#define CHECKPOINT_KEPT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define KEPT_SECRET_BYTES 64

struct kept;

/*
 * Takes the session of 'dir', the one that is there or else a new one. 'locked': this process holds
 * the state directory. NULL: nothing can be kept now, and the log says why. 'clock' is borrowed
 * until kept_close().
 */
struct kept *kept_open(const char *dir, struct clock *clock, bool locked);
void kept_close(struct kept *k);	/* all stays for the next run; NULL is fine */

int64_t kept_since_utc_ms(const struct kept *k);	/* when the session was begun */
const unsigned char *kept_secret(const struct kept *k);	/* KEPT_SECRET_BYTES, behind the sums */

/* Begins a new session: what was kept is gone. */
int kept_begin_anew(struct kept *k, struct etl_err *err);

/* The session is at its end and nothing stays. Nothing but kept_close() may follow. */
void kept_end(struct kept *k);

/* Replaces what is kept of a table. 1: done; 0: the session was taken away. */
int kept_save(struct kept *k, const char *table, struct str content, struct etl_err *err);

/* Appends what is kept of a table to 'out'; *saved_utc_ms: since when. False: nothing of this
 * session, it is damaged, or the session was taken away. */
bool kept_load(struct kept *k, const char *table, struct buf *out, int64_t *saved_utc_ms);

/* Takes away whatever a verify has kept in 'dir'. */
int kept_discard(const char *dir, struct etl_err *err);

#endif
