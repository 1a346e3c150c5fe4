/*
 * The journal's file. Every record goes through append(): written at once, so that it outlives
 * the process, and synced in groups, so that it outlives the machine at the cost of few fdatasync
 * calls. A step is checked by progress_*() and taken there before its record is written; where the
 * writing fails the checkpoint is 'failed' and refuses everything from then on, so the state in
 * memory that is then ahead of the disk is never acted upon.
 *
 * A new journal comes by rename over the old one; a header is never half there.
 */
#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/journal_priv.h"

#define RESTART_HINT "--restart throws the earlier work away and begins this load anew"

struct checkpoint {
	pthread_mutex_t mutex;
	struct state *st;		/* borrowed; set before start, as table and the paths. NULL:
					   in memory, without any */
	char *table;
	char *path, *rejects_path;
	bool resumed;			/* set by open and begin_anew */
	/* guard of all below: mutex */
	struct progress progress;
	int fd;				/* append only; -1: a finished journal, or none */
	int rejects_fd;			/* -1 until there are rejects */
	uint64_t journal_bytes;		/* of whole records */
	bool unsynced;
	int64_t synced_ms;
	struct buf line;		/* scratch */
	struct etl_err failed;		/* sticky */
};

/* ---- writing ---- */

static int sync_now(struct checkpoint *cp)
{
	if (!cp->unsynced || cp->failed.code)
		return -(int)cp->failed.code;
	if (fdatasync(cp->fd))
		return etl_err_set(&cp->failed, ETL_ESYSTEM, "cannot sync '%s': %s", cp->path,
				   strerror(errno));
	cp->unsynced = false;
	cp->synced_ms = state_clock(cp->st)->now_ms(state_clock(cp->st));
	return 0;
}

/* Mutex held; cp->line holds one record. */
static int append(struct checkpoint *cp, bool durable)
{
	struct clock *clock;

	if (!cp->st) {
		cp->progress.next_seq++;
		return 0;
	}
	clock = state_clock(cp->st);
	if (file_write_all(cp->fd, cp->line.ptr, cp->line.len, cp->path, &cp->failed)) {
		/* Best effort: a torn end is cut off at the next opening as well. */
		if (ftruncate(cp->fd, (off_t)cp->journal_bytes))
			cp->unsynced = true;
		return -(int)cp->failed.code;
	}
	cp->journal_bytes += cp->line.len;
	cp->progress.next_seq++;
	cp->unsynced = true;
	if (durable || clock->now_ms(clock) - cp->synced_ms >= CHECKPOINT_SYNC_MS)
		return sync_now(cp);
	return 0;
}

/* Begins a call that writes: takes the mutex and readies the scratch line. */
static void enter(struct checkpoint *cp)
{
	pthread_mutex_lock(&cp->mutex);
	buf_reset(&cp->line);
}

/* Ends it: the answer is the sticky failure, or 'why', which contradicts what was done before. */
static int leave(struct checkpoint *cp, const char *why, struct etl_err *err)
{
	int rc = 0;

	if (cp->failed.code) {
		etl_err_copy(err, &cp->failed);
		rc = -(int)cp->failed.code;
	} else if (why) {
		rc = etl_err_set(err, ETL_EINTERNAL, "checkpoint of table '%s': %s", cp->table,
				 why);
	}
	pthread_mutex_unlock(&cp->mutex);
	return rc;
}

/* ---- beginning and resuming ---- */

static int remove_rejects(struct checkpoint *cp, struct etl_err *err)
{
	if (cp->rejects_fd >= 0)
		close(cp->rejects_fd);
	cp->rejects_fd = -1;
	if (unlink(cp->rejects_path) && errno != ENOENT)
		return etl_err_set(err, ETL_ESYSTEM, "cannot remove '%s': %s", cp->rejects_path,
				   strerror(errno));
	return 0;
}

static int open_journal(struct checkpoint *cp, struct etl_err *err)
{
	cp->fd = open(cp->path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (cp->fd < 0)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", cp->path,
				   strerror(errno));
	return 0;
}

/* The rejects go after the new journal is there: until then they belong to the old one, and what
 * is left of them in a crash between is cut by the first resume. */
static int begin(struct checkpoint *cp, const struct checkpoint_identity *id, struct etl_err *err)
{
	int rc;

	if (cp->fd >= 0)
		close(cp->fd);
	cp->fd = -1;
	progress_release(&cp->progress);
	progress_begin(&cp->progress, id);
	buf_reset(&cp->line);
	record_header(&cp->line, cp->progress.next_seq++, id);
	cp->journal_bytes = cp->line.len;
	rc = file_write_atomic(cp->path, buf_str(&cp->line), err);
	if (!rc)
		rc = open_journal(cp, err);
	if (!rc)
		rc = remove_rejects(cp, err);
	cp->unsynced = false;
	cp->resumed = false;
	return rc;
}

