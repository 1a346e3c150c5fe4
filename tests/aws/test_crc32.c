#include "check_main.h"

#include <string.h>
#include "aws/crc32.h"

/* The check value of the catalogue of CRC parametres, and values from Python's zlib. */
START_TEST(known_values)
{
	static const struct { const char *text; uint32_t crc; } cases[] = {
		{ "", 0 }, { "a", 0xe8b7be43 }, { "123456789", 0xcbf43926 }, { "{}", 2745614147u },
		{ "The quick brown fox jumps over the lazy dog", 0x414fa339 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(aws_crc32(cases[i].text, strlen(cases[i].text)), cases[i].crc);
}
END_TEST

/* The eight bytes a step and the single ones agree at every length and alignment. */
START_TEST(any_length)
{
	unsigned char bytes[64];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
	for (size_t from = 0; from < 8; from++) {
		for (size_t n = 0; n + from <= sizeof(bytes); n++) {
			uint32_t c = 0xffffffffu;

			for (size_t i = from; i < from + n; i++) {
				c ^= bytes[i];
				for (int bit = 0; bit < 8; bit++)
					c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
			}
			ck_assert_uint_eq(aws_crc32(bytes + from, n), ~c);
		}
	}
}
END_TEST

static Suite *crc32_suite(void)
{
	Suite *suite = suite_create("aws/crc32");
	TCase *tc = tcase_create("crc32");

	tcase_add_test(tc, known_values);
	tcase_add_test(tc, any_length);
	suite_add_tcase(suite, tc);
	return suite;
}
CHECK_MAIN(crc32_suite)
