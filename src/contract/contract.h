/*
 * The contract: migrationContract.json, read, checked as far as the file alone tells, immutable.
 * Everything lives in one arena; strings are NUL-terminated UTF-8. What a name means is decided
 * against the catalogue in plan/.
 */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include <stdint.h>
#include "base/err.h"
#include "contract/diag.h"
#include "contract/expr.h"
#include "model/tabledef.h"
#include "model/type.h"

enum datetime_format { DT_ISO8601, DT_ISO8601_MS, DT_MYSQL, DT_EPOCH, DT_EPOCH_MS };
enum zero_dates { ZERO_NULL, ZERO_KEEP, ZERO_REJECT };

struct defaults {
	enum datetime_format datetime_format;
	bool null_as_null;		/* nulls: "null" */
	bool omit_empty;		/* empty_strings: "omit" */
	enum zero_dates zero_dates;
};

enum join_type {
	JOIN_FOREIGN_KEY, JOIN_LOOKUP_TABLE, JOIN_MULTI_COLUMN, JOIN_SELF, JOIN_CONDITIONAL,
	JOIN_CHAIN, JOIN_JSON
};

struct hop {			/* one lookup: of a plain join, or of a chain */
	const char *path;
	const char *target_table;	/* NULL: self-join without one */
	size_t nconditions;
	struct fragment *conditions;	/* all must hold */
	struct fragment select;		/* unused for json-construction */
};

struct construct_key { const char *key; struct fragment value; };

enum else_kind { ELSE_COLUMN, ELSE_TEXT };

struct join {
	enum join_type type;
	const char *type_name;
	const char *path;
	size_t nhops;			/* 1 but for chains */
	struct hop *hops;
	const char *alias;		/* self-join */
	const char *null_value;		/* self-join; NULL: none */
	struct fragment condition;	/* conditional */
	enum else_kind else_kind;
	struct fragment else_column;	/* ELSE_COLUMN: name.name */
	const char *else_text;		/* ELSE_TEXT */
	const char *separator;		/* chain_separator; NULL: the last hop's value only */
	bool array;			/* json-construction: array, else object */
	size_t nkeys;
	struct construct_key *keys;
	size_t norder;
	struct order_term *order;
	const char *order_path;
	int64_t limit;			/* -1: none */
};

enum calc_type { CALC_AGGREGATE, CALC_CASE, CALC_CONCAT, CALC_DATE_MATH };
enum aggregate_op { AGG_SUM, AGG_COUNT, AGG_AVG, AGG_MIN, AGG_MAX };
enum datemath_op { DATE_ADD, DATE_SUBTRACT, DATE_DIFF };

struct when { struct fragment when, then; };

struct calculation {
	enum calc_type type;
	const char *path;
	enum aggregate_op op;
	struct hop target;		/* aggregate */
	size_t nwhens;
	struct when *whens;
	bool has_else;
	struct fragment otherwise;	/* case: else */
	size_t ncolumns;		/* concat, date-math diff; 0: source_column */
	const char **columns;
	const char *separator;		/* concat: "" by default */
	enum datemath_op date_op;
	struct fragment interval;	/* date-math add, subtract: a number or an expression */
	const char *unit;		/* SECOND..YEAR, upper case */
};

enum trans_type {
	TRANS_TEMPLATE, TRANS_STATIC, TRANS_DATE_FORMAT, TRANS_NUMBER_FORMAT, TRANS_JSON_PARSE,
	TRANS_LOWER, TRANS_UPPER, TRANS_TRIM, TRANS_HEX, TRANS_BASE64, TRANS_UUID, TRANS_SPLIT
};

/* A template is literals and placeholders in turn. */
struct template_part {
	bool placeholder;
	struct str text;		/* the literal, or the placeholder's name ("" for {}) */
};

struct template {
	const char *path;
	const char *text;		/* NULL: there is no template */
	size_t nparts;
	struct template_part *parts;
};

struct transformation {
	enum trans_type type;
	const char *type_name;
	const char *path;
	struct template tmpl;		/* template, string-format */
	const char *format;		/* date-format, number-format */
	const char *source_format;	/* date-format; NULL: timestamp */
	const char *value_json;		/* static: JSON text of the value */
	const char *value_text;		/* static: the value if it is text or a scalar, else NULL */
	bool swap;			/* uuid */
	const char *separator;		/* split */
};

struct attribute {
	const char *path;
	const char *name;
	enum attr_type type;
	const char *source_table;	/* NULL: not said, the entity's */
	size_t ncolumns;
	const char **columns;		/* source_column */
	bool columns_array;		/* it was given as an array */
	const struct join *join;
	const struct calculation *calculation;
	const struct transformation *transformation;
	bool denormalized;
	bool faulty;			/* an error in it was reported */
	bool baseless;			/* faulty: its join or calculation could not be read */
};

struct gsi {
	const char *path;
	const char *name;
	const char *pk, *sk;		/* sk NULL: none */
	enum projection projection;
	size_t nincluded;
	const char **included;
};

struct entity {
	const char *path;
	const char *type;		/* entity_type; the table's name in a single-entity table */
	const char *source_table;
	struct template pk_template, sk_template;
	struct fragment where;		/* text NULL: none */
	size_t nattributes;
	struct attribute *attributes;
};

struct contract_table {
	const char *path;
	const char *name;
	bool multi;
	const char *pk, *sk;
	size_t ngsis;
	struct gsi *gsis;
	size_t nentities;		/* 1 in a single-entity table */
	struct entity *entities;
	size_t nsatisfies;
	const char **satisfies;
	double estimated_item_bytes;	/* 0: not said */
	/* settings of the DynamoDB table; the names are the contract's keys */
	bool provisioned;
	int64_t read_capacity, write_capacity;
	int64_t warm_read_units, warm_write_units;
	const char *table_class, *stream, *ttl_attribute, *kms_key;
	bool point_in_time_recovery, deletion_protection;
	size_t ntags;
	struct tag *tags;
};

struct contract {
	struct arena *arena;
	const char *file;
	char digest[65];		/* SHA-256 of the file's bytes, hex */
	struct defaults defaults;
	size_t nerrors;			/* found in reading; such a contract is only good for finding
					   more of them with plan_make */
	size_t ntables;
	struct contract_table *tables;
};

/*
 * Reads a file. All faults go to 'diags'; 0 if there is no error among them. A file that cannot
 * be read or is no JSON gives a negative error with its sentence in 'err' (ETL_ECONTRACT, with
 * line and column). *out is the caller's, freed by contract_free; it is also set, with its errors
 * counted in it, for JSON that is a wrong contract, so that the plan can add what it finds.
 */
int contract_read(const char *path, struct diags *diags, struct contract **out,
		  struct etl_err *err);

/* The same from memory, for tests and fuzzing. 'name' stands for the file in messages. */
int contract_parse(struct str text, const char *name, struct diags *diags, struct contract **out,
		   struct etl_err *err);

void contract_free(struct contract *c);		/* NULL is fine */

#endif
