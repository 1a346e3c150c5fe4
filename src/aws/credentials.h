/*
 * Who we are. The chain asks one provider after another, each in a file of its own; the first that
 * has something counts: environment, then the shared files.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/aws.h"
#include "aws/profile.h"

/* Secrets: never logged, wiped on release. */
struct credentials {
	char *access_key, *secret_key;
	char *session_token;	/* NULL: none */
	char *origin;		/* for messages: "environment", "profile 'x'" */
};
void credentials_release(struct credentials *c);
bool credentials_equal(const struct credentials *a, const struct credentials *b);

/* Takes copies, trimmed of nothing. Refuses what cannot stand in a header (control characters):
 * ETL_ECREDENTIALS. 'token' may be NULL; an empty one is none. */
int credentials_set(struct credentials *out, const char *access_key, const char *secret_key,
		    const char *token, const char *origin, struct etl_err *err);

/* A provider: 1 it has credentials, 0 it has nothing to say, negative: what it has is unusable,
 * which ends the search. */
int credentials_env(const struct aws_config *config, struct credentials *out, struct etl_err *err);
int credentials_file(const struct aws_profile *profile, struct credentials *out,
		     struct etl_err *err);

/* The chain. ETL_ECREDENTIALS with a hint if nobody has any. 'loopback': the endpoint is on this
 * machine, so the hint speaks of DynamoDB Local. */
int credentials_load(const struct aws_config *config, bool loopback, struct credentials *out,
		     struct etl_err *err);

#endif
