/* What the files of this room share: reading JSON objects with their paths. */
#ifndef CONTRACT_CONTRACT_PRIV_H
#define CONTRACT_CONTRACT_PRIV_H

#include <jansson.h>
#include "contract/contract.h"

struct reading {
	struct arena *arena;
	struct diags *diags;
	size_t nnumbers;		/* of the file, see numbers.c */
	const struct number *numbers;
};

/* Reads the numbers' texts from the file's text, which 'root' was made of. False: it is nested
 * deeper than 512 lists and objects. */
bool read_numbers(struct reading *r, json_t *root, struct str text);
/* A number as it stands in the file. */
const char *number_text(const struct reading *r, const json_t *v);
/* A value as JSON without a space, its numbers as they stand in the file. */
void add_json(const struct reading *r, json_t *v, struct buf *out);

/* Path of a member: "tables[0]" + "pk" -> "tables[0].pk"; of an element: "tables" + 3. */
const char *path_key(struct reading *r, const char *path, const char *key);
const char *path_index(struct reading *r, const char *path, size_t i);

/* Is 'v' an object? Reports otherwise. */
bool want_object(struct reading *r, json_t *v, const char *path, const char *what);

/* Reports each key of the object that is not in 'known' (NULL-terminated): a warning, or an error
 * under --strict. */
void check_keys(struct reading *r, json_t *obj, const char *path, const char *const *known);

/* A member that is text, copied; NULL where it is absent or null. Absent and required, empty and
 * required, or of another type: reported. A NUL character in it is reported too. */
const char *get_text(struct reading *r, json_t *obj, const char *path, const char *key,
		     bool required);

/* As get_text, but a number or a boolean is taken as the text that stands in the file. */
const char *get_scalar(struct reading *r, json_t *obj, const char *path, const char *key);

bool get_bool(struct reading *r, json_t *obj, const char *path, const char *key, bool fallback);

/* A whole number from 'min'; 'fallback' where it is absent. */
int64_t get_int(struct reading *r, json_t *obj, const char *path, const char *key, int64_t min,
		int64_t fallback);

/* The position of a member's text in 'names' (NULL-terminated), 'fallback' where it is absent, -1
 * where it is none of them (reported with a suggestion). */
int get_choice(struct reading *r, json_t *obj, const char *path, const char *key,
	       const char *const *names, int fallback);

/* A list of texts, or one text taken as a list of one; NULL and *n = 0 where it is absent. */
const char **get_texts(struct reading *r, json_t *obj, const char *path, const char *key, size_t *n,
		       bool *was_array);

/* A list of texts; one text is not taken for a list. */
const char **get_list(struct reading *r, json_t *obj, const char *path, const char *key, size_t *n);

/* A fragment from text; faults are reported unless 'may_be_name'. */
struct fragment make_fragment(struct reading *r, const char *text, const char *path,
			      bool may_be_name, bool bare_star);

struct template make_template(struct reading *r, const char *text, const char *path);

void read_attributes(struct reading *r, json_t *list, const char *path, struct entity *e);

#endif
