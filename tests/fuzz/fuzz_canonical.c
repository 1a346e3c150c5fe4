/*
 * libFuzzer target: any bytes as an item. Its canonical form is the same whether it is read in the
 * quick way or, with a blank before it, in the plain one; there is one exactly if it can be read as
 * a tree, and the tree written anew has the same form.
 */
#include <stdint.h>
#include <stdlib.h>
#include "model/value.h"
#include "verify/canonical.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct canonical *c;	/* knows the attributes of all inputs before */
	struct arena *arena = arena_new();
	struct buf blank = { 0 }, quick = { 0 }, anew = { 0 };
	struct str json = { (const char *)data, size }, out;
	struct etl_err err = { 0 };
	struct value v;
	bool is_item;

	if (!c)
		c = canonical_new();
	is_item = canonical_item(c, json, &out, &err) == 0;
	if (is_item)
		buf_addstr(&quick, out);
	buf_addc(&blank, ' ');
	buf_addstr(&blank, json);
	must((canonical_item(c, buf_str(&blank), &out, NULL) == 0) == is_item);
	must(!is_item || str_eq(out, buf_str(&quick)));
	must((value_from_item_json(arena, json, &v, NULL) == 0) == is_item);
	if (is_item) {
		value_add_json(&anew, &v);	/* {"M":{...}} */
		must(canonical_item(c, (struct str){ anew.ptr + 5, anew.len - 6 }, &out, NULL) == 0);
		must(str_eq(out, buf_str(&quick)));
	}
	buf_release(&blank);
	buf_release(&quick);
	buf_release(&anew);
	arena_free(arena);
	return 0;
}
