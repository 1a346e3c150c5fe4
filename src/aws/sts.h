/*
 * AWS's Security Token Service: credentials for a role, in exchange for other credentials
 * (AssumeRole) or for a token that somebody else gave (AssumeRoleWithWebIdentity).
 * https://docs.aws.amazon.com/STS/latest/APIReference/
 */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/credentials.h"

struct sts_parameter { const char *name, *value; };	/* value NULL: left out */

/*
 * One call of 'action'; its parameters go URL-encoded into the body, which may be a secret.
 * 'signer' NULL: it is not signed. 'origin' is what messages and the credentials call it. Refusals are
 * ETL_ECREDENTIALS with the service's name and sentence; what may pass is tried twice more.
 */
int sts_call(const struct aws_config *config, const struct aws_profile *profile,
	     const char *action, const struct sts_parameter *parameters, size_t n,
	     const struct credentials *signer, const char *origin, struct credentials *out,
	     struct etl_err *err);

#endif
