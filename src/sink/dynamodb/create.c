/*
 * CreateTable, UpdateTable for one more index, and the two settings that have operations of their
 * own. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
 */
#include "sink/dynamodb/dynamodb_priv.h"

#include <jansson.h>
#include <stdlib.h>
#include "base/log.h"

/* AttributeDefinitions: exactly the key attributes, each once. */
struct attributes {
	size_t n;
	const char *names[2 * (MAX_INDEXES + 1)];
	enum attr_type types[2 * (MAX_INDEXES + 1)];
};

static int add_attribute(struct attributes *a, const char *table, const char *name,
			 enum attr_type type, struct etl_err *err)
{
	if (!name)
		return 0;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->names[i], name) != 0)
			continue;
		if (a->types[i] == type)
			return 0;
		return etl_err_set(err, ETL_ESINK, "table '%s': key attribute '%s' is to be both "
				   "%s and %s", table, name, attr_type_name(a->types[i]),
				   attr_type_name(type));
	}
	a->names[a->n] = name;
	a->types[a->n++] = type;
	return 0;
}

static int add_keys(struct attributes *a, const char *table, const struct key_schema *keys,
		    struct etl_err *err)
{
	int rc = add_attribute(a, table, keys->pk_name, keys->pk_type, err);

	return rc ? rc : add_attribute(a, table, keys->sk_name, keys->sk_type, err);
}

static void write_attributes(struct buf *b, const struct attributes *a)
{
	dynamodb_member(b, "AttributeDefinitions");
	for (size_t i = 0; i < a->n; i++) {
		buf_adds(b, i ? ",{" : "[{");
		dynamodb_member_text(b, "AttributeName", a->names[i]);
		dynamodb_member_text(b, "AttributeType", attr_type_name(a->types[i]));
		buf_addc(b, '}');
	}
	buf_addc(b, ']');
}

static void write_keys(struct buf *b, const struct key_schema *keys)
{
	dynamodb_member(b, "KeySchema");
	buf_adds(b, "[{");
	dynamodb_member_text(b, "AttributeName", keys->pk_name);
	dynamodb_member_text(b, "KeyType", "HASH");
	if (keys->sk_name) {
		buf_adds(b, "},{");
		dynamodb_member_text(b, "AttributeName", keys->sk_name);
		dynamodb_member_text(b, "KeyType", "RANGE");
	}
	buf_adds(b, "}]");
}

static void write_throughput(struct buf *b, const struct table_def *def)
{
	dynamodb_member(b, "ProvisionedThroughput");
	buf_addf(b, "{\"ReadCapacityUnits\":%lld,\"WriteCapacityUnits\":%lld}",
		 (long long)def->read_capacity, (long long)def->write_capacity);
}

/* The inside of an index, without its braces. 'def' says who pays. */
static void write_index(struct buf *b, const struct table_def *def, const struct index_def *index)
{
	static const char *const names[] = {
		[PROJECT_ALL] = "ALL", [PROJECT_KEYS_ONLY] = "KEYS_ONLY",
		[PROJECT_INCLUDE] = "INCLUDE",
	};

	dynamodb_member_text(b, "IndexName", index->name);
	write_keys(b, &index->keys);
	dynamodb_member(b, "Projection");
	buf_addc(b, '{');
	dynamodb_member_text(b, "ProjectionType", names[index->projection]);
	if (index->projection == PROJECT_INCLUDE) {
		dynamodb_member(b, "NonKeyAttributes");
		for (size_t i = 0; i < index->nincluded; i++) {
			buf_addc(b, i ? ',' : '[');
			buf_add_json(b, str_of(index->included[i]));
		}
		buf_adds(b, index->nincluded ? "]" : "[]");
	}
	buf_addc(b, '}');
	if (def->provisioned)
		write_throughput(b, def);
}

