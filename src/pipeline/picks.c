#include "pipeline/picks.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/unit.h"
#include "pipeline/hashmap.h"
#include "pipeline/reject_line.h"

struct picked {				/* the rows of one entity */
	struct buf rows;		/* packed primary keys, packed once more */
	uint64_t n;
	struct hashmap known;		/* of packed primary keys */
};

struct picks {
	const struct load_table *tables;	/* set at the start, as all but what has a guard */
	size_t ntables;
	size_t *first;			/* of each table: its first entity in 'entities' */
	size_t nentities;
	struct picked *entities;	/* of all tables */

	pthread_mutex_t mutex;
	size_t table, offset;		/* guard: mutex, as those below: what comes next */
	unsigned entity;
	uint64_t number;
};

struct picks *picks_new(const struct load_table *tables, size_t ntables)
{
	struct picks *p = mem_zalloc(sizeof(*p));
	size_t i;

	p->tables = tables;
	p->ntables = ntables;
	p->first = mem_array(ntables + 1, sizeof(*p->first));
	for (i = 0; i < ntables; i++) {
		p->first[i] = p->nentities;
		p->nentities += tables[i].nentities;
	}
	p->first[ntables] = p->nentities;
	p->entities = mem_array(p->nentities + 1, sizeof(*p->entities));
	pthread_mutex_init(&p->mutex, NULL);
	return p;
}

void picks_free(struct picks *p)
{
	size_t i;

	if (!p)
		return;
	for (i = 0; i < p->nentities; i++) {
		buf_release(&p->entities[i].rows);
		hashmap_release(&p->entities[i].known);
	}
	pthread_mutex_destroy(&p->mutex);
	free(p->entities);
	free(p->first);
	free(p);
}

bool picks_add(struct picks *p, size_t table, unsigned entity, struct str pk)
{
	struct picked *e = &p->entities[p->first[table] + entity];
	bool added;

	hashmap_add(&e->known, hash128(pk.ptr, pk.len), 0, &added);
	if (added) {
		unit_pack_pk(&e->rows, &pk, 1);
		e->n++;
	}
	return added;
}

bool picks_has(const struct picks *p, size_t table, unsigned entity, struct str pk)
{
	return hashmap_get(&p->entities[p->first[table] + entity].known,
			   hash128(pk.ptr, pk.len)) != NULL;
}

uint64_t picks_of_entity(const struct picks *p, size_t table, unsigned entity)
{
	return p->entities[p->first[table] + entity].n;
}

uint64_t picks_of_table(const struct picks *p, size_t table)
{
	uint64_t n = 0;
	size_t i;

	for (i = p->first[table]; i < p->first[table + 1]; i++)
		n += p->entities[i].n;
	return n;
}

uint64_t picks_total(const struct picks *p)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < p->nentities; i++)
		n += p->entities[i].n;
	return n;
}

/* ---- duplicates ----------------------------------------------------------------------------- */

struct losing {
	struct picks *picks;
	size_t table;
};

static int on_loser(void *arg, unsigned entity, struct str pk, unsigned winner,
		    struct str winner_pk, struct etl_err *err)
{
	struct losing *l = arg;
	const struct load_table *t = &l->picks->tables[l->table];
	int rc = 0;

	if (!winner_pk.len || !picks_has(l->picks, l->table, winner, winner_pk))
		return 0;
	if (pk.len) {
		picks_add(l->picks, l->table, entity, pk);
	} else {
		rc = etl_err_set(err, ETL_ESOURCE, "a row of entity '%s' of table '%s', which has no "
				 "primary key, loses its item to a row that is tried again",
				 t->entities[entity]->shape->entity, t->def->name);
		etl_err_hint(err, "load the whole table");
	}
	return rc;
}

int picks_find_duplicates(struct picks *p, struct source_reader *r, const struct stop *stop,
			  struct duplicates **out, struct etl_err *err)
{
	struct losing l = { .picks = p };
	int rc = 0;

	for (l.table = 0; l.table < p->ntables && rc == 0; l.table++) {
		struct duplicates **d = &out[l.table];

		*d = NULL;
		if (picks_of_table(p, l.table) == 0)
			continue;
		rc = duplicates_find_losers(r, &p->tables[l.table], stop, d, err);
		if (rc == 0 && *d)
			rc = duplicates_each_loser(*d, on_loser, &l, err);
	}
	return rc;
}

/* ---- handing out ---------------------------------------------------------------------------- */

/* The first rows of 'rest', at most PICKS_UNIT_ROWS. */
static struct str some(struct str rest, uint64_t *n)
{
	size_t at = 0;

	for (*n = 0; *n < PICKS_UNIT_ROWS && at < rest.len; ++*n) {
		const unsigned char *b = (const unsigned char *)rest.ptr + at;

		at += 4 + ((size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3]);
	}
	return (struct str){ rest.ptr, at };
}

