/*
 * Provider: the role of the EC2 instance, by IMDSv2: a session token by PUT, then the role's name,
 * then its credentials. The older version without a token is never asked.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "aws/http_once.h"
#include "base/log.h"

#define TIMEOUT_MS 1000
#define TOKEN_TTL "X-aws-ec2-metadata-token-ttl-seconds: 21600"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define MAX_NAME_BYTES 256

static const char origin[] = "the instance metadata service";

struct asking {
	const struct aws_config *config;
	const char *base;
	struct buf token;		/* the header line; a secret */
	long status;
	struct buf body;
};

/* One request. 0: an answer of whatever status came. */
static int ask(struct asking *a, const char *method, const char *path, const char *header,
	       struct etl_err *err)
{
	struct buf url = { 0 };
	int rc;

	buf_addf(&url, "%s%s", a->base, path);
	struct http_once call = {
		.method = method, .url = buf_cstr(&url), .shown = origin, .headers = &header,
		.nheaders = 1, .bypass_proxy = true, .timeout_ms = TIMEOUT_MS,
		.stop = a->config->stop,
	};

	rc = http_once(&call, &a->status, &a->body, err);
	buf_release(&url);
	return rc;
}

/* A word of a line: what a token and a role's name are. */
static bool is_word(const struct buf *b, size_t max)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if ((unsigned char)b->ptr[i] <= ' ' || (unsigned char)b->ptr[i] >= 0x7f)
			return false;
	return b->len > 0 && b->len <= max;
}

static int refused(const struct asking *a, const char *what, struct etl_err *err)
{
	return etl_err_set(err, ETL_ECREDENTIALS, "%s answered with status %ld when asked for %s",
			   origin, a->status, what);
}

/* 0: this is no instance, or it has no role. */
static int get(struct asking *a, struct credentials *out, struct etl_err *err)
{
	struct etl_err nobody = { 0 };
	struct buf path = { 0 };
	const char *nl;
	int rc;

	if (ask(a, "PUT", "/latest/api/token", TOKEN_TTL, &nobody)) {
		log_debug("%s", nobody.msg);
		return nobody.code == ETL_ESTOPPED ? etl_err_copy(err, &nobody) : 0;
	}
	if (a->status == 403 || a->status == 404)
		return 0;		/* switched off, or not Amazon's */
	if (a->status != 200)
		return refused(a, "a token", err);
	if (!is_word(&a->body, 4096))
		return etl_err_set(err, ETL_ECREDENTIALS, "%s gave no usable token", origin);
	buf_reserve(&a->token, 4200);
	buf_adds(&a->token, "X-aws-ec2-metadata-token: ");
	buf_addstr(&a->token, buf_str(&a->body));
	rc = ask(a, "GET", ROLES, buf_cstr(&a->token), err);
	if (rc)
		return rc;
	if (a->status == 404 || (a->status == 200 && !a->body.len))
		return 0;
	if (a->status != 200)
		return refused(a, "the role's name", err);
	nl = memchr(a->body.ptr, '\n', a->body.len);
	if (nl)
		a->body.len = (size_t)(nl - a->body.ptr);
	if (!is_word(&a->body, MAX_NAME_BYTES))
		return etl_err_set(err, ETL_ECREDENTIALS, "%s gave no usable name of a role", origin);
	buf_adds(&path, ROLES);
	buf_addstr(&path, buf_str(&a->body));
	rc = ask(a, "GET", buf_cstr(&path), buf_cstr(&a->token), err);
	buf_release(&path);
	if (rc)
		return rc;
	if (a->status != 200)
		return refused(a, "the role's credentials", err);
	rc = credentials_from_json(out, buf_str(&a->body), "Token", origin, err);
	return rc ? rc : 1;
}

int credentials_imds(const struct aws_config *config, struct credentials *out,
		     struct etl_err *err)
{
	const char *disabled = aws_getenv(config, "AWS_EC2_METADATA_DISABLED");
	const char *base = aws_getenv(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = aws_getenv(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	struct asking a = { .config = config };
	struct buf own = { 0 };
	int rc;

	if (disabled && str_ieq(str_of(disabled), STR("true")))
		return 0;
	if (base)
		buf_adds(&own, base);
	else
		buf_adds(&own, mode && str_ieq(str_of(mode), STR("ipv6"))
			       ? "http://[fd00:ec2::254]" : "http://169.254.169.254");
	while (own.len && own.ptr[own.len - 1] == '/')
		own.len--;
	a.base = buf_cstr(&own);
	rc = get(&a, out, err);
	http_wipe(&a.token);
	http_wipe(&a.body);
	buf_release(&own);
	return rc;
}
