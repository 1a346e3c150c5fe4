#include "base/mem.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No stdio here: printf may allocate, and there is nothing left to allocate from. */
static void __attribute__((noreturn)) mem_die(void)
{
	static const char line[] = "etl: error: out of memory\n";
	ssize_t n = write(STDERR_FILENO, line, sizeof(line) - 1);

	(void)n;
	_exit(1);
}

void *mem_alloc(size_t size_bytes)
{
	void *p = malloc(size_bytes ? size_bytes : 1);

	if (!p)
		mem_die();
	return p;
}

void *mem_zalloc(size_t size_bytes)
{
	void *p = calloc(1, size_bytes ? size_bytes : 1);

	if (!p)
		mem_die();
	return p;
}

void *mem_realloc(void *old, size_t size_bytes)
{
	void *p = realloc(old, size_bytes ? size_bytes : 1);

	if (!p)
		mem_die();
	return p;
}

void *mem_array(size_t n, size_t size_bytes)
{
	void *p;

	if (n == 0 || size_bytes == 0)
		return mem_zalloc(1);
	p = calloc(n, size_bytes);	/* refuses an overflow by itself */
	if (!p)
		mem_die();
	return p;
}

char *mem_strndup(const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		mem_die();
	p = mem_alloc(len + 1);
	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

void *mem_grow(void *array, size_t *cap, size_t need, size_t elem_bytes)
{
	size_t n = *cap;

	if (need <= n)
		return array;
	if (n < 8)
		n = 8;
	while (n < need) {
		if (n > SIZE_MAX / 2)
			mem_die();
		n *= 2;
	}
	if (elem_bytes && n > SIZE_MAX / elem_bytes)
		mem_die();
	array = mem_realloc(array, n * elem_bytes);
	*cap = n;
	return array;
}

#define ARENA_BLOCK_BYTES 16384

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

struct arena {
	struct arena_block *head;	/* the block that small objects come from */
};

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
	struct arena_block *b, *next;

	if (!a)
		return;
	for (b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

static struct arena_block *arena_block_new(size_t size)
{
	struct arena_block *b;

	if (size > SIZE_MAX - sizeof(*b))
		mem_die();
	b = mem_zalloc(sizeof(*b) + size);
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size_bytes)
{
	const size_t align = sizeof(max_align_t);
	struct arena_block *b = a->head;
	size_t size;
	void *p;

	if (size_bytes > SIZE_MAX - align)
		mem_die();
	size = (size_bytes + align - 1) / align * align;
	if (size == 0)
		size = align;
	if (size > ARENA_BLOCK_BYTES / 4) {
		/* A block of its own, behind the head so that the head's rest stays in use. */
		struct arena_block *big = arena_block_new(size);

		big->used = size;
		if (b) {
			big->next = b->next;
			b->next = big;
		} else {
			a->head = big;
		}
		return big->data;
	}
	if (!b || b->size - b->used < size) {
		b = arena_block_new(ARENA_BLOCK_BYTES);
		b->next = a->head;
		a->head = b;
	}
	p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		mem_die();
	p = arena_alloc(a, len + 1);
	if (len)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_die();
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}
