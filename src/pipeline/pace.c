#include "pipeline/pace.h"

#include <math.h>

#define CUT_TO 0.9		/* of what the target took */
#define CUT_AT_MOST 0.5		/* of the limit */
#define MEMORY_MS 2000		/* of what was spent: at least this, */
#define MEMORY_ANSWERS 32	/* and at least so many answers */
#define FIRST_ANSWERS 16	/* before the first limit is set */
#define RISE 0.05		/* of the limit in a second, right after a cut; */
#define RISE_DOUBLES_MS 1000	/* twice that after so long, and so on */
#define RISE_MOST 0.5		/* of the limit for one answer */
#define FORGET_MS 5000		/* after a cut at the earliest */

void pace_init(struct pace *p, double limit, int64_t now_ms)
{
	double now = (double)now_ms;

	*p = (struct pace){ .limit = limit, .paid_ms = now, .spent_since_ms = now,
			    .cut_ms = now - PACE_CUT_MS, .grown_ms = now,
			    .since_cut = PACE_CUT_ANSWERS };
}

/* Units that can be caught up. */
static double most_ahead(const struct pace *p)
{
	return p->limit * PACE_CATCH_UP_MS / 1000;
}

static void pay(struct pace *p, double now)
{
	double most = p->line + most_ahead(p);

	p->paid += p->limit * (now - p->paid_ms) / 1000;
	if (p->paid > most || p->limit <= 0)
		p->paid = most;
	p->paid_ms = now;
}

double pace_take(struct pace *p, double units, int64_t now_ms)
{
	pay(p, (double)now_ms);
	if (p->line <= 0)
		p->spent_since_ms = (double)now_ms;	/* the first */
	p->line += units;
	return p->line;
}

double pace_wait_ms(struct pace *p, double place, int64_t now_ms)
{
	pay(p, (double)now_ms);
	return place > p->paid ? (place - p->paid) * 1000 / p->limit : 0;
}

void pace_settle(struct pace *p, double taken, double spent)
{
	p->paid += taken - spent;
}

/* Units a second of late. */
static double taken_of_late(const struct pace *p, double now)
{
	double ms = now - p->spent_since_ms;

	return ms > 0 ? p->spent * 1000 / ms : 0;
}

static void set_limit(struct pace *p, double limit, double now)
{
	pay(p, now);
	p->limit = limit;
}

/* Only while it holds somebody back; forgotten when there is nobody any more. */
static void rise(struct pace *p, double now)
{
	double part = (now - p->grown_ms) / 1000 * RISE *
		      exp2((now - p->cut_ms) / RISE_DOUBLES_MS);

	pay(p, now);
	if (p->paid <= p->line)
		set_limit(p, p->limit * (1 + (part < RISE_MOST ? part : RISE_MOST)), now);
	else if (now - p->cut_ms > FORGET_MS && p->paid - p->line > 0.9 * most_ahead(p))
		p->limit = 0;
	p->grown_ms = now;
}

static void cut(struct pace *p, double now)
{
	double taken = taken_of_late(p, now), limit = CUT_TO * taken;

	if (now - p->cut_ms < PACE_CUT_MS || p->since_cut < PACE_CUT_ANSWERS)
		return;
	if (p->limit <= 0 && p->answers < FIRST_ANSWERS)
		return;		/* too few to tell */
	if (p->limit > 0 && limit < CUT_AT_MOST * p->limit)
		limit = CUT_AT_MOST * p->limit;
	if (p->limit > 0 && limit > CUT_TO * p->limit)
		limit = CUT_TO * p->limit;
	if (limit <= 0)
		return;		/* nothing was taken yet: who is refused waits by itself */
	set_limit(p, limit > PACE_LEAST ? limit : PACE_LEAST, now);
	p->cut_ms = p->grown_ms = now;
	p->since_cut = 0;
	p->spent = taken * 0.1;	/* what comes now tells more than what was */
	p->answers = 0;
	p->spent_since_ms = now - 100;
}

void pace_learn(struct pace *p, double spent, bool throttled, int64_t now_ms)
{
	double now = (double)now_ms;

	p->spent += spent;
	p->answers++;
	p->since_cut += p->since_cut < PACE_CUT_ANSWERS;
	if (p->answers >= 2 * MEMORY_ANSWERS && now - p->spent_since_ms >= 2 * MEMORY_MS) {
		p->spent /= 2;
		p->answers /= 2;
		p->spent_since_ms = (p->spent_since_ms + now) / 2;
	}
	if (throttled)
		cut(p, now);
	else if (p->limit > 0)
		rise(p, now);
}
