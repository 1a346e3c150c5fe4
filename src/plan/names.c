#include "plan/plan_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/digest.h"
#include "base/utf8.h"

#define NAME_MAX_CHARS 64	/* of a table, view or column on both servers */

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
	struct buf b = { 0 };
	size_t chars = 0;

	buf_addf(&b, entity ? "ddb_%s__%s_view" : "ddb_%s_view", table, entity);
	for (size_t i = 0; i < b.len; i++) {
		b.ptr[i] = (char)tolower((unsigned char)b.ptr[i]);
		chars += ((unsigned char)b.ptr[i] & 0xc0) != 0x80;
	}
	if (chars > NAME_MAX_CHARS) {
		char hex[65];
		sha256_hex(b.ptr, b.len, hex);
		/* 64 = 50 + "_" + 8 + "_view" */
		b.len = prefix_bytes(buf_cstr(&b), 50);
		buf_addf(&b, "_%.8s_view", hex);
	}
	const char *out = arena_strndup(arena, b.ptr, b.len);
	buf_release(&b);
	return out;
}
