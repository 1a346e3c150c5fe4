#include "check_main.h"
#include "base/mem.h"
#include "model/unit.h"

START_TEST(packs_and_unpacks)
{
	struct str in[3] = { STR("42"), STR(""), STR("a\0b") }, out[3];
	struct buf packed = { 0 };

	unit_pack_pk(&packed, in, 3);
	ck_assert(str_eq(buf_str(&packed), STR("\0\0\0\2" "42" "\0\0\0\0" "\0\0\0\3" "a\0b")));
	ck_assert_int_eq(unit_unpack_pk(buf_str(&packed), out, 3), 3);
	for (int i = 0; i < 3; i++)
		ck_assert(str_eq(in[i], out[i]));
	ck_assert_ptr_nonnull(out[1].ptr);
	ck_assert_int_eq(unit_unpack_pk((struct str){ NULL, 0 }, out, 3), 0);
	buf_release(&packed);
}
END_TEST

static const struct str damaged[] = {
	STR("\0"), STR("\0\0\0"), STR("\0\0\0\2" "4"), STR("\xff\xff\xff\xff" "4"),
	STR("\0\0\0\1" "4" "\0\0"), STR("\0\0\0\0" "\0\0\0\0" "\0\0\0\0"),
};

START_TEST(sees_damage)
{
	struct str out[2];

	ck_assert_int_eq(unit_unpack_pk(damaged[_i], out, 2), -1);
}
END_TEST

START_TEST(frees)
{
	struct unit *u = mem_zalloc(sizeof(*u));

	buf_adds(&u->low, "x");
	buf_adds(&u->high, "y");
	unit_free(u);
	unit_free(NULL);
}
END_TEST

static Suite *unit_suite(void)
{
	Suite *suite = suite_create("model/unit");
	TCase *tc = tcase_create("unit");

	tcase_add_test(tc, packs_and_unpacks);
	tcase_add_loop_test(tc, sees_damage, 0, sizeof(damaged) / sizeof(damaged[0]));
	tcase_add_test(tc, frees);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(unit_suite)
