#include "pipeline/regain.h"

#include "base/log.h"

#define BASE_MS 200
#define CAP_MS 5000

void regain_init(struct regain *g, const struct source_look *source, struct clock *clock,
		 struct stop *stop, int64_t give_up_ms)
{
	*g = (struct regain){ .source = *source, .clock = clock, .stop = stop,
			      .give_up_ms = give_up_ms };
	backoff_init(&g->backoff, BASE_MS, CAP_MS, (uint64_t)clock->utc_ms(clock));
}

static int give_up(struct etl_err *err, const struct etl_err *cause, const char *words)
{
	struct etl_err why = { 0 };

	etl_err_set(&why, cause->code, "%s: %s", words, cause->msg);
	if (cause->hint[0])
		etl_err_hint(&why, "%s", cause->hint);
	*err = why;
	return -(int)err->code;
}

static int stopped(struct etl_err *err)
{
	etl_err_clear(err);
	return etl_err_set(err, ETL_ESTOPPED, "stopped while the source was away");
}

/* Looks again and again. The first look is at once: most losses are of a connection only. */
static int wait_for_source(struct regain *g, struct etl_err *err)
{
	int64_t start_ms = g->clock->now_ms(g->clock);
	bool told = false;

	for (;;) {
		struct etl_err why = { 0 };
		int64_t away_ms;
		int rc = g->source.look(g->source.arg, &why);

		away_ms = g->clock->now_ms(g->clock) - start_ms;
		if (stop_asked(g->stop))
			return stopped(err);
		if (rc == 0) {
			if (told)
				log_warn("the source is back after %lld s",
					 (long long)((away_ms + 500) / 1000));
			return 0;
		}
		if (rc != -ETL_ESOURCELOST) {
			*err = why;
			return rc;
		}
		if (away_ms >= g->give_up_ms)
			return give_up(err, &why, "the source did not come back");
		if (!told)
			log_warn("%s; trying again for up to %lld s", why.msg,
				 (long long)(g->give_up_ms / 1000));
		told = true;
		g->clock->sleep_ms(g->clock, backoff_next_ms(&g->backoff), g->stop);
		if (stop_asked(g->stop))
			return stopped(err);
	}
}

int regain_source(struct regain *g, uint64_t done, struct etl_err *err)
{
	int rc;

	if (err->code != ETL_ESOURCELOST || !g->source.look)
		return -(int)err->code;
	stop_forgive(g->stop);
	if (stop_asked(g->stop))
		return stopped(err);
	g->in_vain = done > g->done ? 0 : g->in_vain + 1;
	g->done = done;
	if (g->in_vain >= REGAIN_MAX_IN_VAIN) {
		struct etl_err cause = *err;

		return give_up(err, &cause, "the source was lost again and again, and nothing was "
			       "done in between");
	}
	log_warn("%s; going on with a new snapshot", err->msg);
	if (g->in_vain)
		g->clock->sleep_ms(g->clock, backoff_next_ms(&g->backoff), g->stop);
	else
		backoff_reset(&g->backoff);
	rc = wait_for_source(g, err);
	if (rc == 0)
		etl_err_clear(err);
	return rc;
}
