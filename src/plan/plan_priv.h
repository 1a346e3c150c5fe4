/*
 * What the files of this room share.
 *
 * names.c     identifiers, literals, view names
 * sval.c      a value in SQL with what is known of it; how each kind of value stands as text,
 *             number, bytes; json_form.c: and inside constructed JSON
 * functions.c the functions a fragment may call and what they give; times.c: of dates and times
 * scope.c     what a name means in which fragment
 * render.c    fragment -> SQL value; operands.c: what its operators and functions are given
 * lookup.c    joins and aggregates -> LEFT JOINs that cannot multiply, and subselects
 * value.c     base value of an attribute: column, join, calculation
 * transform.c transformations of it
 * keys.c      key attributes; proof.c: can two rows have one key?
 * entity.c    all of one entity; view.c: the statements; plan.c: the whole
 */
#ifndef PLAN_PLAN_PRIV_H
#define PLAN_PLAN_PRIV_H

#include "base/buf.h"
#include "model/item.h"
#include "plan/plan.h"

/* col_kind and one more. */
enum { SVAL_NULL = COL_SPATIAL + 1 };

/* Digits of a fraction of a second where nothing but the value itself tells them: none, or six. More
 * than any number of digits. */
enum { FSP_OF_VALUE = 7 };

/* For the proof that keys are unique: a text as literals and values in turn. */
struct key_part {
	struct str literal;			/* ptr NULL: a value */
	unsigned alphabet;			/* value: ALPHA_* of the characters it may hold */
	size_t ndetermined;			/* source columns that the value determines */
	const struct cat_column **determined;
};
enum { ALPHA_DIGITS = 1, ALPHA_MINUS = 2, ALPHA_POINT = 4, ALPHA_DATE = 8 /* T : space Z */,
       ALPHA_HEX = 16, ALPHA_ANY = 32 };

/* A value in SQL. 'sql' is safe as an operand. Where 'tail' is set, sql stands inside a subselect,
 * (SELECT sql tail), which sval_close makes. */
struct sval {
	const char *sql;
	const char *tail;
	int kind;		/* enum col_kind or SVAL_NULL */
	unsigned fsp;		/* TIME, DATETIME, TIMESTAMP: digits of a fraction, or FSP_OF_VALUE */
	bool zerofill;
	bool utc;		/* TIMESTAMP: sql is a DATETIME in UTC, not a TIMESTAMP column */
	bool may_be_zero;	/* DATE, DATETIME, TIMESTAMP: zero dates are possible */
	bool nullable;
	bool literal;		/* text: a constant */
	bool small;		/* text, bytes: known to be no longer than a TEXT column's. See
				   sval_is_large */
	bool embeds_json;	/* JSON: constructed, with a JSON column or a MariaDB string inside */
	bool constructed;	/* JSON: by json-construction */
	const char *charset, *collation;	/* text; NULL: not known */
	unsigned scale_plus_1;	/* DECIMAL out of an operation: its digits after the point, and 1; 0: not
				   known. See sval_scale */
	const struct cat_column *column;	/* a bare column */
	size_t nparts;
	const struct key_part *parts;		/* of its text form; NULL: not known */
};

struct plan_ctx {
	struct arena *arena;
	const struct contract *contract;
	const struct catalog *catalog;
	const struct plan_options *options;
	struct diags *diags;
	bool mariadb;
	enum datetime_format dates;
	enum zero_dates zeros;
	bool may_be_cut;	/* of the entity being made; see struct entity_source */
};

/* The marks of model/shape.h in SQL. */
#define SQL_ZERO_DATE_MARK "_utf8mb4 x'015a45524f5f4441544501'"
#define SQL_NOT_NUMBER_MARK "_utf8mb4 x'014e4f545f4e554d42455201'"
#define SQL_NOT_UUID_MARK "_utf8mb4 x'014e4f545f5555494401'"

enum lookup_mode {
	LOOKUP_ROW,	/* the source row itself */
	LOOKUP_JOIN,	/* LEFT JOIN on a unique key */
	LOOKUP_PICK,	/* LEFT JOIN on the primary key that a subselect picks */
	LOOKUP_SCALAR	/* a subselect for each column: the target has no primary key, or the
			   server takes no more joins */
};

/* One row of another table for each source row, or none. */
struct lookup {
	const char *alias;		/* quoted */
	const struct cat_table *table;
	enum lookup_mode mode;
	const char *identity;		/* equal text, equal lookup */
	const char *join_sql;		/* JOIN, PICK: "\nLEFT JOIN ... ON ..." */
	const char *scalar_tail;	/* SCALAR: FROM ... LIMIT 1 */
	const char *scalar_alias;
	const char *scalar_from, *scalar_where;
	bool unique;			/* at most one row matches */
	const char *present_sql;	/* is there such a row? ROW: NULL */
	size_t ntied;			/* columns of the source that the row determines, by equality */
	const struct cat_column **tied;
	struct lookup *next;
};

