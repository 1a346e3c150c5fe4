/* "did you mean": the nearest name by edit distance. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

/* The nearest of 'names' to 'word' (ASCII case ignored), or NULL if none is near enough to be
 * worth saying (distance at most a third of the longer length, at least 1). */
const char *suggest(const char *word, const char *const *names, size_t n);

#endif