static int next(struct picks *p, struct unit_next *out)
{
	while (p->table < p->ntables) {
		size_t flat = p->first[p->table] + p->entity;

		if (p->entity < p->tables[p->table].nentities) {
			const struct buf *rows = &p->entities[flat].rows;
			struct str rest = { rows->ptr + p->offset, rows->len - p->offset };

			if (rest.len) {
				out->table = p->table;
				out->entity = p->entity;
				out->flat = flat;
				out->unit = mem_zalloc(sizeof(*out->unit));
				out->unit->entity = p->entity;
				out->unit->number = p->number++;
				out->rows = some(rest, &out->unit->rows_estimate);
				p->offset += out->rows.len;
				return 1;
			}
			p->entity++;
		} else {
			p->table++;
			p->entity = 0;
		}
		p->offset = 0;
		p->number = 0;
	}
	return 0;
}

int picks_next(struct picks *p, struct unit_next *out)
{
	int rc;

	pthread_mutex_lock(&p->mutex);
	rc = next(p, out);
	pthread_mutex_unlock(&p->mutex);
	return rc;
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool is_among(struct str name, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

/* NULL: taken; else why not, in 'why'. */
static const char *take(struct picks *p, const struct source *source,
			const struct reject_ref *ref, struct buf *why)
{
	const struct load_table *t;
	const struct entity_source *e;
	struct buf pk = { 0 };
	size_t table = 0;
	unsigned entity = 0;

	while (table < p->ntables && !str_is(buf_str(&ref->table), p->tables[table].def->name))
		table++;
	if (table == p->ntables) {
		buf_adds(why, "the contract has no table '");
		buf_add_printable(why, buf_str(&ref->table));
		buf_addc(why, '\'');
		return buf_cstr(why);
	}
	t = &p->tables[table];
	while (entity < t->nentities &&
	       !str_is(buf_str(&ref->entity), t->entities[entity]->shape->entity))
		entity++;
	if (entity == t->nentities) {
		buf_addf(why, "table '%s' has no entity '", t->def->name);
		buf_add_printable(why, buf_str(&ref->entity));
		buf_addc(why, '\'');
		return buf_cstr(why);
	}
	e = t->entities[entity];
	if (e->shape->npk_columns == 0) {
		buf_addf(why, "entity '%s' of table '%s' has no primary key, so that its rows cannot "
			 "be tried one by one", e->shape->entity, t->def->name);
		return buf_cstr(why);
	}
	if (!reject_ref_pk(ref, e, &pk))
		buf_addf(why, "its source key is none of entity '%s' of table '%s'",
			 e->shape->entity, t->def->name);
	else if (!source->ops->row_findable(e, buf_str(&pk)))
		buf_addf(why, "no row of entity '%s' of table '%s' can be found by this source key",
			 e->shape->entity, t->def->name);
	else
		picks_add(p, table, entity, buf_str(&pk));
	buf_release(&pk);
	return why->len ? buf_cstr(why) : NULL;
}

static int bad_line(const char *path, uint64_t line, const char *why, struct etl_err *err)
{
	return etl_err_set(err, ETL_EUSAGE, "line %llu of '%s': %s", (unsigned long long)line,
			   path, why);
}

int picks_read(struct picks *p, const struct source *source, const char *path,
	       const char *const *others, size_t nothers, uint64_t *passed_over,
	       struct etl_err *err)
{
	struct reject_ref ref = { 0 };
	struct buf why = { 0 };
	char *text = NULL;
	size_t cap = 0;
	uint64_t line = 0;
	ssize_t len;
	FILE *file = fopen(path, "re");
	int rc = 0;

	*passed_over = 0;
	if (!file)
		return etl_err_set(err, ETL_EUSAGE, "cannot open '%s': %s", path, strerror(errno));
	while (rc == 0 && (errno = 0, len = getline(&text, &cap, file)) >= 0) {
		const char *fault;

		line++;
		if (len > 0 && text[len - 1] == '\n')
			len--;
		if (!reject_ref_parse(&ref, (struct str){ text, (size_t)len })) {
			rc = bad_line(path, line, "it is no reject as a load writes them", err);
		} else if (is_among(buf_str(&ref.table), others, nothers)) {
			++*passed_over;
		} else {
			buf_reset(&why);
			fault = take(p, source, &ref, &why);
			if (fault)
				rc = bad_line(path, line, fault, err);
		}
	}
	if (rc == 0 && (ferror(file) || !feof(file)))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", path, strerror(errno));
	fclose(file);
	free(text);
	buf_release(&why);
	reject_ref_release(&ref);
	return rc;
}
