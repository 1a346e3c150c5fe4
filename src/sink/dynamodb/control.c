/* What the operations on whole tables share: small requests and answers. */
#include <jansson.h>
#include "sink/dynamodb/dynamodb_priv.h"

/* Requests and answers are small: what takes longer will not come. */
#define CONTROL_TIMEOUT_MS 20000

int dynamodb_call_json(struct dynamodb_conn *c, const char *target, json_t **out,
		       struct etl_err *err)
{
	int rc;

	aws_conn_limit(c->aws, CONTROL_TIMEOUT_MS);
	rc = dynamodb_call(c, target, err);
	aws_conn_limit(c->aws, 0);
	*out = NULL;
	if (rc)
		return rc;
	*out = json_loadb(c->answer.len ? c->answer.ptr : "", c->answer.len, 0, NULL);
	if (json_is_object(*out))
		return 0;
	json_decref(*out);
	*out = NULL;
	return dynamodb_garbage(c, strrchr(target, '.') + 1, "it is no JSON object", err);
}

void dynamodb_member(struct buf *b, const char *name)
{
	if (b->len && b->ptr[b->len - 1] != '{')
		buf_addc(b, ',');
	buf_add_json(b, str_of(name));
	buf_addc(b, ':');
}

void dynamodb_member_text(struct buf *b, const char *name, const char *text)
{
	dynamodb_member(b, name);
	buf_add_json(b, str_of(text));
}
