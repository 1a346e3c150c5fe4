/*
 * Verify: does the target hold exactly the items that the source's rows make?
 *
 * Rows are read in one consistent snapshot and made items by the same transform, with the same rule
 * for duplicate keys, as in a load.
 *
 * digest: both sides are streamed once, at the same time: the rows through the transform, the
 * target by a parallel, strongly consistent scan. Each item is reduced to its canonical form (sets
 * in order, numbers in one spelling, members of maps by name) and a SHA-256, and these are summed
 * up as verify/sums.h says, in VERIFY_BUCKETS buckets. Equal sums and counts prove parity, in
 * constant memory; where they differ nothing is known but in how many buckets.
 *
 * full: begins as digest, so a clean table costs one pass of each side. Where buckets differ the
 * rows are read again from the same snapshot, and only the items of those buckets are fetched
 * (strongly consistent) and compared attribute by attribute; an absent attribute is not an empty or
 * NULL one. Where the keys in a bucket differ, too, its rows' keys are collected, at most
 * VERIFY_MAX_KEYS at a time, and one more scan names the items that no row explains.
 *
 * With recheck_ms a difference counts only if it is still there when both sides are read again:
 * after that time the rows are read from a new snapshot, and the items whose keys differed are
 * compared once more. What is reported is what was found then and before, by the same values. Tables
 * that come after are read from the new snapshot. Where indexes are wrong the whole table is verified
 * anew.
 *
 * sample: some rows of each table, drawn at random (each with the same chance), are read, and their
 * items fetched and compared as in full. What it says of all items is a matter of chance, which
 * verify_confidence() puts into numbers; items that no row explains are not looked for.
 *
 * count: expected items counted against scanned ones, a table at a time. A weak check: it does not
 * look at a single value, and one item missing and one extra cancel out.
 *
 * Rows that are rejects make no item, so none is expected; they are counted apart. An item under
 * the key of a reject is an extra item, unless another row rightly has that key. Rows whose items
 * DynamoDB refused during the load (verify/refused.h) are asked for one by one: an item that is not
 * there counts as a reject, one that is there is compared like any other.
 *
 * Where the source is lost and comes back, the table that was being verified is begun anew in a
 * new snapshot; those before it stay verified in theirs. With 'resume' (verify/resume.h) full and
 * digest go on instead with what was not summed up yet, also after the death of the process: both
 * sides are then sums of parts that were read at different times, and the result says so.
 *
 * Threads as in a load (pipeline/load.h), whose workers digest or compare instead of writing, and as
 * many again that scan. Memory: as a load; one answer of the target, about 2 MB, for each worker;
 * VERIFY_BUCKETS * 56 bytes for the sums of each side and of each unit of rows under way; 24 bytes a
 * slot for each collected key, and with recheck_ms for each difference; with 'resume' the sums of
 * both sides twice more while they are written down.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/clock.h"
#include "base/stop.h"
#include "model/reject.h"
#include "pipeline/counters.h"
#include "pipeline/regain.h"
#include "pipeline/retry.h"
#include "pipeline/table.h"
#include "sink/sink.h"
#include "source/source.h"
#include "verify/left_alone.h"

#define VERIFY_DEFAULT_WORKERS 8
#define VERIFY_BUCKETS 8192
#define VERIFY_MAX_KEYS 2000000
#define VERIFY_DEFAULT_FINDINGS 1000
#define VERIFY_DEFAULT_SAMPLE 1000

struct refused;
struct resume;
struct wrongs;

enum verify_mode { VERIFY_FULL, VERIFY_DIGEST, VERIFY_COUNT, VERIFY_SAMPLE };
const char *verify_mode_name(enum verify_mode mode);	/* "full" */
bool verify_proves(enum verify_mode mode);	/* parity, and not just that nothing was seen */

