/*
 * The journal's records and what they add up to, without files or threads: checkpoint.c writes
 * and locks, this says what may be written and what a file's bytes mean. Live calls and replay go
 * through the same progress_*() functions, so that nothing can be written that cannot be read.
 */
#ifndef CHECKPOINT_JOURNAL_PRIV_H
#define CHECKPOINT_JOURNAL_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "checkpoint/checkpoint.h"

/* Three records a unit, about 230 bytes: nine million units. */
#define JOURNAL_MAX_BYTES ((size_t)1 << 31)

struct progress_unit {
	char *high;			/* owned; NULL without has_high, or no longer needed */
	size_t high_len;
	bool has_high, begun, done;
	uint64_t rows_estimate;
};

struct progress_entity {
	char *name, *view_digest;	/* owned */
	struct progress_unit *units;	/* by number */
	size_t nunits, units_cap;
	uint64_t ndone;
	bool planned, done;
	struct load_counts counts;	/* of the done units */
};

struct progress {
	bool has_header;
	char *contract_digest, *source, *source_words, *target, *write_mode, *table_id;	/* owned */
	size_t nentities;
	struct progress_entity *entities;
	char **notes;			/* owned, and each of them */
	size_t nnotes, notes_cap;
	uint64_t rejects_bytes;		/* of the rejects file that belong to done units */
	bool finished;
	uint64_t next_seq;		/* of the next record */
};

void progress_release(struct progress *p);	/* zeroed struct: an empty one */
void progress_begin(struct progress *p, const struct checkpoint_identity *id);

/* Each takes a step or says why it contradicts what is there; NULL: taken. */
const char *progress_plan(struct progress *p, unsigned entity, uint64_t number, bool has_low,
			  struct str low, bool has_high, struct str high, uint64_t rows_estimate);
const char *progress_planned(struct progress *p, unsigned entity);
const char *progress_unit_begun(struct progress *p, unsigned entity, uint64_t number);
const char *progress_unit_done(struct progress *p, unsigned entity, uint64_t number,
			       const struct load_counts *counts, uint64_t rejects_bytes);
const char *progress_entity_done(struct progress *p, unsigned entity);
const char *progress_finish(struct progress *p);
void progress_note(struct progress *p, const char *text);

/* Appends records that make 'p' again, but for the numbers of its units. It is unfinished, and
 * without notes and rejects. */
void progress_image(const struct progress *p, struct buf *out);

/* Each appends one record as the line number 'seq'. */
void record_header(struct buf *out, uint64_t seq, const struct checkpoint_identity *id);
void record_plan(struct buf *out, uint64_t seq, unsigned entity, uint64_t number, bool has_low,
		 struct str low, bool has_high, struct str high, uint64_t rows_estimate);
void record_planned(struct buf *out, uint64_t seq, unsigned entity);
void record_unit_begun(struct buf *out, uint64_t seq, unsigned entity, uint64_t number);
void record_unit_done(struct buf *out, uint64_t seq, unsigned entity, uint64_t number,
		      const struct load_counts *counts, uint64_t rejects_bytes);
void record_entity_done(struct buf *out, uint64_t seq, unsigned entity);
void record_finish(struct buf *out, uint64_t seq);
void record_note(struct buf *out, uint64_t seq, const char *text);

/*
 * Reads a journal's bytes into the empty 'p'. *good_bytes: how many of them are whole records; the
 * rest is a torn end. NULL: well, with p->has_header false if not even the header is whole. Else
 * why it cannot be used ("it is damaged at byte 17"), in 'why', which it returns.
 */
const char *journal_replay(struct str content, struct progress *p, size_t *good_bytes,
			   struct buf *why);

#endif
