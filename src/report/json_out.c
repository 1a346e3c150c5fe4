#include "report/json_out.h"

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

void json_out_str(struct json_out *j, const char *key, const char *s)
{
	begin(j, key);
	if (s)
		buf_add_json(j->out, str_of(s));
	else
		buf_adds(j->out, "null");
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
