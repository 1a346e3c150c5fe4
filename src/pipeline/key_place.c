#include "pipeline/key_place.h"

#include <stdlib.h>

#include "model/unit.h"

#define KEY_COLUMNS 16		/* a key may have 16 on MySQL and 32 on MariaDB: enough here */
#define DIGITS 7		/* bytes of a text that count: a double holds no more */

static bool is_number(const struct cat_column *c)
{
	switch (c->kind) {
	case COL_INT: case COL_DECIMAL: case COL_FLOAT: case COL_DOUBLE: case COL_YEAR:
		return true;
	default:
		return false;
	}
}

static double number(struct str s)
{
	char text[80] = "";

	if (s.len >= sizeof(text))
		return 0;
	memcpy(text, s.ptr, s.len);
	return strtod(text, NULL);
}

/* The bytes behind the first 'skip' as a number of base 256. */
static double digits(struct str s, size_t skip)
{
	double n = 0;
	size_t i;

	for (i = skip; i < skip + DIGITS; i++)
		n = n * 256 + (i < s.len ? (unsigned char)s.ptr[i] : 0);
	return n;
}

static size_t common(struct str a, struct str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	return n;
}

static double between(double first, double last, double at)
{
	/* a collation may sort otherwise than bytes do */
	if (!(last > first))
		return -1;
	return at <= first ? 0 : at >= last ? 1 : (at - first) / (last - first);
}

double key_place(const struct cat_key *key, struct str first, struct str last, struct str at)
{
	struct str a[KEY_COLUMNS], b[KEY_COLUMNS], x[KEY_COLUMNS];
	int na = unit_unpack_pk(first, a, KEY_COLUMNS), nb = unit_unpack_pk(last, b, KEY_COLUMNS);
	int nx = unit_unpack_pk(at, x, KEY_COLUMNS), i;
	size_t skip;

	for (i = 0; i < na && i < nb && i < nx && (size_t)i < key->ncolumns; i++) {
		if (str_eq(a[i], b[i]))
			continue;
		if (is_number(key->columns[i]))
			return between(number(a[i]), number(b[i]), number(x[i]));
		skip = common(a[i], b[i]);
		return between(digits(a[i], skip), digits(b[i], skip), digits(x[i], skip));
	}
	return -1;
}
