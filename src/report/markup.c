#include "report/markup.h"

#include "base/utf8.h"

/* Not to be seen, or changing the order in which others are. Not blanks that are only wider. */
static bool is_hidden(unsigned cp)
{
	return (cp >= 0x80 && cp <= 0x9f) || cp == 0xad || cp == 0x34f || cp == 0x61c ||
	       cp == 0x115f || cp == 0x1160 || cp == 0x17b4 || cp == 0x17b5 ||
	       (cp >= 0x180b && cp <= 0x180f) || (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0x3164 ||
	       (cp >= 0xfdd0 && cp <= 0xfdef) || (cp >= 0xfe00 && cp <= 0xfe0f) || cp == 0xfeff ||
	       cp == 0xffa0 || (cp >= 0xfff0 && cp <= 0xfffb) || (cp & 0xfffe) == 0xfffe ||
	       (cp >= 0xe0000 && cp <= 0xe0fff);
}

static void add_picture(struct buf *out, unsigned cp, bool html)
{
	char utf8[4];
	size_t n = utf8_encode(cp == 0x7f ? 0x2421 : 0x2400 + cp, utf8);

	buf_adds(out, html ? "<i class=u>" : "");
	buf_add(out, utf8, n);
	buf_adds(out, html ? "</i>" : "");
}

static void add_text(struct buf *out, struct str s, bool html)
{
	size_t n;

	for (; s.len; s.ptr += n, s.len -= n) {
		unsigned cp = utf8_decode(s.ptr, s.len, &n);

		if (cp == '<')
			buf_adds(out, "&lt;");
		else if (cp == '>')
			buf_adds(out, "&gt;");
		else if (cp == '&')
			buf_adds(out, "&amp;");
		else if (cp == '"')
			buf_adds(out, "&quot;");
		else if (cp == '\'')
			buf_adds(out, "&#39;");
		else if (cp == '\n' || cp == '\t')
			buf_addf(out, html ? "%c" : "&#%d;", (int)cp);
		else if (cp < 0x20 || cp == 0x7f)
			add_picture(out, cp, html);
		else if (is_hidden(cp))
			buf_addf(out, html ? "<i class=u>U+%04X</i>" : "[U+%04X]", cp);
		else if (cp == 0xfffd)
			buf_adds(out, "\xef\xbf\xbd");
		else
			buf_add(out, s.ptr, n);
	}
}

void markup_plain(struct buf *out, struct str s)
{
	add_text(out, s, false);
}

void markup_html(struct buf *out, struct str s)
{
	add_text(out, s, true);
}
