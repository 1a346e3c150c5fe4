/* The numbers of a JSON text as they stand there; for numbers.c, which cannot know both JSON
 * libraries' names at once. */
#ifndef CONTRACT_NUMBER_TEXTS_H
#define CONTRACT_NUMBER_TEXTS_H

#include "base/buf.h"
#include "base/mem.h"

/* All of them, in the order of the text, in the arena; *n how many. NULL: the text is not JSON, or
 * nested deeper than the reader goes. */
const char **number_texts(struct arena *arena, struct str text, size_t *n);

#endif
