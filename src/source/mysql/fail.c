#include "source/mysql/mysql_priv.h"

/* Server and client error numbers: https://dev.mysql.com/doc/mysql-errors/en/ and MariaDB's
 * https://mariadb.com/kb/en/mariadb-error-codes/ */

bool mysql_is_lost(unsigned code)
{
	switch (code) {
	case 1053:	/* server shutdown */
	case 1077:
	case 1080:
	case 1152:	/* aborted connection */
	case 1158: case 1159: case 1160: case 1161:	/* network, from the server's side */
	case 1184:
	case 1927:	/* MariaDB: connection was killed */
	case 2002: case 2003:
	case 2006:	/* gone away */
	case 2013:	/* lost during the query */
	case 2026:	/* TLS: so MariaDB's library says that the peer has gone */
	case 2027:	/* malformed packet: the stream cannot be read on */
	case 2055:	/* lost, with the system's reason */
	case 3169:	/* MySQL: session was killed */
	case 4031:	/* MySQL: disconnected for inactivity */
		return true;
	default:
		return false;
	}
}

/* Somebody's KILL QUERY, a lock, a table altered since the snapshot, a cluster's node that catches
 * up: what the transaction has is spent, the next one may well succeed. */
bool mysql_is_passing(unsigned code)
{
	switch (code) {
	case 1047:	/* MariaDB: WSREP has not yet prepared the node */
	case 1205:	/* lock wait timeout */
	case 1213:	/* deadlock */
	case 1317:	/* query interrupted */
	case 1412:	/* table definition has changed */
		return true;
	default:
		return false;
	}
}

bool mysql_is_denied(unsigned code)
{
	switch (code) {
	case 1044: case 1045: case 1142: case 1143: case 1227: case 1345: case 1370: case 1419:
	case 1449: case 1698: case 3118:
		return true;
	default:
		return false;
	}
}

static const char *hint_for(unsigned code)
{
	switch (code) {
	case 1021: case 1114: case 126: case 3:
		return "the server ran out of room for temporary tables; see its tmpdir";
	case 1153: case 2020:
		return "a value is longer than the server may send; raise its max_allowed_packet";
	case 1205:
		return "another session holds a lock; try again when it is done";
	case 1226:
		return "the server limits what this account may do in an hour; lift the limit";
	case 1317:
		return "somebody ended the query with KILL";
	case 1356:
		return "a view's table or column is gone, or its definer lost a right; "
		       "'etl views' makes the views anew";
	case 1139: case 3685: case 3686: case 3688: case 3690: case 3691: case 3692: case 3696:
		return "a regular expression of the contract is wrong, or too much for the server";
	case 1267: case 1270: case 1271:
		return "the columns differ in collation: say in the contract by which they are to be "
		       "compared, with COLLATE after one of them";
	case 1411: case 1525:
		return "a condition of the contract compares a date with text that is none";
	case 1690:
		return "an expression of the contract leaves the range of its type; 'etl check --all' "
		       "names the attribute";
	case 1412:
		return "a table was altered or truncated since the snapshot was taken";
	case 1969: case 3024:
		return "the server limits how long a query may run; lift the limit for this "
		       "account";
	default:
		return NULL;
	}
}

int mysql_fail(MYSQL *c, struct etl_err *err, const char *fmt, ...)
{
	unsigned code = mysql_errno(c);
	struct buf text = { 0 };
	va_list ap;
	int rc;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_adds(&text, ": ");
	buf_add_printable(&text, str_of(code ? mysql_error(c) : "no answer from the server"));
	rc = etl_err_set(err, mysql_is_lost(code) || mysql_is_passing(code) ?
			 ETL_ESOURCELOST : ETL_ESOURCE, "%s (%u)", buf_cstr(&text), code);
	if (hint_for(code))
		etl_err_hint(err, "%s", hint_for(code));
	buf_release(&text);
	return rc;
}

int mysql_no_session(const struct etl_err *err)
{
	return err && err->code ? -(int)err->code : -(int)ETL_ESOURCELOST;
}
