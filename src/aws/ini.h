/*
 * The AWS shared files: sections, `name = value` lines, and indented sub-properties under an empty
 * value. https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

struct ini;

/* Parses a text; never fails: what is neither section nor property is skipped. */
struct ini *ini_parse(struct str text);

/* Reads a file. One that does not exist gives *out NULL and success. */
int ini_read(const char *path, struct ini **out, struct etl_err *err);

void ini_free(struct ini *ini);		/* wipes values, they may be secrets; NULL is fine */

/*
 * Sections are named as in the file, blanks around and inside made one and quotes taken off:
 * `[profile "a b"]` is "profile a b". Names of properties are in lower case; a sub-property is
 * "parent.child". Where a section or property stands twice the last counts. NULL: not there.
 */
bool ini_has_section(const struct ini *ini, const char *section);
const char *ini_get(const struct ini *ini, const char *section, const char *name);

#endif
