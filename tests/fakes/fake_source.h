/*
 * A source in memory: a real driver of source.h for tests of whatever stands above it. Rows belong
 * to views, in order of the primary key; faults are scripted. Reading is thread-safe once the rows
 * are in.
 */
#ifndef TESTS_FAKES_FAKE_SOURCE_H
#define TESTS_FAKES_FAKE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "source/source.h"

struct fake_source;

enum fake_source_op {
	SRC_OPEN_READERS, SRC_NEXT_BOUND, SRC_BEGIN, SRC_NEXT, SRC_CANDIDATES, SRC_COUNT, SRC_DRAW,
	SRC_OP_COUNT
};

struct fake_source *fake_source_new(void);
void fake_source_free(struct fake_source *f);	/* every reader must be closed */
struct source *fake_source_source(struct fake_source *f);

/* Adds a row, in order of the primary key: nfields texts (attributes, then primary key), NULL for
 * SQL NULL. Copied. Primary key columns that are COL_INT in the entity's table compare as numbers,
 * others as bytes. */
void fake_source_row(struct fake_source *f, const char *view, size_t nfields,
		     const char *const *fields);
void fake_source_drop_rows(struct fake_source *f, const char *view);

/* Call 'nth' (from 1, of all readers together, since the source was made) of 'op' fails with
 * 'code'; for SRC_NEXT the reader is broken after. ETL_OK for SRC_NEXT: the rows end there, as if
 * there were no more. times 0: and every later call too. */
void fake_source_fault(struct fake_source *f, enum fake_source_op op, uint64_t nth, uint64_t times,
		       enum etl_errc code);
void fake_source_clear_faults(struct fake_source *f);

/* More readers than this are refused with ETL_ESOURCE. Default: no limit. */
void fake_source_max_readers(struct fake_source *f, size_t n);

/* Called at each call of 'op' with its number, outside any lock. */
void fake_source_hook(struct fake_source *f,
		      void (*hook)(void *arg, enum fake_source_op op, uint64_t call), void *arg);

uint64_t fake_source_calls(struct fake_source *f, enum fake_source_op op);

/* Forgets and tells how often unit 'number' of 'view' was begun. */
void fake_source_forget(struct fake_source *f);
uint64_t fake_source_begun(struct fake_source *f, const char *view, uint64_t number);

/* The first promise of source.h that a caller broke, in words, or NULL. */
const char *fake_source_violation(struct fake_source *f);

#endif
