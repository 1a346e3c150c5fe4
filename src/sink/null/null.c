#include "sink/null/null.h"

#include <stdatomic.h>
#include <stdlib.h>

struct null_sink {
	struct sink base;
	atomic_ullong items;
};

struct null_conn {
	struct sink_conn base;
	struct null_sink *sink;
};

static int open_conn(struct sink *s, struct sink_conn **out, struct etl_err *err)
{
	struct null_conn *c = mem_zalloc(sizeof(*c));

	(void)err;
	c->base.ops = s->ops;
	c->sink = (struct null_sink *)s;
	*out = &c->base;
	return 0;
}

static void close_conn(struct sink_conn *c)
{
	free(c);
}

static int write_items(struct sink_conn *c, const struct table_def *table, const struct put *puts,
		       size_t n, struct write_result *result, struct etl_err *err)
{
	(void)table, (void)puts, (void)err;
	*result = (struct write_result){ 0 };
	atomic_fetch_add(&((struct null_conn *)c)->sink->items, n);
	return 0;
}

/* Nothing is ever there. */
static int put_item(struct sink_conn *c, const struct table_def *table, const struct put *put,
		    const struct put_condition *condition, struct put_result *result,
		    struct etl_err *err)
{
	(void)table, (void)put, (void)condition, (void)err;
	*result = (struct put_result){ 0 };
	atomic_fetch_add(&((struct null_conn *)c)->sink->items, 1);
	return 0;
}

/* Only a target that can be read has items to change. */
static int change_item(struct sink_conn *c, const struct table_def *table,
		       const struct change *change, struct put_result *result,
		       struct etl_err *err)
{
	(void)c, (void)change;
	*result = (struct put_result){ 0 };
	return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there: nothing is kept",
			   table->name);
}

static int get(struct sink_conn *c, const struct table_def *table, const struct str *keys_json,
	       size_t n, bool *unprocessed, sink_item_fn *found, void *arg, struct etl_err *err)
{
	(void)c, (void)table, (void)keys_json, (void)found, (void)arg, (void)err;
	memset(unprocessed, 0, n * sizeof(*unprocessed));
	return 0;
}

static int scan(struct sink_conn *c, const struct table_def *table,
		const struct scan_part *part, struct buf *start_key, sink_item_fn *found,
		void *arg, struct etl_err *err)
{
	(void)c, (void)table, (void)part, (void)found;
	(void)arg, (void)err;
	buf_reset(start_key);
	return 0;
}

static int query(struct sink_conn *c, const struct table_def *table, const struct query *asked,
		 struct buf *start_key, sink_item_fn *found, void *arg, struct etl_err *err)
{
	(void)c, (void)table, (void)asked, (void)found, (void)arg, (void)err;
	buf_reset(start_key);
	return 0;
}

static int describe(struct sink_conn *c, const char *table, struct table_state *out,
		    struct etl_err *err)
{
	(void)c;
	memset(out, 0, sizeof(*out));
	return etl_err_set(err, ETL_ENOTFOUND, "table '%s' is not there: nothing is kept", table);
}

static int create(struct sink_conn *c, const struct table_def *def, struct etl_err *err)
{
	(void)c, (void)def, (void)err;
	return 0;
}

static int create_index(struct sink_conn *c, const struct table_def *def,
			const struct index_def *index, struct etl_err *err)
{
	(void)c, (void)def, (void)index, (void)err;
	return 0;
}

static const char *identity(struct sink *s)
{
	(void)s;
	return "null";
}

static void close_sink(struct sink *s)
{
	free(s);
}

static const struct sink_ops ops = {
	.open_conn = open_conn,
	.close_conn = close_conn,
	.write = write_items,
	.put = put_item,
	.change = change_item,
	.get = get,
	.scan = scan,
	.query = query,
	.describe = describe,
	.create = create,
	.create_index = create_index,
	.configure = create,
	.identity = identity,
	.close = close_sink,
};

struct sink *null_sink_new(void)
{
	struct null_sink *s = mem_zalloc(sizeof(*s));

	s->base.ops = &ops;
	return &s->base;
}

uint64_t null_sink_items(const struct sink *s)
{
	return atomic_load(&((struct null_sink *)s)->items);
}