struct verify_job {			/* everything borrowed until verify_run returns */
	struct source *source;
	struct sink *sink;
	struct clock *clock;
	struct stop *stop;		/* asked by a signal, and by the run itself when it fails */
	struct counters *counters;	/* zeroed by the caller */
	size_t ntables;
	const struct load_table *tables;
	enum verify_mode mode;
	uint64_t sample_rows;		/* sample: of each table; 0: VERIFY_DEFAULT_SAMPLE */
	unsigned readers, workers;	/* 0: as in a load; VERIFY_DEFAULT_WORKERS */
	uint64_t chunk_rows;		/* 0: as in a load */
	uint64_t max_rcu;		/* read units a second of all reads; 0: no limit */
	size_t max_findings;		/* kept; 0: VERIFY_DEFAULT_FINDINGS. Counts are
					   exact in any case */
	int64_t recheck_ms;		/* full: what differs is read again after this; 0: not */
	const struct refused *refused;	/* NULL, or items that are expected to be missing */
	const char *version_attribute;	/* NULL, or tells which of two items is newer */
	bool indexes;			/* look at the indexes, too */
	struct resume *resume;		/* NULL: nothing is kept. Of full and digest only */
	struct wrongs *wrongs;		/* NULL, or full: gets what is found, for a repair */
	bool reads_extra;		/* with it: items that no row explains, too, as they are */
	bool allow_empty;		/* nothing at all on both sides is fine */
	struct retry_policy retry;	/* zeroed: defaults */
	struct source_look look;	/* zeroed: the loss of the source ends the run */
	/* NULL, or called with 'tick_arg' by the calling thread about every LOAD_TICK_MS while the
	 * verify goes on: a place to show how far it is. */
	void (*tick)(void *arg);
	void *tick_arg;
};

enum finding_kind {
	FINDING_MISSING,		/* a row's item is not in the target */
	FINDING_DIFFERENT,		/* it is there, but this attribute differs */
	FINDING_EXTRA			/* the target's item is of no row */
};
const char *finding_kind_name(enum finding_kind kind);		/* "missing" */

enum finding_how {			/* FINDING_DIFFERENT: in which way */
	HOW_NONE,
	HOW_ABSENT,			/* the target's item lacks the attribute */
	HOW_UNEXPECTED,			/* only the target's item has it */
	HOW_TYPE,			/* other type */
	HOW_VALUE			/* same type, other value */
};
const char *finding_how_name(enum finding_how how);		/* "absent", "" for HOW_NONE */

enum finding_cause {			/* FINDING_DIFFERENT: why, as far as the values tell */
	CAUSE_UNKNOWN,
	CAUSE_NUMBER_AS_TEXT, CAUSE_TEXT_AS_NUMBER, CAUSE_DATE_FORMAT, CAUSE_TIME_ZONE,
	CAUSE_WHITE_SPACE, CAUSE_LETTER_CASE, CAUSE_ABSENT_FOR_EMPTY, CAUSE_EMPTY_FOR_ABSENT,
	CAUSE_NULL_FOR_ABSENT, CAUSE_ROUNDED, CAUSE_FLOATING_POINT, CAUSE_CUT, CAUSE_ENCODED_TWICE,
	CAUSE_DOCUMENT_AS_TEXT, CAUSE_SET_AS_LIST, CAUSE_BOOLEAN, CAUSE_INVISIBLE,
	CAUSE_UNICODE_FORM,
	CAUSE_OLDER, CAUSE_NEWER	/* the item, by the version attribute */
};
const char *finding_cause_name(enum finding_cause cause);	/* "date-format", "": unknown */
const char *finding_cause_words(enum finding_cause cause);	/* "the same time in another ..." */

struct finding {			/* texts NUL-terminated, UTF-8, owned by the result */
	enum finding_kind kind;
	enum finding_how how;
	enum finding_cause cause;
	const char *table;		/* DynamoDB's name; borrowed from the job */
	const char *entity;		/* borrowed; NULL: not known (FINDING_EXTRA) */
	char *key_json;			/* DynamoDB JSON: {"PK":{"S":"a"},"SK":{"S":"b"}} */
	char *source_key_json;		/* {"id":"7"}, {} without primary key; NULL for
					   FINDING_EXTRA */
	char *attribute;		/* FINDING_DIFFERENT only, else NULL */
	char *expected;			/* {"S":"x"}, canonical; NULL: absent. A long one is */
	char *actual;			/* shortened around the first difference, "..." stands for
					   what was left out, then it need not be whole JSON */
	size_t differs_at;		/* HOW_VALUE: bytes before the first difference, of both */
	unsigned expected_char, actual_char;	/* values in full, and the characters that differ */
};

struct verify_entity_result {
	const char *table, *entity;	/* borrowed */
	uint64_t rows_in_source;	/* sample: how many it was drawn from */
	uint64_t rows_read;
	uint64_t rows_rejected;
	uint64_t items_expected;	/* == rows_read - rows_rejected */
	uint64_t items_equal;		/* full: by their bucket's sum or attribute by attribute */
	uint64_t items_examined;	/* full: fetched, because their bucket differs; sample:
					   fetched. At most items_expected */
	uint64_t items_missing;		/* full, sample */
	uint64_t items_different;	/* full, sample: items with at least one differing attribute */
	uint64_t attributes_different;	/* full, sample: findings of kind different */
	uint64_t rejects[REJECT_CODE_COUNT];
};

