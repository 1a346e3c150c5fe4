/* Words and columns for people. Everything that comes from data is made safe for a terminal. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"

void text_add_count(struct buf *b, uint64_t n);			/* 1,234,567 */
void text_add_bytes(struct buf *b, uint64_t bytes);		/* 812 B, 1.2 KB, 3.4 GB: by 1024 */
void text_add_duration(struct buf *b, int64_t ms);		/* 0.8 s, 12.3 s, 4:05, 1:02:33 */
void text_add_utc(struct buf *b, int64_t utc_ms);		/* 2024-01-31T10:20:30Z */

/* "1 item", "2 items": the plural by adding an s. */
void text_add_plural(struct buf *b, uint64_t n, const char *noun);

/*
 * A value in at most 'max' bytes or a little over: what does not fit is left out in the middle,
 * never in the first or last 'max' / 4 bytes, with the number of bytes left out in its place.
 */
void text_add_shortened(struct buf *b, struct str s, size_t max);

/* Rows of cells, written in aligned columns two blanks apart. Widths count characters. */
#define TEXT_TABLE_COLUMNS 12
struct text_table {
	size_t ncolumns;
	unsigned right;			/* bit i: column i is set flush right */
	size_t ncells, cap;
	char **cells;			/* by rows; owned */
};
void text_table_cell(struct text_table *t, struct str s);	/* copies; by rows, left to right */
void text_table_text(struct text_table *t, const char *s);
void text_table_count(struct text_table *t, uint64_t n);
void text_table_write(const struct text_table *t, const char *indent, struct buf *out);
void text_table_release(struct text_table *t);

#endif
