/* The live lines; pure. */
#include "report/progress.h"

#include "report/text.h"

#define NAME_COLUMNS 32
#define BAR_COLUMNS 20
#define BAR_FROM_COLUMNS 100	/* a narrower terminal has better use for its room */

/* Ends the line that began at 'from': one that wraps could not be wiped. */
static void end_line(struct buf *b, size_t from, unsigned columns)
{
	if (columns && b->len - from >= columns)
		b->len = from + columns - 1;
	buf_addc(b, '\n');
}

static void add_bar(struct buf *b, int percent)
{
	int i;

	buf_addc(b, '[');
	for (i = 0; i < BAR_COLUMNS; i++)
		buf_addc(b, i < percent * BAR_COLUMNS / 100 ? '#' : '.');
	buf_adds(b, "] ");
}

static size_t widest(const struct progress_now *now, unsigned columns)
{
	size_t most = 0, limit = columns / 3 < NAME_COLUMNS ? columns / 3 : NAME_COLUMNS, i;

	for (i = 0; i < now->ntables; i++)
		if (strlen(now->tables[i].name) > most)
			most = strlen(now->tables[i].name);
	return most < limit ? most : limit;
}

/* The end of a long name tells more than its beginning, which is a prefix. */
static void add_name(struct buf *b, const char *name, size_t width)
{
	size_t len = strlen(name);

	if (len <= width)
		buf_addf(b, "%-*s  ", (int)width, name);
	else
		buf_addf(b, "~%s  ", name + len - (width ? width - 1 : 0));
}

/* Of a table that has several entities and is not at the last: "2 of 5: ~43 %". */
static int add_state(struct buf *b, const struct progress_table *t)
{
	const struct progress_place *p = &t->place;
	int percent = progress_percent(p);

	if (t->done) {
		buf_adds(b, "done");
		return 100;
	}
	if (!t->begun) {
		buf_adds(b, "waits");
		return 0;
	}
	if (percent >= 0) {
		buf_addf(b, "about %2d %%", percent);
		return percent;
	}
	if (p->entities < 2 || !p->entities_begun)
		return 0;
	percent = progress_percent_of_entity(p);
	buf_addf(b, "%llu of %llu", (unsigned long long)p->entities_begun,
		 (unsigned long long)p->entities);
	if (percent < 0)
		return 0;
	buf_addf(b, ": ~%d %%", percent);
	return percent;
}

static void add_table(struct buf *b, const struct progress_table *t, size_t width,
		      size_t state_width, unsigned columns)
{
	size_t from = b->len, state;
	int percent;

	add_name(b, t->name, width);
	state = b->len;
	percent = add_state(b, t);
	do
		buf_addc(b, ' ');
	while (b->len < state + state_width);
	if (columns >= BAR_FROM_COLUMNS)
		add_bar(b, percent);
	if (t->begun || t->done) {
		text_add_plural(b, t->items, "item");
		if (!t->done && t->rows_per_s) {
			buf_adds(b, ", ");
			text_add_count(b, t->rows_per_s);
			buf_adds(b, " rows/s");
		}
	}
	if (t->rejected) {
		buf_adds(b, ", ");
		text_add_plural(b, t->rejected, "reject");
	}
	if (t->skipped) {
		buf_adds(b, ", ");
		text_add_count(b, t->skipped);
		buf_adds(b, " skipped");
	}
	if (t->scanned) {
		buf_adds(b, ", ");
		text_add_count(b, t->scanned);
		buf_adds(b, " scanned");
	}
	end_line(b, from, columns);
}

static size_t widest_state(const struct progress_now *now)
{
	size_t i;

	for (i = 0; i < now->ntables; i++)
		if (now->tables[i].place.entities > 1)
			return sizeof("12 of 20: ~43 %") + 1;
	return sizeof("about 43 %") + 1;
}

/* Where not all have room: those under way are what one looks for, then those that wait. */
static int rank(const struct progress_table *t)
{
	return t->done ? 2 : t->begun ? 0 : 1;
}

static void add_left_out(struct buf *b, const struct progress_now *now, const size_t shown[3],
			 unsigned columns)
{
	static const char *const words[] = { "under way", "waiting", "done" };
	size_t of[3] = { 0 }, all = 0, from = b->len, i;
	const char *between = ": ";

	for (i = 0; i < now->ntables; i++)
		of[rank(&now->tables[i])]++;
	for (i = 0; i < 3; i++)
		all += of[i] - shown[i];
	buf_addf(b, "and %zu more", all);
	for (i = 0; i < 3; i++) {
		if (of[i] == shown[i])
			continue;
		buf_addf(b, "%s%zu %s", between, of[i] - shown[i], words[i]);
		between = ", ";
	}
	end_line(b, from, columns);
}

size_t progress_add_screen(struct buf *b, const struct progress_now *now, unsigned columns,
			   unsigned rows)
{
	/* the cursor waits on a line of its own */
	size_t room = rows > 2 ? rows - 2 : 0, lines = 0, shown[3] = { 0 }, from, i;
	size_t width = widest(now, columns), state_width = widest_state(now);
	bool all = now->ntables <= room;
	int r;

	if (!all)
		room = room ? room - 1 : 0;
	for (r = 0; r < (all ? 1 : 3); r++) {
		for (i = 0; i < now->ntables && lines < room; i++) {
			if (!all && rank(&now->tables[i]) != r)
				continue;
			add_table(b, &now->tables[i], width, state_width, columns);
			shown[r]++;
			lines++;
		}
	}
	if (!all && rows > 2) {
		add_left_out(b, now, shown, columns);
		lines++;
	}
	from = b->len;
	progress_add_words(b, now);
	end_line(b, from, columns);
	return lines + 1;
}
