/*
 * What a load costs and how long it takes: write units from the sizes of its items and of the
 * entries that they make in indexes, money from a list of prices, time from the rate that tables
 * take. All of it is of a load into tables that hold none of the items yet: an item that is there
 * costs more or less, whatever its old form was.
 *
 * A provisioned table is quoted at its own write capacity, which its indexes have too. One on
 * demand takes as much as it is warm for; its indexes have as much again each, so the table itself,
 * which every item enters with all its bytes, sets the pace. --max-wcu counts the indexes' units
 * too. Tables are loaded one after another.
 */
#ifndef REPORT_QUOTE_H
#define REPORT_QUOTE_H

#include <stdint.h>
#include "model/tabledef.h"
#include "pipeline/load.h"
#include "report/json_out.h"
#include "report/prices.h"

/* https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html */
#define QUOTE_NEW_TABLE_UNITS_PER_S 4000

enum quote_pace { PACE_NEW_TABLE, PACE_WARM, PACE_PROVISIONED, PACE_MAX_WCU };

struct quote_table {			/* one of DynamoDB; the first part is filled in */
	const struct table_def *def;	/* its names and indexes; also, until a table that is there
					   is known, these settings: */
	bool provisioned, infrequent_access;
	int64_t write_capacity, warm_write_units;	/* 0: not said */
	uint64_t items, bytes;
	uint64_t units;			/* write units in all */
	uint64_t index_units[MAX_INDEXES];	/* of them, for each index */
	uint64_t consumed_milli;	/* after a load: what DynamoDB counted, in thousandths */
	/* by quote_reckon: */
	enum quote_pace pace;
	uint64_t units_per_s;
	int64_t duration_ms;
	uint64_t capacity, hours;	/* provisioned capacity that does it, and begun hours */
	double on_demand, at_capacity;	/* money; PRICE_UNKNOWN: unknown */
	const struct price *price;	/* or NULL */
};

struct quote {				/* texts and prices borrowed */
	const char *by;			/* "check", "load --dry-run" */
	int64_t at_utc_ms;
	const char *contract_digest;
	bool estimate;			/* from a sample of the rows; or not of all */
	const char *region;		/* NULL: unknown */
	const struct prices *prices;
	uint64_t max_wcu;		/* 0: not given */
	size_t ntables;
	struct quote_table *tables;	/* owned */
	/* by quote_reckon, of all tables: */
	uint64_t items, bytes, units;
	int64_t duration_ms;
	double on_demand, at_capacity;
	uint64_t consumed_milli;
	double consumed_on_demand;
};

/* What an earlier quote said of the same tables. Texts borrowed. */
struct quote_past {
	const char *by, *at, *currency;
	bool estimate;
	uint64_t units;
	int64_t duration_ms;
	double on_demand;
};

/* The settings of a table, the contract's or those of the one that is there. */
void quote_settings(struct quote_table *t, const struct table_def *def);

/* Tables with the contract's settings and the items of a load's result; 'q' is zeroed but for what
 * its caller sets beforehand. */
void quote_from_load(struct quote *q, const struct load_result *result,
		     const struct load_table *tables, size_t ntables);

/* Fills what is derived. */
void quote_reckon(struct quote *q);
void quote_release(struct quote *q);

void quote_text(const struct quote *q, struct buf *out);
void quote_json(const struct quote *q, struct json_out *j, const char *key);

/*
 * After a load: what DynamoDB counted against the units by size, and against an earlier quote ('past'
 * may be NULL).
 */
void quote_compared_text(const struct quote *q, const struct quote_past *past, int64_t took_ms,
			 struct buf *out);
void quote_compared_json(const struct quote *q, const struct quote_past *past, struct json_out *j,
			 const char *key);

/* "0.0066 USD", "12.30 USD", "unknown". */
void quote_add_money(struct buf *out, double money, const char *currency);
void quote_money_json(struct json_out *j, const char *key, double money);

#endif
