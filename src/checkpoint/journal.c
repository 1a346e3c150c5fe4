#include "checkpoint/journal_priv.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

#define FORMAT "etl-journal-4"
#define FORMAT_PREFIX "etl-journal-"
#define MAX_FIELDS 16		/* of a record other than the header */
#define CRC_CHARS 8

/* ---- progress ---- */

void progress_release(struct progress *p)
{
	size_t i, k;

	for (i = 0; i < p->nentities; i++) {
		struct progress_entity *e = &p->entities[i];

		for (k = 0; k < e->nunits; k++)
			free(e->units[k].high);
		free(e->units);
		free(e->name);
		free(e->view_digest);
	}
	for (i = 0; i < p->nnotes; i++)
		free(p->notes[i]);
	free(p->notes);
	free(p->entities);
	free(p->contract_digest);
	free(p->source);
	free(p->source_words);
	free(p->target);
	free(p->write_mode);
	free(p->table_id);
	*p = (struct progress){ 0 };
}

void progress_begin(struct progress *p, const struct checkpoint_identity *id)
{
	size_t i;

	p->has_header = true;
	p->contract_digest = mem_strdup(id->contract_digest);
	p->source = mem_strdup(id->source);
	p->source_words = mem_strdup(id->source_words);
	p->target = mem_strdup(id->target);
	p->write_mode = mem_strdup(id->write_mode);
	p->table_id = mem_strdup(id->table_id);
	p->nentities = id->nentities;
	p->entities = mem_array(id->nentities, sizeof(*p->entities));
	for (i = 0; i < id->nentities; i++) {
		p->entities[i].name = mem_strdup(id->entities[i].name);
		p->entities[i].view_digest = mem_strdup(id->entities[i].view_digest);
	}
}

const char *progress_plan(struct progress *p, unsigned entity, uint64_t number, bool has_low,
			  struct str low, bool has_high, struct str high, uint64_t rows_estimate)
{
	struct progress_entity *e;
	struct progress_unit *u;

	if (p->finished)
		return "the load is finished";
	if (entity >= p->nentities)
		return "no such entity";
	e = &p->entities[entity];
	if (e->planned)
		return "the entity is planned to its end";
	if (number != e->nunits)
		return "a unit out of order";
	if (number == 0) {
		if (has_low)
			return "the first unit leaves out what lies below it";
	} else {
		u = &e->units[number - 1];
		if (!u->has_high)
			return "a unit after one that goes to the end";
		if (!has_low || !str_eq(low, (struct str){ u->high, u->high_len }))
			return "a gap or an overlap between two units";
	}
	e->units = mem_grow(e->units, &e->units_cap, e->nunits + 1, sizeof(*e->units));
	u = &e->units[e->nunits++];
	*u = (struct progress_unit){ .has_high = has_high, .rows_estimate = rows_estimate };
	if (has_high) {
		u->high = mem_strndup(high.ptr, high.len);
		u->high_len = high.len;
	}
	return NULL;
}

const char *progress_planned(struct progress *p, unsigned entity)
{
	if (p->finished)
		return "the load is finished";
	if (entity >= p->nentities)
		return "no such entity";
	if (p->entities[entity].planned)
		return "the entity is planned to its end already";
	p->entities[entity].planned = true;
	return NULL;
}

const char *progress_unit_begun(struct progress *p, unsigned entity, uint64_t number)
{
	struct progress_unit *u;

	if (p->finished)
		return "the load is finished";
	if (entity >= p->nentities || number >= p->entities[entity].nunits)
		return "a unit that was never planned is begun";
	u = &p->entities[entity].units[number];
	if (u->begun)
		return "a unit is begun twice";
	u->begun = true;
	return NULL;
}

static void drop_high(struct progress_unit *u)
{
	free(u->high);
	u->high = NULL;
	u->high_len = 0;
}

