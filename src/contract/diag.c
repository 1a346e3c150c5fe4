#include "contract/diag.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

void diags_release(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->list[i].path);
		free(d->list[i].text);
	}
	free(d->list);
	*d = (struct diags){ .strict = d->strict };
}

void diag_add(struct diags *d, enum diag_level level, const char *path, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	d->list = mem_grow(d->list, &d->cap, d->n + 1, sizeof(*d->list));
	d->list[d->n++] = (struct diag){ level, mem_strdup(path), buf_detach(&text) };
	if (level == DIAG_ERROR)
		d->nerrors++;
	else if (level == DIAG_WARNING)
		d->nwarnings++;
}
