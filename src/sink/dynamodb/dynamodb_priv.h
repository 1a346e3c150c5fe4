/* What the files of the DynamoDB driver share. */
#ifndef SINK_DYNAMODB_DYNAMODB_PRIV_H
#define SINK_DYNAMODB_DYNAMODB_PRIV_H

#include "sink/dynamodb/dynamodb.h"

/* The data plane reads with model/json.h, which keeps every byte, the control plane with jansson;
 * the two have names in common and cannot stand in one file. */
struct json_reader;
struct json_t;

struct dynamodb_sink {
	struct sink base;
	struct aws_client *aws;
	char *identity;
};

struct dynamodb_conn {			/* one thread only */
	struct sink_conn base;
	struct dynamodb_sink *sink;
	struct aws_conn *aws;
	struct buf request, answer;	/* reused from call to call */
	struct buf key;			/* canonical keys of an answer's members */
	struct str *spans;		/* items of an answer */
	size_t span_cap;
	struct json_reader *reader;
};

#define DYNAMODB_TARGET(operation) "DynamoDB_20120810." operation

/* What each buffer of a connection keeps of its memory between calls. */
#define DYNAMODB_KEEP_BYTES (64u << 10)

/* One call of c->request, which is empty after, into c->answer. */
int dynamodb_call(struct dynamodb_conn *c, const char *target, struct etl_err *err);

/* The same, the answer parsed; *out is the caller's to json_decref. An answer that is no JSON
 * object is ETL_EUNKNOWN. */
int dynamodb_call_json(struct dynamodb_conn *c, const char *target, struct json_t **out,
		       struct etl_err *err);

/* The answer is not what the operation answers: ETL_EUNKNOWN, as if it never came. */
int dynamodb_garbage(const struct dynamodb_conn *c, const char *operation, const char *why,
		     struct etl_err *err);

/* Reads past the object whose opening brace was just read and gives its bytes, braces included. */
int dynamodb_span(struct json_reader *r, struct str *span);

/* Reads past a consumed capacity, {"TableName":"T","CapacityUnits":3.0,...}, whose opening brace was
 * just read, and adds its units to *units. 0, or -1 if it is no JSON. */
int dynamodb_read_capacity(struct json_reader *r, double *units);

/* Appends `"name":` or `,"name":`, the comma where the object already has a member. */
void dynamodb_member(struct buf *b, const char *name);
void dynamodb_member_text(struct buf *b, const char *name, const char *text);

/* One call of c->request, a write of one item under a condition: written or held. */
int dynamodb_conditional(struct dynamodb_conn *c, const char *operation,
			 struct put_result *result, struct etl_err *err);

int dynamodb_write(struct sink_conn *conn, const struct table_def *table, const struct put *puts,
		   size_t n, struct write_result *result, struct etl_err *err);
int dynamodb_put(struct sink_conn *conn, const struct table_def *table, const struct put *put,
		 const struct put_condition *condition, struct put_result *result,
		 struct etl_err *err);
int dynamodb_change(struct sink_conn *conn, const struct table_def *table,
		    const struct change *change, struct put_result *result, struct etl_err *err);
int dynamodb_get(struct sink_conn *conn, const struct table_def *table,
		 const struct str *keys_json, size_t n, bool *unprocessed, sink_item_fn *found,
		 void *arg, struct etl_err *err);
int dynamodb_scan(struct sink_conn *conn, const struct table_def *table,
		  const struct scan_part *part, struct buf *start_key, sink_item_fn *found,
		  void *arg, struct etl_err *err);
int dynamodb_query(struct sink_conn *conn, const struct table_def *table,
		   const struct query *query, struct buf *start_key, sink_item_fn *found,
		   void *arg, struct etl_err *err);
int dynamodb_describe(struct sink_conn *conn, const char *table, struct table_state *out,
		      struct etl_err *err);
int dynamodb_create(struct sink_conn *conn, const struct table_def *def, struct etl_err *err);
int dynamodb_create_index(struct sink_conn *conn, const struct table_def *def,
			  const struct index_def *index, struct etl_err *err);
int dynamodb_configure(struct sink_conn *conn, const struct table_def *def, struct etl_err *err);

#endif
