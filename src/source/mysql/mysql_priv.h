/* What the files of this folder share. */
#ifndef SOURCE_MYSQL_MYSQL_PRIV_H
#define SOURCE_MYSQL_MYSQL_PRIV_H

/* MySQL's header has an enum with the tag that mysql_source.h uses; its constants differ. */
#define mysql_ssl_mode client_library_ssl_mode
#include <mysql.h>
#undef mysql_ssl_mode
#include <stdatomic.h>
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "source/mysql/mysql_source.h"
#include "source/source.h"

/* ---- options.c: the settings after option files ------------------------------------------ */

/* Owned copies of everything a connection needs; zeroed is empty. NULL: not said. */
struct settings {
	char *host, *socket, *user, *password, *database;
	char *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key;
	unsigned port, connect_timeout_s;
	enum mysql_ssl_mode ssl_mode;
	bool ssl_mode_given;
	bool by_socket;		/* a Unix socket, not TCP */
	mysql_token_fn *token;	/* as in struct mysql_config */
	void *token_arg;
};

/*
 * Reads one option file as MySQL's tools do: groups [client] and [etl], '!include' and
 * '!includedir', quotes and escapes, '#' comments. Later lines win. Options of other tools are
 * passed over in [client] and warned of in [etl]. A file that everybody can write is passed over
 * with a warning. 'missing_ok': no such file is no error.
 */
int settings_read_file(struct settings *s, const char *path, bool missing_ok, struct etl_err *err);

/* Option files, then 'config' over them, then defaults. Checks what can be known without a
 * server. */
int settings_resolve(struct settings *s, const struct mysql_config *config, struct etl_err *err);

void settings_release(struct settings *s);	/* wipes the password */

/* ---- literal.c: pieces of SQL; pure ------------------------------------------------------- */

void sql_add_ident(struct buf *sql, const char *name);		/* in backticks, doubled inside */
/* A string as a literal that no sql_mode changes the meaning of: _utf8mb4 x'...'. */
void sql_add_text(struct buf *sql, struct str text);

/* Whether ranges over this column are exact and use its index: see sql_add_key_literal. */
bool sql_rangeable(const struct cat_column *c);
/* How many leading columns of the table's primary key ranges can be made of; 0: none. */
size_t sql_range_columns(const struct cat_table *t);

/*
 * The value of a key column, as the server gave it, as a literal that compares as the column does
 * and lets the server use the index. 'value' may come from a file: what does not look like a
 * value of that type is refused (false).
 */
bool sql_add_key_literal(struct buf *sql, const struct cat_column *c, struct str value);

/*
 * The condition for low < (columns) <= high, written out for the range optimizer. 'names' are the
 * columns' names in the FROM clause, where 'alias' is their table (NULL: not said); 'low' and 'high' are packed, a NULL ptr leaves a side open.
 * Writes "1" where both are. False if a bound is damaged.
 */
bool sql_add_range(struct buf *sql, const struct cat_table *t, const char *alias,
		   const char *const *names, struct str low, struct str high);

/*
 * The condition that finds the row of a primary key by equality, on more types than ranges can be
 * made of; it may hold for a row besides. 'names' as above. False if 'pk' is damaged, or a column's
 * text does not tell its value (FLOAT).
 */
bool sql_add_row(struct buf *sql, const struct cat_table *t, const char *alias,
		 const char *const *names, struct str pk);

/* The labels of a COLUMN_TYPE like "enum('a','b''c')", NULL-terminated, in 'arena'. */
const char *const *sql_parse_labels(struct arena *arena, const char *column_type);

/* "10.11.6-MariaDB-log" -> 101106; 0 if it is no version. */
unsigned sql_parse_version(const char *text);

/* ---- the driver's objects ------------------------------------------------------------------ */

struct mysql_source {
	struct source base;
	struct settings settings;	/* set before any reader starts */
	enum server_flavour flavour;
	unsigned version;
	char *version_text;
	char *identity;			/* which server it is; NULL until it is known */
	char *describe, *place;
	bool lower_case_names;
	bool warned_engines;		/* the coordinator's thread only */
	bool always_lock;		/* tests: as on a server where nothing can be proven
					   without a lock */
	MYSQL *main;			/* the coordinator's thread only */
};

