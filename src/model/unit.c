#include "model/unit.h"

#include <stdlib.h>

#define LENGTH_BYTES 4

void unit_pack_pk(struct buf *out, const struct str *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = values[i].len;
		unsigned char be[LENGTH_BYTES] = {
			(unsigned char)(len >> 24), (unsigned char)(len >> 16),
			(unsigned char)(len >> 8), (unsigned char)len
		};

		buf_add(out, be, sizeof(be));
		buf_addstr(out, values[i]);
	}
}

int unit_unpack_pk(struct str packed, struct str *values, size_t max)
{
	const unsigned char *p = (const unsigned char *)packed.ptr;
	size_t left = packed.len, n = 0;

	while (left) {
		size_t len;

		if (left < LENGTH_BYTES || n == max)
			return -1;
		len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
		p += LENGTH_BYTES;
		left -= LENGTH_BYTES;
		if (len > left)
			return -1;
		values[n++] = (struct str){ (const char *)p, len };
		p += len;
		left -= len;
	}
	return (int)n;
}

void unit_free(struct unit *u)
{
	if (!u)
		return;
	buf_release(&u->low);
	buf_release(&u->high);
	free(u);
}
