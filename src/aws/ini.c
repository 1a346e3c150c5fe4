#include "aws/ini.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/file.h"

#define INI_MAX_BYTES (4u << 20)

struct property {
	char *section, *name;	/* name NULL: only says that the section is there */
	char *value;
};

struct ini {
	struct property *props;
	size_t n, cap;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct str trim(struct str s)
{
	while (s.len && blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* A value ends at a blank that a comment sign follows. */
static struct str uncomment(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if ((s.ptr[i] == '#' || s.ptr[i] == ';') && blank(s.ptr[i - 1])) {
			s.len = i;
			break;
		}
	}
	return trim(s);
}

static char *section_name(struct str s)
{
	struct buf out = { 0 };

	s = trim(s);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '"' || s.ptr[i] == '\'')
			continue;
		if (!blank(s.ptr[i]))
			buf_addc(&out, s.ptr[i]);
		else if (!blank(s.ptr[i - 1]))
			buf_addc(&out, ' ');
	}
	return buf_detach(&out);
}

static void add(struct ini *ini, const char *section, const char *parent, struct str name,
		struct str value)
{
	struct property *p;
	struct buf full = { 0 };

	ini->props = mem_grow(ini->props, &ini->cap, ini->n + 1, sizeof(*ini->props));
	p = &ini->props[ini->n++];
	p->section = mem_strdup(section);
	p->value = mem_strndup(value.ptr ? value.ptr : "", value.len);
	p->name = NULL;
	if (!name.len)
		return;
	if (parent)
		buf_addf(&full, "%s.", parent);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		buf_addc(&full, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	p->name = buf_detach(&full);
}

struct ini *ini_parse(struct str text)
{
	struct ini *ini = mem_zalloc(sizeof(*ini));
	char *section = NULL, *parent = NULL;
	size_t at = 0;

	if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0)
		at = 3;
	while (at < text.len) {
		const char *nl = memchr(text.ptr + at, '\n', text.len - at);
		size_t end = nl ? (size_t)(nl - text.ptr) : text.len;
		struct str raw = { text.ptr + at, end - at }, line = trim(raw);
		const char *sep;

		at = end + 1;
		if (!line.len || line.ptr[0] == '#' || line.ptr[0] == ';')
			continue;
		if (line.ptr[0] == '[') {
			const char *close = memchr(line.ptr, ']', line.len);

			free(section);
			free(parent);
			section = parent = NULL;
			if (!close)
				continue;
			section = section_name((struct str){ line.ptr + 1,
							     (size_t)(close - line.ptr - 1) });
			add(ini, section, NULL, (struct str){ 0 }, (struct str){ 0 });
			continue;
		}
		sep = memchr(line.ptr, '=', line.len);
		if (!section || !sep)
			continue;
		struct str name = trim((struct str){ line.ptr, (size_t)(sep - line.ptr) });
		struct str value = uncomment((struct str){
			sep + 1, (size_t)(line.ptr + line.len - sep - 1) });

		if (!name.len)
			continue;
		if (blank(raw.ptr[0])) {
			/* Indented: below an empty value a sub-property, else the rest of a value
			 * of several lines, which none of the properties we read has. */
			if (parent)
				add(ini, section, parent, name, value);
			continue;
		}
		add(ini, section, NULL, name, value);
		free(parent);
		parent = value.len ? NULL : mem_strdup(ini->props[ini->n - 1].name);
	}
	free(section);
	free(parent);
	return ini;
}

int ini_read(const char *path, struct ini **out, struct etl_err *err)
{
	struct buf text = { 0 };
	struct stat st;
	int rc;

	*out = NULL;
	if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	rc = file_read(path, INI_MAX_BYTES, &text, err);
	if (!rc)
		*out = ini_parse(buf_str(&text));
	if (text.ptr)
		OPENSSL_cleanse(text.ptr, text.cap);
	buf_release(&text);
	return rc;
}

void ini_free(struct ini *ini)
{
	if (!ini)
		return;
	for (size_t i = 0; i < ini->n; i++) {
		free(ini->props[i].section);
		free(ini->props[i].name);
		OPENSSL_cleanse(ini->props[i].value, strlen(ini->props[i].value));
		free(ini->props[i].value);
	}
	free(ini->props);
	free(ini);
}

bool ini_has_section(const struct ini *ini, const char *section)
{
	for (size_t i = 0; ini && i < ini->n; i++)
		if (strcmp(ini->props[i].section, section) == 0)
			return true;
	return false;
}

const char *ini_get(const struct ini *ini, const char *section, const char *name)
{
	for (size_t i = ini ? ini->n : 0; i-- > 0;)
		if (ini->props[i].name && strcmp(ini->props[i].section, section) == 0 &&
		    strcmp(ini->props[i].name, name) == 0)
			return ini->props[i].value;
	return NULL;
}
