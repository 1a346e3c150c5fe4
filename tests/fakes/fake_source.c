#include "fakes/fake_source.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_VIEWS 16
#define MAX_FAULTS 32
#define MAX_UNITS 4096
#define MAX_PK 8

struct view {
	char *name;
	size_t nfields, nrows, cap;
	struct field **rows;
	uint64_t begun[MAX_UNITS];	/* guard: the source's mutex */
};

struct fault {
	enum fake_source_op op;
	uint64_t nth, times;
	enum etl_errc code;
};

struct fake_source {
	struct source source;		/* first member */
	pthread_mutex_t mutex;
	struct view views[MAX_VIEWS];	/* set before start, but begun */
	size_t nviews;
	struct fault faults[MAX_FAULTS];	/* guard: mutex; also those below */
	size_t nfaults;
	uint64_t chance;		/* of draw; the coordinator's reader only */
	uint64_t calls[SRC_OP_COUNT];
	size_t max_readers, open;
	const char *violation;
	void (*hook)(void *arg, enum fake_source_op op, uint64_t call);
	void *hook_arg;
};

struct reader {
	struct source_reader reader;	/* first member */
	struct fake_source *f;
	bool reading, broken;
	const struct view *view;
	size_t at, end;
	struct field **picked;		/* NULL, or the rows of begin_rows */
	struct field *lent;		/* a copy, so that a row used too long is seen by tools */
};

static void violate(struct fake_source *f, const char *what)
{
	pthread_mutex_lock(&f->mutex);
	if (!f->violation)
		f->violation = what;
	pthread_mutex_unlock(&f->mutex);
}

/* 0, or the error that is scripted; *quiet: the rows are to end. */
static int enter(struct fake_source *f, enum fake_source_op op, bool *quiet, struct etl_err *err)
{
	enum etl_errc code = ETL_OK;
	bool hit = false;
	uint64_t call;
	size_t i;

	pthread_mutex_lock(&f->mutex);
	call = ++f->calls[op];
	for (i = 0; i < f->nfaults && !hit; i++) {
		const struct fault *t = &f->faults[i];

		hit = t->op == op && call >= t->nth &&
		      (t->times == 0 || call < t->nth + t->times);
		if (hit)
			code = t->code;
	}
	pthread_mutex_unlock(&f->mutex);
	if (f->hook)
		f->hook(f->hook_arg, op, call);
	if (quiet)
		*quiet = hit && code == ETL_OK;
	return hit && code != ETL_OK ? etl_err_set(err, code, "scripted fault %d at call %llu", op,
						   (unsigned long long)call) : 0;
}

static struct view *view_of(struct fake_source *f, const char *name)
{
	struct view *found = NULL;
	size_t i;

	pthread_mutex_lock(&f->mutex);
	for (i = 0; i < f->nviews && !found; i++)
		if (strcmp(f->views[i].name, name) == 0)
			found = &f->views[i];
	if (!found) {
		assert(f->nviews < MAX_VIEWS);
		found = &f->views[f->nviews++];
		found->name = mem_strdup(name);
	}
	pthread_mutex_unlock(&f->mutex);
	return found;
}

static struct str text_of(const struct field *f)
{
	return (struct str){ f->ptr, f->len };
}

static int compare_value(const struct entity_source *e, size_t i, struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c;

	if (e->table->primary->columns[i]->kind == COL_INT) {
		char x[32], y[32];
		long long p, q;

		snprintf(x, sizeof(x), "%.*s", (int)a.len, a.ptr);
		snprintf(y, sizeof(y), "%.*s", (int)b.len, b.ptr);
		p = strtoll(x, NULL, 10);
		q = strtoll(y, NULL, 10);
		return (p > q) - (p < q);
	}
	c = n ? memcmp(a.ptr, b.ptr, n) : 0;
	return c ? c : (a.len > b.len) - (a.len < b.len);
}

