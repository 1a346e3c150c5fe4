#include "pipeline/question.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct question {
	void (*asked)(void *arg, struct str doing);	/* set before start, as the next */
	void *arg;
	bool threaded;			/* else there could be no thread more, and nobody answers */
	pthread_t id;
	atomic_bool over;
	pthread_mutex_t mutex;
	struct buf doing;		/* guard: mutex, as those below */
	void (*passed_to)(void *arg);
	void *passed_arg;
};

static void answer(struct question *q)
{
	struct buf doing = { 0 };
	bool passed;

	pthread_mutex_lock(&q->mutex);
	passed = q->passed_to != NULL;
	if (passed)
		q->passed_to(q->passed_arg);
	else
		buf_addstr(&doing, buf_str(&q->doing));
	pthread_mutex_unlock(&q->mutex);
	if (!passed)
		q->asked(q->arg, buf_str(&doing));
	buf_release(&doing);
}

static void *wait_for_questions(void *arg)
{
	struct question *q = arg;
	sigset_t usr1;
	int signo;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	while (sigwait(&usr1, &signo) == 0 && !atomic_load(&q->over))
		answer(q);
	return NULL;
}

struct question *question_start(void (*asked)(void *arg, struct str doing), void *arg)
{
	struct question *q = mem_zalloc(sizeof(*q));
	sigset_t all, before;

	q->asked = asked;
	q->arg = arg;
	atomic_init(&q->over, false);
	pthread_mutex_init(&q->mutex, NULL);
	buf_adds(&q->doing, "beginning");
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	q->threaded = pthread_create(&q->id, NULL, wait_for_questions, q) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return q;
}

void question_doing(struct question *q, const char *fmt, va_list ap)
{
	pthread_mutex_lock(&q->mutex);
	buf_reset(&q->doing);
	buf_vaddf(&q->doing, fmt, ap);
	pthread_mutex_unlock(&q->mutex);
}

void question_pass_to(struct question *q, void (*asked)(void *arg), void *arg)
{
	pthread_mutex_lock(&q->mutex);
	q->passed_to = asked;
	q->passed_arg = arg;
	pthread_mutex_unlock(&q->mutex);
}

void question_stop(struct question *q)
{
	if (!q)
		return;
	atomic_store(&q->over, true);
	if (q->threaded) {
		pthread_kill(q->id, SIGUSR1);
		pthread_join(q->id, NULL);
	}
	pthread_mutex_destroy(&q->mutex);
	buf_release(&q->doing);
	free(q);
}
