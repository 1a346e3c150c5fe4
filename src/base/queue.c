/*
 * A ring of pointers. Producers wait on 'room', consumers on 'some'; an ended queue wakes both.
 * An abandoned queue keeps its elements: whoever coordinates takes them out with
 * queue_try_pop() and so brings every buffer home.
 */
#include "base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t room;	/* an element was taken, or the queue ended */
	pthread_cond_t some;	/* an element came, or the queue ended */
	size_t capacity;	/* set before start */
	size_t head, len;	/* guard: mutex; also those below */
	bool closed, abandoned;
	void *ring[];
};

struct queue *queue_new(size_t capacity)
{
	struct queue *q;

	if (capacity == 0)
		capacity = 1;
	if (capacity > (SIZE_MAX - sizeof(*q)) / sizeof(void *))
		mem_alloc(SIZE_MAX);
	q = mem_zalloc(sizeof(*q) + capacity * sizeof(void *));
	q->capacity = capacity;
	/* With default attributes none of these can fail on Linux. */
	pthread_mutex_init(&q->mutex, NULL);
	pthread_cond_init(&q->room, NULL);
	pthread_cond_init(&q->some, NULL);
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	assert(q->len == 0);
	pthread_cond_destroy(&q->some);
	pthread_cond_destroy(&q->room);
	pthread_mutex_destroy(&q->mutex);
	free(q);
}

/* Mutex held, an element is there. */
static void *take(struct queue *q)
{
	void *elem = q->ring[q->head];

	q->head = (q->head + 1) % q->capacity;
	q->len--;
	pthread_cond_signal(&q->room);
	return elem;
}

bool queue_push(struct queue *q, void *elem)
{
	bool open;

	assert(elem);
	pthread_mutex_lock(&q->mutex);
	while (q->len == q->capacity && !q->closed && !q->abandoned)
		pthread_cond_wait(&q->room, &q->mutex);
	open = !q->closed && !q->abandoned;
	if (open) {
		q->ring[(q->head + q->len) % q->capacity] = elem;
		q->len++;
		pthread_cond_signal(&q->some);
	}
	pthread_mutex_unlock(&q->mutex);
	return open;
}

void *queue_pop(struct queue *q)
{
	void *elem = NULL;

	pthread_mutex_lock(&q->mutex);
	while (q->len == 0 && !q->closed && !q->abandoned)
		pthread_cond_wait(&q->some, &q->mutex);
	if (q->len && !q->abandoned)
		elem = take(q);
	pthread_mutex_unlock(&q->mutex);
	return elem;
}

void *queue_try_pop(struct queue *q)
{
	void *elem = NULL;

	pthread_mutex_lock(&q->mutex);
	if (q->len)
		elem = take(q);
	pthread_mutex_unlock(&q->mutex);
	return elem;
}

static void end(struct queue *q, bool abandon)
{
	pthread_mutex_lock(&q->mutex);
	q->closed = true;
	if (abandon)
		q->abandoned = true;
	pthread_cond_broadcast(&q->room);
	pthread_cond_broadcast(&q->some);
	pthread_mutex_unlock(&q->mutex);
}

void queue_close(struct queue *q)
{
	end(q, false);
}

void queue_abandon(struct queue *q)
{
	end(q, true);
}

size_t queue_len(struct queue *q)
{
	size_t len;

	pthread_mutex_lock(&q->mutex);
	len = q->len;
	pthread_mutex_unlock(&q->mutex);
	return len;
}