static int compare_pk(const struct entity_source *e, const struct field *row, struct str packed)
{
	struct str values[MAX_PK];
	int n = unit_unpack_pk(packed, values, MAX_PK), i, c = 0;

	assert(n == (int)e->shape->npk_columns);
	for (i = 0; i < n && c == 0; i++)
		c = compare_value(e, (size_t)i, text_of(&row[e->shape->nattrs + (size_t)i]),
				  values[i]);
	return c;
}

/* The number of rows at or below 'bound'. */
static size_t rows_to(const struct view *v, const struct entity_source *e, struct str bound)
{
	size_t i = 0;

	while (i < v->nrows && compare_pk(e, v->rows[i], bound) <= 0)
		i++;
	return i;
}

static void check_idle(struct reader *r)
{
	if (r->reading)
		violate(r->f, "a reader was asked something else while it reads");
}

static int next_bound(struct source_reader *sr, const struct entity_source *e, struct str low,
		      uint64_t rows, bool *has_high, struct buf *high, uint64_t *count,
		      struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	const struct view *v = view_of(r->f, e->view);
	size_t from, to, i;
	int rc = enter(r->f, SRC_NEXT_BOUND, NULL, err);

	check_idle(r);
	if (rc < 0)
		return rc;
	from = low.ptr ? rows_to(v, e, low) : 0;
	to = from + rows;
	buf_reset(high);
	*has_high = to < v->nrows;
	*count = (to < v->nrows ? to : v->nrows) - from;
	for (i = 0; *has_high && i < e->shape->npk_columns; i++) {
		struct str value = text_of(&v->rows[to - 1][e->shape->nattrs + i]);

		unit_pack_pk(high, &value, 1);
	}
	return 0;
}

static int begin(struct source_reader *sr, const struct entity_source *e, const struct unit *u,
		 struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	struct view *v = view_of(r->f, e->view);
	int rc = enter(r->f, SRC_BEGIN, NULL, err);

	check_idle(r);
	if (rc < 0)
		return rc;
	pthread_mutex_lock(&r->f->mutex);
	assert(u->number < MAX_UNITS);
	v->begun[u->number]++;
	pthread_mutex_unlock(&r->f->mutex);
	r->reading = true;
	r->broken = false;
	r->view = v;
	r->at = u->has_low ? rows_to(v, e, buf_str(&u->low)) : 0;
	r->end = u->has_high ? rows_to(v, e, buf_str(&u->high)) : v->nrows;
	return 0;
}

static bool row_findable(const struct entity_source *e, struct str pk)
{
	struct str values[MAX_PK];

	return unit_unpack_pk(pk, values, MAX_PK) == (int)e->shape->npk_columns;
}

/* As a server whose comparison is too wide: a row that was not asked for comes, too. */
static int begin_rows(struct source_reader *sr, const struct entity_source *e,
		      const struct str *pks, size_t n, struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	struct view *v = view_of(r->f, e->view);
	int rc = enter(r->f, SRC_BEGIN, NULL, err);
	size_t i, k;
	bool stray = false;

	check_idle(r);
	if (rc < 0)
		return rc;
	r->reading = true;
	r->broken = false;
	r->view = v;
	r->at = 0;
	r->end = 0;
	r->picked = mem_array(v->nrows + 1, sizeof(*r->picked));
	for (i = 0; i < v->nrows; i++) {
		bool asked = false;

		for (k = 0; k < n && !asked; k++)
			asked = compare_pk(e, v->rows[i], pks[k]) == 0;
		if (asked || !stray)
			r->picked[r->end++] = v->rows[i];
		stray = stray || !asked;
	}
	return 0;
}

static void drop_lent(struct reader *r)
{
	size_t i;

	for (i = 0; r->lent && i < r->view->nfields; i++)
		free((char *)r->lent[i].ptr);
	free(r->lent);
	r->lent = NULL;
}

