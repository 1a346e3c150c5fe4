/*
 * The password of an account of Amazon RDS or Aurora that logs in by IAM: a request to connect, signed
 * here, good for one login within 15 minutes. No service is asked.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
 */
#ifndef AWS_RDS_TOKEN_H
#define AWS_RDS_TOKEN_H

#include "aws/aws.h"

/*
 * Appends the token to 'out', which the caller wipes. Credentials as for DynamoDB; the region is that
 * of the server's name (x.y.eu-central-1.rds.amazonaws.com), else DynamoDB's. Any thread may call.
 */
int aws_rds_token(const struct aws_config *config, const char *host, unsigned port, const char *user,
		  struct buf *out, struct etl_err *err);

#endif
