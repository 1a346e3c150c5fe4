#include "model/catalog.h"

#include <stdlib.h>
#include "base/buf.h"

const struct cat_table *catalog_table(const struct catalog *c, const char *name, size_t len)
{
	struct str wanted = { name, len };

	for (size_t i = 0; i < c->ntables; i++) {
		struct str have = str_of(c->tables[i].name);

		if (c->lower_case_names ? str_ieq(have, wanted) : str_eq(have, wanted))
			return &c->tables[i];
	}
	return NULL;
}

const struct cat_column *cat_table_column(const struct cat_table *t, const char *name, size_t len)
{
	struct str wanted = { name, len };

	for (size_t i = 0; i < t->ncolumns; i++)
		if (str_ieq(str_of(t->columns[i].name), wanted))
			return &t->columns[i];
	return NULL;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	arena_free(c->arena);
	free(c);
}
