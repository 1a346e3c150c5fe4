#include "model/type.h"

#include <string.h>

static const char *const names[ATTR_TYPE_COUNT] = {
	[ATTR_S] = "S", [ATTR_N] = "N", [ATTR_B] = "B",
	[ATTR_SS] = "SS", [ATTR_NS] = "NS", [ATTR_BS] = "BS",
	[ATTR_M] = "M", [ATTR_L] = "L", [ATTR_BOOL] = "BOOL", [ATTR_NULL] = "NULL",
};

const char *attr_type_name(enum attr_type t)
{
	return (unsigned)t < ATTR_TYPE_COUNT ? names[t] : "?";
}

int attr_type_parse(const char *name)
{
	for (int t = 0; name && t < ATTR_TYPE_COUNT; t++)
		if (strcmp(names[t], name) == 0)
			return t;
	return -1;
}
