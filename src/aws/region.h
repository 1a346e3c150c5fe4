/*
 * Where the service is: region, endpoint, CA bundle.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include "aws/aws.h"
#include "aws/profile.h"

struct endpoint {
	char *region;
	char *url;		/* "https://host[:port]", without a path */
	char *host;		/* as it stands in the Host header: "host[:port]", lower case */
	char *ca_bundle;	/* or NULL: the system's */
	bool tls, is_aws, loopback;
	bool bypass_proxy;	/* loopback and link-local: a proxy is somewhere else */
};

/*
 * Region: --region, AWS_REGION, AWS_DEFAULT_REGION, the profile. Endpoint: --endpoint-url,
 * AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, the profile's services section, the profile, the
 * region's own host (FIPS and dual-stack as environment and profile ask). ETL_EUSAGE if there is
 * no region or one of them is malformed.
 */
int endpoint_resolve(const struct aws_config *config, const struct aws_profile *profile,
		     struct endpoint *out, struct etl_err *err);
/* The same of the Security Token Service: AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, the profile, the
 * region's own host; FIPS and dual-stack alike. */
int endpoint_resolve_sts(const struct aws_config *config, const struct aws_profile *profile,
			 struct endpoint *out, struct etl_err *err);
void endpoint_release(struct endpoint *e);

#endif
