#include "pipeline/inflight.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"

#define NBUCKETS 1024
#define LOOK_EVERY_MS 20

struct inflight {
	pthread_mutex_t mutex;
	pthread_cond_t released;
	size_t n;				/* guard: mutex; also those below */
	size_t waiting;
	struct inflight_key *buckets[NBUCKETS];
};

struct inflight *inflight_new(void)
{
	struct inflight *f = mem_zalloc(sizeof(*f));

	pthread_mutex_init(&f->mutex, NULL);
	pthread_cond_init(&f->released, NULL);
	return f;
}

void inflight_free(struct inflight *f)
{
	if (!f)
		return;
	assert(f->n == 0);
	pthread_cond_destroy(&f->released);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

static struct inflight_key **bucket(struct inflight *f, const struct inflight_key *key)
{
	return &f->buckets[key->hash.lo % NBUCKETS];
}

static bool taken(struct inflight *f, const struct inflight_key *key)
{
	const struct inflight_key *k;

	for (k = *bucket(f, key); k; k = k->next)
		if (k->hash.lo == key->hash.lo && k->hash.hi == key->hash.hi)
			return true;
	return false;
}

static bool any_taken(struct inflight *f, const struct inflight_key *keys, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (taken(f, &keys[i]))
			return true;
	return false;
}

/* Mutex held. A stop does not wake the condition, hence the time limit. */
static void wait_a_little(struct inflight *f)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += LOOK_EVERY_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	f->waiting++;
	pthread_cond_timedwait(&f->released, &f->mutex, &until);
	f->waiting--;
}

bool inflight_claim(struct inflight *f, struct inflight_key *keys, size_t n,
		    const struct stop *stop)
{
	bool mine = true;
	size_t i;

	pthread_mutex_lock(&f->mutex);
	while (mine && any_taken(f, keys, n)) {
		wait_a_little(f);
		mine = !stop_asked(stop);
	}
	for (i = 0; mine && i < n; i++) {
		struct inflight_key **head = bucket(f, &keys[i]);

		keys[i].next = *head;
		*head = &keys[i];
		f->n++;
	}
	pthread_mutex_unlock(&f->mutex);
	return mine;
}

void inflight_release(struct inflight *f, struct inflight_key *keys, size_t n)
{
	size_t i;

	pthread_mutex_lock(&f->mutex);
	for (i = 0; i < n; i++) {
		struct inflight_key **at = bucket(f, &keys[i]);

		while (*at && *at != &keys[i])
			at = &(*at)->next;
		assert(*at);
		*at = keys[i].next;
		f->n--;
	}
	if (f->waiting)
		pthread_cond_broadcast(&f->released);
	pthread_mutex_unlock(&f->mutex);
}
