/*
 * Memory. Allocation either succeeds or ends the process with a line on stderr: every promise
 * about lost and duplicated work is kept across any death (see checkpoint/), so running on with
 * half an object would be the worse choice. Sizes in bytes; caller frees with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size_bytes);		/* not zeroed */
void *mem_zalloc(size_t size_bytes);		/* zeroed */
void *mem_realloc(void *old, size_t size_bytes);
void *mem_array(size_t n, size_t size_bytes);	/* n * size zeroed, overflow ends the process */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);	/* NUL-terminated copy of len bytes */

/* Grows an array for at least 'need' elements, doubling; *cap is its capacity in elements. */
void *mem_grow(void *array, size_t *cap, size_t need, size_t elem_bytes);

/* An arena: many small objects that live and die together (a contract, a plan). Zeroed memory,
 * aligned for any type. One thread at a time. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *a);		/* NULL is fine */
void *arena_alloc(struct arena *a, size_t size_bytes);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
