/*
 * A bounded queue of pointers between threads. Its capacity bounds memory: what does not fit
 * waits. close() means "no more will come, finish what is in it"; abandon() wakes everybody at
 * once. Guard: one mutex inside for every field.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *q);	/* must be empty of owned elements; NULL is fine */

/* Waits for room. true: the queue owns 'elem' now. false: closed or abandoned, the caller still
 * owns it. */
bool queue_push(struct queue *q, void *elem);

/* Waits for an element. NULL: closed and empty, or abandoned. The caller owns what it gets. */
void *queue_pop(struct queue *q);

/* Takes one without waiting, also from a closed or abandoned queue; NULL if empty. */
void *queue_try_pop(struct queue *q);

void queue_close(struct queue *q);
void queue_abandon(struct queue *q);
size_t queue_len(struct queue *q);

#endif
