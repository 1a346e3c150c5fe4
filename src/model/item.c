#include "model/item.h"

#include <string.h>

void item_reset(struct item *it)
{
	buf_reset(&it->json);
	buf_reset(&it->key);
	buf_reset(&it->key_json);
	it->size_bytes = 0;
	it->index_mask = 0;
	it->sparse_mask = 0;
	memset(it->index_bytes, 0, sizeof(it->index_bytes));
	it->write_units = 0;
}

void item_release(struct item *it)
{
	buf_release(&it->json);
	buf_release(&it->key);
	buf_release(&it->key_json);
	item_reset(it);
}
