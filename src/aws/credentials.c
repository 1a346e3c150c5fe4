#include "aws/credentials.h"

#include <openssl/crypto.h>
#include <stdlib.h>

static void wipe_free(char *s)
{
	if (s)
		OPENSSL_cleanse(s, strlen(s));
	free(s);
}

void credentials_release(struct credentials *c)
{
	wipe_free(c->access_key);
	wipe_free(c->secret_key);
	wipe_free(c->session_token);
	free(c->origin);
	memset(c, 0, sizeof(*c));
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
	return same(a->access_key, b->access_key) && same(a->secret_key, b->secret_key) &&
	       same(a->session_token, b->session_token);
}

/* A line break in one of these would let it write headers of its own. */
static bool fits_header(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

int credentials_set(struct credentials *out, const char *access_key, const char *secret_key,
		    const char *token, const char *origin, struct etl_err *err)
{
	if (!fits_header(access_key) || !fits_header(secret_key) ||
	    (token && !fits_header(token))) {
		etl_err_set(err, ETL_ECREDENTIALS,
			    "the AWS credentials of %s hold blanks or control characters", origin);
		etl_err_hint(err, "copy them again without quotes or line breaks");
		return -ETL_ECREDENTIALS;
	}
	out->access_key = mem_strdup(access_key);
	out->secret_key = mem_strdup(secret_key);
	out->session_token = token && *token ? mem_strdup(token) : NULL;
	out->origin = mem_strdup(origin);
	return 0;
}

int credentials_load(const struct aws_config *config, bool loopback, struct credentials *out,
		     struct etl_err *err)
{
	struct aws_profile profile;
	int rc;

	memset(out, 0, sizeof(*out));
	rc = aws_profile_load(config, &profile, err);
	if (rc)
		return rc;
	/* Who names a profile on the command line means that one, whatever the shell exports. */
	if (!profile.by_flag)
		rc = credentials_env(config, out, err);
	/* A role that the profile names is meant, wherever the program runs. */
	if (!rc)
		rc = credentials_web_identity(config, &profile, false, out, err);
	if (!rc)
		rc = credentials_role(config, &profile, 0, out, err);
	if (!rc && !profile.by_flag)
		rc = credentials_web_identity(config, &profile, true, out, err);
	if (!rc)
		rc = credentials_profile(config, &profile, 0, out, err);
	aws_profile_release(&profile);
	if (!rc)
		rc = credentials_container(config, out, err);
	if (!rc && !loopback)
		rc = credentials_imds(config, out, err);
	if (rc > 0)
		return 0;
	if (rc < 0) {
		credentials_release(out);
		return rc;
	}
	etl_err_set(err, ETL_ECREDENTIALS, "no AWS credentials: neither the environment nor the "
		    "shared files have any%s", loopback ? "" : ", nor a container or an instance");
	if (loopback)
		etl_err_hint(err, "DynamoDB Local takes any: set AWS_ACCESS_KEY_ID=local and "
			     "AWS_SECRET_ACCESS_KEY=local");
	else
		etl_err_hint(err, "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a "
			     "profile with --profile; for SSO: "
			     "eval \"$(aws configure export-credentials --format env)\"");
	return -ETL_ECREDENTIALS;
}
