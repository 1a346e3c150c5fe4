/*
 * Provider: a token of an identity provider, in a file that is rotated (EKS service accounts, CI),
 * exchanged for the credentials of a role. Named by the environment or by a profile.
 * https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html
 */
#include <stdio.h>

#include "aws/http_once.h"
#include "aws/sts.h"
#include "base/file.h"

#define TOKEN_MAX_BYTES (64u << 10)

/* One line, as it stands in a form: what else is in the file is no token. */
static int read_token(const char *path, struct buf *token, struct etl_err *err)
{
	buf_reserve(token, TOKEN_MAX_BYTES + 1);
	if (file_read(path, TOKEN_MAX_BYTES, token, err)) {
		err->code = ETL_ECREDENTIALS;
		return -ETL_ECREDENTIALS;
	}
	while (token->len && strchr(" \t\r\n", token->ptr[token->len - 1]))
		token->len--;
	if (!token->len || memchr(token->ptr, '\0', token->len))
		return etl_err_set(err, ETL_ECREDENTIALS, "the web identity token file '%s' holds no "
				   "token", path);
	return 0;
}

int credentials_web_identity(const struct aws_config *config, const struct aws_profile *profile,
			     bool by_environment, struct credentials *out, struct etl_err *err)
{
	const char *file, *role, *session;
	struct clock *clock = config->clock ? config->clock : clock_real();
	char made[40], origin[320];
	struct buf token = { 0 };
	int rc;

	file = by_environment ? aws_getenv(config, "AWS_WEB_IDENTITY_TOKEN_FILE")
			      : aws_profile_either(profile, "web_identity_token_file");
	if (!file)
		return 0;
	role = by_environment ? aws_getenv(config, "AWS_ROLE_ARN")
			      : aws_profile_either(profile, "role_arn");
	session = by_environment ? aws_getenv(config, "AWS_ROLE_SESSION_NAME")
				 : aws_profile_either(profile, "role_session_name");
	if (by_environment)
		snprintf(origin, sizeof(origin), "the web identity of the environment");
	else
		snprintf(origin, sizeof(origin), "the web identity of profile '%s'", profile->name);
	if (!role)
		return etl_err_set(err, ETL_ECREDENTIALS, "%s has a token file, but no role: %s is "
				   "not set", origin, by_environment ? "AWS_ROLE_ARN" : "role_arn");
	snprintf(made, sizeof(made), "etl-%lld", (long long)(clock->utc_ms(clock) / 1000));
	rc = read_token(file, &token, err);
	if (!rc) {
		const struct sts_parameter parameters[] = {
			{ "RoleArn", role }, { "RoleSessionName", session ? session : made },
			{ "WebIdentityToken", buf_cstr(&token) },
		};

		rc = sts_call(config, profile, "AssumeRoleWithWebIdentity", parameters, 3, NULL,
			      origin, out, err);
	}
	http_wipe(&token);
	return rc ? rc : 1;
}
