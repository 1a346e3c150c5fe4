/*
 * The calling thread waits on a condition with a time limit, so that it sees a stop that a signal
 * asked: a signal handler cannot wake a condition.
 */
#include "pipeline/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

struct shared {
	const struct parallel *p;	/* set before start */
	pthread_mutex_t mutex;
	pthread_cond_t changed;		/* a thread ended */
	unsigned live;			/* guard: mutex; also those below */
	bool failed;
	struct etl_err first;
};

struct thread {
	struct shared *shared;
	unsigned i;
	pthread_t id;
};

static void fail(struct shared *s, int rc, const struct etl_err *err)
{
	pthread_mutex_lock(&s->mutex);
	if (!s->failed) {
		s->failed = true;
		if (err->code)
			etl_err_copy(&s->first, err);
		else
			etl_err_set(&s->first, (enum etl_errc)-rc,
				    "a worker failed without a word");
	}
	pthread_mutex_unlock(&s->mutex);
	/* After the error is kept, so that what others say because of the stop comes second. */
	stop_ask(s->p->stop);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	struct shared *s = t->shared;
	struct etl_err err = { 0 };
	int rc = s->p->run(s->p->ctx, t->i, &err);

	if (rc < 0)
		fail(s, rc, &err);
	pthread_mutex_lock(&s->mutex);
	s->live--;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

static void wait_a_tick(struct shared *s)
{
	unsigned ms = s->p->tick_ms ? s->p->tick_ms : PARALLEL_TICK_MS;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(&s->changed, &s->mutex, &until);
}

/* Signals are the main thread's business: threads made here have them all blocked, and the
 * caller's system calls alone are interrupted. */
static int start(struct thread *t)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	rc = pthread_create(&t->id, NULL, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int parallel_run(const struct parallel *p, struct etl_err *err)
{
	struct shared s = { .p = p };
	struct thread *threads = mem_array(p->n ? p->n : 1, sizeof(*threads));
	pthread_condattr_t attr;
	unsigned started = 0, live, i;
	int rc = 0;

	pthread_mutex_init(&s.mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s.changed, &attr);
	pthread_condattr_destroy(&attr);

	for (; started < p->n && rc == 0; started++) {
		struct thread *t = &threads[started];

		t->shared = &s;
		t->i = started;
		pthread_mutex_lock(&s.mutex);
		s.live++;
		pthread_mutex_unlock(&s.mutex);
		rc = start(t);
		if (rc)
			break;
	}
	if (rc) {
		struct etl_err why = { 0 };

		etl_err_set(&why, ETL_ESYSTEM, "cannot start thread %u of %u: %s", started + 1,
			    p->n, strerror(rc));
		pthread_mutex_lock(&s.mutex);
		s.live--;
		pthread_mutex_unlock(&s.mutex);
		fail(&s, -ETL_ESYSTEM, &why);
	}
	do {
		if (p->tick)
			p->tick(p->ctx);
		pthread_mutex_lock(&s.mutex);
		if (s.live > 0)
			wait_a_tick(&s);
		live = s.live;
		pthread_mutex_unlock(&s.mutex);
	} while (live > 0);
	for (i = 0; i < started; i++)
		pthread_join(threads[i].id, NULL);
	pthread_cond_destroy(&s.changed);
	pthread_mutex_destroy(&s.mutex);
	free(threads);
	return s.failed ? etl_err_copy(err, &s.first) : 0;
}
