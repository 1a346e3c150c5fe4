#include "pipeline/skew.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

#define KEPT_BYTES 64			/* of a key's value */
#define PART_HEAD_BYTES 5		/* type letter and length */

struct counter {
	struct hash128 hash;
	uint64_t units, maybe;		/* 'maybe' of them were another key's */
	char type;
	unsigned char kept_bytes;
	bool shortened;
	char value[KEPT_BYTES];		/* the value's beginning */
};

struct skew {
	pthread_mutex_t mutex;
	size_t n;			/* guard: mutex; also those below */
	struct counter counters[SKEW_KEYS];
	uint64_t all;
};

struct skew *skew_new(void)
{
	struct skew *s = mem_zalloc(sizeof(*s));

	pthread_mutex_init(&s->mutex, NULL);
	return s;
}

void skew_free(struct skew *s)
{
	if (!s)
		return;
	pthread_mutex_destroy(&s->mutex);
	free(s);
}

/* The first part of a canonical key, with its head. */
static struct str partition_part(struct str key)
{
	const unsigned char *p = (const unsigned char *)key.ptr;
	size_t len = PART_HEAD_BYTES;

	if (key.len >= PART_HEAD_BYTES)
		len += (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	return (struct str){ key.ptr, len < key.len ? len : key.len };
}

static void name_counter(struct counter *c, struct str part)
{
	size_t n = part.len - PART_HEAD_BYTES;

	c->type = part.ptr[0];
	c->shortened = n > KEPT_BYTES;
	n = n < KEPT_BYTES ? n : KEPT_BYTES;
	while (c->shortened && n && (part.ptr[PART_HEAD_BYTES + n] & 0xc0) == 0x80)
		n--;			/* not amid a character */
	c->kept_bytes = (unsigned char)n;
	memcpy(c->value, part.ptr + PART_HEAD_BYTES, c->kept_bytes);
}

void skew_add(struct skew *s, struct str key, uint64_t units)
{
	struct str part = partition_part(key);
	struct counter *least = NULL, *c = s->counters;
	struct hash128 hash;

	if (part.len < PART_HEAD_BYTES)
		return;
	hash = hash128(part.ptr, part.len);
	pthread_mutex_lock(&s->mutex);
	s->all += units;
	for (; c < s->counters + s->n; c++) {
		if (c->hash.lo == hash.lo && c->hash.hi == hash.hi)
			break;
		if (!least || c->units < least->units)
			least = c;
	}
	if (c == s->counters + s->n) {
		if (s->n < SKEW_KEYS) {
			s->n++;
			*c = (struct counter){ .hash = hash };
		} else {
			c = least;
			*c = (struct counter){ hash, least->units, least->units, 0, 0, false, { 0 } };
		}
		name_counter(c, part);
	}
	c->units += units;
	pthread_mutex_unlock(&s->mutex);
}

static void tell_text(const struct counter *c, char text[SKEW_TEXT_BYTES + 1])
{
	struct str value = { c->value, c->kept_bytes };
	struct buf out = { 0 };

	if (c->type == 'B')
		buf_add_base64(&out, value.ptr, value.len);
	else
		buf_add_printable(&out, value);
	snprintf(text, SKEW_TEXT_BYTES + 1, "%s%s", buf_cstr(&out), c->shortened ? "..." : "");
	buf_release(&out);
}

static int by_units(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;
	uint64_t ux = x->units - x->maybe, uy = y->units - y->maybe;

	return ux < uy ? 1 : ux > uy ? -1 : 0;
}

size_t skew_heaviest(struct skew *s, uint64_t least, struct skew_key *out, size_t max,
		     uint64_t *all)
{
	struct counter sorted[SKEW_KEYS];
	size_t n, i;

	pthread_mutex_lock(&s->mutex);
	n = s->n;
	*all = s->all;
	memcpy(sorted, s->counters, n * sizeof(*sorted));
	pthread_mutex_unlock(&s->mutex);
	qsort(sorted, n, sizeof(*sorted), by_units);
	for (i = 0; i < n && i < max && sorted[i].units - sorted[i].maybe >= least; i++) {
		out[i].units = sorted[i].units - sorted[i].maybe;
		tell_text(&sorted[i], out[i].text);
	}
	return i;
}
