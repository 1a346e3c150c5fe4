/*
 * Where items go, and where they are read back: the interface the rest of the program knows.
 * sink/dynamodb/ is the driver in earnest, sink/null/ counts and drops (for --dry-run and
 * measurements), tests bring a fake. A driver embeds struct sink as its first member.
 *
 * A call makes one attempt (after at most a silent re-send on a fresh connection that HTTP allows
 * itself); retrying, pacing and giving up are the caller's (pipeline/retry.h), by the class of the
 * error: ETL_ETHROTTLED, ETL_ETRANSIENT, ETL_EUNKNOWN and ETL_EEXPIRED may be tried again,
 * ETL_ESINK, ETL_ENOTFOUND and ETL_ECREDENTIALS are hopeless, ETL_EITEM says that some item of the
 * request is at fault (the caller bisects).
 *
 * Threads: struct sink is shared and thread-safe; a sink_conn belongs to one thread.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "model/tabledef.h"

#define BATCH_MAX_ITEMS 25
#define BATCH_GET_MAX_KEYS 100
#define BATCH_MAX_BYTES (16u << 20)	/* of a whole request on the wire */

struct sink;
struct sink_conn;

/* One item to write; everything borrowed until the call returns. */
struct put {
	struct str item_json;
	struct str key;		/* canonical key bytes (model/key.h) */
	size_t size_bytes;
};

struct write_result {
	uint32_t unprocessed;	/* bit i: puts[i] was not written and is to be sent again */
	double consumed_wcu;	/* as the service says, indexes included; 0 if it does not */
};

/* What may happen to an item that is there already. */
enum write_mode {
	WRITE_OVERWRITE,	/* it is replaced */
	WRITE_IF_ABSENT,	/* it stays */
	WRITE_NEWER		/* it stays, unless it is proven to be older */
};

struct put_condition {
	enum write_mode mode;			/* if-absent or newer */
	const char *version_attribute;		/* newer: tells which item is older */
};

/* A change to an item that is there; everything borrowed until the call returns. */
struct change {
	struct str key_json;		/* DynamoDB JSON of the key attributes */
	struct str seen;		/* the item as it was seen, DynamoDB JSON */
	struct str wanted;		/* as it shall be; ptr NULL: not there */
};

/* One put under a condition was answered: either it was written, or the item that is there is held
 * and nothing was done. */
struct put_result {
	bool held;
	bool replaced;		/* written, and an older item was there */
	bool maybe_twice;	/* the request may have been sent a second time unseen, and the answer
				   be that to the second one: also where put fails */
	struct str there;	/* held: the item that is there (DynamoDB JSON), of a change empty if
				   there is none; replaced or deleted: that item, if the answer
				   shows it. Lent until the next call on the connection */
	double consumed_wcu;	/* as the service says; of a held one it says nothing: 0 */
};

/* Which items a page of a scan gives. */
struct scan_part {
	unsigned segment, segments;	/* one of a parallel scan's, from 0 */
	bool keys_only;			/* only the key attributes come */
	unsigned limit;			/* at most so many items; 0: as many as 1 MB holds */
	const char *index;		/* NULL: the table; else this index, not strongly consistent;
					   keys_only: the table's keys come */
};

/* What a query asks for; everything borrowed until the call returns. */
enum query_sort { QUERY_SORT_ANY, QUERY_SORT_IS, QUERY_SORT_BEGINS };
struct query {
	const char *index;		/* NULL: the table, strongly consistent */
	const struct key_schema *keys;	/* of the table or index */
	struct str pk_json, sk_json;	/* {"S":"x"}; the second unless QUERY_SORT_ANY */
	enum query_sort sort;
	size_t begin_bytes;		/* QUERY_SORT_BEGINS: of what the sort key begins with; the
					   asker's own */
};

/* Called for each item that a read gives: item_json is one DynamoDB JSON object, lent. */
typedef int sink_item_fn(void *arg, struct str item_json, struct etl_err *err);

