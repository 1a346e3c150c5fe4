/*
 * One consistent view for several connections. Each opens its own snapshot; what is proven is that
 * no transaction became visible between the first and the last of them.
 *
 * MariaDB takes a snapshot under the lock that orders commits and tells the binlog position of
 * it: equal positions, equal data. Not so where changes reach the tables without the binlog: a
 * replica or a cluster node without log_slave_updates.
 *
 * MySQL tells no such position. With GTIDs a transaction is "owned" from before it enters the
 * binlog until after it is visible and "executed" from then on. So if after the last snapshot
 * none is owned, and those executed are the same as before the first, nothing became visible in
 * between. (Owned is read before executed: one that leaves "owned" between the two reads is
 * found in "executed".) The binlog position alone proves nothing there, since it moves before
 * the data become visible.
 *
 * Everything else takes a lock while the snapshots are opened: the global read lock, or read
 * locks on all tables where the account may not (managed servers refuse it to everybody). The
 * lock is another connection's: LOCK TABLES and START TRANSACTION end each other.
 */
#include "source/mysql/mysql_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include "base/log.h"

#define SNAPSHOT_TRIES 50
#define LOCK_WAIT_S 10

struct opening {
	struct mysql_source *source;
	struct mysql_reader **readers;
	size_t n;
	struct snapshot_info *info;
	struct etl_err *err;
};

static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

/* First row of a statement into up to 'n' copies (caller frees each); false if there is none. */
static bool first_row(MYSQL *c, const char *sql, char **out, unsigned n)
{
	MYSQL_RES *res = mysql_rows(c, sql);
	MYSQL_ROW row = res ? mysql_fetch_row(res) : NULL;
	unsigned i, have = res ? mysql_num_fields(res) : 0;

	for (i = 0; i < n; i++)
		out[i] = row && i < have && row[i] ? mem_strdup(row[i]) : NULL;
	mysql_free_result(res);
	return row != NULL;
}

static char *one_text(MYSQL *c, const char *sql)
{
	char *value = NULL;

	first_row(c, sql, &value, 1);
	return value;
}

static bool is_on(MYSQL *c, const char *sql)
{
	char *value = one_text(c, sql);
	bool on = value && (strcmp(value, "1") == 0 || strcmp(value, "ON") == 0);

	free(value);
	return on;
}

/* SHOW STATUS LIKE: the value of the one variable. */
static char *status_text(MYSQL *c, const char *sql)
{
	char *row[2] = { NULL, NULL };

	first_row(c, sql, row, 2);
	free(row[0]);
	return row[1];
}

