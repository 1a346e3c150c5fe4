/* The file, its tables, entities and indexes. */
#include "contract/contract_priv.h"

#include <errno.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/file.h"

#define CONTRACT_MAX_BYTES (64u << 20)

static bool valid_table_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return !s[n] && n >= 3 && n <= 255;
}

static void want_table_name(struct reading *r, const char *name, const char *path)
{
	if (name && !valid_table_name(name))
		diag_add(r->diags, DIAG_ERROR, path,
			 "'%s' is no DynamoDB name: 3 to 255 of a-z A-Z 0-9 _ . -", name);
}

static void want_key_name(struct reading *r, const char *name, const char *path)
{
	if (name && strlen(name) > 255)
		diag_add(r->diags, DIAG_ERROR, path, "a key's name has at most 255 bytes");
}

static void read_gsis(struct reading *r, json_t *list, const char *path, struct contract_table *t)
{
	static const char *const known[] = { "index_name", "pk", "sk", "projection",
					     "projected_attributes", NULL };
	static const char *const projections[] = { "ALL", "KEYS_ONLY", "INCLUDE", NULL };
	size_t i;
	json_t *v;

	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list)) {
		diag_add(r->diags, DIAG_ERROR, path, "expected a list of indexes");
		return;
	}
	if (json_array_size(list) > MAX_INDEXES)
		diag_add(r->diags, DIAG_ERROR, path, "%zu indexes: DynamoDB allows %d",
			 json_array_size(list), MAX_INDEXES);
	t->gsis = arena_alloc(r->arena, (json_array_size(list) + 1) * sizeof(*t->gsis));
	json_array_foreach(list, i, v) {
		const char *at = path_index(r, path, i);
		if (!want_object(r, v, at, "an index"))
			continue;
		struct gsi *g = &t->gsis[t->ngsis];
		*g = (struct gsi){ .path = at };
		check_keys(r, v, at, known);
		g->name = get_text(r, v, at, "index_name", true);
		g->pk = get_text(r, v, at, "pk", true);
		g->sk = get_text(r, v, at, "sk", false);
		if (g->sk && !*g->sk)
			g->sk = NULL;
		want_table_name(r, g->name, path_key(r, at, "index_name"));
		want_key_name(r, g->pk, path_key(r, at, "pk"));
		want_key_name(r, g->sk, path_key(r, at, "sk"));
		if (g->pk && g->sk && !strcmp(g->pk, g->sk))
			diag_add(r->diags, DIAG_ERROR, path_key(r, at, "sk"),
				 "partition key and sort key are the same attribute '%s'", g->pk);
		int p = get_choice(r, v, at, "projection", projections, 0);
		g->projection = p < 0 ? PROJECT_ALL : (enum projection)p;
		g->included = get_list(r, v, at, "projected_attributes", &g->nincluded);
		const char *iat = path_key(r, at, "projected_attributes");
		if (g->projection == PROJECT_INCLUDE && !g->nincluded)
			diag_add(r->diags, DIAG_ERROR, iat,
				 "missing: an INCLUDE projection names its attributes");
		if (g->projection != PROJECT_INCLUDE && g->nincluded)
			diag_add(r->diags, DIAG_WARNING, iat,
				 "has no effect: the projection is not INCLUDE");
		if (g->nincluded > 20)
			diag_add(r->diags, DIAG_ERROR, iat, "%zu attributes: DynamoDB allows 20 an index",
				 g->nincluded);
		for (size_t k = 0; g->name && k < t->ngsis; k++)
			if (!strcmp(t->gsis[k].name, g->name))
				diag_add(r->diags, DIAG_ERROR, path_key(r, at, "index_name"),
					 "'%s' is already an index of this table (%s)", g->name,
					 t->gsis[k].path);
		if (g->name && g->pk && t->ngsis < MAX_INDEXES)
			t->ngsis++;
	}
}

