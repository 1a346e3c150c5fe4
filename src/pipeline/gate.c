#include "pipeline/gate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "pipeline/width.h"

struct gate {
	bool adapts;			/* set before start */
	pthread_mutex_t mutex;
	pthread_cond_t moved;		/* the width grew, or the gate was ended */
	struct width width;		/* guard: mutex; also those below */
	bool ended;
};

struct gate *gate_new(unsigned workers, bool adapts)
{
	struct gate *g = mem_zalloc(sizeof(*g));

	g->adapts = adapts;
	width_init(&g->width, workers);
	if (!adapts)
		g->width.now = workers;
	pthread_mutex_init(&g->mutex, NULL);
	pthread_cond_init(&g->moved, NULL);
	return g;
}

void gate_free(struct gate *g)
{
	if (!g)
		return;
	pthread_cond_destroy(&g->moved);
	pthread_mutex_destroy(&g->mutex);
	free(g);
}

bool gate_enter(struct gate *g, unsigned worker)
{
	bool in;

	pthread_mutex_lock(&g->mutex);
	while (worker >= g->width.now && !g->ended)
		pthread_cond_wait(&g->moved, &g->mutex);
	in = !g->ended;
	pthread_mutex_unlock(&g->mutex);
	return in;
}

void gate_done(struct gate *g, int64_t now_ms, bool backlog)
{
	unsigned before;

	if (!g->adapts)
		return;
	pthread_mutex_lock(&g->mutex);
	before = g->width.now;
	width_done(&g->width, now_ms, backlog);
	if (g->width.now > before)
		pthread_cond_broadcast(&g->moved);
	pthread_mutex_unlock(&g->mutex);
}

void gate_end(struct gate *g)
{
	pthread_mutex_lock(&g->mutex);
	g->ended = true;
	pthread_cond_broadcast(&g->moved);
	pthread_mutex_unlock(&g->mutex);
}

unsigned gate_width(struct gate *g)
{
	unsigned now;

	pthread_mutex_lock(&g->mutex);
	now = g->width.now;
	pthread_mutex_unlock(&g->mutex);
	return now;
}