const char *progress_unit_done(struct progress *p, unsigned entity, uint64_t number,
			       const struct load_counts *counts, uint64_t rejects_bytes)
{
	struct progress_entity *e;

	if (p->finished)
		return "the load is finished";
	if (entity >= p->nentities || number >= p->entities[entity].nunits)
		return "a unit that was never planned is done";
	e = &p->entities[entity];
	if (e->units[number].done)
		return "a unit is done twice";
	if (!e->units[number].begun)
		return "a unit is done that was never begun";
	if (counts->rows_read !=
	    counts->items_written + counts->rows_skipped + counts->rows_rejected)
		return "rows read are not items written, skipped and rejected";
	if (counts->items_replaced > counts->items_written ||
	    counts->rows_same > counts->rows_skipped)
		return "a part is more than its whole";
	if (rejects_bytes < p->rejects_bytes ||
	    (rejects_bytes > p->rejects_bytes) != (counts->rows_rejected > 0))
		return "the rejects do not fit their number";
	e->units[number].done = true;
	e->ndone++;
	load_counts_add(&e->counts, counts);
	/* A bound between two done units is read by nobody again. */
	if (number > 0 && e->units[number - 1].done)
		drop_high(&e->units[number - 1]);
	if (number + 1 < e->nunits && e->units[number + 1].done)
		drop_high(&e->units[number]);
	p->rejects_bytes = rejects_bytes;
	return NULL;
}

const char *progress_entity_done(struct progress *p, unsigned entity)
{
	struct progress_entity *e;

	if (p->finished)
		return "the load is finished";
	if (entity >= p->nentities)
		return "no such entity";
	e = &p->entities[entity];
	if (e->done)
		return "an entity is done twice";
	if (!e->planned)
		return "an entity is done that is not planned to its end";
	if (e->ndone != e->nunits)
		return "an entity is done with units that are not";
	e->done = true;
	return NULL;
}

const char *progress_finish(struct progress *p)
{
	size_t i;

	if (p->finished)
		return "the load is finished twice";
	for (i = 0; i < p->nentities; i++)
		if (!p->entities[i].done)
			return "the load is finished with an entity that is not";
	p->finished = true;
	return NULL;
}

void progress_note(struct progress *p, const char *text)
{
	p->notes = mem_grow(p->notes, &p->notes_cap, p->nnotes + 1, sizeof(*p->notes));
	p->notes[p->nnotes++] = mem_strdup(text);
}

/* ---- records to bytes ---- */

static size_t line_begin(struct buf *out, uint64_t seq, const char *type)
{
	size_t start = out->len;

	buf_adds(out, "00000000 ");
	buf_addf(out, "%llu %s", (unsigned long long)seq, type);
	return start;
}

static unsigned long crc_of(const char *p, size_t n)
{
	return crc32_z(crc32_z(0, NULL, 0), (const unsigned char *)p, n);
}

static void line_end(struct buf *out, size_t start)
{
	size_t body = start + CRC_CHARS + 1;
	unsigned long crc = crc_of(out->ptr + body, out->len - body);
	size_t i;

	for (i = 0; i < CRC_CHARS; i++)
		out->ptr[start + i] = "0123456789abcdef"[crc >> (28 - 4 * i) & 15];
	buf_addc(out, '\n');
}

static void add_number(struct buf *out, uint64_t n)
{
	buf_addf(out, " %llu", (unsigned long long)n);
}

/* Blanks, controls and the backslash itself as \xHH: a field never ends its record early. */
static void add_text(struct buf *out, const char *text)
{
	buf_addc(out, ' ');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ' || c == '\\' || c == 0x7f)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, *text);
	}
}

static void add_bytes(struct buf *out, bool has, struct str bytes)
{
	buf_addc(out, ' ');
	if (has)
		buf_add_base64(out, bytes.ptr, bytes.len);
	else
		buf_addc(out, '-');
}

