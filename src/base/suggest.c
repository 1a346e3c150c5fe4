#include "base/suggest.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment: insert, delete, replace, or swap two neighbours, each costs 1.
 * 'rows' holds three rows of nb + 1 numbers. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb, size_t *rows)
{
	size_t *before = rows, *above = rows + nb + 1, *row = rows + 2 * (nb + 1);
	size_t i, j;

	for (j = 0; j <= nb; j++)
		above[j] = j;
	for (i = 1; i <= na; i++) {
		size_t *free_row = before;

		row[0] = i;
		for (j = 1; j <= nb; j++) {
			char ca = lower(a[i - 1]), cb = lower(b[j - 1]);

			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == lower(b[j - 2]) && cb == lower(a[i - 2]) &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = free_row;
	}
	return above[nb];
}

const char *suggest(const char *word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t nword = strlen(word), least = 0, i;

	if (nword > 256)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t nname = strlen(names[i]);
		size_t longer = nname > nword ? nname : nword;
		size_t limit = longer / 3 ? longer / 3 : 1;
		size_t *rows, d;

		if (longer - (nname > nword ? nword : nname) > limit)
			continue;
		rows = mem_array(3 * (nname + 1), sizeof(*rows));
		d = distance(word, nword, names[i], nname, rows);
		free(rows);
		/* All letters replaced is no likeness: 'b' is not meant by 'a'. */
		if (d <= limit && d < longer && (!best || d < least)) {
			best = names[i];
			least = d;
		}
	}
	return best;
}
