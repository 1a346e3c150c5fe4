#include "plan/plan_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/digest.h"
#include "base/utf8.h"

#define NAME_MAX_CHARS 64	/* of a table, view or column on both servers */
/* A view is a file; in its name a character that is no letter, digit or '_' takes up to 5 bytes. */
#define FILE_NAME_MAX_BYTES 240
#define FILE_NAME_CHAR_BYTES 5

const char *sql_ident(struct arena *a, struct str name)
{
	struct buf b = { 0 };

	buf_addc(&b, '`');
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '`')
			buf_addc(&b, '`');
		buf_addc(&b, name.ptr[i]);
	}
	buf_addc(&b, '`');
	const char *out = arena_strndup(a, b.ptr, b.len);
	buf_release(&b);
	return out;
}

/* Quoted where it reads well and means one thing; else in hexadecimal. */
const char *sql_text(struct arena *a, struct str text)
{
	struct buf b = { 0 };
	bool plain = utf8_valid(text.ptr, text.len);

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		plain &= c >= 0x20 && c != 0x7f && c != '\\';
	}
	if (plain) {
		buf_addc(&b, '\'');
		for (size_t i = 0; i < text.len; i++) {
			if (text.ptr[i] == '\'')
				buf_addc(&b, '\'');
			buf_addc(&b, text.ptr[i]);
		}
	} else {
		buf_adds(&b, "_utf8mb4 x'");
		buf_add_hex(&b, text.ptr, text.len);
	}
	buf_addc(&b, '\'');
	const char *out = arena_strndup(a, b.ptr, b.len);
	buf_release(&b);
	return out;
}

/* Bytes of the first 'chars' characters. */
static size_t prefix_bytes(const char *s, size_t chars)
{
	size_t i = 0;

	while (s[i] && chars) {
		i++;
		while (((unsigned char)s[i] & 0xc0) == 0x80)
			i++;
		chars--;
	}
	return i;
}

const char *sql_alias(struct arena *a, const char *table, size_t number)
{
	const char *name = arena_printf(a, "%.*s_%zu", (int)prefix_bytes(table, 50), table, number);

	return sql_ident(a, str_of(name));
}

bool name_eq(const struct catalog *c, const char *a, const char *b)
{
	return c->lower_case_names ? !strcasecmp(a, b) : !strcmp(a, b);
}

const char *plan_view_name(struct arena *arena, const char *table, const char *entity)
{
	struct buf full = { 0 }, b = { 0 };
	size_t chars = 0, file_bytes = 0, kept = 0;
	bool whole = true;

	buf_addf(&full, entity ? "ddb_%s__%s" : "ddb_%s", table, entity);
	const size_t name_end = full.len;
	buf_adds(&full, "_view");
	for (size_t i = 0; i < full.len; i++) {
		unsigned char c = (unsigned char)full.ptr[i];
		if ((c & 0xc0) != 0x80) {
			chars++;
			file_bytes += isalnum(c) || c == '_' ? 1 : FILE_NAME_CHAR_BYTES;
			/* 64 = 50 + "_" + 8 + "_view" */
			if (i < name_end && chars <= 50 &&
			    file_bytes <= FILE_NAME_MAX_BYTES - 14)
				kept = b.len + 1;
		} else if (kept == b.len) {
			kept++;
		}
		if (c >= 0xf0) {	/* no name holds a character beyond the basic plane */
			whole = false;
			buf_addc(&b, '_');
			i += 3;
		} else {
			buf_addc(&b, (char)tolower(c));
		}
	}
	if (!whole || chars > NAME_MAX_CHARS || file_bytes > FILE_NAME_MAX_BYTES) {
		char hex[65];
		for (size_t i = 0; i < full.len; i++)
			full.ptr[i] = (char)tolower((unsigned char)full.ptr[i]);
		sha256_hex(full.ptr, full.len, hex);
		b.len = kept;
		buf_addf(&b, "_%.8s_view", hex);
	}
	const char *out = arena_strndup(arena, b.ptr, b.len);
	buf_release(&full);
	buf_release(&b);
	return out;
}
