#include "verify/cause.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "model/json.h"
#include "model/number.h"

static const struct { const char *name, *words; } causes[] = {
	[CAUSE_UNKNOWN] = { "", "" },
	[CAUSE_NUMBER_AS_TEXT] = { "number-as-text", "the number was written as a string" },
	[CAUSE_TEXT_AS_NUMBER] = { "text-as-number", "the string was written as a number" },
	[CAUSE_DATE_FORMAT] = { "date-format", "the same time in another format" },
	[CAUSE_TIME_ZONE] = { "time-zone", "the time was shifted by a time zone" },
	[CAUSE_WHITE_SPACE] = { "white-space", "only white space differs" },
	[CAUSE_LETTER_CASE] = { "letter-case", "only upper and lower case differ" },
	[CAUSE_ABSENT_FOR_EMPTY] = { "absent-for-empty", "an empty value was left out" },
	[CAUSE_EMPTY_FOR_ABSENT] = { "empty-for-absent",
				     "an empty value was written where there is none" },
	[CAUSE_NULL_FOR_ABSENT] = { "null-for-absent", "NULL was written where there is nothing" },
	[CAUSE_ROUNDED] = { "rounded", "the number was rounded" },
	[CAUSE_FLOATING_POINT] = { "floating-point",
				   "the number went through a floating-point type" },
	[CAUSE_CUT] = { "cut", "the value was cut" },
	[CAUSE_ENCODED_TWICE] = { "encoded-twice", "the value was encoded twice" },
	[CAUSE_DOCUMENT_AS_TEXT] = { "document-as-text",
				     "the document was written as its JSON text" },
	[CAUSE_SET_AS_LIST] = { "set-as-list", "the set was written as a list" },
	[CAUSE_BOOLEAN] = { "boolean", "the truth value was written as another type" },
	[CAUSE_INVISIBLE] = { "invisible", "only characters that are not to be seen differ" },
	[CAUSE_UNICODE_FORM] = { "unicode-form",
				 "the same letter in another normalisation form of Unicode" },
	[CAUSE_OLDER] = { "older", "the item is older than its row" },
	[CAUSE_NEWER] = { "newer", "the item is newer than its row" },
};

const char *finding_cause_name(enum finding_cause cause)
{
	return causes[cause].name;
}

const char *finding_cause_words(enum finding_cause cause)
{
	return causes[cause].words;
}

/* ---- dates ---------------------------------------------------------------------------------- */

struct moment {
	int64_t ms;			/* since 1970, as if in UTC where no zone is said */
	bool has_time;
};

struct scan { const char *at, *end; };

static bool digits(struct scan *s, size_t n, int *out)
{
	size_t i;

	if ((size_t)(s->end - s->at) < n)
		return false;
	for (*out = 0, i = 0; i < n; i++, s->at++) {
		if (*s->at < '0' || *s->at > '9')
			return false;
		*out = *out * 10 + (*s->at - '0');
	}
	return true;
}

static bool skip(struct scan *s, const char *any)
{
	if (s->at == s->end || !strchr(any, *s->at))
		return false;
	s->at++;
	return true;
}

/* Days since 1970 of the proleptic Gregorian calendar, by counting from 1 March 0000. */
static int64_t days(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* ".125": thousandths, further digits cut; nothing is 0. */
static bool fraction(struct scan *s, int *ms)
{
	int scale = 100;

	*ms = 0;
	if (!skip(s, ".,"))
		return true;
	if (s->at == s->end || *s->at < '0' || *s->at > '9')
		return false;
	for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++, scale /= 10)
		*ms += (*s->at - '0') * scale;
	return true;
}

