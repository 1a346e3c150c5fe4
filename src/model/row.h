/* One row of a view as the source gives it: text or bytes a column, lent until the next row. */
#ifndef MODEL_ROW_H
#define MODEL_ROW_H

#include <stddef.h>

struct field {
	const char *ptr;	/* NULL: SQL NULL; an empty value has a pointer and length 0 */
	size_t len;
};

struct row {
	size_t nfields;
	struct field *fields;
};

#endif