/* A name that a fragment may use before the dot. */
struct relation {
	const char *name;		/* table name as the contract says it */
	const char *other_name;		/* join_alias, or NULL */
	const struct cat_table *table;
	const char *alias;		/* quoted SQL alias of its columns */
	const struct lookup *lookup;	/* NULL: the source, or the target inside a subselect */
	bool any_name;			/* conditional: a name that is nobody's is its name, too */
	bool is_source;			/* the entity's own row */
	bool nullable;			/* its columns may be NULL for want of a row */
};

enum side { SIDE_NONE, SIDE_LEFT, SIDE_RIGHT };

struct scope {
	size_t n;
	const struct relation *const *relations;	/* source first, then hops in order */
	const struct relation *source;
	const struct relation *target;		/* NULL: none */
	bool unqualified_target;	/* an unqualified column is the target's */
	bool unqualified_either;	/* join conditions: whoever has it */
	bool self;			/* target and source share a name and there is no alias */
	bool qualified_target;		/* with self: outside comparisons a qualified name is the
					   target's */
	enum side side;
};

struct attr_value {
	int state;			/* 0 not made, 1 being made, 2 made, 3 failed */
	struct sval value;		/* after the transformation, before the type */
	bool may_be_marked;		/* a mark can stand in it, whatever the policy */
	bool json_text;			/* value is JSON text to be parsed (json-parse, static M/L) */
	const char *separator;		/* split */
};

/* The making of one entity. */
struct entity_ctx {
	struct plan_ctx *p;
	const struct contract_table *table;
	const struct entity *entity;
	const struct cat_table *source;
	struct relation src;
	struct lookup *lookups, **lookups_end;
	size_t nlookups;
	size_t naliases;
	size_t njoined;			/* lookups that are LEFT JOINs */
	struct attr_value *values;	/* by attribute */
	size_t nnotes, notes_cap;
	struct plan_lookup *notes;
};

/* names.c */
const char *sql_ident(struct arena *a, struct str name);
const char *sql_text(struct arena *a, struct str text);
const char *sql_alias(struct arena *a, const char *table, size_t number);
bool name_eq(const struct catalog *c, const char *a, const char *b);

/* sval.c */
struct sval sval_of_column(struct plan_ctx *p, const char *alias, const struct cat_column *col,
			   bool nullable);
struct sval sval_text(struct plan_ctx *p, struct str text);	/* a constant */
struct sval sval_make(const char *sql, int kind);
struct sval sval_null(void);
const char *sval_close(struct plan_ctx *p, struct sval v);	/* its SQL, subselect closed */
struct sval sval_as_text(struct plan_ctx *p, struct sval v);	/* as type S holds it */
const char *sval_text_sql(struct plan_ctx *p, struct sval v);	/* the same, closed */
/* The same as an operand of CONCAT: neither server joins utf8mb3 with a four-byte character, nor two
 * _bin collations. */
struct sval sval_as_part(struct plan_ctx *p, struct sval v);
/* The same where its bytes count: what CASE and functions give may be in a column's charset. */
struct sval sval_as_utf8(struct plan_ctx *p, struct sval v);
/* May it be longer than any item? False for what is known to be shorter. */
bool sval_is_long(const struct sval *v);
/* May it be so long that text made of it meets the server's limit (max_allowed_packet)? */
bool sval_is_large(const struct sval *v);
/* A long column's value, cut where no item holds it any more: for what text is made of, because a
 * server gives NULL for what is over its limits. Only where the whole becomes an attribute's text or
 * bytes, or a member of JSON: then the row is the same reject either way. */
struct sval sval_capped(struct plan_ctx *p, struct sval v);
struct sval sval_as_number(struct plan_ctx *p, struct sval v);	/* as type N reads it */
/* As a member of constructed JSON. VALUE: only its meaning counts (M, L). TEXT: it is text, and the
 * transform writes MariaDB's escapes anew. EXACT: the text goes on into a template or another
 * transformation, or becomes bytes. */
