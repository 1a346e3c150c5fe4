/*
 * While applications write, an item may be caught between its row and its copy. A difference counts
 * only if it is there still when both sides are read once more, some seconds later and in a new
 * snapshot: by the keys that differed, whichever row makes them by then. The same attribute has to
 * differ by the same two values: of an item that is written all the time each reading may catch
 * another moment.
 */
#include <string.h>

#include "base/log.h"
#include "verify/examine.h"

static bool is_suspect(const struct examine *x, struct hash128 key)
{
	return hashmap_get(&x->v->suspects, key) != NULL;
}

static bool wants(const struct examine *x, unsigned entity, struct hash128 key)
{
	(void)entity;
	return is_suspect(x, key);
}

void verify_suspect(struct verify *v, struct hash128 key)
{
	/* while they are read again the set is only looked at */
	if (!v->job->recheck_ms || v->rechecking)
		return;
	pthread_mutex_lock(&v->mutex);
	if (v->suspects.n < VERIFY_MAX_KEYS)
		hashmap_add(&v->suspects, key, 0, NULL);
	else
		v->too_many_suspects = true;
	pthread_mutex_unlock(&v->mutex);
}

bool verify_counts(struct verify *v, struct hash128 difference)
{
	if (!v->job->recheck_ms || (v->rechecking && !v->only_seen))
		return true;
	if (v->only_seen)
		return hashmap_get(&v->seen, difference) != NULL;
	pthread_mutex_lock(&v->mutex);
	if (v->seen.n < VERIFY_MAX_KEYS)
		hashmap_add(&v->seen, difference, 0, NULL);
	else
		v->too_many_suspects = true;
	pthread_mutex_unlock(&v->mutex);
	return true;
}

static int new_snapshot(struct verify *v, struct etl_err *err)
{
	int rc;

	readers_close(&v->readers);
	rc = readers_open(&v->readers, v->job->source, &v->result->snapshot, err);
	duplicates_free(v->duplicates);
	v->duplicates = NULL;
	return rc < 0 ? rc : duplicates_find(v->readers.list[0], v->table, v->job->stop,
					     &v->duplicates, err);
}

void verify_forget_differences(struct verify *v)
{
	size_t i;

	v->table_result->items_extra = 0;
	for (i = 0; i < v->table->nentities; i++) {
		struct verify_entity_result *e = &v->entities[i];

		e->items_missing = e->items_different = e->attributes_different = 0;
	}
}

int verify_suspects(struct verify *v, struct etl_err *err)
{
	struct examine x = { .v = v, .wants = wants, .remembers = is_suspect };
	int rc;

	v->rechecking = true;
	rc = examine_run(&x, err);

	/* the others have no row: are they there still? */
	if (rc == 0 && x.known.n < v->suspects.n)
		rc = examine_extra(&x, err);
	hashmap_release(&x.known);
	v->rechecking = false;
	return rc;
}

int verify_recheck(struct verify *v, const struct findings_mark *before, struct etl_err *err)
{
	const struct verify_job *job = v->job;
	int rc;

	if (v->suspects.n == 0)
		return 0;
	if (v->too_many_suspects) {
		log_warn("table '%s': more than %d differences, which is too many to be read "
			 "again: what was found counts", v->table->def->name, VERIFY_MAX_KEYS);
		return 0;
	}
	v->table_result->items_rechecked = v->suspects.n;
	job->clock->sleep_ms(job->clock, job->recheck_ms, job->stop);
	if (stop_asked(job->stop))
		return etl_err_set(err, ETL_ESTOPPED, "stopped before the differences were read "
				   "again");
	rc = new_snapshot(v, err);
	if (rc < 0)
		return rc;
	findings_forget(v->findings, before);
	if (v->wrongs)
		wrongs_forget(v->wrongs, &v->wrongs_before);
	verify_forget_differences(v);
	v->only_seen = true;
	rc = verify_suspects(v, err);
	v->only_seen = false;
	return rc;
}
