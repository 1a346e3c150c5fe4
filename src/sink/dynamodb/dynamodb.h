/* The DynamoDB driver of sink.h. */
#ifndef SINK_DYNAMODB_DYNAMODB_H
#define SINK_DYNAMODB_DYNAMODB_H

#include "aws/aws.h"
#include "sink/sink.h"

/* 'config' is borrowed until close. Resolves region, endpoint and credentials now, so that what
 * is missing shows before anything runs. */
int dynamodb_sink_open(const struct aws_config *config, struct sink **out, struct etl_err *err);

#endif
