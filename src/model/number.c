#include "model/number.h"

#include <stdint.h>

#define MAX_DIGITS 38
#define MIN_EXPONENT (-130)	/* of the first digit: 1E-130 */
#define MAX_EXPONENT 125

/* Far above what the digits of any text in memory can make up for. */
#define EXPONENT_CEILING INT64_C(1000000000000000000)

struct decimal {
	bool negative;
	bool too_long;			/* more than MAX_DIGITS significant digits */
	unsigned n;			/* significant digits; 0: the number is zero */
	char digits[MAX_DIGITS];
	int64_t exponent;		/* power of ten of the first digit */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool parse_exponent(const char *p, const char *end, int64_t *out)
{
	bool negative = false;
	int64_t v = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		if (v < EXPONENT_CEILING / 10)
			v = v * 10 + (*p - '0');
	}
	*out = negative ? -v : v;
	return true;
}

/* Zeros between significant digits count only once another digit follows them. */
static void take_digit(struct decimal *d, char c, uint64_t *zeros)
{
	if (c == '0') {
		if (d->n)
			(*zeros)++;
		return;
	}
	if (*zeros >= MAX_DIGITS - d->n) {
		d->too_long = true;
		return;
	}
	for (; *zeros; (*zeros)--)
		d->digits[d->n++] = '0';
	d->digits[d->n++] = c;
}

static bool parse(struct str text, struct decimal *d)
{
	const char *p = text.ptr, *end = text.ptr + text.len;
	bool any = false, point = false;
	uint64_t zeros = 0;
	int64_t before_point = 0, shift = 0;	/* digits of the integer part from the first one
						   on; zeros of the fraction before it */

	*d = (struct decimal){ 0 };
	if (p < end && (*p == '+' || *p == '-'))
		d->negative = *p++ == '-';
	for (; p < end; p++) {
		if (*p == '.' && !point) {
			point = true;
			continue;
		}
		if (!is_digit(*p))
			break;
		any = true;
		take_digit(d, *p, &zeros);
		if (!point && d->n)
			before_point++;
		else if (point && !d->n)
			shift++;
	}
	if (!any)
		return false;
	if (p < end) {
		if ((*p != 'e' && *p != 'E') || !parse_exponent(p + 1, end, &d->exponent))
			return false;
	}
	d->exponent += before_point ? before_point - 1 : -1 - shift;
	return true;
}

static void add_zeros(struct buf *out, int64_t n)
{
	for (; n > 0; n--)
		buf_addc(out, '0');
}

/* Most numbers are integers that stand in their canonical form already. */
static bool is_plain_integer(struct str s)
{
	const char *p = s.ptr, *end = s.ptr + s.len;

	if (s.len == 1)
		return is_digit(*p);
	if (s.len > MAX_DIGITS)
		return false;
	if (*p == '-')
		p++;
	if (*p < '1' || *p > '9')
		return false;
	while (p < end && is_digit(*p))
		p++;
	return p == end;
}

enum number_result number_canonical(struct str text, struct buf *out)
{
	struct decimal d;
	int64_t whole;		/* digits before the point */

	if (text.len == 0)
		return NUMBER_NOT;
	if (is_plain_integer(text)) {
		buf_addstr(out, text);
		return NUMBER_OK;
	}
	if (!parse(text, &d))
		return NUMBER_NOT;
	if (d.n == 0) {
		buf_addc(out, '0');
		return NUMBER_OK;
	}
	if (d.too_long || d.exponent < MIN_EXPONENT || d.exponent > MAX_EXPONENT)
		return NUMBER_OUT_OF_RANGE;
	buf_reserve(out, MAX_EXPONENT - MIN_EXPONENT);
	if (d.negative)
		buf_addc(out, '-');
	whole = d.exponent + 1;
	if (whole <= 0) {
		buf_adds(out, "0.");
		add_zeros(out, -whole);
		buf_add(out, d.digits, d.n);
	} else if (whole >= d.n) {
		buf_add(out, d.digits, d.n);
		add_zeros(out, whole - d.n);
	} else {
		buf_add(out, d.digits, (size_t)whole);
		buf_addc(out, '.');
		buf_add(out, d.digits + whole, d.n - (size_t)whole);
	}
	return NUMBER_OK;
}

/* Pairs of digits lie at even powers of ten: the pair of 10^e is number e / 2, rounded down. */
static int64_t pair_of(int64_t exponent)
{
	return exponent >= 0 ? exponent / 2 : -((1 - exponent) / 2);
}

size_t number_size_bytes(struct str canonical)
{
	int64_t first = 0, last = 0, place;
	bool found = false, negative = false;
	const char *p = canonical.ptr, *end = p + canonical.len, *point;

	if (p < end && *p == '-') {
		negative = true;
		p++;
	}
	point = p < end ? memchr(p, '.', (size_t)(end - p)) : NULL;
	place = (point ? point : end) - p - 1;
	for (; p < end; p++) {
		if (*p == '.')
			continue;
		if (*p != '0') {
			if (!found)
				first = place;
			last = place;
			found = true;
		}
		place--;
	}
	if (!found)
		return 1;
	return 1 + (size_t)(pair_of(first) - pair_of(last) + 1) + negative;
}