struct mysql_reader {
	struct source_reader base;
	struct mysql_source *source;
	MYSQL *conn;
	unsigned long thread_id;
	int fd;				/* a copy of the connection's socket, to cut it off by */
	atomic_bool interrupted;	/* by another thread */
	bool lost;			/* the connection, and with it the snapshot, is gone */
	const struct entity_source **held;	/* whose views cannot change until it is closed */
	size_t nheld, held_cap;
	MYSQL_RES *res;			/* a result being read */
	struct row row;			/* lent to the caller */
	struct buf what;		/* what is being read, for messages */
	struct buf sql;
	bool cuts_early;		/* the server may cut what would make an item */
	bool from_rows;			/* rows come from 'rows', not from the server */
	struct buf rows;		/* packed, at most HOLD_BYTES of them; see hold.c */
	size_t rows_at;
};

/* ---- fail.c -------------------------------------------------------------------------------- */

bool mysql_is_lost(unsigned code);	/* the connection is gone */
bool mysql_is_passing(unsigned code);	/* not so, but in a new transaction it may be over */
bool mysql_is_denied(unsigned code);	/* a right is missing */

/* Sets 'err' from the connection's last error: "<fmt>: <server's words> (errno)". */
int mysql_fail(MYSQL *c, struct etl_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What to return when mysql_session_open or mysql_main gave NULL. */
int mysql_no_session(const struct etl_err *err);

/* ---- connect.c ----------------------------------------------------------------------------- */

/* A connection with TLS as asked and the program's fixed session, to the server that the first one
 * reached. 'first': the one of open, whose failure is a wrong setting rather than a lost server.
 * NULL on failure. */
MYSQL *mysql_session_open(const struct mysql_source *s, bool first, struct etl_err *err);

/* A connection to end a query of another by, that waits two seconds for the server and no more;
 * its session is as the server makes it. NULL on failure. */
MYSQL *mysql_session_brief(const struct mysql_source *s);

int mysql_socket(MYSQL *c);		/* its descriptor */

/* What tells this server from others, whatever name it is reached by; malloc'ed. */
char *mysql_session_identity(const struct mysql_source *s, MYSQL *c);

/* "user@host:port/database over TLSv1.3", malloc'ed. */
char *mysql_session_describe(const struct mysql_source *s, MYSQL *c);

/* "host:port/database", malloc'ed. */
char *mysql_session_place(const struct mysql_source *s);

/* One statement, its result (if any) thrown away. */
#define NO_TABLE "ddb__a_table_that_nobody_has"
int mysql_run(MYSQL *c, const char *sql);			/* 0, or the server's errno */

/* A statement whose rows are few. NULL on failure; caller frees with mysql_free_result. */
MYSQL_RES *mysql_rows(MYSQL *c, const char *sql);

/* The main connection: opened, and later again if the server dropped it. NULL on failure. */
MYSQL *mysql_main_open(struct mysql_source *s, bool first, struct etl_err *err);
MYSQL *mysql_main(struct mysql_source *s, struct etl_err *err);

/* ---- the operations ------------------------------------------------------------------------ */

int mysql_op_read_catalog(struct source *s, struct catalog **out, struct etl_err *err);
int mysql_op_apply(struct source *s, const struct ddl *ddl, size_t n, struct etl_err *err);
int mysql_op_list_views(struct source *s, const char *prefix, char ***names, size_t *n,
			struct etl_err *err);
int mysql_op_open_readers(struct source *s, size_t n, struct source_reader **readers,
			  struct snapshot_info *info, struct etl_err *err);
int mysql_op_key_ends(struct source_reader *r, const struct entity_source *e, struct buf *first,
		      struct buf *last, struct etl_err *err);
int mysql_op_next_bound(struct source_reader *r, const struct entity_source *e, struct str low,
			uint64_t rows, bool *has_high, struct buf *high, uint64_t *count,
			struct etl_err *err);
int mysql_op_begin(struct source_reader *r, const struct entity_source *e, const struct unit *u,
		   struct etl_err *err);
bool mysql_op_row_findable(const struct entity_source *e, struct str pk);
int mysql_op_begin_rows(struct source_reader *r, const struct entity_source *e,
			const struct str *pks, size_t n, struct etl_err *err);
int mysql_op_next(struct source_reader *r, struct row *row, struct etl_err *err);
void mysql_op_end(struct source_reader *r);
bool mysql_op_interrupt(struct source_reader *r, bool cut);
int mysql_op_duplicate_candidates(struct source_reader *r, const struct entity_source *const *e,
				  size_t n,
				  int (*found)(void *arg, size_t entity, const struct row *row,
					       struct etl_err *err),
				  void *arg, struct etl_err *err);
int mysql_op_draw(struct source_reader *r, const struct entity_source *e, uint64_t n,
		  int (*found)(void *arg, struct str pk, struct etl_err *err), void *arg,
		  struct etl_err *err);
int mysql_op_count(struct source_reader *r, const struct entity_source *e, uint64_t *rows,
		   struct etl_err *err);
int mysql_op_query(struct source_reader *r, const char *sql,
		   int (*found)(void *arg, const struct row *row, const char *const *names,
				struct etl_err *err),
		   void *arg, struct etl_err *err);
int mysql_op_try_rights(struct source *s, const char *const *views, size_t n,
			source_right_fn *found, void *arg, struct etl_err *err);
void mysql_op_close_reader(struct source_reader *r);

extern const struct source_ops mysql_source_ops;

/* ---- snapshot.c ---------------------------------------------------------------------------- */

/* Whether readers can share a snapshot only under a lock, for want of a proof without one. */
bool mysql_snapshot_needs_lock(const struct mysql_source *s, MYSQL *c);

/* ---- reader.c ------------------------------------------------------------------------------ */

struct mysql_reader *mysql_reader_new(struct mysql_source *s, struct etl_err *err);

/* Sends 'sql' and prepares to stream its rows; 'what' in words: "read 'ddb_users_view'". */
int mysql_reader_start(struct mysql_reader *r, const struct buf *sql, struct etl_err *err,
		       const char *what, ...) __attribute__((format(printf, 4, 5)));

/* The same with r->sql, and r->what as it is. */
int mysql_reader_again(struct mysql_reader *r, struct etl_err *err);

/* A call failed: what is known of the connection, and the sentence. */
int mysql_reader_failed(struct mysql_reader *r, struct etl_err *err);

/* After the last row: an error if the server cut a value, or may have. */
int mysql_reader_check_warnings(struct mysql_reader *r, struct etl_err *err);

/* Makes sure that the entity's view is the one that was planned, and stays so while this reader's
 * transaction lasts. To be called before a view is first read. */
int mysql_hold_view(struct mysql_reader *r, const struct entity_source *e, struct etl_err *err);

/* Appends what an entity's rows come from, as a table of a FROM clause: its view, or the SELECT
 * that stands for it. */
void mysql_add_entity_rows(struct buf *sql, const struct entity_source *e);

/* Appends the columns of an entity's row: its attributes, then the primary key. */
void mysql_add_entity_columns(struct buf *sql, const struct entity_source *e, const char *alias);

/* ---- hold.c -------------------------------------------------------------------------------- */

/* Holds back the rows of a query that was just started until its end, and with it the warnings, is
 * known. Negative where the server cut a value: no row was given then. */
int mysql_hold_rows(struct mysql_reader *r, struct etl_err *err);

/* The next row that is held: 1, or 0 after the last. */
int mysql_held_row(struct mysql_reader *r, struct row *row);

/* Gives back what the rows took. */
void mysql_forget_rows(struct mysql_reader *r);

/* ---- duplicates.c, pure -------------------------------------------------------------------- */

/* An expression over the view (as 'alias') that is equal for rows that may have the same item
 * key, NULL where a key is NULL: a BINARY(32). */
void sql_add_key_hash(struct buf *sql, const struct entity_source *e, const char *alias);

#endif
