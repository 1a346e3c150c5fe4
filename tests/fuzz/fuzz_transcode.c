/*
 * libFuzzer target: any bytes as an attribute of type M, L, SS, NS and constructed S. What becomes
 * an item has to be DynamoDB JSON that reads back, of a size; what is a reject has to hold a
 * readable item. A text that is an item twice has to be the same item.
 *
 *     clang -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/fuzz_transcode.c ...
 */
#include <stdint.h>
#include <stdlib.h>
#include "base/mem.h"
#include "model/key.h"
#include "model/value.h"
#include "transform/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct shape_attr kinds[] = {
	{ .name = "a", .name_len = 1, .type = ATTR_M },
	{ .name = "a", .name_len = 1, .type = ATTR_L },
	{ .name = "a", .name_len = 1, .type = ATTR_SS },
	{ .name = "a", .name_len = 1, .type = ATTR_NS },
	{ .name = "a", .name_len = 1, .type = ATTR_BS },
	{ .name = "a", .name_len = 1, .type = ATTR_S, .constructed_json = true },
	{ .name = "a", .name_len = 1, .type = ATTR_S, .static_json = true },
	{ .name = "a", .name_len = 1, .type = ATTR_S },
	{ .name = "a", .name_len = 1, .type = ATTR_N },
	{ .name = "a", .name_len = 1, .type = ATTR_NS, .separator = "," },
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_read(struct str item_json)
{
	struct arena *arena = arena_new();
	struct value v;

	must(value_from_item_json(arena, item_json, &v, NULL) == 0);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct transform *t = transform_new();
	struct item first = { 0 }, again = { 0 };
	struct reject rej = { 0 };
	struct field fields[2] = { { "k", 1 }, { size ? (const char *)data : "", size } };
	struct row row = { 2, fields };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct shape_attr attrs[2] = {
			{ .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK },
			kinds[i]
		};
		struct item_shape shape = { .nattrs = 2, .attrs = attrs, .sk_attr = -1 };

		if (!transform_row(t, &shape, &row, &first, &rej)) {
			must(rej.code != REJECT_NONE && rej.sentence.len > 0);
			must_read(buf_str(&rej.item));
			continue;
		}
		must(first.size_bytes > 0 && first.size_bytes <= ITEM_MAX_BYTES);
		must_read(buf_str(&first.json));
		must(transform_row(t, &shape, &row, &again, &rej));
		must(str_eq(buf_str(&first.json), buf_str(&again.json)));
		must(first.size_bytes == again.size_bytes);
	}
	item_release(&first);
	item_release(&again);
	reject_release(&rej);
	transform_free(t);
	return 0;
}