static int next(struct source_reader *sr, struct row *row, struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	const struct field *from;
	bool quiet = false;
	size_t i;
	int rc;

	drop_lent(r);
	if (!r->reading || r->broken)
		violate(r->f, "next without begin, or after an error");
	rc = enter(r->f, SRC_NEXT, &quiet, err);
	if (rc < 0) {
		r->broken = true;
		return rc;
	}
	if (quiet || r->at >= r->end)
		return 0;
	from = (r->picked ? r->picked : r->view->rows)[r->at++];
	r->lent = mem_array(r->view->nfields, sizeof(*r->lent));
	for (i = 0; i < r->view->nfields; i++) {
		r->lent[i].len = from[i].len;
		r->lent[i].ptr = from[i].ptr ? mem_strndup(from[i].ptr, from[i].len) : NULL;
	}
	row->nfields = r->view->nfields;
	row->fields = r->lent;
	return 1;
}

static void end(struct source_reader *sr)
{
	struct reader *r = (struct reader *)sr;

	if (!r->reading)
		violate(r->f, "end without begin");
	drop_lent(r);
	free(r->picked);
	r->picked = NULL;
	r->reading = false;
}

/* Every row is a candidate: a superset is allowed. */
static int duplicate_candidates(struct source_reader *sr, const struct entity_source *const *e,
				size_t n,
				int (*found)(void *arg, size_t entity, const struct row *row,
					     struct etl_err *err),
				void *arg, struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	size_t i, k;
	int rc = enter(r->f, SRC_CANDIDATES, NULL, err);

	check_idle(r);
	for (i = n; rc == 0 && i-- > 0;) {	/* the last entity first: order is not promised */
		const struct view *v = view_of(r->f, e[i]->view);

		for (k = 0; rc == 0 && k < v->nrows; k++) {
			struct row row = { v->nfields, v->rows[k] };

			rc = found(arg, i, &row, err);
		}
	}
	return rc;
}

/* Knuth's selection sampling with a generator that is the same every time; the last row first,
 * since no order is promised. */
static int draw(struct source_reader *sr, const struct entity_source *e, uint64_t n,
		int (*found)(void *arg, struct str pk, struct etl_err *err), void *arg,
		struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	const struct view *v = view_of(r->f, e->view);
	struct buf pk = { 0 };
	size_t i, k;
	int rc = enter(r->f, SRC_DRAW, NULL, err);

	check_idle(r);
	for (i = v->nrows; i > 0 && n > 0 && rc == 0; i--) {
		r->f->chance = r->f->chance * 6364136223846793005u + 1442695040888963407u;
		if ((r->f->chance >> 33) % i >= n)
			continue;
		n--;
		buf_reset(&pk);
		for (k = 0; k < e->shape->npk_columns; k++) {
			struct str value = text_of(&v->rows[i - 1][e->shape->nattrs + k]);

			unit_pack_pk(&pk, &value, 1);
		}
		rc = found(arg, buf_str(&pk), err);
	}
	buf_release(&pk);
	return rc;
}

static int count(struct source_reader *sr, const struct entity_source *e, uint64_t *rows,
		 struct etl_err *err)
{
	struct reader *r = (struct reader *)sr;
	int rc = enter(r->f, SRC_COUNT, NULL, err);

	check_idle(r);
	*rows = view_of(r->f, e->view)->nrows;
	return rc;
}

static void close_reader(struct source_reader *sr)
{
	struct reader *r = (struct reader *)sr;

	check_idle(r);
	pthread_mutex_lock(&r->f->mutex);
	r->f->open--;
	pthread_mutex_unlock(&r->f->mutex);
	free(r);
}

static int open_readers(struct source *s, size_t n, struct source_reader **readers,
			struct snapshot_info *info, struct etl_err *err)
{
	struct fake_source *f = (struct fake_source *)s;
	int rc = enter(f, SRC_OPEN_READERS, NULL, err);
	size_t i;

