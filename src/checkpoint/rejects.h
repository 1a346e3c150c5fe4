/*
 * Rejects, each written exactly once however often a load dies and is resumed.
 *
 * While a unit is under way its rejects wait in a spool: in memory up to 1 MiB, then in a nameless
 * temporary file in the state directory. When the unit is done checkpoint_unit_done() appends the
 * spool to the load's rejects file, makes it durable, and only then writes the journal's record
 * with the file's length. At a resume the file is cut to the last recorded length, and the units
 * that are read again bring theirs again. A unit that is given up just resets its spool.
 *
 * Each table's load has its own file in the state directory, because a file that several loads
 * share cannot be cut. rejects_gather() makes the one file that the user asked for.
 */
#ifndef CHECKPOINT_REJECTS_H
#define CHECKPOINT_REJECTS_H

#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"

#define REJECT_SPOOL_MEMORY_BYTES (1024 * 1024)

struct reject_spool;

/* 'dir': where the temporary file goes, usually state_dir(); copied. */
struct reject_spool *reject_spool_new(const char *dir);
void reject_spool_free(struct reject_spool *s);		/* NULL is fine */

/* Adds one line; 'line' has no newline in it (a JSON object). Several threads may add. */
int reject_spool_add(struct reject_spool *s, struct str line, struct etl_err *err);

/* Empties it: the unit is begun again, or another one takes the spool over. */
void reject_spool_reset(struct reject_spool *s);

uint64_t reject_spool_lines(struct reject_spool *s);
uint64_t reject_spool_bytes(struct reject_spool *s);

/* Appends the spool's content to 'fd' at its position; 'path' names it in errors. The spool keeps
 * it. Used by the checkpoint. */
int reject_spool_write(struct reject_spool *s, int fd, const char *path, struct etl_err *err);

/* Makes 'out_path' of the spool's content, as rejects_gather() does. */
int reject_spool_save(struct reject_spool *s, const char *out_path, struct etl_err *err);

/*
 * Makes 'out_path' (0600, replaced atomically) of the content of the rejects files 'paths' one
 * after another; a path where no file is adds nothing. What is not a regular file already
 * (/dev/stdout, a pipe) is written to instead of replaced. *lines (may be NULL): lines written.
 */
int rejects_gather(const char *const *paths, size_t n, const char *out_path, uint64_t *lines,
		   struct etl_err *err);

#endif
