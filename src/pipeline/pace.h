/*
 * How fast write units may be spent: the calculation, without threads or clock. A line in which
 * every request stands in turn: it may set out when all before it and itself are paid for, at the
 * limit of units a second. What was not spent in time can be caught up for PACE_CATCH_UP_MS, later
 * it is lost; nothing is lent. So in any T seconds no more than T + 1 seconds' units set out, and
 * since the beginning no more than T seconds' units.
 *
 * The limit is given, or learned from a target that says "too fast": then it is set a little below
 * what the target took of late, and rises again, slowly first, until the next complaint or until it
 * is not reached any more.
 *
 * One thread at a time. Times are monotonic milliseconds.
 */
#ifndef PIPELINE_PACE_H
#define PIPELINE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_CATCH_UP_MS 1000
#define PACE_CUT_MS 500			/* one cut within this time, and within so many */
#define PACE_CUT_ANSWERS 8		/* answers, however many complaints */
#define PACE_LEAST 25.0			/* units a second that are tried in any case: a request of
						   the usual kind */

struct pace {
	double limit;			/* units a second; 0: none */
	double line;			/* units that ever stood in line */
	double paid, paid_ms;		/* units of them that are paid for, at that time */
	double spent, answers;		/* units that the target took, and in how many answers, */
	double spent_since_ms;		/* since then; older ones weigh less */
	double cut_ms, grown_ms;	/* the last cut; the last rise */
	unsigned since_cut;		/* answers */
};

void pace_init(struct pace *p, double limit, int64_t now_ms);

/* A request of so many units stands in line; gives its place. */
double pace_take(struct pace *p, double units, int64_t now_ms);

/* How long it will be until what stands at 'place' may set out, as things are: 0 if now. */
double pace_wait_ms(struct pace *p, double place, int64_t now_ms);

/* What took 'taken' cost 'spent' in truth: those who still wait wait longer or less long. */
void pace_settle(struct pace *p, double taken, double spent);

/* For a limit that is learned: an answer of the target, which took 'spent' units; 'throttled': and
 * said "too fast". What was asked in vain should not be settled, so that asking in vain is not
 * free. */
void pace_learn(struct pace *p, double spent, bool throttled, int64_t now_ms);

#endif