/* What done units rejected stays, what came after goes. */
static int cut_rejects(struct checkpoint *cp, struct etl_err *err)
{
	uint64_t want = cp->progress.rejects_bytes;
	struct stat st;
	int fd;

	if (want == 0)
		return remove_rejects(cp, err);
	fd = open(cp->rejects_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", cp->rejects_path,
			    strerror(errno));
		goto fail;
	}
	if ((uint64_t)st.st_size < want) {
		etl_err_set(err, ETL_ESYSTEM,
			    "cannot resume the load of table '%s': its rejects file '%s' has "
			    "%llu bytes of %llu", cp->table, cp->rejects_path,
			    (unsigned long long)st.st_size, (unsigned long long)want);
		goto fail;
	}
	if ((uint64_t)st.st_size > want && (ftruncate(fd, (off_t)want) || fdatasync(fd))) {
		etl_err_set(err, ETL_ESYSTEM, "cannot cut '%s': %s", cp->rejects_path,
			    strerror(errno));
		goto fail;
	}
	cp->rejects_fd = fd;
	return 0;
fail:
	if (fd >= 0)
		close(fd);
	etl_err_hint(err, RESTART_HINT);
	return -ETL_ESYSTEM;
}

static void add_difference(struct buf *out, const char *what)
{
	if (out->len)
		buf_adds(out, "; ");
	buf_adds(out, what);
}

/* Says in 'out' what is different; nothing where nothing is. 'mode': what write_mode is. */
static void compare_identity(const struct progress *p, const struct checkpoint_identity *id,
			     const char *mode, struct buf *out)
{
	size_t i;

	if (strcmp(p->source, id->source) != 0) {
		add_difference(out, "the source is ");
		buf_addf(out, "'%s' and was '%s'", id->source, p->source);
	}
	if (strcmp(p->target, id->target) != 0) {
		add_difference(out, "the target is ");
		buf_addf(out, "'%s' and was '%s'", id->target, p->target);
	}
	else if (strcmp(p->table_id, id->table_id) != 0)
		add_difference(out, "the table was deleted and made anew since");
	if (strcmp(p->write_mode, id->write_mode) != 0) {
		add_difference(out, mode);
		buf_addf(out, " '%s' and was '%s'", id->write_mode, p->write_mode);
	}
	if (strcmp(p->contract_digest, id->contract_digest) != 0)
		add_difference(out, "the contract is another one");
	if (p->nentities != id->nentities) {
		add_difference(out, "the entities");
		buf_addf(out, " are %zu and were %zu", id->nentities, p->nentities);
		return;
	}
	for (i = 0; i < id->nentities; i++) {
		const struct progress_entity *e = &p->entities[i];

		if (strcmp(e->name, id->entities[i].name) != 0) {
			add_difference(out, "an entity is ");
			buf_addf(out, "'%s' and was '%s'", id->entities[i].name, e->name);
		} else if (strcmp(e->view_digest, id->entities[i].view_digest) != 0) {
			add_difference(out, "the view of entity ");
			buf_addf(out, "'%s' is another one", e->name);
		}
	}
}

static int cut_torn_end(struct checkpoint *cp, size_t file_bytes, size_t good_bytes,
			struct etl_err *err)
{
	cp->journal_bytes = good_bytes;
	if (good_bytes == file_bytes)
		return 0;
	if (ftruncate(cp->fd, (off_t)good_bytes) || fdatasync(cp->fd))
		return etl_err_set(err, ETL_ESYSTEM, "cannot cut the torn end of '%s': %s",
				   cp->path, strerror(errno));
	return 0;
}

/* Reads the journal that is there; *fresh: there is none to go on with. */
static int resume(struct checkpoint *cp, const struct checkpoint_identity *id, bool *fresh,
		  struct etl_err *err)
{
	struct buf content = { 0 }, text = { 0 };
	struct stat st;
	size_t good = 0;
	const char *why;
	int rc = 0;