void record_header(struct buf *out, uint64_t seq, const struct checkpoint_identity *id)
{
	size_t start = line_begin(out, seq, FORMAT), i;

	add_text(out, id->contract_digest);
	add_text(out, id->source);
	add_text(out, id->source_words);
	add_text(out, id->target);
	add_text(out, id->write_mode);
	add_text(out, id->table_id);
	add_number(out, id->nentities);
	for (i = 0; i < id->nentities; i++) {
		add_text(out, id->entities[i].name);
		add_text(out, id->entities[i].view_digest);
	}
	line_end(out, start);
}

void record_plan(struct buf *out, uint64_t seq, unsigned entity, uint64_t number, bool has_low,
		 struct str low, bool has_high, struct str high, uint64_t rows_estimate)
{
	size_t start = line_begin(out, seq, "unit");

	add_number(out, entity);
	add_number(out, number);
	add_bytes(out, has_low, low);
	add_bytes(out, has_high, high);
	add_number(out, rows_estimate);
	line_end(out, start);
}

void record_planned(struct buf *out, uint64_t seq, unsigned entity)
{
	size_t start = line_begin(out, seq, "planned");

	add_number(out, entity);
	line_end(out, start);
}

void record_unit_begun(struct buf *out, uint64_t seq, unsigned entity, uint64_t number)
{
	size_t start = line_begin(out, seq, "begun");

	add_number(out, entity);
	add_number(out, number);
	line_end(out, start);
}

void record_unit_done(struct buf *out, uint64_t seq, unsigned entity, uint64_t number,
		      const struct load_counts *c, uint64_t rejects_bytes)
{
	size_t start = line_begin(out, seq, "done");

	add_number(out, entity);
	add_number(out, number);
	add_number(out, c->rows_read);
	add_number(out, c->items_written);
	add_number(out, c->items_replaced);
	add_number(out, c->rows_skipped);
	add_number(out, c->rows_same);
	add_number(out, c->rows_rejected);
	add_number(out, c->sparse);
	add_number(out, c->bytes);
	add_number(out, c->wcu_milli);
	add_number(out, c->write_units);
	add_number(out, rejects_bytes);
	line_end(out, start);
}

void record_entity_done(struct buf *out, uint64_t seq, unsigned entity)
{
	size_t start = line_begin(out, seq, "entity-done");

	add_number(out, entity);
	line_end(out, start);
}

void record_finish(struct buf *out, uint64_t seq)
{
	line_end(out, line_begin(out, seq, "finish"));
}

void record_note(struct buf *out, uint64_t seq, const char *text)
{
	size_t start = line_begin(out, seq, "note");

	add_text(out, text);
	line_end(out, start);
}

/* ---- bytes to records ---- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_number(struct str text, uint64_t *out)
{
	uint64_t n = 0;
	size_t i;

	if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0'))
		return false;
	for (i = 0; i < text.len; i++) {
		unsigned digit = (unsigned)(text.ptr[i] - '0');

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

static bool parse_entity(struct str text, unsigned *out)
{
	uint64_t n;

	if (!parse_number(text, &n) || n > UINT32_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

static char *parse_text(struct str text)	/* NULL: malformed; caller frees */
{
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < text.len; i++) {
		int high, low;

		if (text.ptr[i] != '\\') {
			buf_addc(&out, text.ptr[i]);
			continue;
		}
		if (text.len - i < 4 || text.ptr[i + 1] != 'x')
			goto malformed;
		high = hex_value(text.ptr[i + 2]);
		low = hex_value(text.ptr[i + 3]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			goto malformed;
		buf_addc(&out, (char)(high << 4 | low));
		i += 3;
	}
	return buf_detach(&out);
malformed:
	buf_release(&out);
	return NULL;
}

static bool parse_bytes(struct str text, bool *has, struct buf *out)
{
	*has = !str_is(text, "-");
	return !*has || buf_add_unbase64(out, text);
}

