#include "cli/write_units.h"

#include <string.h>

#include "model/number.h"

#define CONTAINER_BYTES 3	/* of a list or map */
#define MEMBER_BYTES 1		/* more for each element */

static size_t value_bytes(const struct value *v)
{
	size_t bytes = 0, i;

	switch (v->type) {
	case ATTR_S: case ATTR_B:
		return v->bytes.len;
	case ATTR_N:
		return number_size_bytes(v->bytes);
	case ATTR_BOOL: case ATTR_NULL:
		return 1;
	case ATTR_SS: case ATTR_NS: case ATTR_BS:
		for (i = 0; i < v->n; i++)
			bytes += v->type == ATTR_NS ? number_size_bytes(v->members[i].bytes)
						     : v->members[i].bytes.len;
		return bytes;
	case ATTR_M: case ATTR_L:
		bytes = CONTAINER_BYTES;
		for (i = 0; i < v->n; i++)
			bytes += MEMBER_BYTES + (v->type == ATTR_M ? v->names[i].len : 0) +
				 value_bytes(&v->members[i]);
		return bytes;
	case ATTR_TYPE_COUNT:
		break;
	}
	return 0;
}

size_t attribute_bytes(struct str name, const struct value *v)
{
	return name.len + value_bytes(v);
}

static bool is_key(const struct key_schema *keys, struct str name)
{
	return str_is(name, keys->pk_name) || (keys->sk_name && str_is(name, keys->sk_name));
}

static bool projected(const struct table_def *def, const struct index_def *index, struct str name)
{
	size_t i;

	if (index->projection == PROJECT_ALL || is_key(&def->keys, name) ||
	    is_key(&index->keys, name))
		return true;
	for (i = 0; index->projection == PROJECT_INCLUDE && i < index->nincluded; i++)
		if (str_is(name, index->included[i]))
			return true;
	return false;
}

size_t index_entry_bytes(const struct table_def *def, size_t i, const struct value *item)
{
	size_t bytes = 0, k;

	for (k = 0; k < item->n; k++)
		if (projected(def, &def->indexes[i], item->names[k]))
			bytes += attribute_bytes(item->names[k], &item->members[k]);
	return bytes;
}

uint64_t units_of_bytes(size_t bytes)
{
	return bytes ? (bytes + 1023) / 1024 : 1;
}

/* The parts are needed only where an index holds a part. */
static uint64_t units_by_parts(const struct table_def *def, const struct item *item)
{
	struct arena *a = arena_new();
	struct etl_err ignored = { 0 };
	struct value v;
	uint64_t units = 0;
	size_t i;
	bool read = value_from_item_json(a, buf_str(&item->json), &v, &ignored) == 0;

	for (i = 0; i < def->nindexes; i++)
		if (item->index_mask & 1u << i)
			units += units_of_bytes(read ? index_entry_bytes(def, i, &v)
						     : item->size_bytes);
	arena_free(a);
	return units;
}

uint64_t item_write_units(const struct table_def *def, const struct item *item)
{
	uint64_t units = units_of_bytes(item->size_bytes);
	uint32_t in_part = 0;
	size_t i;

	for (i = 0; i < def->nindexes; i++)
		if (item->index_mask & 1u << i && def->indexes[i].projection != PROJECT_ALL)
			in_part |= 1u << i;
	if (in_part)
		return units + units_by_parts(def, item);
	for (i = 0; i < def->nindexes; i++)
		if (item->index_mask & 1u << i)
			units += units_of_bytes(item->size_bytes);
	return units;
}