	if (rc < 0)
		return rc;
	if (f->max_readers && n > f->max_readers)
		return etl_err_set(err, ETL_ESOURCE, "only %zu readers see one snapshot",
				   f->max_readers);
	for (i = 0; i < n; i++) {
		struct reader *r = mem_zalloc(sizeof(*r));

		r->reader.ops = s->ops;
		r->f = f;
		readers[i] = &r->reader;
	}
	f->open += n;
	*info = (struct snapshot_info){ .method = "memory", .binlog_file = "bin.000001",
					.binlog_position = 4,
					.taken_at_utc = "2024-01-31T10:20:30Z" };
	return 0;
}

static void close_source(struct source *s)
{
	fake_source_free((struct fake_source *)s);
}

static const struct source_ops ops = {
	.open_readers = open_readers, .next_bound = next_bound, .begin = begin, .next = next,
	.row_findable = row_findable, .begin_rows = begin_rows, .draw = draw,
	.end = end, .duplicate_candidates = duplicate_candidates, .count = count,
	.close_reader = close_reader, .close = close_source,
};

struct fake_source *fake_source_new(void)
{
	struct fake_source *f = mem_zalloc(sizeof(*f));

	f->source.ops = &ops;
	pthread_mutex_init(&f->mutex, NULL);
	return f;
}

void fake_source_drop_rows(struct fake_source *f, const char *view)
{
	struct view *v = view_of(f, view);
	size_t i, k;

	for (i = 0; i < v->nrows; i++) {
		for (k = 0; k < v->nfields; k++)
			free((char *)v->rows[i][k].ptr);
		free(v->rows[i]);
	}
	v->nrows = 0;
}

void fake_source_free(struct fake_source *f)
{
	size_t i;

	assert(f->open == 0);
	for (i = 0; i < f->nviews; i++)
		fake_source_drop_rows(f, f->views[i].name);
	for (i = 0; i < f->nviews; i++) {
		free(f->views[i].rows);
		free(f->views[i].name);
	}
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

struct source *fake_source_source(struct fake_source *f)
{
	return &f->source;
}

void fake_source_row(struct fake_source *f, const char *view, size_t nfields,
		     const char *const *fields)
{
	struct view *v = view_of(f, view);
	struct field *row = mem_array(nfields, sizeof(*row));
	size_t i;

	assert(v->nrows == 0 || v->nfields == nfields);
	v->nfields = nfields;
	for (i = 0; i < nfields; i++) {
		row[i].ptr = fields[i] ? mem_strdup(fields[i]) : NULL;
		row[i].len = fields[i] ? strlen(fields[i]) : 0;
	}
	v->rows = mem_grow(v->rows, &v->cap, v->nrows + 1, sizeof(*v->rows));
	v->rows[v->nrows++] = row;
}

void fake_source_fault(struct fake_source *f, enum fake_source_op op, uint64_t nth, uint64_t times,
		       enum etl_errc code)
{
	assert(f->nfaults < MAX_FAULTS);
	f->faults[f->nfaults++] = (struct fault){ op, nth, times, code };
}

void fake_source_clear_faults(struct fake_source *f)
{
	f->nfaults = 0;
}

void fake_source_max_readers(struct fake_source *f, size_t n)
{
	f->max_readers = n;
}

void fake_source_hook(struct fake_source *f,
		      void (*hook)(void *arg, enum fake_source_op op, uint64_t call), void *arg)
{
	f->hook = hook;
	f->hook_arg = arg;
}

uint64_t fake_source_calls(struct fake_source *f, enum fake_source_op op)
{
	return f->calls[op];
}

void fake_source_forget(struct fake_source *f)
{
	size_t i;

	for (i = 0; i < f->nviews; i++)
		memset(f->views[i].begun, 0, sizeof(f->views[i].begun));
}

uint64_t fake_source_begun(struct fake_source *f, const char *view, uint64_t number)
{
	return view_of(f, view)->begun[number];
}

const char *fake_source_violation(struct fake_source *f)
{
	return f->violation;
}
