/* Text inside HTML and XML: whatever is in the data, it stays text, and all of it can be seen. */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

#include "base/buf.h"

/*
 * For the text of an XML element, or an attribute's value in double quotes, in XML and HTML.
 * Controls (which XML 1.0 cannot hold) become their pictures, U+2400 and up; characters that cannot
 * be seen or turn the direction of what follows become [U+202E]; malformed bytes U+FFFD.
 */
void markup_plain(struct buf *out, struct str s);

/* For the text of an HTML element: the same, but what stands for a character is set apart as
 * <i class=u>, and line ends stay. */
void markup_html(struct buf *out, struct str s);

#endif
