/* A sink that counts and drops: for --dry-run and for measuring the rest of the pipeline. */
#ifndef SINK_NULL_NULL_H
#define SINK_NULL_NULL_H

#include "sink/sink.h"

struct sink *null_sink_new(void);
uint64_t null_sink_items(const struct sink *s);	/* written so far, all threads */

#endif
