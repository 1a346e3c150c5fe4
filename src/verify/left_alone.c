#include "verify/left_alone.h"

#include <stdlib.h>

#include "base/mem.h"

void left_alone_add(struct left_alone *l, const char *table, struct str key_json, const char *why)
{
	l->n++;
	if (l->nkept == LEFT_ALONE_KEPT)
		return;
	l->kept[l->nkept].table = mem_strdup(table);
	l->kept[l->nkept].key_json = mem_strndup(key_json.ptr, key_json.len);
	l->kept[l->nkept++].why = mem_strdup(why);
}

void left_alone_release(struct left_alone *l)
{
	for (size_t i = 0; i < l->nkept; i++) {
		free(l->kept[i].table);
		free(l->kept[i].key_json);
		free(l->kept[i].why);
	}
	l->nkept = 0;
}
