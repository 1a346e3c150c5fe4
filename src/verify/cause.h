/*
 * Why an attribute differs, as far as both values tell. A likely cause, never a proof: the values
 * are named beside it. Pure.
 */
#ifndef VERIFY_CAUSE_H
#define VERIFY_CAUSE_H

#include "model/value.h"
#include "verify/verify.h"

/* Either value NULL where the attribute is absent. */
enum finding_cause cause_of(const struct value *expected, const struct value *actual);

/*
 * Of two items (values of type M) by the attribute that says which one is newer: CAUSE_OLDER or
 * CAUSE_NEWER, the target's against the source's. CAUSE_UNKNOWN where it is the same, absent, or no
 * number or text in both.
 */
enum finding_cause cause_of_version(const struct value *expected, const struct value *actual,
				    struct str version_attribute);

#endif
