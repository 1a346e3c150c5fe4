/* The JSON in which credential processes, containers and instances answer. */
#include "aws/credentials.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Two or four digits at *p, which goes on. */
static bool take_digits(const char **p, int n, int *out)
{
	*out = 0;
	while (n--) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + *(*p)++ - '0';
	}
	return true;
}

static bool take(const char **p, char c)
{
	return *(*p) == c && (*p)++;
}

/* "Z", "+01:00", "+0100" to the end of the text. */
static bool take_offset(const char *p, int *minutes)
{
	int sign = *p == '-' ? -1 : 1, h = 0, m = 0;

	*minutes = 0;
	if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
		return true;
	if (*p != '+' && *p != '-')
		return false;
	p++;
	if (!take_digits(&p, 2, &h))
		return false;
	take(&p, ':');
	if (!take_digits(&p, 2, &m) || *p)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

bool credentials_time(const char *text, int64_t *utc_ms)
{
	const char *p = text;
	struct tm tm = { 0 };
	int year, month, day, h, m, s, offset;
	time_t t;

	if (!take_digits(&p, 4, &year) || !take(&p, '-') || !take_digits(&p, 2, &month) ||
	    !take(&p, '-') || !take_digits(&p, 2, &day) || !(take(&p, 'T') || take(&p, ' ')) ||
	    !take_digits(&p, 2, &h) || !take(&p, ':') || !take_digits(&p, 2, &m) ||
	    !take(&p, ':') || !take_digits(&p, 2, &s))
		return false;
	if (take(&p, '.'))
		p += strspn(p, "0123456789");
	if (!take_offset(p, &offset) || year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > 31 || h > 23 || m > 59 || s > 60)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = h;
	tm.tm_min = m;
	tm.tm_sec = s;
	t = timegm(&tm);
	*utc_ms = ((int64_t)t - (int64_t)offset * 60) * 1000;
	return true;
}

static const char *text(json_t *root, const char *name)
{
	const char *s = json_string_value(json_object_get(root, name));

	return s && *s ? s : NULL;
}

int credentials_from_json(struct credentials *out, struct str json, const char *token_name,
			  const char *origin, struct etl_err *err)
{
	json_t *root = json_loadb(json.len ? json.ptr : "", json.len, 0, NULL);
	const char *id = text(root, "AccessKeyId"), *secret = text(root, "SecretAccessKey");
	const char *expires = text(root, "Expiration");
	int64_t expires_utc_ms = 0;
	int rc;

	if (!json_is_object(root))
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s gave no JSON object", origin);
	else if (!id || !secret)
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s gave no %s", origin,
				 id ? "SecretAccessKey" : "AccessKeyId");
	else if (expires && !credentials_time(expires, &expires_utc_ms))
		rc = etl_err_set(err, ETL_ECREDENTIALS, "%s gave an Expiration that is no time",
				 origin);
	else
		rc = credentials_set(out, id, secret, text(root, token_name), origin, err);
	if (!rc)
		out->expires_utc_ms = expires_utc_ms;
	json_decref(root);
	return rc;
}