static void write_settings(struct buf *b, const struct table_def *def)
{
	dynamodb_member_text(b, "BillingMode", def->provisioned ? "PROVISIONED"
								 : "PAY_PER_REQUEST");
	if (def->provisioned)
		write_throughput(b, def);
	if (def->warm_read_units || def->warm_write_units) {
		dynamodb_member(b, "WarmThroughput");
		buf_addc(b, '{');
		if (def->warm_read_units) {
			dynamodb_member(b, "ReadUnitsPerSecond");
			buf_addf(b, "%lld", (long long)def->warm_read_units);
		}
		if (def->warm_write_units) {
			dynamodb_member(b, "WriteUnitsPerSecond");
			buf_addf(b, "%lld", (long long)def->warm_write_units);
		}
		buf_addc(b, '}');
	}
	if (def->table_class)
		dynamodb_member_text(b, "TableClass", def->table_class);
	if (def->stream) {
		dynamodb_member(b, "StreamSpecification");
		buf_adds(b, "{\"StreamEnabled\":true");
		dynamodb_member_text(b, "StreamViewType", def->stream);
		buf_addc(b, '}');
	}
	if (def->deletion_protection) {
		dynamodb_member(b, "DeletionProtectionEnabled");
		buf_adds(b, "true");
	}
	if (def->kms_key) {
		dynamodb_member(b, "SSESpecification");
		buf_adds(b, "{\"Enabled\":true,\"SSEType\":\"KMS\"");
		dynamodb_member_text(b, "KMSMasterKeyId", def->kms_key);
		buf_addc(b, '}');
	}
	for (size_t i = 0; i < def->ntags; i++) {
		if (i == 0) {
			dynamodb_member(b, "Tags");
			buf_addc(b, '[');
		}
		buf_adds(b, i ? ",{" : "{");
		dynamodb_member_text(b, "Key", def->tags[i].key);
		dynamodb_member_text(b, "Value", def->tags[i].value);
		buf_addc(b, '}');
	}
	if (def->ntags)
		buf_addc(b, ']');
}

static void begin(struct dynamodb_conn *c, const char *table)
{
	buf_reset(&c->request);
	buf_addc(&c->request, '{');
	dynamodb_member_text(&c->request, "TableName", table);
}

/* Sends what was begun and drops the answer: describe shows what became of it. */
static int finish(struct dynamodb_conn *c, const char *target, struct etl_err *err)
{
	json_t *root;
	int rc;

	buf_addc(&c->request, '}');
	rc = dynamodb_call_json(c, target, &root, err);
	json_decref(root);
	return rc;
}

int dynamodb_create(struct sink_conn *conn, const struct table_def *def, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct buf *b = &c->request;
	struct attributes a = { 0 };
	int rc = def->nindexes > MAX_INDEXES
		? etl_err_set(err, ETL_ESINK, "table '%s' is to have %zu indexes, at most are %d",
			      def->name, def->nindexes, MAX_INDEXES)
		: add_keys(&a, def->name, &def->keys, err);

	for (size_t i = 0; i < def->nindexes && !rc; i++)
		rc = add_keys(&a, def->name, &def->indexes[i].keys, err);
	if (rc)
		return rc;
	begin(c, def->name);
	write_attributes(b, &a);
	write_keys(b, &def->keys);
	for (size_t i = 0; i < def->nindexes; i++) {
		if (i == 0)
			dynamodb_member(b, "GlobalSecondaryIndexes");
		buf_adds(b, i ? ",{" : "[{");
		write_index(b, def, &def->indexes[i]);
		buf_addc(b, '}');
	}
	if (def->nindexes)
		buf_addc(b, ']');
	write_settings(b, def);
	return finish(c, DYNAMODB_TARGET("CreateTable"), err);
}

int dynamodb_create_index(struct sink_conn *conn, const struct table_def *def,
			  const struct index_def *index, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct attributes a = { 0 };
	int rc = add_keys(&a, def->name, &def->keys, err);

	if (!rc)
		rc = add_keys(&a, def->name, &index->keys, err);
	if (rc)
		return rc;
	begin(c, def->name);
	write_attributes(&c->request, &a);
	dynamodb_member(&c->request, "GlobalSecondaryIndexUpdates");
	buf_adds(&c->request, "[{\"Create\":{");
	write_index(&c->request, def, index);
	buf_adds(&c->request, "}}]");
	return finish(c, DYNAMODB_TARGET("UpdateTable"), err);
}

