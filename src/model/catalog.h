/*
 * What the source database says about itself: tables, columns, keys. Filled by a source driver,
 * read by the plan; immutable after; lives in one arena.
 */
#ifndef MODEL_CATALOG_H
#define MODEL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"

enum server_flavour { SERVER_MARIADB, SERVER_MYSQL };

enum col_kind {
	COL_INT,	/* TINYINT..BIGINT, also unsigned */
	COL_DECIMAL, COL_FLOAT, COL_DOUBLE,
	COL_BIT, COL_YEAR,
	COL_DATE, COL_TIME, COL_DATETIME, COL_TIMESTAMP,	/* fsp says the fraction's digits */
	COL_TEXT,	/* CHAR, VARCHAR, TEXT with a character set */
	COL_BINARY,	/* BINARY, VARBINARY, BLOB; UUID/INET types of MariaDB are COL_TEXT */
	COL_ENUM, COL_SET,
	COL_JSON,	/* MySQL's JSON; MariaDB: text with a json_valid check on just it */
	COL_SPATIAL
};

struct cat_column {
	const char *name;
	enum col_kind kind;
	const char *column_type;	/* "int(10) unsigned", as information_schema has it */
	const char *data_type;		/* "int" */
	bool is_unsigned, zerofill, nullable, auto_increment;
	bool generated;			/* virtual or stored: data like any other */
	unsigned fsp;			/* fraction digits of TIME, DATETIME, TIMESTAMP */
	unsigned precision, scale;	/* DECIMAL; BIT: precision is its width */
	uint64_t max_bytes;		/* text and binary: longest value, 0 if unknown */
	uint64_t max_chars;		/* text: declared length in characters, 0 if unknown */
	const char *charset;		/* text: "utf8mb4", else NULL */
	const char *collation;		/* text: else NULL */
	bool tinyint1;			/* declared tinyint(1) */
	const char *const *labels;	/* ENUM, SET: their values; NULL-terminated */
};

struct cat_key {			/* a primary, unique or plain index */
	const char *name;		/* "PRIMARY" for the primary key */
	bool unique;
	bool passed_over;		/* invisible (MySQL), ignored (MariaDB): proves, but is not
					   used to find rows */
	bool prefixed;			/* some part is a prefix or an expression: proves nothing */
	size_t ncolumns;
	const struct cat_column **columns;
};

struct cat_table;
struct cat_foreign_key {
	const char *name;
	size_t ncolumns;
	const struct cat_column **columns;
	const struct cat_table *target;		/* NULL if it lies in another schema */
	const char *const *target_columns;	/* names */
};

struct cat_table {
	const char *name;
	bool is_view;
	uint64_t rows_estimate;		/* the server's statistics, often stale */
	uint64_t data_bytes_estimate;
	size_t ncolumns;
	struct cat_column *columns;	/* in ordinal order */
	const struct cat_key *primary;	/* NULL if it has none */
	size_t nkeys;
	struct cat_key *keys;		/* the primary key among them */
	size_t nforeign_keys;
	struct cat_foreign_key *foreign_keys;
};

struct catalog {
	struct arena *arena;
	enum server_flavour flavour;
	unsigned version;		/* 10.11.6 -> 101106, 9.7.4 -> 90704 */
	const char *version_text;
	const char *server_id_text;	/* what tells this source from others: server uuid or
					   hostname:port, and the database */
	const char *database;
	bool lower_case_names;		/* table names compare without case: the server has
					   lower_case_table_names other than 0 */
	bool in_part;			/* the account may read some of the database only: what is not
					   here may be there */
	size_t ntables;
	struct cat_table *tables;
};

/* Column and table names compare as the server does: columns without ASCII case, tables exactly
 * unless lower_case_names. NULL if there is none. */
const struct cat_table *catalog_table(const struct catalog *c, const char *name, size_t len);
const struct cat_column *cat_table_column(const struct cat_table *t, const char *name, size_t len);

void catalog_free(struct catalog *c);	/* frees the arena and c; NULL is fine */

#endif