struct verify_query_result {		/* with job->indexes: see verify/queries.h */
	uint64_t asked, wrong;
	uint64_t undecided;		/* too large an answer to be sure */
	char *example;			/* NULL, or the key of the first item that was answered
					   wrong, DynamoDB JSON; owned */
	const char *example_why;	/* a sentence, static */
};

struct verify_index_result {		/* likewise; see verify/indexes.h */
	const char *index;		/* borrowed */
	uint64_t entries_expected, entries_found;	/* sample: not looked for */
	bool same;			/* and they are of the same items; count: same number */
	struct verify_query_result queries;
};

struct verify_table_result {
	const char *table;		/* borrowed */
	uint64_t items_expected;
	uint64_t items_scanned;		/* found in the target; sample: not looked for */
	uint64_t items_extra;		/* full */
	uint64_t rows_in_source;	/* sample, as those below */
	uint64_t items_possible;	/* less the rows that were read and make none */
	uint64_t items_compared;	/* at most as many */
	uint64_t items_wrong;		/* of these: missing or different */
	uint64_t buckets_different;	/* full, digest: of VERIFY_BUCKETS */
	uint64_t items_rechecked;	/* full, with recheck_ms: that differed at first */
	uint64_t rows_resumed;		/* of all entities' rows_read: read before this run began,
					   or before the source was lost */
	uint64_t items_resumed;		/* of items_scanned, likewise */
	struct verify_query_result queries;	/* to the table itself */
	size_t nindexes;
	struct verify_index_result *indexes;	/* in the table's order; filled with job->indexes */
	bool parity;			/* full, sample: nothing found; digest: no bucket differs;
					   count: equal; with job->indexes nothing wrong with
					   those either; false where it was not compared to the
					   end */
};

struct repair_result {			/* what a repair did, see verify/repair.h */
	const char *undo_path;		/* borrowed */
	bool has_undo;			/* the file was made: something was to be changed */
	uint64_t missing, different, extra;	/* items, as the verify before it found them */
	uint64_t written;		/* of those that were missing */
	uint64_t changed, deleted;
	uint64_t already;		/* became right by themselves */
	struct left_alone left_alone;
};

struct verify_result {			/* zeroed by verify_run; if it fails, what was found until
					   then, which proves nothing of what was not */
	enum verify_mode mode;
	bool parity;			/* in every table */
	size_t ntables;
	struct verify_table_result *tables;
	size_t nentities;
	struct verify_entity_result *entities;	/* of all tables, in order */
	uint64_t nfindings;		/* exact; missing + attributes_different + extra */
	size_t nkept;
	struct finding *findings;	/* the first of them, by table, kind, key */
	size_t nreject_examples;
	char *reject_examples[REJECT_EXAMPLES_MAX];	/* lines as a load writes them; the first */
	enum reject_code reject_example_codes[REJECT_EXAMPLES_MAX];	/* of each code */
	uint64_t requests, retries, throttles;
	uint64_t rcu_milli;		/* thousandths of a read unit, as DynamoDB says */
	struct snapshot_info snapshot;	/* the last */
	bool resumed;			/* some parts were read in an earlier one, or by an earlier
					   run */
	int64_t resumed_since_utc_ms;	/* when the first of these runs began */
	unsigned losses;		/* of the source, after which this run went on */
	unsigned readers, workers;	/* as used */
	bool indexes;			/* were looked at */
	bool repaired;			/* then all above is as it was found after */
	struct repair_result repair;
	int64_t duration_ms;
};

/*
 * What a sample says of all items: with 95 % confidence the part of them that differs is between
 * 'low' and 'high'. 'differing' of 'compared' items did; 'of' is how many there are, at least
 * 'compared'. Where none differs, the part of which a sample would show none in 5 % of all cases; else
 * Wilson's interval; in both cases no more than what was not compared leaves open.
 */
struct verify_confidence { double low, high; };
struct verify_confidence verify_confidence(uint64_t compared, uint64_t differing, uint64_t of);

/*
 * Runs a verify. 0: compared, result->parity tells. Negative: not able to tell; -ETL_ESTOPPED after
 * a signal, -ETL_ESOURCE if neither side held anything (unless allow_empty) or a table's sample has no
 * item, else the first error.
 */
int verify_run(const struct verify_job *job, struct verify_result *result, struct etl_err *err);

void verify_result_release(struct verify_result *r);

#endif