/* An endpoint that is not Amazon's may lack an operation. What the contract asks for is then not
 * there, which is said, and does not stop a rehearsal. */
static int tolerate(struct dynamodb_conn *c, const struct table_def *def, const char *what,
		    int rc, const struct etl_err *why, struct etl_err *err)
{
	if (!rc)
		return 0;
	if (strcmp(aws_conn_error_name(c->aws), "UnknownOperationException") == 0 &&
	    !aws_client_is_aws(c->sink->aws)) {
		log_warn("table '%s': %s is not supported by '%s' and not set", def->name, what,
			 aws_client_url(c->sink->aws));
		return 0;
	}
	return etl_err_copy(err, why);
}

static int configure_ttl(struct dynamodb_conn *c, const struct table_def *def,
			 struct etl_err *err)
{
	json_t *root, *ttl;
	const char *status, *attribute;
	int rc;

	begin(c, def->name);
	buf_addc(&c->request, '}');
	rc = dynamodb_call_json(c, DYNAMODB_TARGET("DescribeTimeToLive"), &root, err);
	if (rc)
		return rc;
	ttl = json_object_get(root, "TimeToLiveDescription");
	status = json_string_value(json_object_get(ttl, "TimeToLiveStatus"));
	attribute = json_string_value(json_object_get(ttl, "AttributeName"));
	if (status && (strcmp(status, "ENABLED") == 0 || strcmp(status, "ENABLING") == 0)) {
		if (!attribute || strcmp(attribute, def->ttl_attribute) != 0) {
			rc = etl_err_set(err, ETL_ESINK, "table '%s': the TTL attribute is '%s' in "
					 "the contract, '%s' in DynamoDB", def->name,
					 def->ttl_attribute, attribute ? attribute : "");
			etl_err_hint(err, "DynamoDB changes it only by switching TTL off first, "
				     "which takes up to an hour");
		}
		json_decref(root);
		return rc;
	}
	json_decref(root);
	begin(c, def->name);
	dynamodb_member(&c->request, "TimeToLiveSpecification");
	buf_adds(&c->request, "{\"Enabled\":true");
	dynamodb_member_text(&c->request, "AttributeName", def->ttl_attribute);
	buf_addc(&c->request, '}');
	return finish(c, DYNAMODB_TARGET("UpdateTimeToLive"), err);
}

static int configure_recovery(struct dynamodb_conn *c, const struct table_def *def,
			      struct etl_err *err)
{
	json_t *root;
	const char *status;
	bool enabled;
	int rc;

	begin(c, def->name);
	buf_addc(&c->request, '}');
	rc = dynamodb_call_json(c, DYNAMODB_TARGET("DescribeContinuousBackups"), &root, err);
	if (rc)
		return rc;
	status = json_string_value(json_object_get(
		json_object_get(json_object_get(root, "ContinuousBackupsDescription"),
				"PointInTimeRecoveryDescription"),
		"PointInTimeRecoveryStatus"));
	enabled = status && strcmp(status, "ENABLED") == 0;
	json_decref(root);
	if (enabled)
		return 0;
	begin(c, def->name);
	dynamodb_member(&c->request, "PointInTimeRecoverySpecification");
	buf_adds(&c->request, "{\"PointInTimeRecoveryEnabled\":true}");
	return finish(c, DYNAMODB_TARGET("UpdateContinuousBackups"), err);
}

int dynamodb_configure(struct sink_conn *conn, const struct table_def *def, struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct etl_err why = { 0 };
	int rc = 0;

	if (def->ttl_attribute) {
		rc = configure_ttl(c, def, &why);
		rc = tolerate(c, def, "TTL", rc, &why, err);
	}
	if (!rc && def->point_in_time_recovery) {
		etl_err_clear(&why);
		rc = configure_recovery(c, def, &why);
		rc = tolerate(c, def, "point-in-time recovery", rc, &why, err);
	}
	return rc;
}
