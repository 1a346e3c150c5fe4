/*
 * DynamoDB's number: up to 38 significant digits, 1E-130 to 9.99..E+125, zero, both signs.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
#ifndef MODEL_NUMBER_H
#define MODEL_NUMBER_H

#include "base/buf.h"

enum number_result { NUMBER_OK, NUMBER_NOT, NUMBER_OUT_OF_RANGE };

/*
 * Appends the one canonical form of a decimal text to 'out': plain notation as DynamoDB gives it
 * back, no exponent, no leading '+', no needless zeros ("1.50" -> "1.5", "-0" -> "0",
 * "1E2" -> "100"). Accepts an optional sign, digits with an optional point, an optional exponent;
 * white space around it is not accepted. NUMBER_NOT: not a number (NaN, Infinity, hex, empty).
 * On anything but NUMBER_OK 'out' is as before.
 */
enum number_result number_canonical(struct str text, struct buf *out);

/* DynamoDB's stored size in bytes of a canonical number: 0 -> 1; else 1 + base-100 digit pairs
 * aligned at the point after trimming zeros (+1 if negative). */
size_t number_size_bytes(struct str canonical);

#endif