static int start_all(struct opening *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (mysql_run(o->readers[i]->conn,
			      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY") != 0)
			return mysql_fail(o->readers[i]->conn, o->err, "cannot open a snapshot");
	return 0;
}

/* What SHOW BINARY LOG STATUS says, where the account may ask: file, position, both filters,
 * executed GTIDs (MySQL). */
struct binlog_status {
	char *text[5];
};

static bool binlog_status_read(const struct mysql_source *s, MYSQL *c, struct binlog_status *b)
{
	if (s->flavour == SERVER_MARIADB)
		return first_row(c, "SHOW MASTER STATUS", b->text, 4);
	return first_row(c, "SHOW BINARY LOG STATUS", b->text, 5) ||
	       first_row(c, "SHOW MASTER STATUS", b->text, 5);
}

static void binlog_status_free(struct binlog_status *b)
{
	size_t i;

	for (i = 0; i < 5; i++) {
		free(b->text[i]);
		b->text[i] = NULL;
	}
}

static bool same_text(const char *a, const char *b) { return a && b && strcmp(a, b) == 0; }

/* Statements on some databases are kept out of the binlog: what it says is not all there is. */
static bool binlog_filtered(const struct mysql_source *s, MYSQL *c)
{
	struct binlog_status b = { { NULL } };
	bool filtered = false;

	if (binlog_status_read(s, c, &b))
		filtered = (b.text[2] && *b.text[2]) || (b.text[3] && *b.text[3]);
	binlog_status_free(&b);
	return filtered;
}

/* ---- MariaDB ------------------------------------------------------------------------------- */

/* The position of the snapshot that connection 'c' holds; false if the server has no binlog. */
static bool mariadb_position(MYSQL *c, struct buf *file, uint64_t *position)
{
	MYSQL_RES *res = mysql_rows(c, "SHOW STATUS WHERE Variable_name IN "
				    "('binlog_snapshot_file', 'binlog_snapshot_position')");
	bool has_position = false;
	MYSQL_ROW row;

	buf_reset(file);
	while (res && (row = mysql_fetch_row(res)) != NULL) {
		if (!row[0] || !row[1])
			continue;
		if (strcasecmp(row[0], "binlog_snapshot_file") == 0) {
			buf_adds(file, row[1]);
		} else {
			*position = strtoull(row[1], NULL, 10);
			has_position = true;
		}
	}
	mysql_free_result(res);
	return file->len > 0 && has_position;
}

static void mariadb_note_position(struct opening *o)
{
	MYSQL *c = o->readers[0]->conn;
	struct buf file = { 0 }, sql = { 0 };
	char *gtid;

	if (mariadb_position(c, &file, &o->info->binlog_position)) {
		copy_text(o->info->binlog_file, sizeof(o->info->binlog_file), buf_cstr(&file));
		buf_adds(&sql, "SELECT BINLOG_GTID_POS(");
		sql_add_text(&sql, buf_str(&file));
		buf_addf(&sql, ", %llu)", (unsigned long long)o->info->binlog_position);
		gtid = one_text(c, buf_cstr(&sql));
		copy_text(o->info->gtid, sizeof(o->info->gtid), gtid);
		free(gtid);
	}
	buf_release(&file);
	buf_release(&sql);
}

/* Whether rows change without the binlog moving. */
static bool mariadb_changes_unlogged(MYSQL *c)
{
	char *running = status_text(c, "SHOW GLOBAL STATUS LIKE 'slaves_running'");
	char *cluster = status_text(c, "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'");
	bool applies = (running && strcmp(running, "0") != 0) ||
		       (cluster && strcmp(cluster, "0") != 0);

	free(running);
	free(cluster);
	return applies && !is_on(c, "SELECT @@global.log_slave_updates");
}

static bool mariadb_can_prove(const struct mysql_source *s, MYSQL *c)
{
	return is_on(c, "SELECT @@global.log_bin") && !binlog_filtered(s, c) &&
	       !mariadb_changes_unlogged(c);
}

/* 1: proven; 0: not possible or never quiet; negative: error. */
static int mariadb_try(struct opening *o)
{
	struct buf file = { 0 }, other = { 0 };
	MYSQL *main = o->source->main;
	uint64_t position = 0, at = 0;
	bool equal = false;
	int rc = 0, try;
	size_t i;

	if (!mariadb_can_prove(o->source, main))
		return 0;
	for (try = 0; try < SNAPSHOT_TRIES && rc == 0 && !equal; try++) {
		rc = start_all(o);
		if (rc < 0 || !mariadb_position(o->readers[0]->conn, &file, &position))
			break;
		equal = true;
		for (i = 1; equal && i < o->n; i++)
			equal = mariadb_position(o->readers[i]->conn, &other, &at) &&
				at == position && str_eq(buf_str(&other), buf_str(&file));
	}
	/* a replica's applier that was started meanwhile */
	if (equal && mariadb_changes_unlogged(main))
		equal = false;
	if (equal)
		snprintf(o->info->method, sizeof(o->info->method),
			 "%zu snapshots at one binlog position", o->n);
	buf_release(&file);
	buf_release(&other);
	return rc < 0 ? rc : equal;
}

/* ---- MySQL --------------------------------------------------------------------------------- */

/* "executed" of MySQL has line ends in it; the report wants one line, cut at its size. */
static void note_gtid(struct snapshot_info *info, const char *gtid)
{
	size_t n = 0;

	for (; gtid && *gtid && n + 4 < sizeof(info->gtid); gtid++)
		if (*gtid != '\n')
			info->gtid[n++] = *gtid;
	if (gtid && *gtid)
		n += (size_t)snprintf(info->gtid + n, sizeof(info->gtid) - n, "...");
	info->gtid[n] = '\0';
}

/* One try; true if nothing became visible between the first snapshot and the last. */
static bool mysql_try_once(struct opening *o, int *rc)
{
	static const char gtids[] = "SELECT @@global.gtid_owned, @@global.gtid_executed";
	struct binlog_status b0 = { { NULL } }, b1 = { { NULL } };
	char *before[2] = { NULL, NULL }, *after[2] = { NULL, NULL };
	MYSQL *main = o->source->main;
	bool proven = false;

	binlog_status_read(o->source, main, &b0);
	first_row(main, gtids, before, 2);
	*rc = start_all(o);
	if (*rc < 0)
		goto out;
	first_row(main, gtids, after, 2);
	binlog_status_read(o->source, main, &b1);
	proven = after[0] && !*after[0] && same_text(before[1], after[1]);
	if (proven) {
		note_gtid(o->info, after[1]);
		/* the position is the snapshot's only if nothing entered the binlog either */
		if (same_text(b0.text[0], b1.text[0]) && same_text(b0.text[1], b1.text[1])) {
			copy_text(o->info->binlog_file, sizeof(o->info->binlog_file), b1.text[0]);
			o->info->binlog_position = strtoull(b1.text[1], NULL, 10);
		}
	}
out:
	binlog_status_free(&b0);
	binlog_status_free(&b1);
	free(before[0]);
	free(before[1]);
	free(after[0]);
	free(after[1]);
	return proven;
}

static bool mysql_can_prove(const struct mysql_source *s, MYSQL *c)
{
	char *mode = one_text(c, "SELECT @@global.gtid_mode");
	bool can = same_text(mode, "ON") && is_on(c, "SELECT @@global.log_bin") &&
		   !binlog_filtered(s, c);

	free(mode);
	return can;
}

static int mysql_try(struct opening *o)
{
	bool proven = false;
	int rc = 0, try;

	if (!mysql_can_prove(o->source, o->source->main))
		return 0;
	for (try = 0; try < SNAPSHOT_TRIES && rc == 0 && !proven; try++)
		proven = mysql_try_once(o, &rc);
	if (proven)
		snprintf(o->info->method, sizeof(o->info->method),
			 "%zu snapshots at one GTID set", o->n);
	return rc < 0 ? rc : proven;
}

/* ---- locks --------------------------------------------------------------------------------- */

static int lock_tables(struct opening *o, MYSQL *lock)
{
	MYSQL_RES *res = mysql_rows(lock, "SHOW FULL TABLES WHERE Table_type <> 'VIEW' AND "
				    "Table_type <> 'SEQUENCE'");
	struct buf sql = { 0 };
	MYSQL_ROW row;
	int rc = 0;

	if (!res)
		return mysql_fail(lock, o->err, "cannot list the tables to lock");
	while ((row = mysql_fetch_row(res)) != NULL) {
		buf_adds(&sql, sql.len ? ", " : "LOCK TABLES ");
		sql_add_ident(&sql, row[0]);
		buf_adds(&sql, " READ");
	}
	mysql_free_result(res);
	if (sql.len && mysql_run(lock, buf_cstr(&sql)) != 0) {
		rc = mysql_fail(lock, o->err, "cannot make one snapshot for %zu readers: no "
				"read lock", o->n);
		etl_err_hint(o->err, "use --readers 1, or grant the account RELOAD, or LOCK TABLES "
			     "on the database");
	}
	buf_release(&sql);
	return rc;
}

static int open_under_lock(struct opening *o)
{
	MYSQL *lock = mysql_session_open(o->source, false, o->err);
	struct binlog_status b = { { NULL } };
	struct buf sql = { 0 };
	bool global;
	char *gtid;
	int rc = 0;

	if (!lock)
		return mysql_no_session(o->err);
	buf_addf(&sql, "SET SESSION lock_wait_timeout = %d", LOCK_WAIT_S);
	mysql_run(lock, buf_cstr(&sql));
	buf_release(&sql);
	global = mysql_run(lock, "FLUSH TABLES WITH READ LOCK") == 0;
	if (!global) {
		log_debug("no global read lock: %s", mysql_error(lock));
		rc = lock_tables(o, lock);
	}
	if (rc == 0)
		rc = start_all(o);
	if (rc == 0 && global && o->source->flavour == SERVER_MYSQL) {
		if (binlog_status_read(o->source, lock, &b) && b.text[0] && b.text[1]) {
			copy_text(o->info->binlog_file, sizeof(o->info->binlog_file), b.text[0]);
			o->info->binlog_position = strtoull(b.text[1], NULL, 10);
		}
		gtid = one_text(lock, "SELECT @@global.gtid_executed");
		note_gtid(o->info, gtid);
		free(gtid);
		binlog_status_free(&b);
	}
	snprintf(o->info->method, sizeof(o->info->method), "%zu snapshots under %s", o->n,
		 global ? "the global read lock" : "read locks on all tables");
	mysql_close(lock);	/* which ends its locks */
	return rc;
}

/* ---- all together -------------------------------------------------------------------------- */

/* Tables of engines without transactions change under every reader's eyes. */
static void warn_engines(struct mysql_source *s)
{
	MYSQL_RES *res;
	MYSQL_ROW row;
	struct buf names = { 0 }, safe = { 0 };
	unsigned n = 0;

	if (s->warned_engines)
		return;
	s->warned_engines = true;
	res = mysql_rows(s->main, "SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t "
			 "JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE "
			 "WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE <> 'VIEW' AND "
			 "COALESCE(e.TRANSACTIONS, 'NO') <> 'YES' ORDER BY t.TABLE_NAME");
	while (res && (row = mysql_fetch_row(res)) != NULL) {
		if (n < 5)
			buf_addf(&names, "%s'%s' (%s)", n ? ", " : "", row[0], row[1]);
		n++;
	}
	mysql_free_result(res);
	if (n > 5)
		buf_addf(&names, " and %u more", n - 5);
	if (n) {
		buf_add_printable(&safe, buf_str(&names));
		log_warn("no snapshot holds tables of engines without transactions; keep them "
			 "unchanged during the run: %s", buf_cstr(&safe));
	}
	buf_release(&names);
	buf_release(&safe);
}

static void note_time(struct snapshot_info *info)
{
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(info->taken_at_utc, sizeof(info->taken_at_utc), "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static int take(struct opening *o)
{
	bool mariadb = o->source->flavour == SERVER_MARIADB;
	int rc;

	if (o->n == 1) {
		copy_text(o->info->method, sizeof(o->info->method), "1 snapshot");
		/* one is consistent by itself; this is for its position */
		rc = mariadb ? 0 : mysql_try(o);
		if (rc == 0)
			rc = start_all(o);
		copy_text(o->info->method, sizeof(o->info->method), "1 snapshot");
	} else {
		rc = o->source->always_lock ? 0 : mariadb ? mariadb_try(o) : mysql_try(o);
		if (rc == 0) {
			log_debug("no proof of one snapshot without a lock");
			rc = open_under_lock(o);
		}
	}
	if (rc >= 0 && mariadb)
		mariadb_note_position(o);
	return rc < 0 ? rc : 0;
}

bool mysql_snapshot_needs_lock(const struct mysql_source *s, MYSQL *c)
{
	if (s->always_lock)
		return true;
	return s->flavour == SERVER_MARIADB ? !mariadb_can_prove(s, c) : !mysql_can_prove(s, c);
}

int mysql_op_open_readers(struct source *source, size_t n, struct source_reader **readers,
			  struct snapshot_info *info, struct etl_err *err)
{
	struct mysql_source *s = (struct mysql_source *)source;
	struct opening o = { .source = s, .n = n, .info = info, .err = err };
	int rc = 0;
	size_t i;

	memset(info, 0, sizeof(*info));
	for (i = 0; i < n; i++)
		readers[i] = NULL;
	if (!mysql_main(s, err))
		return mysql_no_session(err);
	warn_engines(s);
	o.readers = mem_array(n, sizeof(struct mysql_reader *));
	for (i = 0; i < n && rc == 0; i++) {
		o.readers[i] = mysql_reader_new(s, err);
		if (!o.readers[i])
			rc = mysql_no_session(err);
	}
	if (rc == 0) {
		note_time(info);
		rc = take(&o);
	}
	for (i = 0; i < n; i++) {
		if (rc == 0)
			readers[i] = &o.readers[i]->base;
		else if (o.readers[i])
			mysql_op_close_reader(&o.readers[i]->base);
	}
	free(o.readers);
	return rc;
}
