#include "pipeline/width.h"

/* Of what more width could bring at best, this part must come for it to be kept. */
#define GAIN_OF_DOUBLING 0.25
#define GAIN_OF_TRY 0.4
#define LOSS_OF_TRY 0.03
/* Another target than the one that was measured, as good as. */
#define FALLEN 0.5

void width_init(struct width *w, unsigned max)
{
	*w = (struct width){
		.now = max < WIDTH_START ? max : WIDTH_START, .max = max, .up = true,
		.hold_next = WIDTH_HOLD_EPOCHS, .epoch_ms = -1,
	};
}

static void begin_epoch(struct width *w, unsigned unmeasured)
{
	w->unmeasured = unmeasured;
	w->batches = w->backlog = 0;
	w->epoch_ms = -1;
}

static void set(struct width *w, unsigned now)
{
	w->now = now < 1 ? 1 : now > w->max ? w->max : now;
	begin_epoch(w, w->now);
}

static void hold(struct width *w, unsigned epochs)
{
	w->mode = WIDTH_HOLDING;
	w->base_rate = 0;
	w->hold = epochs;
	w->hold_next = 2 * epochs > WIDTH_HOLD_MAX_EPOCHS ? WIDTH_HOLD_MAX_EPOCHS : 2 * epochs;
}

static void double_it(struct width *w, double rate)
{
	if (w->base_rate > 0 && rate < w->base_rate * (1 + GAIN_OF_DOUBLING)) {
		set(w, w->base);
		hold(w, WIDTH_HOLD_EPOCHS);
	} else if (w->now == w->max) {
		hold(w, WIDTH_HOLD_EPOCHS);
	} else {
		w->base = w->now;
		w->base_rate = rate;
		set(w, 2 * w->now);
	}
}

static unsigned candidate(const struct width *w, bool up)
{
	unsigned step = up ? w->now / 4 : w->now / 5;

	if (step == 0)
		step = 1;
	if (!up)
		return w->now > step ? w->now - step : w->now;
	return w->now + step < w->max ? w->now + step : w->max;
}

static void try_another(struct width *w)
{
	unsigned other = candidate(w, w->up);

	if (other == w->now) {
		w->up = !w->up;
		other = candidate(w, w->up);
	}
	w->base = w->now;
	w->mode = WIDTH_TRYING;
	set(w, other);
}

static void judge_try(struct width *w, double rate, bool starved)
{
	double more = (double)w->now / w->base - 1;
	bool keep = more > 0 ? rate >= w->base_rate * (1 + GAIN_OF_TRY * more)
			     : rate >= w->base_rate * (1 - LOSS_OF_TRY);

	if (!keep && !starved) {
		w->up = !w->up;
		set(w, w->base);
		hold(w, w->hold_next);
	} else if (more > 0 && !starved) {
		w->base_rate = rate;
		try_another(w);
	} else {
		hold(w, WIDTH_HOLD_EPOCHS);
	}
}

static void hold_on(struct width *w, double rate, bool starved)
{
	if (starved)
		return;
	if (rate < w->base_rate * FALLEN) {
		w->mode = WIDTH_DOUBLING;
		w->base_rate = 0;
		return;
	}
	w->base_rate = w->base_rate > 0 ? (w->base_rate + rate) / 2 : rate;
	if (w->hold > 0)
		w->hold--;
	if (w->hold == 0)
		try_another(w);
}

static void judge(struct width *w, int64_t took_ms)
{
	double rate = (double)w->batches / (double)took_ms;
	bool starved = 2 * w->backlog < w->batches;

	begin_epoch(w, 0);
	switch (w->mode) {
	case WIDTH_DOUBLING:
		if (!starved)
			double_it(w, rate);
		break;
	case WIDTH_HOLDING:
		hold_on(w, rate, starved);
		break;
	case WIDTH_TRYING:
		judge_try(w, rate, starved);
		break;
	}
}

void width_done(struct width *w, int64_t now_ms, bool backlog)
{
	unsigned enough = w->now > WIDTH_EPOCH_BATCHES ? w->now : WIDTH_EPOCH_BATCHES;

	if (w->unmeasured > 0) {
		w->unmeasured--;
		return;
	}
	if (w->epoch_ms < 0) {
		w->epoch_ms = now_ms;	/* this batch opens the epoch and does not count */
		return;
	}
	w->batches++;
	w->backlog += backlog;
	if (w->batches >= enough && now_ms - w->epoch_ms >= WIDTH_EPOCH_MS)
		judge(w, now_ms - w->epoch_ms);
}
