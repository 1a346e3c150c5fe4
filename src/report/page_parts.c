/* The parts that sections are made of. */
#include "report/page_priv.h"

const char *tone_class(enum tone tone)
{
	return tone == TONE_OK ? "ok" : tone == TONE_NOTE ? "note" : "bad";
}

void page_section(struct page *p, const char *id, const char *title)
{
	buf_addf(&p->nav, "<a href=\"#%s\">%s</a>\n", id, title);
	buf_addf(&p->body, "<h2 id=%s>%s</h2>\n", id, title);
}

void page_text(struct buf *b, struct str s)
{
	markup_html(b, s);
}

void page_table_begin(struct buf *b, const char *label, const char *const *heads)
{
	buf_adds(b, "<div class=scroll tabindex=0 role=region aria-label=\"");
	markup_plain(b, str_of(label));
	buf_adds(b, "\"><table><thead><tr>");
	for (; *heads; heads++) {
		bool number = **heads == '#';

		if (**heads == '|') {
			buf_adds(b, "<td></td>");
			continue;
		}
		buf_addf(b, "<th scope=col%s>", number ? " class=n" : "");
		markup_html(b, str_of(*heads + number));
		buf_adds(b, "</th>");
	}
	buf_adds(b, "</tr></thead>\n<tbody>\n");
}

void page_row_begin(struct buf *b)
{
	buf_adds(b, "<tr>");
}

void page_cell_head(struct buf *b, struct str s)
{
	buf_adds(b, "<th scope=row>");
	page_text(b, s);
	buf_adds(b, "</th>");
}

void page_cell_text(struct buf *b, struct str s)
{
	buf_adds(b, "<td>");
	page_text(b, s);
	buf_adds(b, "</td>");
}

void page_cell_count(struct buf *b, uint64_t n)
{
	buf_adds(b, n ? "<td class=n>" : "<td class=\"n zero\">");
	text_add_count(b, n);
	buf_adds(b, "</td>");
}

void page_cell_bytes(struct buf *b, uint64_t bytes)
{
	buf_adds(b, "<td class=n>");
	text_add_bytes(b, bytes);
	buf_adds(b, "</td>");
}

void page_cell_empty(struct buf *b)
{
	buf_adds(b, "<td></td>");
}

void page_cell_tone(struct buf *b, enum tone tone, const char *words)
{
	buf_addf(b, "<td class=is-%s>%s %s</td>", tone_class(tone),
		 tone == TONE_OK ? "\xe2\x9c\x93" : tone == TONE_NOTE ? "\xe2\x97\x8b" : "\xe2\x9c\x97",
		 words);
}

void page_row_end(struct buf *b)
{
	buf_adds(b, "</tr>\n");
}

void page_table_end(struct buf *b)
{
	buf_adds(b, "</tbody></table></div>\n");
}

void page_cell_bar(struct buf *b, const struct bar_part *parts, size_t nparts, uint64_t whole)
{
	double at = 0;
	size_t i;

	buf_adds(b, "<td class=bar><svg aria-hidden=true>");
	for (i = 0; i < nparts && whole; i++) {
		double width = 100 * (double)parts[i].n / (double)whole;

		if (!parts[i].n)
			continue;
		/* one of a million is to be seen, too */
		if (width < 1)
			width = 1;
		if (at + width > 100)
			at = 100 - width;
		buf_addf(b, "<rect class=f-%s x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"/>",
			 parts[i].fill, at, width);
		at += width;
	}
	buf_adds(b, "</svg></td>");
}

void page_facts_begin(struct buf *b)
{
	buf_adds(b, "<dl class=facts>\n");
}

void page_fact(struct buf *b, const char *name, struct str value)
{
	if (!value.ptr)
		return;
	buf_addf(b, "<dt>%s</dt><dd>", name);
	page_text(b, value);
	buf_adds(b, "</dd>\n");
}

void page_fact_count(struct buf *b, const char *name, uint64_t n)
{
	struct buf value = { 0 };

	text_add_count(&value, n);
	page_fact(b, name, buf_str(&value));
	buf_release(&value);
}

void page_facts_end(struct buf *b)
{
	buf_adds(b, "</dl>\n");
}

void page_figure(struct buf *b, const char *name, uint64_t n)
{
	buf_addf(b, "<div><dt>%s</dt><dd>", name);
	text_add_count(b, n);
	buf_adds(b, "</dd></div>\n");
}
