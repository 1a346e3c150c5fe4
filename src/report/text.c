#include "report/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void text_add_count(struct buf *b, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), i;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addc(b, ',');
		buf_addc(b, digits[i]);
	}
}

void text_add_bytes(struct buf *b, uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	double scaled = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		buf_addf(b, "%llu B", (unsigned long long)bytes);
		return;
	}
	/* what would be printed as 1024.0 belongs to the next unit */
	while (scaled >= 1023.95 && unit < 5) {
		scaled /= 1024;
		unit++;
	}
	buf_addf(b, "%.1f %s", scaled, units[unit]);
}

void text_add_duration(struct buf *b, int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		ms = s = 0;
	if (ms < 60000)
		buf_addf(b, "%lld.%lld s", (long long)s, (long long)(ms % 1000 / 100));
	else if (s < 3600)
		buf_addf(b, "%lld:%02lld", (long long)(s / 60), (long long)(s % 60));
	else
		buf_addf(b, "%lld:%02lld:%02lld", (long long)(s / 3600),
			 (long long)(s / 60 % 60), (long long)(s % 60));
}

void text_add_utc(struct buf *b, int64_t utc_ms)
{
	time_t s = (time_t)(utc_ms / 1000);
	struct tm tm;

	gmtime_r(&s, &tm);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void text_add_plural(struct buf *b, uint64_t n, const char *noun)
{
	text_add_count(b, n);
	buf_addf(b, " %s%s", noun, n == 1 ? "" : "s");
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

void text_add_shortened(struct buf *b, struct str s, size_t max)
{
	size_t head, tail;

	if (s.len <= max) {
		buf_add_printable(b, s);
		return;
	}
	head = max / 2;
	tail = s.len - max / 2;
	while (head && is_continuation(s.ptr[head]))
		head--;
	while (tail < s.len && is_continuation(s.ptr[tail]))
		tail++;
	buf_add_printable(b, (struct str){ s.ptr, head });
	buf_addf(b, " ...%zu bytes... ", tail - head);
	buf_add_printable(b, (struct str){ s.ptr + tail, s.len - tail });
}

void text_table_cell(struct text_table *t, struct str s)
{
	struct buf safe = { 0 };

	buf_add_printable(&safe, s);
	t->cells = mem_grow(t->cells, &t->cap, t->ncells + 1, sizeof(*t->cells));
	t->cells[t->ncells++] = buf_detach(&safe);
}

void text_table_text(struct text_table *t, const char *s)
{
	text_table_cell(t, str_of(s));
}

void text_table_count(struct text_table *t, uint64_t n)
{
	struct buf b = { 0 };

	text_add_count(&b, n);
	text_table_cell(t, buf_str(&b));
	buf_release(&b);
}

static size_t width_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !is_continuation(*s);
	return n;
}

void text_table_write(const struct text_table *t, const char *indent, struct buf *out)
{
	size_t widths[TEXT_TABLE_COLUMNS] = { 0 }, i, pad;

	for (i = 0; i < t->ncells; i++) {
		size_t w = width_of(t->cells[i]);

		if (w > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = w;
	}
	for (i = 0; i < t->ncells; i++) {
		size_t column = i % t->ncolumns;
		bool right = t->right & 1u << column, last = column + 1 == t->ncolumns;

		buf_adds(out, column ? "  " : indent);
		pad = widths[column] - width_of(t->cells[i]);
		if (right)
			for (; pad; pad--)
				buf_addc(out, ' ');
		buf_adds(out, t->cells[i]);
		for (; pad && !last; pad--)
			buf_addc(out, ' ');
		if (last)
			buf_addc(out, '\n');
	}
}

void text_table_release(struct text_table *t)
{
	size_t i;

	for (i = 0; i < t->ncells; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct text_table){ 0 };
}
