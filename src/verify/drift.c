#include "verify/drift.h"

#include "verify/findings.h"

/* Both are in order. */
void drift_each(const struct verify_result *before, const struct verify_result *now,
		void (*each)(void *arg, bool is_new, const struct finding *f), void *arg)
{
	size_t i = 0, k = 0;

	while (i < before->nkept || k < now->nkept) {
		int d = i == before->nkept ? 1 : k == now->nkept ? -1
			: finding_compare(&before->findings[i], &now->findings[k]);

		if (d < 0)
			each(arg, false, &before->findings[i]);
		else if (d > 0)
			each(arg, true, &now->findings[k]);
		i += d <= 0;
		k += d >= 0;
	}
}