enum json_form { JSON_FORM_VALUE, JSON_FORM_TEXT, JSON_FORM_EXACT };
struct sval sval_as_json(struct plan_ctx *p, struct sval v, enum json_form form);
struct sval sval_as_bytes(struct plan_ctx *p, struct sval v);	/* as type B holds it */
const char *spatial_text(struct plan_ctx *p, struct sval v);	/* well-known text */
struct sval sval_as_utc(struct plan_ctx *p, struct sval v);	/* TIMESTAMP -> DATETIME in UTC */
/* The column of a view for an attribute of this type. */
const char *sval_as_type(struct plan_ctx *p, struct sval v, enum attr_type type);
/* The one kind of several branches. 'all' are brought to it in place; type says what the
 * attribute wants where the kinds differ. */
int sval_unify(struct plan_ctx *p, struct sval *all, size_t n, enum attr_type type);
bool sval_is_temporal(int kind);
bool sval_is_number(int kind);

/* functions.c: the result's kind (and fsp) from the arguments; NULL: no such function. */
struct function {
	const char *name;
	unsigned char min_args, max_args;
	unsigned char rule;
	bool changes;		/* another value at another time: a warning */
};
const struct function *function_find(const char *name);
const char *function_nearest(const char *name);
struct sval function_result(const struct function *f, const char *sql, const struct sval *args,
			    size_t nargs);
/* Is the value one of its operands; are its operands text to it? */
bool function_gives_operand(const struct function *f);
bool function_reads_text(const struct function *f);
bool function_reads_json(const struct function *f);	/* the first is a document */
/* May its result be longer than the server makes one? */
bool function_may_be_cut(const struct function *f, const struct sval *args, size_t nargs);
bool function_refused(const char *name);	/* exists, but never called for a contract */

/* times.c */
/* Digits of the fraction of a second that a time made of the value has. */
unsigned time_digits(const struct sval *v);
/* DATE '..', TIME '..', TIMESTAMP '..' */
struct sval time_literal(struct plan_ctx *p, const char *type, struct str text);
/* "INTERVAL amount unit": no value, but an argument of time_shift. */
struct sval time_interval(struct plan_ctx *p, const struct sval *amount, const char *unit);
/* Sets kind and fsp of what 'from' is with the interval added or taken away. */
void time_shift(struct sval *out, const struct sval *from, const struct sval *interval);
/* The same, and may_be_zero, of what a function gives whose kind is a date or a time. */
void time_of_function(const struct function *f, const struct sval *args, size_t nargs,
		      struct sval *out);

/* scope.c */
struct scope scope_source(const struct entity_ctx *e);
/* The same scope and one relation more. */
struct scope scope_with(const struct plan_ctx *p, const struct scope *earlier,
			const struct relation *rel);
/* The scope of a hop's fragments: earlier relations and the target. */
struct scope scope_with_target(const struct plan_ctx *p, const struct scope *earlier,
			       const struct relation *target);
/* Makes a scope of join conditions that of a select_column: its names are the target's, on both
 * sides of a comparison. */
void scope_select(struct scope *s);
/* A column by names; NULL after reporting at 'path'. */
const struct cat_column *scope_resolve(const struct plan_ctx *p, const struct scope *s,
				       struct str qualifier, struct str name, const char *path,
				       const struct relation **rel);
/* Is the whole text the name of a column ("unit price", "orders.unit price")? */
bool scope_bare_name(const struct plan_ctx *p, const struct scope *s, const char *text,
		     struct str *qualifier, struct str *name);
/* What to say beside a name that the catalogue has not. */
const char *unseen(const struct plan_ctx *p);
void report_no_column(const struct plan_ctx *p, const char *path, const struct cat_table *t,
		      struct str name);

/* operands.c */
const char *join_args(struct plan_ctx *p, const struct sval *args, size_t n);	/* "a, b" */
void settle_floats(struct plan_ctx *p, struct sval *args, size_t n, bool same, bool text);
void settle_bits(struct plan_ctx *p, struct sval *args, size_t n);
/* One of 'args' as IF or CASE gives it: MySQL leaves each its own digits after the point, where its
 * other functions and MariaDB give all of them the most. */
void settle_scale(struct plan_ctx *p, struct sval *v, const struct sval *args, size_t n);
int arithmetic_kind(const char *op, int a, int b);
/* 'a' as an operand beside 'b'. */
const char *exact_operand(struct plan_ctx *p, const char *op, const struct sval *a,
			  const struct sval *b);
/* "(x op y)", the operands as exact_operand gives them. */
struct sval arithmetic(struct plan_ctx *p, const char *op, const struct sval *a, const struct sval *b);
/* Warns, once at a path, where a comparison makes numbers of a text column's values. */
void warn_of_conversion(struct plan_ctx *p, const char *path, const struct sval *a,
			const struct sval *b);
