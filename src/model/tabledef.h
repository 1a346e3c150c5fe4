/* A DynamoDB table as the contract wants it or as the service has it. */
#ifndef MODEL_TABLEDEF_H
#define MODEL_TABLEDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "model/key.h"
#include "model/shape.h"

enum projection { PROJECT_ALL, PROJECT_KEYS_ONLY, PROJECT_INCLUDE };

struct index_def {
	const char *name;
	struct key_schema keys;
	enum projection projection;
	size_t nincluded;
	const char *const *included;	/* INCLUDE: non-key attributes, sorted */
};

struct tag { const char *key, *value; };

struct table_def {
	const char *name;		/* in DynamoDB, prefix included */
	const char *contract_table;	/* in the contract */
	const char *json_path;		/* where the contract says it: "tables[0]" */
	struct key_schema keys;
	size_t nindexes;
	const struct index_def *indexes;
	bool provisioned;		/* billing_mode PROVISIONED; else on demand */
	int64_t read_capacity, write_capacity;
	int64_t warm_read_units, warm_write_units;	/* 0: not said */
	const char *table_class;	/* "STANDARD", "STANDARD_INFREQUENT_ACCESS" or NULL */
	const char *stream;		/* stream view type, or NULL for none */
	const char *ttl_attribute;	/* or NULL */
	bool point_in_time_recovery, deletion_protection;
	const char *kms_key;		/* or NULL */
	size_t ntags;
	const struct tag *tags;
};

#endif