struct table_state {
	bool active;			/* table and every index */
	struct table_def def;		/* in 'arena' */
	struct arena *arena;		/* caller frees with arena_free */
	int64_t item_count;		/* the service's own, hours old */
	const char *status;		/* "CREATING", ... in 'arena' */
	const char *id;			/* which table of this name it is, in 'arena': another one
					   after it was deleted and made again; "" unknown */
	size_t nbackfilling;		/* indexes that are not ACTIVE yet */
};

struct sink_ops {
	/* A connection for one thread. */
	int (*open_conn)(struct sink *s, struct sink_conn **out, struct etl_err *err);
	void (*close_conn)(struct sink_conn *c);

	/* Writes 1 to 25 items with distinct keys in one request (BatchWriteItem). */
	int (*write)(struct sink_conn *c, const struct table_def *table, const struct put *puts,
		     size_t n, struct write_result *result, struct etl_err *err);

	/*
	 * Writes one item if the condition allows it (PutItem), all or nothing:
	 *	if-absent	no item of this key is there
	 *	newer		none is there, or the one that is there has a version attribute
	 *			of the same type (S, N or B) as the put's, and it is less: numbers
	 *			by value, texts and binary by their bytes. A put without version
	 *			attribute (or with an empty or NULL one) is as if-absent.
	 * An error leaves the item as errors of write do; ETL_EITEM: this item is at fault.
	 */
	int (*put)(struct sink_conn *c, const struct table_def *table, const struct put *put,
		   const struct put_condition *condition, struct put_result *result,
		   struct etl_err *err);

	/*
	 * Makes 'seen' of an item 'wanted', if every attribute of 'seen' is as it was and none of
	 * those is there that 'wanted' has besides (UpdateItem, DeleteItem). Attributes that are in
	 * neither are not looked at, and stay. Errors as of put.
	 */
	int (*change)(struct sink_conn *c, const struct table_def *table,
		      const struct change *change, struct put_result *result,
		      struct etl_err *err);

	/* Fetches 1 to 100 distinct keys (DynamoDB JSON objects), strongly consistent
	 * (BatchGetItem). Gives found items in any order; *unprocessed[i] set for keys that are to
	 * be asked again. A key neither given nor unprocessed is not there. */
	int (*get)(struct sink_conn *c, const struct table_def *table, const struct str *keys_json,
		   size_t n, bool *unprocessed, sink_item_fn *found, void *arg,
		   struct etl_err *err);

	/* One page of a Scan, strongly consistent but for indexes. 'start_key' (DynamoDB JSON, empty: from the
	 * beginning) is replaced by where the next page begins, emptied at the end of the
	 * segment. */
	int (*scan)(struct sink_conn *c, const struct table_def *table,
		    const struct scan_part *part, struct buf *start_key, sink_item_fn *found,
		    void *arg, struct etl_err *err);

	/* One page of a Query, as a page of scan. */
	int (*query)(struct sink_conn *c, const struct table_def *table, const struct query *query,
		     struct buf *start_key, sink_item_fn *found, void *arg, struct etl_err *err);

	/* The table as it stands; ETL_ENOTFOUND if there is none. */
	int (*describe)(struct sink_conn *c, const char *table, struct table_state *out,
			struct etl_err *err);

	/* Asks for a table with its indexes and all settings that CreateTable takes, does not
	 * wait. */
	int (*create)(struct sink_conn *c, const struct table_def *def, struct etl_err *err);

	/* Asks for one more index of an existing table; does not wait. */
	int (*create_index)(struct sink_conn *c, const struct table_def *def,
			    const struct index_def *index, struct etl_err *err);

	/* Settings that only an ACTIVE table takes: TTL, point-in-time recovery. */
	int (*configure)(struct sink_conn *c, const struct table_def *def, struct etl_err *err);

	/* "dynamodb us-east-1 https://..." : identity of the target for checkpoint and report. */
	const char *(*identity)(struct sink *s);

	void (*close)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
};

struct sink_conn {
	const struct sink_ops *ops;
	double consumed_rcu;	/* by the last read, as the service says; 0 if it failed or does
				   not say */
};

#endif
