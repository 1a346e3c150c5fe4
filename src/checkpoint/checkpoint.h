/*
 * The journal of a load: what of one DynamoDB table's load is surely done, so that any death at
 * any moment followed by the same command ends in the same table.
 *
 * The life of a load:
 *   checkpoint_open            resumes an unfinished journal of the same load, else begins one
 *   checkpoint_finished?       the caller decides: done already, or checkpoint_begin_anew()
 *   checkpoint_note            which snapshot this run reads
 *   for each entity: checkpoint_entity() says how far planning came;
 *     checkpoint_next_pending  the units planned earlier and not done: read these again
 *     checkpoint_plan_unit     each new unit, in order
 *     checkpoint_unit_begun    BEFORE it is first handed to a reader, in whatever order
 *     checkpoint_entity_planned   no more units will come
 *     checkpoint_unit_done     AFTER the answer for every item of the unit has come
 *     checkpoint_entity_done
 *   checkpoint_finish, checkpoint_close
 *
 * Promises:
 * - A unit is "done" on the disk only after its rejects are. A done record lost by a crash makes
 *   its unit be read again, which is harmless: writes are whole items by key.
 * - Records of done units survive the death of the process at once, and of the machine with the
 *   next call that writes after CHECKPOINT_SYNC_MS; entity_done, finish, sync and close return
 *   only when all is durable.
 * - After any failure to write, every later call fails with the same error: nothing is ever
 *   reported done behind a hole.
 * - What contradicts itself (units with a gap between them, a sum that does not hold, a unit done
 *   twice) is refused with ETL_EINTERNAL before it is written.
 *
 * Thread-safe by one mutex inside; open and close are for one thread.
 *
 * File: lines "<crc32> <sequence number> <record> <fields...>\n"; a text that could hold blanks is
 * escaped, bytes are base64. The end of the file may be torn (it is cut off when opened for
 * writing); damage before a whole record is an error that says --restart.
 */
#ifndef CHECKPOINT_CHECKPOINT_H
#define CHECKPOINT_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "checkpoint/rejects.h"
#include "checkpoint/state.h"
#include "model/unit.h"

#define CHECKPOINT_SYNC_MS 200

struct checkpoint;

/* What must be the same for a load to be the same. Texts without secrets; borrowed for the call. */
struct checkpoint_entity_id {
	const char *name;		/* entity_type */
	const char *view_digest;	/* of the entity view's SQL */
};

struct checkpoint_identity {
	const char *contract_digest;
	const char *source;		/* catalog.server_id_text */
	const char *source_words;	/* the same for people; not compared: one server is
					   reached by several names */
	const char *target;		/* endpoint, region and table */
	const char *write_mode;		/* "overwrite", "newer by updated_at" */
	const char *table_id;		/* table_state.id: a table made anew is another one */
	size_t nentities;
	const struct checkpoint_entity_id *entities;	/* in the plan's order */
};

/*
 * Opens the journal of 'table' (DynamoDB's name) in 'st', which must outlive it.
 * - No journal, or one that died before its header was whole: begins one.
 * - 'restart': removes what is there, with its rejects, and begins one.
 * - Unfinished and of the same identity: resumes it. Of another identity: -ETL_EUSAGE, the
 *   message names what differs, the hint --restart.
 * - Finished and of the same identity: opened as it is, checkpoint_finished() is true and nothing
 *   but begin_anew, reading and close is allowed. Of another identity: begins a new one.
 * - Damaged, of another format version, or its rejects file is shorter than recorded:
 *   -ETL_ESYSTEM with the hint --restart.
 */
int checkpoint_open(struct state *st, const char *table, const struct checkpoint_identity *id,
		    bool restart, struct checkpoint **out, struct etl_err *err);

/* Makes everything written durable and frees. Negative where that fails: the load must not be
 * called done then. NULL is fine. */
int checkpoint_close(struct checkpoint *cp, struct etl_err *err);

/*
 * A checkpoint in memory, for who keeps its image together with something of his own: it has no
 * files, and takes no rejects and no notes. checkpoint_close frees it.
 */
struct checkpoint *checkpoint_in_memory(const char *table, const struct checkpoint_identity *id);

/* Appends its records. Done units that stand together are one there: the image is as long as what
 * is under way, not as what was done. */
