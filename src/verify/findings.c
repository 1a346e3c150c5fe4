#include "verify/findings.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define HEAD_BYTES 40
#define BEFORE_BYTES 60

struct findings {
	size_t max;			/* set before start */
	struct counters *counters;	/* set before start */
	pthread_mutex_t mutex;
	uint64_t n;			/* guard: mutex; also those below */
	size_t nkept, cap;
	struct finding *kept;
};

const char *verify_mode_name(enum verify_mode mode)
{
	switch (mode) {
	case VERIFY_FULL: return "full";
	case VERIFY_DIGEST: return "digest";
	case VERIFY_COUNT: return "count";
	case VERIFY_SAMPLE: return "sample";
	}
	return "";
}

bool verify_proves(enum verify_mode mode)
{
	return mode == VERIFY_FULL || mode == VERIFY_DIGEST;
}

const char *finding_kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_MISSING: return "missing";
	case FINDING_DIFFERENT: return "different";
	case FINDING_EXTRA: return "extra";
	}
	return "";
}

const char *finding_how_name(enum finding_how how)
{
	switch (how) {
	case HOW_NONE: return "";
	case HOW_ABSENT: return "absent";
	case HOW_UNEXPECTED: return "unexpected";
	case HOW_TYPE: return "type";
	case HOW_VALUE: return "value";
	}
	return "";
}

struct findings *findings_new(size_t max, struct counters *counters)
{
	struct findings *f = mem_zalloc(sizeof(*f));

	f->max = max ? max : VERIFY_DEFAULT_FINDINGS;
	f->counters = counters;
	pthread_mutex_init(&f->mutex, NULL);
	return f;
}

static void finding_release(struct finding *f)
{
	free(f->key_json);
	free(f->source_key_json);
	free(f->attribute);
	free(f->expected);
	free(f->actual);
}

static void release_all(struct finding *f, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		finding_release(&f[i]);
	free(f);
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	release_all(f->kept, f->nkept);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

/* The first byte of the character that holds byte 'at', or 'at' in the middle of nowhere. */
static size_t char_begin(struct str s, size_t at)
{
	size_t back = 0;

	while (back < 4 && at > 0 && at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80) {
		at--;
		back++;
	}
	return at;
}

static void add_range(struct buf *out, struct str s, size_t from, size_t to)
{
	buf_add(out, s.ptr + from, to - from);
}

void finding_shorten(struct buf *out, struct str value, size_t at)
{
	size_t from, to, room = FINDING_VALUE_BYTES - HEAD_BYTES;

	if (value.len <= FINDING_VALUE_BYTES) {
		buf_addstr(out, value);
		return;
	}
	if (at > value.len)
		at = value.len;
	from = at > HEAD_BYTES + BEFORE_BYTES ? char_begin(value, at - BEFORE_BYTES) : 0;
	if (from > value.len - room)
		from = char_begin(value, value.len - room);
	if (from <= HEAD_BYTES) {
		from = 0;
		room = FINDING_VALUE_BYTES;
	} else {
		add_range(out, value, 0, char_begin(value, HEAD_BYTES));
		buf_adds(out, "...");
	}
	to = value.len - from > room ? char_begin(value, from + room) : value.len;
	add_range(out, value, from, to);
	if (to < value.len)
		buf_adds(out, "...");
}

static size_t first_difference(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len, i;

	for (i = 0; i < n; i++)
		if (a.ptr[i] != b.ptr[i])
			return i;
	return n;
}

static char *text(struct str s)
{
	return s.ptr ? mem_strndup(s.ptr, s.len) : NULL;
}

static char *value_text(struct str s, size_t at)
{
	struct buf out = { 0 };

	if (!s.ptr)
		return NULL;
	finding_shorten(&out, s, at);
	return buf_detach(&out);
}

static struct finding keep(const struct finding_parts *p)
{
	size_t at = p->expected.ptr && p->actual.ptr ?
		first_difference(p->expected, p->actual) : 0, n;
	struct finding f = {
		.kind = p->kind, .how = p->how, .cause = p->cause, .table = p->table, .entity = p->entity,
		.key_json = text(p->key_json), .source_key_json = text(p->source_key_json),
		.attribute = text(p->attribute), .expected = value_text(p->expected, at),
		.actual = value_text(p->actual, at),
	};

	/* neither ends there: both are whole JSON */
	if (p->how == HOW_VALUE && at < p->expected.len && at < p->actual.len) {
		f.differs_at = at = char_begin(p->expected, at);
		f.expected_char = utf8_decode(p->expected.ptr + at, p->expected.len - at, &n);
		f.actual_char = utf8_decode(p->actual.ptr + at, p->actual.len - at, &n);
	}
	return f;
}

void findings_add(struct findings *f, const struct finding_parts *parts)
{
	pthread_mutex_lock(&f->mutex);
	f->n++;
	if (f->nkept < f->max) {
		f->kept = mem_grow(f->kept, &f->cap, f->nkept + 1, sizeof(*f->kept));
		f->kept[f->nkept++] = keep(parts);
	}
	pthread_mutex_unlock(&f->mutex);
	COUNTERS_ADD(f->counters, differences, 1);
}

struct findings_mark findings_now(const struct findings *f)
{
	return (struct findings_mark){ f->n, f->nkept };
}

void findings_forget(struct findings *f, const struct findings_mark *since)
{
	/* modulo 2^64 */
	COUNTERS_ADD(f->counters, differences, since->n - f->n);
	while (f->nkept > since->nkept)
		finding_release(&f->kept[--f->nkept]);
	f->n = since->n;
}

static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* The table's name has the order of the run only by chance, so its pointer's is not used. */
int finding_compare(const struct finding *a, const struct finding *b)
{
	int c = strcmp(a->table, b->table);

	if (c == 0)
		c = (a->kind > b->kind) - (a->kind < b->kind);
	if (c == 0)
		c = strcmp(a->key_json, b->key_json);
	return c ? c : compare_text(a->attribute, b->attribute);
}

static int compare(const void *left, const void *right)
{
	return finding_compare(left, right);
}

void findings_take(struct findings *f, struct verify_result *r)
{
	release_all(r->findings, r->nkept);
	r->nfindings = f->n;
	r->nkept = f->nkept;
	r->findings = f->kept;
	if (f->nkept)
		qsort(f->kept, f->nkept, sizeof(*f->kept), compare);
	f->kept = NULL;
	f->nkept = f->cap = 0;
}

void verify_table_result_release(struct verify_table_result *t)
{
	size_t i;

	free(t->queries.example);
	for (i = 0; i < t->nindexes; i++)
		free(t->indexes[i].queries.example);
	free(t->indexes);
}

void verify_result_release(struct verify_result *r)
{
	size_t i;

	release_all(r->findings, r->nkept);
	for (i = 0; i < r->nreject_examples; i++)
		free(r->reject_examples[i]);
	left_alone_release(&r->repair.left_alone);
	for (i = 0; i < r->ntables; i++)
		verify_table_result_release(&r->tables[i]);
	free(r->tables);
	free(r->entities);
	*r = (struct verify_result){ 0 };
}
