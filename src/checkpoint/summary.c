/* Journals as `etl status` sees them: read as they stand, without lock and without repair. */
#include "checkpoint/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/journal_priv.h"

static int is_journal(const struct dirent *d)
{
	static const char prefix[] = "load-", suffix[] = ".journal";
	size_t len = strlen(d->d_name);

	return len > sizeof(prefix) + sizeof(suffix) - 2 &&
	       memcmp(d->d_name, prefix, sizeof(prefix) - 1) == 0 &&
	       memcmp(d->d_name + len - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int give_progress(const struct progress *p, struct checkpoint_summary *s,
			 int (*each)(const struct checkpoint_summary *s, void *arg), void *arg)
{
	const char **names = mem_array(p->nentities, sizeof(*names));
	struct checkpoint_entity *entities = mem_array(p->nentities, sizeof(*entities));
	size_t i;
	int rc;

	for (i = 0; i < p->nentities; i++) {
		const struct progress_entity *e = &p->entities[i];

		names[i] = e->name;
		entities[i] = (struct checkpoint_entity){
			.nunits = e->nunits, .ndone = e->ndone, .planned = e->planned,
			.done = e->done, .counts = e->counts
		};
		load_counts_add(&s->totals, &e->counts);
	}
	s->target = p->target;
	s->source = p->source;
	s->source_words = p->source_words;
	s->write_mode = p->write_mode;
	s->finished = p->finished;
	s->nentities = p->nentities;
	s->entity_names = names;
	s->entities = entities;
	s->last_note = p->nnotes ? p->notes[p->nnotes - 1] : NULL;
	rc = each(s, arg);
	free(entities);
	free(names);
	return rc;
}

static int give(const char *path, int (*each)(const struct checkpoint_summary *s, void *arg),
		void *arg)
{
	struct checkpoint_summary s = { .path = path };
	struct buf content = { 0 }, why = { 0 };
	struct progress p = { 0 };
	struct etl_err err = { 0 };
	size_t good;
	int rc;

	if (file_read(path, JOURNAL_MAX_BYTES, &content, &err)) {
		s.problem = err.msg;
	} else {
		s.problem = journal_replay(buf_str(&content), &p, &good, &why);
		if (!s.problem && !p.has_header)
			s.problem = "it ends within its header";
	}
	rc = s.problem ? each(&s, arg) : give_progress(&p, &s, each, arg);
	progress_release(&p);
	buf_release(&content);
	buf_release(&why);
	return rc;
}

int checkpoint_each(const char *dir, int (*each)(const struct checkpoint_summary *s, void *arg),
		    void *arg, struct etl_err *err)
{
	struct dirent **list = NULL;
	struct buf path = { 0 };
	int n = scandir(dir, &list, is_journal, by_name), i, rc = 0;

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot read directory '%s': %s", dir,
				   strerror(errno));
	for (i = 0; i < n; i++) {
		if (!rc) {
			buf_reset(&path);
			buf_addf(&path, "%s/%s", dir, list[i]->d_name);
			rc = give(buf_cstr(&path), each, arg);
		}
		free(list[i]);
	}
	free(list);
	buf_release(&path);
	return rc;
}
