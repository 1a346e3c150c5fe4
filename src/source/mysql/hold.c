/*
 * That a value was cut is told by the server's warnings, which come after the last row. Where that
 * can happen to values that make items, rows are given on only when it is known that it did not.
 * Few units are so large that their rows are not kept: those are read once to know, and once more to
 * be given on, which is the same in one snapshot.
 */
#include "source/mysql/mysql_priv.h"

#define HOLD_BYTES (8u << 20)
#define KEEP_BYTES (1u << 20)
#define NO_VALUE UINT64_MAX

static void add_row(struct mysql_reader *r, MYSQL_ROW values, const unsigned long *lengths)
{
	size_t i;

	for (i = 0; i < r->row.nfields; i++) {
		uint64_t len = values[i] ? lengths[i] : NO_VALUE;

		buf_add(&r->rows, (const char *)&len, sizeof(len));
		if (values[i])
			buf_add(&r->rows, values[i], lengths[i]);
	}
}

static size_t row_bytes(const struct mysql_reader *r, const unsigned long *lengths)
{
	size_t n = 0, i;

	for (i = 0; i < r->row.nfields; i++)
		n += sizeof(uint64_t) + lengths[i];
	return n;
}

int mysql_hold_rows(struct mysql_reader *r, struct etl_err *err)
{
	bool all = true;
	MYSQL_ROW values;
	int rc;

	while ((values = mysql_fetch_row(r->res)) != NULL) {
		const unsigned long *lengths = mysql_fetch_lengths(r->res);

		if (all && r->rows.len + row_bytes(r, lengths) > HOLD_BYTES) {
			all = false;
			mysql_forget_rows(r);
		}
		if (all)
			add_row(r, values, lengths);
	}
	rc = mysql_errno(r->conn) ? mysql_reader_failed(r, err) : 0;
	mysql_free_result(r->res);
	r->res = NULL;
	if (rc == 0)
		rc = mysql_reader_check_warnings(r, err);
	if (rc < 0)
		mysql_forget_rows(r);
	else if (all)
		r->from_rows = true;
	return rc < 0 || all ? rc : mysql_reader_again(r, err);
}

int mysql_held_row(struct mysql_reader *r, struct row *row)
{
	size_t i;

	if (r->rows_at == r->rows.len) {
		mysql_forget_rows(r);
		return 0;
	}
	for (i = 0; i < r->row.nfields; i++) {
		struct field *field = &r->row.fields[i];
		uint64_t len;

		memcpy(&len, r->rows.ptr + r->rows_at, sizeof(len));
		r->rows_at += sizeof(len);
		*field = (struct field){ NULL, 0 };
		if (len == NO_VALUE)
			continue;
		*field = (struct field){ r->rows.ptr + r->rows_at, len };
		r->rows_at += len;
	}
	*row = r->row;
	return 1;
}

void mysql_forget_rows(struct mysql_reader *r)
{
	r->from_rows = false;
	r->rows_at = 0;
	buf_reset_to(&r->rows, KEEP_BYTES);
}