static void read_tags(struct reading *r, json_t *v, const char *path, struct contract_table *t)
{
	const char *key;
	json_t *value;
	size_t i;

	if (!v || json_is_null(v))
		return;
	if (json_is_array(v)) {
		t->tags = arena_alloc(r->arena, (json_array_size(v) + 1) * sizeof(*t->tags));
		json_array_foreach(v, i, value) {
			const char *at = path_index(r, path, i);
			if (!want_object(r, value, at, "a tag: {\"Key\": ..., \"Value\": ...}"))
				continue;
			t->tags[t->ntags].key = get_text(r, value, at, "Key", true);
			t->tags[t->ntags].value = get_text(r, value, at, "Value", false);
			if (!t->tags[t->ntags].value)
				t->tags[t->ntags].value = "";
			t->ntags += t->tags[t->ntags].key ? 1 : 0;
		}
	} else if (want_object(r, v, path, "tags by their names")) {
		t->tags = arena_alloc(r->arena, (json_object_size(v) + 1) * sizeof(*t->tags));
		json_object_foreach(v, key, value) {
			const char *text = get_text(r, v, path, key, false);
			t->tags[t->ntags++] = (struct tag){ arena_strdup(r->arena, key),
							    text ? text : "" };
		}
	}
}

static void read_settings(struct reading *r, json_t *obj, const char *path,
			  struct contract_table *t)
{
	static const char *const billing[] = { "PAY_PER_REQUEST", "PROVISIONED", NULL };
	static const char *const classes[] = { "STANDARD", "STANDARD_INFREQUENT_ACCESS", NULL };
	static const char *const streams[] = { "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES",
					       "KEYS_ONLY", NULL };
	static const char *const warm_keys[] = { "read_units", "write_units", NULL };

	t->provisioned = get_choice(r, obj, path, "billing_mode", billing, 0) == 1;
	t->read_capacity = get_int(r, obj, path, "read_capacity", 1, 0);
	t->write_capacity = get_int(r, obj, path, "write_capacity", 1, 0);
	if (t->provisioned && (!t->read_capacity || !t->write_capacity))
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "billing_mode"),
			 "PROVISIONED needs 'read_capacity' and 'write_capacity'");
	if (!t->provisioned && (t->read_capacity || t->write_capacity))
		diag_add(r->diags, DIAG_WARNING, path_key(r, path, "billing_mode"),
			 "'read_capacity' and 'write_capacity' have no effect: the table is billed "
			 "on demand");
	json_t *warm = json_object_get(obj, "warm_throughput");
	const char *wat = path_key(r, path, "warm_throughput");
	if (warm && !json_is_null(warm) &&
	    want_object(r, warm, wat, "{\"read_units\": ..., \"write_units\": ...}")) {
		check_keys(r, warm, wat, warm_keys);
		t->warm_read_units = get_int(r, warm, wat, "read_units", 1, 0);
		t->warm_write_units = get_int(r, warm, wat, "write_units", 1, 0);
	}
	int c = get_choice(r, obj, path, "table_class", classes, 99);
	t->table_class = c == 0 || c == 1 ? classes[c] : NULL;
	int s = get_choice(r, obj, path, "stream", streams, 99);
	t->stream = s >= 0 && s < 4 ? streams[s] : NULL;
	t->ttl_attribute = get_text(r, obj, path, "ttl_attribute", false);
	t->kms_key = get_text(r, obj, path, "kms_key", false);
	t->point_in_time_recovery = get_bool(r, obj, path, "point_in_time_recovery", false);
	t->deletion_protection = get_bool(r, obj, path, "deletion_protection", false);
	read_tags(r, json_object_get(obj, "tags"), path_key(r, path, "tags"), t);
}

static void read_entity(struct reading *r, json_t *obj, const char *path, struct entity *e)
{
	static const char *const known[] = { "entity_type", "source_table", "pk_template",
					     "sk_template", "attributes", "where", NULL };

	*e = (struct entity){ .path = path };	/* the slot of one that failed may be used again */
	check_keys(r, obj, path, known);
	e->type = get_text(r, obj, path, "entity_type", true);
	e->source_table = get_text(r, obj, path, "source_table", true);
	e->pk_template = make_template(r, get_text(r, obj, path, "pk_template", false),
				       path_key(r, path, "pk_template"));
	e->sk_template = make_template(r, get_text(r, obj, path, "sk_template", false),
				       path_key(r, path, "sk_template"));
	e->where = make_fragment(r, get_text(r, obj, path, "where", false),
				 path_key(r, path, "where"), false, false);
	read_attributes(r, json_object_get(obj, "attributes"), path_key(r, path, "attributes"), e);
}

/* A table-level `where` of a multi-entity table holds for every entity of its source table. */
static void read_entities(struct reading *r, json_t *obj, const char *path,
			  struct contract_table *t)
{
	json_t *list = json_object_get(obj, "entities"), *v;
	const char *at = path_key(r, path, "entities");
	size_t i;