void checkpoint_image(struct checkpoint *cp, struct buf *out);

/* NULL: *out goes on from the image. Else *out is NULL, and this is why, in 'why': it is damaged,
 * or of another identity. */
const char *checkpoint_from_image(const char *table, const struct checkpoint_identity *id,
				  struct str image, struct checkpoint **out, struct buf *why);

bool checkpoint_finished(struct checkpoint *cp);
bool checkpoint_resumed(struct checkpoint *cp);	/* an earlier run's work was found and is used */

/* Throws away journal and rejects and begins a new load of the same identity. */
int checkpoint_begin_anew(struct checkpoint *cp, struct etl_err *err);

/* How far an entity is; a copy, last_high is the caller's: buf_release. */
struct checkpoint_entity {
	uint64_t nunits, ndone;		/* units planned, of these done */
	bool has_last_high;		/* where planning goes on: the last unit's high bound */
	struct buf last_high;		/* packed as in model/unit.h; empty without has_last_high */
	bool planned;			/* to the end */
	bool done;
	struct load_counts counts;	/* of the done units */
};
void checkpoint_entity(struct checkpoint *cp, unsigned entity, struct checkpoint_entity *out);

/* The sum over all entities' done units. */
void checkpoint_totals(struct checkpoint *cp, struct load_counts *out);

/* The next unit of 'entity' with number >= *cursor that is planned and not done, as a copy of the
 * caller's (unit_free), with begun_before as recorded; *cursor goes behind it. NULL: none. Start
 * with 0. */
struct unit *checkpoint_next_pending(struct checkpoint *cp, unsigned entity, uint64_t *cursor);

/* A line about this run for people: the snapshot, its binlog position or GTID. */
int checkpoint_note(struct checkpoint *cp, const char *text, struct etl_err *err);
size_t checkpoint_nnotes(struct checkpoint *cp);
/* Borrowed until begin_anew or close; NULL past the last. Earlier runs' notes come first. */
const char *checkpoint_note_at(struct checkpoint *cp, size_t i);

/* Units come in order: number is the entity's nunits, low is the last unit's high bound (none for
 * unit 0), and nothing comes after a unit without high bound. 'u' is copied. */
int checkpoint_plan_unit(struct checkpoint *cp, const struct unit *u, struct etl_err *err);
int checkpoint_entity_planned(struct checkpoint *cp, unsigned entity, struct etl_err *err);

/* From now on a part of the unit may be in the target. Once for each unit. */
int checkpoint_unit_begun(struct checkpoint *cp, unsigned entity, uint64_t number,
			  struct etl_err *err);

/* 'rejects' (may be NULL for none) holds counts->rows_rejected lines; the caller keeps it and may
 * reset and use it again after. */
int checkpoint_unit_done(struct checkpoint *cp, unsigned entity, uint64_t number,
			 const struct load_counts *counts, struct reject_spool *rejects,
			 struct etl_err *err);

/* Refused (ETL_EINTERNAL) unless planned to the end and every unit is done. */
int checkpoint_entity_done(struct checkpoint *cp, unsigned entity, struct etl_err *err);
/* Refused (ETL_EINTERNAL) unless every entity is done. */
int checkpoint_finish(struct checkpoint *cp, struct etl_err *err);

/* Makes durable what is written so far. */
int checkpoint_sync(struct checkpoint *cp, struct etl_err *err);

/* The load's rejects file, borrowed until close; there may be no file yet. */
const char *checkpoint_rejects_path(struct checkpoint *cp);

/* For `etl status`: a journal as it stands, read without the lock. Texts are lent for the call. */
struct checkpoint_summary {
	const char *path;
	const char *target;
	const char *source;
	const char *source_words;	/* for people */
	const char *write_mode;
	const char *problem;		/* NULL, or why it cannot be read; then only path holds */
	bool finished;
	size_t nentities;
	const char *const *entity_names;
	const struct checkpoint_entity *entities;
	struct load_counts totals;
	const char *last_note;		/* NULL: none */
};

/* Gives every journal of the directory to 'each', in order of their names. A missing directory is
 * none. 'each' ends it by returning other than 0, which is returned. */
int checkpoint_each(const char *dir, int (*each)(const struct checkpoint_summary *s, void *arg),
		    void *arg, struct etl_err *err);

#endif