/* The most digits after the point of a DECIMAL, in MySQL. MariaDB has 38, but not for columns. */
enum { SCALE_MAX = 30 };
/* Digits after the point of an exact number, -1 where they are not known. */
int sval_scale(const struct sval *v);
const char *json_document(struct plan_ctx *p, struct sval v);
/* Notes where the server may have to cut what it makes. */
const char *call_sql(struct plan_ctx *p, const struct function *f, struct sval *args, size_t n);

/* render.c; false after reporting */
bool render_expr(struct plan_ctx *p, struct scope *s, const struct expr *e, const char *path,
		 struct sval *out);
bool render_fragment(struct plan_ctx *p, struct scope *s, const struct fragment *f,
		     struct sval *out);
/* Is it the name of a column and no literal? */
bool fragment_is_name(const struct plan_ctx *p, const struct scope *s, const struct fragment *f,
		      struct str *qualifier, struct str *name);
struct sval relation_column(struct plan_ctx *p, const struct relation *rel,
			    const struct cat_column *col);

/* lookup.c */
const struct cat_table *find_table(struct plan_ctx *p, const char *name, const char *path);
/* How a contract calls the target, beside its table's name. */
struct target_names {
	const char *alias;	/* join_alias, or NULL */
	bool any;		/* a name that is nobody's is the target's */
};
/* One hop: adds the lookup (or finds the same) and fills 'rel'. 'earlier' is the scope before it. */
bool lookup_add(struct entity_ctx *e, const struct scope *earlier, const struct hop *hop,
		const struct cat_table *target, struct target_names names, struct relation *rel);
/* WHERE conditions of a subselect over 'target', joined by AND. NULL after reporting. */
const char *conditions_sql(struct plan_ctx *p, struct scope *s, const struct hop *hop);
/* ", `t`.`id`": the order by which the target's first row is told. */
const char *row_order(struct plan_ctx *p, const char *alias, const struct cat_table *t);
/* Is 'x' the one column that row_order() goes by? Then nothing that comes after it can count. */
bool row_ordered_by(struct plan_ctx *p, const char *alias, const struct cat_table *t, const char *x);
/* 'target': the table that is searched, NULL if none is. */
void note_lookup(struct entity_ctx *e, const char *path, const struct cat_table *target, bool many,
		 bool no_index, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* What the equalities of a hop's conditions prove about the target of 's'. */
struct tie {
	bool unique;			/* at most one target row for a source row */
	const struct cat_key *key;	/* by this key */
	bool indexed;			/* some index of the target begins with a tied column */
	const char *force;		/* " FORCE INDEX (`x`)" by which a subselect finds its rows,
					   or "". Without it a server with stale statistics, right
					   after a table was filled say, reads all of it each time */
	bool own_row;			/* target row and source row are the same row */
	size_t nsource;			/* source columns that equal a column of the target's row */
	const struct cat_column **source;
};
struct tie find_tie(struct plan_ctx *p, struct scope *s, const struct hop *hop);

/* json.c */
bool value_of_construction(struct entity_ctx *e, const struct attribute *a, struct sval *out);

/* value.c */
bool attribute_value(struct entity_ctx *e, size_t i, struct attr_value **out);
bool value_of_base(struct entity_ctx *e, const struct attribute *a, struct sval *out);

/* transform.c */
/* Does a template of the entity name this attribute? */
bool is_placeholder(const struct entity_ctx *e, const struct attribute *a);
bool apply_transformation(struct entity_ctx *e, const struct attribute *a, struct sval base,
			  bool has_base, struct attr_value *out);
/* A template's value; 'self' (or SIZE_MAX) is the attribute it belongs to. */
bool value_of_template(struct entity_ctx *e, const struct template *t, size_t self,
		       const struct sval *base, struct sval *out);

/* keys.c */
struct key_column {
	const char *name;
	struct sval value;
	bool from_attribute;
	size_t attribute;	/* its index */
};
/* The key named 'name' of a table or index; 1 found, 0 none, -1 failed (reported). */
int resolve_key(struct entity_ctx *e, const char *name, const struct template *t,
		struct key_column *out);

/* proof.c */
void prove_keys(struct plan_ctx *p, struct plan_table *t, const struct key_column *pks,
		const struct key_column *sks, const struct cat_table *const *sources);

/* entity.c: shape, columns and FROM of one entity; false after reporting. The keys are for the
 * proof. */
bool make_entity(struct plan_ctx *p, const struct contract_table *t, const struct table_def *def,
		 const struct entity *ent, unsigned order, struct plan_entity *out,
		 struct key_column *pk, struct key_column *sk);

/* view.c: names of the views' columns, then the statements */
void name_columns(struct plan_ctx *p, struct plan_table *t);
void write_views(struct plan_ctx *p, struct plan_table *t);

#endif
