/*
 * Provider: keys that stand in the shared files, the credentials file before the config file. What
 * a profile needs beyond that (roles, SSO, processes) belongs to a later version and is said so,
 * instead of falling through to somebody else's keys.
 */
#include <stdio.h>
#include "aws/credentials.h"

static const char *const not_built[] = {
	"role_arn", "web_identity_token_file", "credential_process", "sso_session",
	"sso_start_url", "sso_account_id", "login_session", "credential_source", "source_profile",
};

static int refuse(const struct aws_profile *p, const char *setting, struct etl_err *err)
{
	etl_err_set(err, ETL_ECREDENTIALS,
		    "AWS profile '%s' gets its credentials by '%s', which is not built yet",
		    p->name, setting);
	etl_err_hint(err, "eval \"$(aws configure export-credentials --profile %s --format env)\" "
		     "and run again without --profile", p->name);
	return -ETL_ECREDENTIALS;
}

static const char *cred_get(const struct aws_profile *p, const char *name)
{
	const char *value = ini_get(p->credentials, p->name, name);

	return value && *value ? value : NULL;
}

static int take(const struct aws_profile *p, const char *path, const char *id, const char *secret,
		const char *token, struct credentials *out, struct etl_err *err)
{
	char origin[320];
	int rc;

	if (!id || !secret) {
		etl_err_set(err, ETL_ECREDENTIALS,
			    "AWS profile '%s' in '%s' is incomplete: %s is missing", p->name, path,
			    id ? "aws_secret_access_key" : "aws_access_key_id");
		return -ETL_ECREDENTIALS;
	}
	snprintf(origin, sizeof(origin), "profile '%s'", p->name);
	rc = credentials_set(out, id, secret, token, origin, err);
	return rc ? rc : 1;
}

int credentials_file(const struct aws_profile *profile, struct credentials *out,
		     struct etl_err *err)
{
	const char *id = cred_get(profile, "aws_access_key_id");
	const char *secret = cred_get(profile, "aws_secret_access_key");

	/* A role in either file wins over keys, as the AWS tools have it. */
	if (aws_profile_get(profile, "role_arn"))
		return refuse(profile, "role_arn", err);
	if (cred_get(profile, "role_arn"))
		return refuse(profile, "role_arn", err);
	if (id || secret)
		return take(profile, profile->credentials_path, id, secret,
			    cred_get(profile, "aws_session_token"), out, err);
	for (size_t i = 0; i < sizeof(not_built) / sizeof(not_built[0]); i++) {
		if (aws_profile_get(profile, not_built[i]) || cred_get(profile, not_built[i]))
			return refuse(profile, not_built[i], err);
	}
	id = aws_profile_get(profile, "aws_access_key_id");
	secret = aws_profile_get(profile, "aws_secret_access_key");
	if (id || secret)
		return take(profile, profile->config_path, id, secret,
			    aws_profile_get(profile, "aws_session_token"), out, err);
	return 0;
}
