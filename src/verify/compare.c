#include "verify/compare.h"

/* The order of names that model/value.h keeps: bytes, the shorter first. */
static int compare_names(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

size_t compare_items(const struct value *expected, const struct value *actual,
		     compare_fn *differs, void *arg)
{
	size_t i = 0, k = 0, n = 0;

	while (i < expected->n || k < actual->n) {
		int order = i == expected->n ? 1 : k == actual->n ? -1 :
			    compare_names(expected->names[i], actual->names[k]);
		const struct value *e = order <= 0 ? &expected->members[i] : NULL;
		const struct value *a = order >= 0 ? &actual->members[k] : NULL;
		struct str name = e ? expected->names[i] : actual->names[k];

		if (!e || !a || !value_equal(e, a)) {
			differs(arg, name, !a ? HOW_ABSENT : !e ? HOW_UNEXPECTED :
				e->type != a->type ? HOW_TYPE : HOW_VALUE, e, a);
			n++;
		}
		i += e != NULL;
		k += a != NULL;
	}
	return n;
}
