/* Two items compared attribute by attribute. */
#ifndef VERIFY_COMPARE_H
#define VERIFY_COMPARE_H

#include "model/value.h"
#include "verify/verify.h"

/* Called for each attribute that differs; expected or actual is NULL where it is absent. */
typedef void compare_fn(void *arg, struct str attribute, enum finding_how how,
			const struct value *expected, const struct value *actual);

/* Both are items: values of type M. The number of attributes that differ. */
size_t compare_items(const struct value *expected, const struct value *actual,
		     compare_fn *differs, void *arg);

#endif