/* A record's body "<seq> <type> <fields...>" behind a right CRC; false: not a whole record. */
static bool whole_line(struct str line, struct str *body)
{
	unsigned long crc = 0;
	size_t i;

	if (line.len < CRC_CHARS + 1 || line.ptr[CRC_CHARS] != ' ')
		return false;
	for (i = 0; i < CRC_CHARS; i++) {
		int v = hex_value(line.ptr[i]);

		if (v < 0)
			return false;
		crc = crc << 4 | (unsigned long)v;
	}
	body->ptr = line.ptr + CRC_CHARS + 1;
	body->len = line.len - CRC_CHARS - 1;
	return crc_of(body->ptr, body->len) == crc;
}

static bool next_field(struct str *rest, struct str *field)
{
	const char *blank;

	if (!rest->ptr)
		return false;
	blank = rest->len ? memchr(rest->ptr, ' ', rest->len) : NULL;
	field->ptr = rest->ptr;
	field->len = blank ? (size_t)(blank - rest->ptr) : rest->len;
	if (blank) {
		rest->len -= field->len + 1;
		rest->ptr = blank + 1;
	} else {
		*rest = (struct str){ NULL, 0 };
	}
	return true;
}

static bool next_text(struct str *rest, char **out)
{
	struct str field;

	*out = next_field(rest, &field) ? parse_text(field) : NULL;
	return *out != NULL;
}

static const char malformed_record[] = "a malformed record";
static const char other_version[] = "it was written by another version of the program";

static const char *replay_header(struct progress *p, struct str rest)
{
	struct str field;
	uint64_t n, i;

	if (p->has_header)
		return "a second header";
	p->has_header = true;
	if (!next_text(&rest, &p->contract_digest) || !next_text(&rest, &p->source) ||
	    !next_text(&rest, &p->source_words) || !next_text(&rest, &p->target) ||
	    !next_text(&rest, &p->write_mode) || !next_text(&rest, &p->table_id) ||
	    !next_field(&rest, &field) || !parse_number(field, &n) || n > rest.len)
		return malformed_record;
	p->entities = mem_array((size_t)n, sizeof(*p->entities));
	p->nentities = (size_t)n;
	for (i = 0; i < n; i++)
		if (!next_text(&rest, &p->entities[i].name) ||
		    !next_text(&rest, &p->entities[i].view_digest))
			return malformed_record;
	return rest.ptr ? malformed_record : NULL;
}

static const char *replay_unit(struct progress *p, const struct str *f)
{
	struct buf low = { 0 }, high = { 0 };
	uint64_t number, rows;
	bool has_low, has_high;
	unsigned entity;
	const char *why = malformed_record;

	if (parse_entity(f[0], &entity) && parse_number(f[1], &number) &&
	    parse_bytes(f[2], &has_low, &low) && parse_bytes(f[3], &has_high, &high) &&
	    parse_number(f[4], &rows))
		why = progress_plan(p, entity, number, has_low, buf_str(&low), has_high,
				    buf_str(&high), rows);
	buf_release(&low);
	buf_release(&high);
	return why;
}

static const char *replay_begun(struct progress *p, const struct str *f)
{
	uint64_t number;
	unsigned entity;

	return parse_entity(f[0], &entity) && parse_number(f[1], &number) ?
	       progress_unit_begun(p, entity, number) : malformed_record;
}

static const char *replay_done(struct progress *p, const struct str *f)
{
	struct load_counts c;
	uint64_t number, rejects_bytes;
	unsigned entity;

	if (!parse_entity(f[0], &entity) || !parse_number(f[1], &number) ||
	    !parse_number(f[2], &c.rows_read) || !parse_number(f[3], &c.items_written) ||
	    !parse_number(f[4], &c.items_replaced) || !parse_number(f[5], &c.rows_skipped) ||
	    !parse_number(f[6], &c.rows_same) || !parse_number(f[7], &c.rows_rejected) ||
	    !parse_number(f[8], &c.sparse) || !parse_number(f[9], &c.bytes) ||
	    !parse_number(f[10], &c.wcu_milli) || !parse_number(f[11], &c.write_units) ||
	    !parse_number(f[12], &rejects_bytes))
		return malformed_record;
	return progress_unit_done(p, entity, number, &c, rejects_bytes);
}

