/* Provider: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (or its old name). */
#include "aws/credentials.h"

int credentials_env(const struct aws_config *config, struct credentials *out, struct etl_err *err)
{
	const char *id = aws_getenv(config, "AWS_ACCESS_KEY_ID");
	const char *secret = aws_getenv(config, "AWS_SECRET_ACCESS_KEY");
	const char *token = aws_getenv(config, "AWS_SESSION_TOKEN");
	int rc;

	if (!token)
		token = aws_getenv(config, "AWS_SECURITY_TOKEN");
	if (!id && !secret)
		return 0;
	if (!id || !secret) {
		etl_err_set(err, ETL_ECREDENTIALS,
			    "AWS credentials in the environment are incomplete: %s is not set",
			    id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
		etl_err_hint(err, "set both, or unset both to use a profile");
		return -ETL_ECREDENTIALS;
	}
	rc = credentials_set(out, id, secret, token, "the environment", err);
	return rc ? rc : 1;
}
