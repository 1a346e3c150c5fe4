/* DescribeTable, read into a table_def of its own arena.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
#include "sink/dynamodb/dynamodb_priv.h"

#include <jansson.h>
#include <stdlib.h>

struct describing {
	struct arena *arena;
	json_t *attributes;	/* AttributeDefinitions */
};

static const char *text(json_t *object, const char *name)
{
	const char *s = json_string_value(json_object_get(object, name));

	return s ? s : "";
}

static enum attr_type type_of(const struct describing *d, const char *attribute)
{
	json_t *one;
	size_t i;

	json_array_foreach(d->attributes, i, one) {
		if (strcmp(text(one, "AttributeName"), attribute) == 0) {
			int type = attr_type_parse(text(one, "AttributeType"));

			return type < 0 ? ATTR_NULL : (enum attr_type)type;
		}
	}
	return ATTR_NULL;
}

/*
 * One name for each role. An index may have several partition or sort key attributes, which no
 * contract can ask for: their names come joined, so that a comparison shows them.
 */
static void read_keys(const struct describing *d, json_t *schema, struct key_schema *keys)
{
	json_t *one;
	size_t i;

	json_array_foreach(schema, i, one) {
		const char *name = text(one, "AttributeName");
		bool is_pk = strcmp(text(one, "KeyType"), "HASH") == 0;
		const char **slot = is_pk ? &keys->pk_name : &keys->sk_name;

		if (*slot) {
			*slot = arena_printf(d->arena, "%s, %s", *slot, name);
			continue;
		}
		*slot = arena_strdup(d->arena, name);
		*(is_pk ? &keys->pk_type : &keys->sk_type) = type_of(d, name);
	}
	if (!keys->pk_name)
		keys->pk_name = "";
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct index_def *)a)->name, ((const struct index_def *)b)->name);
}

static void read_projection(const struct describing *d, json_t *projection,
			    struct index_def *index)
{
	const char *type = text(projection, "ProjectionType");
	json_t *names = json_object_get(projection, "NonKeyAttributes"), *one;
	const char **list;
	size_t i;

	index->projection = strcmp(type, "KEYS_ONLY") == 0 ? PROJECT_KEYS_ONLY
			    : strcmp(type, "INCLUDE") == 0 ? PROJECT_INCLUDE : PROJECT_ALL;
	if (index->projection != PROJECT_INCLUDE || !json_array_size(names))
		return;
	list = arena_alloc(d->arena, json_array_size(names) * sizeof(*list));
	json_array_foreach(names, i, one)
		list[i] = arena_strdup(d->arena,
				       json_is_string(one) ? json_string_value(one) : "");
	index->nincluded = json_array_size(names);
	qsort(list, index->nincluded, sizeof(*list), by_text);
	index->included = list;
}

static void read_indexes(const struct describing *d, json_t *list, struct table_state *out)
{
	struct index_def *indexes;
	json_t *one;
	size_t i;

	out->def.nindexes = json_array_size(list);
	if (!out->def.nindexes)
		return;
	indexes = arena_alloc(d->arena, out->def.nindexes * sizeof(*indexes));
	json_array_foreach(list, i, one) {
		indexes[i].name = arena_strdup(d->arena, text(one, "IndexName"));
		read_keys(d, json_object_get(one, "KeySchema"), &indexes[i].keys);
		read_projection(d, json_object_get(one, "Projection"), &indexes[i]);
		if (strcmp(text(one, "IndexStatus"), "ACTIVE") != 0)
			out->nbackfilling++;
	}
	qsort(indexes, out->def.nindexes, sizeof(*indexes), by_name);
	out->def.indexes = indexes;
}

