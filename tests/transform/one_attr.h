/* A shape of a partition key "PK" and, where wanted, one attribute "a": most rules are about one
 * value, so most tests need no more. */
#ifndef ONE_ATTR_H
#define ONE_ATTR_H

#include <check.h>
#include <stdio.h>
#include "transform/transform.h"

struct one {
	struct transform *t;
	struct item item;
	struct reject rej;
};

static inline void one_setup(struct one *o)
{
	*o = (struct one){ .t = transform_new() };
}

static inline void one_teardown(struct one *o)
{
	transform_free(o->t);
	item_release(&o->item);
	reject_release(&o->rej);
}

/* Runs 'value' (no pointer: NULL) through attribute 'a' of a row with PK "k". */
static inline bool one_run(struct one *o, struct shape_attr a, struct str value)
{
	struct shape_attr attrs[2] = {
		{ .name = "PK", .name_len = 2, .type = ATTR_S, .role = KEY_TABLE_PK }, a
	};
	struct item_shape shape = {
		.table = "t", .entity = "e", .nattrs = 2, .attrs = attrs, .sk_attr = -1
	};
	struct field fields[2] = { { "k", 1 }, { value.ptr, value.len } };
	struct row row = { 2, fields };

	return transform_row(o->t, &shape, &row, &o->item, &o->rej);
}

static inline struct shape_attr one_attr(enum attr_type type)
{
	return (struct shape_attr){ .name = "a", .name_len = 1, .type = type };
}

#define ONE_PREFIX "{\"PK\":{\"S\":\"k\"},\"a\":"
#define ONE_WITHOUT "{\"PK\":{\"S\":\"k\"}}"
#define ONE_BASE_BYTES (2 + 1 + 1)	/* "PK", "k", "a" */

/* 'want' is the value's DynamoDB JSON, NULL: the attribute is left out; or a reject's code. */
static inline void one_expect(struct one *o, struct shape_attr a, struct str value,
			      const char *want, size_t want_bytes, enum reject_code code)
{
	char text[2048];
	bool made = one_run(o, a, value);

	if (code != REJECT_NONE) {
		ck_assert_msg(!made, "'%.*s' made an item: %s", (int)value.len, value.ptr,
			      buf_cstr(&o->item.json));
		ck_assert_msg(o->rej.code == code, "'%.*s': %s instead of %s", (int)value.len,
			      value.ptr, reject_code_name(o->rej.code), reject_code_name(code));
		ck_assert_ptr_nonnull(strstr(buf_cstr(&o->rej.sentence), "'a'"));
		ck_assert_str_eq(buf_cstr(&o->rej.item), ONE_WITHOUT);
		ck_assert_str_eq(buf_cstr(&o->rej.left_out), "[\"a\"]");
		return;
	}
	ck_assert_msg(made, "'%.*s' is a reject: %s", value.ptr ? (int)value.len : 0,
		      value.ptr ? value.ptr : "", buf_cstr(&o->rej.sentence));
	if (!want) {
		ck_assert_str_eq(buf_cstr(&o->item.json), ONE_WITHOUT);
		ck_assert_uint_eq(o->item.size_bytes, ONE_BASE_BYTES - 1);
		return;
	}
	snprintf(text, sizeof(text), ONE_PREFIX "%s}", want);
	ck_assert_str_eq(buf_cstr(&o->item.json), text);
	ck_assert_uint_eq(o->item.size_bytes, ONE_BASE_BYTES + want_bytes);
}

#endif
