/*
 * The gate before the workers: of all worker threads only those with a number below the width are
 * let in, so that the same few connections work while few suffice. The width is fixed, or found by
 * pipeline/width.h from what the workers report. Thread-safe.
 */
#ifndef PIPELINE_GATE_H
#define PIPELINE_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct gate;

/* 'workers' threads; 'adapts' false: all of them are let in. */
struct gate *gate_new(unsigned workers, bool adapts);
void gate_free(struct gate *g);			/* NULL is fine */

/* Waits until 'worker' (from 0) may work. False: the gate was ended. */
bool gate_enter(struct gate *g, unsigned worker);

/* A worker has dealt with a batch; 'backlog': more of them wait. */
void gate_done(struct gate *g, int64_t now_ms, bool backlog);

/* No worker is let in any more; those that wait leave. */
void gate_end(struct gate *g);

unsigned gate_width(struct gate *g);

#endif
