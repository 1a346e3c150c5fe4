/* DynamoDB's attribute types.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html */
#ifndef MODEL_TYPE_H
#define MODEL_TYPE_H

enum attr_type {
	ATTR_S, ATTR_N, ATTR_B, ATTR_SS, ATTR_NS, ATTR_BS, ATTR_M, ATTR_L, ATTR_BOOL, ATTR_NULL,
	ATTR_TYPE_COUNT
};

const char *attr_type_name(enum attr_type t);		/* "S", "N", ... */
int attr_type_parse(const char *name);			/* -1 if it is none */

#endif