	*fresh = false;
	if (lstat(cp->path, &st) && errno == ENOENT) {
		*fresh = true;
		return 0;
	}
	rc = file_read(cp->path, JOURNAL_MAX_BYTES, &content, err);
	if (rc)
		goto out;
	why = journal_replay(buf_str(&content), &cp->progress, &good, &text);
	if (why) {
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot resume from '%s': %s", cp->path, why);
		etl_err_hint(err, RESTART_HINT);
		goto out;
	}
	*fresh = !cp->progress.has_header;
	if (*fresh)
		goto out;
	compare_identity(&cp->progress, id, "the write mode is", &text);
	if (cp->progress.finished) {
		*fresh = text.len > 0;
		goto out;
	}
	if (text.len) {
		rc = etl_err_set(err, ETL_EUSAGE,
				 "cannot resume the unfinished load of table '%s': %s", cp->table,
				 buf_cstr(&text));
		etl_err_hint(err, RESTART_HINT
			     ", --state-dir keeps it and works somewhere else");
		goto out;
	}
	cp->resumed = true;
	rc = open_journal(cp, err);
	if (!rc)
		rc = cut_torn_end(cp, content.len, good, err);
	if (!rc)
		rc = cut_rejects(cp, err);
out:
	buf_release(&content);
	buf_release(&text);
	return rc;
}

static void checkpoint_free(struct checkpoint *cp)
{
	if (cp->fd >= 0)
		close(cp->fd);
	if (cp->rejects_fd >= 0)
		close(cp->rejects_fd);
	progress_release(&cp->progress);
	buf_release(&cp->line);
	pthread_mutex_destroy(&cp->mutex);
	free(cp->table);
	free(cp->path);
	free(cp->rejects_path);
	free(cp);
}

static char *make_path(struct state *st, const char *table, const char *suffix)
{
	struct buf path = { 0 };

	state_load_path(state_dir(st), table, suffix, &path);
	return buf_detach(&path);
}

int checkpoint_open(struct state *st, const char *table, const struct checkpoint_identity *id,
		    bool restart, struct checkpoint **out, struct etl_err *err)
{
	struct checkpoint *cp = mem_zalloc(sizeof(*cp));
	bool fresh = true;
	int rc = 0;

	pthread_mutex_init(&cp->mutex, NULL);
	cp->st = st;
	cp->table = mem_strdup(table);
	cp->path = make_path(st, table, ".journal");
	cp->rejects_path = make_path(st, table, ".rejects");
	cp->fd = cp->rejects_fd = -1;
	cp->synced_ms = state_clock(st)->now_ms(state_clock(st));
	if (!restart)
		rc = resume(cp, id, &fresh, err);
	if (!rc && fresh)
		rc = begin(cp, id, err);
	if (rc) {
		checkpoint_free(cp);
		cp = NULL;
	}
	*out = cp;
	return rc;
}

int checkpoint_close(struct checkpoint *cp, struct etl_err *err)
{
	int rc;

	if (!cp)
		return 0;
	rc = checkpoint_sync(cp, err);
	checkpoint_free(cp);
	return rc;
}

int checkpoint_begin_anew(struct checkpoint *cp, struct etl_err *err)
{
	struct checkpoint_identity id;
	struct checkpoint_entity_id *entities;
	struct progress old;
	size_t i;

	enter(cp);
	if (cp->failed.code)
		return leave(cp, NULL, err);
	old = cp->progress;	/* lends its texts to the new header */
	cp->progress = (struct progress){ 0 };
	entities = mem_array(old.nentities, sizeof(*entities));
	for (i = 0; i < old.nentities; i++)
		entities[i] = (struct checkpoint_entity_id){ old.entities[i].name,
							     old.entities[i].view_digest };
	id = (struct checkpoint_identity){ old.contract_digest, old.source,
					   old.source_words, old.target, old.write_mode, old.table_id,
					   old.nentities, entities };
	begin(cp, &id, &cp->failed);
	free(entities);
	progress_release(&old);
	return leave(cp, NULL, err);
}

/* ---- in memory ---- */

static struct checkpoint *new_in_memory(const char *table)
{
	struct checkpoint *cp = mem_zalloc(sizeof(*cp));

	pthread_mutex_init(&cp->mutex, NULL);
	cp->table = mem_strdup(table);
	cp->fd = cp->rejects_fd = -1;
	return cp;
}

struct checkpoint *checkpoint_in_memory(const char *table, const struct checkpoint_identity *id)
{
	struct checkpoint *cp = new_in_memory(table);

	progress_begin(&cp->progress, id);
	return cp;
}

void checkpoint_image(struct checkpoint *cp, struct buf *out)
{
	pthread_mutex_lock(&cp->mutex);
	progress_image(&cp->progress, out);
	pthread_mutex_unlock(&cp->mutex);
}

