#include "report/json_out.h"

#include "base/utf8.h"

static void begin(struct json_out *j, const char *key)
{
	unsigned i;

	if (j->comma)
		buf_addc(j->out, ',');
	if (j->depth) {
		buf_addc(j->out, '\n');
		for (i = 0; i < j->depth; i++)
			buf_adds(j->out, "  ");
	}
	if (key) {
		buf_add_json(j->out, str_of(key));
		buf_adds(j->out, ": ");
	}
	j->comma = true;
}

void json_out_open(struct json_out *j, const char *key, char bracket)
{
	begin(j, key);
	buf_addc(j->out, bracket);
	j->depth++;
	j->comma = false;
}

void json_out_close(struct json_out *j, char bracket)
{
	bool empty = !j->comma;
	unsigned i;

	j->depth--;
	if (!empty) {
		buf_addc(j->out, '\n');
		for (i = 0; i < j->depth; i++)
			buf_adds(j->out, "  ");
	}
	buf_addc(j->out, bracket);
	j->comma = true;
	if (j->depth == 0)
		buf_addc(j->out, '\n');
}

static void add_mended(struct buf *out, const char *s)
{
	struct buf text = { 0 };

	while (*s) {
		size_t n = 1, len = strnlen(s, 4);

		while (n < len && !utf8_valid(s, n))
			n++;
		if (utf8_valid(s, n)) {
			buf_add(&text, s, n);
			s += n;
		} else {
			buf_adds(&text, "\xef\xbf\xbd");
			s++;
		}
	}
	buf_add_json(out, buf_str(&text));
	buf_release(&text);
}

void json_out_str(struct json_out *j, const char *key, const char *s)
{
	begin(j, key);
	if (!s)
		buf_adds(j->out, "null");
	else if (utf8_valid(s, strlen(s)))
		buf_add_json(j->out, str_of(s));
	else
		add_mended(j->out, s);
}

void json_out_count(struct json_out *j, const char *key, uint64_t n)
{
	begin(j, key);
	buf_addf(j->out, "%llu", (unsigned long long)n);
}

void json_out_milli(struct json_out *j, const char *key, uint64_t thousandths)
{
	begin(j, key);
	buf_addf(j->out, "%llu", (unsigned long long)(thousandths / 1000));
	if (thousandths % 1000) {
		buf_addf(j->out, ".%03u", (unsigned)(thousandths % 1000));
		while (j->out->ptr[j->out->len - 1] == '0')
			j->out->len--;
	}
}

void json_out_bool(struct json_out *j, const char *key, bool b)
{
	begin(j, key);
	buf_adds(j->out, b ? "true" : "false");
}

void json_out_raw(struct json_out *j, const char *key, const char *json)
{
	begin(j, key);
	buf_adds(j->out, json);
}

void json_out_members(struct json_out *j, const struct buf *text)
{
	if (!text->len)
		return;
	if (j->comma)
		buf_addc(j->out, ',');
	buf_addstr(j->out, buf_str(text));
	j->comma = true;
}