/* "Z", "+02:00", "+0200", "+02" or nothing, in minutes. */
static bool zone(struct scan *s, int *minutes)
{
	int hours = 0, rest = 0, sign;

	*minutes = 0;
	if (s->at == s->end || skip(s, "Zz"))
		return s->at == s->end;
	sign = *s->at == '-' ? -1 : 1;
	if (!skip(s, "+-") || !digits(s, 2, &hours))
		return false;
	skip(s, ":");
	if (s->at < s->end && !digits(s, 2, &rest))
		return false;
	*minutes = sign * (hours * 60 + rest);
	return s->at == s->end;
}

/* What follows a date: nothing, or a time with or without seconds and zone. */
static bool time_of_day(struct scan *s, struct moment *m)
{
	int hour, minute, second = 0, ms = 0, minutes;

	m->has_time = false;
	if (s->at == s->end)
		return true;
	if (!skip(s, "Tt ") || !digits(s, 2, &hour) || !skip(s, ":") || !digits(s, 2, &minute))
		return false;
	if (skip(s, ":") && (!digits(s, 2, &second) || !fraction(s, &ms)))
		return false;
	skip(s, " ");
	if (hour > 23 || minute > 59 || second > 60 || !zone(s, &minutes))
		return false;
	m->has_time = true;
	m->ms += ((hour * 60 + minute - minutes) * 60 + second) * INT64_C(1000) + ms;
	return true;
}