const char *checkpoint_from_image(const char *table, const struct checkpoint_identity *id,
				  struct str image, struct checkpoint **out, struct buf *why)
{
	struct checkpoint *cp = new_in_memory(table);
	size_t good;

	if (!journal_replay(image, &cp->progress, &good, why)) {
		if (!cp->progress.has_header || good != image.len)
			buf_adds(why, "it ends within a record");
		else
			compare_identity(&cp->progress, id, "the kind of run is", why);
	}
	if (why->len) {
		checkpoint_free(cp);
		cp = NULL;
	}
	*out = cp;
	return why->len ? buf_cstr(why) : NULL;
}

/* ---- looking ---- */

bool checkpoint_finished(struct checkpoint *cp)
{
	bool finished;

	pthread_mutex_lock(&cp->mutex);
	finished = cp->progress.finished;
	pthread_mutex_unlock(&cp->mutex);
	return finished;
}

bool checkpoint_resumed(struct checkpoint *cp)
{
	bool resumed;

	pthread_mutex_lock(&cp->mutex);
	resumed = cp->resumed;
	pthread_mutex_unlock(&cp->mutex);
	return resumed;
}

void checkpoint_entity(struct checkpoint *cp, unsigned entity, struct checkpoint_entity *out)
{
	const struct progress_entity *e;

	*out = (struct checkpoint_entity){ 0 };
	pthread_mutex_lock(&cp->mutex);
	if (entity < cp->progress.nentities) {
		e = &cp->progress.entities[entity];
		out->nunits = e->nunits;
		out->ndone = e->ndone;
		out->planned = e->planned;
		out->done = e->done;
		out->counts = e->counts;
		if (e->nunits && e->units[e->nunits - 1].has_high) {
			const struct progress_unit *last = &e->units[e->nunits - 1];

			out->has_last_high = true;
			buf_add(&out->last_high, last->high, last->high_len);
		}
	}
	pthread_mutex_unlock(&cp->mutex);
}

void checkpoint_totals(struct checkpoint *cp, struct load_counts *out)
{
	size_t i;

	*out = (struct load_counts){ 0 };
	pthread_mutex_lock(&cp->mutex);
	for (i = 0; i < cp->progress.nentities; i++)
		load_counts_add(out, &cp->progress.entities[i].counts);
	pthread_mutex_unlock(&cp->mutex);
}

static struct unit *copy_unit(const struct progress_entity *e, unsigned entity, uint64_t number)
{
	const struct progress_unit *from = &e->units[number];
	struct unit *u = mem_zalloc(sizeof(*u));

	u->entity = entity;
	u->number = number;
	u->rows_estimate = from->rows_estimate;
	u->begun_before = from->begun;
	u->has_high = from->has_high;
	if (from->has_high)
		buf_add(&u->high, from->high, from->high_len);
	if (number > 0) {
		u->has_low = true;
		buf_add(&u->low, e->units[number - 1].high, e->units[number - 1].high_len);
	}
	return u;
}

struct unit *checkpoint_next_pending(struct checkpoint *cp, unsigned entity, uint64_t *cursor)
{
	const struct progress_entity *e;
	struct unit *u = NULL;

	pthread_mutex_lock(&cp->mutex);
	if (entity < cp->progress.nentities) {
		e = &cp->progress.entities[entity];
		while (!u && *cursor < e->nunits) {
			if (!e->units[*cursor].done)
				u = copy_unit(e, entity, *cursor);
			++*cursor;
		}
	}
	pthread_mutex_unlock(&cp->mutex);
	return u;
}

size_t checkpoint_nnotes(struct checkpoint *cp)
{
	size_t n;

	pthread_mutex_lock(&cp->mutex);
	n = cp->progress.nnotes;
	pthread_mutex_unlock(&cp->mutex);
	return n;
}

const char *checkpoint_note_at(struct checkpoint *cp, size_t i)
{
	const char *text = NULL;

	pthread_mutex_lock(&cp->mutex);
	if (i < cp->progress.nnotes)
		text = cp->progress.notes[i];
	pthread_mutex_unlock(&cp->mutex);
	return text;
}

const char *checkpoint_rejects_path(struct checkpoint *cp)
{
	return cp->rejects_path;
}

/* ---- steps ---- */

int checkpoint_note(struct checkpoint *cp, const char *text, struct etl_err *err)
{
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code && cp->progress.finished) {
		why = "the load is finished";
	} else if (!cp->failed.code) {
		progress_note(&cp->progress, text);
		record_note(&cp->line, cp->progress.next_seq, text);
		append(cp, false);
	}
	return leave(cp, why, err);
}