	if (!json_is_array(list) || !json_array_size(list)) {
		diag_add(r->diags, DIAG_ERROR, at,
			 "missing: a multi-entity table has a list of entities");
		return;
	}
	if (json_array_size(json_object_get(obj, "attributes")))
		diag_add(r->diags, DIAG_WARNING, path_key(r, path, "attributes"),
			 "has no effect: the attributes of a multi-entity table stand in its "
			 "entities");
	if (json_object_get(obj, "where"))
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "where"),
			 "a multi-entity table has its 'where' in each entity");
	t->entities = arena_alloc(r->arena, json_array_size(list) * sizeof(*t->entities));
	json_array_foreach(list, i, v) {
		const char *eat = path_index(r, at, i);
		struct entity *e = &t->entities[t->nentities];
		if (!want_object(r, v, eat, "an entity"))
			continue;
		read_entity(r, v, eat, e);
		if (!e->type)
			continue;
		for (size_t k = 0; k < t->nentities; k++)
			if (!strcmp(t->entities[k].type, e->type))
				diag_add(r->diags, DIAG_ERROR, path_key(r, eat, "entity_type"),
					 "'%s' is already an entity of this table (%s)", e->type,
					 t->entities[k].path);
		t->nentities++;
	}
}

static void read_table(struct reading *r, json_t *obj, const char *path, struct contract_table *t)
{
	static const char *const known[] = {
		"table", "type", "source_table", "pk", "sk", "gsis", "attributes", "entities",
		"satisfies", "estimated_item_size_bytes", "where", "billing_mode", "read_capacity",
		"write_capacity", "warm_throughput", "table_class", "stream", "ttl_attribute",
		"point_in_time_recovery", "deletion_protection", "kms_key", "tags", NULL };
	static const char *const types[] = { "single-entity", "multi-entity", NULL };

	*t = (struct contract_table){ .path = path };
	check_keys(r, obj, path, known);
	t->name = get_text(r, obj, path, "table", true);
	want_table_name(r, t->name, path_key(r, path, "table"));
	int by_keys = json_object_get(obj, "entities") ? 1 : 0;
	int type = get_choice(r, obj, path, "type", types, by_keys);
	t->multi = (type < 0 ? by_keys : type) == 1;
	t->pk = get_text(r, obj, path, "pk", !t->multi);
	t->sk = get_text(r, obj, path, "sk", false);
	if (t->multi && !t->pk)
		t->pk = "PK";
	if (t->multi && !json_object_get(obj, "sk"))
		t->sk = "SK";
	if (t->sk && !*t->sk)
		t->sk = NULL;
	want_key_name(r, t->pk, path_key(r, path, "pk"));
	want_key_name(r, t->sk, path_key(r, path, "sk"));
	if (t->pk && t->sk && !strcmp(t->pk, t->sk))
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "sk"),
			 "partition key and sort key are the same attribute '%s'", t->pk);
	read_gsis(r, json_object_get(obj, "gsis"), path_key(r, path, "gsis"), t);
	read_settings(r, obj, path, t);
	t->satisfies = get_list(r, obj, path, "satisfies", &t->nsatisfies);
	json_t *size = json_object_get(obj, "estimated_item_size_bytes");
	if (json_is_number(size))
		t->estimated_item_bytes = json_number_value(size);
	else if (size && !json_is_null(size))
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "estimated_item_size_bytes"),
			 "expected a number");
	if (t->multi) {
		get_text(r, obj, path, "source_table", false);
		read_entities(r, obj, path, t);
		return;
	}
	if (json_object_get(obj, "entities"))
		diag_add(r->diags, DIAG_ERROR, path_key(r, path, "entities"),
			 "a single-entity table has 'attributes' of its own; for entities its "
			 "'type' is multi-entity");
	struct entity *e = arena_alloc(r->arena, sizeof(*e));
	t->entities = e;
	t->nentities = 1;
	e->path = path;
	e->type = t->name;
	e->source_table = get_text(r, obj, path, "source_table", true);
	e->where = make_fragment(r, get_text(r, obj, path, "where", false),
				 path_key(r, path, "where"), false, false);
	read_attributes(r, json_object_get(obj, "attributes"), path_key(r, path, "attributes"), e);
}