static void read_settings(const struct describing *d, json_t *table, struct table_def *def)
{
	json_t *stream = json_object_get(table, "StreamSpecification");
	json_t *throughput = json_object_get(table, "ProvisionedThroughput");
	json_t *warm = json_object_get(table, "WarmThroughput");
	const char *mode = text(json_object_get(table, "BillingModeSummary"), "BillingMode");
	const char *class = text(json_object_get(table, "TableClassSummary"), "TableClass");
	const char *key = text(json_object_get(table, "SSEDescription"), "KMSMasterKeyArn");

	/* A table that never left its first mode has no summary; on demand it has no capacity. */
	def->provisioned = strcmp(mode, "PROVISIONED") == 0 ||
		(!*mode && json_integer_value(json_object_get(throughput,
							      "WriteCapacityUnits")) > 0);
	def->read_capacity = json_integer_value(json_object_get(throughput, "ReadCapacityUnits"));
	def->write_capacity = json_integer_value(json_object_get(throughput,
								 "WriteCapacityUnits"));
	def->warm_read_units = json_integer_value(json_object_get(warm, "ReadUnitsPerSecond"));
	def->warm_write_units = json_integer_value(json_object_get(warm, "WriteUnitsPerSecond"));
	def->table_class = *class ? arena_strdup(d->arena, class) : NULL;
	if (json_is_true(json_object_get(stream, "StreamEnabled")))
		def->stream = arena_strdup(d->arena, text(stream, "StreamViewType"));
	def->deletion_protection =
		json_is_true(json_object_get(table, "DeletionProtectionEnabled"));
	def->kms_key = *key ? arena_strdup(d->arena, key) : NULL;
}

/* Not every service that speaks this protocol numbers its tables; all know when they were made. */
static const char *read_id(struct arena *arena, json_t *table)
{
	json_t *created = json_object_get(table, "CreationDateTime");

	if (*text(table, "TableId"))
		return arena_strdup(arena, text(table, "TableId"));
	if (json_is_integer(created))
		return arena_printf(arena, "made at %lld",
				    (long long)json_integer_value(created));
	if (json_is_real(created))
		return arena_printf(arena, "made at %.3f", json_real_value(created));
	return "";
}

static int read_table(json_t *root, struct table_state *out)
{
	json_t *table = json_object_get(root, "Table");
	struct describing d = { out->arena, json_object_get(table, "AttributeDefinitions") };
	const char *status = text(table, "TableStatus");

	if (!*status || !*text(table, "TableName") ||
	    !json_array_size(json_object_get(table, "KeySchema")))
		return -1;
	out->status = arena_strdup(out->arena, status);
	out->id = read_id(out->arena, table);
	out->def.name = arena_strdup(out->arena, text(table, "TableName"));
	read_keys(&d, json_object_get(table, "KeySchema"), &out->def.keys);
	read_indexes(&d, json_object_get(table, "GlobalSecondaryIndexes"), out);
	read_settings(&d, table, &out->def);
	out->item_count = json_integer_value(json_object_get(table, "ItemCount"));
	out->active = strcmp(status, "ACTIVE") == 0 && out->nbackfilling == 0;
	return 0;
}

int dynamodb_describe(struct sink_conn *conn, const char *table, struct table_state *out,
		      struct etl_err *err)
{
	struct dynamodb_conn *c = (struct dynamodb_conn *)conn;
	struct etl_err why = { 0 };
	json_t *root;
	int rc;

	memset(out, 0, sizeof(*out));
	buf_reset(&c->request);
	buf_adds(&c->request, "{");
	dynamodb_member_text(&c->request, "TableName", table);
	buf_addc(&c->request, '}');
	rc = dynamodb_call_json(c, DYNAMODB_TARGET("DescribeTable"), &root, &why);
	if (rc == -ETL_ENOTFOUND) {
		rc = etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there in region '%s' at "
				 "'%s'", table, aws_client_region(c->sink->aws),
				 aws_client_url(c->sink->aws));
		etl_err_hint(err, "make it with `etl create-tables`, or check --region, "
			     "--endpoint-url and --table-prefix");
		return rc;
	}
	if (rc)
		return etl_err_copy(err, &why);
	out->arena = arena_new();
	if (read_table(root, out) != 0) {
		arena_free(out->arena);
		memset(out, 0, sizeof(*out));
		rc = dynamodb_garbage(c, "DescribeTable", "it describes no table", err);
	}
	json_decref(root);
	return rc;
}
