/*
 * Rates over time as a line chart in SVG: made twice, for wide and narrow screens, because what is
 * written in a picture that shrinks cannot be read.
 */
#include "report/page_priv.h"

#include <math.h>

#define POINTS_MIN 6
#define POINTS_MAX 48			/* more samples are added up: a line is to be calm */
#define SERIES 2

struct chart {
	const char *names[SERIES];	/* NULL: there is none */
	size_t n;
	double at_s[POINTS_MAX];	/* the middle of each interval */
	double rates[SERIES][POINTS_MAX];
	bool throttled[POINTS_MAX];
	double end_s, top;		/* of the axes */
	double x_step, y_step;
	/* of one drawing: */
	double width, height, left, right, above, below;
};

static void read_rates(struct chart *c, const json_t *points, const char *const members[SERIES])
{
	size_t n = json_array_size(points), every = (n + POINTS_MAX - 1) / POINTS_MAX, i;
	const json_t *before = NULL;
	int k;

	for (i = every - 1; c->n < POINTS_MAX && before != json_array_get(points, n - 1); i += every) {
		const json_t *now = json_array_get(points, i < n ? i : n - 1);
		double seconds = json_in_number(now, "seconds") - json_in_number(before, "seconds");

		for (k = 0; k < SERIES && seconds > 0; k++) {
			double more = json_in_number(now, members[k]) -
				      json_in_number(before, members[k]);

			/* what is read again after a lost connection is counted anew */
			c->rates[k][c->n] = more > 0 ? more / seconds : 0;
			c->top = fmax(c->top, c->rates[k][c->n]);
		}
		c->throttled[c->n] = json_in_count(now, "throttles") >
				     json_in_count(before, "throttles");
		c->end_s = json_in_number(now, "seconds");
		c->at_s[c->n++] = c->end_s - seconds / 2;
		before = now;
	}
}

/* The least of 1, 2, 5, 10, 20, ... that makes at most 'steps' steps. */
static double nice_step(double range, double steps)
{
	double least = range / steps, ten = pow(10, floor(log10(least)));

	if (!(least > 0))
		return 1;
	return least <= ten ? ten : least <= 2 * ten ? 2 * ten : least <= 5 * ten ? 5 * ten : 10 * ten;
}

static double nice_seconds(double range, double steps)
{
	static const double nice[] = { 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 21600, 43200,
				       86400 };
	double least = range / steps;
	size_t i;

	if (least <= 10)
		return nice_step(range, steps);
	if (least <= 30)
		return least <= 15 ? 15 : 30;
	for (i = 0; i < sizeof(nice) / sizeof(nice[0]); i++)
		if (least <= nice[i])
			return nice[i];
	return nice_step(range / 86400, steps) * 86400;
}

static double x_of(const struct chart *c, double seconds)
{
	return c->left + (c->width - c->left - c->right) * seconds / c->end_s;
}

static double y_of(const struct chart *c, double rate)
{
	return c->height - c->below - (c->height - c->above - c->below) * rate / c->top;
}

/* 1,500; 12k; 2.5M */
static void add_short(struct buf *b, double n)
{
	if (n >= 1e6)
		buf_addf(b, "%gM", n / 1e6);
	else if (n >= 1e4)
		buf_addf(b, "%gk", n / 1e3);
	else if (n < 10)
		buf_addf(b, "%g", n);
	else
		text_add_count(b, (uint64_t)n);
}

static void add_axes(const struct chart *c, struct buf *b)
{
	double v;

	for (v = 0; v <= c->top * 1.0001; v += c->y_step) {
		buf_addf(b, "<path class=%s d=\"M%.1f %.1fH%.1f\"/><text class=axis x=\"%.1f\" "
			 "y=\"%.1f\" text-anchor=end>", v > 0 ? "grid" : "base", c->left, y_of(c, v),
			 c->width - c->right, c->left - 8, y_of(c, v) + 4);
		add_short(b, v);
		buf_adds(b, "</text>\n");
	}
	for (v = 0; v <= c->end_s; v += c->x_step) {
		buf_addf(b, "<text class=axis x=\"%.1f\" y=\"%.1f\" text-anchor=%s>", x_of(c, v),
			 c->height - c->below + 20, v > 0 ? "middle" : "start");
		if (c->end_s < 60)
			buf_addf(b, "%g s", v);
		else if (v < 60)
			buf_addf(b, "0:%02d", (int)v);
		else
			text_add_duration(b, (int64_t)(v * 1000));
		buf_adds(b, "</text>\n");
	}
	buf_addf(b, "<text class=axis x=0 y=12>per second</text>\n");
}