static void read_defaults(struct reading *r, json_t *obj, struct defaults *d)
{
	static const char *const known[] = { "datetime_format", "nulls", "empty_strings",
					     "zero_dates", NULL };
	static const char *const formats[] = { "iso8601", "iso8601-ms", "mysql", "epoch",
					       "epoch-ms", NULL };
	static const char *const nulls[] = { "omit", "null", NULL };
	static const char *const empties[] = { "keep", "omit", NULL };
	static const char *const zeros[] = { "null", "keep", "reject", NULL };
	int c;

	if (!obj || json_is_null(obj) || !want_object(r, obj, "defaults", "defaults"))
		return;
	check_keys(r, obj, "defaults", known);
	if ((c = get_choice(r, obj, "defaults", "datetime_format", formats, 0)) >= 0)
		d->datetime_format = (enum datetime_format)c;
	d->null_as_null = get_choice(r, obj, "defaults", "nulls", nulls, 0) == 1;
	d->omit_empty = get_choice(r, obj, "defaults", "empty_strings", empties, 0) == 1;
	if ((c = get_choice(r, obj, "defaults", "zero_dates", zeros, 0)) >= 0)
		d->zero_dates = (enum zero_dates)c;
}

static void read_top(struct reading *r, json_t *root, struct contract *c)
{
	static const char *const known[] = { "tables", "defaults", NULL };
	json_t *list = root, *v;
	size_t i;

	if (json_is_object(root)) {
		check_keys(r, root, "", known);
		read_defaults(r, json_object_get(root, "defaults"), &c->defaults);
		list = json_object_get(root, "tables");
	}
	if (!json_is_array(list) || !json_array_size(list)) {
		diag_add(r->diags, DIAG_ERROR, json_is_object(root) ? "tables" : "",
			 "expected a list of at least one table");
		return;
	}
	c->tables = arena_alloc(r->arena, json_array_size(list) * sizeof(*c->tables));
	json_array_foreach(list, i, v) {
		const char *at = path_index(r, "tables", i);
		struct contract_table *t = &c->tables[c->ntables];
		if (!want_object(r, v, at, "a table"))
			continue;
		read_table(r, v, at, t);
		if (!t->name)
			continue;
		for (size_t k = 0; k < c->ntables; k++)
			if (!strcmp(c->tables[k].name, t->name))
				diag_add(r->diags, DIAG_ERROR, path_key(r, at, "table"),
					 "'%s' is already a table of the contract (%s)", t->name,
					 c->tables[k].path);
		c->ntables++;
	}
}

int contract_parse(struct str text, const char *name, struct diags *diags, struct contract **out,
		   struct etl_err *err)
{
	json_error_t je;
	size_t errors_before = diags->nerrors;

	*out = NULL;
	if (text.len >= 3 && !memcmp(text.ptr, "\xef\xbb\xbf", 3))
		text = (struct str){ text.ptr + 3, text.len - 3 };	/* a byte order mark */
	json_t *root = json_loadb(text.len ? text.ptr : "", text.len,
				  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &je);
	if (!root) {
		etl_err_set(err, ETL_ECONTRACT, "'%s' is not JSON: line %d, column %d: %s", name,
			    je.line, je.column, je.text);
		if (json_error_code(&je) == json_error_numeric_overflow)
			etl_err_hint(err, "put a number with that many digits in quotes");
		return -ETL_ECONTRACT;
	}
	struct contract *c = mem_zalloc(sizeof(*c));
	c->arena = arena_new();
	c->file = arena_strdup(c->arena, name);
	sha256_hex(text.ptr, text.len, c->digest);
	struct reading r = { .arena = c->arena, .diags = diags };
	if (!read_numbers(&r, root, text)) {
		json_decref(root);
		contract_free(c);
		return etl_err_set(err, ETL_ECONTRACT, "'%s' is nested too deep: more than 512 lists "
				   "and objects inside each other", name);
	}
	read_top(&r, root, c);
	json_decref(root);
	*out = c;
	c->nerrors = diags->nerrors - errors_before;
	if (c->nerrors)
		return etl_err_set(err, ETL_ECONTRACT, "the contract '%s' has %zu error%s", name,
				   c->nerrors, c->nerrors == 1 ? "" : "s");
	return 0;
}

int contract_read(const char *path, struct diags *diags, struct contract **out,
		  struct etl_err *err)
{
	struct buf text = { 0 };
	int rc = file_read(path, CONTRACT_MAX_BYTES, &text, err);

	*out = NULL;
	if (rc < 0)
		etl_err_hint(err, "name the contract with --contract FILE");
	else
		rc = contract_parse(buf_str(&text), path, diags, out, err);
	buf_release(&text);
	return rc;
}

void contract_free(struct contract *c)
{
	if (!c)
		return;
	arena_free(c->arena);
	free(c);
}
