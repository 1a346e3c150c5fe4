/* What the files of the page share. */
#ifndef REPORT_PAGE_PRIV_H
#define REPORT_PAGE_PRIV_H

#include "report/json_in.h"
#include "report/markup.h"
#include "report/text.h"

extern const char page_style[];

enum tone { TONE_OK, TONE_NOTE, TONE_BAD };	/* for the eye; words say it as well */
const char *tone_class(enum tone tone);		/* "ok" */

/* A section: its heading, and its line in the page's list of them. 'id' is an ASCII word. */
struct page {
	struct buf body, nav;
};
void page_section(struct page *p, const char *id, const char *title);

/* Text of data. */
void page_text(struct buf *b, struct str s);

/*
 * Tables. 'heads': NULL-terminated; one that begins with '#' is of numbers, set flush right, '|'
 * alone of bars. Cells come row by row; the first of a row is its heading.
 */
void page_table_begin(struct buf *b, const char *label, const char *const *heads);
void page_row_begin(struct buf *b);
void page_cell_head(struct buf *b, struct str s);
void page_cell_text(struct buf *b, struct str s);
void page_cell_count(struct buf *b, uint64_t n);
void page_cell_bytes(struct buf *b, uint64_t bytes);
void page_cell_empty(struct buf *b);
void page_cell_tone(struct buf *b, enum tone tone, const char *words);
void page_row_end(struct buf *b);
void page_table_end(struct buf *b);

/* A bar of parts of 'whole', beside numbers that say the same. */
struct bar_part {
	const char *fill;		/* "ok", "bad", "note", "soft" */
	uint64_t n;
};
void page_cell_bar(struct buf *b, const struct bar_part *parts, size_t nparts, uint64_t whole);

/* A list of names and values. */
void page_facts_begin(struct buf *b);
void page_fact(struct buf *b, const char *name, struct str value);	/* ptr NULL: left out */
void page_fact_count(struct buf *b, const char *name, uint64_t n);
void page_facts_end(struct buf *b);

/* Figures at the top: a name and a number. */
void page_figure(struct buf *b, const char *name, uint64_t n);

/* The sections of a load and of a verify, whole reports or members of that of a run. */
void page_load_tables(struct page *p, const json_t *load);
void page_load_rest(struct page *p, json_t *load);
void page_verify_tables(struct page *p, const json_t *verify);
void page_verify_indexes(struct page *p, const json_t *verify);	/* none: nothing */
void page_verify_findings(struct page *p, const json_t *verify);
void page_verify_rest(struct page *p, json_t *verify);
void page_rejects(struct page *p, json_t *report, bool load);

/* A chart of the rates of report.samples; 'what' ("Load") is its title, 'second' the member that is
 * shown beside rows_read, 'second_words' its name. A sentence where there are too few samples. */
void page_chart(struct buf *b, const json_t *report, const char *what, const char *second,
		const char *second_words);

/* What of a report none of the others shows: objects and lists of them as sections, the rest as
 * facts. page_knows: does one of the others? */
bool page_knows(const char *member);
void page_unknown_sections(struct page *p, json_t *report);
void page_unknown_facts(struct buf *b, json_t *report);

#endif
