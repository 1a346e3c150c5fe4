#include "aws/region.h"

#include <stdlib.h>
#include <curl/curl.h>

/* https://docs.aws.amazon.com/general/latest/gr/ddb.html; the first prefix that fits counts. */
static const struct partition {
	const char *prefix, *suffix, *dual_suffix;
} partitions[] = {
	{ "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
	{ "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
	{ "us-iso-", "c2s.ic.gov", "api.aws.ic.gov" },
	{ "us-isob-", "sc2s.sgov.gov", "api.aws.scloud" },
	{ "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
	{ "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
	{ "", "amazonaws.com", "api.aws" },
};
#define NPARTITIONS (sizeof(partitions) / sizeof(partitions[0]))

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool is_true(const char *s)
{
	return s && str_ieq(str_of(s), STR("true"));
}

static int find_region(const struct aws_config *config, const struct aws_profile *profile,
		       struct endpoint *out, struct etl_err *err)
{
	const char *region = config->region;
	size_t n;

	if (!region)
		region = aws_getenv(config, "AWS_REGION");
	if (!region)
		region = aws_getenv(config, "AWS_DEFAULT_REGION");
	if (!region)
		region = aws_profile_get(profile, "region");
	if (!region) {
		etl_err_set(err, ETL_EUSAGE, "no AWS region is set");
		etl_err_hint(err, "give --region or set AWS_REGION, for example us-east-1");
		return -ETL_EUSAGE;
	}
	n = strlen(region);
	/* It becomes part of a host name. */
	if (n < 1 || n > 63 || strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != n ||
	    region[0] == '-' || region[n - 1] == '-') {
		etl_err_set(err, ETL_EUSAGE, "'%s' is not the name of an AWS region", region);
		etl_err_hint(err, "a region reads like us-east-1");
		return -ETL_EUSAGE;
	}
	out->region = mem_strdup(region);
	return 0;
}

/* What tells a service from another here: in host names, variables and settings. */
struct service { const char *host, *variable, *setting; };
static const struct service dynamodb = {
	"dynamodb", "AWS_ENDPOINT_URL_DYNAMODB", "dynamodb.endpoint_url",
};
static const struct service sts = { "sts", "AWS_ENDPOINT_URL_STS", "sts.endpoint_url" };

static const char *services_endpoint(const struct aws_profile *profile,
				     const struct service *service)
{
	const char *services = aws_profile_get(profile, "services"), *url;
	struct buf section = { 0 };

	if (!services)
		return NULL;
	buf_addf(&section, "services %s", services);
	url = ini_get(profile->config, buf_cstr(&section), service->setting);
	buf_release(&section);
	return url && *url ? url : NULL;
}

/* The endpoint somebody set, NULL for the region's own; 'where' says who, for messages. */
static const char *configured_url(const struct aws_config *config,
				  const struct aws_profile *profile, const struct service *service,
				  const char **where)
{
	const char *url = service == &dynamodb ? config->endpoint_url : NULL, *ignore;

	*where = "--endpoint-url";
	if (url)
		return url;
	ignore = aws_getenv(config, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	if (!ignore)
		ignore = aws_profile_get(profile, "ignore_configured_endpoint_urls");
	if (is_true(ignore))
		return NULL;
	*where = service->variable;
	url = aws_getenv(config, *where);
	if (url)
		return url;
	*where = "AWS_ENDPOINT_URL";
	url = aws_getenv(config, *where);
	if (url)
		return url;
	*where = "endpoint_url of the profile";
	url = services_endpoint(profile, service);
	return url ? url : aws_profile_get(profile, "endpoint_url");
}

static void default_url(const struct aws_config *config, const struct aws_profile *profile,
			const struct service *service, const char *region, struct buf *out)
{
	const char *fips = aws_getenv(config, "AWS_USE_FIPS_ENDPOINT");
	const char *dual = aws_getenv(config, "AWS_USE_DUALSTACK_ENDPOINT");
	size_t i = 0;

	if (!fips)
		fips = aws_profile_get(profile, "use_fips_endpoint");
	if (!dual)
		dual = aws_profile_get(profile, "use_dualstack_endpoint");
	/* a rule of the SDKs: DynamoDB Local */
	if (service == &dynamodb && strcmp(region, "local") == 0) {
		buf_adds(out, "http://localhost:8000");
		return;
	}
	while (i < NPARTITIONS - 1 && !starts(region, partitions[i].prefix))
		i++;
	/* In GovCloud the plain hosts are the validated ones. */
	buf_addf(out, "https://%s%s.%s.%s", service->host,
		 is_true(fips) && (is_true(dual) || !starts(region, "us-gov-")) ? "-fips" : "",
		 region, is_true(dual) ? partitions[i].dual_suffix : partitions[i].suffix);
}

static bool ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n > m && s[n - m - 1] == '.' && strcmp(s + n - m, suffix) == 0;
}

static void classify_host(const char *host, struct endpoint *out)
{
	for (size_t i = 0; i < NPARTITIONS; i++)
		if (ends(host, partitions[i].suffix) || ends(host, partitions[i].dual_suffix))
			out->is_aws = true;
	out->loopback = strcmp(host, "localhost") == 0 || ends(host, "localhost") ||
			strcmp(host, "[::1]") == 0 ||
			(starts(host, "127.") && strspn(host, "0123456789.") == strlen(host));
	out->bypass_proxy = out->loopback || starts(host, "169.254.");
}

static char *lower_copy(const char *s)
{
	char *copy = mem_strdup(s);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

/* Takes the URL to pieces. The text of a refused one is not shown: it may hold a password. */
static int parse_url(const char *url, const char *where, struct endpoint *out,
		     struct etl_err *err)
{
	CURLU *u = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *extra = NULL;
	struct buf text = { 0 };
	const char *why = NULL;
	int rc = 0;

	if (!u || curl_url_set(u, CURLUPART_URL, url, 0) ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) || !*host)
		why = "it is no URL";
	else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		why = "it is neither http nor https";
	else if (!curl_url_get(u, CURLUPART_USER, &extra, 0) ||
		 !curl_url_get(u, CURLUPART_PASSWORD, &extra, 0))
		why = "it holds a user or password";
	else if (!curl_url_get(u, CURLUPART_QUERY, &extra, 0) ||
		 !curl_url_get(u, CURLUPART_FRAGMENT, &extra, 0) ||
		 curl_url_get(u, CURLUPART_PATH, &path, 0) || strcmp(path, "/") != 0)
		why = "it has more than scheme, host and port";
	if (why) {
		rc = etl_err_set(err, ETL_EUSAGE, "%s cannot be used: %s", where, why);
		etl_err_hint(err, "an endpoint reads like http://localhost:8000");
		goto out;
	}
	out->tls = strcmp(scheme, "https") == 0;
	if (!curl_url_get(u, CURLUPART_PORT, &port, 0) &&
	    strcmp(port, out->tls ? "443" : "80") == 0) {
		curl_free(port);
		port = NULL;
	}
	buf_addf(&text, "%s%s%s", host, port ? ":" : "", port ? port : "");
	out->host = lower_copy(buf_cstr(&text));
	buf_reset(&text);
	buf_addf(&text, "%s://%s", scheme, out->host);
	out->url = buf_detach(&text);
	char *bare = lower_copy(host);

	classify_host(bare, out);
	free(bare);
out:
	buf_release(&text);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(extra);
	curl_url_cleanup(u);
	return rc;
}

static int resolve(const struct aws_config *config, const struct aws_profile *profile,
		   const struct service *service, struct endpoint *out, struct etl_err *err)
{
	const char *where, *url, *bundle = config->ca_bundle;
	struct buf own = { 0 };
	int rc;

	memset(out, 0, sizeof(*out));
	rc = find_region(config, profile, out, err);
	if (rc)
		return rc;
	url = configured_url(config, profile, service, &where);
	if (!url) {
		default_url(config, profile, service, out->region, &own);
		url = buf_cstr(&own);
	}
	rc = parse_url(url, where, out, err);
	buf_release(&own);
	if (!bundle)
		bundle = aws_getenv(config, "AWS_CA_BUNDLE");
	if (!bundle)
		bundle = aws_profile_get(profile, "ca_bundle");
	if (bundle)
		out->ca_bundle = mem_strdup(bundle);
	if (rc)
		endpoint_release(out);
	return rc;
}

int endpoint_resolve(const struct aws_config *config, const struct aws_profile *profile,
		     struct endpoint *out, struct etl_err *err)
{
	return resolve(config, profile, &dynamodb, out, err);
}

int endpoint_resolve_sts(const struct aws_config *config, const struct aws_profile *profile,
			 struct endpoint *out, struct etl_err *err)
{
	return resolve(config, profile, &sts, out, err);
}

char *aws_find_region(const struct aws_config *config, struct etl_err *err)
{
	struct aws_profile profile;
	struct endpoint e = { 0 };

	if (aws_profile_load(config, &profile, err))
		return NULL;
	find_region(config, &profile, &e, err);
	aws_profile_release(&profile);
	return e.region;
}

void endpoint_release(struct endpoint *e)
{
	free(e->region);
	free(e->url);
	free(e->host);
	free(e->ca_bundle);
	memset(e, 0, sizeof(*e));
}
