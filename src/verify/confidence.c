#include <math.h>

#include "verify/verify.h"

#define MISSED 0.05		/* 1 - the confidence */
#define NORMAL 1.959964		/* of the normal distribution 95 % lie within so many deviations */

struct verify_confidence verify_confidence(uint64_t compared, uint64_t differing, uint64_t of)
{
	double n = (double)compared, all = (double)of, p, middle, half, least, most;

	if (compared == 0)
		return (struct verify_confidence){ 0, of ? 1 : 0 };
	p = (double)differing / n;
	if (compared >= of)
		return (struct verify_confidence){ p, p };
	/* what is known for sure */
	least = (double)differing / all;
	most = (all - (n - (double)differing)) / all;
	/* if more than 'high' differed, none of n would with a chance of less than MISSED */
	if (differing == 0)
		return (struct verify_confidence){ 0, fmin(1 - pow(MISSED, 1 / n), most) };
	middle = (p + NORMAL * NORMAL / (2 * n)) / (1 + NORMAL * NORMAL / n);
	half = NORMAL / (1 + NORMAL * NORMAL / n) *
	       sqrt(p * (1 - p) / n + NORMAL * NORMAL / (4 * n * n));
	return (struct verify_confidence){ fmax(middle - half, least), fmin(middle + half, most) };
}