static void add_line(const struct chart *c, int k, bool area, struct buf *b)
{
	size_t i;

	buf_addf(b, "<path class=%s%d d=\"", area ? "a" : "l", k);
	if (area)
		buf_addf(b, "M%.1f %.1fL", x_of(c, 0), y_of(c, 0));
	else
		buf_addc(b, 'M');
	buf_addf(b, "%.1f %.1fL", x_of(c, 0), y_of(c, c->rates[k][0]));
	for (i = 0; i < c->n; i++)
		buf_addf(b, "%.1f %.1f ", x_of(c, c->at_s[i]), y_of(c, c->rates[k][i]));
	buf_addf(b, "%.1f %.1f", x_of(c, c->end_s), y_of(c, c->rates[k][c->n - 1]));
	if (area)
		buf_addf(b, " %.1f %.1fZ", x_of(c, c->end_s), y_of(c, 0));
	buf_adds(b, "\"/>\n");
}

static void draw(struct chart *c, bool wide, struct buf *b)
{
	size_t i;
	int k;

	c->width = wide ? 960 : 340;
	c->height = wide ? 260 : 220;
	c->left = 48;
	c->right = wide ? 16 : 12;
	c->above = 24;
	c->below = 30;
	c->y_step = nice_step(c->top, 4);
	c->top = ceil(c->top / c->y_step - 0.0001) * c->y_step;
	c->x_step = nice_seconds(c->end_s, wide ? 10 : 4);
	buf_addf(b, "<svg class=%s viewBox=\"0 0 %g %g\" aria-hidden=true>\n",
		 wide ? "wide" : "narrow", c->width, c->height);
	add_axes(c, b);
	add_line(c, 0, true, b);
	for (k = 0; k < SERIES; k++)
		add_line(c, k, false, b);
	for (i = 0; i < c->n; i++)
		if (c->throttled[i])
			buf_addf(b, "<path class=t d=\"M%.1f %.1fl4 7h-8z\"/>\n",
				 x_of(c, c->at_s[i]), y_of(c, 0) - 7);
	buf_adds(b, "</svg>\n");
}

static void add_key(const struct chart *c, struct buf *b)
{
	bool throttled = false;
	size_t i;
	int k;

	for (i = 0; i < c->n; i++)
		throttled |= c->throttled[i];
	buf_adds(b, "<ul class=key>");
	for (k = 0; k < SERIES; k++)
		buf_addf(b, "<li><svg viewBox=\"0 0 24 8\" aria-hidden=true><path class=l%d "
			 "d=\"M1 4H23\"/></svg>%s</li>", k, c->names[k]);
	if (throttled)
		buf_adds(b, "<li><svg viewBox=\"0 0 24 8\" aria-hidden=true><path class=t "
			 "d=\"M12 0l4 8h-8z\"/></svg>DynamoDB said: too fast</li>");
	buf_adds(b, "</ul>");
}

/* What the picture says, for whoever does not see it. */
static void add_words(const json_t *last, const struct chart *c, const char *const members[SERIES],
		      struct buf *b)
{
	int k;

	buf_adds(b, "<p class=note>");
	for (k = 0; k < SERIES; k++) {
		double mean = json_in_number(last, members[k]) / c->end_s, most = 0;
		size_t i;

		for (i = 0; i < c->n; i++)
			most = fmax(most, c->rates[k][i]);
		buf_addf(b, "%s%s: ", k ? "; " : "", c->names[k]);
		text_add_count(b, (uint64_t)(mean + 0.5));
		buf_adds(b, " a second in the mean, ");
		text_add_count(b, (uint64_t)(most + 0.5));
		buf_adds(b, " at most");
	}
	buf_adds(b, ".</p>");
}

void page_chart(struct buf *b, const json_t *report, const char *what, const char *second,
		const char *second_words)
{
	const char *members[SERIES] = { "rows_read", second };
	const json_t *samples = json_object_get(report, "samples");
	const json_t *points = json_object_get(samples, "points");
	struct chart c = { .names = { "rows read", second_words } };

	if (json_array_size(points) >= POINTS_MIN)
		read_rates(&c, points, members);
	if (c.n < POINTS_MIN || !(c.top > 0) || !(c.end_s > 0)) {
		buf_addf(b, "<p class=note>%s: it was over too soon for a chart.</p>\n", what);
		return;
	}
	buf_addf(b, "<figure><figcaption>%s: rows and items a second</figcaption>\n", what);
	draw(&c, true, b);
	draw(&c, false, b);
	add_key(&c, b);
	add_words(json_array_get(points, json_array_size(points) - 1), &c, members, b);
	buf_adds(b, "</figure>\n");
}