static const char *replay_planned(struct progress *p, const struct str *f)
{
	unsigned entity;

	return parse_entity(f[0], &entity) ? progress_planned(p, entity) : malformed_record;
}

static const char *replay_entity_done(struct progress *p, const struct str *f)
{
	unsigned entity;

	return parse_entity(f[0], &entity) ? progress_entity_done(p, entity) : malformed_record;
}

static const char *replay_note(struct progress *p, const struct str *f)
{
	char *text = parse_text(f[0]);

	if (!text)
		return malformed_record;
	progress_note(p, text);
	free(text);
	return NULL;
}

static const char *replay_finish(struct progress *p, const struct str *f)
{
	(void)f;
	return progress_finish(p);
}

static const struct {
	const char *type;
	size_t nfields;
	const char *(*replay)(struct progress *p, const struct str *fields);
} record_types[] = {
	{ "unit", 5, replay_unit },
	{ "begun", 2, replay_begun },
	{ "done", 13, replay_done },
	{ "planned", 1, replay_planned },
	{ "entity-done", 1, replay_entity_done },
	{ "note", 1, replay_note },
	{ "finish", 0, replay_finish },
};

static const char *replay_record(struct progress *p, struct str body)
{
	struct str fields[MAX_FIELDS], seq_text, type;
	size_t n = 0, i;
	uint64_t seq;

	if (!next_field(&body, &seq_text) || !parse_number(seq_text, &seq) ||
	    !next_field(&body, &type))
		return malformed_record;
	if (seq != p->next_seq)
		return "a record is missing or stands twice";
	p->next_seq++;
	if (type.len > sizeof(FORMAT_PREFIX) - 1 &&
	    memcmp(type.ptr, FORMAT_PREFIX, sizeof(FORMAT_PREFIX) - 1) == 0)
		return str_is(type, FORMAT) ? replay_header(p, body) : other_version;
	if (!p->has_header)
		return "it has no header";
	while (n < MAX_FIELDS && next_field(&body, &fields[n]))
		n++;
	for (i = 0; i < sizeof(record_types) / sizeof(record_types[0]); i++)
		if (str_is(type, record_types[i].type))
			return n == record_types[i].nfields && !body.ptr ?
			       record_types[i].replay(p, fields) : malformed_record;
	return "an unknown record";
}

/* Does any whole record begin a line in these bytes? Then what comes before it is no torn end. */
static bool holds_whole_record(struct str rest)
{
	struct str body;

	while (rest.len) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t n;

		if (!end)
			return false;
		n = (size_t)(end - rest.ptr);
		if (whole_line((struct str){ rest.ptr, n }, &body))
			return true;
		rest.ptr += n + 1;
		rest.len -= n + 1;
	}
	return false;
}

const char *journal_replay(struct str content, struct progress *p, size_t *good_bytes,
			   struct buf *why)
{
	size_t at = 0;
	const char *problem = NULL;

	*good_bytes = 0;
	while (at < content.len && !problem) {
		struct str rest = { content.ptr + at, content.len - at }, body;
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t n = end ? (size_t)(end - rest.ptr) : rest.len;

		if (!end || !whole_line((struct str){ rest.ptr, n }, &body)) {
			/* A file that never had a header and is more than a torn one is not ours
			 * to cut. */
			if (holds_whole_record(rest) || (at == 0 && end))
				problem = "no whole record";
			break;
		}
		problem = replay_record(p, body);
		if (!problem) {
			at += n + 1;
			*good_bytes = at;
		}
	}
	if (!problem)
		return NULL;
	if (problem == other_version)
		buf_adds(why, problem);
	else
		buf_addf(why, "it is damaged at byte %zu (%s)", at, problem);
	return buf_cstr(why);
}