static bool date(int year, int month, int day, struct moment *m)
{
	m->ms = days(year, month, day) * INT64_C(86400000);
	return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* 2024-01-31, 2024/01/31, 20240131 */
static bool year_first(struct scan s, struct moment *m)
{
	int year, month, day;
	bool apart;

	if (!digits(&s, 4, &year))
		return false;
	apart = skip(&s, "-/.");
	if (!digits(&s, 2, &month) || (apart && !skip(&s, "-/.")) || !digits(&s, 2, &day))
		return false;
	return date(year, month, day, m) && time_of_day(&s, m);
}

/* 31.01.2024 or 01/31/2024 */
static bool year_last(struct scan s, bool month_first, struct moment *m)
{
	int a, b, year;

	if (!digits(&s, 2, &a) || !skip(&s, "-/.") || !digits(&s, 2, &b) || !skip(&s, "-/.") ||
	    !digits(&s, 4, &year))
		return false;
	return date(year, month_first ? a : b, month_first ? b : a, m) && time_of_day(&s, m);
}

/* Seconds or milliseconds since 1970, of times from 1973 to 2096. */
static bool epoch(struct str text, struct moment *m)
{
	double n;
	char copy[32];

	if (text.len == 0 || text.len >= sizeof(copy) || text.ptr[0] < '0' || text.ptr[0] > '9')
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	n = strtod(copy, NULL);
	m->has_time = true;
	if (n >= 1e8 && n < 4e9)
		m->ms = (int64_t)floor(n * 1000);
	else if (n >= 1e11 && n < 4e12)
		m->ms = (int64_t)floor(n);
	else
		return false;
	return true;
}

#define READINGS 4

/* All ways in which a value is a moment. */
static size_t moments(const struct value *v, struct moment out[READINGS])
{
	struct scan s = { v->bytes.ptr, v->bytes.ptr + v->bytes.len };
	size_t n = 0;

	if (v->type == ATTR_N)
		return epoch(v->bytes, &out[0]);
	if (v->type != ATTR_S || v->bytes.len > 64 || v->bytes.len < 8)
		return 0;
	n += year_first(s, &out[n]);
	n += year_last(s, false, &out[n]);
	n += year_last(s, true, &out[n]);
	if (n == 0)
		n += epoch(v->bytes, &out[n]);
	return n;
}

static int64_t seconds(const struct moment *m)
{
	return (m->ms - (m->ms % 1000 + 1000) % 1000) / 1000;
}

static enum finding_cause by_date(const struct value *e, const struct value *a)
{
	struct moment expected[READINGS], actual[READINGS];
	size_t ne = moments(e, expected), na = moments(a, actual), i, k;
	enum finding_cause cause = CAUSE_UNKNOWN;

	/* two plain numbers are rather numbers */
	if (e->type == ATTR_N && a->type == ATTR_N)
		return CAUSE_UNKNOWN;
	for (i = 0; i < ne; i++) {
		for (k = 0; k < na; k++) {
			int64_t apart = seconds(&expected[i]) - seconds(&actual[k]);

			if (apart == 0)
				return CAUSE_DATE_FORMAT;
			if (expected[i].has_time && actual[k].has_time && apart % 900 == 0 &&
			    llabs(apart) <= 14 * 3600)
				cause = CAUSE_TIME_ZONE;
		}
	}
	return cause;
}

/* ---- texts ---------------------------------------------------------------------------------- */

static bool is_space(unsigned c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x3000;
}

/* Of no width, or only an advice for those beside it. */
static bool is_invisible(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

/* The next character that is none of those, or -1; moves on. */
static int64_t next_but(struct str s, size_t *at, bool (*is_one)(unsigned c))
{
	while (*at < s.len) {
		size_t n;
		unsigned c = utf8_decode(s.ptr + *at, s.len - *at, &n);

		*at += n;
		if (!is_one(c))
			return c;
	}
	return -1;
}

static bool same_but(struct str a, struct str b, bool (*is_one)(unsigned c))
{
	size_t i = 0, k = 0;
	int64_t x;

	do {
		x = next_but(a, &i, is_one);
		if (x != next_but(b, &k, is_one))
			return false;
	} while (x >= 0);
	return true;
}

static bool is_mark(unsigned c)
{
	return c >= 0x300 && c <= 0x36f;
}

/* Where they differ first, a letter with its mark in one piece and the same in two? */
static bool is_other_form(struct str a, struct str b)
{
	size_t at = 0, n, k;
	unsigned x = 0, y = 0, next;

	while (at < a.len && at < b.len) {
		x = utf8_decode(a.ptr + at, a.len - at, &n);
		y = utf8_decode(b.ptr + at, b.len - at, &k);
		if (x != y)
			break;
		at += n;
	}
	if (at >= a.len || at >= b.len)
		return false;
	if (y >= 0xc0)			/* 'b' is to be the one in two pieces */
		return x < 0x80 && is_other_form(b, a);
	if (x < 0xc0 || y >= 0x80 || at + k >= b.len)
		return false;
	next = utf8_decode(b.ptr + at + k, b.len - at - k, &n);
	return is_mark(next);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_but_case(struct str a, struct str b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

static bool begins_with(struct str s, struct str begin)
{
	return begin.len > 0 && begin.len < s.len && memcmp(s.ptr, begin.ptr, begin.len) == 0;
}

/* The bytes of UTF-8 taken for characters of Latin-1 and written as UTF-8 once more? */
static bool is_encoded_twice(struct str once, struct str twice)
{
	size_t i, k = 0;
	bool any = false;

	for (i = 0; i < once.len; i++) {
		unsigned char c = (unsigned char)once.ptr[i];

		if (c < 0x80) {
			if (k >= twice.len || (unsigned char)twice.ptr[k++] != c)
				return false;
			continue;
		}
		any = true;
		if (k + 2 > twice.len ||
		    (unsigned char)twice.ptr[k] != (0xc0 | c >> 6) ||
		    (unsigned char)twice.ptr[k + 1] != (0x80 | (c & 0x3f)))
			return false;
		k += 2;
	}
	return any && k == twice.len;
}

static enum finding_cause by_text(struct str e, struct str a)
{
	if (same_but(e, a, is_space))
		return CAUSE_WHITE_SPACE;
	if (same_but(e, a, is_invisible))
		return CAUSE_INVISIBLE;
	if (same_but_case(e, a))
		return CAUSE_LETTER_CASE;
	if (is_encoded_twice(e, a))
		return CAUSE_ENCODED_TWICE;
	if (is_other_form(e, a))
		return CAUSE_UNICODE_FORM;
	return begins_with(e, a) ? CAUSE_CUT : CAUSE_UNKNOWN;
}

static enum finding_cause by_bytes(struct str e, struct str a)
{
	struct buf once = { 0 };
	bool twice = buf_add_unbase64(&once, a) && str_eq(buf_str(&once), e);

	buf_release(&once);
	return twice ? CAUSE_ENCODED_TWICE : begins_with(e, a) ? CAUSE_CUT : CAUSE_UNKNOWN;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static size_t decimals(struct str canonical)
{
	const char *point = canonical.len ? memchr(canonical.ptr, '.', canonical.len) : NULL;

	return point ? (size_t)(canonical.ptr + canonical.len - point) - 1 : 0;
}

static double number(struct str canonical)
{
	char copy[160];

	/* at most 130 digits before or behind the point, and a sign */
	if (canonical.len >= sizeof(copy))
		return (double)NAN;
	memcpy(copy, canonical.ptr, canonical.len);
	copy[canonical.len] = '\0';
	return strtod(copy, NULL);
}

static enum finding_cause by_number(struct str e, struct str a)
{
	double x = number(e), y = number(a), unit;

	/* at most half of the last digit that is left, and a hair for the doubles' own sake */
	unit = pow(10, -(double)decimals(a));
	if (decimals(a) < decimals(e) && fabs(x - y) <= unit * 0.5000001)
		return CAUSE_ROUNDED;
	/* cut off instead */
	if (decimals(a) < decimals(e) && fabs(x - y) < unit)
		return CAUSE_ROUNDED;
	if (x != 0 && fabs(x - y) <= fabs(x) * 1e-6 && (e.len > 7 || a.len > 7))
		return CAUSE_FLOATING_POINT;
	return CAUSE_UNKNOWN;
}

static bool is_number(struct str text, struct str canonical)
{
	struct buf b = { 0 };
	bool same = number_canonical(text, &b) == NUMBER_OK && str_eq(buf_str(&b), canonical);

	buf_release(&b);
	return same;
}

/* ---- types ---------------------------------------------------------------------------------- */

static bool is_set(enum attr_type t)
{
	return t == ATTR_SS || t == ATTR_NS || t == ATTR_BS;
}

static bool is_json(struct str text)
{
	struct json_reader r;
	enum json_token t;
	bool ok;

	json_init(&r, text);
	t = json_next(&r);
	ok = (t == JSON_OBJECT || t == JSON_ARRAY) && json_skip(&r, t) == 0 &&
	     json_next(&r) == JSON_END;
	json_release(&r);
	return ok;
}

/* The members of a list in any order: those of a set are sorted, those of the list are not. */
static bool same_members(const struct value *set, const struct value *list)
{
	size_t i, k;

	if (set->n != list->n || set->n > 1000)
		return false;
	for (i = 0; i < set->n; i++) {
		for (k = 0; k < list->n; k++)
			if (list->members[k].type == set->members[i].type &&
			    str_eq(list->members[k].bytes, set->members[i].bytes))
				break;
		if (k == list->n)
			return false;
	}
	return true;
}

static bool is_truth(const struct value *v)
{
	static const char *const words[] = { "0", "1", "true", "false", "yes", "no", "t", "f",
					     "y", "n" };
	size_t i;

	if (v->type == ATTR_BOOL)
		return true;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if ((v->type == ATTR_S || v->type == ATTR_N) &&
		    same_but_case(v->bytes, str_of(words[i])))
			return true;
	return false;
}

static enum finding_cause by_type(const struct value *e, const struct value *a)
{
	enum finding_cause cause;

	if (e->type == ATTR_N && a->type == ATTR_S && is_number(a->bytes, e->bytes))
		return CAUSE_NUMBER_AS_TEXT;
	if (e->type == ATTR_S && a->type == ATTR_N && is_number(e->bytes, a->bytes))
		return CAUSE_TEXT_AS_NUMBER;
	cause = by_date(e, a);
	if (cause != CAUSE_UNKNOWN)
		return cause;
	if ((e->type == ATTR_M || e->type == ATTR_L || is_set(e->type)) && a->type == ATTR_S &&
	    is_json(a->bytes))
		return CAUSE_DOCUMENT_AS_TEXT;
	if (is_set(e->type) && a->type == ATTR_L && same_members(e, a))
		return CAUSE_SET_AS_LIST;
	if ((e->type == ATTR_BOOL && is_truth(a)) || (a->type == ATTR_BOOL && is_truth(e)))
		return CAUSE_BOOLEAN;
	return CAUSE_UNKNOWN;
}

static bool is_empty(const struct value *v)
{
	return v->n == 0 && v->bytes.len == 0 && v->type != ATTR_BOOL && v->type != ATTR_NULL &&
	       v->type != ATTR_N;
}

static const struct value *member(const struct value *map, struct str name)
{
	size_t i;

	for (i = 0; i < map->n; i++)
		if (str_eq(map->names[i], name))
			return &map->members[i];
	return NULL;
}

/* Of a map or a list: of its first part that differs. */
static enum finding_cause by_parts(const struct value *e, const struct value *a)
{
	size_t i;

	for (i = 0; i < e->n; i++) {
		const struct value *part = e->type == ATTR_M ? member(a, e->names[i])
				  : i < a->n ? &a->members[i] : NULL;

		if (!part || !value_equal(&e->members[i], part))
			return e->type == ATTR_M || part ? cause_of(&e->members[i], part)
							 : CAUSE_UNKNOWN;
	}
	for (i = 0; i < a->n && e->type == ATTR_M; i++)
		if (!member(e, a->names[i]))
			return cause_of(NULL, &a->members[i]);
	return CAUSE_UNKNOWN;
}

enum finding_cause cause_of(const struct value *e, const struct value *a)
{
	enum finding_cause cause;

	if (!a || a->type == ATTR_NULL)
		return e && is_empty(e) ? CAUSE_ABSENT_FOR_EMPTY
		     : a && !e ? CAUSE_NULL_FOR_ABSENT : CAUSE_UNKNOWN;
	if (!e)
		return is_empty(a) ? CAUSE_EMPTY_FOR_ABSENT : CAUSE_UNKNOWN;
	if (e->type != a->type)
		return by_type(e, a);
	switch (e->type) {
	case ATTR_S:
		cause = by_text(e->bytes, a->bytes);
		return cause != CAUSE_UNKNOWN && cause != CAUSE_CUT ? cause
		     : by_date(e, a) != CAUSE_UNKNOWN ? by_date(e, a) : cause;
	case ATTR_N: return by_number(e->bytes, a->bytes);
	case ATTR_B: return by_bytes(e->bytes, a->bytes);
	case ATTR_M: case ATTR_L: return by_parts(e, a);
	default: return CAUSE_UNKNOWN;
	}
}

/* As DynamoDB compares them: numbers by value, texts by their bytes. */
enum finding_cause cause_of_version(const struct value *expected, const struct value *actual,
				    struct str version_attribute)
{
	const struct value *e = member(expected, version_attribute);
	const struct value *a = member(actual, version_attribute);
	int d;

	if (!e || !a || e->type != a->type || (e->type != ATTR_S && e->type != ATTR_N))
		return CAUSE_UNKNOWN;
	if (e->type == ATTR_S) {
		size_t n = e->bytes.len < a->bytes.len ? e->bytes.len : a->bytes.len;

		d = n ? memcmp(a->bytes.ptr, e->bytes.ptr, n) : 0;
		d = d ? d : (a->bytes.len > e->bytes.len) - (a->bytes.len < e->bytes.len);
	} else {
		double x = number(e->bytes), y = number(a->bytes);

		d = (y > x) - (y < x);
	}
	return d < 0 ? CAUSE_OLDER : d > 0 ? CAUSE_NEWER : CAUSE_UNKNOWN;
}
