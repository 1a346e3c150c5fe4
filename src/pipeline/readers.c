#include "pipeline/readers.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

void readers_init(struct readers *r, unsigned wanted)
{
	*r = (struct readers){ .wanted = wanted, .stop_seen_ms = -1 };
	r->list = mem_array(wanted, sizeof(*r->list));
	pthread_mutex_init(&r->mutex, NULL);
}

void readers_release(struct readers *r)
{
	pthread_mutex_destroy(&r->mutex);
	free(r->list);
	r->list = NULL;
}

int readers_open(struct readers *r, struct source *source, struct snapshot_info *info,
		 struct etl_err *err)
{
	struct source_reader **opened = mem_array(r->wanted, sizeof(*opened));
	struct etl_err why = { 0 };
	unsigned n = r->wanted, i;
	int rc = source->ops->open_readers(source, n, opened, info, &why);

	if (rc == -ETL_ESOURCE && n > 1) {
		struct etl_err again = { 0 };

		rc = source->ops->open_readers(source, 1, opened, info, &again);
		if (rc == 0) {
			log_warn("reading with 1 reader instead of %u: %s", n, why.msg);
			n = 1;
		}
	}
	if (rc == 0) {
		pthread_mutex_lock(&r->mutex);
		for (i = 0; i < n; i++)
			r->list[i] = opened[i];
		r->n = n;
		pthread_mutex_unlock(&r->mutex);
	}
	free(opened);
	return rc < 0 ? etl_err_copy(err, &why) : 0;
}

void readers_close(struct readers *r)
{
	unsigned i;

	pthread_mutex_lock(&r->mutex);
	for (i = 0; i < r->n; i++)
		r->list[i]->ops->close_reader(r->list[i]);
	r->n = 0;
	pthread_mutex_unlock(&r->mutex);
}

/* A server that did not let one reader go is not asked for the next. True: all are cut off. */
static bool interrupt_all(struct readers *r, bool cut)
{
	unsigned i;

	pthread_mutex_lock(&r->mutex);
	for (i = 0; i < r->n; i++) {
		const struct source_ops *ops = r->list[i]->ops;

		if (ops->interrupt && !ops->interrupt(r->list[i], cut))
			cut = true;
	}
	pthread_mutex_unlock(&r->mutex);
	return cut;
}

void readers_push(struct readers *r, struct clock *clock, const struct stop *stop)
{
	int64_t now = clock->now_ms(clock);

	if (!stop_asked(stop)) {
		r->stop_seen_ms = -1;
		r->cut = false;
	} else if (r->stop_seen_ms < 0) {
		r->stop_seen_ms = r->pushed_ms = now;
	} else if (!r->cut && now - r->pushed_ms >= READERS_INTERRUPT_MS) {
		r->cut = interrupt_all(r, now - r->stop_seen_ms >= READERS_CUT_MS);
		r->pushed_ms = now;
	}
}
