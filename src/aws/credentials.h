/*
 * Who we are. The chain asks one provider after another, each in a file of its own; the first that
 * has something counts: environment, a role of the profile, a web identity in the environment, the
 * profile's keys or process, then the machine's own: container, EC2 instance (IMDSv2).
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
	int64_t expires_utc_ms;	/* 0: nobody said that they do */
};
void credentials_release(struct credentials *c);
bool credentials_equal(const struct credentials *a, const struct credentials *b);

/* Takes copies, trimmed of nothing. Refuses what cannot stand in a header (control characters):
 * ETL_ECREDENTIALS. 'token' may be NULL; an empty one is none. */
int credentials_set(struct credentials *out, const char *access_key, const char *secret_key,
		    const char *token, const char *origin, struct etl_err *err);

/*
 * Takes them from the JSON that processes, containers and instances give: AccessKeyId,
 * SecretAccessKey, 'token_name' (need not be there) and Expiration. ETL_ECREDENTIALS says what is
 * missing, never what is there. The text is the caller's to wipe.
 */
int credentials_from_json(struct credentials *out, struct str json, const char *token_name,
			  const char *origin, struct etl_err *err);

/* "2024-01-31T10:20:30Z", perhaps with a fraction or an offset: UTC in ms; false: no such time. */
bool credentials_time(const char *text, int64_t *utc_ms);

/* A provider: 1 it has credentials, 0 it has nothing to say, negative: what it has is unusable,
 * which ends the search. */
int credentials_env(const struct aws_config *config, struct credentials *out, struct etl_err *err);
/* Keys that stand in the shared files. */
int credentials_keys(const struct aws_profile *profile, struct credentials *out,
		     struct etl_err *err);
/* Whatever a profile says: web identity, role, keys, process. 'depth': of roles behind it. */
int credentials_profile(const struct aws_config *config, const struct aws_profile *profile,
			unsigned depth, struct credentials *out, struct etl_err *err);
int credentials_role(const struct aws_config *config, const struct aws_profile *profile,
		     unsigned depth, struct credentials *out, struct etl_err *err);
int credentials_web_identity(const struct aws_config *config, const struct aws_profile *profile,
			     bool by_environment, struct credentials *out, struct etl_err *err);
/* The program that the profile names; it has CREDENTIALS_PROCESS_MS. */
#define CREDENTIALS_PROCESS_MS 60000
int credentials_process(const struct aws_config *config, const struct aws_profile *profile,
			struct credentials *out, struct etl_err *err);
/* ECS, EKS Pod Identity: the address in the environment. */
int credentials_container(const struct aws_config *config, struct credentials *out,
			  struct etl_err *err);
/* The role of an EC2 instance, by IMDSv2 alone. No answer at all is nothing to say. */
int credentials_imds(const struct aws_config *config, struct credentials *out,
		     struct etl_err *err);

/* The chain. ETL_ECREDENTIALS with a hint if nobody has any. 'loopback': the endpoint is on this
 * machine, so no instance is asked and the hint speaks of DynamoDB Local. */
int credentials_load(const struct aws_config *config, bool loopback, struct credentials *out,
		     struct etl_err *err);

#endif
