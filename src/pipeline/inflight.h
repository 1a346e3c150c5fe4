/*
 * The keys that stand in requests on their way, of all threads together. A thread claims all keys
 * of its request at once and waits while another has one of them; whoever holds keys never waits
 * for more, so nobody waits for ever.
 */
#ifndef PIPELINE_INFLIGHT_H
#define PIPELINE_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/digest.h"
#include "base/stop.h"

struct inflight;

struct inflight_key {		/* the claimer's memory, from claim to release */
	struct hash128 hash;	/* of table and key; set by the claimer */
	struct inflight_key *next;	/* guard: the mutex inside */
};

struct inflight *inflight_new(void);
void inflight_free(struct inflight *f);		/* nothing may be claimed; NULL is fine */

/* Waits until none of the keys is claimed and claims them all. The keys of one claim are
 * different. false: 'stop' was asked, nothing is claimed. */
bool inflight_claim(struct inflight *f, struct inflight_key *keys, size_t n,
		    const struct stop *stop);
void inflight_release(struct inflight *f, struct inflight_key *keys, size_t n);

#endif
