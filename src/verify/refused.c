#include "verify/refused.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/json.h"
#include "model/key.h"
#include "model/reject.h"
#include "pipeline/hashmap.h"

struct refused {
	const struct load_table *tables;
	size_t ntables;
	struct hashmap *keys;		/* for each table */
};

struct refused *refused_new(const struct load_table *tables, size_t ntables)
{
	struct refused *r = mem_zalloc(sizeof(*r));

	r->tables = tables;
	r->ntables = ntables;
	r->keys = mem_array(ntables + 1, sizeof(*r->keys));
	return r;
}

void refused_free(struct refused *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->ntables; i++)
		hashmap_release(&r->keys[i]);
	free(r->keys);
	free(r);
}

bool refused_has(const struct refused *r, size_t table, struct hash128 key)
{
	return r && hashmap_get(&r->keys[table], key) != NULL;
}

size_t refused_count(const struct refused *r, size_t table)
{
	return r ? r->keys[table].n : 0;
}

struct line {
	struct buf table;
	bool refused;
	struct str item;
};

static bool parse(struct json_reader *j, struct line *line)
{
	enum json_token t;

	if (json_next(j) != JSON_OBJECT)
		return false;
	while ((t = json_next(j)) == JSON_KEY) {
		bool is_table = str_is(j->text, "table"), is_code = str_is(j->text, "code");
		bool is_item = str_is(j->text, "item");

		t = json_next(j);
		if (is_table && t == JSON_STRING)
			buf_addstr(&line->table, j->text);
		else if (is_code && t == JSON_STRING)
			line->refused = str_is(j->text, reject_code_name(REJECT_REFUSED));
		else if (is_item && t == JSON_OBJECT)
			line->item.ptr = j->at - 1;
		if (json_skip(j, t) != 0)
			return false;
		if (is_item && line->item.ptr)
			line->item.len = (size_t)(j->at - line->item.ptr);
	}
	return t == JSON_OBJECT_END && json_next(j) == JSON_END;
}

static void take(struct refused *r, const struct line *line)
{
	struct etl_err unsaid = { 0 };
	struct buf key = { 0 };
	size_t i;

	for (i = 0; i < r->ntables; i++) {
		const struct table_def *def = r->tables[i].def;

		if (str_is(buf_str(&line->table), def->name) &&
		    key_from_item_json(&def->keys, line->item, &key, &unsaid) == 0)
			hashmap_add(&r->keys[i], hash128(key.ptr, key.len), 0, NULL);
	}
	buf_release(&key);
}

int refused_read(struct refused *r, const char *path, struct etl_err *err)
{
	struct json_reader j;
	struct line line = { 0 };
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;
	FILE *file = fopen(path, "re");
	int rc = 0;

	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return etl_err_set(err, ETL_ESYSTEM, "cannot open '%s': %s", path, strerror(errno));
	json_init(&j, (struct str){ "", 0 });
	while (errno = 0, (len = getline(&text, &cap, file)) >= 0) {
		json_restart(&j, (struct str){ text, (size_t)len });
		buf_reset(&line.table);
		line.refused = false;
		line.item = (struct str){ NULL, 0 };
		if (parse(&j, &line) && line.refused && line.item.ptr)
			take(r, &line);
	}
	if (ferror(file) || !feof(file))
		rc = etl_err_set(err, ETL_ESYSTEM, "cannot read '%s': %s", path, strerror(errno));
	json_release(&j);
	buf_release(&line.table);
	fclose(file);
	free(text);
	return rc;
}
