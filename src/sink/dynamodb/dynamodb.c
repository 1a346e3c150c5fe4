#include "sink/dynamodb/dynamodb_priv.h"

#include <stdlib.h>
#include "model/json.h"

static int open_conn(struct sink *s, struct sink_conn **out, struct etl_err *err)
{
	struct dynamodb_sink *sink = (struct dynamodb_sink *)s;
	struct dynamodb_conn *c = mem_zalloc(sizeof(*c));
	int rc;

	c->base.ops = s->ops;
	c->sink = sink;
	rc = aws_conn_open(sink->aws, &c->aws, err);
	if (rc) {
		free(c);
		return rc;
	}
	c->reader = mem_zalloc(sizeof(*c->reader));
	json_init(c->reader, (struct str){ 0 });
	*out = &c->base;
	return 0;
}

static void close_conn(struct sink_conn *conn)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;

	aws_conn_close(c->aws);
	buf_release(&c->request);
	buf_release(&c->answer);
	buf_release(&c->key);
	json_release(c->reader);
	free(c->reader);
	free(c->spans);
	free(c);
}

static const char *identity(struct sink *s)
{
	return ((struct dynamodb_sink *)s)->identity;
}

static void close_sink(struct sink *s)
{
	struct dynamodb_sink *sink = (struct dynamodb_sink *)s;

	aws_client_close(sink->aws);
	free(sink->identity);
	free(sink);
}

static const struct sink_ops ops = {
	.open_conn = open_conn,
	.close_conn = close_conn,
	.write = dynamodb_write,
	.put = dynamodb_put,
	.change = dynamodb_change,
	.get = dynamodb_get,
	.scan = dynamodb_scan,
	.query = dynamodb_query,
	.describe = dynamodb_describe,
	.create = dynamodb_create,
	.create_index = dynamodb_create_index,
	.configure = dynamodb_configure,
	.identity = identity,
	.close = close_sink,
};

int dynamodb_sink_open(const struct aws_config *config, struct sink **out, struct etl_err *err)
{
	struct dynamodb_sink *sink;
	struct aws_client *aws = NULL;
	struct buf text = { 0 };
	int rc = aws_client_open(config, &aws, err);

	if (rc)
		return rc;
	sink = mem_zalloc(sizeof(*sink));
	sink->base.ops = &ops;
	sink->aws = aws;
	buf_addf(&text, "dynamodb %s %s", aws_client_region(aws), aws_client_url(aws));
	sink->identity = buf_detach(&text);
	*out = &sink->base;
	return 0;
}

int dynamodb_call(struct dynamodb_conn *c, const char *target, struct etl_err *err)
{
	int rc;

	buf_reset_to(&c->answer, DYNAMODB_KEEP_BYTES);
	rc = aws_call(c->aws, target, buf_str(&c->request), &c->answer, err);
	buf_reset_to(&c->request, DYNAMODB_KEEP_BYTES);
	return rc;
}

int dynamodb_garbage(const struct dynamodb_conn *c, const char *operation, const char *why,
		     struct etl_err *err)
{
	return etl_err_set(err, ETL_EUNKNOWN, "the answer of '%s' to %s cannot be read: %s",
			   aws_client_url(c->sink->aws), operation, why);
}

int dynamodb_span(struct json_reader *r, struct str *span)
{
	const char *from = r->at - 1;

	if (json_skip(r, JSON_OBJECT) != 0)
		return -1;
	*span = (struct str){ from, (size_t)(r->at - from) };
	return 0;
}

int dynamodb_read_capacity(struct json_reader *r, double *units)
{
	enum json_token t, value;

	while ((t = json_next(r)) == JSON_KEY) {
		bool is_units = str_is(r->text, "CapacityUnits");

		value = json_next(r);
		if (is_units && value == JSON_NUMBER) {
			char text[48] = "";

			memcpy(text, r->text.ptr, r->text.len < sizeof(text) ? r->text.len
									      : sizeof(text) - 1);
			*units += strtod(text, NULL);
		} else if (json_skip(r, value) != 0) {
			return -1;
		}
	}
	return t == JSON_OBJECT_END ? 0 : -1;
}
