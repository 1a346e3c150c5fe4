#include "cli/explain.h"

#include "base/utf8.h"
#include "model/key.h"
#include "model/number.h"

/* Takes backslashes off; stops at a comma if it divides. What follows it, or NULL. */
static const char *take_part(const char *text, bool divides, struct buf *out)
{
	for (; *text; text++) {
		if (*text == '\\' && (text[1] == ',' || text[1] == '\\'))
			text++;
		else if (divides && *text == ',')
			return text + 1;
		buf_addc(out, *text);
	}
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool add_binary(struct buf *out, struct str text)
{
	size_t i;

	if (text.len < 2 || text.ptr[0] != '0' || text.ptr[1] != 'x')
		return buf_add_unbase64(out, text);
	if (text.len % 2)
		return false;
	for (i = 2; i < text.len; i += 2) {
		int high = hex_digit(text.ptr[i]), low = hex_digit(text.ptr[i + 1]);

		if (high < 0 || low < 0)
			return false;
		buf_addc(out, (char)(high << 4 | low));
	}
	return true;
}

/* Text -> what the type holds, in place. */
static int convert(struct buf *part, const char *name, enum attr_type type, struct etl_err *err)
{
	struct buf value = { 0 };
	const char *why = NULL;
	int rc = 0;

	if (!part->len)
		why = "it is empty";
	else if (type == ATTR_N && number_canonical(buf_str(part), &value) != NUMBER_OK)
		why = "it is no number that DynamoDB can hold";
	else if (type == ATTR_B && (!add_binary(&value, buf_str(part)) || !value.len))
		why = "it is neither base64 nor 0x and hex digits";
	else if (type == ATTR_S && !utf8_valid(part->ptr, part->len))
		why = "it is not UTF-8";
	if (why) {
		struct buf safe = { 0 };

		buf_add_printable(&safe, buf_str(part));
		rc = etl_err_set(err, ETL_EUSAGE, "'--key': '%s' cannot be the key '%s' of type "
				 "%s: %s", buf_cstr(&safe), name, attr_type_name(type), why);
		buf_release(&safe);
	} else if (type != ATTR_S) {
		buf_reset(part);
		buf_addstr(part, buf_str(&value));
	}
	buf_release(&value);
	return rc;
}

static void add_attribute(struct buf *json, const char *name, enum attr_type type, struct str v)
{
	buf_addc(json, json->len > 1 ? ',' : '{');
	buf_add_json(json, str_of(name));
	buf_addf(json, ":{\"%s\":", attr_type_name(type));
	if (type == ATTR_B) {
		buf_addc(json, '"');
		buf_add_base64(json, v.ptr, v.len);
		buf_addc(json, '"');
	} else {
		buf_add_json(json, v);
	}
	buf_addc(json, '}');
}

int explain_key_parse(const char *text, const struct key_schema *keys, struct explain_key *out,
		      struct etl_err *err)
{
	const char *rest = take_part(text, keys->sk_name != NULL, &out->parts[0]);
	int rc;

	out->has_sk = keys->sk_name != NULL;
	if (out->has_sk && !rest) {
		etl_err_set(err, ETL_EUSAGE, "'--key' names no sort key '%s'", keys->sk_name);
		etl_err_hint(err, "write --key PK,SK; a comma of the partition key is '\\,'");
		return -ETL_EUSAGE;
	}
	rc = convert(&out->parts[0], keys->pk_name, keys->pk_type, err);
	if (!rc && out->has_sk) {
		take_part(rest, false, &out->parts[1]);
		rc = convert(&out->parts[1], keys->sk_name, keys->sk_type, err);
	}
	if (rc)
		return rc;
	key_add_part(&out->canonical, keys->pk_type, buf_str(&out->parts[0]));
	add_attribute(&out->json, keys->pk_name, keys->pk_type, buf_str(&out->parts[0]));
	if (out->has_sk) {
		key_add_part(&out->canonical, keys->sk_type, buf_str(&out->parts[1]));
		add_attribute(&out->json, keys->sk_name, keys->sk_type, buf_str(&out->parts[1]));
	}
	buf_addc(&out->json, '}');
	return 0;
}

void explain_key_release(struct explain_key *k)
{
	buf_release(&k->parts[0]);
	buf_release(&k->parts[1]);
	buf_release(&k->canonical);
	buf_release(&k->json);
}
