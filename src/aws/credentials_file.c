/*
 * Provider: what a profile of the shared files says. A role or a web identity wins over keys, the
 * credentials file's keys over a process, that over the config file's keys, as the AWS tools have
 * it. What cannot be had here (SSO, a login session) is said, instead of falling through to
 * somebody else's keys.
 */
#include <stdio.h>
#include "aws/credentials.h"

static const char *const elsewhere[] = {
	"sso_session", "sso_start_url", "sso_account_id", "login_session",
};

static int refuse(const struct aws_profile *p, const char *setting, struct etl_err *err)
{
	etl_err_set(err, ETL_ECREDENTIALS,
		    "AWS profile '%s' gets its credentials by '%s', which only AWS's own tools do",
		    p->name, setting);
	etl_err_hint(err, "name another profile that has 'credential_process = aws configure "
		     "export-credentials --profile %s --format process'", p->name);
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

static int keys_of_credentials(const struct aws_profile *p, struct credentials *out,
			       struct etl_err *err)
{
	const char *id = cred_get(p, "aws_access_key_id");
	const char *secret = cred_get(p, "aws_secret_access_key");

	return id || secret ? take(p, p->credentials_path, id, secret,
				   cred_get(p, "aws_session_token"), out, err) : 0;
}

static int keys_of_config(const struct aws_profile *p, struct credentials *out,
			  struct etl_err *err)
{
	const char *id = aws_profile_get(p, "aws_access_key_id");
	const char *secret = aws_profile_get(p, "aws_secret_access_key");

	return id || secret ? take(p, p->config_path, id, secret,
				   aws_profile_get(p, "aws_session_token"), out, err) : 0;
}

int credentials_keys(const struct aws_profile *profile, struct credentials *out,
		     struct etl_err *err)
{
	int rc = keys_of_credentials(profile, out, err);

	return rc ? rc : keys_of_config(profile, out, err);
}

int credentials_profile(const struct aws_config *config, const struct aws_profile *profile,
			unsigned depth, struct credentials *out, struct etl_err *err)
{
	int rc = credentials_web_identity(config, profile, false, out, err);
	size_t i;

	if (!rc)
		rc = credentials_role(config, profile, depth, out, err);
	if (!rc)
		rc = keys_of_credentials(profile, out, err);
	for (i = 0; !rc && i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (aws_profile_either(profile, elsewhere[i]))
			rc = refuse(profile, elsewhere[i], err);
	if (!rc)
		rc = credentials_process(config, profile, out, err);
	return rc ? rc : keys_of_config(profile, out, err);
}
