/*
 * The rights that a migration of the planned tables needs and no others: grants for MySQL, an IAM
 * policy for DynamoDB. On stdout, in the form of --format: text to be copied, or one JSON document.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "cli/session.h"

/* The session is planned. DynamoDB is not asked. */
int policy_show(struct session *s, struct etl_err *err);

#endif