int checkpoint_plan_unit(struct checkpoint *cp, const struct unit *u, struct etl_err *err)
{
	struct str low = buf_str(&u->low), high = buf_str(&u->high);
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code)
		why = progress_plan(&cp->progress, u->entity, u->number, u->has_low, low,
				    u->has_high, high, u->rows_estimate);
	if (!cp->failed.code && !why) {
		record_plan(&cp->line, cp->progress.next_seq, u->entity, u->number, u->has_low, low,
			    u->has_high, high, u->rows_estimate);
		append(cp, false);
	}
	return leave(cp, why, err);
}

int checkpoint_unit_begun(struct checkpoint *cp, unsigned entity, uint64_t number,
			  struct etl_err *err)
{
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code)
		why = progress_unit_begun(&cp->progress, entity, number);
	if (!cp->failed.code && !why) {
		record_unit_begun(&cp->line, cp->progress.next_seq, entity, number);
		append(cp, false);
	}
	return leave(cp, why, err);
}

int checkpoint_entity_planned(struct checkpoint *cp, unsigned entity, struct etl_err *err)
{
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code)
		why = progress_planned(&cp->progress, entity);
	if (!cp->failed.code && !why) {
		record_planned(&cp->line, cp->progress.next_seq, entity);
		append(cp, false);
	}
	return leave(cp, why, err);
}

/* Appends a unit's rejects and makes them durable before its record can be. What an earlier try
 * left behind the recorded length is written over. */
static void write_rejects(struct checkpoint *cp, struct reject_spool *rejects)
{
	struct etl_err *failed = &cp->failed;

	if (cp->rejects_fd < 0) {
		cp->rejects_fd = open(cp->rejects_path,
				      O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (cp->rejects_fd < 0) {
			etl_err_set(failed, ETL_ESYSTEM, "cannot create '%s': %s",
				    cp->rejects_path, strerror(errno));
			return;
		}
		if (file_sync_parent(cp->rejects_path, failed))
			return;
	}
	if (lseek(cp->rejects_fd, (off_t)cp->progress.rejects_bytes, SEEK_SET) < 0) {
		etl_err_set(failed, ETL_ESYSTEM, "cannot write '%s': %s", cp->rejects_path,
			    strerror(errno));
		return;
	}
	if (reject_spool_write(rejects, cp->rejects_fd, cp->rejects_path, failed))
		return;
	if (fdatasync(cp->rejects_fd))
		etl_err_set(failed, ETL_ESYSTEM, "cannot sync '%s': %s", cp->rejects_path,
			    strerror(errno));
}

int checkpoint_unit_done(struct checkpoint *cp, unsigned entity, uint64_t number,
			 const struct load_counts *counts, struct reject_spool *rejects,
			 struct etl_err *err)
{
	uint64_t lines = rejects ? reject_spool_lines(rejects) : 0;
	uint64_t before, after;
	const char *why = NULL;

	enter(cp);
	if (cp->failed.code)
		return leave(cp, NULL, err);
	before = cp->progress.rejects_bytes;
	after = before + (rejects ? reject_spool_bytes(rejects) : 0);
	if (lines != counts->rows_rejected)
		why = "the rejects of a unit are not as many as were counted";
	else
		why = progress_unit_done(&cp->progress, entity, number, counts, after);
	if (why)
		return leave(cp, why, err);
	if (lines) {
		cp->progress.rejects_bytes = before;
		write_rejects(cp, rejects);
		cp->progress.rejects_bytes = after;
	}
	if (!cp->failed.code) {
		record_unit_done(&cp->line, cp->progress.next_seq, entity, number, counts, after);
		append(cp, false);
	}
	return leave(cp, NULL, err);
}

int checkpoint_entity_done(struct checkpoint *cp, unsigned entity, struct etl_err *err)
{
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code)
		why = progress_entity_done(&cp->progress, entity);
	if (!cp->failed.code && !why) {
		record_entity_done(&cp->line, cp->progress.next_seq, entity);
		append(cp, true);
	}
	return leave(cp, why, err);
}

int checkpoint_finish(struct checkpoint *cp, struct etl_err *err)
{
	const char *why = NULL;

	enter(cp);
	if (!cp->failed.code)
		why = progress_finish(&cp->progress);
	if (!cp->failed.code && !why) {
		record_finish(&cp->line, cp->progress.next_seq);
		append(cp, true);
	}
	return leave(cp, why, err);
}

int checkpoint_sync(struct checkpoint *cp, struct etl_err *err)
{
	enter(cp);
	sync_now(cp);
	return leave(cp, NULL, err);
}
