/*
 * A source of rows: the interface the rest of the program knows. source/mysql/ is the one driver;
 * tests bring a fake. A driver embeds struct source as its first member. Every function returns 0
 * or a negative enum etl_errc and writes the sentence into 'err'.
 *
 * Threads: struct source itself is used by one thread at a time (the coordinator); each
 * source_reader by the one thread that has it.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/stop.h"
#include "model/catalog.h"
#include "model/row.h"
#include "model/unit.h"

struct source;
struct source_reader;

/* How the consistent snapshot of a set of readers was made; for report and checkpoint. */
struct snapshot_info {
	char method[128];	/* in words: "4 snapshots at one binlog position", "read lock", ... */
	char binlog_file[512];	/* "" if the server has none or does not tell */
	uint64_t binlog_position;
	char gtid[4096];	/* MariaDB: gtid position; MySQL: executed set, shortened at the end */
	char taken_at_utc[32];	/* 2024-01-31T10:20:30Z */
};

/* One statement of DDL, for source_apply. */
struct ddl {
	const char *sql;
	const char *what;	/* for messages: "create view 'ddb_users_view'" */
	const char *grant_hint;	/* what right it takes, or NULL */
	const char *view, *marker;	/* left out where this view's stored definition holds the
					   marker: it is what the statement would make. NULL both:
					   never left out */
	bool refused;			/* what is not there is an error instead */
};

/* A right that a migration needs, as far as it could be found out. */
enum right_state { RIGHT_THERE, RIGHT_MISSING, RIGHT_UNKNOWN };
typedef void source_right_fn(void *arg, enum right_state state, const char *right,
			     const char *sentence);

struct source_ops {
	/* Reads tables, columns, keys and foreign keys of the database. Caller frees with
	 * catalog_free. */
	int (*read_catalog)(struct source *s, struct catalog **out, struct etl_err *err);

	/* Runs statements in order until the first fails. */
	int (*apply)(struct source *s, const struct ddl *ddl, size_t n, struct etl_err *err);

	/* Names of existing views that begin with 'prefix' (LIKE is not used: exact bytes), each
	 * malloc'ed in a malloc'ed array; caller frees both. */
	int (*list_views)(struct source *s, const char *prefix, char ***names, size_t *n,
			  struct etl_err *err);

	/*
	 * Opens 'n' readers that all see one consistent snapshot and keep it until closed.
	 * readers[] is filled with n pointers. Fewer is an error.
	 */
	int (*open_readers)(struct source *s, size_t n, struct source_reader **readers,
			    struct snapshot_info *info, struct etl_err *err);

	/*
	 * Plans the next range: finds the high bound that makes a unit of about 'rows' rows of
	 * e->table after the packed primary key 'low' (ptr NULL: from the beginning). *has_high
	 * false: the rest of the table is one unit. 'high' is packed (model/unit.h), reset first.
	 * *count gives the rows of the range as far as known. Uses the primary key's index.
	 */
	int (*next_bound)(struct source_reader *r, const struct entity_source *e, struct str low,
			  uint64_t rows, bool *has_high, struct buf *high, uint64_t *count,
			  struct etl_err *err);

	/* Optional, may be NULL. The first and the last packed primary key of e->table, by its
	 * index; both empty where the table is, or cannot be read in ranges. */
	int (*key_ends)(struct source_reader *r, const struct entity_source *e, struct buf *first,
			struct buf *last, struct etl_err *err);

	/* Begins to read a unit: attributes, then primary key columns, as model/shape.h says. Rows
	 * stream; nothing is held for the whole result, but where e->may_be_cut: then no row is given
	 * before it is known that no value was cut. */
	int (*begin)(struct source_reader *r, const struct entity_source *e, const struct unit *u,
		     struct etl_err *err);

	/* Can begin_rows look for this packed primary key? Not where it is no value of its column,
	 * or the column's type is one whose text does not tell the value. Asks no server. */
	bool (*row_findable)(const struct entity_source *e, struct str pk);

	/* Begins to read single rows instead, in whatever order, by their packed primary keys. Rows
	 * that are no longer there are left out; that a row comes which was not asked for is
	 * possible, and for the caller to see. -ETL_EUSAGE where row_findable() says no. */
	int (*begin_rows)(struct source_reader *r, const struct entity_source *e,
			  const struct str *pks, size_t n, struct etl_err *err);

	/* The next row, lent until the next call. 1: a row; 0: the end, known to be the end (no
	 * connection lost, no value cut by the server: its warnings 1260 and 1301 are errors of
	 * class ETL_ESOURCE); negative: error. */
	int (*next)(struct source_reader *r, struct row *row, struct etl_err *err);

	/* Ends a read, finished or given up; the reader may begin another. */
	void (*end)(struct source_reader *r);

	/*
	 * Optional, may be NULL. Makes a call under way on this reader return soon, with
	 * -ETL_ESTOPPED; the reader is of no use afterwards but to be closed. Any thread may call,
	 * as long as the reader is open. 'cut' false: asks the server, which takes a few seconds at
	 * most; false if that failed and the reader was cut off. 'cut' true: at once, and the
	 * server may not notice before it next sends something.
	 */
	bool (*interrupt)(struct source_reader *r, bool cut);

	/*
	 * Rows that may share an item key with another row: for the entities e[0..n) of one
	 * DynamoDB table (all of them that are not proven apart), runs one grouped query over the
	 * key attributes and then calls 'found' for each row of each group with two rows or more
	 * (a superset of true duplicates is fine, missing one is not): entity index in e[] and
	 * the row as begin/next would give it. The rows of one entity come in the order of its
	 * source primary key, which is the server's: only it knows how its collations sort.
	 */
	int (*duplicate_candidates)(struct source_reader *r, const struct entity_source *const *e,
				    size_t n,
				    int (*found)(void *arg, size_t entity, const struct row *row,
						 struct etl_err *err),
				    void *arg, struct etl_err *err);

	/* Draws at most 'n' rows of an entity (where included) at random, each with the same chance
	 * and none twice, and gives their packed primary keys; fewer only if there are no more. The
	 * entity has a primary key. */
	int (*draw)(struct source_reader *r, const struct entity_source *e, uint64_t n,
		    int (*found)(void *arg, struct str pk, struct etl_err *err), void *arg,
		    struct etl_err *err);

	/* Counts the rows of an entity (where included) in the reader's snapshot. */
	int (*count)(struct source_reader *r, const struct entity_source *e, uint64_t *rows,
		     struct etl_err *err);

	/* Runs a query of the program's own and gives its rows, for samples and explain. */
	int (*query)(struct source_reader *r, const char *sql,
		     int (*found)(void *arg, const struct row *row, const char *const *names,
				  struct etl_err *err),
		     void *arg, struct etl_err *err);

	/*
	 * Optional, may be NULL. Tries the rights that the views (by name) and several readers in
	 * one snapshot need, and gives each with a sentence: why it is needed, and what the server
	 * said where it is missing or unknown. Changes nothing.
	 */
	int (*try_rights)(struct source *s, const char *const *views, size_t n,
			  source_right_fn *found, void *arg, struct etl_err *err);

	void (*close_reader)(struct source_reader *r);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
};

struct source_reader {
	const struct source_ops *ops;
};

/* The sum of what a reader may hold in memory besides the row it lends, for the memory limit. */
#define SOURCE_READER_BUFFER_BYTES (1u << 20)

#endif
