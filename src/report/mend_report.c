#include "report/mend_report.h"

#include "report/text.h"
#include "report/verify_report.h"

static void left_alone_text(const struct left_alone *l, struct buf *out)
{
	size_t i;

	for (i = 0; i < l->nkept && i < VERIFY_REPORT_TEXT_FINDINGS; i++) {
		buf_adds(out, "  left alone: ");
		buf_add_printable(out, str_of(l->kept[i].table));
		buf_addc(out, ' ');
		text_add_shortened(out, str_of(l->kept[i].key_json), 400);
		buf_adds(out, ": ");
		buf_add_printable(out, str_of(l->kept[i].why));
		buf_addc(out, '\n');
	}
	if (l->n > i) {
		buf_adds(out, "  and ");
		text_add_count(out, l->n - i);
		buf_adds(out, " more left alone\n");
	}
}

static void left_alone_json(const struct left_alone *l, const char *key, struct json_out *j)
{
	json_out_open(j, key, '[');
	for (size_t i = 0; i < l->nkept; i++) {
		json_out_open(j, NULL, '{');
		json_out_str(j, "table", l->kept[i].table);
		json_out_raw(j, "key", l->kept[i].key_json);
		json_out_str(j, "why", l->kept[i].why);
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
}

void repair_report_text(const struct repair_result *r, struct buf *out)
{
	buf_adds(out, "repair: ");
	text_add_plural(out, r->written, "missing item");
	buf_adds(out, " written, ");
	text_add_plural(out, r->changed, "item");
	buf_adds(out, " changed, ");
	text_add_plural(out, r->deleted, "extra item");
	buf_adds(out, " deleted");
	if (r->already) {
		buf_adds(out, ", ");
		text_add_plural(out, r->already, "item");
		buf_adds(out, " right by then");
	}
	buf_adds(out, "; all of it was verified again\n");
	left_alone_text(&r->left_alone, out);
	if (!r->has_undo)
		return;
	buf_adds(out, "undo file: ");
	buf_add_printable(out, str_of(r->undo_path));
	buf_addc(out, '\n');
}

void repair_report_json(const struct repair_result *r, struct json_out *j)
{
	json_out_open(j, "repair", '{');
	json_out_str(j, "undo_file", r->has_undo ? r->undo_path : NULL);
	json_out_count(j, "items_missing", r->missing);
	json_out_count(j, "items_different", r->different);
	json_out_count(j, "items_extra", r->extra);
	json_out_count(j, "items_written", r->written);
	json_out_count(j, "items_changed", r->changed);
	json_out_count(j, "items_deleted", r->deleted);
	json_out_count(j, "items_already_right", r->already);
	json_out_count(j, "items_left_alone", r->left_alone.n);
	left_alone_json(&r->left_alone, "left_alone", j);
	json_out_close(j, '}');
}

void undo_report_text(const struct undo_result *r, struct buf *out)
{
	buf_adds(out, "undo: ");
	text_add_plural(out, r->undone, "item");
	buf_adds(out, " put back, ");
	text_add_count(out, r->already);
	buf_adds(out, " as before already, ");
	text_add_count(out, r->left_alone.n);
	buf_adds(out, " left alone\n");
	left_alone_text(&r->left_alone, out);
}

void undo_report_json(const struct undo_result *r, const char *path, struct buf *out)
{
	struct json_out j = { .out = out };

	json_out_open(&j, NULL, '{');
	json_out_str(&j, "report", "undo");
	json_out_str(&j, "undo_file", path);
	json_out_count(&j, "items", r->lines);
	json_out_count(&j, "undone", r->undone);
	json_out_count(&j, "already", r->already);
	json_out_count(&j, "left_alone", r->left_alone.n);
	left_alone_json(&r->left_alone, "left", &j);
	json_out_close(&j, '}');
}
