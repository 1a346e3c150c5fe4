#include "sink/tables.h"

#include <stdlib.h>

void sentences_release(struct sentences *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->text[i]);
	free(s->text);
	memset(s, 0, sizeof(*s));
}

void tables_diff_release(struct tables_diff *d)
{
	sentences_release(&d->differences);
	sentences_release(&d->warnings);
	d->nmissing = 0;
}

static void add(struct sentences *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct sentences *s, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	s->text = mem_grow(s->text, &s->cap, s->n + 1, sizeof(*s->text));
	s->text[s->n++] = buf_detach(&text);
}

/* "'SK' (S)" or "none" */
static void describe_key(struct buf *out, const char *name, enum attr_type type)
{
	buf_reset(out);
	if (name)
		buf_addf(out, "'%s' (%s)", name, attr_type_name(type));
	else
		buf_adds(out, "none");
}

static void compare_key(struct sentences *out, const char *where, const char *role,
			const char *wanted, enum attr_type wanted_type, const char *actual,
			enum attr_type actual_type)
{
	struct buf w = { 0 }, a = { 0 };

	describe_key(&w, wanted, wanted_type);
	describe_key(&a, actual, actual_type);
	if (!str_eq(buf_str(&w), buf_str(&a)))
		add(out, "%s: %s key is %s in the contract, %s in DynamoDB", where, role,
		    buf_cstr(&w), buf_cstr(&a));
	buf_release(&w);
	buf_release(&a);
}

static void compare_keys(struct sentences *out, const char *where, const struct key_schema *wanted,
			 const struct key_schema *actual)
{
	compare_key(out, where, "partition", wanted->pk_name, wanted->pk_type, actual->pk_name,
		    actual->pk_type);
	compare_key(out, where, "sort", wanted->sk_name, wanted->sk_type, actual->sk_name,
		    actual->sk_type);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "ALL", "INCLUDE ('a', 'b')"; the attributes are a set. */
static void describe_projection(struct buf *out, const struct index_def *index)
{
	const char **sorted;

	if (index->projection != PROJECT_INCLUDE) {
		buf_adds(out, index->projection == PROJECT_ALL ? "ALL" : "KEYS_ONLY");
		return;
	}
	sorted = mem_array(index->nincluded + 1, sizeof(*sorted));
	for (size_t i = 0; i < index->nincluded; i++)
		sorted[i] = index->included[i];
	qsort(sorted, index->nincluded, sizeof(*sorted), by_text);
	buf_adds(out, "INCLUDE (");
	for (size_t i = 0, shown = 0; i < index->nincluded; i++) {
		if (i > 0 && strcmp(sorted[i], sorted[i - 1]) == 0)
			continue;
		buf_addf(out, shown++ ? ", '%s'" : "'%s'", sorted[i]);
	}
	buf_addc(out, ')');
	free(sorted);
}

static void compare_index(struct sentences *out, const char *table,
			  const struct index_def *wanted, const struct index_def *actual)
{
	struct buf where = { 0 }, w = { 0 }, a = { 0 };

	buf_addf(&where, "table '%s', index '%s'", table, wanted->name);
	compare_keys(out, buf_cstr(&where), &wanted->keys, &actual->keys);
	describe_projection(&w, wanted);
	describe_projection(&a, actual);
	if (!str_eq(buf_str(&w), buf_str(&a)))
		add(out, "%s: projection is %s in the contract, %s in DynamoDB",
		    buf_cstr(&where), buf_cstr(&w), buf_cstr(&a));
	buf_release(&where);
	buf_release(&w);
	buf_release(&a);
}

static const struct index_def *find_index(const struct table_def *def, const char *name)
{
	for (size_t i = 0; i < def->nindexes; i++)
		if (strcmp(def->indexes[i].name, name) == 0)
			return &def->indexes[i];
	return NULL;
}

static void compare_settings(struct sentences *out, const struct table_def *wanted,
			     const struct table_def *actual)
{
	const char *class = actual->table_class ? actual->table_class : "STANDARD";

	if (wanted->provisioned != actual->provisioned)
		add(out, "table '%s': billing mode is %s in the contract, %s in DynamoDB",
		    wanted->name, wanted->provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
		    actual->provisioned ? "PROVISIONED" : "PAY_PER_REQUEST");
	else if (wanted->provisioned && (wanted->read_capacity != actual->read_capacity ||
					 wanted->write_capacity != actual->write_capacity))
		add(out, "table '%s': read and write capacity are %lld and %lld in the contract, "
		    "%lld and %lld in DynamoDB", wanted->name, (long long)wanted->read_capacity,
		    (long long)wanted->write_capacity, (long long)actual->read_capacity,
		    (long long)actual->write_capacity);
	if (wanted->table_class && strcmp(wanted->table_class, class) != 0)
		add(out, "table '%s': table class is %s in the contract, %s in DynamoDB",
		    wanted->name, wanted->table_class, class);
	if (wanted->stream && (!actual->stream || strcmp(wanted->stream, actual->stream) != 0))
		add(out, "table '%s': stream is %s in the contract, %s in DynamoDB", wanted->name,
		    wanted->stream, actual->stream ? actual->stream : "off");
	if (wanted->deletion_protection && !actual->deletion_protection)
		add(out, "table '%s': deletion protection is on in the contract, off in DynamoDB",
		    wanted->name);
}

void tables_compare(const struct table_def *wanted, const struct table_def *actual,
		    struct tables_diff *out)
{
	struct buf where = { 0 };

	memset(out, 0, sizeof(*out));
	buf_addf(&where, "table '%s'", wanted->name);
	compare_keys(&out->differences, buf_cstr(&where), &wanted->keys, &actual->keys);
	buf_release(&where);
	for (size_t i = 0; i < wanted->nindexes; i++) {
		const struct index_def *there = find_index(actual, wanted->indexes[i].name);

		if (there)
			compare_index(&out->differences, wanted->name, &wanted->indexes[i], there);
		else if (out->nmissing < MAX_INDEXES)
			out->missing[out->nmissing++] = i;
	}
	for (size_t i = 0; i < actual->nindexes; i++)
		if (!find_index(wanted, actual->indexes[i].name))
			add(&out->warnings, "table '%s': index '%s' is in DynamoDB, but not in the "
			    "contract", wanted->name, actual->indexes[i].name);
	compare_settings(&out->warnings, wanted, actual);
}
